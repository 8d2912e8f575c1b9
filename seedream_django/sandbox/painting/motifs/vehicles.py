"""Vehicles, on land, on water and in the air: each a function that draws one with a pen."""

from __future__ import annotations

import math

from ..pen import Pen, darker, lighter

GLASS = "#a9d3e6"
TYRE = "#26262c"


def wheel(pen: Pen, x: float, y: float, radius: float, hub: str = "#c9cdd2") -> None:
    pen.oval(TYRE, x, y, radius, radius)
    pen.oval(hub, x, y, radius * 0.56, radius * 0.56, 0.3)
    pen.oval(darker(hub, 0.4), x, y, radius * 0.2, radius * 0.2)


def car(pen: Pen) -> None:
    paint = pen.coat("#d2453a", "#3f7fb5", "#e0b23a", "#4f9a8a", "#e8e2d6")
    dark, old = darker(paint, 0.3), pen.rng.random() < 0.5
    if old:  # a round one, or an estate
        pen.blob(paint, "14,72 22,58 30,46 42,38 58,37 72,44 82,58 88,72 80,74 20,74", 0.16)
        pen.blob(GLASS, "30,59 36,48 46,43 48,43 48,59 48,59 30,59", 0.1)
        pen.blob(GLASS, "52,43 62,43 70,49 76,59 76,59 52,59 52,59", 0.1)
    else:
        pen.blob(paint, "18,62 26,46 34,40 76,40 88,44 94,62 94,74 18,74", 0.12)
        pen.poly(GLASS, "28,59 35,45 48,45 48,59")
        pen.poly(GLASS, "52,45 70,45 70,59 52,59")
        pen.poly(GLASS, "74,45 83,46 87,59 74,59")
        for x in (36, 56, 78):
            pen.line("#8a5a3a", 1.4, f"{x},37 {x},40")
        pen.line("#8a5a3a", 1.6, "32,36 82,36")
        pen.blob("#a5683a", "42,35 44,28 62,28 64,35 64,35 42,35", 0.2)
    pen.poly("#ffffff66", "34,58 40,46 44,46 38,58")
    pen.blob(paint, "3,72 6,63 18,59 40,58 80,58 94,61 98,72 97,82 92,86 8,86 3,82", 0.2)
    pen.blob(dark, "4,79 98,79 96,86 92,88 8,88 4,85")
    pen.oval("#fff3c4", 8, 69, 3.4, 4)
    pen.blob("#e8573a", "93,64 97,66 97,73 93,73")
    pen.line(dark, 0.8, "50,60 50,84")
    pen.line(dark, 1.4, "55,66 60,66")
    pen.line("#d5d9dd", 2, "1,81 14,82")
    pen.line("#d5d9dd", 2, "86,82 100,81")
    for x in (24, 77):
        pen.oval(dark, x, 85, 12, 12)
        wheel(pen, x, 89, 10.4)


def bus(pen: Pen) -> None:
    paint = pen.coat("#d9423a", "#e8b23a", "#3f86b5", "#4f9a62")
    dark, double = darker(paint, 0.3), pen.rng.random() < 0.5
    top = 14 if double else 36
    pen.blob(
        paint, f"3,92 3,92 3,60 4,{top + 6} 9,{top} 9,{top} 93,{top} 93,{top} 98,{top + 6} 98,92 98,92", 0.1
    )
    for y in (20, 50) if double else (46,):
        high = 16 if double else 20
        pen.box("#2f3a48", 6, y - 1, 90, high + 2)
        for x in range(22, 92, 15):
            pen.box(GLASS, x, y, 13, high)
            pen.poly(lighter(GLASS, 0.5), f"{x},{y} {x + 8},{y} {x},{y + high * 0.7}")
        pen.poly(GLASS, f"6,{y} 20,{y} 20,{y + high} 5,{y + high}")
    pen.box(lighter(paint, 0.75), 3, 72 if not double else 68, 95, 2.4)
    pen.box("#3a4452", 20, 52 if double else 48, 14, 40)
    for left in (21, 27.6):
        pen.box(GLASS, left, 54 if double else 50, 5.4, 34)
    pen.box("#fff6da", 5, top + 2.5 if not double else 40, 15, 5)
    pen.line("#2f3a48", 1.4, f"8,{top + 5 if not double else 42.5} 17,{top + 5 if not double else 42.5}")
    pen.box(dark, 3, 88, 95, 4)
    pen.oval("#fff3c4", 6.5, 82, 2.4, 3)
    pen.box("#e8573a", 95, 78, 3, 6)
    pen.blob("#2f3a48", "4,54 -2,56 -2,64 1,64")
    for x in (46, 79) if double else (12, 79):
        wheel(pen, x, 91.4, 8.6)


def train(pen: Pen) -> None:
    """A steam engine: no other train is known so well by its outline."""
    paint = pen.coat("#2f5f52", "#2f3f5f", "#8a2f2a", "#33343c")
    red, brass, dark = "#c8402f", "#e0b04a", darker(paint, 0.34)
    drift = pen.rng.uniform(3, 9)
    pen.blob("#7a6f66", "-46,104 -40,99 -34,98 -34,98 134,98 134,98 140,99 146,104")
    for x in range(-38, 138, 9):
        pen.box("#4f4038", x, 98.6, 5, 3)
    for i, r in enumerate((4, 6, 7.6, 9)):
        pen.oval("#f6f2ea", 20 + i * drift, 22 - i * 5, r, r * 0.8, 0.16)
    pen.poly(dark, "14,42 16,26 12,26 12,23 29,23 29,26 25,26 27,42", 0.4)
    pen.blob(brass, "38,46 39,36 43,32 47,36 48,46")
    pen.box(paint, 8, 42, 58, 28)
    pen.box(lighter(paint, 0.24), 8, 45, 58, 5)
    pen.box(dark, 8, 63, 58, 7)
    for x in (22, 35, 50):
        pen.box(brass, x, 42, 1.8, 28)
    pen.oval(dark, 8, 56, 5, 14)
    pen.oval(brass, 7, 56, 3, 8)
    pen.box(paint, 62, 26, 34, 54, 0.24)
    pen.box(red, 58, 21, 42, 6, 0.3)
    pen.box(GLASS, 68, 33, 10, 14)
    pen.box(GLASS, 82, 33, 9, 14)
    pen.line(brass, 1.2, "65,54 94,54")
    pen.box(red, 4, 70, 94, 7, 0.2)
    pen.poly("#3a3a42", "4,74 12,74 12,90 -2,96 -2,92", 0.3)
    pen.oval("#fff3b0", 7, 40, 3.6, 3.6)
    for x, r in ((20, 7), (36, 7), (57, 12), (82, 12)):
        pen.oval(TYRE, x, 97 - r, r, r)
        pen.oval(red, x, 97 - r, r * 0.8, r * 0.8, 0.2)
        for turn in range(0, 180, 45):
            with pen.turned(turn, x, 97 - r):
                pen.line(darker(red, 0.5), 0.9, f"{x - r * 0.76},{97 - r} {x + r * 0.76},{97 - r}")
        pen.oval(brass, x, 97 - r, r * 0.22, r * 0.22)
    pen.box("#5a5f68", 37, 78, 12, 8, 0.3)
    pen.line("#aeb5ba", 1.6, "46,82 57,88")
    pen.line("#dde2e5", 2.4, "57,89 82,89")
    for x in (57, 82):
        pen.oval("#f4f6f7", x, 89, 1.7, 1.7)
    pen.box("#8d939a", -44, 97, 188, 2)


def plane(pen: Pen) -> None:
    paint = pen.coat("#f4f4f2", "#f4f4f2", "#e8c24a", "#d9564a")
    trim = pen.rng.choice(("#2f6fb5", "#d2453a", "#2f8a7a")) if paint > "#ec" else "#fbf6ea"
    with pen.turned(pen.rng.uniform(4, 16), 50, 56):
        pen.poly(darker(paint, 0.24), "48,48 74,18 82,18 64,50")
        pen.poly(trim, "80,48 93,22 101,22 97,50", 0.3)
        pen.blob(paint, "-2,58 2,50 14,45 34,44 80,45 98,48 101,51 92,57 70,64 30,67 8,66", 0.2)
        pen.blob(trim, "0,62 30,61 70,59 96,54 90,58.5 70,64 30,67 8,66")
        pen.blob("#2f4056", "3,52 8,48 15,47 16,52 16,52 3,53")
        for i in range(10):
            pen.oval("#4f7fa8", 24 + i * 6, 52, 1.6, 2)
        pen.poly(darker(paint, 0.16), "84,53 104,62 108,62 96,51")
        pen.blob("#8a929a", "44,72 46,68 58,68 62,71 60,76 46,77", 0.2)
        pen.poly(lighter(paint, 0.1), "38,58 60,57 86,92 77,93", 0.2)
        pen.poly(trim, "76,84 81,85 86,92 77,93")
    for y, left in ((40, 84), (66, 94), (76, 88)):
        pen.line("#ffffff77", 1.4, f"{left},{y + 26} {left + 14},{y + 29}")


def bicycle(pen: Pen) -> None:
    frame = pen.coat("#2f8a8a", "#d2453a", "#e0a93a", "#3f5f9f", "#2f2f36")
    dark, leather = darker(frame, 0.34), pen.rng.choice(("#8a5a38", "#4a3a32"))
    pen.line("#5a6067", 2, "53,81 58,73")
    pen.line("#5a6067", 2.4, "55.6,73 60.4,73")
    for x in (20.0, 80):
        for turn in range(0, 180, 18):
            with pen.turned(turn, x, 79):
                pen.line("#aab1b6", 0.4, f"{x - 18},79 {x + 18},79")
        pen.line(TYRE, 2.8, [(x + 18.6 * dx, 79 + 18.6 * dy) for dx, dy in _ring(48)])
        pen.curve(
            dark, 1.8, [(x + 21 * dx, 79 + 21 * dy) for dx, dy in _ring(48)[(24 if x < 50 else 26) : 44]]
        )
        pen.oval(darker(frame), x, 79, 2.4, 2.4)
    if pen.rng.random() < 0.6:
        _flower_basket(pen)
    for shape in ("80,79 53,81", "80,79 61,50", "53,81 60,46", "61,50 33,47", "53,81 31,54"):
        pen.line(frame, 2.6, shape)
    pen.curve(frame, 2.6, "31.4,53 28,66 20,79")
    pen.line(frame, 3.6, "33.4,44 31.4,54")
    pen.line("#8a9096", 2, "60,48 62,41")
    pen.line("#8a9096", 2, "33.4,44 35,38")
    pen.curve("#8a9096", 2, "35,38 39,36 44,38")
    pen.line(leather, 3.4, "41,37.4 46,39.4")
    pen.blob(leather, "53,40 58,38 66,37 72,37 73,41 66,43 60,42", 0.2)
    pen.line("#6d747a", 0.9, "53,76.6 80,77")
    pen.line("#6d747a", 0.9, "53,85.4 80,81")
    pen.oval("#8a9096", 53, 81, 5, 5)
    pen.oval(frame, 53, 81, 2.6, 2.6)
    pen.line("#4a4f55", 2, "53,81 48,90")
    pen.line("#4a4f55", 2.6, "45.4,90.4 51,90.4")
    pen.oval("#fff3c4", 25.6, 56, 2.6, 2.8)


def _ring(count: int) -> list[tuple[float, float]]:
    return [(math.cos(math.tau * i / count), math.sin(math.tau * i / count)) for i in range(count + 1)]


def tractor(pen: Pen) -> None:
    paint = pen.coat("#3f8a4a", "#c8402f", "#e0a02f", "#3f6fa0")
    dark = darker(paint, 0.3)
    pen.line("#4a4a50", 3, "22,50 22,26")
    pen.oval("#8a8a8a77", 24, 18, 4, 3.4)
    pen.oval("#8a8a8a55", 29, 11, 5, 4)
    pen.poly("#4a4a50", "46,18 88,18 90,23 44,23")
    pen.poly(GLASS, "50,23 84,23 86,54 48,54")
    pen.poly(lighter(GLASS, 0.5), "50,23 66,23 50,46")
    for shape in ("48,23 47,56", "84,23 87,56", "68,23 68,52"):
        pen.line(dark, 2, shape)
    pen.blob(darker(paint, 0.5), "30,66 92,60 92,60 88,84 88,84 14,84 14,84 14,72", 0)
    pen.blob(paint, "5,56 8,51 20,49 50,49 50,49 54,78 54,78 6,78 6,78", 0.14)
    pen.box(dark, 5, 66, 46, 6)
    for x in range(12, 40, 5):
        pen.line(dark, 1.4, f"{x},54 {x},61")
    pen.oval("#fff3c4", 7, 57, 2.4, 3)
    for x, y, r, start, end in ((72, 76, 24, 186, 352), (18, 85, 15, 196, 346)):
        pen.poly(darker(paint, 0.5), _arc(x, y, 0, r + 2, start, end))
        for turn in range(0, 360, 20):
            with pen.turned(turn, x, y):
                pen.box(TYRE, x - 2.2, y - r - 0.6, 4.4, 4)
        pen.oval(TYRE, x, y, r - 1, r - 1)
        pen.oval("#f0c24a", x, y, r * 0.56, r * 0.56, 0.24)
        pen.oval(dark, x, y, r * 0.2, r * 0.2)
        pen.poly(paint, _arc(x, y, r + 1, r + (5.6 if r > 20 else 4), start, end))
        pen.poly(
            lighter(paint, 0.2),
            _arc(x, y, r + (4.4 if r > 20 else 3), r + (5.6 if r > 20 else 4), start, end),
        )


def boat(pen: Pen) -> None:
    hull = pen.coat("#6b3f2a", "#2f4f7a", "#a83a32", "#f1ece2")
    sail = pen.rng.choice((("#f6efe0", "#d9574a"), ("#fbf6ea", "#e0a93a"), ("#f6efe0", "#3f86a8")))
    with pen.turned(pen.rng.uniform(-5, 5), 50, 90):
        pen.line("#3d2a1f", 1.8, "52,2 52,82")
        pen.blob(sail[0], "50,5 50,5 49,40 50,74 50,74 14,74 14,74 24,54 40,26", 0.2)
        for shape in ("28,50 50,52", "39,30 50,31"):
            pen.line(darker(sail[0], 0.16), 0.8, shape)
        pen.blob(sail[1], "54,12 54,12 70,36 86,72 86,72 54,74 54,74 56,40", 0.24)
        pen.poly(sail[1], "52,1 40,4 52,7")
        pen.blob(hull, "4,78 4,78 30,81 70,81 97,77 97,77 90,90 80,98 24,98 12,91", 0.2)
        pen.blob("#fbf6ea", "4,78 4,78 30,81 70,81 97,77 97,77 95,81 70,85 30,85 6,82")
        for x in (34, 50, 66):
            pen.oval("#f2d8a0", x, 90, 2.2, 2.2)
    pen.curve("#ffffff99", 2, "-2,98 20,96 40,99 64,96 84,99 104,96")


def ship(pen: Pen) -> None:
    hull = pen.coat("#2f3f5f", "#8a2f2a", "#2f5f5a")
    with pen.turned(pen.rng.uniform(-2, 2), 50, 90):
        for x in (44, 60, 76):
            pen.poly("#d9483b", f"{x - 4},42 {x - 3},20 {x + 5},20 {x + 6},42", 0.34)
            pen.box("#2a2a30", x - 3.2, 18, 8.6, 5)
        for i, r in enumerate((3.4, 5, 6)):
            pen.oval("#ffffff99", 66 + i * 10, 12 - i * 3, r, r * 0.7)
        pen.line("#6b5a4c", 1.2, "22,66 22,26")
        pen.poly("#f2c14e", "22,26 34,29 22,33")
        for x, y, wide, tone in ((26, 54, 66, 0), (32, 47, 54, 0.06), (36, 40, 46, 0.02)):
            pen.box(darker("#fbf6ea", tone), x, y, wide, 9, 0.12)
            for k in range(int(wide / 6)):
                pen.box("#5f86a0", x + 3 + k * 6, y + 2.4, 3.4, 2.8)
        pen.poly(hull, "-2,62 100,62 94,92 14,92", 0.14)
        pen.poly("#fbf6ea", "-2,62 100,62 99.4,65 -0.8,65")
        pen.poly("#b8402f", "10,84 95.6,84 93,94 15,94")
        for x in range(14, 94, 8):
            pen.oval("#f6dc9a", x, 73, 1.9, 1.9)
        pen.line("#c9c3b8", 1.2, "8,70 9,78")
    pen.curve("#ffffffaa", 2.4, "-6,96 14,93 34,97 58,94 80,97 106,94")


def balloon(pen: Pen) -> None:
    first = pen.coat("#d9483b", "#2f7f8f", "#e08a3a", "#7a4f9a")
    second = pen.rng.choice(("#f4b942", "#f7efe0", "#8fc4c0"))
    for x in (42.5, 57.5, 47, 53):
        pen.line("#4a372a", 0.6, f"{50 + (x - 50) * 1.9},64 {x},87")
    for i, across in enumerate((36, 30, 22.5, 14, 5)):
        tone = first if i % 2 == 0 else second
        shape = [(50.0, 0.0)]
        edge = ((0.72, 9), (1.0, 32), (0.62, 57), (0.28, 68))
        shape += [(50 + across * k, y) for k, y in edge] + [(50 - across * k, y) for k, y in reversed(edge)]
        pen.blob(tone, [*shape, (50 - across * 0.72, 9)][:-1], 0.2 if i == 0 else 0)
    pen.blob("#1d1a3a33", "62,4 80,14 86,32 74,54 58,69 72,48 74,26")
    band = pen.rng.uniform(28, 36)
    pen.curve(lighter(second, 0.4), 3, f"14.6,{band} 34,{band + 5} 50,{band + 6.4} 66,{band + 5} 85.4,{band}")
    pen.blob(darker(first, 0.4), "40,68 60,68 57,72 43,72")
    pen.blob("#ffc86a", "47,80 50,72 53,80 50,83")
    pen.blob("#9a6838", "42,86 58,86 56,99 44,99", 0.26)
    for y in (90, 94):
        pen.line("#6d4826", 0.7, f"43,{y} 57,{y}")
    pen.line("#6d4826", 2, "42,86.6 58,86.6")


def rocket(pen: Pen) -> None:
    fins = pen.coat("#c93a34", "#2f6fb5", "#e08a2f")
    for i in range(6):
        x, y = pen.rng.uniform(0, 24) + (76 if i % 2 else 0), pen.rng.uniform(4, 84)
        pen.star("#fff6d0", x, y, 2)
    with pen.placed(50, 95, 0.9), pen.turned(pen.rng.uniform(6, 24), 50, 50):
        for tone, wide, low in (("#ff7a2f", 10, 104), ("#ffb347", 7, 99), ("#fff0a8", 4, 93)):
            pen.blob(
                tone, f"{50 - wide},80 {50 + wide},80 {50 + wide * 0.7},90 50,{low} {50 - wide * 0.7},90"
            )
        for _ in pen.sides():
            pen.blob(fins, "40,52 28,64 24,86 24,86 38,76 42,78", 0.16)
        pen.box("#5a5f6a", 43, 78, 14, 4, 0.4)
        pen.blob("#eef0f4", "50,0 60,14 65,36 63,60 57,79 57,79 43,79 43,79 37,60 35,36 40,14", 0.26)
        pen.blob(fins, "50,0 58,10 61.6,20 61.6,20 50,22 38.4,20 38.4,20 42,10", 0.26)
        pen.oval("#5a5f6a", 50, 35, 8.4, 8.4)
        pen.oval("#7fc4e8", 50, 35, 6.2, 6.2, 0.3)
        pen.oval("#ffffff", 48, 32.6, 1.7, 1.7)
        pen.blob(fins, "48,58 52,58 52.4,84 50,90 47.6,84", 0.3)
        pen.line("#b8bcc6", 0.8, "38,52 62,52")


def helicopter(pen: Pen) -> None:
    paint = pen.coat("#d9453a", "#e0a93a", "#3f7fb5", "#4f8a5a")
    with pen.turned(pen.rng.uniform(-8, 2), 50, 50):
        pen.blob(paint, "56,46 78,48 98,42 99,47 78,58 58,66", 0.2)
        pen.poly(darker(paint), "92,44 97,26 102,26 100,48")
        pen.oval("#ffffff77", 99, 38, 9, 9)
        pen.blob(paint, "6,60 12,46 26,38 46,36 62,42 68,56 60,70 40,76 18,74 8,68", 0.26)
        pen.blob(GLASS, "8,60 14,48 27,41 32,41 32,60 30,62")
        pen.poly("#ffffff77", "14,58 22,45 27,44 19,58")
        pen.blob(GLASS, "37,42 50,42 54,56 54,56 37,58 37,58")
        pen.line("#fbf6ea", 2.6, "12,67 40,68 64,60")
        pen.line("#4a4a52", 3, "42,36 42,26")
        pen.blob("#33343ccc", "-8,25 42,22.6 92,25 42,27.6")
        pen.oval("#33343c", 42, 25, 4, 2.4)
        for x in (28, 50):
            pen.line("#4a4a52", 1.8, f"{x},74 {x - 3},86")
        pen.curve("#4a4a52", 2.4, "8,82 14,86 40,87 62,86")


def kite(pen: Pen) -> None:
    first = pen.coat("#d9483b", "#2f8a9a", "#e8a32f", "#8a4f9a")
    others = pen.rng.sample(("#f4c542", "#f7efe0", "#3f86b5", "#5fa85a", "#e0708a"), 3)
    with pen.turned(pen.rng.uniform(-24, 10), 58, 40):
        for tone, shape in zip(
            (first, *others),
            ("58,2 58,34 30,34", "58,2 58,34 86,34", "30,34 58,34 58,76", "86,34 58,34 58,76"),
            strict=True,
        ):
            pen.poly(tone, shape)
        pen.poly("#1d1a3a2a", "58,2 86,34 58,76")
        pen.line("#5a4030", 1.1, "58,2 58,76")
        pen.line("#5a4030", 1.1, "30,34 86,34")
        sway = pen.rng.uniform(-6, 6)
        tail = [(58, 76), (52 + sway, 84), (60 + sway, 92), (52, 100)]
        pen.curve("#5a4030", 0.9, tail)
        for i, (x, y) in enumerate(tail[1:]):
            tone = others[i % 3]
            pen.poly(tone, f"{x},{y} {x - 6},{y - 3} {x - 6},{y + 3}")
            pen.poly(darker(tone), f"{x},{y} {x + 6},{y - 3} {x + 6},{y + 3}")
    pen.curve("#5a4030", 0.5, "56,38 34,70 4,99")


def satellite(pen: Pen) -> None:
    body = pen.coat("#d9b04a", "#cfd4da", "#c98f4a")
    with pen.turned(pen.rng.uniform(-34, -10), 50, 50):
        for _ in pen.sides():
            pen.line("#8a9098", 2, "38,50 30,50")
            pen.box("#2f4f8f", -4, 36, 34, 28)
            pen.poly("#4f76b8", "-4,36 20,36 -4,58")
            for x in (4.5, 13, 21.5):
                pen.line("#a9c0e0", 0.7, f"{x},36 {x},64")
            for y in (45.3, 54.6):
                pen.line("#a9c0e0", 0.7, f"-4,{y} 30,{y}")
        pen.box(body, 38, 34, 24, 34, 0.34)
        for y in (42, 58):
            pen.line(darker(body), 0.9, f"38,{y} 62,{y}")
        pen.line("#8a9098", 1.6, "50,34 50,22")
        pen.blob("#eef0f4", "32,8 40,20 50,24 60,20 68,8 68,8 50,13 32,8", 0.2)
        pen.line("#8a9098", 1.2, "50,18 50,6")
        pen.oval("#d9453a", 50, 5, 2, 2)


def _flower_basket(pen: Pen) -> None:
    pen.line("#8a6237", 1.6, "22,48 33,48")
    for x, y, tone in (
        (11.0, 41.0, "#e4556b"),
        (16, 38, "#f2b441"),
        (22, 38, "#f7f3ea"),
        (26, 41, "#b45fc0"),
    ):
        pen.oval("#5f9a50", x + 2.4, y + 3, 3, 2.6)
        pen.oval(tone, x, y, 3.6, 3.6, 0.2)
        pen.oval("#fbf0c8", x, y, 1.1, 1.1)
    pen.blob("#b98a52", "7,43 7,43 29,43 29,43 26.6,54 25,56 11,56 9.4,54", 0.2)
    for y, left, right in ((47.0, 7.8, 28.2), (51.4, 8.8, 27.2)):
        pen.line("#8a6237", 0.9, f"{left},{y} {right},{y}")


def _arc(x: float, y: float, inner: float, outer: float, start: int, end: int) -> list[tuple[float, float]]:
    """A bow between two circles around (x, y), in degrees clockwise from the right."""
    turns = [math.radians(turn) for turn in range(start, end + 1, 4)]
    rim = [(x + outer * math.cos(turn), y + outer * math.sin(turn)) for turn in turns]
    return rim + [(x + inner * math.cos(turn), y + inner * math.sin(turn)) for turn in reversed(turns)]
