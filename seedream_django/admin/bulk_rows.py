"""The objects of a run as its page lists them: how each stands, and its picture as this person may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from .. import bulk, plans, troubles
from ..models import BulkItem, BulkRun, GeneratedImage, ItemState, LedgerEntry, Review
from ..models.images import DECIDED_ABOUT
from ..people import may_review
from .shown import preview

#: How an object stands that has a picture somebody decides about, beside the states of its row.
HELD = {"review": Review.WAITING, "approved": Review.APPROVED, "rejected": Review.REJECTED}
#: All that there are, in the order in which they are counted, with their words.
STANDS: dict[str, Any] = {
    **{str(state): state.label for state in (ItemState.WAITING, ItemState.ORDERED, ItemState.FILLED)},
    **{key: decision.label for key, decision in HELD.items()},
    **{str(state): state.label for state in (ItemState.SKIPPED, ItemState.FAILED)},
}
#: What is only said of an object that something was ordered for.
ORDERED = (bulk.HELD_BACK, bulk.CANDIDATE, bulk.CANCELLED)


def label_of(stands: str, run: BulkRun) -> Any:
    """How an object stands, in words. Of a run that is over nothing waits any more."""
    return _("not ordered") if run.is_final and stands == ItemState.WAITING else STANDS[stands]


def standing(items: QuerySet[BulkItem]) -> QuerySet[Any]:
    """Each with ``stands``: its state, or what became of the picture that is not in place yet."""
    pictures = GeneratedImage.objects.stored().filter(
        DECIDED_ABOUT, generation=OuterRef("generation"), generation__hidden=False
    )
    # Blank is one that was flagged before there were decisions.
    waits = When(review__in=(Review.WAITING, Review.NONE), then=Value("review"))
    decision = pictures.order_by("position", "pk").values(stand=Case(waits, default=F("review")))[:1]
    given_up = Q(state=ItemState.SKIPPED, generation__isnull=False, slot__settled_at__isnull=True)
    stands = When(given_up, then=Coalesce(Subquery(decision), F("state")))
    return items.annotate(stands=Case(stands, default=F("state")))


def narrowed(items: QuerySet[BulkItem], stands: str) -> QuerySet[Any]:
    """Those that stand so; blank for all."""
    found = standing(items)
    # By the row's state as well, of which there is an index.
    state = ItemState.SKIPPED if stands in HELD else stands
    return found.filter(state=state, stands=stands) if stands else found


def count(run: BulkRun) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """How many objects stand how, and how many of them nothing was ordered for, by the reason."""
    counts = dict.fromkeys(STANDS, 0)
    for stands, number in standing(run.items.all()).values_list("stands").annotate(Count("pk")).order_by():
        counts[stands] = number
    left_out = run.items.filter(state=ItemState.SKIPPED, generation=None)
    reasons = left_out.values_list("note").annotate(count=Count("pk")).order_by("-count", "note")
    return counts, [(_(note) if note else "", number) for note, number in reasons[:20]]


def balance(run: BulkRun) -> dict[str, Decimal]:
    """What the ledger comes to for the orders of a run: an index finds their entries, however long the ledger is."""
    orders = run.items.filter(generation__isnull=False).values("generation")
    return LedgerEntry.objects.filter(generation_id__in=orders).balance()


def has_deleted(run: BulkRun) -> bool:
    """Whether an order of it was deleted, as far as its object still tells: the ledger alone knows what that cost."""
    gone = run.items.filter(generation=None)
    ended = Q(state__in=(ItemState.FILLED, ItemState.FAILED)) | Q(state=ItemState.SKIPPED, note__in=ORDERED)
    return gone.filter(ended).exists()


class Rows:
    """Puts the objects of a run into words for one person; however many they are, with as many queries."""

    def __init__(
        self, run: BulkRun, user: Any, model: Any, reverse: Callable[[str, Any], str], *, named: bool
    ) -> None:
        self.run, self.user, self.model, self.reverse, self.named = run, user, model, reverse, named
        # All its orders are of whoever began it.
        self.decides = may_review(user, run)

    def of(self, items: Iterable[Any], size: int) -> list[dict[str, Any]]:
        rows = list(items)
        keys = [item.object_id for item in rows]
        objects = plans.objects_of(self.run, keys) if self.named else {}
        held = self._held([item.generation_id for item in rows if item.stands in HELD])
        return [
            self._row(item, objects.get(item.object_id), held.get(item.generation_id), size) for item in rows
        ]

    def _held(self, generations: list[Any]) -> dict[Any, GeneratedImage]:
        """Pictures that are not in place yet, by their orders: those whose rows this person may see."""
        found = GeneratedImage.objects.visible_to(self.user).stored().filter(generation__in=generations)
        images = found.filter(DECIDED_ABOUT, generation__hidden=False).order_by("-position", "-pk")
        return {image.generation_id: image for image in images} if generations else {}

    def _row(self, item: Any, obj: Any, held: GeneratedImage | None, size: int) -> dict[str, Any]:
        placed = item.slot.image if item.slot is not None else None
        image = placed or held
        return {
            "item": item,
            "name": str(obj) if obj is not None else str(item),
            "link": self._link(item) if obj is not None else "",
            "state": label_of(item.stands, self.run),
            "why": _why(item, held),
            "image": preview(image, size) if image is not None else "",
            "prompt": str(item.generation) if item.generation is not None else "",
            "order": self._page("generation_change", item.generation_id),
            **self._of_held(item, held),
        }

    def _of_held(self, item: Any, held: GeneratedImage | None) -> dict[str, str]:
        """Where such a picture is looked at, as far as it is not blurred, and where it is decided about."""
        if held is None:
            return {}
        decides = self.decides and item.stands == "review"
        return {
            "look": "" if held.flagged else self._page("generatedimage_look", held.pk),
            "review": self._page("generatedimage_review", held.pk) if decides else "",
        }

    def _link(self, item: BulkItem) -> str:
        options: Any = self.model and self.model._meta
        return self.reverse(f"{options.app_label}_{options.model_name}_change", quote(item.object_id))

    def _page(self, name: str, key: Any) -> str:
        return "" if key is None else self.reverse(f"seedream_django_{name}", key)


def _why(item: Any, held: GeneratedImage | None) -> str:
    if item.stands in HELD:
        if item.stands == "rejected":
            return held.reason if held is not None else ""
        return _(bulk.HELD_BACK) if item.stands == "review" and item.note == bulk.HELD_BACK else ""
    if item.state == ItemState.FAILED and item.generation is not None and item.generation.error_kind:
        return troubles.reason(item.generation)
    # Approved in the end, it may have come too late for its field.
    late = item.slot.note if item.state == ItemState.SKIPPED and item.slot is not None else ""
    note = late or item.note
    return troubles.told(_(note)) if note else ""
