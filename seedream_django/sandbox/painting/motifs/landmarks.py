"""Buildings that a place is known by, each a function that draws one with a pen."""

from __future__ import annotations

from itertools import pairwise

from ..pen import Pen, darker, lighter
from .buildings import LAMP, bush


def bridge(pen: Pen) -> None:
    """Twice as wide as its square: from bank to bank."""
    steel = pen.coat("#c8472f", "#b5533c", "#5f7f8f")
    dark = darker(steel)
    for x in (-4.0, 104):
        pen.poly("#8b8680", f"{x - 6},101 {x - 4},76 {x + 4},76 {x + 6},101", 0.4)
    for x in (24.0, 76):
        pen.poly("#8b8680", f"{x - 9},101 {x - 6},90 {x + 6},90 {x + 9},101", 0.4)
        for dx, tone in ((-4.5, steel), (2, dark)):
            pen.box(tone, x + dx, 6, 3, 86, 0.4)
        for y in (8.0, 24, 42, 60):
            pen.box(dark, x - 4.5, y, 9, 3)
    for middle in (-2, 50, 102):
        cable = [(middle + i * 2.6, 9 + 59 * (1 - (i / 10) ** 2)) for i in range(-10, 11)]
        cable = cable if middle == 50 else cable[10:] if middle < 50 else cable[:11]
        pen.curve(dark, 1.4, cable)
        for x, y in cable:
            pen.line(dark, 0.5, f"{x},{y} {x},76")
    pen.line(dark, 0.7, [(i * 3.5, 79 if i % 2 else 83) for i in range(-12, 41)])
    pen.line(dark, 0.8, "-40,83 140,83")
    pen.box(steel, -44, 74, 188, 3)
    pen.box(dark, -44, 77, 188, 2.4)
    for _ in pen.sides():
        pen.blob("#6f6a66", "-54,101 -52,86 -44,77 -34,76 -26,84 -16,92 -10,101 -10,101 -54,101", 0.24)
        pen.blob("#55504e", "-30,101 -26,92 -18,94 -14,101")
        bush(pen, -44, 80, 8)
        bush(pen, -32, 80, 5, "#5f9a50")


def skyscraper(pen: Pen) -> None:
    glass = pen.coat("#4f7fa8", "#5d8f96", "#6b7390", "#3f6a8f")
    kind = pen.rng.choice((0, 1, 2))
    for x, top, wide, tone in ((4, 54, 20, darker(glass, 0.3)), (76, 44, 20, darker(glass, 0.2))):
        pen.box(tone, x, top, wide, 100 - top, 0.3)
        _panes(pen, x + 2, top + 4, wide - 4, 96 - top, lighter(tone, 0.3))
    if kind == 0:
        for x, top in ((26, 34), (32, 18), (38, 4)):
            pen.box(glass, x, top, (50 - x) * 2, 100 - top, 0.34)
        pen.poly(lighter(glass, 0.3), "42,4 50,-4 58,4", 0.4)
        pen.line("#d9dee4", 1.2, "50,-3 50,-5")
        _panes(pen, 34, 22, 32, 76, lighter(glass, 0.55))
    else:
        crown = "28,100 28,18 72,4 72,100" if kind == 1 else "28,100 30,26 50,2 70,26 72,100"
        pen.poly(glass, crown, 0.34)
        _panes(pen, 32, 30, 36, 68, lighter(glass, 0.55))
        pen.line("#d9dee4", 1.2, "66,6 66,-4" if kind == 1 else "50,3 50,-5")
    pen.box(darker(glass, 0.5), 42, 90, 16, 10)
    pen.box(LAMP, 44, 92, 5.4, 8)
    pen.box(LAMP, 50.6, 92, 5.4, 8)


def _panes(pen: Pen, x: float, y: float, wide: float, high: float, tone: str) -> None:
    columns, rows = max(2, round(wide / 6)), round(high / 7)
    for row in range(rows):
        for column in range(columns):
            lit = LAMP if pen.rng.random() < 0.2 else tone
            pen.box(lit, x + column * wide / columns + 0.8, y + row * 7, wide / columns - 1.6, 4.2)


def pagoda(pen: Pen) -> None:
    roof, wall = pen.coat("#b5382f", "#3f6f6a", "#4a5568"), "#f2e4c8"
    pen.line("#d9a93a", 1.8, "50,8 50,-5")
    for y in (-2, 2, 6):
        pen.oval("#d9a93a", 50, y, 2.2 + (y + 2) * 0.1, 0.9)
    levels = pen.rng.choice((3, 4, 5))
    step = 80 / levels
    for i in range(levels):
        top, wide = 8 + i * step, 15 + i * 24 / levels
        pen.box(wall, 50 - wide, top + step * 0.4, wide * 2, step * 0.66, 0.28)
        for k in (-0.9, -0.34, 0.34, 0.9):
            pen.line("#8a3a2c", 1.6, f"{50 + k * wide},{top + step * 0.42} {50 + k * wide},{top + step}")
        pen.box(LAMP if i < levels - 1 else "#5a3226", 46, top + step * 0.56, 8, step * 0.5)
        over = wide + 11
        pen.blob(roof, f"{50 - over},{top + step * 0.36} {50 - over},{top + step * 0.36} "
f"{50 - wide * 0.7},{top + step * 0.2} {50 - wide * 0.5},{top} {50 + wide * 0.5},{top} "
f"{50 + wide * 0.7},{top + step * 0.2} {50 + over},{top + step * 0.36} "
f"{50 + over},{top + step * 0.36} 50,{top + step * 0.5}", 0.26)  # fmt: skip
        pen.curve(
            "#e8b84a",
            1,
            f"{50 - over},{top + step * 0.36} 50,{top + step * 0.48} {50 + over},{top + step * 0.36}",
        )
    pen.box("#b3aa9d", 8, 92, 84, 4)
    pen.box("#9a9186", 4, 95.6, 92, 4.6)
    pen.poly("#d3cabb", "41,92 59,92 64,100.2 36,100.2")
    for y in (94, 96, 98):
        pen.line("#a59c90", 0.7, f"{41 - (y - 92) * 0.6},{y} {59 + (y - 92) * 0.6},{y}")


def temple(pen: Pen) -> None:
    stone = pen.coat("#e8dfcc", "#dcd6cb", "#d9c6a2")
    for i in range(3):
        pen.box(darker(stone, 0.06 * (2 - i)), 2 + i * 3, 96 - i * 5, 96 - i * 6, 5, 0.1)
    pen.box(darker(stone, 0.5), 14, 44, 72, 44)
    for i in range(6):
        x = 11 + i * 13.6
        pen.box(stone, x, 47, 9, 36, 0.36)
        for dx in (2.4, 4.6):
            pen.line(darker(stone, 0.14), 0.6, f"{x + dx},48 {x + dx},82")
        pen.box(stone, x - 1.4, 43.5, 11.8, 4, 0.36)
        pen.box(stone, x - 1.2, 82, 11.4, 4, 0.36)
    pen.box(stone, 6, 34, 88, 10, 0.1)
    for x in range(10, 92, 8):
        pen.box(darker(stone, 0.2), x, 36, 3, 6)
    pen.poly(stone, "2,34 50,10 98,34", 0.4)
    pen.poly(darker(stone, 0.2), "16,31.6 50,15 84,31.6")
    pen.oval(stone, 50, 25, 4.4, 4.4, 0.3)


def tower(pen: Pen) -> None:
    """The Eiffel tower: two halves alike, the right one in shade."""
    iron = pen.coat("#6e543f", "#5f4a3c", "#7a5c42")
    pen.line(iron, 1.4, "50,6 50,-6")
    rows = (4, 12, 20, 27, 34, 41, 48, 55, 63, 70, 76, 83, 90, 100)
    for side in pen.sides():
        tone = darker(iron, 0.3) if side else iron
        outline = [(50 - _reach(_OUTER, y), y) for y in rows] + [
            (50 - _reach(_INNER, y), y) for y in rows[::-1]
        ]
        pen.poly(tone, outline)
        for top, low in pairwise(rows[1:]):
            corners = [50 - _reach(edge, y) - inset for edge, inset, y in (
                (_OUTER, -1, top), (_INNER, 0.8, top), (_OUTER, -1, low), (_INNER, 0.8, low))]  # fmt: skip
            a, b, c, d = corners
            pen.line(lighter(tone, 0.34), 0.6, f"{a},{top} {d},{low}")
            pen.line(lighter(tone, 0.34), 0.6, f"{b},{top} {c},{low}")
        pen.blob(
            darker(tone, 0.3),
            "50,79 42,80.4 35,85 30,93 27.4,100 27.4,100 25,100 25,100 28,91 33,83 41,77.6 50,76",
        )
        pen.box(darker(tone, 0.24), 11.4, 96.8, 18, 3.2)
    for y, wide in ((73, 20), (51, 12.6), (20, 5.4)):
        pen.box(darker(iron, 0.3), 50 - wide, y, wide * 2, 4)
        pen.box(lighter(iron, 0.2), 50 - wide, y, wide * 2, 1.6, 0.5)
    pen.box(iron, 46.6, 2, 6.8, 4, 0.5)


#: How far from its middle a leg's outer and inner edge is, at these heights.
_OUTER = ((4, 1.6), (20, 4.4), (34, 7.4), (51, 11.6), (73, 19), (88, 27.6), (100, 37))
_INNER = ((4, 0), (53, 0), (60, 2.6), (73, 7.4), (88, 14.6), (100, 22))


def turbine(pen: Pen) -> None:
    """Wind power: one wheel in front, two far off."""
    white = pen.coat("#f4f6f7", "#eef2f2")
    for x, scale, dim in ((14, 0.46, 0.2), (86, 0.56, 0.14), (50, 1.0, 0.0)):
        tone = darker(white, dim)
        with pen.placed(x, 101, scale):
            pen.poly(tone, "48.4,34 51.6,34 53.6,100 46.4,100", 0.4)
            turn = pen.rng.uniform(0, 120)
            for k in range(3):
                with pen.turned(turn + 120 * k, 50, 32):
                    pen.blob(tone, "48.6,30 47,22 47.4,6 50,-4 50,-4 51.4,12 51.6,30", 0.4)
            pen.oval(darker(tone, 0.14), 50, 32, 3.4, 3.4)
            pen.oval(tone, 50, 32, 2.2, 2.2)
    for x in (6, 30, 70, 92):
        bush(pen, x, 102, 4 + x % 3)


def factory(pen: Pen) -> None:
    wall = pen.coat("#b5654a", "#a89a88", "#8a9aa2")
    dark = darker(wall, 0.3)
    for x, top in ((72, 14), (88, 22)):
        for i, r in enumerate((4, 5.6, 7.4)):
            pen.oval("#ffffff8c", x - i * 7 - pen.rng.uniform(0, 3), top - 4 - i * 4, r, r * 0.8)
        pen.poly(darker(wall, 0.1), f"{x - 4},{top} {x + 4},{top} {x + 6},100 {x - 6},100", 0.4)
        pen.box("#f4efe4", x - 4.4, top + 5, 8.8, 4, 0.4)
    for x in (2, 22, 42):
        pen.poly(lighter(wall, 0.1), f"{x},62 {x},42 {x + 20},58 {x + 20},62", 0)
        pen.poly(dark, f"{x},42 {x + 20},58 {x + 20},54 {x},38")
    pen.box(wall, 2, 58, 96, 42, 0.16)
    for x in (8, 22, 36, 50, 64):
        pen.box(LAMP if pen.rng.random() < 0.4 else "#a9cfdf", x, 66, 10, 9)
        pen.line(dark, 0.9, f"{x + 5},66 {x + 5},75")
        pen.line(dark, 0.9, f"{x},70.5 {x + 10},70.5")
    pen.box(dark, 16, 82, 24, 18)
    for y in (85, 89, 93, 97):
        pen.line(lighter(dark, 0.2), 0.9, f"17,{y} 39,{y}")
    pen.box(dark, 62, 82, 12, 18, 0.3)
    bush(pen, 92, 101, 6)


def _reach(edge: tuple[tuple[float, float], ...], y: float) -> float:
    for (top, start), (low, end) in pairwise(edge):
        if y <= low:
            return start + (end - start) * (y - top) / (low - top)
    return edge[-1][1]


def crane(pen: Pen) -> None:
    """A tower crane that lifts a beam over a shell of concrete."""
    steel = pen.coat("#e8b23a", "#e0952f", "#d9653a")
    dark, concrete = darker(steel, 0.3), pen.rng.choice(("#b3aea6", "#a8a29a"))
    for row in range(3):
        y = 64 + row * 12
        pen.box(darker(concrete, 0.5), 3, y, 42, 12)
        for left in (3, 15, 27, 39):
            pen.box(concrete, left, y, 5, 12, 0.3)
        pen.box(concrete, 0, y - 2, 48, 3.4)
    for left in (6, 14, 22, 30, 38, 44):
        pen.line("#8a5a44", 0.7, f"{left},62 {left},{57 + left % 3}")
    for x, tone in ((61.0, steel), (69, dark)):
        pen.box(tone, x - 1.1, 14, 2.2, 84)
    for y in range(18, 98, 8):
        pen.line(steel, 0.9, f"61,{y} 69,{y + 8}")
        pen.line(dark, 0.9, f"69,{y} 61,{y + 8}")
    for shape in ("65,0 8,15", "65,0 94,15"):
        pen.line("#4a4a50", 0.7, shape)
    pen.poly(steel, "63.4,16 66.6,16 65.6,-2 64.4,-2")
    pen.box(steel, -8, 15, 108, 1.8)
    pen.line(dark, 1, "-6,20 96,20")
    for x in range(-6, 94, 8):
        pen.line(dark, 0.8, f"{x},16 {x + 4},20")
        pen.line(dark, 0.8, f"{x + 4},20 {x + 8},16")
    pen.box("#7f7a74", 86, 18, 12, 10, 0.3)
    pen.box(dark, 55, 19, 8, 10, 0.2)
    pen.box("#a9d3e6", 55.8, 20.4, 4.6, 5)
    hang = pen.rng.uniform(12, 34)
    pen.box("#4a4a50", hang - 3, 19.4, 6, 2.4)
    pen.line("#4a4a50", 0.6, f"{hang},21 {hang},40")
    pen.line("#4a4a50", 0.6, f"{hang - 9},46 {hang},40 {hang + 9},46")
    pen.box("#b5563a", hang - 12, 46, 24, 3.4, 0.3)
    pen.box(darker(concrete, 0.2), 55, 96, 20, 4.4, 0.3)
