"""Ordering and choosing in place: a field's own address. It takes an order and calls nobody."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from . import content, library, places, slots
from .entry import NOT_TAKEN, for_editors
from .models import Slot
from .offers import Offered, offer_of
from .panels import InPlaceForm
from .places import Spot

#: Before the place where a page ends: that those before it are asked for.
NEWER = "newer:"


@require_POST
@partial(for_editors, told=NOT_TAKEN)
def order_in_place(request: HttpRequest) -> HttpResponse:
    """Take an order for one field of one object. 201 with where to look, or 422 with the errors by field.

    409 with a fragment where unused pictures of exactly this order exist, until ``anyway`` says that they are known.
    With ``fill`` nothing is ordered: 200 with what ``content.typed`` makes of the form's fields, each a ``from-name``.
    Nor with ``find``, words for which there is a fragment of the pictures to choose from, on from ``older``.
    """
    user: Any = request.user
    spot = places.from_token(request.POST.get("spot", ""), user)
    if spot is None:
        raise Http404
    if not _may_edit(user, spot):
        return JsonResponse({"errors": {"": [_("You may not change this kind of object.")]}}, status=403)
    if request.POST.get("fill"):
        sent = {name: request.POST.getlist(f"from-{name}") for name in spot.place.names}
        return JsonResponse(content.typed(spot, sent))
    if "find" in request.POST:
        return _found(request, spot)
    form = InPlaceForm(request.POST, request.FILES, user=user, place=spot.place)
    if form.asks:
        fragment = render_to_string("seedream_django/_unused.html", {"order": form}, request)
        return JsonResponse({"unused": fragment}, status=409)
    kind = ContentType.objects.get_for_model(spot.model)
    slot = Slot(content_type=kind, field=spot.field, user=user, options=spot.options())
    words = {name: request.POST.get(name, "") for name in ("text", "prompt")}
    slot.text_digest = content.made_from(spot.place, **words)
    generation = form.place(door="field", slot=slot) if form.is_valid() else None
    if generation is None:
        errors = {("" if name == "__all__" else name): list(texts) for name, texts in form.errors.items()}
        return JsonResponse({"errors": errors}, status=422)
    src = f"{reverse('seedream_django:live')}?order={generation.pk.hex}&in=field"
    return JsonResponse({"slot": slots.token(slot, object_pk=spot.pk), "src": src}, status=201)


def _found(request: HttpRequest, spot: Spot) -> HttpResponse:
    """What may be chosen for this field, a page of it; the script gives the choices their field's name."""
    words, at = request.POST["find"], request.POST.get("older", "")
    way = {"newer": at.removeprefix(NEWER)} if at.startswith(NEWER) else {"older": at}
    page = Offered(request.user).find(words, **way)
    obj = places.object_of(spot.kind, spot.model, spot.pk) if spot.pk and page.images else None
    context = {
        "widget": {"offers": [offer_of(image, str(obj or ""), spot.place) for image in page.images]},
        "told": _("Pictures that were found: {count}").format(count=len(page.images))
        if words.strip()
        else "",
        "looked_through": library.LOOKED_THROUGH if page.looked_through else 0,
        "older": page.older,
        "newer": page.newer and f"{NEWER}{page.newer}",
    }
    return render(request, "seedream_django/widgets/_found.html", context)


def _may_edit(user: Any, spot: Spot) -> bool:
    obj = places.object_of(spot.kind, spot.model, spot.pk) if spot.pk else None
    return any(
        slots.may_change(user, kind, obj) or (not spot.pk and slots.may_add(user, kind))
        for kind in {spot.model, spot.kind or spot.model}
    )
