"""The editor's live side: ordering in place, one status fragment, cancel and try again.

No view here calls the provider: they read rows and take orders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from . import audit, budget, conf, lost, orders, queue, slots, tasks
from .diagnosis import Diagnosis, diagnose, money, why_not_again
from .exceptions import NotTaken
from .fields import GeneratedImageField
from .forms import InPlaceForm
from .models import FINAL, Circuit, GeneratedImage, Generation, ImageState, Slot, State, Switch
from .people import may_cancel, may_decide, may_review

#: Milliseconds to the next look of a page, while something happens, while it only waits, and after the end.
FAST, SLOW, WATCHING = 1000, 4000, 30_000


#: What those are told who were logged out meanwhile, of an order that there is and of one that there is not.
KEPT = gettext_lazy("You are logged out. Log in again; your order is kept.")
NOT_TAKEN = gettext_lazy(
    "You are logged out. Nothing was ordered. Copy what you wrote, log in again, and open this page anew."
)


def _for_editors(view: Callable[..., HttpResponse], told: Any = KEPT) -> Callable[..., HttpResponse]:
    """Refuse people without an account in words: a redirect to a login page would end up inside the fragment.

    A form of a whole page is led back to that page, which asks them to log in.
    """

    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (request.user.is_authenticated and request.user.is_active):
            if "text/html" in request.headers.get("Accept", "") and (page := status_page(kwargs.get("pk"))):
                return redirect(page)
            # Plain text: the scripts show nothing else that is not a fragment, such as Django's own error pages.
            return HttpResponse(told, status=403, content_type="text/plain; charset=utf-8")
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@_for_editors
def status(request: HttpRequest, pk: Any) -> HttpResponse:
    """The fragment that says how it stands with one generation."""
    tasks.tend()
    generation = _visible(request, pk)
    return TemplateResponse(request, "seedream_django/_status.html", status_context(request, generation))


def status_context(request: HttpRequest, generation: Generation) -> dict[str, Any]:
    """What the status template needs; the first paint of a page and every later one use the same."""
    user: Any = request.user
    see_costs = user.has_perm("seedream_django.see_costs")
    open_ = lost.is_open(generation)
    return {
        "generation": generation,
        "diagnosis": _diagnose(generation, user),
        "places": _places(generation) if not generation.hidden else [],
        "next": _next_look(generation),
        "layout": _layout(generation),
        "may_generate": user.has_perm("seedream_django.generate"),
        "may_review": may_review(user),
        "may_again": generation.is_final and not open_,
        "unused": orders.unused_of([generation], user=user) if generation.is_final and not open_ else 0,
        "may_change": generation.is_final and (may_decide(user) or not open_),
        "lost": _lost_context(generation, user, open_) if may_decide(user) else None,
        "sent_again": _sent_again(generation, user) if generation.state == State.LOST else [],
        "may_cancel": may_cancel(user, generation) and not generation.is_final and not generation.hidden,
        "may_try_again": generation.state in (State.FAILED, State.CANCELLED, State.LOST),
        "why_not_again": why_not_again(generation) if generation.is_final else "",
        "lead": _lead(generation),
        "again_price": money(orders.estimate(generation.expected)) if see_costs else "",
        "again_count": generation.children.count() if generation.is_final else 0,
        "in_place": request.GET.get("in") == "field",
        "may_show": may_cancel(user, generation) and generation.hidden and generation.received > 0,
        "cancel_label": _("Cancel") if _is_free(generation) else _("Cancel and hide; it is paid for already"),
        "page": status_page(generation.pk),
        "order_page": "" if generation.redacted_at else _order_page(f"from={generation.pk}"),
        "edit_page": "" if generation.hidden else _order_page("edit="),
        "sandboxed": conf.sandboxed(),
    }


@require_POST
@partial(_for_editors, told=NOT_TAKEN)
def order_in_place(request: HttpRequest) -> HttpResponse:
    """Take an order for one field of one model. 201 with where to look, or 422 with the errors by field.

    409 with a fragment where unused pictures of exactly this order exist, until ``anyway`` says that they are known.
    """
    model, field = _place_of(request)
    if not _may_edit(request.user, model):
        return JsonResponse({"errors": {"": [_("You may not change this kind of object.")]}}, status=403)
    user: Any = request.user
    form = InPlaceForm(request.POST, user=user)
    if form.asks:
        fragment = render_to_string("seedream_django/_unused.html", {"order": form}, request)
        return JsonResponse({"unused": fragment}, status=409)
    slot = Slot(content_type=ContentType.objects.get_for_model(model), field=field, user=user)
    generation = form.place(door="field", slot=slot) if form.is_valid() else None
    if generation is None:
        errors = {("" if name == "__all__" else name): list(texts) for name, texts in form.errors.items()}
        return JsonResponse({"errors": errors}, status=422)
    src = reverse("seedream_django:status", args=[generation.pk]) + "?in=field"
    return JsonResponse({"slot": slots.token(slot), "src": src}, status=201)


@require_POST
@_for_editors
def cancel(request: HttpRequest, pk: Any) -> HttpResponse:
    """Stop what was not sent yet; what was sent is paid for, and kept out of sight."""
    generation = _visible(request, pk)
    if not may_cancel(request.user, generation):
        raise Http404
    if orders.cancel(generation):
        messages.success(request, str(diagnose(generation)))
    elif generation.state not in FINAL:
        messages.warning(
            request, _("It had been sent already: it is paid for, and kept out of sight when it comes.")
        )
    return _back(request, generation)


@require_POST
@_for_editors
def show(request: HttpRequest, pk: Any) -> HttpResponse:
    """Bring back what was cancelled after it was sent: it is paid for, and kept."""
    generation = _visible(request, pk)
    if not may_cancel(request.user, generation):
        raise Http404
    Generation.objects.filter(pk=generation.pk, received__gt=0).update(hidden=False)
    return _back(request, generation)


@require_POST
@_for_editors
def try_now(request: HttpRequest) -> HttpResponse:
    """Have what stands in the way of new orders tried at once, by whoever may switch generating off."""
    user: Any = request.user
    if not user.has_perm("seedream_django.change_switch"):
        raise PermissionDenied
    if Circuit.objects.open().exists():
        # A circuit has no page of its own: who looks for this looks where sending is stopped by hand.
        switch, _created = Switch.objects.get_or_create(pk=1)
        audit.decided(switch, user, gettext_lazy("Tried at once what stands in the way of new orders."))
    if tasks.try_now():
        messages.info(request, _("It is being tried now. If that goes well, what waits goes on by itself."))
    else:
        messages.success(request, _("Orders are being sent again already."))
    return _back(request)


@require_POST
@_for_editors
def again(request: HttpRequest, pk: Any) -> HttpResponse:
    """Order the same once more, as a new row."""
    generation = _visible(request, pk)
    # A double click is one order; once that is taken, the page counts it and the next click is another.
    seen = lost.counted(request.POST.get("count"))
    nonce = f"again:{generation.pk}:{seen}"
    try:
        lost.check_again(generation, request.user)
        new = orders.again(generation, user=request.user, door="again", nonce=nonce, seen=seen)
    except NotTaken as error:
        messages.error(request, orders.in_words(error))
        return _back(request, generation)
    return redirect(status_page(new.pk) or "/")


# -- What is lost --------------------------------------------------------------------------------------------


@require_POST
@_for_editors
def ask(request: HttpRequest, pk: Any) -> HttpResponse:
    """Have the provider asked once more what became of a lost order; costs nothing."""
    generation = _to_decide(request, pk)
    if tasks.ask_again(generation):
        audit.decided(generation, request.user, gettext_lazy("Asked the provider once more."))
        messages.success(request, _("The provider is asked once more. What it answers is told here."))
    else:
        messages.warning(request, NOTHING_OPEN)
    return _back(request, generation)


@require_POST
@_for_editors
def send_again(request: HttpRequest, pk: Any) -> HttpResponse:
    """Order what is lost as a new row, after saying plainly that it may cost twice."""
    generation = _to_decide(request, pk)
    if not lost.is_open(generation):
        messages.warning(request, NOTHING_OPEN)
        return _back(request, generation)
    if not request.POST.get("confirmed"):
        return _confirm(request, generation, "send_again", _("Send again"))
    # A double click is one order; once that is taken, the page counts it and the next click is another.
    seen = lost.counted(request.POST.get("count"))
    nonce = f"again:{generation.pk}:{seen}"
    try:
        new = lost.send_again(generation, by=request.user, nonce=nonce, seen=seen)
    except NotTaken as error:
        messages.error(request, orders.in_words(error))
        return _back(request, generation)
    audit.decided(generation, request.user, gettext_lazy("Sent it again, as a new order."))
    return redirect(status_page(new.pk) or "/")


@require_POST
@_for_editors
def write_off(request: HttpRequest, pk: Any) -> HttpResponse:
    """Count what is reserved for a lost order as spent, after saying what that means."""
    generation, note = _to_decide(request, pk), lost.in_one_line(request.POST.get("note", ""))
    if not lost.is_open(generation):
        messages.warning(request, _("There is nothing to write off: nothing is reserved for this order."))
    elif not request.POST.get("confirmed"):
        return _confirm(request, generation, "write_off", _("Write off"))
    elif lost.write_off(generation, by=request.user, note=note):
        audit.decided(generation, request.user, gettext_lazy("Wrote it off."), note)
        messages.success(request, _("It is written off. If its picture comes after all, it is kept here."))
    return _back(request, generation)


NOTHING_OPEN = gettext_lazy("Nothing is open about this order: there is nothing to decide.")


def _to_decide(request: HttpRequest, pk: Any) -> Generation:
    generation = _visible(request, pk)
    if not may_decide(request.user):
        raise Http404
    return generation


def _confirm(request: HttpRequest, generation: Generation, action: str, title: str) -> HttpResponse:
    """The page that says what a decision costs, with the button that makes it."""
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": Generation._meta,
        "original": generation,
        "has_view_permission": True,
        "generation": generation,
        "action": reverse(f"seedream_django:{action}", args=[generation.pk]),
        "writes_off": action == "write_off",
        "page": status_page(generation.pk),
        **(_lost_context(generation, request.user, True) or {}),
    }
    return TemplateResponse(request, "admin/seedream_django/generation/decide.html", context)


def _lost_context(generation: Generation, user: Any, open_: bool) -> dict[str, Any] | None:
    """What an owner may decide about a lost order, with amounts for those who may see them; None for nothing."""
    if generation.state != State.LOST or generation.received + generation.failed >= generation.expected:
        return None
    costs = user.has_perm("seedream_django.see_costs")
    return {
        "open": open_,
        "asked": generation.asked_at is not None,
        "reserved": money(budget.reserved_for(generation)) if costs else "",
        "price": money(orders.estimate(generation.expected)) if costs else "",
        "count": generation.children.count(),
    }


def _sent_again(generation: Generation, user: Any) -> list[tuple[str, str]]:
    """The orders that a lost one was sent again as: where this person may see them, or blank, and how they stand."""
    children = generation.children.order_by("created_at")
    visible = set(generation.children.visible_to(user).values_list("pk", flat=True))
    return [(status_page(child.pk) if child.pk in visible else "", child.summary()) for child in children]


def status_page(pk: Any) -> str:
    """The admin's page of a generation, or blank where the admin does not have one."""
    try:
        return reverse("admin:seedream_django_generation_change", args=[pk])
    except NoReverseMatch:
        return ""


def _order_page(query: str) -> str:
    """The admin's page for an order that begins with what this says, or blank where the admin does not have one."""
    try:
        return f"{reverse('admin:seedream_django_generation_add')}?{query}"
    except NoReverseMatch:
        return ""


def _is_free(generation: Generation) -> bool:
    return generation.state == State.QUEUED and generation.doubtful_since is None


def _visible(request: HttpRequest, pk: Any) -> Generation:
    rows = Generation.objects.visible_to(request.user).prefetch_related("images")
    return get_object_or_404(rows, pk=pk)


def _diagnose(generation: Generation, user: Any) -> Diagnosis:
    costs = user.has_perm("seedream_django.see_costs")
    return diagnose(generation, costs=costs, decides=may_decide(user), immediate=queue.is_immediate())


def _places(generation: Generation) -> Sequence[GeneratedImage | None]:
    """A place for each picture, in order, so that nothing moves when one comes: the picture, or None until then."""
    images = generation.shown_images()
    missing = 0 if generation.is_final else generation.expected - generation.failed - len(images)
    if missing <= 0:
        return images
    by_position = {image.position: image for image in images}
    places = [by_position.get(position) for position in range(len(images) + missing)]
    # Where a failed one left a gap, a later position has no place here: then they stand in a row.
    fits = len(places) - places.count(None) == len(images)
    return places if fits else [*images, *[None] * missing]


def _layout(generation: Generation) -> str:
    """How broad the pictures are laid out: ``tall`` ones narrower, ``wide`` ones broader than the others."""
    ratio = generation.width / generation.height
    return "tall" if ratio < 0.8 else "wide" if ratio > 2 else ""


def _lead(generation: Generation) -> str:
    """Which of an ended order's buttons leads on: ``again``, ``change`` or, where that could cost twice, none."""
    if generation.hidden and generation.received:
        return ""
    if generation.state == State.LOST or generation.error_kind == "timeout":
        return ""
    return "change" if generation.error_kind in ("safety", "validation") else "again"


def _next_look(generation: Generation) -> int | None:
    if generation.is_final:
        return _next_look_after_the_end(generation)
    return SLOW if generation.state in (State.QUEUED, State.ASKING) and generation.error_kind else FAST


def _next_look_after_the_end(generation: Generation) -> int | None:
    """None once nothing more can come; while it is watched somebody who stays is told what does."""
    if any(image.state == ImageState.RECEIVED or image.is_moving for image in generation.images.all()):
        return FAST
    if generation.watch_until is None or generation.watch_until < timezone.now():
        return None
    waits_for_answer = generation.asked_at is not None and not generation.error_kind
    return SLOW if waits_for_answer and generation.state == State.LOST else WATCHING


def _place_of(request: HttpRequest) -> tuple[Any, str]:
    try:
        model = apps.get_model(request.POST.get("model", ""))
        field = model._meta.get_field(request.POST.get("field", ""))
    except (LookupError, ValueError, FieldDoesNotExist):
        raise Http404 from None
    if not isinstance(field, GeneratedImageField):
        raise Http404
    return model, field.name


def _may_edit(user: Any, model: Any) -> bool:
    add = f"{model._meta.app_label}.add_{model._meta.model_name}"
    return user.has_perm(add) or slots.may_change(user, model)


def _back(request: HttpRequest, generation: Generation | None = None) -> HttpResponse:
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return redirect(wanted)
    return redirect((generation and status_page(generation.pk)) or _list_page() or "/")


def _list_page() -> str:
    try:
        return reverse("admin:seedream_django_generation_changelist")
    except NoReverseMatch:
        return ""
