"""Food and drink, each a function that draws one with a pen."""

from __future__ import annotations

from ..pen import Pen, darker, lighter


def steam(pen: Pen, *places: float, top: float = 4) -> None:
    for x in places:
        sway = pen.rng.uniform(-3, 3)
        pen.curve(
            "#ffffff90",
            2.2,
            f"{x},{top + 30} {x + 4 + sway},{top + 20} {x - 3},{top + 10} {x + 2 + sway},{top}",
        )


def cup(pen: Pen) -> None:
    china = pen.coat("#f4efe6", "#d9574a", "#3f7f8f", "#e0b05a", "#5f7f6a")
    drink = pen.rng.choice((("#5a3420", "#c9986a"), ("#6b3f24", "#f0dcc0"), ("#b5702f", "#d99a4a")))
    steam(pen, 38, 50, 62, top=2)
    pen.oval(darker(china, 0.12), 50, 95, 46, 5.6, 0.2)
    pen.oval(china, 50, 93, 46, 5.6)
    pen.oval(darker(china, 0.14), 50, 93, 22, 2.4)
    ring = [
        (81 + 11 * x, 62 + 12 * y) for x, y in ((-0.4, -0.9), (0.4, -0.95), (1, -0.2), (0.6, 0.7), (-0.7, 1))
    ]
    pen.curve(darker(china, 0.1), 5.4, ring)
    pen.blob(china, "20,46 20,46 80,46 80,46 78,72 64,92 36,92 22,72", 0.28)
    pen.blob(lighter(china, 0.5), "26,54 31,54 33,70 38,82 33,80 27,68")
    pen.oval(lighter(china, 0.4), 50, 46, 30.4, 6.6)
    pen.oval(drink[0], 50, 46.6, 26.6, 5)
    pen.blob(drink[1], "50,49.8 41,47 43,44.6 49,45.4 50,46.4 51,45.4 57,44.6 59,47")


def teapot(pen: Pen) -> None:
    china = pen.coat("#3f7f8f", "#d9574a", "#f1ece2", "#5f8a5a", "#c98f4a")
    dark = darker(china)
    steam(pen, 6, 13, top=14)
    pen.curve(dark, 5, "78,48 96,46 98,64 78,80")
    pen.blob(china, "30,62 20,62 12,52 4,42 12,42 18,46 24,52 32,50", 0.1)
    pen.blob(china, "26,44 40,36 60,36 74,44 84,62 80,82 66,94 34,94 20,82 16,62", 0.26)
    pen.box(dark, 34, 93, 32, 4)
    pen.curve(dark, 2, "28,44 40,47 60,47 72,44")
    pen.blob(lighter(china, 0.1), "31,41 36,34 50,30 64,34 69,41 60,44 40,44", 0.2)
    pen.oval(dark, 50, 27, 4.6, 4.6, 0.3)
    for turn in range(0, 360, 60):
        with pen.turned(turn, 50, 68):
            pen.oval(lighter(china, 0.66), 50, 60.6, 4.4, 5.6)
    pen.oval("#f2c14e", 50, 68, 4, 4)


def apple(pen: Pen) -> None:
    skin = pen.coat("#d0392f", "#c8472f", "#7fae3f", "#e0a83a")
    pen.curve("#5a3a24", 3.4, "51,30 50,20 55,8")
    pen.blob("#5f9a45", "54,20 62,8 78,6 86,12 76,22 62,24", 0.2)
    pen.curve("#3f7a35", 1, "56,20 68,14 80,11")
    pen.blob(skin, "50,31 62,24 80,28 91,46 88,70 74,92 60,99 50,96 40,99 26,92 12,70 9,46 20,28 38,24", 0.3)
    pen.blob(darker(skin, 0.34), "40,28 50,32.6 60,28 56,34 50,36 44,34")
    pen.blob("#ffffff77", "21,40 28,36 30,44 24,60 19,54")
    for _ in range(9):
        pen.oval(lighter(skin, 0.4), pen.rng.uniform(34, 72), pen.rng.uniform(48, 84), 0.8, 0.9)


def _fruit(pen: Pen, kind: str, x: float, y: float, r: float) -> None:
    tone = {
        "apple": "#d0392f",
        "orange": "#ef8f2f",
        "lime": "#8ab83f",
        "plum": "#6d3f7a",
        "peach": "#f0a878",
    }[kind]
    pen.oval(tone, x, y, r, r * 0.96, 0.28)
    pen.oval(lighter(tone, 0.4), x - r * 0.4, y - r * 0.4, r * 0.2, r * 0.26)
    pen.curve("#5a3a24", 1.4, f"{x},{y - r * 0.8} {x + 1},{y - r * 1.15}")


def fruit(pen: Pen) -> None:
    """A banana, three round ones and grapes that hang over the rim."""
    bowl = pen.coat("#4f7f9a", "#f1ece2", "#b5764a", "#d9a84a")
    kinds = pen.rng.sample(("apple", "orange", "lime", "peach"), 3)
    pen.blob("#e0ae2c", "18,52 22,32 36,17 56,9 75,9 76,15 62,19 48,27 38,40 36,56", 0)
    pen.blob("#f2cc45", "18,52 22,32 36,17 56,9 75,9 72,11 56,15 40,25 30,38 27,54")
    pen.poly("#5a4326", "73,8 79,5.6 81,10 76,15")
    for kind, (x, y, r) in zip(kinds, ((80.0, 47.0, 15), (36, 48, 15), (58, 44, 18)), strict=True):
        _fruit(pen, kind, x, y, r)
    pen.blob(bowl, "8,60 8,60 92,60 92,60 86,78 68,92 32,92 14,78", 0.22)
    pen.box(darker(bowl), 34, 91, 32, 8)
    pen.curve(lighter(bowl, 0.5), 2.4, "10.4,65 50,67 89.6,65")
    pen.curve("#6b5a34", 1.6, "26,56 18,58 13,64")
    for x, y in ((8.0, 64.0), (16.6, 63), (25, 64), (12, 71.4), (20.6, 71.4), (9, 78.6), (17, 79), (13, 86)):
        pen.oval("#6d3f8a", x, y, 5.2, 5.2, 0.24)
        pen.oval("#b894cc", x - 1.7, y - 1.8, 1.2, 1.4)
    pen.blob("#5f9a45", "16,59 22,50 31,50 36,56 29,59 26,64", 0.2)


def cake(pen: Pen) -> None:
    cream, sponge = pen.coat("#f7d9d6", "#fbf3e2", "#6b4030", "#cfe3d6"), "#d9a866"
    berry = pen.rng.choice(("#d0344a", "#3f4f9a", "#e88a2f"))
    pen.oval("#d8d2c6", 50, 95, 48, 4.6)
    pen.box("#c9c2b4", 40, 95, 20, 5, 0.3)
    pen.blob(sponge, "8,58 8,58 92,58 92,58 92,90 92,90 50,94 8,90 8,90", 0)
    pen.blob(cream, "8,71 8,71 92,71 92,71 92,77 92,77 50,80 8,77 8,77")
    drip = [(8.0, 54.0), (8.0, 62.0)]
    for i, x in enumerate(range(13, 90, 8)):
        drip.append((float(x), 70 + pen.rng.uniform(-2, 4) if i % 2 else 62))
    pen.blob(cream, [*drip, (92, 62), (92, 54), (92, 54), (8, 54)], 0)
    pen.oval(lighter(cream, 0.3), 50, 54, 42, 7)
    candles = pen.rng.choice((3, 4, 5))
    for i in range(candles):
        middle = 50 + (i - (candles - 1) / 2) * 13
        tone = pen.rng.choice(("#e0708a", "#3f9fb5", "#f2b441", "#8a6fb5"))
        pen.box(tone, middle - 1.7, 30, 3.4, 22, 0.4)
        for y in (34, 40, 46):
            pen.line("#ffffff", 0.9, f"{middle - 1.6},{y + 2} {middle + 1.6},{y}")
        pen.blob("#ffb02f", f"{middle - 2.4},24 {middle},16 {middle},16 {middle + 2.4},24 {middle},28")
        pen.oval("#fff3b0", middle, 24.6, 1.1, 2)
    for x in range(13, 92, 12):
        pen.oval(berry, x, 54 + abs(x - 50) * -0.02, 4, 4, 0.3)
        pen.oval(lighter(berry, 0.6), x - 1.2, 52.6, 0.8, 0.8)


def bread(pen: Pen) -> None:
    crust = pen.coat("#c9863f", "#b8722f", "#d99a50")
    crumb = "#f4dfb4"
    pen.box("#8a5f3c", -2, 92, 104, 7)
    pen.box("#6d4628", -2, 97, 104, 2)
    pen.blob(crust, "8,92 8,92 4,66 12,52 34,44 66,44 88,50 97,62 95,92 95,92", 0.24)
    for x in (50, 66, 82):
        pen.blob(crumb, f"{x - 7},61 {x - 2},49 {x + 5},47 {x + 1},58")
        pen.blob(darker(crust, 0.14), f"{x - 7},62 {x - 3},61 {x + 1},58 {x + 3},60 {x - 4},65")
    pen.blob(darker(crust, 0.2), "2,94 2,94 4,76 -1,64 8,54 26,51 40,57 40,67 36,76 37,94 37,94")
    pen.blob(crumb, "6,92 6,92 8,76 3,65 10,57 25,54.6 36,59 36.4,66 32.6,76 33,92 33,92", 0.1)
    for x, y in ((14, 66), (24, 62), (28, 72), (17, 76), (25, 84), (13, 86)):
        pen.oval(darker(crumb, 0.14), x, y, 1.6, 1.2)
    for x, turn in ((70, -30), (82, -22)):
        with pen.turned(turn, x, 88):
            pen.line("#d9b04a", 1, f"{x},96 {x},76")
            for y in (76, 80, 84):
                for side in (-2, 2):
                    pen.oval("#e5bf55", x + side, y, 1.5, 2.6)


def pizza(pen: Pen) -> None:
    crust, cheese = "#d99a4a", pen.coat("#f4cf6a", "#f2c65a")
    pen.oval("#8a5f3c", 50, 76, 50, 24)
    pen.oval("#a5764c", 50, 74, 49, 23)
    with pen.placed(50, 97, 1.0):
        pen.oval(darker(crust, 0.2), 50, 74, 46, 21.6)
        pen.oval(crust, 50, 72, 46, 21)
        pen.oval("#c8402f", 50, 71.4, 41, 18)
        pen.oval(cheese, 50, 71, 39.6, 17)
        for turn in (20, 80, 140):
            c = {20: (37, 6.4), 80: (8, 17), 140: (31, 10.6)}[turn]
            pen.line(darker(cheese, 0.16), 1, f"{50 - c[0]},{71 - c[1]} {50 + c[0]},{71 + c[1]}")
        spots = [(30, 66), (44, 60), (62, 61), (74, 70), (60, 78), (42, 79), (26, 75), (52, 70)]
        pen.rng.shuffle(spots)
        for i, (x, y) in enumerate(spots):
            if i < 5:
                pen.oval(darker("#c23a2c", 0.2), x, y + 0.8, 6, 3)
                pen.oval("#d0493a", x, y, 5.6, 2.7)
            else:
                pen.blob("#4f9a45", f"{x - 5},{y} {x},{y - 2.4} {x + 5},{y} {x},{y + 2}")
        for _ in range(7):
            pen.oval("#2f2a2c", pen.rng.uniform(24, 76), pen.rng.uniform(62, 80), 1.7, 1)
    with pen.turned(pen.rng.uniform(-4, 4), 50, 40):  # the slice that someone lifts
        for x, low in ((40, 58), (50, 66), (59, 55)):
            pen.line(cheese, 2, f"{x},40 {x + 2},{low}")
        pen.blob(darker(crust, 0.1), "18,16 24,10 50,5 78,11 82,17 78,21 50,15 23,21", 0.2)
        pen.poly(cheese, "23,19 50,13.6 78,19 53,53 48,53")
        pen.poly(darker(cheese, 0.12), "66,17 78,19 53,53 50,53")
        for x, y, r in ((40, 24, 5), (60, 25, 5), (50, 38, 4.6)):
            pen.oval("#d0493a", x, y, r, r * 0.86, 0.2)
        pen.blob("#4f9a45", "48,23 52,20 56,23 52,26")


def icecream(pen: Pen) -> None:
    first = pen.coat("#f2a9b5", "#f7e6c0", "#8a5a3c", "#bfe0c9")
    second, third = pen.rng.sample(("#fbf0d9", "#a8693f", "#e8708a", "#b5d99a", "#f4c542"), 2)
    pen.poly("#d99a50", "27,50 73,50 50,101", 0.34)
    for i in range(1, 7):
        pen.line("#a8692f", 0.9, f"{27 + i * 6.6},51 {50 + i * 3.28},{101 - i * 7.15}")
        pen.line("#a8692f", 0.9, f"{73 - i * 6.6},51 {50 - i * 3.28},{101 - i * 7.15}")
    pen.box("#c4833c", 25, 47, 50, 6, 0.3)
    for x, y, r, tone in ((36.0, 36.0, 16, second), (64, 36, 16, third), (50, 18, 17, first)):
        pen.oval(tone, x, y, r, r * 0.94, 0.26)
        for dx in (-0.8, -0.3, 0.3, 0.8):
            pen.oval(darker(tone, 0.05), x + dx * r * 0.9, y + r * 0.74 - abs(dx) * 2, r * 0.3, r * 0.24)
        pen.oval(lighter(tone, 0.5), x - r * 0.4, y - r * 0.4, 2.4, 3)
    for _ in range(10):
        x, y = pen.rng.uniform(38, 62), pen.rng.uniform(6, 26)
        pen.line(
            pen.rng.choice(("#e8573a", "#3f9fb5", "#f2c14e", "#7a4f9a")), 1.3, f"{x},{y} {x + 2},{y + 1.4}"
        )
    pen.oval("#d0344a", 52, 1, 4.6, 4.6, 0.3)
    pen.curve("#5f8a3f", 1.2, "53,-2 56,-6 61,-6")


def wine(pen: Pen) -> None:
    drink, label = (
        pen.coat("#7a1f34", "#e5cf7a", "#d9808a"),
        pen.rng.choice(("#f4ead2", "#d9c08a", "#2d2a30")),
    )
    bottle = "#2f4a3a" if drink < "#c" else "#7f9a6a"
    pen.blob(
        bottle, "58,100 58,100 56,52 64,40 67,32 67,8 67,8 79,8 79,8 79,32 82,40 90,52 88,100 88,100", 0.3
    )
    pen.box(darker(drink, 0.2), 66, 4, 14, 16, 0.34)
    pen.box(label, 57, 60, 32, 24, 0.24)
    pen.line("#a8402f", 1.4, "61,66 85,66")
    for y in (71, 75):
        pen.line(darker(label, 0.4), 0.8, f"64,{y} 82,{y}")
    pen.blob("#ffffff44", "61,56 64,50 65,58 64,92 61,92")
    pen.oval("#e8f1f2d0", 27, 98, 16, 2.8)
    pen.line("#e8f1f2d8", 2, "27,70 27,97")
    pen.blob("#eef6f7a0", "12,28 12,28 42,28 42,28 44,48 38,64 27,70 16,64 10,48")
    pen.blob(drink, "10.6,46 10.6,46 43.4,46 43.4,46 42.6,54 37,63 27,68 17,63 11.4,54", 0.2)
    pen.oval(lighter(drink, 0.2), 27, 46, 16.4, 2.6)
    pen.oval("#ffffffaa", 27, 28, 15, 1.8)
    pen.blob("#ffffff88", "14,34 17,34 15,52 13,46")


def ramen(pen: Pen) -> None:
    bowl, broth = pen.coat("#b5332c", "#2f3f5f", "#2f2f34", "#f1ece2"), "#d99a4a"
    steam(pen, 22, 36, top=-10)
    pen.line("#8a4a2c", 2.4, "60,44 92,-6")
    pen.line("#a8603a", 2.4, "68,46 101,0")
    pen.oval(darker(bowl, 0.1), 50, 47, 47, 19)
    pen.oval(lighter(bowl, 0.3), 50, 46, 46, 17.6)
    pen.oval(darker(broth, 0.24), 50, 48, 41.6, 15)
    pen.oval(broth, 50, 49, 41, 14.4)
    for i, (y, bend) in enumerate(((41, -4), (44.6, -3.6), (48.2, -3), (51.8, 2), (55.4, 3))):
        left, right = 20 + abs(i - 2) * 4, 66 - abs(i - 2) * 3
        strand = [
            (left, y),
            (left + 9, y + bend),
            ((left + right) / 2, y + 0.4),
            (right - 9, y - bend),
            (right, y),
        ]
        pen.curve("#c98f3a", 3.6, [(x, down + 0.8) for x, down in strand])
        pen.curve("#f6df9f", 2.6, strand)
    pen.blob("#2f5f3a", "10,46 10,46 15,28 15,28 29,25 29,25 25,44 25,44", 0.2)
    pen.oval("#fdf8ea", 74, 47, 11, 8, 0.16)
    pen.oval("#f2a92f", 73, 47, 5.4, 4.2)
    pen.oval("#9a5a3c", 44, 38.6, 12, 6, 0.2)
    pen.oval("#e8b89a", 43, 38, 8.6, 3.8)
    pen.curve("#c98a6a", 1.2, "38,38 43,36.4 48,38.4")
    for x, y in ((56, 55.0), (62, 54), (34, 52), (48, 58), (67, 57), (27, 49), (58, 58.6)):
        pen.oval("#6fae4a", x, y, 2, 1.4)
        pen.oval("#a9d68a", x, y, 0.9, 0.6)
    pen.blob(bowl, "3,48 3,48 18,59 36,65 50,66 64,65 82,59 97,48 97,48 90,74 70,91 30,91 10,74", 0.24)
    pen.poly(darker(bowl), "34,90 66,90 63,99 37,99")
    pen.curve("#f2c14e", 1.6, "7,58 22,67 50,73 78,67 93,58")
    for x in (22, 36, 50, 64, 78):
        y = 81 - (x - 50) ** 2 * 0.007
        pen.poly("#f2c14e", f"{x},{y - 4} {x + 3},{y} {x},{y + 4} {x - 3},{y}")


def burger(pen: Pen) -> None:
    bun = pen.coat("#d9964a", "#c9823a", "#e0a85f")
    pen.blob(bun, "8,84 8,84 92,84 92,84 90,95 80,99 20,99 10,95", 0.2)
    pen.blob("#6b3f28", "6,72 20,69 80,69 94,72 94,82 80,85 20,85 6,82", 0.2)
    pen.poly("#f4c03a", "6,66 94,66 82,72 70,68 60,80 48,68 26,72")
    pen.box("#d9483b", 10, 60, 80, 6, 0.2)
    pen.blob(
        "#6fae45", "4,60 12,54 30,56 50,53 70,56 90,54 97,60 88,65 78,60 66,66 54,60 42,66 30,60 18,66 10,62"
    )
    pen.blob(bun, "6,55 6,55 10,34 28,20 50,16 72,20 90,34 94,55 94,55 50,58", 0.26)
    for x, y, turn in (
        (30, 34, 30),
        (44, 27, -20),
        (60, 28, 20),
        (74, 38, -30),
        (52, 40, 50),
        (36, 45, 0),
        (66, 48, 10),
        (22, 46, -30),
    ):
        with pen.turned(turn + pen.rng.uniform(-20, 20), x, y):
            pen.oval("#fbeccb", x, y, 2.4, 1.4)


def pumpkin(pen: Pen) -> None:
    skin = pen.coat("#e5822a", "#d9702a", "#e89a3f")
    pen.blob("#6d7a3a", "46,34 44,20 38,12 46,8 54,16 56,34", 0.24)
    pen.curve("#5f8a3f", 1.6, "56,28 68,16 78,22 72,28 80,32")
    pen.blob("#5f8a3f", "60,24 70,8 86,8 88,20 76,26", 0.2)
    for x, wide, tone in ((22, 19, 0.14), (78, 19, 0.34), (33, 19, 0.04), (67, 19, 0.2), (50, 18, 0.06)):
        pen.oval(darker(skin, tone), x, 66, wide, 33 - abs(x - 50) * 0.12)
    pen.oval(skin, 47, 66, 14, 32)
    for shape in ("36,38 30,64 38,96", "60,38 66,64 60,96", "24,44 14,66 24,90", "76,44 86,66 76,90"):
        pen.curve(darker(skin, 0.3), 1.3, shape)
    pen.blob("#ffffff55", "40,46 44,44 43,62 39,66")
