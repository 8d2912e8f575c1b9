"""The old, standing; and what age makes of a face."""

from __future__ import annotations

from dataclasses import replace

from ..pen import Pen, darker
from .people import Looks, arm, head, leg, looks, standing, torso

GREYS = ("#dedbd6", "#cfcdca", "#efece7", "#b9b7b5")


def greyed(pen: Pen, who: Looks) -> Looks:
    return replace(who, hair=pen.rng.choice(GREYS))


def old_man(pen: Pen) -> None:
    """Grey, in a cardigan, with glasses and a stick."""
    who = greyed(pen, looks(pen))
    for _ in pen.sides():
        leg(pen, who.legs, "46,57 45.6,76 45,96")
    arm(pen, who, "60,33 66,45 62,55")
    torso(pen, who)
    pen.poly("#f4f0e6", "46,28 54,28 50,42")
    pen.line(darker(who.top, 0.3), 1, "50,42 50,58")
    pen.curve("#6d4a34", 2.2, "28,99 29.4,62 29.6,56 33,53 36,55.4")
    arm(pen, who, "40,33 33,44 31.4,53")
    _old_head(pen, who, pen.rng.choice(("bald", "short", "bald")))


def old_woman(pen: Pen) -> None:
    """Grey, with a bun, glasses and a handbag."""
    who = greyed(pen, looks(pen))
    bag = pen.rng.choice(("#8a3f4a", "#5a4632", "#3f5f6a"))
    for _ in pen.sides():
        leg(pen, who.skin, "46,57 45.6,76 45,96")
    arm(pen, who, "60,33 66,45 64,57")
    pen.curve(bag, 1.2, "60,70 64,58 68,70")
    pen.blob(bag, "57,69 57,69 71,69 71,69 72,80 56,80", 0.24)
    torso(pen, who, skirt=True)
    pen.blob("#f4f0e6", "44,28.6 50,32 56,28.6 55,33 50,35 45,33")
    arm(pen, who, "40,33 34,44 38,54")
    _old_head(pen, who, pen.rng.choice(("bun", "curly")))


def old_couple(pen: Pen) -> None:
    with pen.placed(31, 100, 0.98):
        old_man(pen)
    with pen.placed(68, 100, 0.94):
        old_woman(pen)


def bearded(pen: Pen) -> None:
    standing(pen, looks(pen), "bald", wave=pen.rng.random() < 0.4)


def _old_head(pen: Pen, who: Looks, style: str) -> None:
    head(pen, who, style)
    frame = "#3a3438" if who.skin > "#8" else "#e0c07a"
    for _ in pen.sides():
        pen.oval("#ffffff33", 46.2, 14.4, 2.7, 2.6)
        pen.line(frame, 0.6, [(46.2 + 2.7 * x, 14.4 + 2.6 * y) for x, y in RING])
        pen.line(darker(who.skin, 0.34), 0.5, "43.4,19 44.6,21.4")
    pen.line(frame, 0.6, "48.9,14 51.1,14")


RING = [(0, -1), (0.5, -0.87), (0.87, -0.5), (1, 0), (0.87, 0.5), (0.5, 0.87), (0, 1),
        (-0.5, 0.87), (-0.87, 0.5), (-1, 0), (-0.87, -0.5), (-0.5, -0.87), (0, -1)]  # fmt: skip


def wrinkles(pen: Pen, skin: str) -> None:
    """On a portrait's face."""
    line = darker(skin, 0.22)
    for y, wide in ((24, 8), (27.4, 9)):
        pen.curve(line, 0.8, f"{50 - wide},{y + 0.8} 50,{y - 0.4} {50 + wide},{y + 0.8}")
    for _ in pen.sides():
        pen.curve(line, 0.8, "37,42.4 41,44 45.6,42.6")
        pen.curve(line, 1, "44.6,47 42,50.6 40.6,55")
        for y, low in ((37.4, 36), (40.2, 41.8)):
            pen.line(line, 0.7, f"35.4,{y} 32.6,{low}")
        pen.curve(line, 0.7, "36,49 34.6,52 35.6,55")
