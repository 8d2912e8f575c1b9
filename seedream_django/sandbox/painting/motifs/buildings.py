"""Buildings, each a function that draws one with a pen."""

from __future__ import annotations

from ..pen import Pen, darker, lighter

LAMP = "#ffdf8e"
WOOD = "#6b4330"


def window(pen: Pen, x: float, y: float, wide: float, high: float, frame: str = "#fbf6ea") -> None:
    """A pane with a frame, a cross and a sill."""
    glass = pen.rng.choice((LAMP, LAMP, "#8fb8d4"))
    pen.box(frame, x - 1, y - 1, wide + 2, high + 2)
    pen.box(glass, x, y, wide, high)
    pen.poly(lighter(glass, 0.4), f"{x},{y} {x + wide * 0.7},{y} {x},{y + high * 0.7}")
    pen.line(frame, 0.9, f"{x + wide / 2},{y} {x + wide / 2},{y + high}")
    pen.line(frame, 0.9, f"{x},{y + high / 2} {x + wide},{y + high / 2}")
    pen.box(darker(frame, 0.2), x - 2, y + high + 1, wide + 4, 1.6)


def bush(pen: Pen, x: float, y: float, size: float, leaf: str = "#4f8a4c") -> None:
    for dx, dy, r in ((-0.9, 0, 0.8), (0.9, 0.05, 0.75), (0, -0.5, 1)):
        pen.oval(leaf, x + dx * size, y + (dy - 0.4) * size, r * size, r * size * 0.85, 0.2)


def house(pen: Pen) -> None:
    wall, roof = (
        pen.coat("#efe3cb", "#e8d3b0", "#f4f1ea", "#d9e3e0"),
        pen.rng.choice(("#a8432f", "#8a4a38", "#5d6b7a")),
    )
    door = pen.rng.choice(("#3f7f8a", "#8a3a32", "#4f7a4a"))
    x = pen.rng.choice((24, 68))
    pen.box("#8a5a44", x, 14, 9, 30, 0.4)
    pen.box("#6d4636", x - 1.5, 12, 12, 4, 0.4)
    for i, r in enumerate((3, 4.4, 6)):
        pen.oval("#ffffff88", x + 6 + i * 5, 6 - i * 6, r, r * 0.8)
    pen.box(wall, 12, 46, 76, 54, 0.22)
    pen.poly(darker(wall, 0.1), "12,46 50,20 88,46 88,52 12,52")
    pen.poly(wall, "16,48 50,24 84,48", 0.3)
    pen.poly(roof, "50,14 2,50 9,55 50,25")
    pen.poly(darker(roof), "50,14 98,50 91,55 50,25")
    pen.oval("#fbf6ea", 50, 38, 5.4, 5.4)
    pen.oval(LAMP, 50, 38, 4, 4)
    pen.box("#fbf6ea", 41, 64, 18, 36)
    pen.box(door, 43, 66, 14, 34, 0.3)
    pen.box(lighter(door, 0.5), 46, 70, 8, 9)
    pen.oval("#f2c14e", 54, 84, 1.2, 1.2)
    pen.box("#b5aa9a", 38, 97, 24, 3)
    for left in (20, 66):
        window(pen, left, 64, 14, 16)
        for dx in (1, 5, 9, 13):
            pen.oval(pen.rng.choice(("#e4556b", "#f2b441", "#ffffff")), left + dx, 81, 1.9, 1.9)
    bush(pen, 14, 99, 8)
    bush(pen, 88, 100, 7, "#5f9a50")


def barn(pen: Pen) -> None:
    wall = pen.coat("#a83a30", "#943329", "#8a4a38")
    dark, trim = darker(wall, 0.3), "#f5efe2"
    pen.blob("#b8bfc4", "80,22 84,16 92,14 100,17 103,22 103,22 80,22")
    pen.box("#c9cfd2", 81, 22, 21, 78, 0.4)
    for y in (36, 52, 68, 84):
        pen.line("#97a0a6", 1, f"81,{y} 102,{y}")
    pen.poly(wall, "8,100 8,50 18,32 46,18 74,32 84,50 84,100", 0.24)
    for x in range(14, 84, 7):
        pen.line(dark, 0.6, f"{x},{52 if 14 < x < 80 else 56} {x},100")
    pen.line("#5d6670", 5, "4,53 17,31 46,16")
    pen.line("#474f59", 5, "88,53 75,31 46,16")
    pen.box(trim, 36, 32, 20, 16)
    pen.box("#3f2a24", 38, 34, 16, 12)
    pen.blob("#e8c45a", "38,46 41,40 47,38 52,41 54,46 54,46 38,46")
    pen.box(trim, 24, 60, 44, 40)
    for x in (27, 47):
        pen.box(wall, x, 63, 18, 37)
        pen.line(trim, 2, f"{x},63 {x + 18},100")
        pen.line(trim, 2, f"{x + 18},63 {x},100")
    bush(pen, 6, 100, 6)


def castle(pen: Pen) -> None:
    stone = pen.coat("#a29daa", "#b3a793", "#9aa3ad", "#c9bda6")
    roof, flag = pen.rng.choice(("#3f5f8f", "#8a3a42", "#4f6f5f")), pen.rng.choice(("#d9483b", "#f2c14e"))
    for x, top, wide in ((32.0, 42, 8), (69, 39, 8), (50, 32, 12), (12, 49, 10), (88, 49, 10)):
        back = darker(stone, 0.12 if wide < 12 else 0.04)
        pen.box(back, x - wide, top, wide * 2, 100 - top, 0.34)
        pen.box(back, x - wide * 1.14, top - 1, wide * 2.28, 5, 0.34)
        tip = top - wide * 2.1
        pen.poly(roof, f"{x - wide * 1.3},{top} {x},{tip} {x + wide * 1.3},{top}", 0.4)
        pen.line("#4a3a34", 0.8, f"{x},{tip + 1} {x},{tip - 8}")
        pen.poly(flag, f"{x},{tip - 8} {x + 8},{tip - 6} {x},{tip - 3}")
        pen.blob(
            LAMP, f"{x - 2},{top + 18} {x - 2},{top + 11} {x},{top + 8} {x + 2},{top + 11} {x + 2},{top + 18}"
        )
    pen.box(stone, 16, 66, 68, 34, 0.2)
    for i in range(8):
        pen.box(stone, 16 + i * 9.1, 61, 4.6, 6)
    for _ in range(14):
        x, y = pen.rng.uniform(20, 76), pen.rng.choice((72, 78, 84, 90))
        pen.box(darker(stone, 0.1), x, y, 5, 2.2)
    pen.blob(darker(stone, 0.34), "39,100 39,80 44,73 50,71 56,73 61,80 61,100 61,100 39,100")
    pen.blob("#4a3226", "42,100 42,82 46,76 50,74.5 54,76 58,82 58,100 58,100 42,100")
    for x in (46, 50, 54):
        pen.line("#2d1f19", 0.8, f"{x},76 {x},100")
    bush(pen, 8, 101, 7)
    bush(pen, 92, 101, 6)


def lighthouse(pen: Pen) -> None:
    band, bands = pen.coat("#c93a34", "#c93a34", "#2f5f8f", "#2f2f38"), pen.rng.choice((4, 5, 6))
    if pen.dark:
        _beams(pen)
    pen.blob("#57545a", "0,101 10,91 36,87 68,88 90,92 101,101 50,105", 0.2)
    pen.blob("#3c3a3d", "52,101 60,94 80,93 98,102")
    pen.box("#f1e6d2", 60, 74, 26, 18, 0.3)
    pen.poly("#8a4a38", "56,76 73,64 90,76", 0.4)
    pen.box("#7a9ab0", 68, 80, 6, 6)
    step = 68 / bands
    for i in range(bands):
        top = 22 + i * step
        wide, wider = 8.5 + (top - 22) * 0.12, 8.5 + (top + step - 22) * 0.12
        tone = "#f7f1e4" if i % 2 else band
        pen.poly(
            tone,
            f"{50 - wide},{top} {50 + wide},{top} {50 + wider},{top + step} {50 - wider},{top + step}",
            0.34,
        )
    for y in (42, 62):
        pen.blob("#3a3f4d", f"47.6,{y + 6} 47.6,{y + 1} 50,{y - 1.6} 52.4,{y + 1} 52.4,{y + 6}")
    pen.blob("#4a3226", "46,90 46,82 50,79 54,82 54,90 54,90 46,90")
    pen.box("#2a2730", 37, 20.5, 26, 3)
    for x in (38, 44, 50, 56, 62):
        pen.line("#2a2730", 0.8, f"{x},15.5 {x},21")
    pen.line("#2a2730", 0.9, "37.5,16 62.5,16")
    pen.box("#ffe08a", 44, 9, 12, 11.5, 0.3)
    pen.oval("#fffbe0", 50, 14, 3.4, 3.8)
    pen.blob(band if band < "#c" else "#a82c2c", "41,10 44,5 50,2 56,5 59,10 59,10 41,10", 0.3)
    pen.line("#2a2730", 1, "50,2 50,-3")


def _beams(pen: Pen) -> None:
    """Light to both sides, fading out along and across."""
    for reach in range(8, 104, 4):
        for spread in (1.0, 0.66, 0.36):
            for side, tilt in ((-1, -0.06), (1, 0.06)):
                x, rise = 50 + side * reach, reach * 0.2 * spread
                pen.poly("#fff1b806", f"50,14 {x},{14 + reach * tilt - rise} {x},{14 + reach * tilt + rise}")
    pen.glow("#fff1b8", 50, 14, 16, 0.5)


def windmill(pen: Pen) -> None:
    wall = pen.coat("#f1e6d0", "#a5674a", "#e4e0d6")
    cap, cloth = pen.rng.choice(("#7a4330", "#4f5a66")), pen.rng.choice(("#fbf5e6", "#e8c9a0", "#d9574a"))
    pen.poly(wall, "39,38 61,38 70,100 30,100", 0.36)
    for y in (48.0, 61):
        window(pen, 47.4, y, 5.2, 6.4)
    pen.blob(WOOD, "45,100 45,88 50,84 55,88 55,100 55,100 45,100")
    pen.poly(darker(wall, 0.3), "31,77 69,77 70,80.4 30,80.4")
    for x in range(32, 70, 6):
        pen.line(darker(wall, 0.5), 0.7, f"{x},72 {x},77")
    pen.line(darker(wall, 0.5), 0.9, "31,72 69,72")
    pen.blob(cap, "36,40 36,40 38,28 50,19 62,28 64,40 64,40", 0.24)
    pen.line(darker(cap, 0.3), 1.2, "36,39.6 64,39.6")
    pen.oval(darker(cap, 0.5), 50, 31, 6.4, 6.4)
    turn = pen.rng.uniform(36, 58)
    for k in range(4):
        with pen.turned(turn + 90 * k, 50, 31):
            pen.box(cloth, 50.6, -8, 8.4, 29)
            for y in (-8, -2.2, 3.6, 9.4, 15.2, 21):
                pen.line(WOOD, 0.7, f"50,{y} 59,{y}")
            pen.line(WOOD, 0.8, "59,-8 59,21")
            pen.taper(WOOD, "50,31 50,-10", 2.6, 1.4)
    pen.oval("#4a3226", 50, 31, 4, 4, 0.3)
    pen.oval("#c9a24a", 50, 31, 1.5, 1.5)
    bush(pen, 27, 101, 6)
    bush(pen, 74, 101, 5)


def church(pen: Pen) -> None:
    wall, roof = pen.coat("#f3ede0", "#e3cfae", "#d6d9da"), pen.rng.choice(("#7a4a3a", "#56626e", "#3f5f5a"))
    pen.box(wall, 36, 56, 60, 44, 0.16)
    pen.poly(roof, "30,58 42,36 92,36 100,58")
    pen.poly(lighter(roof, 0.14), "30,58 42,36 66,36 58,58")
    for x in (54, 68, 82):
        pen.blob("#fbf6ea", f"{x - 1},88 {x - 1},72 {x + 3},65 {x + 7},72 {x + 7},88 {x + 7},88 {x - 1},88")
        pen.blob(
            pen.rng.choice((LAMP, "#7fa8d0", "#d98a7a")), f"{x},87 {x},73 {x + 3},67 {x + 6},73 {x + 6},87"
        )
    pen.box(wall, 10, 36, 32, 64, 0.3)
    pen.poly(roof, "6,38 26,5 46,38", 0.42)
    pen.line("#d9b04a", 1.6, "26,6 26,-4")
    pen.line("#d9b04a", 1.6, "22,-0.5 30,-0.5")
    pen.oval("#fbf6ea", 26, 50, 7, 7)
    pen.oval("#3f4652", 26, 50, 5.8, 5.8)
    pen.line("#fbf6ea", 0.9, "26,46 26,50 29,52")
    pen.blob("#fbf6ea", "17,100 17,78 26,68 35,78 35,100 35,100 17,100")
    pen.blob("#6b4330", "19,100 19,79 26,71 33,79 33,100 33,100 19,100", 0.3)
    pen.line("#3f2a20", 0.8, "26,72 26,100")
    bush(pen, 94, 101, 6)


def tent(pen: Pen) -> None:
    cloth = pen.coat("#e07b39", "#d9a93a", "#4f8f6a", "#c8493f")
    pen.line("#8a7a66", 1, "6,101 24,62")
    pen.line("#8a7a66", 1, "99,100 84,64")
    pen.poly(darker(cloth, 0.2), "36,30 74,36 96,98 62,98")
    pen.poly(darker(cloth, 0.36), "66,35 74,36 96,98 84,98")
    pen.poly(cloth, "36,30 4,98 64,98")
    pen.poly(LAMP, "36,36 22,98 48,98")
    pen.poly("#f7b65a", "36,60 28,98 44,98")
    pen.poly(lighter(cloth, 0.22), "36,32 22,98 12,98 20,76")
    pen.poly(darker(cloth, 0.12), "36,32 48,98 58,98 50,74")
    pen.line("#5d4a3a", 1.6, "36,32 36,24")
    fire = pen.rng.random() < 0.6
    if fire:
        with pen.placed(82, 104, 0.26):
            campfire(pen)


def campfire(pen: Pen) -> None:
    with pen.placed(50, 95, 0.95):
        for turn in (-24, 24, 0):
            with pen.turned(turn, 50, 88):
                pen.line("#6b4630", 9, "20,92 80,92")
                pen.oval("#c9a06f", 81, 92, 3, 4.4)
        flame = pen.coat("#e8572c", "#ef6a2f")
        for tone, scale in ((flame, 1.0), ("#f59a2f", 0.72), ("#ffdf7a", 0.42)):
            with pen.placed(50, 88, scale):
                lean = pen.rng.uniform(-5, 5)
                pen.blob(
                    tone,
                    f"26,96 20,72 30,50 34,62 {46 + lean},12 {48 + lean},12 62,44 66,58 72,48 80,72 74,96 50,102",
                )
        for _ in range(5):
            pen.oval("#ffc45a", pen.rng.uniform(24, 76), pen.rng.uniform(-8, 34), 1.6, 1.6)


def cafe(pen: Pen) -> None:
    wall, cloth = (
        pen.coat("#3f6f6a", "#8a3f3a", "#3f5573", "#c98f4a"),
        pen.rng.choice(("#d9483b", "#e0a93a", "#4f8a5a")),
    )
    pen.box(lighter(wall, 0.66), 6, 8, 88, 92, 0.1)
    pen.box(darker(wall), 4, 5, 92, 5)
    for x in (16.0, 43, 70):
        window(pen, x, 15, 14, 16)
    pen.box(wall, 6, 40, 88, 60, 0.1)
    pen.box("#fbf3df", 20, 40.5, 60, 6)
    for i in range(7):
        pen.box(wall, 28 + i * 6.4, 42.4, 4 - i % 3, 2.2)
    pen.box(LAMP, 12, 60, 46, 28, 0)
    pen.poly(lighter(LAMP, 0.5), "12,60 34,60 12,82")
    for x in (18, 30, 42):
        pen.line("#7a4a2c", 0.8, f"{x + 4},60 {x + 4},66")
        pen.oval("#c8603a", x + 4, 68, 3, 2.4)
    pen.line(darker(wall), 1.6, "35,60 35,88")
    pen.box(darker(wall, 0.4), 64, 60, 22, 40)
    pen.box("#a9cfd9", 67, 63, 16, 22)
    pen.oval("#f2c14e", 68, 90, 1.2, 1.2)
    for i in range(8):
        tone = cloth if i % 2 == 0 else "#fbf6ea"
        x = 4 + i * 11.5
        pen.poly(tone, f"{x + 1.5 * (4 - i) / 2},48 {x + 11.5 + 1.5 * (3 - i) / 2},48 {x + 11.5},58 {x},58")
        pen.oval(darker(tone, 0.12), x + 5.75, 58, 5.75, 3.4)
    pen.line("#4a3a34", 1.8, "22,84 22,100")
    pen.box("#8a5a3a", 13, 83, 18, 2.4)
    pen.box("#fdf8ee", 19, 78.6, 6, 4.4, 0.3)
    for x in (6, 36):
        pen.line("#4a3a34", 1.4, f"{x},100 {x},90 {x + 7},90 {x + 7},100")
    bush(pen, 91, 97, 5)
    pen.box("#a5603f", 86, 94, 10, 7, 0.4)


def igloo(pen: Pen) -> None:
    snow = pen.coat("#eaf3f8", "#dfeef6")
    joint = darker(snow, 0.2)
    pen.blob(snow, "4,100 6,78 18,56 38,44 60,44 82,56 94,78 96,100 96,100 4,100", 0.24)
    for y, wide in ((86, 44), (72, 41), (58, 31)):
        pen.curve(joint, 1, f"{50 - wide},{y + 1} 50,{y - 5} {50 + wide},{y + 1}")
        for k in range(-3, 4):
            x = 50 + (k + (0.5 if y == 72 else 0)) * wide / 3.4
            if abs(x - 50) < wide:
                pen.line(
                    joint,
                    1,
                    f"{x},{y - 4 + abs(x - 50) * 0.1} {50 + (x - 50) * 0.9},{y - 16 + abs(x - 50) * 0.24}",
                )
    pen.blob(lighter(snow, 0.2), "22,101 22,84 28,74 38,70 48,74 54,84 54,101 54,101 22,101", 0.2)
    pen.blob("#31465e", "28,101 28,86 32,80 38,78 44,80 48,86 48,101 48,101 28,101")
    pen.blob("#f7b65a", "31,101 31,92 38,86 45,92 45,101 45,101 31,101")
    x, cloth = pen.rng.uniform(70, 90), pen.rng.choice(("#d9483b", "#2f7f8f", "#e8a32f"))
    pen.line(WOOD, 1.6, f"{x},99 {x},58")
    pen.poly(cloth, f"{x},58 {x + 14},63 {x},69", 0.3)
    pen.oval(lighter(snow, 0.3), x, 100, 9, 3)
    pen.oval(snow, pen.rng.uniform(4, 14), 99, 12, 5, 0.2)
