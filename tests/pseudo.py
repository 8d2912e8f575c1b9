"""A language that shows what is marked for translation: ``⟦Waiting; ⟧3⟦ orders are before yours.⟧``

Every text of ours and of Django's stands in brackets in it, piece by piece, so that what is filled in stands
outside. Letters outside brackets are then either data or a text that somebody forgot to mark.
"""

from __future__ import annotations

import functools
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import seedream_django

LANGUAGE = "xx"

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
    catalogue = Catalog(charset="utf-8")
    for message in _marked():
        texts = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = tuple(bracketed(text) for text in texts)
        catalogue.add(message.id, strings if len(texts) > 1 else strings[0], context=message.context)
    path = folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)
    settings.LANGUAGES = [(LANGUAGE, LANGUAGE), *settings.LANGUAGES]
    settings.LOCALE_PATHS = [folder / "locale"]


@functools.cache
def _marked() -> list[Message]:
    """Every text that Django and this app have marked, translated or not."""
    # Django's English catalogues are its complete ones; of ours any has all, which test_catalogues proves.
    roots = {"en": django, "de": seedream_django}
    paths = [
        path
        for language, root in roots.items()
        for path in Path(str(root.__file__)).parent.rglob(f"locale/{language}/LC_MESSAGES/django.po")
    ]
    found = []
    for path in paths:
        with path.open("rb") as file:
            found += [message for message in read_po(file, ignore_obsolete=True) if message.id]
    return found


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
