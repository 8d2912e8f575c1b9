"""Lists that may be long: nothing counts or searches further than a list goes, and the next one begins there."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import is_aware
from django.utils.translation import gettext_lazy

from ..diagnosis import local
from ..models import Generation
from .shown import List

#: A list ends here, and words are looked for no further back: nothing counts or reads a table of a million rows.
LISTED = 10_000


class Newest(Paginator):  # type: ignore[type-arg]
    """Pages of the newest rows. Counts no further than the list goes."""

    object_list: Any

    @cached_property
    def count(self) -> int:
        return int(self.object_list.order_by().values("pk")[:LISTED].count())

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        if number == 1:
            return super().page(number)
        # First the keys, which an index has: all else is asked for the rows of this page, not for those before it.
        first = (number - 1) * self.per_page
        keys = list(self.object_list.values_list("pk", flat=True)[first : first + self.per_page])
        return Page(self.object_list.filter(pk__in=keys), number, self)


class BeforeFilter(admin.SimpleListFilter):
    """Where a list ended that had more: the same list from there on. Offered by that list alone."""

    title = gettext_lazy("older than")
    parameter_name = "before"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        text = request.GET.get(self.parameter_name, "")
        moment = moment_of(text)
        return [(text, date_format(local(moment), "SHORT_DATETIME_FORMAT"))] if moment else []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        moment = moment_of(self.value() or "")
        # With that moment itself, which others may share: better twice than never.
        return queryset.filter(created_at__lte=moment) if moment else queryset


def moment_of(text: str) -> datetime.datetime | None:
    """The moment that an address names, if a row can be of it."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and 2000 <= moment.year < 3000 and is_aware(moment) == settings.USE_TZ else None


def newest(request: HttpRequest, queryset: Any) -> Any:
    """The newest rows alone, for what no index finds; the list then leads on from where they end."""
    moments = queryset.order_by("-created_at").values_list("created_at", flat=True)
    edge = moments[LISTED : LISTED + 1].first()
    if edge is None:
        return queryset
    request.seedream_edge = edge  # type: ignore[attr-defined]
    return queryset.filter(created_at__gte=edge)


class PeopleFilter(admin.RelatedFieldListFilter):
    """Those who ordered: each is looked for by an index, where Django would go through all orders."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        ordering = self.field_admin_ordering(field, request, model_admin)
        theirs = Q(Exists(Generation.objects.filter(user=OuterRef("pk"))))
        return field.get_choices(include_blank=False, limit_choices_to=theirs, ordering=ordering)


class LongList(List):
    """A list of rows by ``created_at`` that says where it ended, and leads on from there."""

    paginator: Any = Newest
    search_help_text: ClassVar[Any] = gettext_lazy(
        "Words are looked for in the newest 10,000 of what is chosen beside."
    )

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if search_term.strip():
            queryset = newest(request, queryset)
        return super().get_search_results(request, queryset, search_term)  # type: ignore[misc, no-any-return]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response: Any = super().changelist_view(request, {"listed": LISTED, **(extra_context or {})})
        shown: dict[str, Any] = getattr(response, "context_data", None) or {}
        if "cl" in shown and (edge := self._edge(request, shown["cl"])):
            shown["older"] = shown["cl"].get_query_string({"before": edge.isoformat()}, [PAGE_VAR])
        return response  # type: ignore[no-any-return]

    def _edge(self, request: HttpRequest, changelist: Any) -> datetime.datetime | None:
        """The moment that this list, or this search, did not go beyond; None where there is no more."""
        edge: datetime.datetime | None = getattr(request, "seedream_edge", None)
        if edge:
            return edge
        is_last = changelist.page_num == changelist.paginator.num_pages
        if changelist.result_count < LISTED or not is_last or ORDER_VAR in changelist.params:
            return None
        return min((row.created_at for row in changelist.result_list), default=None)
