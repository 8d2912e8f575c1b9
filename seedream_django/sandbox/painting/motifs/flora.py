"""Plants, each a function that draws one with a pen."""

from __future__ import annotations

import math
from itertools import pairwise

from ..pen import Pen, darker, lighter

LEAF = "#4f8f4a"
PETALS = ("#e4556b", "#f2b441", "#f4eef6", "#b45fc0", "#ef7f4d", "#6f8fe0")


#: The leaves of a season, and what hangs among them.
_SEASONS = {
    "spring": (("#f2b8c6", "#f4c9d4", "#eaa4b8"), "#fbe9ee"),
    "summer": (("#4f8f4a", "#5d9a45", "#3f8555"), "#d0392f"),
    "autumn": (("#d9822f", "#c8502f", "#e0a83a"), "#f2c14e"),
}


def tree(pen: Pen) -> None:
    bark = "#5d4030"
    season = pen.season or pen.rng.choice(("summer", "summer", "summer", "autumn"))
    pen.blob(bark, "44,101 38,101 45,92 46,60 54,60 55,92 63,101 56,101 50,97", 0.34)
    for shape in ("50,76 40,62 32,44", "50,72 60,58 68,42", "50,70 51,50 47,30"):
        pen.curve(bark, 3, shape)
    if season == "winter":
        _bare(pen, bark)
    else:
        leaves, spots = _SEASONS[season]
        _crown(pen, pen.coat(*leaves), spots if season != "summer" or pen.rng.random() < 0.4 else "")
    pen.curve(darker(bark, 0.3), 0.8, "50,68 49,80 50,92")


def _crown(pen: Pen, leaf: str, spots: str) -> None:
    """Leaves in three layers, the lit ones on top and to the left."""
    round_about = [
        (i * math.tau / 10 + pen.rng.uniform(-0.2, 0.2), pen.rng.uniform(0.86, 1.1)) for i in range(10)
    ]
    for tone, shift, grow in (
        (darker(leaf, 0.3), 1, 1.0),
        (leaf, -1.5, 0.88),
        (lighter(leaf, 0.16), -6, 0.56),
    ):
        pen.oval(tone, 50 + shift, 34 + shift, 30 * grow, 24 * grow)
        for angle, far in round_about:
            x, y = 50 + 26 * far * grow * math.cos(angle), 34 + 20 * far * grow * math.sin(angle)
            pen.oval(tone, x + shift, y + shift, 13 * grow, 12 * grow)
    for _ in range(24 if spots else 0):
        angle, far = pen.rng.uniform(0, math.tau), pen.rng.uniform(0.1, 1) ** 0.5
        pen.oval(spots, 48 + 33 * far * math.cos(angle), 33 + 27 * far * math.sin(angle), 2, 2)


def _bare(pen: Pen, bark: str) -> None:
    for x, y in ((32, 44), (68, 42), (47, 30), (40, 62), (60, 58)):
        for reach in (-1, 0, 1):
            tip = (x + (x - 50) * 0.5 + reach * 9, y - 15 - pen.rng.uniform(0, 7) + abs(reach) * 5)
            middle = (x + reach * 3, y - 8)
            pen.curve(bark, 1.4, [(x, y), middle, tip])
            pen.line(
                "#f4f8fb",
                1.5,
                f"{middle[0] - 1},{middle[1] - 1} "
                f"{(middle[0] + tip[0]) / 2 - 1},{(middle[1] + tip[1]) / 2 - 1}",
            )
    for shape in ("33,45 39,59", "61,55 66,44", "46,31 49,44"):
        pen.line("#f4f8fb", 1.6, shape)
    pen.oval("#f4f8fb", 50, 100, 15, 2.6)


def pine(pen: Pen) -> None:
    leaf, festive = pen.coat("#2f6b4a", "#3a7a4f", "#2a5f55"), pen.rng.random() < 0.2
    pen.box("#5d4030", 46, 84, 8, 17, 0.4)
    for low, wide, tip in ((90, 34, 52), (72, 28, 34), (54, 22, 16), (36, 15, -2)):
        pen.poly(
            leaf,
            f"50,{tip} {50 + wide},{low} {50 + wide * 0.5},{low - 2} 50,{low + 3} "
            f"{50 - wide * 0.5},{low - 2} {50 - wide},{low}",
            0.42,
        )
        if festive:
            for k in (-0.6, -0.1, 0.5):
                bauble = pen.rng.choice(("#d9483b", "#f2c14e", "#6fb4d9"))
                pen.oval(bauble, 50 + k * wide, low - 6 + 4 * abs(k), 2.4, 2.4)
    if festive:
        pen.star("#f2c14e", 50, 0, 7, 5)


def palm(pen: Pen) -> None:
    leaf, lean = pen.coat("#4f9a55", "#3f8a60", "#6fa04a"), pen.rng.uniform(-14, 14)
    pen.blob("#e5cf9a", "16,101 30,95 60,93 84,97 92,102", 0.2)
    x = 50 - lean
    trunk = [(54 + lean * 0.5, 97), (50 + lean * 0.6, 74), (50, 54), (x, 32)]
    pen.taper("#7a5638", trunk, 9, 6.4, 5.4)
    pen.taper("#a07850", [(a - 1, b) for a, b in trunk], 5.4, 3.6, 3)
    for (a, b), (c, d) in pairwise(trunk):
        for share in (0.1, 0.32, 0.54, 0.76):
            middle, y = a + (c - a) * share, b + (d - b) * share
            pen.line("#5f4029", 0.8, f"{middle - 2.3},{y - 0.6} {middle + 2.3},{y + 0.6}")
    fronds = (
        (-46, 30, 0.3),
        (46, 32, 0.3),
        (-44, 6, 0.16),
        (44, 8, 0.2),
        (-26, -20, 0),
        (28, -18, 0.1),
        (-30, 44, 0.36),
        (30, 46, 0.4),
    )
    for dx, dy, dim in fronds:
        tone, tip = darker(leaf, dim), (x + dx, 32 + dy)
        up = (x + dx * 0.5, 32 + dy * 0.3 - 14)
        pen.blob(
            tone,
            f"{x},30 {x},30 {up[0]},{up[1]} {tip[0]},{tip[1]} {tip[0]},{tip[1]} "
            f"{up[0] - dx * 0.06},{up[1] + 9}",
        )
        pen.curve(darker(tone, 0.24), 0.8, [(x, 31), (up[0], up[1] + 4), tip])
    for dx in (-4, 3, 0):
        pen.oval("#6d4426", x + dx, 36 + abs(dx) * 0.4, 3.4, 3.6, 0.3)


def cactus(pen: Pen) -> None:
    skin = pen.coat("#4f8f5a", "#3f7f5f", "#6a9a50")
    left, right = pen.rng.uniform(46, 62), pen.rng.uniform(38, 56)
    for low, x, high in ((left, 20.0, left - 24), (right, 80, right - 22)):
        pen.curve(
            darker(skin, 0.1),
            11,
            f"50,{low + 14} {x + (6 if x < 50 else -6)},{low + 12} {x},{low + 4} {x},{high}",
        )
        for dx in (-2, 2):
            pen.line(darker(skin, 0.3), 0.7, f"{x + dx},{low} {x + dx},{high}")
    pen.blob(skin, "38,101 38,101 37,50 38,20 44,8 50,5 56,8 62,20 63,50 62,101 62,101", 0.3)
    for x in (43.0, 50, 57):
        pen.curve(darker(skin, 0.3), 0.8, f"{x},98 {x},40 {50 + (x - 50) * 0.6},12")
    for y in range(16, 96, 9):
        for x in (40.0, 46.5, 53.5, 60.0):
            pen.line("#f4ecd0", 0.6, f"{x - 1},{y - 1} {x + 1},{y + 1}")
            pen.line("#f4ecd0", 0.6, f"{x + 1},{y - 1} {x - 1},{y + 1}")
    bloom = pen.rng.choice(("#ef6f8a", "#f2b441", "#f4eef6"))
    for turn in (-50, 50, -25, 25, 0):
        with pen.turned(turn, 50, 7):
            pen.blob(bloom, "48,7 47,0 50,-5 53,0 52,7", 0.2)
    for x, high in ((20, left - 24), (80, right - 22)):
        pen.oval(bloom, x, high - 5, 3.4, 3)


def _bloom(pen: Pen, tone: str, x: float, y: float, size: float, petals: int = 6) -> None:
    """A flower seen from the front."""
    for i in range(petals):
        with pen.turned(360 / petals * i, x, y):
            pen.blob(
                tone,
                f"{x - size * 0.14},{y} {x - size * 0.46},{y - size * 0.7} {x},{y - size} "
                f"{x + size * 0.46},{y - size * 0.7} {x + size * 0.14},{y}",
                0.12,
            )
    pen.oval("#f7d354" if tone != "#f2b441" else "#a8602f", x, y, size * 0.34, size * 0.34, 0.2)


def _tulip(pen: Pen, tone: str, x: float, y: float, size: float) -> None:
    s = size
    pen.blob(
        darker(tone, 0.16),
        f"{x - s * 0.5},{y - s * 0.6} {x},{y - s} {x},{y - s} {x + s * 0.5},{y - s * 0.6} "
        f"{x + s * 0.4},{y} {x},{y + s * 0.4} {x - s * 0.4},{y}",
    )
    for side in (-1, 1):
        pen.blob(
            tone,
            f"{x + side * s * 0.75},{y - s * 0.8} {x + side * s * 0.75},{y - s * 0.8} "
            f"{x + side * s * 0.7},{y} {x},{y + s * 0.55} {x - side * s * 0.1},{y + s * 0.2} "
            f"{x + side * s * 0.2},{y - s * 0.5}",
        )


def flowers(pen: Pen) -> None:
    """Flowers as they grow."""
    first = pen.coat(*PETALS)
    tones = [first, *pen.rng.sample(PETALS, 4)]
    kind = pen.rng.choice(("tulip", "daisy", "both"))
    for i, x in enumerate((50.0, 14, 84, 32, 68)):
        y = pen.rng.uniform(20, 34) + abs(x - 50) * 0.5
        foot = 50 + (x - 50) * 0.8
        pen.curve(LEAF, 2, f"{foot},101 {x + 2},78 {x},{y}")
        for side in (-1, 1):
            leaf = [(foot, 96), (foot + side * 6, 82), (foot + side * 13, 70 + i), (foot + side * 8, 86)]
            pen.blob(LEAF if side < 0 else darker(LEAF), leaf)
        if kind == "tulip" or (kind == "both" and i % 2):
            _tulip(pen, tones[i], x, y, 13)
        else:
            _bloom(pen, tones[i], x, y, 15, 7)
    for _ in range(14):
        x = pen.rng.uniform(4, 96)
        pen.curve(darker(LEAF, 0.12), 1.2, f"{x},101 {x + 1},92 {x + pen.rng.uniform(-5, 5)},84")


def sunflower(pen: Pen) -> None:
    """Three on their tall stems."""
    petal = pen.coat("#f4b92f", "#efab2a", "#f7c94a")
    for x, top, size in ((19.0, 40.0, 0.4), (82, 33, 0.44), (50, 18, 0.58)):
        top += pen.rng.uniform(-3, 4)
        foot = 50 + (x - 50) * 0.84
        pen.taper("#4a8a45", f"{foot},101 {foot + 1},76 {x},{top}", 3.2, 2.4)
        for y, side in ((88, -1), (76, 1), (top + 34, -1)):
            long = 15 + size * 12
            pen.blob(
                "#4f8f4a" if side < 0 else "#45833f",
                f"{foot},{y} {foot},{y} {foot + side * long * 0.4},{y - 9} {foot + side * long * 0.8},{y - 8} "
                f"{foot + side * long},{y + 1} {foot + side * long},{y + 1} {foot + side * long * 0.5},{y + 3}",
                0.1,
            )
            pen.curve(
                "#3a7038",
                0.8,
                f"{foot},{y} {foot + side * long * 0.5},{y - 3.6} {foot + side * long * 0.9},{y - 0.6}",
            )
        with pen.placed(x, top + 64 * size, size):
            _sunflower_head(pen, petal)


def bouquet(pen: Pen) -> None:
    """Flowers in a vase."""
    vase = pen.coat("#3f7f9a", "#f1ece2", "#c9764a", "#5f8a7a", "#8a5f8f")
    tones = [pen.rng.choice(PETALS) for _ in range(8)]
    heads = (
        (50, 12, 12),
        (28, 20, 11),
        (72, 20, 11),
        (14, 38, 10),
        (86, 38, 10),
        (38, 34, 12),
        (63, 35, 12),
        (50, 48, 11),
    )
    for x, y, _ in heads:
        pen.curve(LEAF, 1.8, f"50,66 {50 + (x - 50) * 0.5},50 {x},{y}")
    for turn in (-70, -46, -20, 20, 46, 70):
        with pen.turned(turn + pen.rng.uniform(-6, 6), 50, 62):
            pen.blob(LEAF if turn < 0 else darker(LEAF), "50,62 44,40 50,20 56,40")
    for i, ((x, y, size), tone) in enumerate(zip(heads, tones, strict=True)):
        if i % 3 == 1:
            _tulip(pen, tone, x, y, size * 0.9)
        else:
            _bloom(pen, tone, x, y, size, 6 + i % 3)
    pen.blob(
        vase, "38,60 38,60 62,60 62,60 60,66 70,78 69,92 62,100 62,100 38,100 38,100 31,92 30,78 40,66", 0.3
    )
    pen.oval(lighter(vase, 0.24), 50, 60, 12, 2.4)
    pen.curve(lighter(vase, 0.5), 2, "31,82 50,85 69,82")
    pen.blob("#ffffff66", "36,74 39,72 37,88 35,86")


def mushroom(pen: Pen) -> None:
    cap = pen.coat("#d0392f", "#c94a2f", "#a8683a", "#d98a3a")
    for x, scale in ((64, 0.5), (22, 0.38)) if pen.rng.random() < 0.8 else ((76, 0.46),):
        with pen.placed(x + 10, 100, scale):
            _mushroom(pen, cap)
    with pen.turned(pen.rng.uniform(-5, 5), 50, 100), pen.placed(46, 100, 0.94):
        _mushroom(pen, cap)
    for x in (8, 18, 66, 80, 90):
        pen.curve(LEAF, 1.8, f"{x},101 {x + 1},94 {x + pen.rng.uniform(-5, 5)},86")


def _mushroom(pen: Pen, cap: str) -> None:
    pen.blob("#f4ead6", "40,50 60,50 61,76 67,96 60,101 40,101 33,96 39,76", 0.3)
    pen.blob("#e0d2b8", "37,60 50,64 63,60 66,68 58,72 50,70 42,72 34,68", 0.2)
    pen.blob(darker("#f0dcc0", 0.16), "8,54 30,49 70,49 92,54 70,59 30,59")
    pen.blob(cap, "4,54 4,54 8,34 22,16 42,6 58,6 78,16 92,34 96,54 96,54 74,50 26,50", 0.26)
    for x, y, r in (
        (30, 28, 6.4),
        (54, 18, 5.4),
        (50, 38, 7),
        (74, 32, 5.6),
        (18, 43, 4),
        (84, 46, 3.4),
        (70, 45, 3),
    ):
        pen.oval("#fbf3e2", x, y, r, r * 0.8, 0.16)


def potted(pen: Pen) -> None:
    leaf, pot = (
        pen.coat("#3f8a5a", "#4f9a4a", "#2f7a5f"),
        pen.rng.choice(("#c9683f", "#f1ece2", "#3f5f7a", "#d9a84a")),
    )
    kind = pen.rng.choice(("leaves", "blades"))
    for i, turn in enumerate((-64, 64, -40, 40, -18, 18, 0)):
        with pen.turned(turn + pen.rng.uniform(-5, 5), 50, 68):
            tone = darker(leaf, 0.26 - i * 0.04)
            if kind == "blades":
                pen.blob(tone, "47,70 44,40 50,4 50,4 56,40 53,70", 0.2)
                pen.curve(lighter(tone, 0.3), 0.9, "50,66 50,40 50,12")
            else:
                pen.line(darker(leaf, 0.3), 1.6, "50,70 50,34")
                pen.blob(tone, "50,40 36,30 36,14 50,2 50,2 64,14 64,30", 0.2)
                for y in (14, 22, 30):
                    for side in (-1, 1):
                        pen.line(lighter(tone, 0.24), 0.9, f"50,{y + 4} {50 + side * 9},{y - 2}")
                pen.line(lighter(tone, 0.24), 1, "50,38 50,8")
    pen.poly(pot, "32,70 68,70 63,100 37,100", 0.32)
    pen.box(lighter(pot, 0.12), 29, 64, 42, 8, 0.3)


def _sunflower_head(pen: Pen, petal: str) -> None:
    with pen.turned(pen.rng.uniform(-12, 12), 50, 60):
        for tone, start, tip in ((darker(petal, 0.2), 0, -3), (petal, 11.25, 0)):
            for i in range(16):
                with pen.turned(22.5 * i + start, 50, 36):
                    pen.blob(tone, f"48,24 45.4,{tip + 14} 50,{tip} 50,{tip} 54.6,{tip + 14} 52,24")
        pen.oval("#6b3f1f", 50, 36, 16, 16, 0.24)
        for i in range(60):
            far, angle = 14.6 * (i / 60) ** 0.5, i * 2.39996
            x, y = 50 + far * math.cos(angle), 36 + far * math.sin(angle)
            pen.oval("#a8702f" if i % 2 else "#4a2a14", x, y, 1, 1)
