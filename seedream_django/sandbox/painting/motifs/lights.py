"""What gives light, each a function that draws one with a pen."""

from __future__ import annotations

import math

from ..pen import Pen, darker, lighter

STEEL = "#8f979f"


def lantern(pen: Pen) -> None:
    iron = pen.coat("#3a3f4a", "#8a4a2c", "#2f5f5a", "#b5382f")
    if pen.dark:
        pen.glow("#ffd98a", 50, 58, 62, 0.6)
    pen.curve(iron, 2.2, [(50 + 16 * math.cos(a / 8), 18 + 18 * math.sin(a / 8)) for a in range(-26, 2)])
    pen.poly(iron, "38,12 62,12 76,30 24,30", 0.34)
    pen.box(darker(iron), 44, 7, 12, 6, 0.4)
    with pen.lit(0):
        pen.box("#ffe9a8", 28, 30, 44, 56)
        pen.poly("#fff6d4", "28,30 52,30 28,66")
        pen.box("#fbf3e2", 42, 66, 16, 20, 0.3)
        pen.blob("#ff9a2f", "50,38 50,38 58,52 57,62 50,66 43,62 42,52")
        pen.blob("#fff0a0", "50,48 50,48 54,57 50,64 46,57")
    for x in (28, 50, 72):
        pen.line(iron, 2.4 if x != 50 else 1.2, f"{x},30 {x},86")
    pen.line(iron, 1.2, "28,58 72,58")
    pen.box(iron, 24, 84, 52, 6, 0.3)
    pen.poly(darker(iron), "20,90 80,90 84,99 16,99", 0.3)


def lamp(pen: Pen) -> None:
    shade, base = (
        pen.coat("#f2cf7a", "#d9574a", "#3f8f8a", "#f1e6d2"),
        pen.rng.choice(("#3f5f7a", "#c9764a", "#8a9a7a")),
    )
    if pen.dark:
        pen.glow("#ffdf9a", 50, 40, 58, 0.5)
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


def candle(pen: Pen) -> None:
    wax, brass = pen.coat("#f6ecd8", "#f6ecd8", "#d9574a", "#8fb5a0"), "#c9a24a"
    if pen.dark:
        pen.glow("#ffcf7a", 46, 24, 42, 0.62)
    pen.oval(darker(brass), 46, 94, 38, 6)
    pen.oval(brass, 46, 92, 38, 6)
    pen.oval(lighter(brass, 0.24), 45, 91.4, 31, 4.2)
    pen.curve(darker(brass, 0.14), 3.2, "81,92 90,93 96,88 95,81 89,78 83,81 81,87")
    with pen.placed(46, 100, 1):
        pen.blob(brass, "34,80 34,80 66,80 66,80 62,92 38,92", 0.3)
        pen.blob(wax, "36,84 36,84 36,46 40,42 50,41 60,42 64,46 64,84 64,84", 0.2)
        for x, low in ((38.4, 62), (45, 55), (60, 66)):
            pen.taper(lighter(wax, 0.4), f"{x},46 {x},{low + pen.rng.uniform(-4, 4)}", 3.4, 4.6)
        pen.oval(lighter(wax, 0.34), 50, 45, 12.6, 3)
        pen.line("#3a2a24", 1.3, "50,45 50,35")
        with pen.lit(0):
            _flame(pen)


def bulb(pen: Pen) -> None:
    """An idea."""
    glass = pen.coat("#ffd34a", "#ffdf7a", "#f7c03a")
    for i in range(-3, 4):
        with pen.turned(i * 38, 50, 38):
            pen.line(glass, 2.6, f"50,-4 50,{-9 if i % 2 else -13}")
    pen.glow("#ffe9a8", 50, 38, 46, 0.4)
    pen.blob(glass, "50,4 70,10 80,28 78,46 66,60 63,72 63,72 37,72 37,72 34,60 22,46 20,28 30,10", 0.2)
    pen.blob("#ffffffaa", "30,24 36,15 42,12 36,24 33,36 29,36")
    pen.curve("#a8602f", 1.6, "44,72 43,54 38,42 44,38 47,46 50,38 53,46 56,38 62,42 57,54 56,72")
    for i, y in enumerate((72, 78, 84)):
        pen.blob(
            STEEL,
            f"{37 + i},{y} {37 + i},{y} {63 - i},{y} {63 - i},{y} {64 - i},{y + 3} {62 - i},{y + 6} "
            f"{38 + i},{y + 6} {36 + i},{y + 3}",
            0.3,
        )
    pen.blob("#3a3f48", "41,90 41,90 59,90 59,90 55,97 45,97")


def _flame(pen: Pen) -> None:
    lean = pen.rng.uniform(-3, 3)
    pen.blob("#ff9a2f", f"{50 + lean},4 {50 + lean},4 58,22 57,33 50,38 43,33 42,22")
    pen.blob("#ffc24a", f"{50 + lean * 0.8},9 {50 + lean * 0.8},9 56,24 55,32 50,37 45,32 44,24")
    pen.blob("#fff0a0", f"{50 + lean / 2},17 {50 + lean / 2},17 53.6,27 50,36 46.4,27")
    pen.oval("#6f9fe088", 50, 36, 2.4, 2)
