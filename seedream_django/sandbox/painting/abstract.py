"""Pictures of nothing: composed shapes, and patterns."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from .canvas import Canvas, waves
from .grades import GRADES
from .motifs import BY_NAME
from .palette import Colour, colour, mix
from .pen import Pen
from .scenes import Scene
from .trees import leaf

#: Ground first, then what lies on it.
_SCHEMES = {
    "": (
        "#f3e9d8 #1f2a44 #d9472b #f0a830 #2f7f86 #e9c9a6",
        "#f6efe4 #22333b #e07a5f #81b29a #f2cc8f #3d405b",
        "#14213d #fca311 #e5e5e5 #d62839 #8ecae6 #2a9d8f",
        "#fbf5ea #264653 #2a9d8f #e9c46a #f4a261 #e76f51",
    ),
    "pastel": (
        "#fdf4e8 #f4b3c2 #a9cdf0 #b5e0c4 #f8d89a #c3b1e6",
        "#fff6ee #ffb8b8 #b6d8f2 #cbb8ea #ffe0a3 #a9dcc8",
    ),
    "neon": ("#0b0724 #ff2d95 #21f3ff #8a2cff #f7ff3c #ff7a2f",),
    "mono": ("#f6f4ef #111317 #55585e #b9babb #2d3036 #dddcd8",),
    "earth": ("#efe3cd #4a2f1f #a8622f #c89a5b #6f6a3c #d9bf98",),
    "copper": ("#f7e6d2 #2a130c #b8622c #7c3a1d #e39a5f #d0b090",),
}


def _scheme(scene: Scene, rng: random.Random) -> list[Colour]:
    """Ground, then five tones. A palette without a scheme of its own lends its steps from dark to light."""
    if (
        (not scene.accent and scene.palette in _SCHEMES)
        or scene.palette not in GRADES
        or not GRADES[scene.palette].share
    ):
        return [colour(text) for text in rng.choice(_SCHEMES.get(scene.palette, _SCHEMES[""])).split()]
    if scene.accent:
        return _two(
            *([colour(text) for text in GRADES[name].stops.split()] for name in (scene.palette, scene.accent))
        )
    steps = [colour(text) for text in GRADES[scene.palette].stops.split()]
    ground, dark, middle = steps[-1], steps[0], steps[len(steps) // 2]
    return [
        ground,
        mix(dark, middle, 0.2),
        middle,
        mix(middle, ground, 0.5),
        mix(dark, middle, 0.6),
        mix(middle, ground, 0.75),
    ]


def _two(one: list[Colour], other: list[Colour]) -> list[Colour]:
    """Ground and tones of two colours' steps."""
    return [
        other[-1],
        one[1],
        other[len(other) // 2],
        one[len(one) // 2],
        one[-2],
        mix(other[-2], other[-1], 0.2),
    ]


def abstract(canvas: Canvas, scene: Scene) -> None:
    rng = canvas.dice("abstract")
    ground, *tones = _scheme(scene, rng)
    canvas.image.paste(ground, (0, 0, canvas.width, canvas.height))
    rng.choice((quarters, orbits, ribbons, balance))(canvas, rng, ground, tones)


def quarters(canvas: Canvas, rng: random.Random, ground: Colour, tones: list[Colour]) -> None:
    """A board of squares, each with a quarter, half or whole circle, a triangle or stripes."""
    side = canvas.unit / rng.choice((4, 5, 6))
    across, down = math.ceil(canvas.width / side), math.ceil(canvas.height / side)
    left, top = (canvas.width - across * side) / 2, (canvas.height - down * side) / 2
    for row in range(down):
        for column in range(across):
            _tile(
                canvas, rng, (left + column * side, top + row * side), side, rng.sample([ground, *tones], 3)
            )


def _tile(
    canvas: Canvas, rng: random.Random, corner: tuple[float, float], side: float, tones: list[Colour]
) -> None:
    x, y = corner
    back, main, small = tones
    canvas.draw.rectangle([x, y, x + side, y + side], fill=back)
    kind = rng.random()
    if kind < 0.42:
        cx, cy, start = rng.choice(
            ((x, y, 0), (x + side, y, 90), (x + side, y + side, 180), (x, y + side, 270))
        )
        for share, tone in ((1.0, main), (0.66, back), (0.33, small))[: rng.randint(1, 3)]:
            r = side * share
            canvas.draw.pieslice([cx - r, cy - r, cx + r, cy + r], start, start + 90, fill=tone)
    elif kind < 0.6:
        canvas.disc(x + side / 2, y + side / 2, side * 0.42, main)
        canvas.disc(x + side / 2, y + side / 2, side * 0.2, small)
    elif kind < 0.76:
        start = rng.choice((0, 90, 180, 270))
        canvas.draw.pieslice([x, y, x + side, y + side], start, start + 180, fill=main)
    elif kind < 0.9:
        points = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
        points.pop(rng.randrange(4))
        canvas.draw.polygon(points, fill=main)
    else:
        for k in range(0, 8, 2):
            canvas.draw.rectangle([x + side * k / 8, y, x + side * (k + 1) / 8, y + side], fill=main)


def orbits(canvas: Canvas, rng: random.Random, ground: Colour, tones: list[Colour]) -> None:
    """Large rings and discs that overlap like sheets of coloured glass."""
    discs = [(rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.42)) for _ in range(9)]
    for i, (x, y, r) in enumerate(sorted(discs, key=lambda disc: -disc[2])):
        _glassy(canvas, x * canvas.width, y * canvas.height, r * canvas.unit, tones[i % len(tones)])
    ink = mix(min(tones, key=sum), (20, 20, 40), 0.3)
    for _ in range(5):
        x, y, r = (
            rng.uniform(0.1, 0.9) * canvas.width,
            rng.uniform(0.1, 0.9) * canvas.height,
            rng.uniform(0.08, 0.5) * canvas.unit,
        )
        start = rng.uniform(0, 360)
        canvas.draw.arc(
            [x - r, y - r, x + r, y + r],
            start,
            start + rng.uniform(90, 240),
            fill=ink,
            width=max(2, round(canvas.unit * rng.choice((0.003, 0.008, 0.014)))),
        )
    for _ in range(4):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
        way, long = rng.uniform(0, math.tau), canvas.unit * rng.uniform(0.3, 1.0)
        canvas.draw.line(
            [(x, y), (x + math.cos(way) * long, y + math.sin(way) * long)],
            fill=ink,
            width=max(2, round(canvas.unit * 0.003)),
        )


def _glassy(canvas: Canvas, x: float, y: float, r: float, tone: Colour) -> None:
    mask = Image.new("L", (max(4, round(r * 2)),) * 2)
    ImageDraw.Draw(mask).ellipse([0, 0, mask.width - 1, mask.height - 1], fill=205)
    canvas.image.paste(tone, (round(x - r), round(y - r)), mask)


def ribbons(canvas: Canvas, rng: random.Random, ground: Colour, tones: list[Colour]) -> None:
    """Bands that flow across, one over the other, each casting a soft shadow; a disc behind them."""
    canvas.gradient([mix(ground, tones[-1], 0.35), ground], 0, canvas.height)
    canvas.disc(
        canvas.width * rng.uniform(0.25, 0.75),
        canvas.height * rng.uniform(0.2, 0.4),
        canvas.unit * rng.uniform(0.13, 0.24),
        tones[1],
    )
    count = rng.randint(6, 8)
    for k in range(count):
        base = canvas.height * (0.3 + 0.72 * k / count)
        line = waves(rng, canvas.unit * rng.uniform(0.07, 0.15), rng.uniform(0.4, 0.8))
        points = [(i * canvas.width / 120, base + h) for i, h in enumerate(line)]
        shape = [(0.0, float(canvas.height)), *points, (float(canvas.width), float(canvas.height))]
        canvas.shadow(shape, 0.4)
        canvas.draw.polygon(shape, fill=tones[k % len(tones)])


_BARS = ((0.0, 0.05, 1.3), (0.09, 0.018, 0.9), (-0.1, 0.03, 0.7), (0.16, 0.008, 1.1))


def balance(canvas: Canvas, rng: random.Random, ground: Colour, tones: list[Colour]) -> None:
    """A Bauhaus poster: a great disc, bars at an angle, small notes, much air."""
    unit, ink = canvas.unit, min(tones, key=sum)
    x, y = canvas.width * rng.choice((0.36, 0.62)), canvas.height * rng.uniform(0.36, 0.5)
    great = unit * 0.29
    canvas.disc(x, y, great, tones[1])
    canvas.draw.pieslice([x - great, y - great, x + great, y + great], 20, 200, fill=tones[2])
    turn = math.radians(rng.choice((-38, 38, 52)))
    for (off, wide, long), tone in zip(_BARS, (ink, tones[3], tones[0], ink), strict=True):
        _bar(canvas, x + off * unit, y + unit * 0.14, turn, wide * unit, long * unit, tone)
    _notes(canvas, rng, tones)
    cx, cy = canvas.width * 0.82, canvas.height * 0.8
    for k in range(6):
        r = unit * (0.05 + 0.02 * k)
        canvas.draw.arc(
            [cx - r, cy - r, cx + r, cy + r], 180, 360, fill=ink, width=max(2, round(unit * 0.005))
        )


def _notes(canvas: Canvas, rng: random.Random, tones: list[Colour]) -> None:
    for _ in range(7):
        x, y = rng.uniform(0.08, 0.92) * canvas.width, rng.uniform(0.08, 0.92) * canvas.height
        r, tone = canvas.unit * rng.uniform(0.012, 0.05), rng.choice(tones)
        if rng.random() < 0.6:
            canvas.disc(x, y, r, tone)
        else:
            canvas.draw.rectangle([x - r, y - r, x + r, y + r], fill=tone)


def _bar(canvas: Canvas, x: float, y: float, turn: float, wide: float, long: float, tone: Colour) -> None:
    dx, dy = math.cos(turn) * long / 2, math.sin(turn) * long / 2
    ox, oy = -math.sin(turn) * wide / 2, math.cos(turn) * wide / 2
    canvas.draw.polygon(
        [
            (x - dx - ox, y - dy - oy),
            (x + dx - ox, y + dy - oy),
            (x + dx + ox, y + dy + oy),
            (x - dx + ox, y - dy + oy),
        ],
        fill=tone,
    )


# -- Patterns ------------------------------------------------------------------------------------------------


def pattern(canvas: Canvas, scene: Scene) -> None:
    """One tile, again and again: the prompt's subject, leaves and blossoms, scales or waves."""
    rng = canvas.dice("pattern")
    ground, *tones = _scheme(scene, rng)
    canvas.image.paste(ground, (0, 0, canvas.width, canvas.height))
    if scene.subjects:
        _repeat(canvas, rng, _with_subject(scene, ground, tones))
    else:
        kinds = (_blossoms,) if scene.season == "spring" or scene.place == "garden" else (_scales, _blossoms)
        rng.choice(kinds)(canvas, rng, ground, tones)


def _repeat(
    canvas: Canvas, rng: random.Random, stamp: Callable[[Canvas, float, float, float, int], None]
) -> None:
    """Rows of stamps, each row half a step off the last.

    Whole steps and an even number of rows, the colours twice in each: the edges meet when it is tiled.
    """
    across = max(2, 2 * round(canvas.width / canvas.unit * rng.choice((2, 3))))
    step = canvas.width / across
    rows = max(2, 2 * round(canvas.height / (step * 0.78) / 2))
    for row in range(-1, rows + 2):
        for column in range(-1, across + 2):
            x = (column + 0.5 * (row % 2)) * step
            stamp(canvas, x, row * canvas.height / rows, step, column % (across // 2) + 2 * (row % rows))


def _with_subject(
    scene: Scene, ground: Colour, tones: list[Colour]
) -> Callable[[Canvas, float, float, float, int], None]:
    def stamp(canvas: Canvas, x: float, y: float, step: float, number: int) -> None:
        motif = BY_NAME[scene.subjects[number % len(scene.subjects)].name]
        canvas.rng = canvas.dice(f"stamp {number}")  # one that an edge cuts is the same at the other edge
        canvas.disc(x, y, step * 0.4, mix(ground, tones[number % len(tones)], 0.4))
        pen = Pen(canvas, x, y + step * 0.3, step * 0.56, flip=number % 2 == 0, shade=ground, depth=0.06)
        motif.shape(pen)
        canvas.disc(x + step / 2, y, step * 0.03, tones[0])

    return stamp


def _scales(canvas: Canvas, rng: random.Random, ground: Colour, tones: list[Colour]) -> None:
    across = max(2, round(canvas.width / (canvas.unit / rng.choice((4, 5, 6)))))
    r = canvas.width / across / 2
    rows = max(2, 2 * round(canvas.height / r))
    for row in range(-2, rows + 3):
        for column in range(-1, across + 2):
            x, y = (2 * column + row % 2) * r, row * canvas.height / rows
            tone = tones[(row % rows + column % across) % len(tones)]
            for share, fill in (
                (1.0, ground),
                (0.92, tone),
                (0.66, ground),
                (0.58, mix(tone, ground, 0.35)),
                (0.26, tone),
            ):
                canvas.disc(x, y, r * share, fill)


def _blossoms(canvas: Canvas, rng: random.Random, ground: Colour, tones: list[Colour]) -> None:
    """Flowers in rows, leaves between them."""
    petals, dark = rng.choice((5, 6, 8)), min(tones, key=sum)
    blooms = [tone for tone in tones if tone != dark]

    def stamp(canvas: Canvas, x: float, y: float, step: float, number: int) -> None:
        tone = blooms[number % len(blooms)]
        for ring, far, size, fill in ((0.0, 0.19, 0.098, tone), (0.5, 0.11, 0.062, mix(tone, ground, 0.45))):
            for k in range(petals):
                way = math.tau * (k + ring) / petals
                canvas.disc(x + math.cos(way) * far * step, y + math.sin(way) * far * step, size * step, fill)
        canvas.disc(x, y, step * 0.07, dark)
        canvas.disc(x, y, step * 0.035, mix(tone, ground, 0.7))
        for turn in (-1, 1):
            for side in (-1, 1):
                leaf(
                    canvas,
                    x + step / 2,
                    y,
                    step * 0.2,
                    turn * 0.9 + (0 if side > 0 else math.pi),
                    mix(dark, tone, 0.25),
                )
        canvas.disc(x + step / 2, y, step * 0.025, tone)

    _repeat(canvas, rng, stamp)


KINDS: dict[str, Callable[[Canvas, Scene], None]] = {"abstract": abstract, "pattern": pattern}
