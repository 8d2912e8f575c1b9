"""The field of what an order is made from: it reads what its control sent.

What is given is kept at once, so that no refusal loses it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, NoReturn

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.fields.files import FieldFile
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import parameters, pictures, references
from .exceptions import InvalidOrder
from .models import GeneratedImage, Reference, Role
from .offers import OFFERED, is_key
from .reference_widgets import MOST, QUOTED, Given, Read, ReferencesInput

logger = logging.getLogger(__name__)

SQUARE = parameters.DIMENSIONS["1:1"]["2K"]


class ReferencesField(forms.Field):
    """Cleans to a list of unsaved References. ``for_user(user)`` says who gives them; nobody else's are taken."""

    widget = ReferencesInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Made from"))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        self.user: Any = None

    def for_user(self, user: Any) -> None:
        self.user = self.widget.user = user

    def prepare_value(self, value: Any) -> Any:
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data.tokens or data.files or data.picked or data.addresses.strip())

    def clean(self, value: Given) -> list[Reference]:
        read = self.widget.read = Read()
        if self.user is None:
            return []
        _read_present(value, self.user, read)
        _read_tokens(value, self.user, read)
        read.moved = _arrange(read.rows, value.does)
        read.had = len(read.rows)
        for ways in (_files, _picked, _found, _lines):
            for source in ways(value, self.user):
                source.take(read)
        if read.problems:
            raise ValidationError(read.problems, code="references")
        return read.rows


# -- What was there ------------------------------------------------------------------------------------------


def _read_present(given: Given, user: Any, read: Read) -> None:
    """What the field of a panel has now, first of all, where it is used."""
    if not (given.use and given.present):
        return
    source = references.from_token(given.present, user)
    role = given.use if given.use in Role.values else Role.GUIDE
    try:
        rows = references.read([(source, role)], user=user) if source is not None else []
    except InvalidOrder as error:
        read.problems += [text for texts in error.errors.values() for text in texts]
        return
    if not rows:
        read.problems.append(_("The present picture cannot be used any more. Open this page anew."))
    for row in rows:
        row.__dict__["is_present"] = True
        read.rows.append(row)


def _read_tokens(given: Given, user: Any, read: Read) -> None:
    rows = references.from_tokens(given.tokens[:MOST], user)
    if None in rows:
        read.problems.append(
            _("One of the pictures was given too long ago or by somebody else. Give it again.")
        )
    # One that was sent without a role keeps the role it had: it must not go missing from what is paid.
    for row, role in zip_longest(rows, given.roles[: len(rows)]):
        if row is not None:
            row.role = row.role if role is None else role if role in Role.values else Role.GUIDE
            read.rows.append(row)


def _arrange(rows: list[Reference], does: str) -> int:
    """``up-2``, ``down-2`` and ``remove-2`` are about the second; anything else changes nothing.

    The number that a moved one has now, or 0.
    """
    match = re.fullmatch(r"(up|down|remove)-(\d{1,2})", does)
    place = int(match[2]) - 1 if match else -1
    if not match or not 0 <= place < len(rows):
        return 0
    row = rows.pop(place)
    if match[1] != "remove":
        rows.insert(max(0, place - 1) if match[1] == "up" else place + 1, row)
    return next((number for number, each in enumerate(rows, 1) if each is row), 0)


# -- What was given ------------------------------------------------------------------------------------------


@dataclass
class _Source:
    """One picture that somebody gives: its name in an error, and how it is read."""

    name: str
    read: Callable[[], Reference]
    line: str = ""

    def take(self, into: Read) -> None:
        try:
            into.rows.append(self.refuse() if len(into.rows) >= MOST else self.read())
        except InvalidOrder as error:
            into.problems += [text for texts in error.errors.values() for text in texts]
            if self.line:
                into.lines.append(self.line)

    def refuse(self) -> NoReturn:
        words = {"name": self.name, "most": MOST}
        text = _("“%(name)s” was not taken: an order is made from %(most)s pictures at most.") % words
        raise InvalidOrder({"references": [text]})


def _files(given: Given, user: Any) -> list[_Source]:
    def kept(file: Any) -> Reference:
        (row,) = references.read([(references.keep(file, user=user), _role(given))], user=user)
        # The same bytes may have been given before under another name.
        row.label = str(file.name)[:200] or row.label
        return row

    return [_Source(str(file.name), lambda file=file: kept(file)) for file in given.files]  # type: ignore[misc]


def _picked(given: Given, user: Any) -> list[_Source]:
    """The newest first, as they were offered; in one query, as nobody may use a picture that is not theirs."""
    wanted = [pk for pk in given.picked if is_key(pk)][: OFFERED * 2]
    images = GeneratedImage.objects.choosable_by(user).in_bulk(wanted) if wanted else {}
    found = [images[int(pk)] for pk in wanted if int(pk) in images]
    sources = [_Source(str(image), partial(references.of_image, image, _role(given))) for image in found]
    return sources if len(found) == len(wanted) else [*sources, _Source("", _gone)]


def _found(given: Given, user: Any) -> list[_Source]:
    """Those of the site's own models: what was shown to this person, as it is now."""

    def kept(token: str) -> Reference:
        file = references.from_token(token, user)
        if not isinstance(file, FieldFile):
            _gone()
        (row,) = references.read([(file, _role(given))], user=user)
        return row

    return [_Source("", lambda token=token: kept(token)) for token in given.found[: OFFERED * 2]]  # type: ignore[misc]


def _role(given: Given) -> str:
    return given.role if given.role in Role.values else Role.GUIDE


def _gone() -> NoReturn:
    """One that was ticked and can no longer be used must not go missing from what is paid."""
    text = _("this picture cannot be used: it is not finished, or it is not yours.")
    raise InvalidOrder({"references": [capfirst(text)]})


def image_to_edit(pk: str, user: Any) -> tuple[Reference, tuple[int, int]] | None:
    """A picture of ours to change, and its sides in pixels; None for one that this person may not use."""
    image = GeneratedImage.objects.choosable_by(user).filter(pk=pk).first() if is_key(pk) else None
    return None if image is None else (references.of_image(image, Role.EDIT), (image.width, image.height))


def file_to_edit(token: str, user: Any) -> tuple[Reference, tuple[int, int]] | None:
    """The present file of a field, by ``references.token_of``, to change, and its sides in pixels."""
    source = references.from_token(token, user)
    if source is None:
        return None
    try:
        (row,) = references.read([(source, Role.EDIT)], user=user)
        sides = _sides(source) if isinstance(source, FieldFile) else SQUARE
    except Exception as error:
        # Every storage has errors of its own, and their texts may carry signed addresses.
        logger.warning("A picture to edit could not be read (%s).", type(error).__name__)
        return None
    return row, sides


def _sides(file: FieldFile) -> tuple[int, int]:
    """By the header of a file on this machine. A page waits for no other; the worker looks at it before it costs."""
    try:
        path = Path(file.path)
    except NotImplementedError:
        return SQUARE
    facts = pictures.glance(path)
    return facts.width, facts.height


def _lines(given: Given, user: Any) -> list[_Source]:
    lines = [line.strip() for line in given.addresses.splitlines() if line.strip()]
    found = [_Source(_quoted(line), lambda line=line: _of_line(line, user), line) for line in lines[:MOST]]  # type: ignore[misc]
    if rest := lines[MOST:]:
        # Nobody looks at each of a hundred thousand; they stay where they were written.
        found.append(_Source(_quoted(rest[0]), lambda: found[-1].refuse(), "\n".join(rest)))
    return found


def _of_line(line: str, user: Any) -> Reference:
    try:
        (row,) = references.read([line], user=user)
        references.keep_all([row], user=user)
    except InvalidOrder as error:
        texts = [text for texts in error.errors.values() for text in texts]
        words = {"name": _quoted(line), "what": " ".join(texts)}
        raise InvalidOrder({"references": [_("“%(name)s”: %(what)s") % words]}) from None
    return row


def _quoted(line: str) -> str:
    line = re.split(r"[?#]", line, maxsplit=1)[0]
    return line if len(line) <= QUOTED else f"{line[: QUOTED - 1]}…"
