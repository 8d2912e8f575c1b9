"""A language that shows what is marked for translation: ``⟦Waiting; ⟧3⟦ orders are before yours.⟧``

Every text of ours and of Django's stands in brackets in it, piece by piece, so that what is filled in stands
outside. Letters outside brackets are then either data or a text that somebody forgot to mark.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import seedream_django

LANGUAGE = "xx"
PACKAGE = Path(seedream_django.__file__).parent

#: Letters that are the same in every language: UUIDs, paths of files, names of formats, what a script fills in.
NO_WORDS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|seedream/\S+"
    r"|\{\w+\}"
    r"|\b(?:JPG|JPEG|PNG|WEBP|UUID|URL|SHA|HTTP|2K|3K)\b"
)
#: What is filled in, and the tags inside a text.
_FILLED = re.compile(r"(<[^>]+>|%\(\w+\)[sdif]|%[sd%]|\{\w*\})")
_SPOKEN = {"alt", "title", "aria-label", "aria-description", "placeholder", "label", "summary"}


def install(settings: Any, folder: Path) -> None:
    """Make the language known to Django, for as long as the test runs."""
    path = folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(_compiled())
    settings.LANGUAGES = [(LANGUAGE, LANGUAGE), *settings.LANGUAGES]
    settings.LOCALE_PATHS = [folder / "locale"]


@functools.cache
def _compiled() -> bytes:
    catalogue, file = Catalog(charset="utf-8"), io.BytesIO()
    for context, text in [*_djangos(), *marked()]:
        strings = bracketed(text) if isinstance(text, str) else tuple(map(bracketed, text))
        catalogue.add(text, strings, context=context)
    write_mo(file, catalogue)
    return file.getvalue()


#: What makemessages tells xgettext; the numbers are arguments, "c" marks a context.
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


@functools.cache
def marked() -> set[tuple[str | None, Any]]:
    """Context and text of everything that is marked, found as makemessages finds it: templates become Python."""
    found: set[tuple[str | None, Any]] = set()
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]:
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            source = templatize(source, origin=str(path))
        texts = extract(
            "python", io.BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
        )
        found |= {(context, text) for _line, text, _comments, context in texts}
    return found


def _djangos() -> Iterator[tuple[str | None, Any]]:
    """The same of Django itself, from its English catalogues, which are its complete ones."""
    for path in Path(django.__file__).parent.rglob("locale/en/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            yield from ((message.context, message.id) for message in read_po(file) if message.id)


def bracketed(text: str) -> str:
    pieces = _FILLED.split(text)
    return "".join(
        piece if _FILLED.fullmatch(piece) or not re.search(r"[^\W\d_]", piece) else f"⟦{piece}⟧"
        for piece in pieces
    )


def unmarked(text: str) -> list[str]:
    """The words of a text that stand outside brackets, and are not the same in every language."""
    without = re.sub(r"⟦[^⟦⟧]*⟧", "⟦⟧", text)
    return re.findall(r"[^\W\d_](?:.*[^\W\d_])?", NO_WORDS.sub("", without).replace("⟦⟧", "\n"))


class Page(HTMLParser):
    """Every text of a page that a person may see or hear, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        has = {name: value or "" for name, value in attrs}
        button = tag == "input" and has.get("type") in {"submit", "button", "reset"}
        for name, value in has.items():
            told = name.startswith("data-") and re.search(r"[^\W\d_]+ [^\W\d_]+", value)
            if name in _SPOKEN or told or (button and name == "value"):
                self.texts.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._silent:
            self.texts.append(data.strip())

    def unmarked(self) -> list[str]:
        return [word for text in self.texts for word in unmarked(text)]
