"""Budgets: what may be spent, by whom, and who changed it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..diagnosis import money
from ..models import Budget
from .shown import Styled

#: More people than this are not offered one by one.
OFFERED = 500

#: What became of it so far.
USED = ("spent_shown", "reserved_shown", "left_shown")


def _sees_costs(request: HttpRequest) -> bool:
    return request.user.has_perm("seedream_django.see_costs")


def line_of(budget: Any) -> dict[str, Any]:
    """A budget as the pages show it; ``percent`` is what is gone of it."""
    gone = budget.spent + budget.reserved
    end = budget.end()
    return {
        "budget": budget,
        "limit": money(budget.limit),
        "spent": money(budget.spent),
        "reserved": money(budget.reserved),
        "left": money(max(Decimal(0), budget.left)),
        "percent": min(100, int(gone * 100 / budget.limit)) if budget.limit else 100,
        "full": budget.left <= 0,
        "until": date_format(end, "DATE_FORMAT") if end else _("no end"),
    }


@admin.register(Budget)
class BudgetAdmin(Styled, admin.ModelAdmin):  # type: ignore[type-arg]
    """What may be spent, by whom: the limit is changed, all else is another budget."""

    actions = None
    fields = ("user", "group", "period", "limit")
    list_per_page = 50
    list_select_related = ("user", "group")
    show_full_result_count = False
    sortable_by = ()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        return super().get_queryset(request).with_present()  # type: ignore[attr-defined, no-any-return]

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        used = ("spent_shown", "reserved_shown") if _sees_costs(request) else ()
        left = ("left_shown",) if used else ()
        return ("named", *left, "limit_shown", *used, "until")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.fields, *(USED if obj and _sees_costs(request) else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Its periods hold what was spent of it: for somebody else, or for another time, they would be wrong.
        return ("user", "group", "period", *USED) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        people = get_user_model()._default_manager
        if db_field.name == "user" and people.all()[: OFFERED + 1].count() > OFFERED:
            kwargs["widget"] = ForeignKeyRawIdWidget(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("budget"))
    def named(self, budget: Budget) -> str:
        return str(budget)

    @admin.display(description=gettext_lazy("limit"))
    def limit_shown(self, budget: Any) -> str:
        return money(budget.limit)

    @admin.display(description=gettext_lazy("spent"))
    def spent_shown(self, budget: Any) -> str:
        return money(budget.spent)

    @admin.display(description=gettext_lazy("reserved"))
    def reserved_shown(self, budget: Any) -> str:
        return money(budget.reserved)

    @admin.display(description=gettext_lazy("left"))
    def left_shown(self, budget: Any) -> str:
        return str(line_of(budget)["left"])

    @admin.display(description=gettext_lazy("until"))
    def until(self, budget: Any) -> str:
        return str(line_of(budget)["until"])

    # -- Who raised it

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """A history of what was changed, not of who pressed the button."""
        return super().log_change(request, obj, message) if message else None

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        with translation.override(settings.LANGUAGE_CODE):
            limit = money(form.cleaned_data["limit"])
            if add:
                return _("Added, with a limit of %(limit)s.") % {"limit": limit}
            if "limit" not in form.changed_data:
                return super().construct_change_message(request, form, formsets, add)
            return _("Limit from %(old)s to %(new)s.") % {"old": money(form.initial["limit"]), "new": limit}

    def save_model(self, request: HttpRequest, obj: Budget, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        saved: Any = Budget.objects.with_present().get(pk=obj.pk)
        if saved.left <= 0:
            words = _("Nothing is left of it: whoever it is for can order nothing now.")
            messages.warning(request, words)

    # -- Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The budget alone: its periods are its own counters, one a day, and no list to read."""
        _listed, _counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        names = [str(budget) for budget in objs]
        return names, {self.opts.verbose_name_plural: len(names)}, perms_needed, protected
