"""The pen that the sandbox's subjects are drawn with."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from PIL import Image, ImageDraw, ImageOps

from seedream_django.sandbox.painting.canvas import Canvas
from seedream_django.sandbox.painting.palette import Colour, colour
from seedream_django.sandbox.painting.pen import Pen, darker, lighter

pytestmark = pytest.mark.once

PAPER: Colour = (200, 200, 200)
INK = "#c03020"


def sheet() -> Canvas:
    canvas = Canvas(100, 100, random.Random(7))
    canvas.image.paste(PAPER, (0, 0, 100, 100))
    return canvas


def pen_on(canvas: Canvas, *, flip: bool = False, depth: float = 0, tint: Colour | None = None) -> Pen:
    return Pen(canvas, 50, 100, 100, flip=flip, shade=(0, 0, 0), depth=depth, tint=tint)


def at(canvas: Canvas, x: int, y: int) -> object:
    return canvas.image.getpixel((x, y))


def test_a_shape_is_where_its_points_are() -> None:
    """A hundredth of the square is the unit, from its upper left corner."""
    canvas = sheet()
    pen_on(canvas).poly(INK, "20,30 40,30 40,60 20,60")
    assert at(canvas, 30, 45) == colour(INK)
    assert at(canvas, 15, 45) == at(canvas, 45, 45) == at(canvas, 30, 25) == at(canvas, 30, 65) == PAPER


def test_points_may_be_counted_or_written() -> None:
    """A written shape and its list of points are the same pixels."""
    written, counted = sheet(), sheet()
    pen_on(written).blob(INK, "20,20 80,20.5 70,90")
    pen_on(counted).blob(INK, [(20, 20), (80, 20.5), (70, 90)])
    assert written.image.tobytes() == counted.image.tobytes()


def test_a_blob_is_round_but_where_a_point_is_given_twice() -> None:
    """A doubled point is a corner, without the little loop that a plain spline makes there."""
    canvas = sheet()
    pen_on(canvas).blob(INK, "10,10 10,10 90,10 90,10 90,90 90,90 10,90 10,90")
    inked = canvas.image.split()[1].point(lambda value: 255 * (value != PAPER[1]))
    assert inked.crop((11, 11, 90, 90)).getextrema() == (255, 255)
    inked.paste(0, (9, 9, 92, 92))
    assert inked.getbbox() is None


def test_a_shadow_lies_right_and_below() -> None:
    """Light comes from the upper left of the picture, also when the motif looks the other way."""
    for flip in (False, True):
        canvas = sheet()
        pen_on(canvas, flip=flip).oval(INK, 50, 50, 40, 40, 0.3)
        assert at(canvas, 30, 30) == colour(INK)
        assert at(canvas, 76, 72) == colour(darker(INK))


def test_an_upright_shape_is_cut_into_light_and_shadow() -> None:
    """The shadowed share of a wall is that of its width, and stays in its outline."""
    canvas = sheet()
    pen_on(canvas).poly(INK, "20,80 50,20 80,80", 0.5)
    assert at(canvas, 45, 70) == colour(INK)
    assert at(canvas, 55, 70) == colour(darker(INK))
    assert at(canvas, 25, 30) == at(canvas, 75, 30) == PAPER


def test_flip_is_the_mirror_image() -> None:
    """A motif that looks to the right is the one that looks to the left, mirrored."""
    left, right = sheet(), sheet()
    pen_on(left).poly(INK, "10,20 50,20 30,80")
    pen_on(right, flip=True).poly(INK, "10,20 50,20 30,80")
    mirrored = ImageOps.mirror(right.image)
    differing = sum(a != b for a, b in zip(left.image.tobytes(), mirrored.tobytes(), strict=True))
    assert differing < 3 * 220  # an edge falls on one pixel or the next


def test_places_in_the_square_end_with_their_block() -> None:
    """What is drawn after a turn, a smaller square or a mirrored side is where it would have been."""
    canvas = sheet()
    pen = pen_on(canvas)
    with pen.turned(40, 10, 10), pen.placed(30, 60, 0.5, flip=True):
        pen.box("#204080", 0, 0, 10, 10)
    for _ in pen.sides():
        pen.box("#204080", 4, 4, 2, 2)
    with pytest.raises(ZeroDivisionError), pen.turned(90, 0, 0):
        raise ZeroDivisionError
    pen.box(INK, 70, 70, 10, 10)
    assert at(canvas, 75, 75) == colour(INK)
    assert at(canvas, 5, 5) == at(canvas, 95, 5) == colour("#204080")


def test_a_smaller_square_stands_on_its_foot() -> None:
    """A square placed at (60, 90), half as large, goes from 35 to 85 and from 40 to 90."""
    canvas = sheet()
    pen = pen_on(canvas)
    with pen.placed(60, 90, 0.5):
        pen.box(INK, 0, 0, 100, 100)
    assert canvas.image.split()[1].point(lambda v: 255 * (v != PAPER[1])).getbbox() == (35, 40, 86, 91)


def test_a_turn_is_clockwise() -> None:
    """A quarter turn takes the point above the middle to its right."""
    canvas = sheet()
    pen = pen_on(canvas)
    with pen.turned(90, 50, 50):
        pen.oval(INK, 50, 20, 5, 5)
    assert at(canvas, 80, 50) == colour(INK)


def test_one_sees_through_glass() -> None:
    """A tone with eight digits lets what is behind shine through, by as much as its last two say."""
    canvas = sheet()
    pen_on(canvas).box("#ff000080", 10, 10, 50, 50)
    assert at(canvas, 30, 30) == pytest.approx((228, 100, 100), abs=2)


def test_glass_on_an_empty_sheet_keeps_its_colour() -> None:
    """On a transparent sheet, glass is its own colour and thin; on something solid, that stays solid."""
    canvas = sheet()
    canvas.image = Image.new("RGBA", (100, 100))
    canvas.draw = ImageDraw.Draw(canvas.image)
    pen = pen_on(canvas)
    pen.box(INK, 50, 0, 50, 100)
    pen.box("#ffffff80", 20, 20, 60, 60)
    assert at(canvas, 30, 50) == (255, 255, 255, 128)
    assert at(canvas, 70, 50) == pytest.approx((224, 152, 144, 255), abs=2)


def test_glass_beyond_the_edge_is_cut() -> None:
    """A glow may be larger than the picture, or outside of it."""
    canvas = sheet()
    pen = pen_on(canvas)
    pen.oval("#ffffff80", 0, 0, 30, 30)
    pen.oval("#ffffff80", 300, 300, 30, 30)
    assert at(canvas, 5, 5) == pytest.approx((228, 228, 228), abs=2)
    assert at(canvas, 95, 95) == PAPER


def test_strokes_have_round_ends() -> None:
    """A thick line reaches beyond its last point by half its width, but not into the corners."""
    canvas = sheet()
    pen_on(canvas).line(INK, 20, "30,50 70,50")
    assert at(canvas, 77, 50) == colour(INK)
    assert at(canvas, 79, 41) == PAPER


def test_a_taper_runs_from_wide_to_narrow() -> None:
    """A limb is as wide as asked at its root and at its tip, and in a tight bend it has no hole."""
    canvas = sheet()
    pen_on(canvas).taper(INK, "10,50 90,50", 20, 4)
    assert at(canvas, 12, 42) == at(canvas, 88, 50) == colour(INK)
    assert at(canvas, 88, 45) == at(canvas, 12, 38) == PAPER
    bent = sheet()
    pen_on(bent).taper(INK, "40,60 50,50 60,60 50,64 42,58", 14, 14)
    assert {at(bent, x, 58) for x in range(42, 58)} == {colour(INK)}


def test_a_glow_fades_out() -> None:
    """Light is strongest in its middle and gone at its rim, with no step that one sees."""
    canvas = sheet()
    pen_on(canvas).glow("#ffe0a0", 50, 50, 40)
    reds = [canvas.image.getpixel((50 + far, 50))[0] for far in range(0, 48)]  # type: ignore[index]
    assert reds == sorted(reds, reverse=True)
    assert reds[0] > PAPER[0] + 20
    assert reds[45] == PAPER[0]
    assert max(first - second for first, second in pairwise(reds)) < 6


def test_what_is_lit_takes_less_shadow() -> None:
    """A white suit stays white in a dark scene, and only while it is drawn."""
    canvas = sheet()
    pen = pen_on(canvas, depth=0.5)
    with pen.lit(0):
        pen.box("#ffffff", 10, 10, 20, 20)
    pen.box("#ffffff", 60, 10, 20, 20)
    assert at(canvas, 20, 20) == (255, 255, 255)
    assert at(canvas, 70, 20) < (140, 140, 140)  # type: ignore[operator]


def test_lights_are_on_when_it_is_dark() -> None:
    """A pen knows whether the scene is dark."""
    assert not pen_on(sheet(), depth=0.06).dark
    assert pen_on(sheet(), depth=0.34).dark


def test_the_scene_s_shadow_lies_on_every_tone() -> None:
    """Depth mixes the scene's shade into a colour: half of it leaves half."""
    canvas = sheet()
    pen_on(canvas, depth=0.5).box("#c86432", 0, 0, 100, 100)
    assert at(canvas, 50, 50) == (100, 50, 25)


def test_a_coat_is_the_colour_asked_for() -> None:
    """A tint wins over the motif's own colours, and rolls the dice as often: the rest of the picture stays."""
    usual, tinted = pen_on(sheet()), pen_on(sheet(), tint=(44, 98, 196))
    assert usual.coat("#c03020", "#b03828")[1] in "ab9c"
    red, green, blue = colour(tinted.coat("#c03020", "#b03828"))
    assert blue > green > red
    assert usual.rng.random() == tinted.rng.random()


def test_tones_grow_darker_and_lighter() -> None:
    """Both keep how much one sees through."""
    assert sum(colour(darker("#808080"))) < 3 * 128 < sum(colour(lighter("#808080")))
    assert darker("#80808033").endswith("33")
    assert lighter("#80808033").endswith("33")
