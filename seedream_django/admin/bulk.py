"""Pictures for many objects at once: the action of a list, and the page that it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.forms.widgets import Media
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from .. import audit, budget, bulk, bulking, conf, notices, orders, plans
from ..entry import host_of
from ..exceptions import OverBudget
from ..models import PLANNED, BulkItem, BulkRun, ItemState
from ..panels import Desk
from ..people import may_decide
from ..places import Place
from ..widgets import ShapeSelect
from .bulk_form import PlanForm
from .bulk_page import TONES, Page
from .shown import STATUS_MEDIA, List, OnlyLookedAt

NAME, ACTION = "seedream_django_bulkrun", "generate_for_these"


# -- The action of a list ------------------------------------------------------------------------------------


class BulkActions:
    """The list of a ModelAdmin with fields for pictures offers to make them for what is chosen in it."""

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        # Since Django 6.1 there are actions of one object's page as well, which has a button of its own.
        if action_location is None:
            return {**super().get_actions(request), **bulk_action(self, request)}  # type: ignore[misc]
        found: dict[str, Any] = super().get_actions(request, action_location)  # type: ignore[misc]
        return {**found, **bulk_action(self, request)} if action_location.name == "CHANGE_LIST" else found


def bulk_action(model_admin: Any, request: HttpRequest) -> dict[str, Any]:
    """What ``get_actions`` adds to a list: nothing for those who may not, and where there is no field for it."""
    is_offered = (
        IS_POPUP_VAR not in request.GET
        and model_admin.actions is not None
        and places_of(model_admin, request)
        and bulk.may_run(request.user)
        and model_admin.has_change_permission(request)
        and model_admin.admin_site.is_registered(BulkRun)
    )
    if not is_offered:
        return {}
    return {ACTION: (generate_for_these, ACTION, gettext_lazy("Generate pictures for these…"))}


def generate_for_these(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
    """Make a run of these objects, and lead to its page. Nothing is ordered."""
    if not bulk_action(model_admin, request):
        raise PermissionDenied
    field, place = next(iter(places_of(model_admin, request).items()))
    may, words = may_in(model_admin, request), words_in(model_admin, request)
    desk = Desk(request.user, host=host_of(request))
    look = desk.styles.get(desk.look)
    run = plans.begin(queryset, field, place, user=request.user, may=may, words=words, style=look)
    return redirect(reverse(f"{model_admin.admin_site.name}:{NAME}_change", args=[run.pk]))


def places_of(model_admin: Any, request: HttpRequest) -> Mapping[str, Place]:
    """The fields of a ModelAdmin that a picture can be made for, and what each wants."""
    if not hasattr(model_admin, "get_seedream_fields"):
        return {}
    found: Mapping[str, Place] = model_admin.get_seedream_fields(request)
    return found


def words_in(model_admin: Any, request: HttpRequest) -> set[str]:
    """The fields that this person writes in the form: a prompt quotes no other, such as a password."""
    if model_admin is None:
        return set()
    fields = model_admin.get_form(request, change=True).base_fields
    return {name for name, field in fields.items() if not field.disabled}


def may_in(model_admin: Any, request: HttpRequest) -> plans.May:
    """What a ModelAdmin, and the rights of this person, say of each object."""
    may = plans.may_change(request.user)
    return lambda obj: model_admin.has_change_permission(request, obj) and may(obj)


# -- The page ------------------------------------------------------------------------------------------------

#: What a person decides, by the last part of the address: what is done, and what the history says of it.
DECISIONS: dict[str, tuple[Any, Any]] = {
    "sample": (bulk.make_sample, gettext_lazy("Ordered a sample.")),
    "rest": (bulk.make_rest, gettext_lazy("Ordered the rest.")),
    "resume": (bulk.resume, gettext_lazy("Resumed it.")),
    "pause": (bulk.pause, gettext_lazy("Paused it.")),
    "cancel": (bulk.cancel, gettext_lazy("Cancelled it.")),
}
BULK_STYLES = Media(css={"all": ["seedream_django/bulk.css"]})
#: Those that spend: only by whoever began it.
SPENDING = ("sample", "rest", "resume")


@admin.register(BulkRun)
class BulkRunAdmin(OnlyLookedAt, List, admin.ModelAdmin):  # type: ignore[type-arg]
    """Runs: a list, and a page for each, which is all there is to one."""

    actions = None
    list_display = ("what", "how_it_stands", "how_far", "user", "created_at")
    list_filter = ("state",)
    list_per_page = 50
    list_select_related = ("user", "content_type")
    show_full_result_count = False
    sortable_by = ()

    # -- Rights

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bulk.may_run(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkRun]:
        rows: Any = super().get_queryset(request)
        items = BulkItem.objects.filter(run=OuterRef("pk")).order_by().values("run").annotate(n=Count("pk"))
        made = items.filter(state=ItemState.FILLED)
        found: QuerySet[BulkRun] = rows.visible_to(request.user)
        return found.annotate(chosen=Subquery(items.values("n")), filled=Subquery(made.values("n")))

    # -- The list

    @admin.display(description=gettext_lazy("For what"))
    def what(self, run: BulkRun) -> str:
        return name_of(run)

    @admin.display(description=gettext_lazy("State"))
    def how_it_stands(self, run: BulkRun) -> SafeString:
        tone = TONES.get(run.state, "busy")  # type: ignore[call-overload]
        return format_html(
            '<span class="seedream-tag seedream-tag-{}">{}</span>', tone, run.get_state_display()
        )

    @admin.display(description=gettext_lazy("In place"))
    def how_far(self, run: Any) -> str:
        return _("%(stored)s of %(expected)s") % {"stored": run.filled or 0, "expected": run.chosen or 0}

    # -- Pages

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        pages = [
            path("", wrap(self.changelist_view), name=f"{NAME}_changelist"),
            path("<uuid:pk>/change/", wrap(self.page_view), name=f"{NAME}_change"),
            path("<uuid:pk>/state/", wrap(self.state_view), name=f"{NAME}_state"),
            path("<uuid:pk>/plan/", wrap(self.plan_view), name=f"{NAME}_plan"),
            path("<uuid:pk>/again/", wrap(self.again_view), name=f"{NAME}_again"),
        ]
        for what in DECISIONS:
            address, name = f"<uuid:pk>/{what}/", f"{NAME}_{what}"
            pages.append(path(address, wrap(self.decision_view), {"what": what}, name=name))
        return pages

    @method_decorator(require_safe)
    def page_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        notices.tell(request)
        return self._page(request, self._looked_at(request, pk))

    @method_decorator(require_safe)
    def state_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The part of the page that changes."""
        run = self._looked_at(request, pk)
        return TemplateResponse(
            request, "admin/seedream_django/bulkrun/state.html", self._state(request, run)
        )

    @method_decorator(require_POST)
    def plan_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Give a run other words, for what is not made yet."""
        run = self._run(request, pk)
        if run.user_id != request.user.pk:
            raise PermissionDenied
        return self._planned(request, run) or self._back(run)

    @method_decorator(require_POST)
    def again_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Begin another run for what failed in this one, and lead to its page. Nothing is ordered."""
        run = self._run(request, pk)
        if run.user_id != request.user.pk:
            raise PermissionDenied
        if why := bulk.why_stopped(run):
            messages.error(request, _(why))
            return self._back(run)
        try:
            budget.check(run.user, orders.estimate(), 1)
        except OverBudget as error:
            messages.error(request, str(error))
            return self._back(run)
        if run.is_working or not run.items.filter(state=ItemState.FAILED).exists():
            messages.warning(request, MOVED_ON)
            return self._back(run)
        new = plans.anew(run, may=self._may(request, run))
        audit.decided(run, request.user, gettext_lazy("Began another run for what failed."))
        return self._back(new)

    @method_decorator(require_POST)
    def decision_view(self, request: HttpRequest, pk: Any, what: str) -> HttpResponse:
        """Take a step of a run. Nothing is ordered here: a worker does."""
        run = self._run(request, pk)
        if run.user_id != request.user.pk and (what in SPENDING or not may_decide(request.user)):
            raise PermissionDenied
        if what in SPENDING and (answer := self._before_it_spends(request, run)):
            return answer
        self._decide(request, run, what)
        return self._back(run)

    # -- What is decided

    def _before_it_spends(self, request: HttpRequest, run: BulkRun) -> HttpResponse | None:
        """What is answered instead: other words were written, which nobody has seen yet, or it may not go on."""
        if "prompt" in request.POST and (answer := self._planned(request, run)):
            return answer
        if why := bulk.why_stopped(run):
            messages.error(request, _(why))
            return self._back(run)
        return None

    def _planned(self, request: HttpRequest, run: BulkRun) -> HttpResponse | None:
        """Keep the words that were sent; None where they are those of the run."""
        model_admin = self._model_admin(run)
        if run.state not in PLANNED or plans.model_of(run) is None:
            messages.warning(request, MOVED_ON)
            return self._back(run)
        words = words_in(model_admin, request)
        form = PlanForm(run, places_of(model_admin, request), request.POST, words=words)
        if not form.is_valid():
            return self._page(request, run, form)
        if not (changes := form.changes()):
            return None
        if plans.change(run, may=self._may(request, run), **changes):
            messages.info(
                request, _("This is what it makes now. Nothing was ordered; look at the prompts first.")
            )
        else:
            messages.warning(request, MOVED_ON)
        return self._back(run)

    def _decide(self, request: HttpRequest, run: BulkRun, what: str) -> None:
        do, words = DECISIONS[what]
        try:
            done = do(run)
        except ValueError:
            # The page was of another moment.
            done = False
        if not done:
            messages.warning(request, MOVED_ON)
            return
        audit.decided(run, request.user, words)
        bulking.wake(run)

    # -- What is shown

    def _page(self, request: HttpRequest, run: BulkRun, form: PlanForm | None = None) -> HttpResponse:
        title = capfirst(name_of(run))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": title,
            "has_view_permission": True,
            **self._state(request, run, form),
        }
        context["media"] = self.media + STATUS_MEDIA + ShapeSelect().media + BULK_STYLES
        return TemplateResponse(request, "admin/seedream_django/bulkrun/page.html", context)

    def _state(self, request: HttpRequest, run: BulkRun, form: PlanForm | None = None) -> dict[str, Any]:
        shown, number = request.GET.get("show", ""), request.GET.get("page", "")
        page = Page(run, request.user, self.admin_site.name, shown, number)
        if form is None and page.is_planned:
            model_admin = self._model_admin(run)
            words = words_in(model_admin, request)
            form = PlanForm(run, places_of(model_admin, request), words=words)
        return {"page": page, "run": run, "form": form, "opts": self.opts, "sandboxed": conf.sandboxed()}

    def _model_admin(self, run: BulkRun) -> Any:
        model: Any = run.content_type.model_class()
        known = model is not None and self.admin_site.is_registered(model)
        return self.admin_site.get_model_admin(model) if known else None

    def _may(self, request: HttpRequest, run: BulkRun) -> plans.May:
        model_admin = self._model_admin(run)
        return may_in(model_admin, request) if model_admin is not None else plans.may_change(request.user)

    def _looked_at(self, request: HttpRequest, pk: Any) -> BulkRun:
        run = self._run(request, pk)
        bulking.tend(run)
        bulk.late(run)
        return self._run(request, pk)

    def _run(self, request: HttpRequest, pk: Any) -> BulkRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = BulkRun.objects.visible_to(request.user).select_related("user", "content_type")
        run = rows.filter(pk=pk).first()
        if run is None:
            raise Http404
        return run

    def _back(self, run: BulkRun) -> HttpResponse:
        return redirect(reverse(f"{self.admin_site.name}:{NAME}_change", args=[run.pk]))


MOVED_ON = gettext_lazy("It has moved on meanwhile. Look at how it stands now.")


def name_of(run: BulkRun) -> str:
    """For what it is, as people call it: “articles: cover”."""
    model: Any = plans.model_of(run)
    if model is None:
        return str(run)
    label = model._meta.get_field(run.field).verbose_name
    return f"{model._meta.verbose_name_plural}: {label}"
