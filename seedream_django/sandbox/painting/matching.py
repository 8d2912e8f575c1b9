"""A picture in the colours of others: its lights and darks moved to theirs, then drawn to the nearest of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageFilter

from .palette import Colour

#: Rows of a large picture that are changed at a time: a second whole copy would be some 40 MB.
_ROWS = 256

#: Steps along each side of the table of colours; between them it is interpolated.
_STEPS = 13

#: How far a colour reaches for those of the references, in the 255 steps of a channel.
_REACH = 30.0

#: Brightness, and two axes of hue.
_Axes = tuple[float, float, float]
_Spread = tuple[_Axes, _Axes]
_Tones = Sequence[tuple[Colour, float]]


def matched(picture: Image.Image, tones: _Tones, strength: float, *, brighter: float = 0.0) -> None:
    """Change ``picture`` in place, band by band, towards these colours and their shares; ``strength`` from 0 to 1.

    ``brighter`` from -255 to 255: how much brighter than the references it is to be.
    """
    table = _table(_spread(_sample(picture)), tones, strength, brighter)
    for top in range(0, picture.height, _ROWS):
        box = (0, top, picture.width, min(top + _ROWS, picture.height))
        picture.paste(picture.crop(box).filter(table), box)


def _sample(picture: Image.Image) -> _Tones:
    small = picture.resize((24, 24), Image.Resampling.BOX).tobytes()
    return [((small[i], small[i + 1], small[i + 2]), 1 / 576) for i in range(0, len(small), 3)]


def _axes(red: float, green: float, blue: float) -> _Axes:
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    return bright, 0.564 * (blue - bright), 0.713 * (red - bright)


def _channels(bright: float, bluish: float, reddish: float) -> _Axes:
    return bright + 1.402 * reddish, bright - 0.344 * bluish - 0.714 * reddish, bright + 1.773 * bluish


def _spread(tones: _Tones) -> _Spread:
    """Mean and deviation along each axis."""
    axes = [(_axes(*tone), share) for tone, share in tones]
    mean = [sum(axis[k] * share for axis, share in axes) for k in range(3)]
    wide = [math.sqrt(sum((axis[k] - mean[k]) ** 2 * share for axis, share in axes)) for k in range(3)]
    return (mean[0], mean[1], mean[2]), (wide[0], wide[1], wide[2])


def _table(scene: _Spread, tones: _Tones, strength: float, brighter: float) -> ImageFilter.Color3DLUT:
    wanted, gains = _spread(tones), []
    # However flat a reference is, there are lights and darks in what is made from it.
    for axis, (least, most) in enumerate(((0.75, 1.5), (0.25, 1.8), (0.25, 1.8))):
        gains.append(min(most, max(least, wanted[1][axis] / max(4.0, scene[1][axis]))))
    near = [(_axes(*tone), share**0.6) for tone, share in tones]
    mean = (min(205.0, max(48.0, wanted[0][0])) + brighter, wanted[0][1], wanted[0][2])

    def change(red: float, green: float, blue: float) -> _Axes:
        here = _axes(red * 255, green * 255, blue * 255)
        moved = [mean[k] + (here[k] - scene[0][k]) * gains[k] for k in range(3)]
        drawn = _drawn((moved[0] - brighter, moved[1], moved[2]), near)
        bright = _soft(moved[0] + (drawn[0] + brighter - moved[0]) * 0.25)
        goal = _channels(bright, *(moved[k] + (drawn[k] - moved[k]) * 0.78 for k in (1, 2)))
        out = [(a + (b / 255 - a) * strength) for a, b in zip((red, green, blue), goal, strict=True)]
        return out[0], out[1], out[2]

    return ImageFilter.Color3DLUT.generate(_STEPS, change)


def _drawn(here: _Axes, near: Sequence[tuple[_Axes, float]]) -> _Axes:
    """The mixture of the references' colours around this one, the nearest the strongest."""
    far = [math.dist(here, axis) ** 2 for axis, _ in near]
    least = min(far)
    weights = [
        share * math.exp((least - d) / (2 * _REACH**2)) for d, (_, share) in zip(far, near, strict=True)
    ]
    whole = sum(weights)
    mixed = [sum(w * axis[k] for w, (axis, _) in zip(weights, near, strict=True)) / whole for k in range(3)]
    return mixed[0], mixed[1], mixed[2]


def _soft(bright: float) -> float:
    """Brightness with its ends bent in, so that lights and darks keep their drawing."""
    if bright > 215:
        return 215 + 40 * math.tanh((bright - 215) / 40)
    if bright < 30:
        return 30 + 30 * math.tanh((bright - 30) / 30)
    return bright
