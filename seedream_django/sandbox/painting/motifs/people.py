"""People, each a function that draws one with a pen: skin, hair and clothes are the seed's."""

from __future__ import annotations

from dataclasses import dataclass

from ..pen import Pen, darker, lighter, points_of
from .vehicles import bicycle

SKINS = ("#f2cdb0", "#e5b48f", "#c98f66", "#a56d46", "#7a4b30", "#5a3623")
DARK_HAIRS = ("#2a201c", "#1f1a1c", "#332522", "#3a2a22")
HAIRS = (*DARK_HAIRS, "#4a3022", "#7a4a2a", "#b5793f", "#d9b06a", "#a8482a")
CLOTHES = ("#c8433a", "#2f6f8f", "#e0a23a", "#4f8a5a", "#7a5a9a", "#e0785a", "#3f4f7a", "#2f8a86")
TROUSERS = ("#27344d", "#3a3a44", "#6b5a48", "#4f5f78")


@dataclass(frozen=True)
class Looks:
    """What one person looks like; all are tones."""

    skin: str
    hair: str
    top: str
    legs: str


def looks(pen: Pen) -> Looks:
    rng = pen.rng
    skin = rng.choice(SKINS)
    hair = rng.choice(DARK_HAIRS if skin in SKINS[3:] else HAIRS)
    return Looks(skin, hair, pen.coat(*CLOTHES), rng.choice(TROUSERS))


# -- Parts ---------------------------------------------------------------------------------------------------


def head(pen: Pen, who: Looks, style: str) -> None:
    """A head with its neck, around (50, 14), 10 high either way. ``style`` is how the hair is worn."""
    hair, skin = who.hair, who.skin
    if style == "long":
        pen.blob(darker(hair, 0.2), "50,1 60,5 63,16 62,30 56,33 44,33 38,30 37,16 40,5")
    if style == "bun":
        pen.oval(hair, 50, 1, 5.4, 5, 0.2)
    if style == "curly":
        for x, y in ((39, 10), (41, 4), (47, 0), (54, 0), (60, 4), (62, 11), (60, 17), (40, 17)):
            pen.oval(hair, x, y, 6, 6)
    pen.poly(darker(skin, 0.2), "46.4,20 53.6,20 54,29 46,29")
    pen.oval(skin, 50, 14, 8.8, 10, 0.2)
    for _ in pen.sides():
        pen.oval("#2a1d18", 46.4, 14.4, 1, 1.25)
        pen.oval("#e8705033", 44.4, 18, 1.8, 1.2)
    pen.curve(darker(skin, 0.55), 0.8, "47,18.6 50,20 53,18.6")
    if style == "bald":
        pen.blob(hair, "41,15 43,20 50,21.6 57,20 59,15 58.6,22 54,26 46,26 41.4,22")
        pen.curve(darker(skin, 0.55), 0.8, "48,20 50,21 52,20")
    else:
        pen.blob(hair, "41,14 41,14 40,8 44,3 50,2 56,3 60,8 59,14 59,14 57,9 51,6.6 45,9")


def torso(pen: Pen, who: Looks, *, skirt: bool = False) -> None:
    """From the shoulders to the hips, and a skirt to the knee."""
    if skirt:
        pen.blob(who.top, "43,50 43,50 57,50 57,50 64,76 64,76 50,79 36,76 36,76", 0.3)
    pen.blob(who.top, "41,29 50,27.6 59,29 62,34 60,46 59,58 59,58 41,58 41,58 40,46 38,34", 0.3)
    pen.blob(who.skin, "46,27 54,27 50,33 50,33")


def arm(pen: Pen, who: Looks, shape: str, *, bare: bool = False) -> None:
    """From a shoulder over an elbow to a hand."""
    *_, (x1, y1), (x, y) = points_of(shape)
    pen.taper(who.skin if bare else darker(who.top, 0.14), shape, 6.2, 5, 4.2)
    pen.oval(who.skin, x + (x - x1) * 0.14, y + (y - y1) * 0.14, 2.8, 3)


def leg(pen: Pen, tone: str, shape: str, shoe: str = "#2d2422") -> None:
    """From the hip over a knee to a heel; the shoe points left."""
    x, y = points_of(shape)[-1]
    pen.taper(tone, shape, 8, 6.2, 4.8)
    pen.blob(shoe, f"{x + 3},{y - 2} {x + 3},{y + 3} {x - 7},{y + 3} {x - 7},{y + 0.6} {x - 2},{y - 2}")


# -- One person ----------------------------------------------------------------------------------------------


def standing(pen: Pen, who: Looks, style: str, *, skirt: bool = False, wave: bool = False) -> None:
    shin = who.skin if skirt else who.legs
    for _ in pen.sides():
        leg(pen, shin, "46,57 45.6,76 45,96")
    arm(pen, who, "60,33 66,45 64,57")
    torso(pen, who, skirt=skirt)
    arm(pen, who, "40,33 31,24 29,12" if wave else "40,33 34,45 36,57")
    head(pen, who, style)


def man(pen: Pen) -> None:
    standing(
        pen, looks(pen), pen.rng.choice(("short", "short", "bald", "curly")), wave=pen.rng.random() < 0.4
    )


def woman(pen: Pen) -> None:
    style, skirt = pen.rng.choice(("long", "bun", "curly", "long")), pen.rng.random() < 0.7
    standing(pen, looks(pen), style, skirt=skirt, wave=pen.rng.random() < 0.4)


def person(pen: Pen) -> None:
    """Someone on the way, with a rucksack and a stick."""
    who, style = looks(pen), pen.rng.choice(("short", "bun", "curly", "short"))
    pack, stride = pen.rng.choice(CLOTHES), pen.rng.uniform(7, 12)
    leg(pen, darker(who.legs), f"52,56 56,74 {56 + stride},94")
    arm(pen, who, "58,34 63,45 60,54")
    pen.blob(pack, "58,30 68,29 74,36 74,54 66,59 58,56", 0.26)
    pen.blob(darker(pack), "62,45 73,45 73,56 63,57")
    pen.blob("#d9c9a4", "59,25 73,24 75,29 60,30", 0.3)
    leg(pen, who.legs, f"48,56 44,74 {44 - stride},96")
    torso(pen, who)
    pen.curve(darker(pack), 2, "57,30 55,40 58,50")
    pen.line("#7a5a3a", 1.8, "27,40 22,99")
    arm(pen, who, "42,33 36,44 27,46")
    head(pen, who, style)
    if pen.rng.random() < 0.5:
        pen.blob("#b98a52", "35,8 42,6 58,6 65,8 58,10.4 42,10.4")
        pen.blob("#b98a52", "42,8 43,0 50,-2 57,0 58,8", 0.26)


def child(pen: Pen) -> None:
    """A child with a balloon."""
    who, style = looks(pen), pen.rng.choice(("short", "long", "curly", "bun"))
    ball = pen.rng.choice(("#d9483b", "#f2b441", "#3f86b5", "#e0708a"))
    pen.curve("#6b5a50", 0.6, "35,58 30,42 26,28")
    pen.poly(ball, "24,31 28,31 26,27")
    pen.oval(ball, 26, 15, 12, 14, 0.26)
    pen.oval("#ffffff88", 22, 9, 2.4, 4)
    with pen.placed(56, 100, 0.72):
        for _ in pen.sides():
            leg(pen, who.legs, "46,66 45,80 45,96", "#c8433a")
        arm(pen, who, "60,45 67,54 65,64")
        with pen.placed(50, 110, 0.9):
            pen.blob(who.top, "40,30 50,28 60,30 64,40 64,64 64,64 36,64 36,64 36,40", 0.3)
            for y in (42, 52):
                pen.line(lighter(who.top, 0.5), 3, f"38.4,{y} 61.6,{y}")
        arm(pen, who, "40,45 30,46 22,42")
        with pen.placed(50, 140, 1.34):
            head(pen, who, style)


def couple(pen: Pen) -> None:
    first, second = looks(pen), looks(pen)
    styles = pen.rng.sample(("short", "long", "curly", "bun"), 2)
    with pen.placed(30, 100, 0.96):
        standing(pen, first, styles[0], skirt=styles[0] in ("long", "bun"))
    with pen.placed(66, 100, 1.0, flip=True):
        standing(pen, second, styles[1], skirt=styles[1] in ("long", "bun"))
    pen.blob("#d9405a", "48,22 43,14 44,9 48,11 48,11 52,9 53,14", 0.2)


def group(pen: Pen) -> None:
    """A family, a team, people."""
    places = ((20, 0.9), (50, 1.0), (80, 0.92), (37, 0.6), (64, 0.68))
    styles = pen.rng.sample(("short", "long", "curly", "bun", "bald", "short"), 5)
    for (x, scale), style in zip(places, styles, strict=True):
        if scale < 0.7 and style == "bald":
            style = "short"
        with pen.placed(x, 100, scale, flip=x > 50):
            standing(pen, looks(pen), style, skirt=style in ("long", "bun"), wave=x in (20, 80))


def dancer(pen: Pen) -> None:
    who = looks(pen)
    with pen.turned(pen.rng.uniform(-6, 6), 50, 98):
        pen.taper(darker(who.skin, 0.12), "53,56 66,66 80,67 90,63", 6.4, 5.4, 4, 3.2)
        pen.blob(darker(who.top, 0.1), "85,61 92,59.6 100,57 101,58.4 95,64 87,67")
        pen.taper(who.skin, "50,58 50.6,72 49.6,80 50,94", 6.4, 4.6, 5, 3.4)
        pen.blob(who.top, "47.8,88 52.2,88 52,96 50.6,101 49.4,101 48,96")
        for turn, tone in ((8, darker(who.top, 0.1)), (-4, lighter(who.top, 0.3)), (2, who.top)):
            with pen.turned(turn, 50, 52):
                pen.blob(tone, "44,48 56,48 72,57 80,64 70,64 60,69 50,66 40,69 30,64 20,64 28,57", 0.2)
        pen.taper(who.skin, "58,33 69,30 80,20 90,15", 4.8, 4, 3.2, 2.6)
        pen.blob(who.skin, "89,13.4 94,11 100,9.4 100.6,10.6 96,13 99,13.6 98.6,15 93,16.6 89.6,16.6")
        pen.taper(who.skin, "42,33 30,24 31,6 42,-6", 4.8, 4, 3.2, 2.6)
        pen.blob(who.skin, "40.4,-6.4 44,-10 50,-10.6 55,-9 54.6,-7.6 50,-7.8 47,-5.6 43,-4")
        pen.blob(who.top, "42,32 47,35 53,35 58,32 57,44 56,52 44,52 43,44", 0.3)
        pen.blob(who.skin, "42,30 50,28 58,30 57,34 53,37 47,37 43,34", 0.2)
        head(pen, who, "bun")
        pen.line(who.top, 1.6, "46,2.6 54,2.6")


def runner(pen: Pen) -> None:
    who, style = looks(pen), pen.rng.choice(("short", "bun", "curly"))
    shoe = pen.rng.choice(("#e8573a", "#f2c14e", "#3f9fb5"))
    with pen.turned(pen.rng.uniform(-12, -5), 50, 60):
        pen.curve(who.skin, 5.6, "54,60 66,72 84,72")
        pen.blob(shoe, "82,66 88,67 90,78 86,80 83,76")
        arm(pen, who, "58,34 68,44 77,36", bare=True)
        pen.curve(who.skin, 5.6, "46,60 32,66 34,90")
        pen.blob(shoe, "37,87 38,93 26,95 25,91 31,88")
        pen.blob(who.legs, "41,54 59,54 64,64 58,70 51,62 38,71 32,64", 0.2)
        torso(pen, who)
        pen.box("#fbf6ea", 45, 38, 10, 9)
        pen.line("#2d2422", 1.2, "48.4,40.4 50,39.6 50,45")
        arm(pen, who, "41,34 31,45 22,38", bare=True)
        head(pen, who, style)
        pen.line(shoe, 2, "41.4,9.4 58.6,9.4")


def cyclist(pen: Pen) -> None:
    who = looks(pen)
    with pen.placed(50, 100, 0.9):
        pen.taper(darker(who.legs), "62,40 47,54 57,72", 9, 7, 5)
        bicycle(pen)
    pen.taper(who.legs, "63,43 43,58 49,86", 9, 7, 5)
    pen.blob("#2d2422", "51.6,84 53,92 41,92.6 41,90 46,87")
    pen.blob(who.top, "68,47 55,47 47,30 45,21 52,16 60,20 68,34", 0.26)
    arm(pen, who, "51,23 45,36 41,44")
    with pen.placed(48, 96, 0.96):
        head(pen, who, "short")
        pen.blob(
            pen.rng.choice(("#e8573a", "#2f8a8a", "#f2c14e")), "39,10 41,2 50,-2 60,1 63,8 63,8 50,8", 0.26
        )


def farmer(pen: Pen) -> None:
    who = looks(pen)
    denim, straw = "#3f5f8f", "#dcb45a"
    pen.line("#7a5a3a", 2, "26,34 25,100")
    for x in (22, 26, 30):
        pen.line("#8a9096", 1.3, f"{x},22 {x},32 26,36")
    for _ in pen.sides():
        leg(pen, denim, "46,57 45.4,76 45,95", "#5a3f2c")
    arm(pen, who, "60,33 68,44 62,54")
    torso(pen, who)
    pen.blob(denim, "43,40 43,40 57,40 57,40 60,60 60,60 40,60 40,60", 0.24)
    for _ in pen.sides():
        pen.line(denim, 2, "44,41 43,29")
        pen.oval("#e8c45a", 44.4, 41.4, 1.1, 1.1)
    pen.box(darker(denim), 46, 45, 8, 6)
    arm(pen, who, "40,33 32,42 26,45")
    head(pen, who, pen.rng.choice(("short", "long", "bald")))
    pen.blob(straw, "31,9 42,6 58,6 69,9 58,12 42,12", 0.2)
    pen.blob(straw, "41,8 43,-2 50,-4 57,-2 59,8", 0.26)
    pen.curve("#a8402f", 2, "41.4,7 50,8.6 58.6,7")


def chef(pen: Pen) -> None:
    who = looks(pen)
    white = Looks(who.skin, who.hair, "#f7f3ea", "#3a3a44")
    for _ in pen.sides():
        leg(pen, white.legs, "46,57 45.6,76 45,96")
    arm(pen, white, "60,33 68,42 66,52")
    torso(pen, white)
    for y in (37, 44, 51):
        for x in (46.6, 53.4):
            pen.oval("#4a4a50", x, y, 0.9, 0.9)
    pen.blob(who.top, "40,55 40,55 60,55 60,55 61,74 39,74", 0.2)
    pen.curve(who.top, 3.4, "45,28 50,31.6 55,28")
    pen.line("#3a3a40", 2, "30,40 16,36")
    pen.blob("#3a3a40", "-2,32 18,33 16,40 0,38", 0.3)
    pen.oval("#fbf6ea", 8, 31.5, 6, 2.2)
    pen.oval("#f2b441", 8, 30.8, 2.4, 1.6)
    arm(pen, white, "40,33 38,43 30,41")
    head(pen, who, pen.rng.choice(("short", "bun", "bald")))
    for x, y, r in ((42, -2, 6), (58, -2, 6), (50, -4, 8)):
        pen.oval("#fbf8f2", x, y, r, r * 0.9, 0.16)
    pen.box("#eee8dc", 41, 1, 18, 7, 0.2)


def doctor(pen: Pen) -> None:
    who = looks(pen)
    style, white = (
        pen.rng.choice(("short", "long", "bun", "curly")),
        Looks(who.skin, who.hair, "#f4f6f6", who.legs),
    )
    for _ in pen.sides():
        leg(pen, who.legs, "46,57 45.6,76 45,96")
    arm(pen, white, "60,33 66,45 62,55")
    pen.blob(white.top, "41,29 50,27.6 59,29 62,34 62,54 64,76 64,76 36,76 36,76 38,54 38,34", 0.3)
    pen.poly(who.top, "45,28 55,28 50,52")
    pen.line("#c9d0d2", 0.8, "50,52 50,76")
    pen.poly(darker(white.top, 0.16), "44,28 50,50 41,38")
    pen.poly(darker(white.top, 0.2), "56,28 50,50 59,38")
    pen.curve("#3f4f5a", 1.5, "44,28 44,40 47,44")
    pen.curve("#3f4f5a", 1.5, "56,28 56,40 53,46")
    pen.oval("#8a9aa2", 53, 48, 2.2, 2.2)
    pen.line("#d0392f", 1.6, "54.6,60 59,60")
    pen.line("#d0392f", 1.6, "56.8,57.8 56.8,62.2")
    arm(pen, white, "40,33 33,44 38,53")
    pen.box("#b98a52", 30, 46, 13, 16, 0.2)
    pen.box("#fbf8f0", 31.4, 48, 10.2, 12.6)
    for y in (51, 54, 57):
        pen.line("#9aa6aa", 0.7, f"33,{y} 40,{y}")
    head(pen, who, style)


def astronaut(pen: Pen) -> None:
    """The suit stays white and cool in any light."""
    with pen.lit(0.35):
        _spacesuit(pen)


def _spacesuit(pen: Pen) -> None:
    suit, visor = pen.coat("#f7f9fb", "#f4f7fa", "#f7f6f2"), pen.rng.choice(("#2f4f8f", "#3a3f5a", "#8a5a1f"))
    shade, red = darker(suit, 0.2), "#d9483b"
    with pen.turned(pen.rng.uniform(-14, 14), 50, 50):
        pen.blob(darker(suit, 0.34), "30,36 70,36 74,62 66,68 34,68 26,62", 0.3)
        for side in pen.sides():
            pen.taper(darker(suit, 0.08), "44,66 40,80 40,92", 13, 11, 11)
            pen.line(shade, 1.4, "34.4,80 45.8,80")
            pen.blob(darker(suit, 0.3), "33,89 47,89 49,95 48,99.6 28,99.6 28,95", 0.1)
            pen.box(darker(suit, 0.5), 28, 97.4, 20.6, 2.4)
            pen.taper(suit, "35,43 21,37 16,22" if side else "35,43 23,53 21,63", 12, 10.6, 9)
            with pen.turned(-12 if side else 176, *((16, 20) if side else (20.6, 64))):
                _glove(pen, (16, 24) if side else (20.6, 68), shade, red)
        pen.blob(suit, "32,38 50,34 68,38 70,54 66,70 50,73 34,70 30,54", 0.28)
        pen.box("#5a6472", 41, 48, 18, 12, 0.2)
        for x, tone in ((44.6, red), (50, "#f2c14e"), (55.4, "#5fc48a")):
            pen.oval(tone, x, 52, 1.7, 1.7)
        pen.line("#cfd6de", 1.2, "43.6,57 56.4,57")
        pen.oval(suit, 50, 20, 20, 19.5, 0.2)
        pen.blob("#e0b04a", "50,6 63,10 67,20 62,31 50,34 38,31 33,20 37,10")
        pen.blob(visor, "50,8 61,11.4 64.6,20 60,29.6 50,32 40,29.6 35.4,20 39,11.4", 0.26)
        pen.blob("#ffffffaa", "41,13 46,10.6 44,15 40,21")
        for x in (29.6, 70.4):
            pen.oval(shade, x, 20, 2.8, 5)
        pen.box(red, 62, 44, 4.6, 3)


def _glove(pen: Pen, wrist: tuple[float, float], tone: str, cuff: str) -> None:
    """An open hand that points up from this wrist."""
    with pen.placed(*wrist, 0.24):
        for shape in ("36,50 28,30 26,14", "46,44 44,20 43,2", "57,44 60,20 62,4", "66,52 74,34 79,20"):
            pen.line(tone, 12, shape)
        pen.line(tone, 13, "34,72 20,60 10,50")
        pen.blob(tone, "32,46 50,40 68,46 70,66 62,84 38,84 30,68", 0.2)
        pen.blob(cuff, "28,80 28,80 72,80 72,80 73,98 73,98 27,98 27,98", 0.2)
