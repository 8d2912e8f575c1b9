"""What the library's pictures are chosen by."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy

from .. import collecting, library, parameters
from ..models import Generation, ImageState, Review, State, Tag, midnight, today

#: Dollars at which the pictures are divided by what they cost.
CHEAP = Decimal("0.05")


class Filter(admin.SimpleListFilter):
    """One of the library's: it says what is wanted, and the list looks for it."""

    #: The choices by value: what each is called, and what it looks for.
    choices_of: dict[str, tuple[Any, Callable[[], library.Wanted]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, label) for value, (label, _wanted) in self.choices_of.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset

    def wanted(self) -> library.Wanted | None:
        """What is looked for; None where nothing is chosen."""
        choice = self.choices_of.get(self.value() or "")
        return choice[1]() if choice else None


class StateFilter(Filter):
    title, parameter_name = gettext_lazy("state"), "state"
    choices_of = {
        "stored": (ImageState.STORED.label, lambda: library.in_state(ImageState.STORED)),
        "received": (ImageState.RECEIVED.label, lambda: library.in_state(ImageState.RECEIVED)),
        "failed": (ImageState.FAILED.label, lambda: library.in_state(ImageState.FAILED)),
        "imported": (State.IMPORTED.label, library.imported),
        "hidden": (gettext_lazy("cancelled, hidden"), library.hidden),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What is hidden is offered to those who see it."""
        user: Any = request.user
        sees = user.has_perm("seedream_django.see_others_prompts")
        return [each for each in super().lookups(request, model_admin) if sees or each[0] != "hidden"]


class ReviewFilter(Filter):
    """What was decided about candidates and flagged ones; always offered: to ask whether anything was is a query."""

    title, parameter_name = gettext_lazy("review"), "review"
    choices_of = {
        "waiting": (Review.WAITING.label, lambda: library.decided(Review.WAITING)),
        "approved": (Review.APPROVED.label, lambda: library.decided(Review.APPROVED)),
        "rejected": (Review.REJECTED.label, lambda: library.decided(Review.REJECTED)),
    }


class ShapeFilter(Filter):
    title, parameter_name = gettext_lazy("shape"), "shape"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(shape, shape) for shape in parameters.DIMENSIONS]

    def wanted(self) -> library.Wanted | None:
        shape = self.value()
        return library.of_shape(shape) if shape in parameters.DIMENSIONS else None


class UsedFilter(Filter):
    """Where they stand: on some page, in a kind of object, nowhere."""

    title, parameter_name = gettext_lazy("use"), "used"
    choices_of = {
        "yes": (gettext_lazy("somewhere"), library.used),
        "no": (gettext_lazy("nowhere"), lambda: library.used(False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        kinds = [
            (kind._meta.label_lower, kind._meta.verbose_name_plural) for kind in library.kinds_of_places()
        ]
        return [*super().lookups(request, model_admin), *kinds] if kinds else []

    def wanted(self) -> library.Wanted | None:
        by_label = {kind._meta.label_lower: kind for kind in library.kinds_of_places()}
        kind = by_label.get(self.value() or "")
        return library.used(kind=kind) if kind else super().wanted()


class CostFilter(Filter):
    title, parameter_name = gettext_lazy("cost"), "cost"
    choices_of = {
        "none": (gettext_lazy("nothing"), lambda: library.costing(most=Decimal(0))),
        "less": (gettext_lazy("up to $0.05"), lambda: library.costing(Decimal(0), CHEAP)),
        "more": (gettext_lazy("more than $0.05"), lambda: library.costing(CHEAP)),
    }


class WordsFilter(Filter):
    """Whether it is said what a picture shows."""

    title, parameter_name = gettext_lazy("alternative text"), "words"
    choices_of = {
        "none": (gettext_lazy("without alternative text"), library.undescribed),
        "decorative": (gettext_lazy("only decorates"), library.decorative),
    }


class PersonFilter(Filter):
    """Those who ordered: each is looked for by an index, and no order is read for it."""

    title, parameter_name = gettext_lazy("person"), "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        people: Any = get_user_model()._default_manager
        theirs = Exists(Generation.objects.filter(user=OuterRef("pk")))
        found = people.filter(theirs).order_by(get_user_model().USERNAME_FIELD)
        return [(str(person.pk), str(person)) for person in found]

    def wanted(self) -> library.Wanted | None:
        value = self.value()
        if value not in dict(self.lookup_choices):
            return None
        return library.ordered_by(get_user_model()._meta.pk.to_python(value))


class FavouriteFilter(Filter):
    """Those that whoever looks likes; nobody sees another's."""

    title, parameter_name = gettext_lazy("favourites"), "favourite"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", gettext_lazy("my favourites"))]

    def wanted(self) -> library.Wanted | None:
        return collecting.favourites_of(self.request.user) if self.value() == "mine" else None


class TagFilter(Filter):
    """One of the tags that are offered, or the one that the address has."""

    title, parameter_name = gettext_lazy("tag"), "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        found = {str(key): name for key, name in collecting.offered()}
        chosen = self.value() or ""
        if chosen not in found and re.fullmatch("[0-9]{1,18}", chosen):
            found |= {chosen: tag.name for tag in Tag.objects.filter(pk=chosen)}  # noqa: B035 – one at most
        return list(found.items())

    def wanted(self) -> library.Wanted | None:
        value = self.value()
        return collecting.tagged(int(value)) if value in dict(self.lookup_choices) else None


class WhenFilter(admin.SimpleListFilter):
    """When pictures were made, in the days and months of the site: the index of the newest begins and ends there."""

    title, parameter_name = gettext_lazy("when it was made"), "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", pgettext_lazy("filter", "today")),
            ("week", gettext_lazy("in the past 7 days")),
            ("month", gettext_lazy("this month")),
            ("last_month", gettext_lazy("last month")),
            ("year", gettext_lazy("this year")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        day = today()
        first = day.replace(day=1)
        spans = {
            "today": (day, None),
            "week": (day - datetime.timedelta(days=6), None),
            "month": (first, None),
            "last_month": ((first - datetime.timedelta(days=1)).replace(day=1), first),
            "year": (day.replace(month=1, day=1), None),
        }
        since, until = spans.get(self.value() or "", (None, None))
        if since:
            queryset = queryset.filter(created_at__gte=midnight(since))
        return queryset.filter(created_at__lt=midnight(until)) if until else queryset
