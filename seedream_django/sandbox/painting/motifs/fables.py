"""Creatures of tales, each a function that draws one with a pen. They look to the left."""

from __future__ import annotations

from ..pen import Pen, darker, lighter
from .tame import steed
from .wild import DARK

_BELLY = "#f0d9a0"


def unicorn(pen: Pen) -> None:
    steed(
        pen,
        pen.coat("#fbf8f4", "#f4eef6"),
        pen.rng.choice(("#e88fb5", "#a98fe0", "#8fc4e8", "#f2b45f")),
        horn="#e8b84a",
    )
    for _ in range(5):
        x, y = pen.rng.uniform(0, 96), pen.rng.uniform(0, 40)
        pen.star("#ffe9a0", x, y, 3)


def dragon(pen: Pen) -> None:
    skin = pen.coat("#4f9a5f", "#b5443a", "#4f7fb5", "#7a5fa8")
    wing = pen.rng.choice(("#e8a84a", "#e0785a", "#c9b04a"))
    with pen.placed(52, 100, 0.9):
        _wing(pen, wing, darker(skin, 0.3))
        _body(pen, skin)
        _limbs(pen, skin)
        with pen.turned(pen.rng.uniform(-8, 8), 40, 46):
            _head(pen, skin)
            if pen.rng.random() < 0.5:
                _fire(pen)
        pen.curve(lighter(skin, 0.3), 1.2, "54,66 60,76 62,86")


def _wing(pen: Pen, tone: str, bone: str) -> None:
    with pen.turned(pen.rng.uniform(-10, 14), 58, 50):
        pen.blob(
            tone,
            "54,54 54,54 58,26 74,2 74,2 80,14 90,16 90,16 90,28 99,36 99,36 88,42 86,52 86,52 74,50 66,58 66,58",
            0.2,
        )
        for tip in ("74,2", "90,16", "99,36"):
            pen.curve(bone, 1.8, f"56,54 66,38 {tip}")


def _body(pen: Pen, skin: str) -> None:
    """The tail with its arrow, the belly's folds, the crest along the back."""
    dark = darker(skin, 0.3)
    pen.blob(skin, "60,84 78,92 92,84 96,70 90,62 98,58 104,70 100,90 84,101 62,101", 0.2)
    pen.poly(dark, "88,64 92,50 104,60")
    pen.blob(skin, "30,46 46,50 60,60 70,76 68,94 50,99 34,97 28,80 26,60", 0.26)
    pen.blob(_BELLY, "28,52 38,56 46,70 46,88 38,96 31,90 27,70")
    for y in (62, 70, 78, 86):
        fold = f"{28.4 + (y - 62) * 0.12},{y} 38,{y + 2} {44 + (y - 62) * 0.1},{y + 1}"
        pen.curve(darker(_BELLY, 0.24), 1, fold)
    for x, y in ((41, 40), (50, 51), (58, 62), (63, 75)):
        pen.poly(dark, f"{x},{y + 4} {x + 9},{y - 6} {x + 7},{y + 9}")


def _limbs(pen: Pen, skin: str) -> None:
    """A hind leg and an arm, with their claws."""
    pen.blob(skin, "48,78 62,74 72,84 70,98 48,99", 0.2)
    pen.oval(skin, 46, 97, 12, 4, 0.1)
    pen.curve(skin, 5.4, "38,62 28,68 22,64")
    for turn in (-20, 0, 20):
        with pen.turned(turn, 22, 64):
            pen.line(_BELLY, 1.2, "20,64 16.6,64")
    for x in (38, 42, 46):
        pen.oval(_BELLY, x, 98, 1.8, 1.5)


def _head(pen: Pen, skin: str) -> None:
    for horn in ("40,14 50,-2 50,16", "33,12 38,-4 42,12"):
        pen.blob(_BELLY, horn, 0.3)
    pen.blob(skin, "6,32 12,24 24,20 32,12 44,12 52,24 50,40 40,52 30,50 24,42 10,42", 0.2)
    pen.oval(darker(skin, 0.5), 10, 29, 1.5, 1.2)
    pen.curve(darker(skin, 0.5), 1.2, "7,36 18,37 28,34")
    pen.poly("#fdf8ee", "14,37 17,37 15.4,41")
    pen.oval("#fdf3c0", 33, 24, 5, 5.4)
    pen.oval(DARK, 32, 24, 1.7, 4.2)
    pen.oval("#ffffff", 31.4, 22, 1, 1.1)


def _fire(pen: Pen) -> None:
    for tone, scale in (("#ff7a2f", 1.0), ("#ffc04a", 0.66), ("#fff0a8", 0.36)):
        pen.blob(
            tone,
            [
                (6, 37),
                (6 - 6 * scale, 37 - 6 * scale),
                (6 - 22 * scale, 40 - 2 * scale),
                (6 - 12 * scale, 41),
                (6 - 20 * scale, 40 + 8 * scale),
                (6 - 5 * scale, 37 + 6 * scale),
            ],
        )
