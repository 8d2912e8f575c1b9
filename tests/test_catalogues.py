"""The translations: complete, true to the source, intact where something is filled in, and compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import seedream_django

from .pseudo import marked

PACKAGE = Path(seedream_django.__file__).parent
LANGUAGES = sorted(path.name for path in (PACKAGE / "locale").iterdir() if path.is_dir())

Key = tuple[str | None, Any]


def read(language: str, kind: str = "po", folder: Path = PACKAGE) -> Catalog:
    path = folder / "locale" / language / "LC_MESSAGES" / f"django.{kind}"
    with path.open("rb") as file:
        return read_po(file) if kind == "po" else read_mo(file)


def messages(catalogue: Catalog) -> dict[Key, Message]:
    found = {}
    for message in catalogue:
        if message.id:
            # From a compiled catalogue Babel gives a context as bytes, and a plural's forms as a list.
            context = message.context.decode() if isinstance(message.context, bytes) else message.context
            found[context, message.id if isinstance(message.id, str) else tuple(message.id)] = message
    return found


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_are() -> None:
    """Seven come with the package, beside English."""
    assert set(LANGUAGES) == {"ar", "de", "es", "fr", "ja", "nl", "pt_BR"}


def test_nothing_is_missing_or_left_over(language: str) -> None:
    """A catalogue has exactly what the source marks: makemessages would add nothing, and retire nothing."""
    catalogue, source = read(language), marked()
    assert len(source) > 300
    assert set(messages(catalogue)) == source, "Run “make messages”."
    assert not catalogue.obsolete


def test_everything_is_translated(language: str) -> None:
    """No text is empty, and none is a guess (fuzzy), in no plural form."""
    catalogue = read(language)
    poor = [m.id for m in messages(catalogue).values() if m.fuzzy or not all(strings(m)) or not strings(m)]
    assert poor == []
    assert not catalogue.fuzzy
    plural = [m for m in messages(catalogue).values() if m.pluralizable]
    assert plural
    assert {len(strings(m)) for m in plural} == {catalogue.num_plurals}


def pairs(language: str) -> Iterator[tuple[list[str], str]]:
    """Each translation, after the text (or the forms of it) that it may stand for."""
    for message in messages(read(language)).values():
        texts = list(message.id) if message.pluralizable else [message.id]
        yield from ((texts, string) for string in strings(message))


def holes(text: str) -> list[str]:
    """What is filled in, and what must be typed as it stands."""
    return sorted(re.findall(r"%\(\w+\)[a-z]|\{\w+\}|SEEDREAM\S+\]|manage\.py \w+", text))


def test_what_is_filled_in_stays(language: str) -> None:
    """Each placeholder and command of the source is in its translation as often, and no other."""
    wrong = {
        string: texts
        for texts, string in pairs(language)
        if holes(string) not in [holes(text) for text in texts]
    }
    assert wrong == {}


#: The marks that end a text, where a language has its own.
MARKS = {"ja": {".": "\u3002", ":": "\uff1a", "?": "\uff1f"}, "ar": {"?": "\u061f"}}


def test_it_ends_as_the_source_does(language: str) -> None:
    """A label stays a label, a sentence a sentence, and what introduces something a colon."""
    mark = re.compile("[.:?…\u3002\uff1a\uff1f\u061f]?$")
    own = MARKS.get(language, {})

    def expected(text: str) -> str:
        found: str = mark.findall(text)[0]
        return own.get(found, found)

    wrong = {
        string: texts for texts, string in pairs(language) if mark.findall(string)[0] != expected(texts[0])
    }
    assert wrong == {}


#: Typing habits that are wrong in print: straight and foreign quotation marks, three dots, a blank before a mark.
BAD_TYPE = {
    "ar": r"\"|'|“|”|\.\.\.|[\u0600-\u06ff][?;]| [\u060c\u061b\u061f]",
    "de": r"\"|'|“[^“]*”|\.\.\.| [;:!?]|»|«",
    "es": r"\"|'|“|”|\.\.\.| [;:!?,.]|« | »|^[^¿]*\?",
    "fr": r"\"|'|“|”|\.\.\.|[ \w][;!?»]|«(?!\u202f)|[^\d\u202f]:(?!\d|//)|\d:(?!\d)",
    "ja": r"\"|'|“|”|\.\.\.|[\u3040-\u30ff\u4e00-\u9fff][.,:;?!]| [\u3002\u3001\uff1f\u300d]",
    "nl": r"\"|'|\.\.\.| [;:!?,.]|»|«|„",
    "pt_BR": r"\"|'|\.\.\.| [;:!?,.]|»|«|„",
}


def test_typography(language: str) -> None:
    """German has „…“, French « … » and its narrow spaces, Japanese 「…」; none has typewriter's marks, but in code."""
    said = [prose(string, texts) for texts, string in pairs(language)]
    assert [text for text in said if re.search(BAD_TYPE[language], text)] == []


def prose(string: str, texts: list[str]) -> str:
    """A translation without the literals and keys that its source has as well: they are typed as they stand."""
    for code in re.findall(r'"[^"]*":?', texts[0]):
        string = string.replace(code, "0", 1)
    return string


def test_the_compiled_file_is_of_this_source(language: str) -> None:
    """What Django reads is what is written: an installation from a clone compiles nothing."""
    written = {key: strings(message) for key, message in messages(read(language)).items()}
    compiled = {key: strings(message) for key, message in messages(read(language, "mo")).items()}
    assert compiled == written, "Run “make messages”."


def djangos(language: str) -> Iterator[tuple[Key, str]]:
    for path in Path(str(django.__file__)).parent.rglob(f"locale/{language}/LC_MESSAGES/django.mo"):
        for key, message in messages(read(language, "mo", path.parents[3])).items():
            yield key, message.string


def test_djangos_own_words(language: str) -> None:
    """Catalogues share one space of texts: what Django says already is said in its words, here and everywhere."""
    ours = messages(read(language))
    shared = {key: text for key, text in djangos(language) if key in ours and not ours[key].pluralizable}
    assert (None, "Delete") in shared
    assert {key: ours[key].string for key in shared} == shared
