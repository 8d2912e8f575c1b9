"""Portraits: head and shoulders that fill a picture. Skin, hair and clothes are the seed's."""

from __future__ import annotations

from ..palette import colour, mix
from ..pen import Pen, darker, lighter
from .ages import RING, greyed, wrinkles
from .people import CLOTHES, Looks, looks

_MEN, _WOMEN = ("short", "beard", "curly", "bald"), ("long", "bun", "bob", "scarf", "curls")


def portrait(pen: Pen) -> None:
    _bust(pen, pen.rng.choice(("short", "beard", "curly", *_WOMEN)))


def portrait_man(pen: Pen) -> None:
    _bust(pen, pen.rng.choice(("short", "beard", "curly")))


def portrait_woman(pen: Pen) -> None:
    _bust(pen, pen.rng.choice(_WOMEN))


def portrait_old_man(pen: Pen) -> None:
    _bust(pen, pen.rng.choice(("bald", "beard", "bald")), "old")


def portrait_old_woman(pen: Pen) -> None:
    _bust(pen, pen.rng.choice(("bun", "bob", "bun")), "old")


def portrait_bearded(pen: Pen) -> None:
    _bust(pen, "beard")


def portrait_child(pen: Pen) -> None:
    _bust(pen, pen.rng.choice(("tousled", "bob", "curls")), "young")


def _bust(pen: Pen, style: str, age: str = "") -> None:
    who = looks(pen)
    if age == "old":
        who = greyed(pen, who)
    _behind(pen, who, style)
    _shoulders(pen, who, style, age)
    with pen.turned(pen.rng.uniform(-4, 4), 50, 64):
        _face(pen, who, style, age)
        if age == "old":
            wrinkles(pen, who.skin)
        _hair(pen, who, style)
        if pen.rng.random() < {"old": 0.75, "young": 0.12}.get(age, 0.35):
            _glasses(pen)


def _shoulders(pen: Pen, who: Looks, style: str, age: str) -> None:
    """What the head stands on, its neck well darker than the jaw."""
    with pen.placed(50, 95, 0.8) if age == "young" else pen.placed(50, 100, 1):
        pen.blob(who.top, "0,130 0,130 2,104 6,88 20,78 38,72 62,72 80,78 94,88 98,104 100,130 100,130", 0.24)
        pen.blob(in_shade(who.skin, 0.24), "40,50 40,50 60,50 60,50 62,72 57,81 50,85 43,81 38,72")
        pen.poly(
            in_shade(who.skin, 0.46), "40,50 60,50 61.2,64 58.6,68.6 54.6,71 50,72 45.4,71 41.4,68.6 38.8,64"
        )
        if age == "young":
            pen.curve(lighter(who.top, 0.4), 3, "37,73 43,82 50,86 57,82 63,73")
            for y in (96, 108):
                pen.curve(lighter(who.top, 0.5), 4, f"14,{y} 50,{y + 3} 86,{y}")
        else:
            _collar(pen, who, style)


def in_shade(skin: str, share: float) -> str:
    """Skin that the light does not reach: warmer than other things' shadow."""
    return "#{:02x}{:02x}{:02x}".format(*mix(colour(skin), colour("#5a2418"), share))


def _behind(pen: Pen, who: Looks, style: str) -> None:
    dark = darker(who.hair, 0.24)
    if style == "long":
        pen.blob(dark, "50,6 68,12 76,32 77,60 74,84 60,88 40,88 26,84 23,60 24,32 32,12")
    if style == "bob":
        pen.blob(dark, "50,6 68,12 75,30 76,54 70,62 30,62 24,54 25,30 32,12")
    if style == "bun":
        pen.oval(who.hair, 50, 6, 11, 10, 0.24)
    if style in ("curly", "curls"):
        low = 66 if style == "curls" else 40
        for x, y in ((27, 30), (29, 19), (37, 11), (50, 8), (63, 11), (71, 19), (73, 30), (72, 40), (28, 40)):
            pen.oval(who.hair, x, y, 10, 10, 0.2)
        for y in range(48, low, 9):
            for x in (27, 73):
                pen.oval(dark, x, y, 9, 9, 0.2)


def _face(pen: Pen, who: Looks, style: str, age: str = "") -> None:
    skin, iris = who.skin, pen.rng.choice(("#4a3426", "#4a3426", "#3f5f6a", "#4f6a48"))
    for _ in pen.sides():
        pen.oval(darker(skin, 0.12), 30.5, 41, 3.6, 5.4)
    chin = "67,50 60,58 53,61.6 47,61.6 40,58 33,50" if age == "young" else "62,57 54,64 46,64 38,57"
    pen.blob(skin, f"50,12 63,17 69,31 68,45 {chin} 32,45 31,31 37,17", 0.2)
    for _ in pen.sides():
        grown = 1.15 if age == "young" else 1
        with pen.placed(40.6 + 9 * grown, 38.4 + (100 - 38.4) * grown, grown):
            _eye(pen, skin, iris)
        brow = darker(who.hair, 0.16 if age == "old" else 0.1)
        pen.curve(
            brow,
            {"old": 2.2, "young": 1.1}.get(age, 1.7),
            "35,33.2 39,30.4 45,31" if age != "young" else "35.6,32 39.6,29.6 44.6,30.6",
        )
        pen.oval("#e0604a26", 37.6, 47, 4.6, 3.2)
    pen.curve(darker(skin, 0.34), 1.1, "50.6,38 52.6,46 50,48 47.6,47")
    lip = "#a8504a70" if style in _MEN or age == "young" else "#c2454ac8"
    pen.blob(lip, "43,52.4 48,52.2 50,52.9 52,52.2 57,52.4 53.4,56.6 50,57.4 46.6,56.6")
    pen.curve(darker(skin, 0.6), 0.7, "42.6,52 46.4,54 50,54.6 53.6,54 57.4,52")


def _eye(pen: Pen, skin: str, iris: str) -> None:
    pen.blob("#fdfaf4", "37,38.6 41,36 46,38.8 41,40.4")
    pen.oval(iris, 41.4, 38.2, 2.1, 2.3)
    pen.oval("#17110d", 41.4, 38.2, 1.1, 1.2)
    pen.oval("#ffffff", 40.8, 37.5, 0.6, 0.6)
    pen.curve(darker(skin, 0.7), 0.9, "36.4,38.8 41,35.6 46.4,38.8")


def _hair(pen: Pen, who: Looks, style: str) -> None:
    hair = who.hair
    if style == "scarf":
        cloth = pen.rng.choice(CLOTHES)
        pen.blob(cloth, "50,5 67,11 75,29 74,48 68,66 60,78 40,78 32,66 26,48 25,29 33,11", 0)
        _face(pen, who, style)
        pen.blob(cloth, "32,44 31,28 40,16 50,14 60,16 69,28 68,44 72,44 76,28 66,9 50,3 34,9 24,28 28,44")
        pen.blob(
            darker(cloth, 0.14), "30,48 36,60 46,68 54,68 64,60 70,48 78,66 70,86 50,90 30,86 22,66", 0.2
        )
        return
    if style == "beard":
        pen.blob(hair, "31,38 34,46 40,50 50,49 60,50 66,46 69,38 69,50 64,62 56,70 44,70 36,62 31,50", 0.24)
        pen.blob("#c9605a", "45,55 50,54 55,55 52.6,57.6 47.4,57.6")
        pen.blob(hair, "42,51.6 50,49.6 58,51.6 55,53.6 50,52.4 45,53.6")
    if style == "bald":
        for _ in pen.sides():
            pen.blob(hair, "31,44 27,40 25.6,32 27,24 31,20 32.6,26 31.4,34", 0.1)
        pen.blob("#ffffff40", "40,15 46,13.4 43,17 39,19")
        pen.blob(
            hair,
            "31,44 34,50 40,51 44,49.4 50,48.8 56,49.4 60,51 66,50 69,44 69,54 63,64 55,71 45,71 37,64 31,54",
            0.2,
        )
        pen.blob("#b5605a", "44.6,54.6 50,53.6 55.4,54.6 52.6,57.2 47.4,57.2")
        pen.blob(lighter(hair, 0.3), "40,53.4 45,49.6 50,50.4 55,49.6 60,53.4 55,53.4 50,52.2 45,53.4")
    elif style == "tousled":
        pen.blob(hair, "30,36 30,36 26,22 34,9 44,6 47,2 51,5 56,1 58,6 68,11 74,23 70,37 70,37 66,27 60,29 55,23 "
                       "49,28 43,22 38,28 33,26")  # fmt: skip
    elif style in ("short", "beard"):
        pen.blob(
            hair, "30,35 30,35 27,20 36,8 52,4 66,9 73,22 70,36 70,36 67,25 61,19.6 52,21 40,18.6 33.6,24"
        )
    elif style in ("curly", "curls"):
        for x in (36, 44, 52, 60, 65):
            pen.oval(hair, x, 15 + abs(x - 50) * 0.2, 7, 6.4, 0.12)
    elif style == "bob":
        pen.blob(hair, "24,50 26,26 34,10 50,5 66,10 74,26 76,50 70,52 69,32 62,27 38,27 31,32 30,52", 0.14)
    else:
        pen.blob(hair, "28,48 28,48 26,24 36,9 50,5 64,9 74,24 72,48 72,48 68,32 60,20 54,15 44,24 33,32")


def _collar(pen: Pen, who: Looks, style: str) -> None:
    if style == "scarf":
        return
    if style in _MEN:
        pen.poly("#fbf8f2", "39,70 50,84 44,94 33,76")
        pen.poly("#ece6da", "61,70 50,84 56,94 67,76")
        pen.poly(darker(who.top, 0.4), "47.6,84 52.4,84 55,130 45,130")
    else:
        pen.curve(lighter(who.top, 0.4), 2.6, "38,73 43,81 50,85 57,81 62,73")
        for _ in pen.sides():
            pen.oval("#f2c14e", 31, 49, 1.5, 1.9)


def _glasses(pen: Pen) -> None:
    for _ in pen.sides():
        pen.oval("#ffffff33", 41, 38.4, 6.6, 6)
        ring = [(41 + 6.6 * x, 38.4 + 6 * y) for x, y in RING]
        pen.curve("#2d2a30", 1.1, ring)
        pen.line("#2d2a30", 1.1, "34.4,38 31,36.6")
    pen.curve("#2d2a30", 1.1, "47.6,38 50,36.8 52.4,38")
