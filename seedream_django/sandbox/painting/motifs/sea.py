"""Animals of the water, each a function that draws one with a pen. They look to the left."""

from __future__ import annotations

from ..pen import Pen, darker, lighter
from .wild import eye


def whale(pen: Pen) -> None:
    skin = pen.coat("#35546f", "#2c4a63", "#47708a")
    with pen.placed(28, 56, 0.6):
        for _ in pen.sides():
            for wide, shape in ((4.5, "50,100 48,64 42,40 30,36"), (3.5, "50,100 47,60 36,54 26,62")):
                pen.curve("#f2f9fccc", wide, shape)
    with pen.turned(pen.rng.uniform(-7, 3), 80, 96):
        pen.blob(darker(skin, 0.12), "78,99 84,72 76,56 88,60 92,58 102,50 98,66 92,72 92,99", 0.2)
    pen.blob(skin, "2,84 5,68 16,57 34,55 56,62 72,76 92,90 94,101 4,101", 0.2)
    pen.blob("#e4ecef", "2,86 14,84 30,88 46,96 50,101 4,101")
    for x in (10, 17, 24, 31, 38):
        pen.curve("#aebfc8", 0.9, f"{x - 5},90 {x},95 {x + 3},101")
    pen.curve(darker(skin, 0.4), 1.2, "2,85 14,82.5 22,84")
    pen.blob(darker(skin, 0.26), "38,88 48,86 58,97 52,101 42,97")
    eye(pen, 19, 76, 2)
    for y, left, right in ((98, -6, 108), (102, 4, 96)):
        pen.curve("#ffffff99", 1.8, f"{left},{y} {left + 20},{y + 1.5} {right - 30},{y - 1} {right},{y}")


def dolphin(pen: Pen) -> None:
    skin = pen.coat("#5b86a8", "#6f8ea6", "#4a7696")
    with pen.turned(pen.rng.uniform(-8, 10), 50, 60):
        pen.blob(skin, "84,78 90,72 100,72 96,80 98,90 90,88 82,86")
        pen.blob(darker(skin, 0.2), "46,34 56,18 64,18 62,36")
        pen.blob(skin, "4,60 12,52 18,42 34,32 56,33 74,48 90,80 84,84 68,66 48,60 30,62 18,62 6,64", 0.2)
        pen.blob(lighter(skin, 0.68), "8,63 20,58 38,54 54,58 46,61 30,63 18,63")
        pen.blob(darker(skin, 0.28), "38,52 48,54 46,70 38,76 37,64")
        pen.curve(darker(skin, 0.5), 1, "5,61 14,59 20,56")
        eye(pen, 23, 50, 1.8)
    for x in (18, 34, 70, 84):
        pen.oval("#ffffffaa", x + pen.rng.uniform(-4, 4), 92 + pen.rng.uniform(-4, 3), 2, 2.6)
    pen.curve("#ffffffaa", 2.4, "54,99 68,94 84,96 100,92")


def fish(pen: Pen) -> None:
    skin = pen.coat("#ef7f2f", "#e8b62f", "#3f8fc4", "#d9524a")
    band, fin = pen.rng.choice(("#fbf6ea", darker(skin, 0.5))), darker(skin, 0.24)
    pen.blob(fin, "36,32 46,14 68,20 72,34", 0.1)
    pen.blob(fin, "46,76 58,92 70,86 66,72", 0.1)
    with pen.turned(pen.rng.uniform(-8, 8), 76, 54):
        pen.blob(skin, "72,54 84,40 99,28 101,34 93,54 101,74 98,80 84,68", 0.2)
        for y in (40, 54, 68):
            pen.curve(fin, 1.2, f"80,{54 + (y - 54) * 0.3} 95,{54 + (y - 54) * 1.1}")
    pen.blob(skin, "4,55 14,40 34,29 56,31 76,48 80,54 76,60 56,77 34,79 14,69", 0.24)
    pen.blob(band, "30,31 39,29 43,42 43,66 39,79 30,78 34,66 34,42")
    pen.blob(band, "60,33 66,38 69,54 66,70 60,75 63,54")
    for x in (48, 54):
        for y in (42, 52, 62):
            pen.curve(fin, 1.1, f"{x},{y} {x + 3},{y + 3.4} {x},{y + 7}")
    pen.blob(fin, "38,56 50,54 54,62 46,68 39,64")
    pen.oval("#ffffff", 20, 48, 5.4, 5.6)
    eye(pen, 19, 48, 3.2)
    pen.curve(darker(skin, 0.5), 1.3, "5,58 10,61 14,60")
    for x, y, r in ((-2, 36, 2.6), (3, 26, 1.8), (-3, 18, 1.3)):
        pen.oval("#ffffffa0", x, y + pen.rng.uniform(-4, 4), r, r)


def turtle(pen: Pen) -> None:
    skin, shell = pen.coat("#7fae4f", "#6f9f5f", "#8aa84a"), pen.rng.choice(("#7a5a34", "#5f6d38", "#8a5f3f"))
    rim = lighter(shell, 0.34)
    pen.poly(skin, "88,86 99,92 86,94")
    for x in (36, 76):
        pen.blob(skin, f"{x - 9},82 {x + 9},82 {x + 6},99 {x - 9},99.5", 0.2)
    for x in (50, 66):
        pen.blob(darker(skin, 0.3), f"{x - 5},84 {x + 5},84 {x + 4},97 {x - 5},97")
    with pen.turned(pen.rng.uniform(-8, 6), 30, 82):
        pen.blob(skin, "34,84 22,88 10,74 4,62 8,50 20,48 27,56 28,66 38,72", 0.2)
        pen.curve(darker(skin, 0.5), 1.1, "5,64 11,66 16,64")
        eye(pen, 13, 57, 2.3)
    pen.blob(shell, "26,84 30,64 44,48 60,44 76,50 88,66 92,84 92,84 60,88 26,84", 0.26)
    pen.blob(rim, "24,82 40,85 60,86 80,85 94,82 92,90 60,92 26,90", 0.1)
    for shape in (
        "52,52 66,51 71,62 60,68 48,63",
        "34,70 45,65 55,71 54,82 36,81",
        "64,71 74,65 86,70 86,81 67,82",
    ):
        pen.poly(darker(shell, 0.24), shape)
        with pen.placed(51.6, 95, 0.84):
            pen.blob(lighter(shell, 0.16), shape)


def octopus(pen: Pen) -> None:
    skin = pen.coat("#d9604f", "#8a5fae", "#e08a3f", "#3f8f9a")
    for i in range(4):
        for _ in pen.sides():
            foot, curl = 44 - i * 13, pen.rng.uniform(-4, 4)
            arm = [
                (48 - i * 3, 62),
                (44 - i * 9, 78),
                (foot + curl, 92),
                (foot - 6 + curl, 96),
                (foot - 8, 89),
            ]
            pen.taper(darker(skin, 0.1 * (i % 2)), arm, 9, 8, 6, 4, 2.4)
            for x, y in arm[1:3]:
                pen.oval(lighter(skin, 0.5), x + 2.4, y, 1.2, 1.2)
    pen.blob(skin, "50,4 68,10 76,28 72,46 66,60 66,72 50,76 34,72 34,60 28,46 24,28 32,10", 0.24)
    for x, y, r in ((38, 18, 3.4), (48, 13, 2.2), (60, 20, 2.8)):
        pen.oval(lighter(skin, 0.34), x, y, r, r)
    for _ in pen.sides():
        pen.oval("#fdf8ea", 41, 46, 6, 6.6)
        eye(pen, 41.6, 47, 3.6)
        pen.oval("#ffffff33", 36, 57, 3.4, 2.2)
    pen.curve(darker(skin, 0.55), 1.5, "44,58 50,62 56,58")


def crab(pen: Pen) -> None:
    shell = pen.coat("#d9503a", "#e0783a", "#c9453f")
    dark, pinch = darker(shell, 0.24), pen.rng.uniform(-10, 12)
    for _ in pen.sides():
        for x, y in ((12, 84), (8, 92), (16, 99)):
            pen.curve(dark, 4, f"34,76 {x + 6},{y - 12} {x},{y}")
        pen.curve(shell, 6, "28,66 14,58 14,44")
        with pen.turned(pinch, 14, 44):
            pen.blob(shell, "14,46 4,40 0,26 6,14 9,26 13,30 18,24 18,12 26,22 26,36 20,45", 0.2)
        pen.line(shell, 3, "42,56 40,44")
        pen.oval("#fdf8ea", 40, 42, 5.6, 5.6)
        eye(pen, 40.6, 42, 3.2)
    pen.blob(shell, "50,54 70,56 84,66 84,80 70,92 50,94 30,92 16,80 16,66 30,56", 0.26)
    for x, y in ((34, 66), (44, 61), (58, 62), (68, 68)):
        pen.oval(lighter(shell, 0.24), x, y, 2.6, 2)
    pen.curve(darker(shell, 0.5), 1.5, "40,80 46,84 54,84 60,80")


def snail(pen: Pen) -> None:
    shell, skin = pen.coat("#c9763a", "#8a5fa8", "#d9a23a", "#4f8f9a"), "#d9bd94"
    pen.blob(skin, "4,96 8,84 10,66 16,58 26,60 30,74 40,84 70,84 90,90 102,98 60,101 14,101", 0.2)
    for x, lean in ((14, -6), (22, 2)):
        reach = lean + pen.rng.uniform(-3, 3)
        pen.curve(skin, 2.6, f"{x},62 {x + reach * 0.6},50 {x + reach},38")
        pen.oval(darker(skin, 0.5), x + reach, 37, 3, 3)
    pen.curve(darker(skin, 0.5), 1.2, "7,78 11,81 16,80")
    eye(pen, 14, 70, 1.8)
    pen.oval(shell, 62, 60, 31, 30, 0.26)
    for radius, shift, tone in ((25, 2, 0.3), (21, 2, 0), (14, 4, 0.3), (10, 4, 0), (5, 5, 0.3)):
        pen.oval(
            darker(shell, tone) if tone else lighter(shell, 0.16),
            62 + shift,
            62 + shift / 2,
            radius,
            radius * 0.97,
        )


def sea_turtle(pen: Pen) -> None:
    """One that swims."""
    skin, shell = pen.coat("#6fa86a", "#5f9f8f", "#8aa84a"), pen.rng.choice(("#7a5a34", "#4f6d48", "#8a5f3f"))
    dark = darker(skin, 0.24)
    beat = pen.rng.uniform(-8, 8)
    pen.blob(dark, "80,76 92,76 101,84 102,92 92,90 82,84")
    with pen.turned(-beat, 46, 66):
        pen.blob(dark, "40,64 50,62 58,44 70,30 78,24 76,38 66,54 56,68")
    pen.blob(shell, "24,70 30,54 46,43 64,43 80,53 92,70 98,82 98,82 84,84 56,86 34,82", 0.24)
    pen.blob("#efe3bd", "28,79 44,82 62,84 82,82 92,81 84,90 64,94 42,91", 0.2)
    pen.blob(lighter(shell, 0.3), "23,72 34,77 56,80 80,78 98,81 98,81 86,86 58,88 34,84")
    for shape in (
        "52,49 66,48 74,57 62,66 50,60",
        "34,64 47,60 58,67 57,77 40,75 33,72",
        "65,67 76,58 86,67 90,76 74,77",
    ):
        pen.poly(lighter(shell, 0.2), shape)
    with pen.turned(pen.rng.uniform(-6, 8), 30, 72):
        pen.blob(skin, "38,66 28,64 22,60 12,57 4,60 0,66 3,72 12,76 22,75 30,78 38,80", 0.2)
        pen.curve(darker(skin, 0.5), 1, "1,69 6,70.6 12,69.6")
        for x, y, r in ((18, 61.6, 1.8), (23, 64.6, 1.6), (18, 70, 1.6), (24, 72, 1.7)):
            pen.oval(dark, x, y, r, r * 0.8)
        eye(pen, 9.6, 64.4, 2.1)
    with pen.turned(beat, 40, 80):
        pen.blob(skin, "33,76 46,78 50,88 44,98 30,103 14,104 22,97 30,88", 0.16)
        for x, y in ((40, 84), (38, 91), (31, 95), (44, 90)):
            pen.oval(dark, x, y, 1.9, 1.5)
    pen.blob(skin, "78,82 88,83 95,90 97,98 88,97 80,90", 0.16)
