"""Finding pictures again: what is looked for, and pages that begin where the last one ended.

What is common is among the newest, which are looked through, ``LOOKED_THROUGH`` of them for a page, on from where the
page before ended; what is rare is found by its index. So a page costs the same, however many pictures there are.
"""

from __future__ import annotations

import datetime
import re
import string
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db import connections, router
from django.db.models import (
    BooleanField,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils.text import smart_split, unescape_string_literal

from . import parameters
from .models import (
    UNDESCRIBED,
    GeneratedImage,
    GeneratedImageQuerySet,
    Generation,
    ImageState,
    State,
    Tagging,
    in_one_of,
    keys_in,
    midnight,
    place_fields,
)
from .paging import BACKWARDS, ORDER, Place

#: Pictures that are looked through for one page, as far as they do not fill it.
LOOKED_THROUGH = 3_000
#: Pictures that an index finds at most; and orders of one person, whose may all be old.
RARE, THEIRS = 1_000, 5_000
#: Words that are looked for in an index, and letters of each.
WORDS, LETTERS = 8, 200
#: Days before and after all pictures.
_EVER = (datetime.date(1900, 1, 1), datetime.date(3000, 1, 1))


@dataclass(frozen=True)
class Wanted:
    """One thing that pictures are looked for by.

    ``fits``: the condition that a picture fits. ``index``: where an index finds all of them, and perhaps others, their
    numbers (a QuerySet of ``pk``, not ordered), which is asked for ``RARE`` of them. ``orders``: what those are of,
    where these are counted in their place (up to ``THEIRS``) and no number is fetched. ``few``: whether there are
    seldom many, so that it is asked before others are looked through.
    """

    fits: Q
    index: Any = None
    orders: Any = None
    few: bool = False

    def rare(self) -> Any:
        """The numbers of all that may fit, or a QuerySet of them, if an index finds them and they are few."""
        if self.index is None:
            return None
        if self.orders is not None:
            return None if self.orders[THEIRS : THEIRS + 1].exists() else self.index
        keys = list(self.index[: RARE + 1])
        return keys if len(keys) <= RARE else None


@dataclass(frozen=True)
class Page:
    """Pictures, the newest first, and how to ask for those beside them: blank where there are none.

    ``looked_through``: whether it ends where as many were looked through as are for a page, and not with the last.
    """

    images: list[GeneratedImage] = field(default_factory=list)
    older: str = ""
    newer: str = ""
    looked_through: bool = False


def page(
    rows: GeneratedImageQuerySet,
    wanted: Iterable[Wanted] = (),
    *,
    older: str = "",
    newer: str = "",
    size: int = 48,
    among: Any = None,
) -> Page:
    """The pictures among ``rows`` that fit, ``size`` at most: the newest, or those older or newer than a page's end.

    ``older``, ``newer``: what a page says of itself. Text that no page says begins with the newest. ``among``: those
    that are looked through where ``rows`` are already narrowed by what no index finds; else ``rows``.
    """
    start = Place.read(newer or older)
    look = _Look(rows, rows if among is None else among, list(wanted), start, bool(newer and start))
    found, edge = look.found(size)
    more, found = len(found) > size, found[:size]
    # Where the page in this direction begins: behind what is shown, or behind what was looked through.
    onward = str(Place.of(found[-1])) if more else str(edge) if edge else ""
    if look.back:
        found.reverse()
    return Page(found, *_ends(found, start, onward, look.back), looked_through=bool(edge) and not more)


@dataclass(frozen=True)
class _Look:
    """A look through pictures for those that fit, from a place on to the older ones or ``back``."""

    rows: GeneratedImageQuerySet
    among: Any
    wanted: list[Wanted]
    start: Place | None
    back: bool

    def found(self, size: int) -> tuple[list[GeneratedImage], Place | None]:
        """Those that fit, one more than a page, and where looking through them ended; None where nothing ended it."""
        fitting = self._from_here(self.rows).filter(*(each.fits for each in self.wanted))
        if not self.wanted:
            return list(fitting[: size + 1]), None
        if (keys := self._rare(few=True)) is not None:
            return list(fitting.filter(pk__in=keys)[: size + 1]), None
        found = list(fitting.filter(self._bound())[: size + 1])
        if len(found) > size:
            return found, None
        if (keys := self._rare(few=False)) is not None:
            return list(fitting.filter(pk__in=keys)[: size + 1]), None
        edge = self._edge()
        # Others of the last one's moment are left to the next page.
        inside = [each for each in found if not edge or not Place.of(each).is_behind(edge, self.back)]
        return inside, edge

    def _from_here(self, rows: Any) -> Any:
        if self.start:
            rows = rows.filter(self.start.newer() if self.back else self.start.older())
        return rows.order_by(*(BACKWARDS if self.back else ORDER))

    def _bound(self) -> Q:
        """Among as many as are looked through, or of the last one's moment."""
        if connections[self.rows.db].vendor == "postgresql":
            # For a moment that it does not know yet it reckons with a third of the table, and would read all of it.
            return Q(pk__in=self._from_here(self.among).values("pk")[:LOOKED_THROUGH])
        moments = self._from_here(self.among).values("created_at")[LOOKED_THROUGH - 1 : LOOKED_THROUGH]
        last = Coalesce(Subquery(moments), Value(midnight(_EVER[self.back])), output_field=DateTimeField())
        return Q(**{"created_at__lte" if self.back else "created_at__gte": last})

    def _rare(self, *, few: bool) -> Any:
        """What an index finds of one of the conditions that are or are not seldom many, if that is rare."""
        asked = (each.rare() for each in self.wanted if each.few == few)
        return next((keys for keys in asked if keys is not None), None)

    def _edge(self) -> Place | None:
        """The last one that is looked through; None where there are no more than that."""
        keys = self._from_here(self.among).values_list("created_at", "position", "pk")
        places = [Place(*values) for values in keys[LOOKED_THROUGH - 1 : LOOKED_THROUGH + 1]]
        return places[0] if len(places) > 1 else None


def _ends(found: Sequence[GeneratedImage], start: Place | None, onward: str, back: bool) -> tuple[str, str]:
    """How to ask for the older and the newer ones."""
    if start is None:
        return onward, ""
    # Where nothing is shown, from the place that was begun at, and with it.
    if back:
        return (str(Place.of(found[-1])) if found else str(start._replace(pk=start.pk - 1))), onward
    return onward, (str(Place.of(found[0])) if found else str(start._replace(pk=start.pk + 1)))


# -- What they are looked for by -----------------------------------------------------------------------------


def words(text: str, using: str = "") -> list[Wanted]:
    """Pictures with each of these words in prompt, title, text or a tag; of “two words” with both in a row.

    A number of a picture or of an order finds it. PostgreSQL finds words from their beginning, and rare ones by an
    index; the others find them in the middle of words, too.
    """
    using = using or router.db_for_read(GeneratedImage)
    found = [_word(each[:LETTERS], using) for each in _split(text)]
    # Each index that is asked costs something: the longest words are the rarest.
    found.sort(key=lambda pair: -pair[0])
    return [wanted if place < WORDS else Wanted(wanted.fits) for place, (_size, wanted) in enumerate(found)]


def _split(text: str) -> list[str]:
    # What no database takes, and nothing has in it.
    text = "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cs") or each.isspace())
    found = []
    for each in smart_split(text):
        quoted = len(each) > 1 and each[0] == each[-1] and each[0] in "\"'"
        found.append(unescape_string_literal(each) if quoted else each)
    return list(dict.fromkeys(each for each in found if each.strip()))


def _word(word: str, using: str) -> tuple[int, Wanted]:
    """How long what an index is asked for is, and what is wanted."""
    if number := number_of(word):
        return len(word), _found(Q(image_uuid=number) | Q(generation_id=number), using)
    if connections[using].vendor != "postgresql":
        return len(word), Wanted(_has(word, "icontains"))
    begins = _is_spaced(word) and word[0].isalnum()
    fits = _has(rf"\m{re.escape(word)}", "iregex") if begins else _has(word, "icontains")
    run = max(re.findall(r"[^\W_]+", word), key=len, default="")
    plain = all(each.isalnum() or each.isspace() or each in string.punctuation for each in word)
    return len(run), Wanted(fits, _by_text(word, run, using) if run and plain and _is_spaced(word) else None)


def number_of(word: str) -> uuid.UUID | None:
    """The UUID that somebody looks for, or None for another word."""
    try:
        return uuid.UUID(word)
    except ValueError:
        return None


def _has(word: str, lookup: str) -> Q:
    texts = ("generation__prompt", "title", "alt")
    tagged = Tagging.objects.filter(image=OuterRef("pk"), **{f"tag__name__{lookup}": word})
    return reduce(or_, (Q(**{f"{text}__{lookup}": word}) for text in texts)) | Q(Exists(tagged))


#: Scripts without spaces between words, beside the wide ones: Thai to Tibetan, Burmese, Khmer.
_UNSPACED = (("\u0e00", "\u0fff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"))


def _is_spaced(word: str) -> bool:
    """Whether PostgreSQL knows the words of its script; in others a sentence is one."""
    return not any(
        unicodedata.east_asian_width(each) in "WFH" or any(first <= each <= last for first, last in _UNSPACED)
        for each in word
    )


class _Told(Func):
    """Both texts of a picture, in the words of migration 0009's index."""

    template, arg_joiner = "%(expressions)s", " || ' ' || "


class _Words(Func):
    """The words of a text, in those of migration 0009's indexes: PostgreSQL takes “a/b” and “a.b” for one word."""

    template = "to_tsvector('simple', translate(%(expressions)s, './@:_-~?=&+<>;#', '               '))"


class _Begins(Func):
    """That one of these words begins like this."""

    template, arg_joiner = "(%(expressions)s))", " @@ to_tsquery('simple', "
    output_field = BooleanField()


def _by_text(word: str, run: str, using: str) -> Any:
    query = Value(f"'{run}':*", output_field=TextField())
    images = GeneratedImage.objects.using(using).order_by().values_list("pk", flat=True)
    told = images.filter(_Begins(_Words(_Told(F("title"), F("alt"))), query))
    # Of more orders than these there are more pictures than are rare: nobody need go through them.
    pictured = Exists(GeneratedImage.objects.using(using).filter(generation=OuterRef("pk")))
    orders = Generation.objects.using(using).filter(pictured, _Begins(_Words(F("prompt")), query)).order_by()
    # Of tags there are few; here it is no matter where in one the word stands.
    tagged = (
        Tagging.objects.using(using)
        .filter(tag__name__icontains=word)
        .order_by()
        .values_list("image_id", flat=True)
    )
    # Not a plain union, which would read all of it before it gives the first.
    return told.union(
        images.filter(generation__in=orders.values("pk")[: RARE + 1]), tagged, all=True
    ).order_by()


def ordered_by(user: Any, using: str = "") -> Wanted:
    """Pictures of this person's orders, whose key is enough; with None those that nobody ordered."""
    theirs = Q(generation__user=user)
    if user is None:
        return _found(theirs, using)
    orders = Generation.objects.using(using) if using else Generation.objects.all()
    return replace(
        _found(theirs, using),
        fits=_is("generation__user", getattr(user, "pk", user)),
        orders=orders.filter(user=user).order_by().values("pk"),
    )


def in_state(state: str, using: str = "") -> Wanted:
    """Pictures in this state of theirs. Of those that are saved there are enough among the newest."""
    rare = _found(Q(state=state), using)
    return Wanted(_is("state", state), None if state == ImageState.STORED else rare.index)


def decided(review: str, using: str = "") -> Wanted:
    """Pictures about which this was decided, candidates and flagged ones, that are there to be looked at."""
    # Not “state = stored”: SQLite without statistics would go through the index of all that is stored.
    unfinished = (ImageState.RECEIVED, ImageState.FAILED)
    return _found(Q(review=review) & ~Q(state__in=unfinished), using)


def undescribed() -> Wanted:
    """Finished pictures of which nobody said what they show, nor that they only decorate."""
    return Wanted(UNDESCRIBED & _is("state", ImageState.STORED))


def decorative() -> Wanted:
    """Pictures that say nothing that the text beside them does not say."""
    return Wanted(Q(decorative=True))


def hidden() -> Wanted:
    """Pictures of orders that were cancelled after they were sent: paid, and not shown."""
    return Wanted(Q(generation__hidden=True))


def imported(using: str = "") -> Wanted:
    """Pictures that were made elsewhere and brought along."""
    found = _found(Q(generation__state=State.IMPORTED), using)
    return Wanted(_is("generation__state", State.IMPORTED), found.index)


def of_shape(shape: str) -> Wanted:
    """Pictures of this shape, such as ``16:9``. Raises KeyError for one that is not listed."""
    pairs = parameters.DIMENSIONS[shape].values()
    return Wanted(reduce(or_, (Q(width=width, height=height) for width, height in pairs)))


def costing(least: Decimal | None = None, most: Decimal | None = None) -> Wanted:
    """Pictures that were billed with so many dollars: more than ``least``, and ``most`` at most."""
    bounds = {"cost__gt": least, "cost__lte": most}
    return Wanted(Q(**{name: value for name, value in bounds.items() if value is not None}))


def used(somewhere: bool = True, kind: Any = None, using: str = "") -> Wanted:
    """Pictures that stand in some place, in one of this ``kind`` (a model), or in none."""
    using = using or router.db_for_read(GeneratedImage)
    fields = [each for each in place_fields(GeneratedImage, using) if kind is None or each.model is kind]
    place = in_one_of(fields)
    return Wanted(place, keys_in(fields, using)) if somewhere else Wanted(~place)


def kinds_of_places(using: str = "") -> list[Any]:
    """The models of other apps that have a place for a picture."""
    fields = place_fields(GeneratedImage, using or router.db_for_read(GeneratedImage))
    return list(dict.fromkeys(each.model for each in fields))


def _is(column: str, value: Any) -> Q:
    """That a column has this value, said so that no index is used: SQLite would gather and sort all that have it."""
    return Q(Exact(Coalesce(F(column), F(column)), value))


def _found(fits: Q, using: str) -> Wanted:
    rows = GeneratedImage.objects.using(using) if using else GeneratedImage.objects.all()
    return Wanted(fits, rows.filter(fits).order_by().values_list("pk", flat=True))
