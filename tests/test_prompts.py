"""Texts: what is kept of a prompt, and what is made of it."""

from __future__ import annotations

import pytest

from seedream_django import prompts

CLEANED = [
    ("  a fox \n", "a fox"),
    ("a\r\nb\rc\nd", "a\nb\nc\nd"),
    ("a\tb", "a\tb"),
    ("a\x00b\x07c\x1b", "abc"),
    ("\ud83ea\udc00", "a"),
    ("🦊 e\u0301 ﷽", "🦊 e\u0301 ﷽"),
    ("", ""),
]


@pytest.mark.parametrize(("typed", "kept"), CLEANED)
def test_clean(typed: str, kept: str) -> None:
    """Outer space, control characters and what no encoding can carry go; every other character stays."""
    assert prompts.clean(typed) == kept
    assert prompts.clean(kept) == kept
    kept.encode()


SLUGS = [
    ("A red fox, in the snow at dawn, far away", "a-red-fox-in-the-snow"),
    ("Ein Bär überquert die Straße", "ein-bar-uberquert-die-strae"),
    ("../../etc/passwd", "etc-passwd"),
    ("con\x00trol/..\\name", "con-trol-name"),
    ("雪の中の狐", ""),
    ("🦊", ""),
    ("x" * 100, "x" * 48),
    ("4 foxes & 2 owls", "4-foxes-2-owls"),
]


@pytest.mark.parametrize(("prompt", "slug"), SLUGS)
def test_slug(prompt: str, slug: str) -> None:
    """A few words that any file system takes; nothing that leads out of its folder."""
    assert prompts.slug(prompt) == slug


TITLES = [
    ("a red fox, in snow. Wide shot", "A red fox"),
    ("a red fox\nin snow", "A red fox"),
    (", a fox", ", a fox"),
    ("word " * 40, "Word" + " word" * 15 + "…"),
    ("雪の中の狐", "雪の中の狐"),
]


@pytest.mark.parametrize(("prompt", "title"), TITLES)
def test_title(prompt: str, title: str) -> None:
    """The first clause, cut at a word, with a capital."""
    assert prompts.title(prompt) == title
    assert len(title) <= 81


def test_digest() -> None:
    """The same order has the same digest, in whatever order its parameters come; any change another."""
    digest = prompts.digest({"width": 1, "height": 2}, "a fox")
    assert digest == prompts.digest({"height": 2, "width": 1}, "a fox")
    others = [({"width": 2, "height": 2}, "a fox"), ({"width": 1, "height": 2}, "a fox "), ({}, "a fox")]
    assert digest not in {prompts.digest(*other) for other in others}
    assert len(digest) == 64
