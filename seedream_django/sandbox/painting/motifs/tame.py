"""Animals of house and farm, each a function that draws one with a pen. They look to the left."""

from __future__ import annotations

from ..pen import Pen, darker, lighter
from .wild import DARK, eye, sitting


def dog(pen: Pen) -> None:
    coat = pen.coat("#b9824e", "#8a5a36", "#d9b27c", "#4c4440", "#f1ece4")
    dark = darker(coat, 0.4) if coat < "#e" else pen.rng.choice(("#3a3438", "#8a5a36"))
    light, tip = lighter(coat, 0.66), pen.rng.choice(("97,74 99,58", "90,70 84,56", "99,84 108,76"))
    pen.taper(coat, f"62,93 80,92 {tip}", 8, 7, 5.4, 2.6)
    sitting(pen, coat, coat, light)
    if coat >= "#e":
        for x, y, r in ((50, 52, 4), (60, 66, 5), (48, 66, 3), (57, 86, 4), (40, 78, 2.4)):
            pen.oval(dark, x, y, r, r * 0.9)
    collar = pen.rng.choice(("#c8372d", "#2f6fa8", "#3c8a5a"))
    pen.curve(collar, 4, "33,48 42,52 54,47")
    pen.oval("#f2c14e", 38, 54, 2.6, 2.6)
    with pen.turned(pen.rng.uniform(-10, 6), 42, 44):
        _dog_head(pen, coat, dark, light)


def _dog_head(pen: Pen, coat: str, dark: str, light: str) -> None:
    pen.blob(coat, "10,36 16,30 24,28 30,18 42,15 53,22 55,36 48,47 34,50 20,49 11,45", 0.2)
    pen.blob(light, "10,37 18,35 26,38 30,46 26,50 16,49 10,45", 0.14)
    pen.blob("#d9697a", "20,49 26,49 26,57 22,59 19,56")
    pen.curve(DARK, 1, "12,43 20,47 28,47")
    pen.oval(DARK, 11, 37.5, 3.8, 3)
    eye(pen, 28, 30, 2.3)
    pen.blob(dark, "40,17 52,16 60,26 63,44 57,54 49,50 46,36", 0.14)


def cat(pen: Pen) -> None:
    coat = pen.coat("#565462", "#d98a3d", "#8d8a8c", "#e5d8c4", "#6d5544")
    dark, light = darker(coat, 0.34), lighter(coat, 0.7)
    tip = pen.rng.choice(("97,74 94,62", "96,72 99,58", "98,78 93,70"))
    pen.taper(coat, f"62,93 78,95 90,88 {tip}", 8, 8, 7, 5)
    pen.blob(coat, "40,40 60,40 68,56 75,74 78,88 74,96 62,98 38,98 26,96 22,88 25,74 32,56", 0.2)
    for _ in pen.sides():
        pen.blob(darker(coat, 0.16), "37,74 27,73 21.6,84 24,96 36,99 40,92")
        pen.blob(coat, "35,75 27,75 22.6,84 25,95 36,98 38,90", 0.1)
        for y in (60, 66.6):
            pen.curve(dark, 1.7, f"{34 - (y - 60) * 0.5},{y} 37.6,{y + 1.4} 40,{y}")
        pen.curve(dark, 1.7, "28,80 31,82.6 34.6,82")
    pen.blob(darker(coat, 0.34), "38,66 62,66 60.6,97 39.4,97")
    pen.blob(light, "41,44 59,44 62,56 58,68 50,76 42,68 38,56")
    for _ in pen.sides():
        pen.blob(coat, "40,64 48.6,67 49,90 49.4,99.6 34.4,99.6 35.6,95 40.4,92 38.6,78", 0.12)
        pen.blob(light, "49.4,99.6 34.4,99.6 35.6,95 41,93 47,94 49.4,96")
        for x in (39.4, 44):
            pen.line(dark, 0.7, f"{x},96.6 {x},99.2")
    with pen.turned(pen.rng.uniform(-9, 9), 50, 46):
        _cat_face(pen, coat, dark, light)


def _cat_face(pen: Pen, coat: str, dark: str, light: str) -> None:
    iris = pen.rng.choice(("#f2c94c", "#8cc56a", "#6fb4d9"))
    for _ in pen.sides():
        pen.poly(coat, "27,28 28,2 47,16", 0.2)
        pen.poly("#d99a94", "31,22 31,9 40,16")
    pen.blob(coat, "50,13 64,16 73,28 70,40 60,48 40,48 30,40 27,28 36,16", 0.2)
    for x in (44, 50, 56):
        pen.line(dark, 1.8, f"{x},15 {50 + (x - 50) * 0.7},22")
    pen.blob(light, "50,35 59,40 57,46 50,48 43,46 41,40")
    for _ in pen.sides():
        pen.oval(iris, 40, 30.5, 5.4, 5)
        pen.oval("#14131a", 40, 30.5, 2, 4.6)
        pen.oval("#ffffff", 38.8, 28.6, 1, 1)
        pen.curve("#6b4a44", 0.9, "50,41 47,44.5 43,43")
        for dy in (-2, 1, 4):
            pen.line("#fbf7ee", 0.6, f"41,41 21,{39 + dy}")
    pen.poly("#c9666a", "46.6,37.5 53.4,37.5 50,41")


def horse(pen: Pen) -> None:
    coat = pen.coat("#7a4a2a", "#5c3620", "#a06a3c", "#d8cfc2")
    steed(pen, coat, pen.rng.choice((darker(coat, 0.6), lighter(coat, 0.6))))


def steed(pen: Pen, coat: str, mane: str, horn: str = "") -> None:
    """A horse, or with a horn a unicorn."""
    dark = darker(coat, 0.36)
    pen.blob(mane, "82,47 92,50 98,64 95,84 88,88 89,70 84,58", 0.2)
    for shift, tone in ((8.0, dark), (0, coat)):
        back, fore = 79 - shift * 0.9, 35.5 + shift
        pen.blob(tone, f"{back - 8},52 {back + 9},50 {back + 9},62 {back + 4},72 {back + 5.6},79 {back + 3.6},95 "
                       f"{back},95 {back + 0.8},80 {back - 2},73 {back - 6},67")  # fmt: skip
        pen.blob(tone, f"{fore - 5.4},58 {fore + 6},58 {fore + 3.4},72 {fore + 2.4},79 {fore + 2},95 {fore - 1.8},95 "
                       f"{fore - 2.2},79 {fore - 3.4},70")  # fmt: skip
        for x in (back + 1.8, fore):
            pen.poly("#2d2320", f"{x - 2.2},94 {x + 2.2},94 {x + 3},100 {x - 4},100")
    pen.blob(coat, "29,52 38,46 54,49 70,44 84,46 90,56 86,68 74,69 56,67 40,70 30,64", 0.26)
    with pen.turned(pen.rng.uniform(-10, 8), 38, 60):
        pen.blob(mane, "22,9 30,8 40,18 50,40 50,54 40,46 30,24", 0.2)
        pen.blob(coat, "19,17 28,14 36,24 46,44 48,58 42,66 33,64 27,48 22,34")
        pen.poly(coat, "25,15 25,3 31,13")
        if horn:
            pen.poly(horn, "15,20 6,-6 21,14", 0.4)
            for shape in ("12.6,12 17,10", "10.6,6 14,4.6", "9,1 11,0"):
                pen.line(darker(horn), 0.8, shape)
        pen.blob(coat, "3,39 6,34 15,20 22,12 30,14 30,24 24,33 14,42 6,44", 0.16)
        pen.blob(darker(coat, 0.24), "3,39 6,34 12,37 11,43 6,44.5")
        pen.blob(mane, "24,9 30,10 26,20 19,22")
        if not horn and pen.rng.random() < 0.5:
            pen.blob("#f5efe2", "14,23 17,20 11,33 9,33")
        pen.oval(darker(coat, 0.7), 6, 38, 1.1, 0.9)
        eye(pen, 20, 23, 1.8)


def cow(pen: Pen) -> None:
    coat = pen.coat("#f4efe6", "#f4efe6", "#a8683a")
    patch = pen.rng.choice(("#2d2a2c", "#6d3f26")) if coat > "#d" else "#f0e2cc"
    dark = darker(coat, 0.22)
    pen.curve(dark, 1.6, "91,44 96,54 94,70")
    pen.oval(patch, 94, 72, 2, 4)
    for x, tone in ((43.0, dark), (76, dark), (35, coat), (85, coat)):
        pen.blob(
            tone,
            f"{x - 7},56 {x + 7},56 {x + 5},72 {x + 3},80 {x + 3.4},96 {x - 3.4},96 {x - 3},80 {x - 4.6},72",
        )
        pen.poly("#3a3030", f"{x - 3.4},95 {x + 3.4},95 {x + 3.8},100 {x - 4.6},100")
    pen.blob("#f0a9a0", "66,68 78,68 79,76 74,79 68,77")
    pen.blob(coat, "24,44 30,36 50,38 76,36 91,40 94,56 88,70 64,72 40,72 27,66", 0.26)
    pen.blob(patch, "42,38 58,37 64,48 56,58 46,54")
    pen.blob(patch, "76,37 91,41 92,54 84,60 76,52")
    pen.blob(patch, "34,62 44,60 46,70 38,71")
    with pen.turned(pen.rng.uniform(-5, 8), 28, 50):
        for x, side in ((9.0, -1), (29, 1)):
            pen.curve("#e8dcc0", 2.6, f"{x + side},28 {x + side * 5},24 {x + side * 4},17")
            pen.blob(patch, f"{x},31 {x + side * 7},29 {x + side * 11},33 {x + side * 5},37")
        pen.blob(coat, "10,28 19,25 28,28 30,40 26,54 19,58 12,54 8,40", 0.16)
        pen.blob(patch, "19,25 28,28 30,40 24,42 20,34")
        pen.blob("#f0b3a6", "8,51 14,47 24,47 30,51 28,59 19,62 10,59", 0.14)
        for x in (14.5, 23.5):
            pen.oval("#8a4f48", x, 54, 1.5, 1.9)
            eye(pen, x - 0.5 if x < 20 else x + 0.5, 38, 2)


def sheep(pen: Pen) -> None:
    wool = pen.coat("#f3ecdd", "#e8ddc9", "#f7f3ea")
    face = pen.rng.choice(("#3a3434", "#54463f", "#e0c4a4"))
    for x in (38.0, 48, 70, 79):
        pen.box(darker(face, 0.16 * (x % 4 != 2)), x - 2.6, 76, 5.2, 22)
        pen.box("#231d1c", x - 2.8, 96, 5.8, 4)
    bumps = [
        (34, 62),
        (40, 46),
        (52, 38),
        (66, 38),
        (79, 44),
        (87, 56),
        (84, 70),
        (72, 78),
        (57, 80),
        (43, 75),
    ]
    for x, y in bumps:
        pen.oval(darker(wool, 0.2), x + 1.5, y + 1.5, 12, 11)
    for x, y in bumps:
        pen.oval(wool, x, y, 11.4, 10.6)
    pen.oval(wool, 60, 58, 26, 20)
    for x, y in ((52, 56), (66, 50), (74, 62), (58, 68), (46, 64), (80, 54)):
        pen.curve(darker(wool, 0.16), 1.4, f"{x - 3},{y} {x - 1},{y + 2.4} {x + 2},{y + 2} {x + 3},{y - 0.6}")
    with pen.turned(pen.rng.uniform(-6, 10), 30, 48):
        for x, side in ((14, -1), (34, 1)):
            pen.blob(face, f"{x},42 {x + side * 8},40 {x + side * 12},46 {x + side * 4},48")
        pen.blob(face, "15,38 24,35 33,38 33,52 28,63 20,63 15,52", 0.16)
        for x, y in ((16, 37), (24, 33), (32, 37), (20, 34), (28, 34)):
            pen.oval(wool, x, y, 5.6, 5)
        for x in (19.5, 28.5):
            pen.oval("#fdfaf2", x, 47, 2.8, 2.8)
            eye(pen, x - 0.4, 47.2, 1.7)
        pen.curve("#d9a59a", 1.1, "21,58 24,60 27,58")


def pig(pen: Pen) -> None:
    skin = pen.coat("#efa9a4", "#e99a98", "#f4bdb2")
    dark = darker(skin, 0.26)
    pen.curve(dark, 2, "90,52 96,50 98,56 93,58 95,63")
    for x, tone in ((44.0, dark), (72, dark), (34, skin), (82, skin)):
        pen.blob(tone, f"{x - 8},64 {x + 8},64 {x + 5.6},80 {x + 3.6},96 {x - 3.6},96 {x - 4.6},80")
        pen.poly(darker(skin, 0.5), f"{x - 3.6},95 {x + 3.6},95 {x + 4},100 {x - 4.6},100")
    pen.blob(skin, "22,56 34,40 54,36 76,38 90,50 92,66 82,80 58,84 36,82 24,72", 0.28)
    with pen.turned(pen.rng.uniform(-4, 8), 30, 56):
        pen.poly(dark, "14,40 12,26 26,36")
        pen.poly(dark, "34,38 42,27 44,42")
        pen.blob(skin, "12,46 20,37 34,36 44,46 43,60 34,69 20,68 11,58", 0.2)
        pen.oval(dark, 20, 58, 9.4, 7)
        pen.oval(lighter(skin, 0.24), 19.4, 57.5, 8.6, 6.2)
        for x in (16.5, 22.5):
            pen.oval(darker(skin, 0.6), x, 57.5, 1.5, 2.2)
        for x in (17, 33):
            eye(pen, x, 47, 2)
        pen.curve(darker(skin, 0.5), 1.1, "26,66 32,66 36,62")
    for x, y, r in ((64, 52, 5), (74, 62, 3.4)) if pen.rng.random() < 0.4 else ():
        pen.oval(darker(skin, 0.14), x, y, r, r * 0.8)


def hen(pen: Pen) -> None:
    coat = pen.coat("#b5612f", "#f1e8d8", "#8f4726", "#3b3638")
    dark, cock = darker(coat, 0.3), pen.rng.random() < 0.5
    tails = ("#1f5f5a", "#2f3f6f", "#7a2f2a") if cock else (dark, coat, dark)
    for i, tone in enumerate(tails):
        with pen.turned(i * 16 - 14, 76, 56):
            if cock:
                pen.blob(tone, "72,62 78,40 86,22 96,18 102,28 98,34 92,36 88,52 82,64", 0.2)
            else:
                pen.blob(tone, "70,62 76,42 86,30 92,36 88,52 80,66", 0.2)
    for x in (46, 58):
        pen.line("#e09a2c", 2.4, f"{x},80 {x},97")
        for toe in (-6, 0, 5):
            pen.line("#e09a2c", 1.8, f"{x},96 {x + toe},99.4")
    pen.blob(coat, "22,24 34,22 40,36 56,46 76,44 86,52 82,70 68,82 50,86 34,80 24,66 22,44", 0.26)
    pen.blob(dark, "48,54 64,50 80,56 76,68 62,72 50,66")
    for x, y in ((54, 60), (62, 58), (70, 60), (60, 66), (68, 66)):
        pen.curve(coat, 1.4, f"{x - 3},{y} {x},{y + 3} {x + 3},{y}")
    with pen.turned(pen.rng.uniform(-10, 8), 30, 40):
        for x, y in ((24, 10), (30, 7), (36, 10)):
            pen.oval("#d0342c", x, y + (0 if cock else 3), 4, 5)
        pen.blob(coat, "20,22 24,13 34,12 39,22 38,36 22,36", 0.16)
        pen.poly("#efb13a", "20,19 10,24 21,27")
        pen.blob("#d0342c", "19,27 24,27 24,36 20,37")
        eye(pen, 26, 20, 1.9)
