"""Texts: what is kept of a prompt, and what is made of it. Pure; knows no Django."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

#: Control characters, and halves of surrogate pairs, which no encoding can carry.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: Control characters, halves of surrogate pairs, byte order marks, and what turns the direction of a text around:
#: an editor would read another prompt than the provider.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\u202a-\u202e\u2066-\u2069]")


def clean(prompt: str) -> str:
    r"""Trim, and use ``\n`` alone: browsers send ``\r\n``, which would count twice against the limit."""
    return _CONTROLS.sub("", prompt.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str) -> str:
    """The same of what is a name, or stands in a gap: no line breaks, and nothing that turns its direction around."""
    return " ".join(CONTROLS.sub("", " ".join(text.split())).split())


def digest(parameters: Mapping[str, Any], prompt: str) -> str:
    """SHA-256 of everything that decides what a picture looks like."""
    return hashlib.sha256(json.dumps([parameters, prompt], sort_keys=True).encode()).hexdigest()


#: How the model is told what a reference is for: it has no parameter for it, but counts the pictures from 1.
ROLES = {
    "edit": "Image {} is the picture to change.",
    "subject": "Take the subject from image {}.",
    "style": "Take the style from image {}.",
    "composition": "Take the composition from image {}.",
}


def with_roles(prompt: str, roles: Sequence[str]) -> str:
    """The prompt and, where references have roles, a line that says so; ``roles`` in the order of the references."""
    said = [ROLES[role].format(number) for number, role in enumerate(roles, 1) if role in ROLES]
    return f"{prompt}\n{' '.join(said)}" if said else prompt


def with_lines(prompt: str, lines: str) -> str:
    """The prompt, followed by what the field and the style add to it."""
    return "\n".join(filter(None, (prompt, lines)))


def slug(prompt: str, words: int = 6, length: int = 48) -> str:
    """The first words as they may stand in a file name; blank where none is written in Latin letters."""
    ascii_text = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode().lower()
    found = re.findall(r"[a-z0-9]+", ascii_text)[:words]
    return "-".join(found)[:length].strip("-")


def title(prompt: str, length: int = 80) -> str:
    """A proposal for a title: the first sentence or clause, cut at a word."""
    first = re.split(r"[.,;:\n]", prompt, maxsplit=1)[0].strip() or prompt.strip()
    first = shortened(first, length)
    return first[:1].upper() + first[1:]


def shortened(text: str, length: int) -> str:
    """No more than so many characters of a text, cut at a word, and an ellipsis where there are more."""
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0].rstrip() + "…"
