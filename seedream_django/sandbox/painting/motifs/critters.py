"""Small animals, each a function that draws one with a pen. They look to the left, or at us."""

from __future__ import annotations

from ..pen import Pen, darker, lighter
from .wild import DARK, eye


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


def squirrel(pen: Pen) -> None:
    coat = pen.coat("#b5582a", "#a34a22", "#8d7a6a")
    light = "#f7ead6"
    with pen.turned(pen.rng.uniform(-5, 5), 66, 94):
        pen.blob(
            coat,
            "56,95 68,90 73,76 68,60 63,44 64,26 74,13 88,13 98,20 103,32 101,44 96,52 97,62 94,78 86,92 72,99",
            0.24,
        )
        pen.taper(lighter(coat, 0.3), "79,88 83,70 77,52 73,38 78,24 88,24", 3, 7, 7, 2.4)
        for shape in ("88,84 92,72 92,62", "70,66 67,54 66,46", "90,20 95,26 95,32"):
            pen.curve(darker(coat, 0.2), 1, shape)
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


def mouse(pen: Pen) -> None:
    coat = pen.coat("#9a928c", "#b59a80", "#c9c3bc")
    pink, tip = "#e8a9a4", pen.rng.uniform(52, 70)
    pen.curve(pink, 2.4, f"84,92 98,90 99,76 90,{tip}")
    pen.blob(coat, "30,70 44,54 66,50 84,62 90,82 82,97 50,99 34,96", 0.26)
    pen.blob(lighter(coat, 0.5), "34,84 46,82 52,98 38,98")
    for x in (40, 74):
        pen.oval(pink, x, 98, 7, 2.4)
    with pen.turned(pen.rng.uniform(-8, 8), 36, 74):
        pen.oval(darker(coat, 0.12), 50, 44, 13, 14)
        pen.oval(pink, 50, 45, 9, 10)
        pen.blob(coat, "4,80 14,64 28,54 42,56 50,68 46,84 30,90 14,87", 0.2)
        pen.oval(coat, 33, 46, 14.6, 15.4, 0.14)
        pen.oval(pink, 32, 47, 10, 11)
        pen.oval("#d97f86", 5, 80, 3.4, 3)
        eye(pen, 21, 69, 2.8)
        for dy in (-5, 0, 5):
            pen.line("#f4efe6", 0.6, f"12,81 26,{82 + dy}")
    if pen.rng.random() < 0.6:
        pen.poly("#f2c14e", "0,99 6,86 26,91 24,100", 0.2)
        for x, y in ((8, 93), (15, 96), (18, 92)):
            pen.oval("#d99f2f", x, y, 1.8, 1.5)
