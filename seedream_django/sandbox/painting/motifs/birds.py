"""Birds, and insects that fly: each a function that draws one with a pen. They look to the left."""

from __future__ import annotations

from ..pen import Pen, darker, lighter
from .wild import DARK, eye


def branch(pen: Pen, leaf: str = "#5c8a4a") -> None:
    bark = "#5a4030"
    pen.curve(bark, 4, "-4,97 24,93 60,94 104,88")
    pen.curve(bark, 2.4, "70,93 84,98 96,99")
    for x, y, turn in ((8, 93, -40), (92, 88, 20), (82, 98, 120), (100, 98, 80)):
        with pen.turned(turn, x, y):
            pen.blob(leaf, f"{x},{y} {x + 4},{y - 5} {x},{y - 12} {x - 4},{y - 5}", 0.2)


def owl(pen: Pen) -> None:
    coat = pen.coat("#7a563a", "#6d4d35", "#8c7a68", "#d9d2c6")
    dark, light = darker(coat, 0.36), lighter(coat, 0.55)
    branch(pen)
    pen.poly(dark, "42,84 58,84 62,104 50,107 38,104")
    pen.blob(coat, "30,20 50,16 70,20 80,46 78,72 66,90 50,95 34,90 22,72 20,46", 0.22)
    pen.blob(light, "38,52 62,52 68,70 60,86 50,91 40,86 32,70")
    for row, y in enumerate((60, 67, 74, 81)):
        for k in range(-1 - row % 2, 2):
            x = 50 + (k + 0.5 * (row % 2)) * 9
            pen.curve(darker(coat, 0.1), 1.6, f"{x - 3},{y - 1} {x},{y + 2.6} {x + 3},{y - 1}")
    for _ in pen.sides():
        pen.blob(dark, "20,46 27,44 35,62 34,78 27,86 19,70", 0.16)
        pen.line("#e0a040", 2, "43,90 42,95")
        pen.line("#e0a040", 2, "46,90 46,95")
    with pen.turned(pen.rng.uniform(-14, 14), 50, 40):
        for _ in pen.sides():
            pen.poly(coat, "22,34 20,6 44,18")
        pen.blob(coat, "50,13 70,17 78,34 70,50 50,55 30,50 22,34 30,17", 0.18)
        iris = pen.rng.choice(("#f2a33a", "#f4c542", "#e8783a"))
        for _ in pen.sides():
            pen.oval(light, 37.5, 34, 13.5, 13.5)
            pen.oval(iris, 38.5, 34, 8.6, 8.6)
            eye(pen, 38.5, 34, 5)
            pen.line(dark, 3, "48,27 26,16")
        pen.blob("#e08a2c", "46.5,39 53.5,39 50,49 50,49", 0.3)


def songbird(pen: Pen) -> None:
    coat = pen.coat("#3f7fc4", "#7b6248", "#4f9a6a", "#d9a33a", "#8d5fb0")
    breast, dark = pen.rng.choice(("#e8743b", "#f0c14e", "#f4e6d0")), darker(coat, 0.34)
    branch(pen)
    lift = pen.rng.uniform(-10, 14)
    with pen.turned(-lift, 62, 66):
        pen.poly(dark, "66,58 99,82 94,90 86,92 60,74")
        pen.line(coat, 1.4, "72,68 92,86")
    for x in (44, 52):
        pen.line("#4d3a2e", 1.8, f"{x},80 {x - 1},94")
        pen.line("#4d3a2e", 1.5, f"{x - 5},94 {x + 4},94")
    pen.blob(coat, "20,40 32,26 46,30 62,44 74,60 70,74 54,84 36,82 22,70 17,54", 0.2)
    pen.blob(breast, "17,52 26,50 38,62 46,80 36,82 23,71", 0.16)
    pen.blob(lighter(breast, 0.6), "36,72 48,74 56,82 42,84")
    pen.blob(dark, "40,50 54,48 70,60 84,76 70,75 52,70 42,62", 0.16)
    for shape in ("48,56 62,62 76,74", "48,62 60,67 70,73"):
        pen.curve(lighter(coat, 0.24), 1.3, shape)
    with pen.turned(pen.rng.uniform(-12, 8), 34, 44):
        pen.oval(coat, 31, 36, 16, 15, 0.12)
        pen.blob(breast, "16,40 26,38 32,46 26,52 17,50")
        pen.poly("#d9a032", "16,31 5,36 17,40")
        pen.poly("#a8762a", "16,36 6,36.4 17,40")
        eye(pen, 25, 33, 2.7)


def duck(pen: Pen) -> None:
    coat = pen.coat("#a88b6a", "#f0c93f", "#f3efe6", "#8f9296")
    head = darker(coat, 0.1) if coat > "#b" else "#2c7a52"
    pen.blob(darker(coat, 0.2), "74,66 92,52 98,56 92,74", 0.2)
    pen.blob(coat, "16,74 24,62 44,66 62,62 80,64 92,62 90,82 76,94 44,96 24,90", 0.26)
    pen.blob(darker(coat, 0.24), "42,72 60,67 80,70 84,78 70,86 50,84")
    pen.curve(lighter(coat, 0.3), 1.6, "50,76 64,79 78,76")
    pen.blob(coat, "22,54 36,52 42,68 36,80 18,78", 0.14)
    with pen.turned(pen.rng.uniform(-8, 6), 28, 60):
        pen.blob(head, "18,44 22,32 34,30 42,40 40,58 24,58", 0.18)
        pen.curve("#f7f3ea", 2.6, "22,57 30,59.4 40,56")
        pen.blob("#eda02f", "20,42 12,42 3,47 8,51 20,50", 0.3)
        eye(pen, 28, 39, 2.2)
    ripples(pen)


def ripples(pen: Pen) -> None:
    for y, left, right in ((94, 8, 96), (98, 18, 88)):
        pen.curve("#ffffff88", 1.4, f"{left},{y} {left + 14},{y + 1.6} {right - 14},{y + 1.6} {right},{y}")


def swan(pen: Pen) -> None:
    coat = pen.coat("#fbf8f2", "#fbf8f2", "#f3efe8", "#34333a")
    fold = darker(coat, 0.12)
    pen.blob(fold, "74,70 96,56 100,60 92,80", 0.2)
    pen.blob(coat, "22,78 34,66 56,66 76,62 94,66 92,84 76,95 44,96 26,90", 0.22)
    for shape in ("42,72 52,56 70,50 90,52 98,46 96,62 84,76 64,82", "48,74 60,62 78,58 92,60 82,72 64,80"):
        pen.blob(lighter(coat, 0.3) if shape.startswith("42") else fold, shape, 0.12)
    lean = pen.rng.uniform(-4, 3)
    with pen.turned(lean, 30, 80):
        for tone, shift in ((darker(coat, 0.16), 1.2), (coat, 0)):
            neck = [(30, 84), (36, 66), (32, 50), (22, 38), (20, 22), (27, 14)]
            pen.curve(tone, 9, [(x + shift, y) for x, y in neck])
        pen.blob(coat, "12,20 20,11 30,9 36,16 32,24 20,25", 0.1)
        pen.blob("#e87a34", "15,17 4,25 6,29 16,25", 0.2)
        pen.blob(DARK, "14,16 19,14 19,20 15,22")
        eye(pen, 22, 16.5, 1.3)
    ripples(pen)


def penguin(pen: Pen) -> None:
    coat = pen.coat("#2b3040", "#23262e", "#3b4a66")
    wave = pen.rng.uniform(8, 46)
    for side in pen.sides():
        with pen.turned(wave if side else 14, 28, 46):
            pen.blob(darker(coat, 0.2), "24,44 32,42 32,60 26,76 20,78 21,60", 0.14)
        pen.blob("#ef9a2f", "28,97 34,92 46,93 48,99 36,101", 0.2)
    pen.blob(coat, "50,4 64,10 68,28 74,44 76,68 70,88 58,97 42,97 30,88 24,68 26,44 32,28 36,10", 0.2)
    pen.blob("#fbf8f0", "50,38 62,36 67,52 68,72 62,88 50,94 38,88 32,72 33,52 38,36", 0.14)
    for _ in pen.sides():
        pen.blob("#fbf8f0", "50,34 49,20 42,15 36,22 37,33 44,40")
        eye(pen, 42.5, 22, 2.4)
        pen.blob("#f4b43a", "34,30 38,30 38,38 33,40")
    pen.blob("#fbf8f0", "43,30 57,30 59,42 41,42")
    pen.poly("#ef9a2f", "44.5,26 55.5,26 50,35", 0.5)
    if pen.rng.random() < 0.5:
        scarf = pen.rng.choice(("#d0392f", "#2f8a8a", "#d99a2f"))
        pen.curve(scarf, 6, "32,39 42,43 58,43 68,39")
        pen.poly(darker(scarf), "56,42 64,41 66,60 58,61")


def flamingo(pen: Pen) -> None:
    coat = pen.coat("#f08a9b", "#ee7f7a", "#f5a3ad")
    dark = darker(coat, 0.22)
    pen.line(dark, 1.8, "58,58 59,80 57,99")
    pen.line(dark, 1.8, "57,99 48,99.4")
    pen.line(dark, 1.8, "53,58 46,76 58,80")
    pen.blob(dark, "66,42 92,52 86,60 66,60")
    pen.blob(coat, "36,46 46,36 64,36 80,46 84,54 68,62 48,62 38,56", 0.24)
    pen.blob(darker(coat, 0.12), "50,44 66,42 82,52 70,58 54,56")
    pen.curve(lighter(coat, 0.3), 1.3, "56,49 66,51 76,53")
    with pen.turned(pen.rng.uniform(-6, 6), 42, 50):
        pen.curve(coat, 5, "43,52 34,46 40,34 42,20 34,9 24,8")
        pen.blob(coat, "18,12 24,4 33,5 34,12 26,16", 0.16)
        pen.blob("#f7ecdc", "20,9 22,15 17,21 13,20 15,13")
        pen.blob(DARK, "17,17 19,20 15,26 12,23 13,19")
        eye(pen, 26, 9, 1.3)


def eagle(pen: Pen) -> None:
    coat = pen.coat("#5a3d28", "#4a3324", "#6d4c30")
    dark, up = darker(coat, 0.34), pen.rng.uniform(-6, 10)
    with pen.turned(pen.rng.uniform(-8, 8), 50, 50):
        pen.blob(
            "#f5efe2", "60,54 60,54 82,60 97,70 97,70 95,74 96,79 96,79 90,79 88,84 88,84 72,74 58,66", 0.2
        )
        for shape in ("74,64 93,72", "72,67 90,78"):
            pen.line("#d0c8b8", 0.8, shape)
        for side, tone in ((0, dark), (1, coat)):
            with pen.turned(up if side else -up - 6, 52, 50), pen.placed(50, 100, 1, flip=side == 0):
                for i, (x, y) in enumerate(
                    ((34, 52), (25, 46), (17, 39), (9, 32), (2, 24), (-3, 15), (-4, 6))
                ):
                    foot_x, foot_y = 46 - i * 5.4, 46 - i * 5
                    pen.taper(darker(tone, 0.3 - 0.05 * (i % 2)), f"{foot_x},{foot_y} {x},{y}", 9, 4.4)
                pen.blob(tone, "58,54 52,36 38,23 22,13 8,8 10,16 20,28 32,40 42,54 54,62", 0.12)
                pen.curve(darker(tone, 0.3), 1.2, "24,22 36,32 46,48")
                pen.curve(darker(tone, 0.3), 1.2, "16,16 30,32 40,48")
        pen.blob(coat, "30,42 44,40 60,48 72,58 66,66 50,62 36,56", 0.24)
        pen.blob("#f8f3e8", "18,38 24,32 34,34 43,40 41,46 44,50 38,50 38,55 28,50 19,45", 0.1)
        pen.blob("#efb030", "20,37 12,37 7,41 8,48 12,44 20,45", 0.2)
        pen.line("#5a4326", 0.9, "20,35.4 27,36.6")
        eye(pen, 24.5, 38.4, 1.6)
        for x in (50, 57):
            pen.taper("#efb030", f"{x},60 {x + 3},66 {x + 2},71", 3.2, 2)
            for toe in (-3, 0, 3):
                pen.line("#efb030", 1.2, f"{x + 2},71 {x + 2 + toe},74.6")


def flock(pen: Pen) -> None:
    """Geese in a wedge, one arm longer than the other."""
    tone = pen.coat("#2a2f3a", "#3b3a44")
    for i in range(7):
        arm, step = (1, (i + 1) // 2) if i % 2 else (-1, i // 2)
        x = 18 + step * 21 + pen.rng.uniform(-2, 2) + (4 if arm > 0 else 0)
        y = 48 + arm * step * 12.5 + pen.rng.uniform(-2, 2)
        with pen.placed(x, y + 11, 0.26), pen.turned(pen.rng.uniform(-8, 8), 50, 50):
            _goose(pen, tone, pen.rng.uniform(-0.5, 1))


def butterfly(pen: Pen) -> None:
    wing = pen.coat("#ef8f2f", "#3f8fd0", "#e8b83a", "#b65fc0", "#e05a6a")
    rim, spread = darker(wing, 0.66), pen.rng.uniform(0.8, 1.0)
    with pen.turned(pen.rng.uniform(-22, 22), 50, 50), pen.placed(50, 100, spread):
        for _ in pen.sides():
            pen.blob(rim, "49,46 40,26 22,8 6,10 2,26 10,46 28,54 46,54")
            pen.blob(wing, "47,47 38,30 22,14 11,16 8,26 15,42 30,50 45,52", 0.2)
            pen.blob(rim, "49,54 30,54 14,64 14,82 26,92 38,86 47,68")
            pen.blob(wing, "47,57 32,58 19,67 19,80 27,87 36,81 45,66", 0.2)
            for x, y, r in ((18, 24, 3.6), (27, 30, 3), (16, 34, 2.6), (26, 74, 4.2), (33, 68, 2.4)):
                pen.oval(lighter(wing, 0.7), x, y, r, r)
            for shape in ("46,49 34,34 24,20", "46,51 32,44 18,40", "46,58 36,66 28,82"):
                pen.curve(rim, 1.2, shape)
            for x, y in ((7, 20), (8, 32), (12, 41), (17, 72), (20, 84)):
                pen.oval("#fdf6e6", x - 1, y, 0.9, 0.9)
            pen.curve("#2b2226", 1.2, "49,36 44,24 38,18")
            pen.oval("#2b2226", 38, 18, 1.6, 1.6)
        pen.blob("#33282c", "50,34 53,40 52.4,60 50,80 47.6,60 47,40", 0.2)


def bee(pen: Pen) -> None:
    gold, tilt = pen.coat("#f2bd2f", "#e8a92a", "#f5cb4a"), pen.rng.uniform(-14, 14)
    with pen.turned(tilt, 50, 55):
        for turn in (-18, 14):
            with pen.turned(turn, 54, 44):
                pen.blob("#eaf6fbd0", "52,46 40,24 46,4 60,4 66,20 60,44")
                pen.curve("#9fc0cc", 0.9, "55,42 54,26 55,12")
        pen.poly(DARK, "92,60 101,64 92,67")
        pen.blob(gold, "18,56 28,42 48,38 70,42 90,54 94,63 86,74 64,82 40,81 23,72", 0.26)
        for shape in ("42,39 52,38.5 50,81 40,81", "61,40 70,42 69,81 59,82", "80,47 87,52 87,73 79,77"):
            pen.blob("#3a2a1e", shape)
        pen.oval(gold, 25, 58, 17, 17, 0.16)
        for x in (18, 28):
            pen.curve("#3a2a1e", 1.6, f"{x},43 {x - 4},34 {x - 10},30")
            pen.oval("#3a2a1e", x - 10, 30, 2.2, 2.2)
        eye(pen, 19, 54, 3.4)
        pen.oval("#ef8f6a88", 26, 64, 4, 2.8)
        pen.curve("#3a2a1e", 1.3, "11,63 15,66.5 20,65.5")
        for x in (40, 50, 60):
            pen.curve("#3a2a1e", 1.6, f"{x},80 {x - 1},86 {x - 5},89")


def _goose(pen: Pen, tone: str, beat: float) -> None:
    """One on its way to the left; ``beat`` from -1 to 1 is how far its wings are up."""
    up = 44 * beat
    pen.blob(darker(tone), f"44,54 52,{46 - up * 0.6} 74,{40 - up} 86,{42 - up} 72,{50 - up * 0.5} 64,56")
    pen.taper(tone, "42,56 28,52 14,52", 9, 5, 5)
    pen.blob(tone, "-2,54 4,51 9,47 16,48 17,54 9,56")
    pen.blob(tone, "30,54 44,50 66,52 84,56 96,54 92,62 72,64 48,64 36,60")
    pen.blob(tone, f"38,56 40,{44 - up * 0.7} 52,{30 - up * 1.2} 70,{22 - up * 1.3} 64,{40 - up * 0.7} 62,58")
