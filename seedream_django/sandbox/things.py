"""Things of house, work and play, each a function that draws one with a pen."""

from __future__ import annotations

import math

from .pen import Pen, darker, lighter

WOOD = "#8a5a38"
STEEL = "#8f979f"


def book(pen: Pen) -> None:
    cover = pen.coat("#a8403a", "#2f5f7f", "#4f7a4a", "#7a4f8a", "#c98f3a")
    if pen.rng.random() < 0.4:
        _stack(pen, cover)
        return
    pen.blob(cover, "0,44 0,44 24,38 50,46 76,38 100,44 100,44 100,92 100,92 76,88 50,96 24,88 0,92 0,92", 0.2)
    for _ in pen.sides():
        for k, tone in enumerate(("#d9cdb4", "#efe6d2", "#fbf6e8")):
            up = k * 2.6
            pen.blob(tone, [(4, 46 - up), (4, 46 - up), (26, 38 - up), (50, 46 - up * 0.5), (50, 46 - up * 0.5), (50, 92), (50, 92), (26, 83 - up * 0.4), (4, 88 - up), (4, 88 - up)])
    for _ in pen.sides():
        for y in range(48, 80, 5):
            pen.curve("#a89c86", 0.9, [(10, y), (26, y - 3.6), (44, y + 1.4)])
    pen.blob("#1d1a3a22", "50,43 60,40 58,86 50,91")
    pen.poly("#d9483b", "66,32 72,31 72,58 69,54 66,59")
    pen.line("#d9cdb4", 0.8, "50,44 50,91")


def _stack(pen: Pen, cover: str) -> None:
    tones = [cover, *pen.rng.sample(("#2f5f7f", "#d9a23a", "#4f7a4a", "#a8403a", "#5f4f8a"), 3)]
    for i, tone in enumerate(reversed(tones)):
        y, shift, wide = 84 - i * 16, pen.rng.uniform(-6, 6), 74 - i * 3
        x = 13 + i * 1.5 + shift
        pen.box("#f4ecd8", x + 3, y + 2.4, wide - 1, 11, 0.14)
        for k in (5, 8, 11):
            pen.line("#d0c4a8", 0.6, [(x + 6, y + k), (x + wide + 1, y + k)])
        pen.box(tone, x, y, wide + 3, 3, 0.2)
        pen.box(darker(tone, 0.1), x, y + 13, wide + 3, 3, 0.2)
        pen.blob(tone, [(x + 6, y), (x + 6, y), (x + 1, y + 1), (x - 2, y + 8), (x + 1, y + 15), (x + 6, y + 16), (x + 6, y + 16)])
        for k in (5, 9):
            pen.line("#f2d98a", 0.9, [(x - 0.6, y + k), (x + 4, y + k)])


def guitar(pen: Pen) -> None:
    body = pen.coat("#c9823a", "#a8562f", "#d9a24a", "#3f3a40")
    rim, neck = darker(body, 0.44), "#5a3a28"
    with pen.placed(44, 100, 0.82), pen.turned(pen.rng.uniform(12, 32), 50, 60):
        pen.box(neck, 46.4, -8, 7.2, 58, 0.3)
        for i in range(9):
            pen.line("#cfd4d8", 0.6, [(46.4, 2 + i * 5), (53.6, 2 + i * 5)])
        pen.poly(darker(body, 0.3), "45,-8 44,-24 50,-27 56,-24 55,-8", 0.3)
        for y in (-21, -16.4, -12):
            for x in (42, 58):
                pen.oval("#e8e2d2", x, y, 1.7, 1.5)
        outline = "50,40 60,40 68,46 67,55 64,61 70,68 76,80 71,94 58,101 50,102 42,101 29,94 24,80 30,68 36,61 33,55 32,46 40,40"
        pen.blob(rim, outline)
        inner = [(50 + (float(x) - 50) * 0.92, 72 + (float(y) - 72) * 0.94) for x, y in (p.split(",") for p in outline.split())]
        pen.blob(body, inner, 0.26)
        pen.oval(rim, 50, 66, 9.6, 9.6)
        pen.oval("#241a16", 50, 66, 7.6, 7.6)
        pen.box(neck, 46.4, 40, 7.2, 18, 0.3)
        pen.box(rim, 40, 84, 20, 3.4)
        for i in range(6):
            x = 47.3 + i * 1.08
            pen.line("#f4efe2", 0.35, [(x, -8), (x, 85)])
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
        pen.line("#f4e6c0", 0.4, [(28 + i * 7, 52), (36 + i * 6, 43)])
    pen.blob(case, "8,54 8,54 30,52 98,48 98,48 99,62 92,70 60,74 60,74 8,74 8,74", 0.24)
    pen.poly("#fbf8f0", "4,58 52,58 50,66 0,66")
    pen.box(darker(case, 0.3), -1, 66, 53, 5)
    for i in range(11):
        x = 4 + i * 4.4
        pen.line("#9a948a", 0.5, [(x, 58), (x - 3, 66)])
        if i % 7 not in (2, 6):
            pen.poly("#1d1a20", [(x - 0.2, 58), (x + 2.2, 58), (x + 0.8, 63), (x - 1.6, 63)])
    pen.poly("#fbf6e6", "18,38 30,37 30,53 18,54")
    pen.poly("#f1e8d2", "30,37 42,38 42,54 30,53")
    for y in (42, 46, 50):
        pen.line("#6a645a", 0.5, [(20, y), (28, y - 0.6)])
        pen.line("#6a645a", 0.5, [(32, y - 0.6), (40, y)])
    pen.oval("#c9a24a", 52, 99, 4, 1.4)


def clock(pen: Pen) -> None:
    case = pen.coat("#c8402f", "#2f7f8f", "#e0a93a", "#5f4a3a")
    for _ in pen.sides():
        pen.line(darker(case, 0.34), 5, "28,88 22,98")
        with pen.turned(-38, 50, 55):
            pen.line(darker(case), 3, "50,12 50,8")
            pen.blob(case, "36,11 40,2 50,-2 60,2 64,11 64,11 36,11", 0.26)
    pen.curve(STEEL, 2.4, "40,8 44,1 56,1 60,8")
    pen.box(STEEL, 48.4, 5, 3.2, 10, 0.4)
    pen.oval(case, 50, 56, 40, 40, 0.24)
    pen.oval(darker(case, 0.3), 50, 56, 33.6, 33.6)
    pen.oval("#fbf6e8", 50, 56, 32, 32, 0.12)
    for i in range(12):
        with pen.turned(i * 30, 50, 56):
            pen.line("#3a3438", 2.2 if i % 3 == 0 else 1.1, [(50, 28), (50, 33 if i % 3 == 0 else 31)])
    hour = pen.rng.uniform(0, 12)
    for turn, wide, tip in ((hour * 30, 3.2, 39), (hour % 1 * 360, 2.2, 31)):
        with pen.turned(turn, 50, 56):
            pen.line("#3a3438", wide, [(50, 59), (50, tip)])
    with pen.turned(pen.rng.uniform(0, 360), 50, 56):
        pen.line("#d9483b", 0.9, "50,62 50,30")
    pen.oval("#d9483b", 50, 56, 2.8, 2.8)


def lantern(pen: Pen) -> None:
    iron = pen.coat("#3a3f4a", "#8a4a2c", "#2f5f5a", "#b5382f")
    pen.oval("#ffd98a2e", 50, 58, 48, 46)
    pen.oval("#ffd98a3c", 50, 60, 34, 34)
    pen.line(iron, 2.2, [(50 + 16 * math.cos(a / 8), 18 + 18 * math.sin(a / 8)) for a in range(-26, 2)])
    pen.poly(iron, "38,12 62,12 76,30 24,30", 0.34)
    pen.box(darker(iron), 44, 7, 12, 6, 0.4)
    pen.box("#ffe9a8", 28, 30, 44, 56)
    pen.poly("#fff6d4", "28,30 52,30 28,66")
    pen.box("#fbf3e2", 42, 66, 16, 20, 0.3)
    pen.blob("#ff9a2f", "50,38 50,38 58,52 57,62 50,66 43,62 42,52")
    pen.blob("#fff0a0", "50,48 50,48 54,57 50,64 46,57")
    for x in (28, 50, 72):
        pen.line(iron, 2.4 if x != 50 else 1.2, [(x, 30), (x, 86)])
    pen.line(iron, 1.2, "28,58 72,58")
    pen.box(iron, 24, 84, 52, 6, 0.3)
    pen.poly(darker(iron), "20,90 80,90 84,99 16,99", 0.3)


def chair(pen: Pen) -> None:
    """An armchair."""
    cloth = pen.coat("#2f7f7a", "#c8603a", "#d9a23a", "#5f5f8a", "#8a3f4a")
    for x in (22, 74):
        pen.poly(WOOD, [(x, 88), (x + 6, 88), (x + 4, 101), (x + 1, 101)], 0.4)
    pen.blob(cloth, "22,70 20,40 24,16 36,6 64,6 76,16 80,40 78,70", 0.24)
    for x, y in ((40, 24), (60, 24), (50, 36), (40, 48), (60, 48)):
        pen.oval(darker(cloth, 0.3), x, y, 1.6, 1.6)
    pen.blob(darker(cloth, 0.14), "18,62 82,62 84,90 84,90 16,90 16,90")
    pen.blob(lighter(cloth, 0.12), "22,62 30,58 70,58 78,62 80,72 74,76 26,76 20,72", 0.16)
    for side in pen.sides():
        pen.blob(cloth, "6,56 12,48 22,50 25,58 24,91 24,91 8,91 8,91", 0.2 if side else 0.1)
        pen.oval(lighter(cloth, 0.14), 15, 56, 8, 7.4)
        pen.oval(darker(cloth, 0.1), 15, 56, 4, 3.7)
    pillow = pen.rng.choice(("#f4d9a0", "#f1ece2", "#e8806a"))
    with pen.turned(pen.rng.uniform(-16, 16), 50, 50):
        pen.blob(pillow, "36,38 50,41 64,38 62,50 64,62 50,60 36,62 38,50", 0.24)
        pen.line(darker(pillow, 0.2), 1, "42,46 58,56")
        pen.line(darker(pillow, 0.2), 1, "42,56 58,46")


def lamp(pen: Pen) -> None:
    shade, base = pen.coat("#f2cf7a", "#d9574a", "#3f8f8a", "#f1e6d2"), pen.rng.choice(("#3f5f7a", "#c9764a", "#8a9a7a"))
    pen.poly("#fff0b83a", "26,42 74,42 98,101 2,101")
    pen.line("#c9a24a", 2.4, "50,42 50,62")
    pen.blob(base, "46,58 54,58 54,64 64,74 66,86 58,95 42,95 34,86 36,74 46,64", 0.3)
    pen.blob("#ffffff66", "40,74 43,72 42,88 39,85")
    pen.box(darker(base), 36, 94, 28, 6, 0.3)
    pen.line("#c9a24a", 0.9, "62,42 62,54")
    pen.oval("#c9a24a", 62, 55, 1.6, 1.6)
    pen.poly(shade, "34,4 66,4 82,44 18,44", 0.24)
    pen.poly(lighter(shade, 0.5), "42,4 52,4 54,44 38,44")
    pen.line(darker(shade, 0.2), 1.8, "34,4 66,4")
    pen.line(darker(shade, 0.2), 2.4, "18,44 82,44")


def desk(pen: Pen) -> None:
    """A laptop at work, with what lies beside it."""
    case, tone = pen.coat("#c9ced4", "#8f979f", "#e0d2bf"), pen.rng.choice(("#3f6f9a", "#4f8a7a", "#7a5f9a"))
    pen.box(darker(case, 0.2), 17, 22, 66, 52)
    pen.box("#2a2d34", 18.6, 23.6, 62.8, 48)
    pen.box("#f4f6f8", 21, 26, 58, 43)
    pen.box(tone, 21, 26, 58, 7)
    for x in (24, 27.4, 30.8):
        pen.oval("#ffffff", x, 29.5, 1.1, 1.1)
    pen.box(lighter(tone, 0.6), 24, 36, 24, 18)
    pen.poly(tone, "24,54 32,44 37,49 42,42 48,50 48,54")
    pen.oval("#f2c14e", 43, 40, 2.2, 2.2)
    for y, wide in ((38, 24), (42, 20), (46, 24), (50, 14), (58, 50), (62, 44)):
        pen.line("#b5bec8", 1.4, [(52 if y < 56 else 25, y), ((52 if y < 56 else 25) + wide, y)])
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
    for side in pen.sides():
        for y in (80, 84, 88):
            pen.oval("#6d747c", 40, y, 5, 2.6)
        pen.blob(dark, "28,100 28,100 30,92 40,90 48,92 49,100 49,100")
        arm = "30,54 18,50 12,40" if side and lift else "30,54 19,60 17,72"
        pen.curve("#6d747c", 6, arm)
        x, y = (11, 36) if side and lift else (17, 76)
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


def umbrella(pen: Pen) -> None:
    first = pen.coat("#d9483b", "#2f6f9a", "#e0a93a", "#4f8f6a")
    second = pen.rng.choice((first, "#f7efe0", lighter(first, 0.4)))
    with pen.turned(pen.rng.uniform(-16, 16), 50, 60):
        pen.curve("#6d4a34", 2.8, "50,8 50,60 50,86 54,95 61,96 65,90")
        pen.line("#6d4a34", 2, "50,6 50,-1")
        edges = (0, 16, 36, 64, 84, 100)
        pen.blob(darker(first, 0.4), "4,50 20,46 50,48 80,46 96,50 80,54 50,55 20,54")
        for i in range(5):
            left, right = edges[i], edges[i + 1]
            pull = 0.34
            shape = [
                (50, 4), (50, 4), (50 + (left - 50) * 0.72, 16), (left, 50), (left, 50), ((left + right) / 2, 44),
                (right, 50), (right, 50), (50 + (right - 50) * 0.72, 16),
            ]  # fmt: skip
            tone = first if i % 2 == 0 else second
            pen.blob(darker(tone, max(0.0, (i - 2) * 0.12) * pull * 3), shape)
        pen.blob("#ffffff44", "28,18 40,9 34,24 20,38 22,28")
    for _ in range(7):
        x, y = pen.rng.uniform(0, 100), pen.rng.uniform(58, 96)
        pen.line("#a9cfe0bb", 1.1, [(x, y), (x - 1.6, y + 5)])


def candle(pen: Pen) -> None:
    wax, brass = pen.coat("#f6ecd8", "#f6ecd8", "#d9574a", "#8fb5a0"), "#c9a24a"
    pen.oval("#ffd98a30", 50, 22, 34, 34)
    pen.oval("#ffd98a44", 50, 22, 20, 21)
    pen.oval(darker(brass), 50, 94, 38, 6)
    pen.oval(brass, 50, 92, 38, 6)
    ring = [(88 + 9 * math.cos(i * 0.6), 86 + 8 * math.sin(i * 0.6)) for i in range(12)]
    pen.line(brass, 3, ring)
    pen.blob(brass, "34,80 34,80 66,80 66,80 62,92 38,92", 0.3)
    pen.blob(wax, "36,84 36,84 36,46 40,42 50,41 60,42 64,46 64,84 64,84", 0.3)
    for x, low in ((38, 62), (44, 55), (60, 66)):
        pen.line(lighter(wax, 0.3), 4, [(x, 46), (x, low + pen.rng.uniform(-4, 4))])
    pen.oval(lighter(wax, 0.34), 50, 45, 12.6, 3)
    pen.line("#3a2a24", 1.3, "50,45 50,35")
    lean = pen.rng.uniform(-3, 3)
    pen.blob("#ff9a2f", [(50 + lean, 4), (50 + lean, 4), (58, 22), (57, 33), (50, 38), (43, 33), (42, 22)])
    pen.blob("#fff0a0", [(50 + lean / 2, 16), (50 + lean / 2, 16), (54, 27), (50, 36), (46, 27)])
    pen.oval("#6f9fe088", 50, 36, 2.4, 2)


def bulb(pen: Pen) -> None:
    """An idea."""
    glass = pen.coat("#ffd34a", "#ffdf7a", "#f7c03a")
    for i in range(-3, 4):
        with pen.turned(i * 38, 50, 38):
            pen.line(glass, 2.6, [(50, -4), (50, -9 if i % 2 else -13)])
    pen.oval("#ffe9a83c", 50, 38, 46, 44)
    pen.blob(glass, "50,4 70,10 80,28 78,46 66,60 63,72 63,72 37,72 37,72 34,60 22,46 20,28 30,10", 0.2)
    pen.blob("#ffffffaa", "30,24 36,15 42,12 36,24 33,36 29,36")
    pen.curve("#a8602f", 1.6, "44,72 43,54 38,42 44,38 47,46 50,38 53,46 56,38 62,42 57,54 56,72")
    for i, y in enumerate((72, 78, 84)):
        pen.blob(STEEL, [(37 + i, y), (37 + i, y), (63 - i, y), (63 - i, y), (64 - i, y + 3), (62 - i, y + 6), (38 + i, y + 6), (36 + i, y + 3)], 0.3)
    pen.blob("#3a3f48", "41,90 41,90 59,90 59,90 55,97 45,97")


def telescope(pen: Pen) -> None:
    tube = pen.coat("#e8e4da", "#2f4f7a", "#b5563a", "#c9a24a")
    for shape in ("52,52 24,100", "52,52 80,100", "52,52 54,99"):
        pen.line(WOOD, 3.4, shape)
    pen.line(darker(WOOD), 1.4, "36,80 68,80")
    with pen.turned(pen.rng.uniform(-8, 10), 52, 48):
        pen.poly(darker(tube, 0.1), "70,46 88,56 85,63 66,55", 0)
        pen.poly("#3a3f48", "86,54 94,58 91,66 83,62")
        pen.poly(tube, "8,10 22,3 76,47 68,60 64,60")
        pen.poly(darker(tube, 0.26), "13,17 8,10 64,60 69,59")
        pen.poly("#c9a24a", "4,12 21,1 26,5 8,17")
        pen.poly("#c9a24a", "58,40 65,38 62,56 57,52")
        pen.blob("#8fc4e0", "3,11 10,5 20,0 21,2 12,7 5,13")
        pen.poly("#3a3f48", "40,16 44,13 62,28 58,32")
    pen.oval("#3a3f48", 52, 52, 5, 5, 0.3)
    for _ in range(5):
        x, y = pen.rng.uniform(40, 100), pen.rng.uniform(-2, 24)
        pen.poly("#ffe08a", [(x, y - 3), (x + 0.8, y - 0.8), (x + 3, y), (x + 0.8, y + 0.8), (x, y + 3), (x - 0.8, y + 0.8), (x - 3, y), (x - 0.8, y - 0.8)])


def globe(pen: Pen) -> None:
    sea, brass = pen.coat("#4f9ac4", "#3f8a9a", "#6fa8c9"), "#b5823a"
    pen.line(darker(brass), 3.4, [(50 + 44 * math.cos(i / 10), 42 + 44 * math.sin(i / 10)) for i in range(-12, 22)])
    pen.box(brass, 46, 84, 8, 9, 0.4)
    pen.blob(WOOD, "24,100 24,100 28,94 42,91 58,91 72,94 76,100 76,100", 0.3)
    pen.oval(sea, 50, 42, 37, 37, 0.26)
    turn = pen.rng.choice((0, 1))
    lands = (
        ("22,22 34,12 46,14 44,24 36,30 34,38 26,36", "36,42 46,42 52,52 46,66 40,70 36,58", "64,20 76,22 82,34 74,36 66,30", "70,44 80,44 82,54 74,62"),
        ("42,14 54,9 66,14 62,24 50,26 44,22", "42,32 58,31 66,42 60,58 52,70 46,58 40,44", "68,26 80,28 85,44 76,46 70,38", "18,34 26,30 28,42 20,50"),
    )[turn]  # fmt: skip
    for i, land in enumerate(lands):
        pen.blob("#6fae5a" if i % 2 == 0 else "#8fb560", land, 0.14)
    pen.oval("#f4f8fa", 50, 7.4, 9, 2.2)
    for y in (26, 42, 58):
        half = math.sqrt(37**2 - (y - 42) ** 2)
        pen.curve("#ffffff44", 0.7, [(50 - half, y), (50, y + 3), (50 + half, y)])
    pen.blob("#ffffff55", "24,30 32,18 36,20 28,36")
    for y in (2, 82):
        pen.oval(brass, 50, y, 3, 2.6)


def gift(pen: Pen) -> None:
    paper, ribbon = pen.coat("#d9483b", "#2f7f8f", "#7a4f9a", "#4f8f5a"), pen.rng.choice(("#f2c14e", "#fbf3e2", "#f2a9b5"))
    pen.box(paper, 12, 46, 76, 54, 0.26)
    for x in range(18, 88, 14):
        for y in (58, 72, 86):
            pen.oval(lighter(paper, 0.3), x + (7 if y == 72 else 0), y, 1.9, 1.9)
    pen.box(darker(paper, 0.14), 12, 46, 76, 4)
    pen.box(lighter(paper, 0.08), 7, 30, 86, 17, 0.26)
    pen.box(ribbon, 43, 30, 14, 70, 0.34)
    for _ in pen.sides():
        pen.blob(darker(ribbon, 0.1), "49,28 34,34 24,46 28,47 32,52 50,32")
        pen.blob(ribbon, "50,28 40,10 24,2 14,8 18,22 34,28", 0.2)
        pen.blob(darker(ribbon, 0.3), "46,26 38,14 26,9 22,13 28,22 38,25")
    pen.oval(lighter(ribbon, 0.2), 50, 27, 7, 6, 0.3)


def suitcase(pen: Pen) -> None:
    hide = pen.coat("#a8683a", "#2f6f7a", "#c8603a", "#5f5f4a")
    dark = darker(hide, 0.36)
    pen.line(dark, 4, "36,34 38,20 62,20 64,34")
    pen.blob(hide, "4,40 8,33 92,33 96,40 97,94 93,100 7,100 3,94", 0.2)
    pen.line(dark, 1, "3,56 97,56")
    for x in (18, 74):
        pen.box(dark, x, 33, 8, 67, 0.3)
        pen.box("#e0b04a", x - 1, 54, 10, 8, 0.3)
    for _ in pen.sides():
        for y in (34, 92):
            pen.blob("#e0b04a", [(4, y), (13, y), (12, y + 6), (4, y + 7)], 0.2)
    pen.oval("#f4ead2", 50, 77, 13, 13, 0.14)
    pen.oval("#3f8fc4", 50, 77, 10, 10)
    pen.blob("#6fae5a", "42,73 48,68 54,71 50,78 46,82")
    with pen.turned(pen.rng.uniform(-14, 14), 38, 45):
        pen.box("#d9483b", 31, 40, 14, 10)
        pen.line("#fbf6ea", 1.4, "33,45 43,45")
    pen.poly("#f2c14e", "60,38 72,38 66,50", 0.4)


def snowman(pen: Pen) -> None:
    snow, scarf = pen.coat("#f4f8fb", "#f4f8fb", "#e8f0f7"), pen.rng.choice(("#d9483b", "#2f7f8f", "#4f8a4a"))
    for side in pen.sides():
        tip = pen.rng.uniform(-6, 10) if side else 4
        pen.curve("#5d4030", 1.8, [(36, 52), (22, 46), (8, 36 + tip)])
        pen.line("#5d4030", 1.3, [(15, 41 + tip * 0.5), (9, 44 + tip)])
        pen.line("#5d4030", 1.3, [(13, 39.6 + tip * 0.6), (12, 32 + tip)])
    pen.oval(snow, 50, 80, 30, 22, 0.24)
    pen.oval(snow, 50, 51, 21, 17, 0.2)
    pen.oval(snow, 50, 27, 15, 14, 0.2)
    for y in (48, 57, 72, 82):
        pen.oval("#2a2a32", 50, y, 2.1, 2.1)
    for x in (45, 55):
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
        for y, high, tone in ((36, 2.6, lighter(body, 0.3)), (46, 3.4, darker(body, 0.16)), (60, 3, lighter(body, 0.2)), (70, 2, darker(body, 0.16))):
            half = math.sqrt(31**2 - (y - 50) ** 2) - 1.6
            pen.blob(tone, [(50 - half, y), (50, y + 2.6), (50 + half, y), (50, y + 2.6 + high)])
        pen.oval(lighter(body, 0.44), 38, 41, 4.6, 2.4)
        for wide, size, tone in ((5, 49, ring), (2.4, 42, darker(ring, 0.24))):
            pen.line(tone, wide, [(50 + size * x, 50 + size * 0.27 * y) for x, y in hoop[:31]])
    pen.oval("#e8e2d6", 86, 18, 5, 5, 0.3)


def football(pen: Pen) -> None:
    ball, patch = pen.coat("#f7f5ee", "#f7f5ee", "#f2c14e"), "#2a2d36"
    pen.oval(ball, 50, 58, 42, 42, 0.26)
    with pen.turned(pen.rng.uniform(0, 72), 50, 58):
        for i in range(5):
            with pen.turned(72 * i, 50, 58):
                pen.line(patch, 1.3, "50,45 50,31")
                pen.poly(patch, "42.4,30 50,26.4 57.6,30 55,18 45,18")
                pen.line(patch, 1.3, "57.6,30 66.4,36.4")
        pen.poly(patch, [(50 + 13 * math.sin(math.tau * i / 5), 58 - 13 * math.cos(math.tau * i / 5)) for i in range(5)])
    pen.blob("#ffffff66", "22,40 32,28 37,31 28,44")


def trophy(pen: Pen) -> None:
    gold = pen.coat("#e8b53a", "#e0a93a", "#cfd4da")
    for _ in pen.sides():
        pen.curve(darker(gold, 0.2), 4, "28,16 12,14 10,32 22,44 34,48")
    pen.box(gold, 46, 56, 8, 20, 0.4)
    pen.blob(gold, "34,82 34,82 38,75 50,72 62,75 66,82 66,82", 0.3)
    pen.blob(gold, "24,6 24,6 76,6 76,6 75,30 66,50 56,59 44,59 34,50 25,30", 0.3)
    pen.oval(lighter(gold, 0.4), 50, 7, 26, 3.4)
    pen.blob("#ffffff77", "31,14 36,14 37,34 42,48 36,42 31,28")
    star = [(50 + (11 if i % 2 == 0 else 4.6) * math.sin(math.pi * i / 5), 30 - (11 if i % 2 == 0 else 4.6) * math.cos(math.pi * i / 5)) for i in range(10)]
    pen.poly(lighter(gold, 0.66), star)
    pen.box("#4a3a34", 26, 81, 48, 18, 0.3)
    pen.box("#e0c98a", 38, 85, 24, 9, 0.2)
