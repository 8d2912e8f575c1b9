"""Money: the owner's page, with the ledger below it as a list and as CSV."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from .. import conf, prompts
from ..diagnosis import local, money
from ..models import Circuit, Generation, Kind, LedgerEntry, next_month, today
from . import figures, ledger, stuck
from .budgets import line_of
from .long import LISTED, Newest
from .shown import OnlyLookedAt, OwnFilters, Styled

MONTHS = 12
#: Characters of a prompt in the list.
FIRST_WORDS = 60
MINUS = "\N{MINUS SIGN}"
#: The entries that change what is spent: others are no cost, and one that reserves knows no place yet.
SPENDS = (Kind.SETTLE, Kind.WRITE_OFF)


# -- The list ------------------------------------------------------------------------------------------------


def days_of(period: str) -> tuple[datetime.date, datetime.date] | None:
    """``today`` or a month such as ``2026-11`` as its first and last day."""
    if period == "today":
        return today(), today()
    if not re.fullmatch(r"[1-9]\d{3}-(0[1-9]|1[0-2])", period or "") or period >= "9999-12":
        return None
    first = datetime.date.fromisoformat(f"{period}-01")
    return first, next_month(first) - datetime.timedelta(days=1)


class PeriodFilter(admin.SimpleListFilter):
    title = gettext_lazy("period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        months = [today().replace(day=1)]
        while len(months) < MONTHS:
            months.append((months[-1] - datetime.timedelta(days=1)).replace(day=1))
        named = [(f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in months]
        return [("today", pgettext("filter", "today")), *named]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not (period := self.value()):
            return queryset
        if (days := days_of(period)) is None:
            raise IncorrectLookupParameters(f"There is no period {period!r}.")
        return ledger.between(queryset, *days)


class PersonFilter(admin.SimpleListFilter):
    """Offers those who spent the most this month; the page's own table leads to them as well."""

    title = pgettext_lazy("filter", "person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        # On the plain page the table has the same names, from the same query.
        if not request.GET:
            return []
        table = figures.by_person(Decimal(0), lambda key: str(key or ""))
        people = {line.url: line.name for line in table.lines if line.url}
        if (chosen := request.GET.get(self.parameter_name, "")) and chosen not in people:
            people |= self._named(chosen)
        return list(people.items())

    def _named(self, key: str) -> dict[str, str]:
        try:
            user = get_user_model()._default_manager.filter(pk=key_of(key)).first()
        except (ValueError, TypeError, forms.ValidationError):
            return {}
        return {key: user.get_username()} if user else {}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        try:
            return queryset.filter(user=key_of(self.value())) if self.value() else queryset
        except (ValueError, TypeError, forms.ValidationError) as error:
            raise IncorrectLookupParameters(error) from error


class PlaceFilter(admin.SimpleListFilter):
    """What was spent without a place for the picture: what the table's last line counts, and no other."""

    title = gettext_lazy("what it was for")
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("Not for a place"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "none":
            return queryset
        # No index finds them: within a period it ends with that, else where a list does.
        if not request.GET.get(PeriodFilter.parameter_name):
            queryset, request.seedream_cut = newest(queryset)  # type: ignore[attr-defined]
        return queryset.filter(model="", kind__in=SPENDS)


def newest(entries: Any) -> tuple[Any, bool]:
    """No more of these entries than a list has, and whether there are older ones."""
    moments = entries.order_by("-at", "-pk").values_list("at", flat=True)
    edge = moments[LISTED : LISTED + 1].first()
    return (entries.filter(at__gte=edge), True) if edge else (entries, False)


def key_of(text: Any) -> Any:
    """A person's key as their model has it. Raises ValidationError, also where no column holds such a number."""
    field: Any = get_user_model()._meta.pk
    key = field.to_python(text)
    field.run_validators(key)
    return key


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
    bounds = MinValueValidator(datetime.date(2000, 1, 1)), MaxValueValidator(datetime.date(2999, 12, 31))
    return forms.DateField(label=label, widget=widget, validators=bounds)


class RangeForm(forms.Form):
    """From which day to which the ledger is downloaded."""

    since = _day(gettext_lazy("From"))
    until = _day(gettext_lazy("To"))

    def clean(self) -> dict[str, Any]:
        days = self.cleaned_data
        if "since" in days and "until" in days and days["since"] > days["until"]:
            self.add_error("until", _("It ends before it begins."))
        return days


@admin.register(LedgerEntry)
class LedgerEntryAdmin(OnlyLookedAt, OwnFilters, Styled, admin.ModelAdmin):  # type: ignore[type-arg]
    """The owner's page: the figures, and every movement of money below them."""

    actions = None
    list_display = ("when", "kind", "spent_by", "reserved_by", "unconfirmed_by", "person", "for_what")
    list_display_links = ("when",)
    list_filter = (PeriodFilter, "kind", PersonFilter, PlaceFilter)
    list_max_show_all = 0
    list_per_page = 50
    list_select_related = ("user",)
    paginator = Newest
    search_fields = ("generation_id", "who", "label")
    search_help_text = gettext_lazy(
        "The number of an order, a person's name, or what a picture is for. Words are looked for in the newest "
        "10,000 entries of what is chosen beside."
    )
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    sortable_by = ()

    # -- Rights

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and request.user.has_perm(
            "seedream_django.see_costs"
        )

    # -- The page

    def get_urls(self) -> list[Any]:
        download = self.admin_site.admin_view(self.csv_view)
        return [path("csv/", download, name="seedream_django_ledgerentry_csv"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        period = days_of(request.GET.get("period", ""))
        days = period or (today().replace(day=1), today())
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "overview": None if request.GET else self._overview(request),
            "range": RangeForm(initial={"since": days[0], "until": days[1]}, auto_id="seedream_%s"),
            "sandboxed": conf.sandboxed(),
            "listed": LISTED,
            **(extra_context or {}),
        }
        response: Any = super().changelist_view(request, context)
        shown: dict[str, Any] = getattr(response, "context_data", {})
        shown["narrowed"] = getattr(request, "seedream_cut", False)
        if period and "cl" in shown:
            sums = shown["cl"].queryset.balance()
            shown["sums"] = {name: money(amount) for name, amount in sums.items()}
            if sums["reserved"]:
                shown["sums"]["reserved"] = signed(sums["reserved"])
        return response  # type: ignore[no-any-return]

    def _overview(self, request: HttpRequest) -> dict[str, Any]:
        site = self.admin_site.name
        spent, held = figures.spent(), figures.held()
        budgets = figures.budgets()
        # Where the banner looks as well.
        request.seedream_stops = list(Circuit.objects.open())  # type: ignore[attr-defined]
        place = self._address_of(request)
        page = reverse(f"{site}:seedream_django_ledgerentry_changelist")
        month = f"period={today():%Y-%m}"
        return {
            "spent": shown(spent),
            "held": shown(held),
            "people": figures.by_person(spent["month"], lambda key: key and f"{page}?{month}&person={key}"),
            "places": figures.by_place(spent["month"] - spent["elsewhere"], place),
            "elsewhere": f"{page}?{month}&place=none",
            "budgets": [line_of(budget) for budget in budgets[: figures.TOP]],
            "more_budgets": len(budgets) > figures.TOP,
            "sees_budgets": request.user.has_perm("seedream_django.view_budget"),
            "adds_budgets": request.user.has_perm("seedream_django.add_budget"),
            "stops": request.seedream_stops,  # type: ignore[attr-defined]
            "waiting": stuck.waiting(held["waiting"]),
            "problems": stuck.problems(request, site, held, budgets),
            "webhook": stuck.last_webhook(),
            "failures": stuck.failures(request, site),
        }

    def _address_of(self, request: HttpRequest) -> Any:
        """Gives the page of an object in this admin, where it has one that this person may see."""
        pages = {
            model._meta.label_lower: model._meta
            for model, page in self.admin_site._registry.items()
            if page.has_view_or_change_permission(request)
        }

        def address(model: str, key: str) -> str:
            meta = pages.get(model)
            name = f"{self.admin_site.name}:{meta.app_label}_{meta.model_name}_change" if meta else ""
            return reverse(name, args=[key]) if name else ""

        return address

    # -- The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        """Each with whether its ``prompt_shows``, and whether its order's page ``opens``, for this person."""
        user: Any = request.user
        sees_all = user.has_perm("seedream_django.see_others_prompts")
        mine = Case(When(user=user.pk, then=True), default=False)
        # The entry outlives its order.
        order = Generation.objects.visible_to(user).filter(pk=OuterRef("generation_id"))
        opens = Exists(order) if stuck.opens_orders(request) else Value(False)
        shows = Value(True) if sees_all else mine
        entries: Any = super().get_queryset(request)
        found: QuerySet[LedgerEntry] = entries.annotate(prompt_shows=shows, opens=opens)
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[LedgerEntry], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(generation_id=UUID(term)), False
        except ValueError:
            pass
        found, _is_cut = newest(queryset)
        return found.filter(Q(who__icontains=term) | Q(label__icontains=term)), False

    @admin.display(description=pgettext_lazy("moment", "when"))
    def when(self, entry: LedgerEntry) -> str:
        return date_format(local(entry.at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("who"))
    def person(self, entry: LedgerEntry) -> SafeString:
        return format_html('<bdi dir="auto">{}</bdi>', entry.who or _("the site"))

    @admin.display(description=gettext_lazy("for what"))
    def for_what(self, entry: Any) -> SafeString | str:
        """The object, and below it the first words of the prompt, with the way to its order."""
        label = format_html('<bdi dir="auto">{}</bdi>', entry.label) if entry.label else ""
        if not entry.prompt_shows:
            return label or "–"
        words = prompts.shortened(entry.prompt, FIRST_WORDS) or _("(redacted)")
        prompt = self._linked(entry, format_html('<bdi dir="auto">{}</bdi>', words))
        return format_html('{}<span class="seedream-hint">{}</span>', label, prompt)

    @admin.display(description=gettext_lazy("reserved"))
    def reserved_by(self, entry: LedgerEntry) -> str:
        return signed(entry.reserved)

    @admin.display(description=gettext_lazy("spent"))
    def spent_by(self, entry: LedgerEntry) -> str:
        return signed(entry.spent)

    @admin.display(description=gettext_lazy("unconfirmed"))
    def unconfirmed_by(self, entry: LedgerEntry) -> str:
        return signed(entry.unconfirmed)

    # -- One entry

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = [
            "kind",
            "at",
            "reserved_by",
            "spent_by",
            "unconfirmed_by",
            "pictures",
            "who",
            "door",
            "label",
        ]
        shown += ["model", "object_id", "order", "image_uuid", "by", "note"]
        mine = obj is not None and obj.user_id is not None and obj.user_id == request.user.pk
        if mine or request.user.has_perm("seedream_django.see_others_prompts"):
            shown.append("prompt")
        return shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    @admin.display(description=pgettext_lazy("of pictures", "order"))
    def order(self, entry: Any) -> SafeString:
        url = reverse(f"{self.admin_site.name}:seedream_django_ledgerentry_changelist")
        words = _("all entries of this order")
        number = self._linked(entry, entry.generation_id)
        return format_html('{} (<a href="{}?q={}">{}</a>)', number, url, entry.generation_id, words)

    def _linked(self, entry: Any, text: Any) -> Any:
        """A text about its order, with the way there for those who may open it."""
        if not entry.opens:
            return text
        name = f"{self.admin_site.name}:seedream_django_generation_change"
        return format_html('<a href="{}">{}</a>', reverse(name, args=[entry.generation_id]), text)

    # -- CSV

    def csv_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = RangeForm(request.GET)
        if not form.is_valid():
            for name, errors in form.errors.items():
                label = form.fields[name].label if name in form.fields else ""
                messages.error(request, f"{label}: {' '.join(map(str, errors))}")
            return redirect(reverse(f"{self.admin_site.name}:seedream_django_ledgerentry_changelist"))
        since, until = form.cleaned_data["since"], form.cleaned_data["until"]
        prompts = request.user.has_perm("seedream_django.see_others_prompts")
        lines = ledger.written(ledger.between(LedgerEntry.objects.all(), since, until), prompts=prompts)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="money-{since}-{until}.csv"'
        return response


def shown(sums: dict[str, Any]) -> dict[str, Any]:
    """Amounts as they are read, and numbers of pictures in words; nothing for what is not for a place."""
    words = {f"{name}_shown": money(amount) for name, amount in sums.items() if isinstance(amount, Decimal)}
    for name in ("made", "made_today"):
        count = int(sums.get(name, 0))
        text = ngettext("%(count)s picture", "%(count)s pictures", count)
        words[f"{name}_shown"] = text % {"count": count}
    elsewhere = sums.get("elsewhere") and words["elsewhere_shown"]
    return {**words, "elsewhere_shown": elsewhere, "made_elsewhere": int(sums.get("made_elsewhere", 0))}


def signed(amount: Decimal) -> str:
    """``+$0.07``, or the same with a minus; a dash for nothing."""
    if not amount:
        return "–"
    return f"{'+' if amount > 0 else MINUS}{money(abs(amount))}"
