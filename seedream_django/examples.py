"""Templates that come with the app, and a picture of each: painted on this machine by the sandbox, never ordered."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.core.cache import cache as kept
from django.utils.text import slugify

from . import gaps, parameters, prompts, sayings
from .models import PromptTemplate, Style

#: What stands before an example's name where otherwise a template's number does.
PREFIX = "example-"
FILE = Path(__file__).with_name("examples.json")
#: The longer side of its picture in pixels, and the seed that it is painted from.
SIDE, SEED = 320, 7
#: Seconds that a picture is kept.
KEPT = 30 * 24 * 3600


@dataclass(frozen=True)
class Example:
    """One template of the file: ``said`` is its entry, ``style`` that of its style, ``sample`` what fills its gaps."""

    said: dict[str, Any]
    style: dict[str, Any] | None
    sample: dict[str, str]

    @property
    def name(self) -> str:
        return str(self.said["name"])

    @property
    def slug(self) -> str:
        return slugify(self.name)

    @property
    def key(self) -> str:
        return f"{PREFIX}{self.slug}"

    @property
    def words(self) -> str:
        """What its style adds."""
        return str(self.style["words"]) if self.style else ""

    @property
    def prompt(self) -> str:
        """The prompt that its picture is painted from."""
        return prompts.with_lines(gaps.filled(self.said["text"], self.sample), self.words)

    @property
    def size(self) -> tuple[int, int]:
        width, height = parameters.DIMENSIONS[self.said["shape"]]["2K"]
        scale = SIDE / max(width, height)
        return round(width * scale), round(height * scale)

    @property
    def digest(self) -> str:
        """Another one where its picture would be another."""
        return hashlib.sha256(json.dumps([self.prompt, self.size, SEED]).encode()).hexdigest()[:24]

    def without_style(self) -> dict[str, Any]:
        """Its entry, with the words of its style in the text itself."""
        # A brace in them is meant as such.
        words = self.words.replace("{", "{{").replace("}", "}}")
        return {**self.said, "style": "", "text": prompts.with_lines(self.said["text"], words)}


@cache
def everyone() -> tuple[Example, ...]:
    """All, in the order of the file."""
    whole = json.loads(FILE.read_text(encoding="utf-8"))
    styles = {style["name"]: style for style in whole["styles"]}
    return tuple(
        Example(said, styles.get(said.get("style", "")), whole["samples"][said["name"]])
        for said in whole["templates"]
    )


def named(key: str) -> Example | None:
    """The one of this key or slug."""
    slug = key.removeprefix(PREFIX)
    return next((example for example in everyone() if example.slug == slug), None)


def template(key: str) -> PromptTemplate | None:
    """An example as a template that is not saved. A style that the site does not have is in its text instead."""
    example = named(key) if key.startswith(PREFIX) else None
    if example is None:
        return None
    style = _style_of(example)
    said = example.said if style is not None or not example.style else example.without_style()
    return PromptTemplate(**{**said, "style": style})


def keep(example: Example, *, user: Any) -> bool:
    """Save it as a template, with its style where this person may add that; False where the name is taken.

    A style of that name that there is stays as it is.
    """
    if PromptTemplate.objects.filter(name=example.name).exists():
        return False
    is_there = example.style is None or Style.objects.filter(name=example.style["name"]).exists()
    styles = [] if is_there or not user.has_perm("seedream_django.add_style") else [example.style]
    said = example.said if is_there or styles else example.without_style()
    document = {sayings.MARK: sayings.VERSION, "styles": styles, "templates": [said]}
    found = sayings.look(sayings.read(json.dumps(document)), user=user)
    return sayings.take(found, user=user) > 0


def picture(example: Example) -> bytes:
    """Its picture as WEBP, from the cache or painted now: some tens of milliseconds, no network."""
    key = f"seedream_django.example.{example.digest}"
    data: bytes | None = kept.get(key)
    if data is None:
        data = _painted(example)
        kept.set(key, data, KEPT)
    return data


def _painted(example: Example) -> bytes:
    # Here, so that nobody loads a painter who never looks at examples.
    from .sandbox.painting import painter

    image, out = painter.paint(example.prompt, SEED, *example.size), io.BytesIO()
    image.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def _style_of(example: Example) -> Style | None:
    return Style.objects.filter(name=example.style["name"], active=True).first() if example.style else None
