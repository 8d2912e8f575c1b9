"""Things of work and play, each a function that draws one with a pen."""

from __future__ import annotations

import math

from ..pen import Pen, darker, lighter
from .things import WOOD


def guitar(pen: Pen) -> None:
    body = pen.coat("#c9823a", "#a8562f", "#d9a24a", "#3f3a40")
    rim, neck = darker(body, 0.44), "#5a3a28"
    with pen.placed(44, 100, 0.82), pen.turned(pen.rng.uniform(12, 32), 50, 60):
        pen.box(neck, 46.4, -8, 7.2, 58, 0.3)
        for i in range(9):
            pen.line("#cfd4d8", 0.6, f"46.4,{2 + i * 5} 53.6,{2 + i * 5}")
        pen.poly(darker(body, 0.3), "45,-8 44,-24 50,-27 56,-24 55,-8", 0.3)
        for y in (-21, -16.4, -12):
            for x in (42.0, 58):
                pen.oval("#e8e2d2", x, y, 1.7, 1.5)
        outline = (
            "50,40 60,40 68,46 67,55 64,61 70,68 76,80 71,94 58,101 "
            "50,102 42,101 29,94 24,80 30,68 36,61 33,55 32,46 40,40"
        )
        pen.blob(rim, outline)
        with pen.placed(50, 98, 0.93):
            pen.blob(body, outline, 0.26)
        pen.oval(rim, 50, 66, 9.6, 9.6)
        pen.oval("#241a16", 50, 66, 7.6, 7.6)
        pen.box(neck, 46.4, 40, 7.2, 18, 0.3)
        pen.box(rim, 40, 84, 20, 3.4)
        for i in range(6):
            x = 47.3 + i * 1.08
            pen.line("#f4efe2", 0.35, f"{x},-8 {x},85")
        pen.blob(darker(body, 0.3), "57,70 64,74 62,84 57,78")


def piano(pen: Pen) -> None:
    case = pen.coat("#2a2a32", "#2a2a32", "#6d3f26", "#f1ece2")
    pen.line(darker(case, 0.3), 3, "14,74 12,99")
    pen.line(darker(case, 0.3), 3, "84,70 86,97")
    pen.line(darker(case, 0.3), 3, "52,74 52,99")
    pen.blob(darker(case, 0.1), "22,44 30,8 60,-2 92,10 98,30 94,44 94,44 22,44", 0)
    pen.blob(lighter(case, 0.12), "26,42 33,12 60,3 88,13 93,30 90,42 90,42 26,42", 0.2)
    pen.line("#c9a86a", 1.2, "66,44 72,14")
    pen.blob("#c99a4a", "14,52 14,52 22,44 50,42 92,42 98,50 98,50 60,56")
    for i in range(9):
        pen.line("#f4e6c0", 0.4, f"{28 + i * 7},52 {36 + i * 6},43")
    pen.blob(case, "8,54 8,54 30,52 98,48 98,48 99,62 92,70 60,74 60,74 8,74 8,74", 0.24)
    pen.poly("#fbf8f0", "4,58 52,58 50,66 0,66")
    pen.box(darker(case, 0.3), -1, 66, 53, 5)
    for i in range(11):
        x = 4 + i * 4.4
        pen.line("#9a948a", 0.5, f"{x},58 {x - 3},66")
        if i % 7 not in (2, 6):
            pen.poly("#1d1a20", f"{x - 0.2},58 {x + 2.2},58 {x + 0.8},63 {x - 1.6},63")
    pen.poly("#fbf6e6", "18,38 30,37 30,53 18,54")
    pen.poly("#f1e8d2", "30,37 42,38 42,54 30,53")
    for y in (42, 46, 50):
        pen.line("#6a645a", 0.5, f"20,{y} 28,{y - 0.6}")
        pen.line("#6a645a", 0.5, f"32,{y - 0.6} 40,{y}")
    pen.oval("#c9a24a", 52, 99, 4, 1.4)


def desk(pen: Pen) -> None:
    """A laptop at work, with what lies beside it."""
    case, tone = pen.coat("#c9ced4", "#8f979f", "#e0d2bf"), pen.rng.choice(("#3f6f9a", "#4f8a7a", "#7a5f9a"))
    with pen.placed(50, 104, 1):
        pen.box(darker(case, 0.2), 17, 22, 66, 52)
        pen.box("#2a2d34", 18.6, 23.6, 62.8, 48)
        pen.box("#f4f6f8", 21, 26, 58, 43)
        pen.box(tone, 21, 26, 58, 7)
        for x in (24, 27.4, 30.8):
            pen.oval("#ffffff", x, 29.5, 1.1, 1.1)
        pen.box(lighter(tone, 0.6), 24, 36, 24, 18)
        if pen.rng.random() < 0.5:  # a picture, or figures
            pen.poly(tone, "24,54 32,44 37,49 42,42 48,50 48,54")
            pen.oval("#f2c14e", 43, 40, 2.2, 2.2)
        else:
            for x in range(26, 46, 5):
                high = pen.rng.uniform(4, 15)
                pen.box(tone, x, 54 - high, 3.4, high)
        for y, wide in ((38, 24), (42, 20), (46, 24), (50, 14), (58, 50), (62, 44)):
            pen.line("#b5bec8", 1.4, f"{52 if y < 56 else 25},{y} {(52 if y < 56 else 25) + wide},{y}")
        pen.poly(case, "14,74 86,74 98,92 2,92")
        pen.poly(darker(case, 0.36), "20,76 80,76 87,85 13,85")
        for row in range(3):
            for k in range(12):
                x = 20.4 + k * 5.1 - row * 2 + k * row * 0.36
                pen.box(lighter(case, 0.2), x, 77 + row * 2.8, 3.6 + row * 0.3, 1.8)
        pen.poly(darker(case, 0.14), "40,86.6 60,86.6 62,91 38,91")
        pen.poly(darker(case, 0.4), "2,92 98,92 94,95.6 6,95.6")
        with pen.placed(94, 94, 0.24, flip=pen.rng.random() < 0.5):
            pen.blob("#f4efe6", "20,40 20,40 80,40 80,40 76,96 76,96 24,96 24,96", 0.3)
            pen.curve("#f4efe6", 9, "80,52 100,56 96,78 78,80")
            pen.oval("#5a3420", 50, 41, 28, 6)


def camera(pen: Pen) -> None:
    body, skin = pen.coat("#3a3f48", "#c9a06a", "#7a4a3a", "#3f6f7a"), "#d5d9dc"
    with pen.placed(50, 108, 1):
        pen.curve("#6d4a34", 2.4, "6,44 -4,62 4,86")
        pen.curve("#6d4a34", 2.4, "94,44 104,62 96,86")
        pen.blob(skin, "6,38 6,38 30,38 36,24 40,22 60,22 64,24 70,38 94,38 94,38 96,52 4,52", 0.24)
        pen.box(darker(skin, 0.4), 12, 31, 12, 7, 0.4)
        pen.oval("#d9483b", 82, 37, 6, 3)
        pen.box("#2d3540", 42, 26, 16, 9)
        pen.poly("#a9d3e6", "43,27 57,27 43,34")
        pen.blob(body, "4,48 4,48 96,48 96,48 96,80 92,88 8,88 4,80", 0.16)
        pen.box(skin, 5, 84, 90, 5, 0.2)
        pen.box("#fff3c4", 76, 54, 13, 8, 0.2)
        for r, tone in ((26, skin), (23, "#2a2d34"), (19, "#454b56"), (15, "#1d2028")):
            pen.oval(tone, 50, 66, r, r, 0.2 if r == 26 else 0)
        pen.oval("#3f6f9a", 50, 66, 11, 11, 0.34)
        pen.oval("#8fc4e0", 47, 63, 5, 5)
        pen.oval("#ffffff", 45, 60.6, 2.6, 2.6)


def robot(pen: Pen) -> None:
    shell = pen.coat("#5f9fb5", "#d9a23a", "#c9ced4", "#d9705a", "#6fae8a")
    dark, glow = darker(shell, 0.36), pen.rng.choice(("#7af0d0", "#ffd34a", "#ff8a7a"))
    lift = pen.rng.choice((0, 1))
    if pen.rng.random() < 0.5:
        _watering_can(pen)
    for side in pen.sides():
        for y in (80.0, 84, 88):
            pen.oval("#6d747c", 40, y, 5, 2.6)
        pen.blob(dark, "28,100 28,100 30,92 40,90 48,92 49,100 49,100")
        arm = "30,54 18,50 12,40" if side and lift else "30,54 19,60 17,72"
        pen.curve("#6d747c", 6, arm)
        x, y = (11.0, 36.0) if side and lift else (17.0, 76.0)
        pen.oval(shell, x, y, 5.4, 5.4, 0.2)
        pen.oval(dark, x, y + (3 if y > 50 else -3), 2.8, 2.8)
        pen.oval(shell, 29, 53, 5.6, 5.6, 0.2)
    pen.box("#6d747c", 45, 40, 10, 8, 0.4)
    pen.blob(shell, "30,46 30,46 70,46 70,46 72,62 68,80 68,80 32,80 32,80 28,62", 0.26)
    pen.box(lighter(shell, 0.4), 37, 52, 26, 18)
    pen.oval(glow, 43, 58, 3, 3)
    for i, high in enumerate((3, 6, 4.4, 7)):
        pen.box(dark, 49 + i * 3.2, 66 - high, 2, high)
    pen.line("#6d747c", 1.6, "50,10 50,0")
    pen.oval(glow, 50, -1, 3.2, 3.2)
    with pen.turned(pen.rng.uniform(-8, 8), 50, 40):
        pen.blob(shell, "26,14 30,9 70,9 74,14 75,36 70,42 30,42 25,36", 0.24)
        for x in (22.6, 77.4):
            pen.box(dark, x - 2.4, 20, 4.8, 11)
        pen.blob("#262b36", "31,17 34,14 66,14 69,17 69,33 66,36 34,36 31,33")
        for x in (41, 59):
            pen.oval(glow, x, 23, 4.4, 4.8)
            pen.oval("#ffffff", x - 1.3, 21.4, 1.2, 1.3)
        pen.curve(glow, 1.6, "43,30.6 50,33 57,30.6")


def _watering_can(pen: Pen) -> None:
    """In the hand that hangs on the left."""
    tin = pen.rng.choice(("#d9574a", "#e0b04a", "#4f8fa0"))
    pen.taper(darker(tin, 0.2), "4,94 -3,88 -8,80", 3.4, 2.2)
    pen.poly(darker(tin, 0.3), "-11.6,80.6 -5.6,76.6 -4.6,79.4 -9.6,82.8")
    pen.curve(darker(tin, 0.3), 2.2, "10,84 12,76 20,75 25,82 25,92")
    pen.blob(tin, "4,83 4,83 22,83 22,83 24,100 24,100 2,100 2,100", 0.24)
    pen.line(lighter(tin, 0.4), 1.2, "3.4,88 22.6,88")


def telescope(pen: Pen) -> None:
    tube = pen.coat("#e8e4da", "#2f4f7a", "#b5563a", "#c9a24a")
    dark, brass = darker(tube, 0.26), "#c9a24a"
    for _ in range(5):
        x, y = pen.rng.uniform(52, 100), pen.rng.uniform(-2, 20)
        pen.star("#ffe08a", x, y, 3)
    for shape in ("52,54 24,99", "52,54 80,99", "52,54 54,99"):
        pen.taper(WOOD, shape, 4.4, 3)
    pen.line(darker(WOOD), 1.4, "36,80 68,80")
    with pen.turned(38 + pen.rng.uniform(-8, 8), 52, 50):
        pen.poly("#3a3f48", "92,43.4 101,43.4 101,52.6 92,52.6")
        pen.poly(darker(tube, 0.1), "72,43 93,44.4 93,51.6 72,53")
        for x in (38, 58):
            pen.line("#3a3f48", 2, f"{x},41 {x},35")
        pen.poly("#3a3f48", "30,31.6 66,32.4 66,36.6 30,37.4")
        pen.poly("#8fc4e0", "28.4,31 30.6,31 30.6,38 28.4,38")
        pen.poly(tube, "4,38.6 76,41 76,55 4,57.4")
        pen.poly(dark, "4,51.6 76,50.6 76,55 4,57.4")
        pen.poly(lighter(tube, 0.4), "8,41.4 70,43 70,44.6 8,43.8")
        pen.box(brass, 68, 40, 8, 16)
        pen.box(brass, 1, 36.4, 8, 23.2)
        pen.box(darker(brass), 1, 53, 8, 6.6)
        pen.oval("#8fc4e0", 1, 48, 2.4, 11)
        pen.oval("#d5ecf6", 0.6, 44.6, 1, 4.4)
    pen.oval("#3a3f48", 52, 54, 5.4, 5.4, 0.3)


def snowman(pen: Pen) -> None:
    snow, scarf = pen.coat("#f4f8fb", "#f4f8fb", "#e8f0f7"), pen.rng.choice(("#d9483b", "#2f7f8f", "#4f8a4a"))
    for side in pen.sides():
        tip = pen.rng.uniform(-6, 10) if side else 4
        pen.curve("#5d4030", 1.8, f"36,52 22,46 8,{36 + tip}")
        pen.line("#5d4030", 1.3, f"15,{41 + tip * 0.5} 9,{44 + tip}")
        pen.line("#5d4030", 1.3, f"13,{39.6 + tip * 0.6} 12,{32 + tip}")
    pen.oval(snow, 50, 80, 30, 22, 0.24)
    pen.oval(snow, 50, 51, 21, 17, 0.2)
    pen.oval(snow, 50, 27, 15, 14, 0.2)
    for y in (48.0, 57, 72, 82):
        pen.oval("#2a2a32", 50, y, 2.1, 2.1)
    for x in (45.0, 55):
        pen.oval("#2a2a32", x, 24, 1.8, 2)
    for x, y in ((43, 32), (46.4, 34), (50, 34.8), (53.6, 34), (57, 32)):
        pen.oval("#2a2a32", x, y, 1, 1)
    pen.poly("#ee8a2f", "50,26 50,30.4 36,30")
    pen.curve(scarf, 6, "36,38 44,42 56,42 64,38")
    pen.poly(scarf, "57,40 64,39 68,60 60,61")
    pen.poly(darker(scarf), "64,39 66,39 70,58 67,59")
    with pen.turned(pen.rng.uniform(-10, 6), 50, 14):
        pen.box("#2f2f3a", 32, 12, 36, 4, 0.3)
        pen.box("#2f2f3a", 38, -4, 24, 17, 0.34)
        pen.box(scarf, 38, 8, 24, 4, 0.3)


def planet(pen: Pen) -> None:
    body = pen.coat("#d9a05f", "#c9705a", "#6f8fc4", "#8a6fb5", "#5fa89a")
    ring = pen.rng.choice(("#f0dcb0", "#e8c4d0", "#c9d9f0"))
    with pen.turned(pen.rng.uniform(-28, -8), 50, 50):
        hoop = [(math.cos(math.tau * i / 60), math.sin(math.tau * i / 60)) for i in range(61)]
        for wide, size, tone in ((5, 49, ring), (2.4, 42, darker(ring, 0.24))):
            pen.line(tone, wide, [(50 + size * x, 50 + size * 0.27 * y) for x, y in hoop[30:]])
        pen.oval(body, 50, 50, 31, 31, 0.34)
        for y, high, tone in (
            (36, 2.6, lighter(body, 0.3)),
            (46, 3.4, darker(body, 0.16)),
            (60, 3, lighter(body, 0.2)),
            (70, 2, darker(body, 0.16)),
        ):
            half = math.sqrt(31**2 - (y - 50) ** 2) - 1.6
            pen.blob(tone, f"{50 - half},{y} 50,{y + 2.6} {50 + half},{y} 50,{y + 2.6 + high}")
        pen.oval(lighter(body, 0.44), 38, 41, 4.6, 2.4)
        for wide, size, tone in ((5, 49, ring), (2.4, 42, darker(ring, 0.24))):
            pen.line(tone, wide, [(50 + size * x, 50 + size * 0.27 * y) for x, y in hoop[:31]])
    pen.oval("#e8e2d6", 86, 18, 5, 5, 0.3)


def football(pen: Pen) -> None:
    ball, patch = pen.coat("#f7f5ee", "#f7f5ee", "#f2c14e"), "#2a2d36"
    pen.oval(darker(ball, 0.3), 50, 58, 42, 42)
    pen.oval(ball, 49, 57, 40.6, 40.6, 0.2)
    with pen.turned(pen.rng.uniform(0, 72), 50, 58):
        pen.poly(patch, [_around(13, i / 5) for i in range(5)])
        for i in range(5):
            corner, left, right = _around(27, i / 5), _around(33, i / 5 - 0.055), _around(33, i / 5 + 0.055)
            pen.line(patch, 1.4, [_around(13, i / 5), corner])
            outer = [_around(41.6, i / 5 + turn) for turn in (0.05, 0.025, 0, -0.025, -0.05)]
            pen.poly(patch, [corner, right, *outer, left])
            seam = _around(29, i / 5 + 0.1)
            pen.line(patch, 1.4, [right, seam])
            pen.line(patch, 1.4, [_around(33, i / 5 + 0.145), seam])
            pen.line(patch, 1.4, [seam, _around(41, i / 5 + 0.1)])
    pen.blob("#ffffff77", "22,40 32,28 37,31 28,44")


def trophy(pen: Pen) -> None:
    gold = pen.coat("#e8b53a", "#e0a93a", "#cfd4da")
    for _ in pen.sides():
        pen.curve(darker(gold, 0.2), 4, "28,16 12,14 10,32 22,44 34,48")
    pen.box(gold, 46, 56, 8, 20, 0.4)
    pen.blob(gold, "34,82 34,82 38,75 50,72 62,75 66,82 66,82", 0.3)
    pen.blob(gold, "24,6 24,6 76,6 76,6 75,30 66,50 56,59 44,59 34,50 25,30", 0.3)
    pen.oval(lighter(gold, 0.4), 50, 7, 26, 3.4)
    pen.blob("#ffffff77", "31,14 36,14 37,34 42,48 36,42 31,28")
    pen.star(lighter(gold, 0.66), 50, 30, 11, 5)
    pen.box("#4a3a34", 26, 81, 48, 18, 0.3)
    pen.box("#e0c98a", 38, 85, 24, 9, 0.2)


def _around(far: float, share: float) -> tuple[float, float]:
    """A point of the ball: this far from its middle, after this share of the way round."""
    return 50 + far * math.sin(math.tau * share), 58 - far * math.cos(math.tau * share)
