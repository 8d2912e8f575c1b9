"""The control that gives pictures to an order: what it shows of them, and what a browser sends of it.

Everything works by submit buttons alone: a form that is sent with one of them comes back with what was given, each
as a signed token for this person, and orders nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from . import library, origins, parameters, references
from .models import GeneratedImage, Reference, Role
from .offers import Offered
from .widgets import address_of

#: Pictures that an order is made from, at most.
MOST = int(parameters.BY_KEYWORD["references"].maximum or 1)
#: Characters of a line that is told of in an error, and of the words that are searched for.
QUOTED = 60
#: What the buttons say that look for earlier pictures and for the site's own.
SEEK, FIND = "seek", "find"


@dataclass(frozen=True)
class Given:
    """What the controls held: the tokens and roles of what was there, and what was given besides."""

    tokens: Sequence[str] = ()
    roles: Sequence[str] = ()
    files: Sequence[Any] = ()
    picked: Sequence[str] = ()
    addresses: str = ""
    does: str = ""
    #: Of earlier pictures: the words that are written there, those that were searched for, and the page of them.
    seek: str = ""
    sought: str = ""
    page: str = ""
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
        parts = ("do", "page", "seek", "sought", "where", "words", "searched")
        does, page, seek, sought, where, words, searched = (
            str(data.get(f"{name}-{part}") or "") for part in parts
        )
        if data.get("enter") and not does:
            # Enter, where one searches: a browser takes it for the form's first button, which costs money.
            searches = ((SEEK, seek, sought), (FIND, f"{where} {words}", searched))
            does = next((way for way, now, before in searches if now.strip() != before.strip()), "")
        if does == SEEK:
            sought, page = seek, ""
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
            seek=seek[:QUOTED],
            sought=sought[:QUOTED].strip(),
            page=does if does.startswith(("newer-", "older-")) else page,
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
        page, chosen = self._page(sent), {row.image_id for row in read.rows}
        context["widget"] |= {
            "rows": [(each, references.token_of(each.row, self.user)) for each in shown],
            "roles": [(value, capfirst(str(label))) for value, label in Role.choices],
            "offered": [image for image in page.images if image.pk not in chosen],
            "earlier": page,
            "looked_through": library.LOOKED_THROUGH if page.looked_through else 0,
            "seek": sent.seek,
            "sought": sent.sought,
            "page": sent.page,
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
        self.news = self._told(sent, read, shown, context["widget"])
        return context

    def _told(self, sent: Given, read: Read, shown: Sequence[Any], widget: dict[str, Any]) -> str:
        """What became of the button that was pressed; blank where none was."""
        if not sent.does:
            return ""
        if read.moved:
            return _("{name} is number {number} now.").format(
                name=shown[read.moved - 1].name, number=read.moved
            )
        if sent.does in (SEEK, FIND):
            found = widget["found"].pictures if widget["found"] else []
            count = len(widget["earlier"].images if sent.does == SEEK else found)
            return _("Pictures that were found: {count}").format(count=count)
        return _("Pictures that it is made from: {count}").format(count=len(shown))

    def _page(self, sent: Given) -> library.Page:
        offers = Offered(self.user)
        if not (sent.page or sent.sought):
            return library.Page(offers.images(), offers.older)
        way, _dash, place = sent.page.partition("-")
        return offers.find(sent.sought, **({way: place} if way in ("newer", "older") else {}))


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
        return replace(given, addresses="", does="", role=role, **more)

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
            return self.present.preview_url, references.token_of(references.of_image(self.present), self.user)
        return address_of(self.present), references.token_of(self.present, self.user)

    def _page(self, sent: Given) -> library.Page:
        images = [] if self.user is None else self.offers.images()
        return library.Page([image for image in images if image != self.present])


def _list(data: Any, name: str) -> list[Any]:
    return list(data.getlist(name)) if hasattr(data, "getlist") else list(data.get(name) or ())
