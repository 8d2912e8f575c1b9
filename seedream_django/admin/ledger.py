"""The ledger as CSV: read and written piece by piece, so that its size does not matter."""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from ..models import LedgerEntry, midnight

#: The columns, for programs as for people: their names are never translated.
COLUMNS = (
    "at", "kind", "reserved", "spent", "unconfirmed", "pictures", "who", "door", "for_what", "model", "object_id",
    "order", "picture", "decided_by", "note",
)  # fmt: skip
#: Entries that are read at once.
PIECE = 1000
#: A cell that begins with one of these is a formula to a spreadsheet.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
#: The same in the middle of a cell: where the system's list separator is not the comma, a spreadsheet splits there,
#: and what we put in quotation marks is to it no cell that is quoted.
SPLITS = re.compile('([;|\t\r\n]["\\s]*)(?=[=+\\-@＝＋－＠])')  # noqa: RUF001
#: Without it Excel takes the file for another encoding than UTF-8.
MARK = "\ufeff"


def between(entries: Any, since: datetime.date, until: datetime.date) -> Any:
    """Those from the beginning of one day to the end of another, where the project is."""
    return entries.filter(at__gte=midnight(since), at__lt=midnight(until + datetime.timedelta(days=1)))


def written(entries: Any, *, prompts: bool) -> Iterator[str]:
    """The lines, oldest first; the prompts for those who may see them."""
    writer = csv.writer(_Echo())
    yield MARK + writer.writerow([*COLUMNS, *(["prompt"] if prompts else [])])
    for piece in _pieces(entries.select_related("by")):
        yield "".join(writer.writerow(_cells(entry, prompts)) for entry in piece)


def _pieces(entries: Any) -> Iterator[list[LedgerEntry]]:
    """By where the last piece ended: not every database hands out a long answer in parts."""
    ordered = entries.order_by("at", "pk")
    piece = list(ordered[:PIECE])
    while piece:
        yield piece
        last = piece[-1]
        later = Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk)
        piece = list(ordered.filter(later, at__gte=last.at)[:PIECE])


def _cells(entry: LedgerEntry, prompts: bool) -> list[str]:
    numbers = [plain(amount) for amount in (entry.reserved, entry.spent, entry.unconfirmed)]
    words = [
        entry.who, entry.door, entry.label, entry.model, entry.object_id, str(entry.generation_id),
        str(entry.image_uuid or ""), entry.by.get_username() if entry.by else "", entry.note,
    ]  # fmt: skip
    texts = [safe(word) for word in (*words, *([entry.prompt] if prompts else []))]
    return [_moment(entry.at), entry.kind, *numbers, str(entry.pictures), *texts]


def plain(amount: Decimal) -> str:
    """``0.035``: a point, no zeros that say nothing, no exponent."""
    return f"{amount.normalize():f}" if amount else "0"


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = SPLITS.sub(r"\1'", text)
    return f"'{text}" if text.lstrip(' "').startswith(FORMULAS) else text


def _moment(moment: datetime.datetime) -> str:
    if settings.USE_TZ:
        moment = timezone.localtime(moment, timezone.get_default_timezone())
    return moment.isoformat(timespec="seconds")


class _Echo:
    """What csv writes to: it hands the line back."""

    def write(self, line: str) -> str:
        return line
