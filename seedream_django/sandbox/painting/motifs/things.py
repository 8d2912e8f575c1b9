"""Things of house, work and play, each a function that draws one with a pen."""

from __future__ import annotations

import math

from ..pen import Pen, darker, lighter

WOOD = "#8a5a38"
STEEL = "#8f979f"


def book(pen: Pen) -> None:
    cover = pen.coat("#a8403a", "#2f5f7f", "#4f7a4a", "#7a4f8a", "#c98f3a")
    if pen.rng.random() < 0.4:
        _stack(pen, cover)
        return
    pen.blob(
        cover, "0,44 0,44 24,38 50,46 76,38 100,44 100,44 100,92 100,92 76,88 50,96 24,88 0,92 0,92", 0.2
    )
    for _ in pen.sides():
        for k, tone in enumerate(("#d9cdb4", "#efe6d2", "#fbf6e8")):
            up = k * 2.6
            pen.blob(
                tone,
                f"4,{46 - up} 4,{46 - up} 26,{38 - up} 50,{46 - up * 0.5} 50,{46 - up * 0.5} 50,92 "
                f"50,92 26,{83 - up * 0.4} 4,{88 - up} 4,{88 - up}",
            )
    for _ in pen.sides():
        for y in range(48, 80, 5):
            pen.curve("#a89c86", 0.9, f"10,{y} 26,{y - 3.6} 44,{y + 1.4}")
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
            pen.line("#d0c4a8", 0.6, f"{x + 6},{y + k} {x + wide + 1},{y + k}")
        pen.box(tone, x, y, wide + 3, 3, 0.2)
        pen.box(darker(tone, 0.1), x, y + 13, wide + 3, 3, 0.2)
        pen.blob(
            tone,
            f"{x + 6},{y} {x + 6},{y} {x + 1},{y + 1} {x - 2},{y + 8} {x + 1},{y + 15} "
            f"{x + 6},{y + 16} {x + 6},{y + 16}",
        )
        for k in (5, 9):
            pen.line("#f2d98a", 0.9, f"{x - 0.6},{y + k} {x + 4},{y + k}")


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
            pen.line("#3a3438", 2.2 if i % 3 == 0 else 1.1, f"50,28 50,{33 if i % 3 == 0 else 31}")
    hour = pen.rng.uniform(0, 12)
    for turn, wide, tip in ((hour * 30, 3.2, 39), (hour % 1 * 360, 2.2, 31)):
        with pen.turned(turn, 50, 56):
            pen.line("#3a3438", wide, f"50,59 50,{tip}")
    with pen.turned(pen.rng.uniform(0, 360), 50, 56):
        pen.line("#d9483b", 0.9, "50,62 50,30")
    pen.oval("#d9483b", 50, 56, 2.8, 2.8)


def chair(pen: Pen) -> None:
    """An armchair."""
    cloth = pen.coat("#2f7f7a", "#c8603a", "#d9a23a", "#5f5f8a", "#8a3f4a")
    for x in (22, 74):
        pen.poly(WOOD, f"{x},88 {x + 6},88 {x + 4},101 {x + 1},101", 0.4)
    pen.blob(cloth, "22,70 20,40 24,16 36,6 64,6 76,16 80,40 78,70", 0.24)
    for x, lean in ((38, -2), (50, 0), (62, 2)):
        pen.curve(darker(cloth, 0.24), 1.2, f"{x},14 {x + lean / 2},36 {x + lean},60")
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
        pen.line("#a9cfe0bb", 1.1, f"{x},{y} {x - 1.6},{y + 5}")


_HEMISPHERES = (
    (
        "22,22 34,12 46,14 44,24 36,30 34,38 26,36",
        "36,42 46,42 52,52 46,66 40,70 36,58",
        "64,20 76,22 82,34 74,36 66,30",
        "70,44 80,44 82,54 74,62",
    ),
    (
        "42,14 54,9 66,14 62,24 50,26 44,22",
        "42,32 58,31 66,42 60,58 52,70 46,58 40,44",
        "68,26 80,28 85,44 76,46 70,38",
        "18,34 26,30 28,42 20,50",
    ),
)


def globe(pen: Pen) -> None:
    sea, brass = pen.coat("#4f9ac4", "#3f8a9a", "#6fa8c9"), "#b5823a"
    pen.line(
        darker(brass), 3.4, [(50 + 44 * math.cos(i / 10), 42 + 44 * math.sin(i / 10)) for i in range(-12, 22)]
    )
    pen.box(brass, 46, 84, 8, 9, 0.4)
    pen.blob(WOOD, "24,100 24,100 28,94 42,91 58,91 72,94 76,100 76,100", 0.3)
    pen.oval(sea, 50, 42, 37, 37, 0.26)
    for i, land in enumerate(pen.rng.choice(_HEMISPHERES)):
        pen.blob("#6fae5a" if i % 2 == 0 else "#8fb560", land, 0.14)
    pen.oval("#f4f8fa", 50, 7.4, 9, 2.2)
    for y in (26, 42, 58):
        half = math.sqrt(37**2 - (y - 42) ** 2)
        pen.curve("#ffffff44", 0.7, f"{50 - half},{y} 50,{y + 3} {50 + half},{y}")
    pen.blob("#ffffff55", "24,30 32,18 36,20 28,36")
    for y in (2, 82):
        pen.oval(brass, 50, y, 3, 2.6)


def gift(pen: Pen) -> None:
    paper, ribbon = (
        pen.coat("#d9483b", "#2f7f8f", "#7a4f9a", "#4f8f5a"),
        pen.rng.choice(("#f2c14e", "#fbf3e2", "#f2a9b5")),
    )
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
            pen.blob("#e0b04a", f"4,{y} 13,{y} 12,{y + 6} 4,{y + 7}", 0.2)
    pen.oval("#f4ead2", 50, 77, 13, 13, 0.14)
    pen.oval("#3f8fc4", 50, 77, 10, 10)
    pen.blob("#6fae5a", "42,73 48,68 54,71 50,78 46,82")
    with pen.turned(pen.rng.uniform(-14, 14), 38, 45):
        pen.box("#d9483b", 31, 40, 14, 10)
        pen.line("#fbf6ea", 1.4, "33,45 43,45")
    pen.poly("#f2c14e", "60,38 72,38 66,50", 0.4)


def phone(pen: Pen) -> None:
    case, sky = (
        pen.coat("#2f3440", "#d9dde2", "#d9705a", "#3f6f8f"),
        pen.rng.choice(("#6fb4d9", "#e8a08a", "#7a6fb5")),
    )
    with pen.turned(pen.rng.uniform(-12, 12), 50, 55):
        pen.blob(
            case,
            "26,9 27,5 31,4 31,4 69,4 69,4 73,5 74,9 74,9 74,93 74,93 73,97 "
            "69,98 69,98 31,98 31,98 27,97 26,93 26,93 26,9",
        )
        pen.box(sky, 29, 9, 42, 80)
        pen.oval("#fff3c4", 58, 28, 7, 7)
        pen.poly(darker(sky, 0.3), "29,66 44,44 54,58 60,50 71,64 71,70 29,70")
        pen.poly(darker(sky, 0.5), "29,72 38,62 50,68 71,60 71,89 29,89")
        for i, tone in enumerate(("#e8573a", "#f2c14e", "#5fae6a", "#ffffff")):
            pen.blob(tone, f"{32.6 + i * 9},77 {39 + i * 9},77 {39 + i * 9},84 {32.6 + i * 9},84")
        pen.line("#ffffff", 1.6, "33,16 48,16")
        pen.line("#ffffff", 1, "33,20 42,20")
        pen.oval(lighter(case, 0.3), 50, 94, 3, 3)
        pen.line(lighter(case, 0.3), 1.2, "45,6 55,6")
        pen.poly("#ffffff30", "29,9 54,9 29,60")


def microphone(pen: Pen) -> None:
    metal, wood = pen.coat("#c9ced4", "#d9b04a", "#3f4652", "#b5563a"), "#2d3038"
    for _ in pen.sides():
        for radius in (36, 43):
            arc = [(50 + radius * math.cos(a / 10), 32 + radius * math.sin(a / 10)) for a in range(-6, 7)]
            pen.line("#ffffff66", 2, arc)
    pen.line(
        darker(metal, 0.3),
        3,
        [(50 + 26 * math.cos(a / 10), 36 + 26 * math.sin(a / 10)) for a in range(0, 32)],
    )
    pen.line(darker(metal, 0.3), 4, "50,62 50,92")
    pen.blob(wood, "26,100 26,100 30,94 50,91 70,94 74,100 74,100", 0.3)
    pen.blob(metal, "34,30 34,14 40,4 50,1 60,4 66,14 66,30 66,42 60,52 50,55 40,52 34,42", 0.26)
    for y in (12, 19, 26):
        pen.line(darker(metal, 0.4), 1.4, f"37,{y} 63,{y}")
    pen.box(darker(metal, 0.5), 34, 31, 32, 5)
    pen.oval("#e8573a", 50, 44, 2.4, 2.4)
    pen.blob("#ffffff66", "39,12 43,7 44,26 40,28")


_PAINTS = (
    ("#d0392f", 24, 48),
    ("#ef8f2f", 38, 34),
    ("#f4cf45", 56, 31),
    ("#4f9a55", 74, 38),
    ("#2f6fb5", 84, 54),
    ("#7a4f9a", 22, 66),
    ("#fbf6ea", 36, 80),
)


def palette(pen: Pen) -> None:
    """A painter's."""
    board = pen.coat("#d9a866", "#c98f4f", "#e8c48f")
    with pen.turned(pen.rng.uniform(-8, 8), 50, 60):
        pen.blob(
            darker(board, 0.3), "8,62 16,36 40,22 68,24 90,40 96,62 86,74 74,72 66,80 68,92 56,98 32,94 14,82"
        )
        pen.blob(board, "8,60 16,34 40,20 68,22 90,38 96,60 86,72 74,70 66,78 68,90 56,96 32,92 14,80", 0.14)
        pen.oval(darker(board, 0.5), 58, 84, 5.6, 5)
        for tone, x, y in _PAINTS:
            wide = pen.rng.uniform(6.6, 8.4)
            pen.blob(
                tone,
                f"{x - wide},{y} {x - 3},{y - 6} {x + 4},{y - 5} {x + wide},{y + 1} {x + 2},{y + 6} {x - 5},{y + 5}",
                0.2,
            )
            pen.oval(lighter(tone, 0.6), x - 2, y - 2, 1.8, 1.2)
    for turn, bristle in ((28, "#2f6fb5"), (44, "#d0392f")):
        with pen.turned(turn, 56, 66):
            pen.line("#8a4a2c", 3, "56,100 56,34")
            pen.box("#c9ced4", 53.8, 18, 4.4, 12, 0.4)
            pen.blob(bristle, "53,18 52,10 56,0 56,0 60,10 59,18", 0.3)


def hourglass(pen: Pen) -> None:
    wood, sand = pen.coat("#8a5a38", "#5f4a3a", "#c9a24a"), pen.rng.choice(("#e8c47a", "#e0a05f", "#d9b58f"))
    left = pen.rng.uniform(0.3, 0.8)
    for x in (24, 76):
        pen.line(wood, 3.4, f"{x},12 {x},90")
    pen.blob(
        "#eaf6f7b8",
        "30,12 30,12 70,12 70,12 71,28 66,40 53,51 66,62 71,74 70,90 70,90 "
        "30,90 30,90 29,74 34,62 47,51 34,40 29,28",
    )
    top = 44 - 26 * left
    half = 8 + (44 - top) * 0.5
    pen.blob(
        sand, f"{50 - half},{top} {50 - half},{top} {50 + half},{top} {50 + half},{top} 60,42 50,51 40,42"
    )
    pen.line(sand, 1.4, "50,50 50,84")
    heap = 87 - 20 * (1 - left)
    pen.blob(darker(sand, 0.1), f"32,89 32,89 40,{heap + 8} 50,{heap} 60,{heap + 8} 68,89 68,89")
    pen.blob("#ffffff99", "34,16 38,16 37,30 34,30")
    pen.blob("#ffffff99", "33,72 36,70 37,84 34,86")
    for y in (4, 88):
        pen.blob(
            wood,
            f"16,{y} 16,{y} 84,{y} 84,{y} 86,{y + 5} 84,{y + 10} 84,{y + 10} 16,{y + 10} 16,{y + 10} 14,{y + 5}",
            0.26,
        )
