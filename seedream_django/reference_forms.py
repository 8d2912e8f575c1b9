"""The form's side of references: give pictures, order them, say what each is for, take them away.

Everything works by submit buttons alone: a form that is sent with one of them comes back with what was given, each
as a signed token for this person, and orders nothing. What is given is kept at once, so that no refusal loses it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, NoReturn

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.fields.files import FieldFile
from django.forms.widgets import Script
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import origins, parameters, pictures, references
from .exceptions import InvalidOrder
from .models import GeneratedImage, Reference, Role
from .offers import Offered, is_key
from .widgets import address_of

logger = logging.getLogger(__name__)

#: Earlier pictures that are offered at once, and how often older ones may be asked for.
PER_PAGE, PAGES = 12, 50
MOST = int(parameters.BY_KEYWORD["references"].maximum or 1)
SQUARE = parameters.DIMENSIONS["1:1"]["2K"]
#: Characters of a line that is told of in an error, and of the words that are searched for.
QUOTED = 60
#: What the button says that looks for the site's own pictures.
FIND = "find"


@dataclass(frozen=True)
class Given:
    """What the controls held: the tokens and roles of what was there, and what was given besides."""

    tokens: Sequence[str] = ()
    roles: Sequence[str] = ()
    files: Sequence[Any] = ()
    picked: Sequence[str] = ()
    addresses: str = ""
    does: str = ""
    page: int = 1
    #: Of the site's own pictures: where they are looked for, by which words, and which were ticked.
    where: str = ""
    words: str = ""
    found: Sequence[str] = ()
    #: Of a panel: the picture that its field has now and what it is for, or blank; and what the others are for.
    present: str = ""
    use: str = ""
    role: str = Role.GUIDE


@dataclass
class Read:
    """What became of it: rows that an order takes, what is wrong, and the lines that are still to be mended."""

    rows: list[Reference] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    #: How many of the rows were there before, and which of them was moved, by its new number.
    had: int = 0
    moved: int = 0


class ReferencesInput(forms.Widget):
    """What an order is made from, in order, each with a role; and three ways to give more."""

    template_name = "seedream_django/widgets/references.html"
    needs_multipart_form = True
    user: Any = None
    #: Finds pictures in the site's own models, for this person: ``choices``, and ``find(where, words)``.
    elsewhere: Any = None
    #: What is told of what it was sent for, once it is shown again.
    news = ""
    #: What the field made of what was sent; it knows what to show again.
    read: Read | None = None

    class Media:
        css = {"all": ["seedream_django/colours.css", "seedream_django/references.css"]}
        js = [Script("seedream_django/references.js", type="module")]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Given:
        page = str(data.get(f"{name}-page") or "1")
        does, words, where = (str(data.get(f"{name}-{part}") or "") for part in ("do", "words", "where"))
        if (
            data.get("enter")
            and f"{where} {words}".strip() != str(data.get(f"{name}-searched") or "").strip()
        ):
            # Enter, where one searches: a browser takes it for the form's first button, which costs money.
            does = does or FIND
        return Given(
            tokens=_list(data, f"{name}-item"),
            roles=_list(data, f"{name}-role"),
            files=_list(files, f"{name}-files"),
            picked=_list(data, f"{name}-pick"),
            addresses=str(data.get(f"{name}-addresses") or ""),
            does=does,
            where=where,
            words=words[:QUOTED],
            found=_list(data, f"{name}-found"),
            page=_page(does.removeprefix("page-") if does.startswith("page-") else page),
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str) -> str:
        # A group of controls, which its legend names.
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        sent = value if isinstance(value, Given) else Given()
        read = self.read or Read(rows=[] if isinstance(value, Given) else list(value or ()))
        shown = origins.shown(read.rows, self.user)
        offered, more = self._offered(sent.page, {row.image_id for row in read.rows})
        context["widget"] |= {
            "rows": [(each, references.token_of(each.row, self.user)) for each in shown],
            "roles": [(value, capfirst(str(label))) for value, label in Role.choices],
            "offered": offered,
            "page": sent.page,
            "newer": sent.page - 1,
            "older": sent.page + 1 if more else 0,
            "addresses": "\n".join(read.lines),
            "most": MOST,
            "full": len(read.rows) >= MOST,
            "moved": read.moved,
            "way": sent.does.partition("-")[0],
            "fresh": read.had + 1 if sent.does else 0,
            "where": sent.where,
            "words": sent.words,
            "found": self.elsewhere.find(sent.where, sent.words) if self.elsewhere and sent.where else None,
            "places": self.elsewhere.choices if self.elsewhere else [],
        }
        self.news = self._told(sent, read, shown, context["widget"]["found"])
        return context

    def _told(self, sent: Given, read: Read, shown: Sequence[Any], found: Any) -> str:
        """What became of the button that was pressed; blank where none was."""
        if not sent.does:
            return ""
        if read.moved:
            return _("{name} is number {number} now.").format(
                name=shown[read.moved - 1].name, number=read.moved
            )
        if sent.does == FIND:
            return _("Pictures that were found: {count}").format(count=len(found.pictures) if found else 0)
        return _("Pictures that it is made from: {count}").format(count=len(shown))

    def _offered(self, page: int, without: set[Any]) -> tuple[list[GeneratedImage], bool]:
        if self.user is None:
            return [], False
        first = (page - 1) * PER_PAGE
        rows = Offered(self.user).all().order_by("-created_at", "position")[first : first + PER_PAGE + 1]
        found = list(rows)
        return [image for image in found[:PER_PAGE] if image.pk not in without], len(found) > PER_PAGE


class PanelReferencesInput(ReferencesInput):
    """The same in small, inside a form of somebody else's, where no button may send that form."""

    template_name = "seedream_django/widgets/panel_references.html"
    offers = Offered()
    present: Any = None

    class Media:
        css = {"all": ["seedream_django/colours.css", "seedream_django/references.css"]}

    def furnish(self, offers: Offered, present: Any) -> None:
        self.offers, self.present = offers, present

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Given:
        given = super().value_from_datadict(data, files, name)
        role = str(data.get(f"{name}-as") or Role.GUIDE)
        more = {"present": str(data.get(f"{name}-present") or ""), "use": str(data.get(f"{name}-use") or "")}
        return replace(given, addresses="", does="", page=1, role=role, **more)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        sent = value if isinstance(value, Given) else Given()
        present, token = self._shown_present()
        kept = [pair for pair in context["widget"]["rows"] if not pair[0].row.__dict__.get("is_present")]
        context["widget"] |= {
            "present": present,
            "token": token,
            "use": sent.use,
            "as": sent.role,
            "rows": kept,
        }
        return context

    def _shown_present(self) -> tuple[str, str]:
        """The address of a small picture of what the field has, and what the form keeps of it; blank for nothing."""
        if not self.present or self.user is None:
            return "", ""
        if isinstance(self.present, GeneratedImage):
            if self.present.is_held_back or not self.offers.has(self.present):
                return "", ""
            return self.present.preview_url, references.token_of(of_image(self.present), self.user)
        return address_of(self.present), references.token_of(self.present, self.user)

    def _offered(self, page: int, without: set[Any]) -> tuple[list[GeneratedImage], bool]:
        images = [] if self.user is None else self.offers.images()
        return [image for image in images if image.pk not in without and image != self.present], False


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
    wanted = [pk for pk in given.picked if is_key(pk)][: PER_PAGE * 2]
    images = GeneratedImage.objects.choosable_by(user).in_bulk(wanted) if wanted else {}
    found = [images[int(pk)] for pk in wanted if int(pk) in images]
    sources = [_Source(str(image), lambda image=image: of_image(image, _role(given))) for image in found]  # type: ignore[misc]
    return sources if len(found) == len(wanted) else [*sources, _Source("", _gone)]


def _found(given: Given, user: Any) -> list[_Source]:
    """Those of the site's own models: what was shown to this person, as it is now."""

    def kept(token: str) -> Reference:
        file = references.from_token(token, user)
        if not isinstance(file, FieldFile):
            _gone()
        (row,) = references.read([(file, _role(given))], user=user)
        return row

    return [_Source("", lambda token=token: kept(token)) for token in given.found[: PER_PAGE * 2]]  # type: ignore[misc]


def _role(given: Given) -> str:
    return given.role if given.role in Role.values else Role.GUIDE


def _gone() -> NoReturn:
    """One that was ticked and can no longer be used must not go missing from what is paid."""
    text = _("this picture cannot be used: it is not finished, or it is not yours.")
    raise InvalidOrder({"references": [capfirst(text)]})


def of_image(image: GeneratedImage, role: str = Role.GUIDE) -> Reference:
    """A picture that this person may use, which was just asked for."""
    return Reference(image=image, label=str(image)[:200], sha256=image.sha256, role=role)


def image_to_edit(pk: str, user: Any) -> tuple[Reference, tuple[int, int]] | None:
    """A picture of ours to change, and its sides in pixels; None for one that this person may not use."""
    image = GeneratedImage.objects.choosable_by(user).filter(pk=pk).first() if is_key(pk) else None
    return None if image is None else (of_image(image, Role.EDIT), (image.width, image.height))


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


def _list(data: Any, name: str) -> list[Any]:
    return list(data.getlist(name)) if hasattr(data, "getlist") else list(data.get(name) or ())


def _page(text: str) -> int:
    return min(max(1, int(text)), PAGES) if is_key(text) else 1
