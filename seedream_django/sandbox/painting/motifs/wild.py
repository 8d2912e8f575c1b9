"""Wild animals on land, each a function that draws one with a pen. They look to the left."""

from __future__ import annotations

from ..pen import Pen, darker, lighter

DARK = "#1a1512"


def eye(pen: Pen, x: float, y: float, radius: float = 2.2, tone: str = DARK) -> None:
    """A dark eye with a glint in it."""
    pen.oval(tone, x, y, radius, radius * 1.12)
    pen.oval("#ffffff", x - radius * 0.32, y - radius * 0.38, radius * 0.34, radius * 0.34)


def brush(pen: Pen, coat: str, light: str) -> None:
    """The tail of a fox or a wolf: thin at its root, full in the middle, with a pale tip."""
    with pen.turned(-pen.rng.uniform(-6, 8), 62, 96):
        pen.blob(
            coat,
            "58,94 58,94 70,92 78,84 80,72 84,60 94,48 94,48 101,60 103,74 99,88 88,98 74,100 60,99",
            0.2,
        )
        pen.blob(light, "84.6,59 94,48 94,48 100,58 102.6,68 97,64 94,68 91,62 87,65")
        for shape in ("90,72 87,80 81,86", "97,76 94,85 88,91"):
            pen.curve(darker(coat, 0.2), 1, shape)


def sitting(pen: Pen, coat: str, dark: str, light: str) -> None:
    """The body of a fox, a wolf or a dog that sits."""
    pen.blob(coat, "36,40 50,44 62,58 70,80 69,97 52,99 40,99 36,80 31,60", 0.3)
    pen.blob(darker(coat, 0.2), "32,62 41,64 39,80 36,92 38,98.6 26.4,98.6 28,94.6 31.4,92 31,78")
    pen.blob(darker(dark, 0.2), "31.6,86 36.8,86 36.4,93 38,98.6 26.4,98.6 28,94.6 31.2,92.4")
    pen.blob(darker(coat, 0.34), "50,80 60,74 70,82 70,97 50,99.5")
    pen.blob(coat, "52,80 60,75 69,83 68.5,96.5 52,98.5", 0.15)
    pen.blob(lighter(coat, 0.06), "50,94 64,93 68,99.6 49,99.6 48,97")
    pen.blob(light, "31,46 42,48 45,62 43,74 37,70 31,60", 0.16)
    pen.blob(coat, "38,64 48,64 49,78 46.4,91 48.6,99.8 35.6,99.8 37,95.4 40.6,92.6 39,78", 0.2)
    pen.blob(dark, "40.2,86 47.2,86 46.4,92 48.6,99.8 35.6,99.8 37,95.4 40.4,93")


def _canine_head(pen: Pen, coat: str, dark: str, light: str) -> None:
    for tone, inset in ((coat, 0), (dark, 2)):
        pen.poly(tone, f"27,26 {30 + inset / 2},{2 + 3 * inset} {41 - inset},20")
        pen.poly(tone, f"{41 + inset},22 51,{4 + 3 * inset} {53.5 - inset},30")
    pen.blob(coat, "9,40 20,30 29,20 44,19 54,30 50,43 36,50 21,46", 0.2)
    pen.blob(light, "9,40.5 22,37 34,40 46,42 50,41 42,47 34,50.5 20,46", 0.12)
    pen.oval(DARK, 10.5, 39.5, 2.9, 2.3)
    eye(pen, 30, 32.5)


def fox(pen: Pen) -> None:
    coat, dark, light = pen.coat("#dd6a2b", "#d2581f", "#e3813a"), "#4a2418", "#fbf3e6"
    brush(pen, coat, light)
    sitting(pen, coat, dark, light)
    with pen.turned(pen.rng.uniform(-9, 5), 42, 44):
        _canine_head(pen, coat, dark, light)


def wolf(pen: Pen) -> None:
    coat = pen.coat("#77818c", "#8a8d8f", "#5f6974")
    dark, light = darker(coat, 0.5), lighter(coat, 0.72)
    brush(pen, coat, light)
    sitting(pen, coat, dark, light)
    pen.poly(dark, "48,44 60,54 66,68 60,64 58,70 53,60 50,62")
    pen.blob(coat, "32,40 50,38 55,50 44,54 33,52")
    pen.blob(light, "31,44 41,46 44,58 40,66 34,64 31,56")
    with pen.turned(pen.rng.choice((26, 30, -2)), 42, 42):  # it howls, or looks ahead
        _canine_head(pen, coat, dark, light)
        pen.poly(light, "34,46 52,36 52,44 47,43 48,50 42,47 40,53")


def deer(pen: Pen) -> None:
    coat = pen.coat("#a86d3c", "#96602f", "#b37a4c")
    dark = darker(coat, 0.34)
    for shift, tone in ((7.0, dark), (0, coat)):
        back = 77 - shift * 0.9
        pen.blob(tone, f"{back - 7},54 {back + 8},52 {back + 8},64 {back + 3.6},74 {back + 5},80 {back + 3},97 "
                       f"{back},97 {back + 1},82 {back - 1.4},75 {back - 5},68")  # fmt: skip
        fore = 36.5 + shift
        pen.blob(tone, f"{fore - 4.5},58 {fore + 5},58 {fore + 3},72 {fore + 2},80 {fore + 1.6},97 {fore - 1.6},97 "
                       f"{fore - 1.8},80 {fore - 3},70")  # fmt: skip
        for x in (back + 1.4, fore):
            pen.poly("#2d211a", f"{x - 1.7},96 {x + 1.8},96 {x + 2.2},100 {x - 2.8},100")
    pen.blob("#f3e9d8", "80,48 87,47 90,56 85,63")
    pen.blob(coat, "31,50 46,48 60,47.6 72,45 83,49 86,57 83,66 74,69 60,67.6 48,71 36,69 31,60", 0.28)
    for x, y in ((56, 53), (63, 56), (70, 51), (76, 56), (66, 50.6), (60, 50.6)):
        pen.oval(lighter(coat, 0.5), x, y, 1.3, 1)
    with pen.turned(pen.rng.uniform(-8, 6), 38, 60):
        for lean, tone in ((7, "#5a3d26"), (-8, "#76543a")):
            foot, tip = 27 + lean * 0.2, 27 + lean * 2.2
            pen.taper(tone, f"{foot},22 {27 + lean},14 {27 + lean * 1.7},6 {tip},-4", 2.6, 1)
            pen.taper(
                tone, f"{27 + lean * 0.9},15.4 {27 + lean * 0.8 - 4},10 {27 + lean * 0.8 - 5},4", 2, 0.8
            )
            pen.taper(tone, f"{27 + lean * 1.5},8.6 {27 + lean * 2.4},6 {27 + lean * 2.9},1", 1.8, 0.8)
        pen.blob(coat, "23,26 31,23 38,36 47,47 48,62 40,67 33,64 27,50")
        pen.blob(lighter(coat, 0.55), "23,34 27,42 32,58 31,63 26,52")
        pen.blob(dark, "28,24 31,17 40,12.6 44,13 41,20 34,26", 0.1)
        pen.blob(lighter(coat, 0.5), "31,22.6 34,18 41,14.6 38,20")
        pen.blob(coat, "5.6,34 10,29.6 20,19.6 28,18.6 32,24 29,31 21,34 11,38 6.4,37", 0.14)
        pen.blob(lighter(coat, 0.5), "6.4,36.4 12,34 20,33.6 12,38")
        pen.oval(DARK, 7, 34, 2.4, 2)
        eye(pen, 21.5, 26, 1.8)


def bear(pen: Pen) -> None:
    coat = pen.coat("#6b4630", "#5a3a28", "#7d5738")
    dark = darker(coat, 0.34)
    for x in (42, 70):
        pen.blob(dark, f"{x - 8},66 {x + 8},66 {x + 7},98 {x - 10},98")
    pen.blob(coat, "16,54 26,42 40,30 52,34 70,32 88,42 93,62 86,78 60,82 34,82 22,74", 0.26)
    for x in (29, 82):
        pen.blob(coat, f"{x - 9},62 {x + 10},62 {x + 8},90 {x + 8},99 {x - 11},99 {x - 8},88", 0.2)
        for claw in (-9, -6, -3):
            pen.line("#e8dcc8", 1, f"{x + claw},97.5 {x + claw - 1},100")
    with pen.turned(pen.rng.uniform(-6, 10), 28, 52):
        for x in (13, 30):
            pen.oval(dark, x, 36, 5.5, 5.5)
            pen.oval(lighter(coat, 0.2), x - 0.5, 37, 3, 3)
        pen.blob(coat, "7,52 10,40 20,34 32,38 37,50 30,62 16,62", 0.2)
        pen.blob(lighter(coat, 0.42), "2,55 8,48 18,48 22,56 16,63 6,62", 0.14)
        pen.oval(DARK, 4.5, 52.5, 3.6, 2.7)
        eye(pen, 17.5, 45, 1.8)


def lion(pen: Pen) -> None:
    coat = pen.coat("#d9a24e", "#cf9440", "#e2b063")
    mane, dark = pen.rng.choice(("#8a4a1f", "#6d3517", "#9a5a26")), darker(coat, 0.28)
    pen.curve(coat, 3, f"84,56 94,62 95,74 98,{pen.rng.uniform(78, 84)}")
    pen.oval(mane, 98, 83, 3.4, 5)
    for x, tone in ((48.0, dark), (72, dark), (38, coat), (81, coat)):
        pen.blob(tone, f"{x - 6},62 {x + 6},62 {x + 4},84 {x + 5},99.5 {x - 8},99.5 {x - 5},84")
    pen.blob(coat, "32,48 50,46 72,45 87,52 88,66 78,74 54,74 34,74", 0.28)
    pen.blob(mane, "28,12 38,12 46,20 53,27 54,40 52,54 46,66 36,76 27,68 16,64 8,54 4,42 8,28 16,18", 0.3)
    for i in range(11):
        with pen.turned(i * 33 - 20, 29, 40):
            pen.poly(mane if i % 2 else lighter(mane, 0.14), "23,20 29,9 35,20")
    for x in (16.0, 42):
        pen.oval(dark, x, 26, 5, 5)
    pen.blob(coat, "29,22 41,27 43,42 38,54 29,60 20,54 15,42 17,27", 0.24)
    pen.blob(lighter(coat, 0.6), "29,44 37,48 35,57 29,60 23,57 21,48")
    pen.poly("#5c2d20", "25,43 33,43 29,49")
    pen.line("#5c2d20", 1.1, "29,48 29,53 25,55.5")
    pen.line("#5c2d20", 1.1, "29,53 33,55.5")
    for x in (22.5, 35.5):
        eye(pen, x, 37, 2)


def elephant(pen: Pen) -> None:
    coat = pen.coat("#8d949e", "#9a9490", "#7f8894")
    dark = darker(coat, 0.26)
    pen.taper(dark, "91,42 97,52 96,68", 2.6, 1.2)
    pen.oval(darker(coat, 0.5), 96, 70, 1.5, 3)
    for x, tone in ((52.0, dark), (75, dark), (39, coat), (86, coat)):
        pen.blob(tone, f"{x - 9},54 {x + 8},54 {x + 7},74 {x + 5.4},86 {x + 7},97 {x + 6},100 {x - 8},100 {x - 9},97 "
                       f"{x - 7},86 {x - 8},72")  # fmt: skip
        for toe in (-5.6, -1, 3.6):
            pen.oval(lighter(tone, 0.45), x + toe, 98.4, 2, 1.5)
    pen.blob(coat, "26,36 38,28 54,24 72,25 86,32 94,45 95,62 91,73 80,75 66,80 50,78 36,73 28,60", 0.26)
    curl = pen.rng.choice(("10,66 7,78 5,89 -1,93 -5,89", "8,66 1,73 -6,69 -7,60 -2,56"))
    pen.taper(dark, f"21,44 15,55 {curl}", 19, 12, 9.4, 7.4, 5.4)
    pen.taper(coat, f"20,43 14,54 {curl}", 18, 10.6, 8, 6, 4)
    pen.blob(coat, "9,44 11,31 19,23 29,22 37,28 39,44 33,58 24,62 15,57", 0.14)
    for y, left, right in ((59, 8.6, 15), (64, 6, 12.6)):
        pen.curve(dark, 0.8, f"{left},{y} {(left + right) / 2},{y + 1.6} {right},{y}")
    pen.taper("#f7f0de", "22,57 16,63 9,65 4,62", 3.8, 1.2)
    pen.curve(dark, 1, "18,56 23,60 28,58")
    pen.blob(dark, "30,28 40,22 52,26 58,38 55,52 47,63 39,62 33,50")
    pen.blob(lighter(coat, 0.12), "32,29.6 40,24.4 50.6,28 56,39 53,51 46.6,60 41,59 35,49", 0.14)
    eye(pen, 21, 39, 1.7)
    pen.curve(dark, 0.8, "17.6,36.4 21,34.4 24,36")


def giraffe(pen: Pen) -> None:
    coat = pen.coat("#e3b257", "#dba649", "#e8bf70")
    spot, dark = darker(coat, 0.48), darker(coat, 0.24)
    for x, tone in ((54.0, dark), (73, dark), (47, coat), (80, coat)):
        pen.blob(tone, f"{x - 5.6},62 {x + 5.6},62 {x + 3.4},76 {x + 2.6},82 {x + 1.8},98 {x - 1.8},98 {x - 2.4},82 "
                       f"{x - 3},76")  # fmt: skip
        pen.poly("#4a3524", f"{x - 1.8},96.6 {x + 1.8},96.6 {x + 2.4},100 {x - 3},100")
    pen.curve(dark, 1.2, "85,60 89,68 88,78")
    pen.oval("#4a3524", 88, 80, 1.6, 3)
    pen.blob(coat, "40,58 52,55 68,56 82,60 86,68 80,76 62,76 46,76 40,70", 0.24)
    with pen.turned(pen.rng.uniform(-5, 9), 46, 68):
        pen.poly("#8a5a2c", "33,9 37,13 55,58 51,56")
        pen.poly(coat, "25,14 34,10 53,58 52,72 40,68")
        for shape in ("28,20 32,18 34,24 30,26", "32,30 36,27 39,33 35,36", "36,41 41,38 43,45 39,49",
                      "39,54 44,50 47,57 42,61", "32,22 36,20 37,25", "40,34 43,39 41,35"):  # fmt: skip
            pen.blob(spot, shape)
        for x in (28, 32):
            pen.line(coat, 1.8, f"{x},8 {x - 1},1")
            pen.oval("#4a3524", x - 1, 1, 1.6, 1.6)
        pen.poly(dark, "33,8 43,5 40,11 34,13")
        pen.blob(coat, "8,19 12,13 22,7 33,6 36,12 30,18 20,21 11,23", 0.14)
        pen.oval(lighter(coat, 0.5), 11, 19, 4, 3.4)
        pen.oval(spot, 8.5, 17.5, 0.9, 0.7)
        eye(pen, 25, 11.5, 1.6)
    for shape in ("46,60 54,58 56,65 49,68", "59,59 67,59 66,66 60,66", "70,60 77,62 75,68 70,67",
                  "52,70 59,69 58,74 53,74", "63,69 70,70 68,75 63,74", "79,64 83,66 81,72 77,71"):  # fmt: skip
        pen.blob(spot, shape)


def camel(pen: Pen) -> None:
    coat = pen.coat("#c9974f", "#bd8a4a", "#d3a765")
    dark, humps = darker(coat, 0.3), pen.rng.choice((1, 2))
    for x, tone in ((47.0, dark), (75, dark), (39, coat), (82, coat)):
        pen.blob(tone, f"{x - 5},56 {x + 6.6},56 {x + 4.4},70 {x + 2.6},77 {x + 3},82 {x + 2},96 {x - 2},96 "
                       f"{x - 2.4},82 {x - 3},77 {x - 4.4},68")  # fmt: skip
        pen.blob(darker(tone, 0.34), f"{x - 2.2},95 {x + 2.2},95 {x + 3.4},100 {x - 4.6},100")
    pen.taper(dark, "88,52 92,62 91,74", 2.2, 1.2)
    pen.oval(darker(coat, 0.5), 91, 76, 1.5, 2.8)
    if humps == 1:
        pen.blob(coat, "38,56 48,38 57,23 63,19 69,23 76,39 86,56 70,62 50,62", 0.2)
    else:
        for x in (50, 73):
            pen.blob(coat, f"{x - 15},58 {x - 8},38 {x - 2},26 {x + 3},24 {x + 7},30 {x + 14},56", 0.2)
    pen.blob(coat, "33,52 44,47 60,48 76,45 88,51 90,62 84,70 70,70 56,73 42,70 34,64", 0.26)
    with pen.turned(pen.rng.uniform(-5, 5), 40, 60):
        pen.blob(coat, "19,26 28,24 29,36 32,46 38,51 48,48 52,60 44,71 33,70 24,60 20,46", 0.1)
        pen.blob(dark, "24,60 33,70 38,71 31,71.6 25,67 21,54 20,44")
        pen.blob(darker(coat, 0.1), "24,21 25,13 29,11 31,15 29,22")
        pen.blob(dark, "26,20 27,15 29,14 28.6,20")
        pen.blob(coat, "1,31 3,26 9,24 16,19.4 24,18 30,22 31,29 25,35 16,35.6 8,37.6 3,36", 0.14)
        pen.blob(darker(coat, 0.16), "1,31 3,27 7,27 8,32 6,37 2.6,35.4")
        pen.curve(darker(coat, 0.5), 0.9, "3,33.6 8,33.6 14,31.6")
        pen.oval(darker(coat, 0.6), 4, 28.6, 0.9, 0.7)
        eye(pen, 18.6, 24.6, 1.7)
        pen.curve(dark, 0.9, "15.6,23 18.6,21.4 21.6,23")
    cloth = pen.rng.choice(("#b23a3a", "#2f6f8f", "#7a3f86"))
    pen.blob(cloth, "54,44 54,44 61,46.4 73,44 73,44 74,60 74,60 54,60 54,60", 0.2)
    pen.line(lighter(cloth, 0.4), 1, "54,50 73.6,50")
    pen.line("#f2c14e", 1.4, "54,57 74,57")
    for x in (55, 60, 65, 70, 74):
        pen.line("#f2c14e", 1, f"{x},58 {x},63")


def tiger(pen: Pen) -> None:
    coat, stripe = pen.coat("#e08a35", "#d97f2c", "#e8e4dc"), "#2d2320"
    dark, light = darker(coat, 0.28), "#fbf3e4"
    pen.curve(coat, 6, "86,56 96,58 100,70 94,80")
    for shape in ("94,55 91,62", "102,64 95,66", "101,74 95,72", "95,81 92,77"):
        pen.line(stripe, 2, shape)
    for x, tone in ((46, dark), (72, dark), (37, coat), (82, coat)):
        pen.blob(tone, f"{x - 6},62 {x + 6},62 {x + 4},84 {x + 5},99.5 {x - 8},99.5 {x - 5},84")
        for y in (78, 86):
            pen.line(stripe, 1.6, f"{x - 4},{y} {x + 2},{y + 2}")
    pen.blob(coat, "32,46 50,44 72,43 87,50 90,64 80,74 54,74 34,74", 0.28)
    pen.blob(light, "42,74 54,70 74,70 80,74 60,77")
    for x in (50, 58, 66, 74, 82):
        pen.blob(stripe, f"{x - 2},44 {x + 2},44 {x + 1},56 {x - 2},64 {x - 1},54")
    with pen.turned(pen.rng.uniform(-6, 6), 30, 56):
        for x in (14, 44):
            pen.oval(coat, x, 25, 6.4, 6.4)
            pen.oval(stripe, x, 25.6, 3.4, 3.4)
        pen.blob(coat, "29,16 44,22 51,38 48,52 38,62 29,65 20,62 10,52 7,38 14,22", 0.2)
        pen.line(stripe, 2, "29,18 29,28")
        for _ in pen.sides(29):
            for shape in ("29,20 36,22 41,27", "45,36 51,38", "44,44 50,46", "42,51 47,54"):
                pen.curve(stripe, 2, shape)
            pen.blob(light, "31,44 39,46 42,54 35,61 29,60")
            pen.oval(light, 38, 35.4, 4.4, 4)
            eye(pen, 37.4, 36, 2.5)
        pen.blob("#c9605a", "25.4,46 32.6,46 29,50.4")
        pen.curve(stripe, 1, "23,55 27,56 29,53 31,56 35,55")


def panda(pen: Pen) -> None:
    white, black = pen.coat("#f7f3ea", "#f4efe6"), "#2a2a30"
    for _ in pen.sides():
        pen.blob(black, "34,54 20,60 14,76 20,84 30,80 36,68", 0.1)
        pen.oval(black, 28, 91, 13, 9.6, 0.16)
        pen.oval("#55555c", 24.6, 91, 6, 5.4)
    pen.blob(white, "36,50 64,50 74,66 76,84 64,96 50,98 36,96 24,84 26,66", 0.2)
    pen.blob(black, "33,52 50,49 67,52 70,60 50,64 30,60")
    if pen.rng.random() < 0.7:  # a bamboo
        with pen.turned(pen.rng.uniform(-18, -6), 22, 70):
            pen.line("#6fa04a", 3, "22,96 22,44")
            for y in (56, 70, 84):
                pen.line("#4f7f3a", 1, f"20,{y} 24,{y}")
            for y, side in ((44, -1), (48, 1), (56, -1)):
                pen.blob(
                    "#5f9a45",
                    f"22,{y + 4} {22 + side * 5},{y - 3} {22 + side * 14},{y - 5} {22 + side * 7},{y + 3}",
                )
        pen.oval(black, 22, 72, 6, 6)
    with pen.turned(pen.rng.uniform(-8, 8), 50, 50):
        for _ in pen.sides():
            pen.oval(black, 28, 14, 9.4, 9)
        pen.blob(white, "50,8 68,13 78,30 73,46 60,55 40,55 27,46 22,30 32,13", 0.2)
        for _ in pen.sides():
            with pen.turned(28, 38, 32):
                pen.oval(black, 38, 32, 6, 8)
            eye(pen, 39.4, 31, 2.4, "#0d0d10")
            pen.oval("#ef8f8a44", 31, 43, 4, 2.6)
        pen.blob(black, "45.4,40 54.6,40 50,45")
        pen.curve(black, 1.2, "44,48.6 48,49.6 50,46 52,49.6 56,48.6")


def monkey(pen: Pen) -> None:
    coat, face = pen.coat("#7a4f34", "#6a442e", "#94653f"), "#e8c39a"
    pen.curve(coat, 4, "66,90 86,92 96,78 90,64 82,68 84,76")
    for _ in pen.sides():
        pen.curve(coat, 8, "40,78 26,78 22,94 32,97")
        pen.oval(face, 32, 97, 6.4, 3.4)
    pen.blob(coat, "38,50 62,50 70,70 66,92 50,97 34,92 30,70", 0.24)
    pen.blob(face, "42,58 58,58 62,74 56,90 44,90 38,74")
    waves = pen.rng.random() < 0.6
    for side in pen.sides():
        if side and waves:
            pen.curve(coat, 7, "38,54 22,50 14,34")
            pen.oval(face, 13, 31, 5, 5)
        else:
            pen.curve(coat, 7, "38,54 24,64 30,80")
            pen.oval(face, 31, 81, 4.6, 4.6)
    with pen.turned(pen.rng.uniform(-10, 10), 50, 46):
        for _ in pen.sides():
            pen.oval(coat, 25, 30, 9, 9.4)
            pen.oval(face, 25, 30, 5.4, 6)
        pen.blob(coat, "50,6 66,10 74,26 70,42 58,52 42,52 30,42 26,26 34,10", 0.2)
        pen.blob(face, "50,22 58,17 67,22 67,34 70,42 62,51 50,53 38,51 30,42 33,34 33,22 42,17", 0.12)
        for _ in pen.sides():
            eye(pen, 42, 29, 3)
            pen.oval(darker(face, 0.5), 48.4, 38, 0.9, 1.2)
        pen.curve(darker(face, 0.6), 1.4, "38,43 44,47 50,48 56,47 62,43")
