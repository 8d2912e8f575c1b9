"""Wild animals on land, each a function that draws one with a pen. They look to the left."""

from __future__ import annotations

from .pen import Pen, darker, lighter

DARK = "#1a1512"


def eye(pen: Pen, x: float, y: float, radius: float = 2.2, tone: str = DARK) -> None:
    """A dark eye with a glint in it."""
    pen.oval(tone, x, y, radius, radius * 1.12)
    pen.oval("#ffffff", x - radius * 0.32, y - radius * 0.38, radius * 0.34, radius * 0.34)


def sitting(pen: Pen, coat: str, dark: str, light: str) -> None:
    """The body of a fox, a wolf or a dog that sits."""
    lift = pen.rng.uniform(-6, 8)
    with pen.turned(-lift, 62, 96):
        pen.blob(coat, "60,97 80,99 97,90 100,70 92,56 87,72 66,84", 0.2)
        pen.blob(light, "100,70 98,61 92,56 88.5,65 94,72")
    pen.blob(coat, "36,40 50,44 62,58 70,80 69,97 52,99 36,100 36,80 31,60", 0.3)
    pen.blob(darker(coat, 0.34), "50,80 60,74 70,82 70,97 50,99.5")
    pen.blob(coat, "52,80 60,75 69,83 68.5,96.5 52,98.5", 0.15)
    pen.blob(light, "31,46 42,48 45,62 41,80 36,76 31,60", 0.16)
    pen.poly(coat, "34.5,68 45.5,70 44,93 35,93", 0.3)
    pen.poly(dark, "35,88 44.5,88 44,100 33,100", 0.3)


def canine_head(pen: Pen, coat: str, dark: str, light: str) -> None:
    for tone, inset in ((coat, 0), (dark, 2)):
        pen.poly(tone, f"27,26 {30 + inset / 2},{2 + 3 * inset} {41 - inset},20")
        pen.poly(tone, f"{41 + inset},22 51,{4 + 3 * inset} {53.5 - inset},30")
    pen.blob(coat, "9,40 20,30 29,20 44,19 54,30 50,43 36,50 21,46", 0.2)
    pen.blob(light, "9,40.5 22,37 34,40 46,42 50,41 42,47 34,50.5 20,46", 0.12)
    pen.oval(DARK, 10.5, 39.5, 2.9, 2.3)
    eye(pen, 30, 32.5)


def fox(pen: Pen) -> None:
    coat, dark, light = pen.coat("#dd6a2b", "#d2581f", "#e3813a"), "#4a2418", "#fbf3e6"
    sitting(pen, coat, dark, light)
    with pen.turned(pen.rng.uniform(-9, 5), 42, 44):
        canine_head(pen, coat, dark, light)


def wolf(pen: Pen) -> None:
    coat = pen.coat("#77818c", "#8a8d8f", "#5f6974")
    dark, light = darker(coat, 0.5), lighter(coat, 0.72)
    sitting(pen, coat, dark, light)
    pen.poly(dark, "48,44 60,54 66,68 60,64 58,70 53,60 50,62")
    with pen.turned(pen.rng.choice((26, 30, -2)), 42, 42):  # it howls, or looks ahead
        canine_head(pen, coat, dark, light)
        pen.poly(light, "34,46 52,36 52,44 47,43 48,50 42,47 40,53")


def deer(pen: Pen) -> None:
    coat = pen.coat("#a86d3c", "#96602f", "#b37a4c")
    dark = darker(coat, 0.42)
    for x, tone in ((45, dark), (71, dark), (37, coat), (78, coat)):
        pen.poly(tone, f"{x - 4},62 {x + 4},62 {x + 1.6},80 {x + 1.5},97 {x - 1.5},97 {x - 1.6},80")
        pen.poly("#2d211a", f"{x - 1.6},96 {x + 1.7},96 {x + 2.4},100 {x - 2.6},100")
    pen.blob("#f3e9d8", "80,50 87,50 89,58 83,64")
    pen.blob(coat, "31,50 50,49 72,46 84,52 85,64 74,71 54,69 36,70", 0.28)
    for x, y in ((56, 53), (63, 56), (70, 52), (76, 57), (66, 50), (74, 50)):
        pen.oval(lighter(coat, 0.5), x, y, 1.3, 1)
    with pen.turned(pen.rng.uniform(-8, 6), 38, 60):
        for lean in (-9, 7):
            tip = 27 + lean * 2.1
            pen.curve("#6b4a2e", 2, f"27,22 {27 + lean},14 {27 + lean * 1.5},7 {tip},-2")
            pen.line("#6b4a2e", 1.6, f"{27 + lean},14 {24 + lean * 2.4},10")
            pen.line("#6b4a2e", 1.6, f"{27 + lean * 1.4},8 {24 + lean * 0.9},1")
        pen.blob(coat, "24,25 31,24 43,46 46,64 33,64 25,42", 0.16)
        pen.blob(lighter(coat, 0.55), "23,34 27,42 32,60 30,64 25,52")
        pen.poly(dark, "29,22 42,17 39,26 32,28")
        pen.blob(coat, "6,35 10,30 22,19 31,20 31,28 24,33 12,38", 0.14)
        pen.oval(DARK, 7.5, 34, 2.4, 2)
        eye(pen, 21.5, 26.5, 1.7)


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
    dark = darker(coat, 0.3)
    pen.curve(dark, 1.8, "93,48 97,58 96,70")
    for x in (46, 74):
        pen.poly(dark, f"{x - 7},64 {x + 8},64 {x + 7},99 {x - 7},99")
    pen.blob(coat, "28,34 46,26 66,25 84,30 94,46 93,66 80,76 56,78 36,74", 0.3)
    for x in (37, 85):
        pen.poly(coat, f"{x - 8},60 {x + 8},60 {x + 7.5},99.5 {x - 7.5},99.5", 0.3)
        for toe in (-5, 0, 5):
            pen.oval(lighter(coat, 0.55), x + toe, 98, 2, 1.6)
    curl = pen.rng.choice(("11,62 9,74 10,86 4,92 -1,88", "9,60 2,68 -3,62 -4,52 0,46"))
    for tone, wide in ((dark, 9), (coat, 7)):
        pen.curve(tone, wide, f"19,46 14,54 {curl}")
    pen.blob(coat, "10,46 13,30 24,23 36,28 38,46 30,60 18,60", 0.16)
    pen.curve("#f7f0de", 3, "17,60 11,65 5,64")
    pen.blob(dark, "30,27 42,22 54,30 55,48 47,62 37,60 32,46")
    pen.blob(lighter(coat, 0.12), "32,29 42,24.5 52,31 53,46 46,59 39,57 35,46", 0.14)
    eye(pen, 20, 41, 1.7)


def giraffe(pen: Pen) -> None:
    coat = pen.coat("#e3b257", "#dba649", "#e8bf70")
    spot, dark = darker(coat, 0.48), darker(coat, 0.24)
    for x, tone in ((54, dark), (74, dark), (47, coat), (80, coat)):
        pen.poly(tone, f"{x - 3.4},66 {x + 3.6},66 {x + 1.8},98 {x - 1.8},98")
        pen.box("#4a3524", x - 2, 97, 4.2, 3)
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


def rabbit(pen: Pen) -> None:
    coat = pen.coat("#b79a80", "#a58a76", "#d8c8b6", "#8f8278")
    light, pink = lighter(coat, 0.62), "#e9aea4"
    pen.oval(light, 82, 86, 8.5, 8, 0.2)
    lean, droop = pen.rng.uniform(-4, 4), pen.rng.random() < 0.35
    for side in pen.sides():
        with pen.turned(-58 if droop and side else lean, 42, 30):
            pen.blob(coat, "36,36 32,18 34,2 40,-3 46,4 48,20 46,36", 0.14)
            pen.blob(pink, "39,30 36.5,17 38,6 40,3 42.5,8 43.5,20 42,31")
    pen.blob(coat, "34,52 66,52 78,68 82,86 74,98 50,100 26,98 18,86 22,68", 0.22)
    pen.blob(light, "42,58 58,58 64,74 62,90 50,95 38,90 36,74")
    for _ in pen.sides():
        pen.blob(coat, "36,66 44,68 46,88 44,97 36,97 33,84", 0.1)
        pen.oval(lighter(coat, 0.3), 30, 96, 12, 4.5, 0.2)
    pen.blob(coat, "50,24 64,27 73,39 70,53 58,60 42,60 30,53 27,39 36,27", 0.22)
    pen.blob(light, "50,44 58,48 57,56 50,59 43,56 42,48")
    pen.blob(pink, "47,46 53,46 50,50")
    pen.line("#5d463c", 0.9, "50,50 50,54")
    for _ in pen.sides():
        eye(pen, 38.5, 41, 3.2)
        for dy in (-1, 2):
            pen.line("#f5efe6", 0.5, f"42,51 27,{51 + dy * 1.6}")


def camel(pen: Pen) -> None:
    coat = pen.coat("#c9974f", "#bd8a4a", "#d3a765")
    dark, humps = darker(coat, 0.3), pen.rng.choice((1, 2))
    for x, tone in ((46, dark), (74, dark), (39, coat), (81, coat)):
        pen.poly(tone, f"{x - 4},60 {x + 4.5},60 {x + 2.2},80 {x + 2},97 {x - 2},97 {x - 2.2},80")
        pen.oval(darker(tone, 0.3), x - 0.6, 98, 3.8, 2)
    pen.curve(dark, 1.6, "88,52 92,62 91,74")
    if humps == 1:
        pen.blob(coat, "40,56 48,36 58,22 66,24 74,40 84,54 70,62 50,62", 0.2)
    else:
        for x in (50, 73):
            pen.blob(coat, f"{x - 15},58 {x - 8},36 {x - 1},26 {x + 5},28 {x + 13},56", 0.2)
    pen.blob(coat, "33,50 50,46 74,45 88,50 89,62 80,70 58,68 40,68", 0.28)
    with pen.turned(pen.rng.uniform(-5, 5), 40, 60):
        pen.curve(coat, 9, "42,57 32,62 24,54 22,40 21,30")
        pen.curve(dark, 1.4, "24,60 19,54 17,44")
        pen.blob(dark, "23,20 28,15 29,23")
        pen.blob(coat, "3,31 6,25 16,19 26,20 28,28 22,34 12,36 5,37", 0.16)
        pen.line(darker(coat, 0.5), 0.9, "4,33 12,32")
        eye(pen, 18, 25, 1.6)
    cloth = pen.rng.choice(("#b23a3a", "#2f6f8f", "#7a3f86"))
    pen.blob(cloth, "54,44 66,42 74,46 74,60 54,60", 0.2)
    pen.line("#f2c14e", 1.4, "54,57 74,57")
    for x in (55, 60, 65, 70, 74):
        pen.line("#f2c14e", 1, f"{x},58 {x},63")


def squirrel(pen: Pen) -> None:
    coat = pen.coat("#b5582a", "#a34a22", "#8d7a6a")
    light = "#f7ead6"
    with pen.turned(pen.rng.uniform(-5, 5), 66, 94):
        pen.blob(coat, "58,94 72,90 74,70 66,50 66,30 78,16 92,20 98,38 96,62 90,84 78,99", 0.26)
        pen.curve(lighter(coat, 0.34), 5, "80,88 84,66 80,44 84,30")
    pen.blob(coat, "36,42 50,44 62,58 70,78 68,98 44,100 32,96 36,76 32,58", 0.24)
    pen.blob(light, "34,50 42,52 46,66 44,82 37,84 34,64")
    pen.blob(darker(coat, 0.2), "50,76 62,74 70,86 66,99 46,99.5 46,88")
    pen.oval(coat, 40, 97, 13, 3.4)
    pen.poly(coat, "33,22 32,8 41,19")
    pen.poly(darker(coat), "41,19 46,7 49,24")
    pen.blob(coat, "17,36 22,26 34,18 46,22 50,34 44,45 30,46", 0.18)
    pen.blob(light, "17,37 26,36 36,42 34,46 24,45")
    pen.oval(DARK, 17, 35, 2, 1.7)
    eye(pen, 30, 30, 2.6)
    pen.blob("#8a5a2c", "22,58 28,56 30,64 26,70 21,66", 0.3)
    pen.blob("#5f3d1e", "20,59 25,54 31,59 25,61")
    pen.curve(coat, 5, "40,56 34,64 27,63")


def hedgehog(pen: Pen) -> None:
    spines, face = pen.coat("#6d5442", "#5c4738", "#7b614c"), "#e0c3a0"
    for x in (34, 46, 68, 78):
        pen.oval(darker(face, 0.4), x, 97, 5, 3.4)
    pen.blob(spines, "22,74 28,56 44,44 64,42 82,52 94,72 94,90 82,97 40,97 26,92", 0.24)
    for i in range(4):
        for k in range(9):
            angle = 150 - k * 20 - i * 7
            with pen.turned(90 - angle, 58, 84):
                y = 40 + i * 9
                pen.poly(lighter(spines, 0.3 - 0.02 * k) if (i + k) % 2 else darker(spines, 0.2),
                         f"55.5,{y + 11} 58,{y} 60.5,{y + 11}")  # fmt: skip
    pen.blob(face, "5,84 14,78 24,68 34,68 40,80 38,93 24,96 12,91", 0.2)
    pen.oval(DARK, 5.5, 83.5, 3.2, 2.9)
    eye(pen, 22, 78, 2.1)
    pen.oval(darker(face, 0.25), 35, 72, 4, 4.6)
    pen.curve(darker(face, 0.5), 0.9, "9,89 14,90 18,87")


def frog(pen: Pen) -> None:
    skin = pen.coat("#5fa843", "#4a9a4f", "#7fb63f")
    dark, belly = darker(skin, 0.3), lighter(skin, 0.6)
    for _ in pen.sides():
        pen.blob(dark, "30,64 12,62 4,78 12,94 30,96 38,84", 0.1)
        pen.blob(skin, "28,66 14,66 8,78 15,90 30,90 36,80")
        pen.blob(skin, "2,98 12,92 24,93 32,98 18,100")
    pen.blob(skin, "30,50 70,50 78,74 72,94 50,99 28,94 22,74", 0.22)
    pen.blob(belly, "38,66 62,66 68,82 50,97 32,82")
    for _ in pen.sides():
        pen.blob(skin, "34,72 40,74 42,92 40,99 28,100 34,92", 0.1)
        pen.oval(skin, 34, 32, 10, 11, 0.16)
    pen.blob(skin, "50,34 72,38 82,50 72,63 50,67 28,63 18,50 28,38", 0.2)
    for _ in pen.sides():
        pen.oval("#fbf6dc", 34, 30, 7, 7.6)
        eye(pen, 34.6, 30.5, 4)
        pen.oval(dark, 46, 46, 0.9, 0.7)
        pen.oval("#ef9a8a66", 25, 55, 4.5, 3)
    pen.curve(darker(skin, 0.55), 1.3, "24,53 36,59 50,61 64,59 76,53")
