"""Texts with gaps in braces: which there are, what is wrong between braces, and what stands around them."""

from __future__ import annotations

import string
from collections.abc import Mapping

from django.utils.translation import gettext_noop


class BadTemplate(ValueError):
    """What is wrong between braces, in English; ``text`` and ``params`` are for ``gettext``."""

    def __init__(self, text: str, **params: str) -> None:
        super().__init__(text % params)
        self.text, self.params = text, params


UNMATCHED = gettext_noop(
    "The braces do not match: each name of a field stands between two of its own, such as “{title}”, and a brace"
    " itself is written twice."
)
NO_NAME = gettext_noop("“{%(inside)s}” is not the name of a field.")
MORE_THAN_A_NAME = gettext_noop("“{%(inside)s}” has more than a name in it: write “{%(name)s}”.")

#: The same for whoever writes a text whose gaps are filled by people.
FOR_PEOPLE = {
    UNMATCHED: gettext_noop(
        "The braces do not match: each gap stands between two of its own, such as “{subject}”, and a brace itself is"
        " written twice."
    ),
    NO_NAME: gettext_noop(
        "“{%(inside)s}” is not the name of a gap: it is made of letters, digits and underscores, and begins with a"
        " letter, such as “{subject}”."
    ),
    MORE_THAN_A_NAME: MORE_THAN_A_NAME,
}


def names_in(template: str) -> list[str]:
    """The names between braces. Raises BadTemplate for anything but a bare name: no attribute, index or format."""
    names = []
    for name, form, conversion in _fields_of(template):
        inside = f"{name}{conversion and f'!{conversion}'}{form and f':{form}'}"
        if not name.isidentifier() or name.startswith("_"):
            raise BadTemplate(NO_NAME, inside=inside)
        if inside != name:
            raise BadTemplate(MORE_THAN_A_NAME, inside=inside, name=name)
        names.append(name)
    return list(dict.fromkeys(names))


def pieces(template: str) -> list[tuple[str, str]]:
    """Each text and the name of the gap after it, blank where none follows; of a text that ``names_in`` can read."""
    return [(text, name or "") for text, name, _form, _conversion in string.Formatter().parse(template)]


def filled(template: str, values: Mapping[str, str]) -> str:
    """The text with these words in its gaps. Not ``str.format``: what stands in a value is never looked into."""
    return "".join(text + (values[name] if name else "") for text, name in pieces(template))


def _fields_of(template: str) -> list[tuple[str, str, str]]:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        # Python's own words are for those who write Python.
        raise BadTemplate(UNMATCHED) from None
    return [
        (name, form or "", conversion or "") for _text, name, form, conversion in parts if name is not None
    ]
