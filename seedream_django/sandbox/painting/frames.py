"""A sequence: one scene, frame by frame. The light moves on, the camera comes nearer, some walk, birds cross."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from PIL import Image

from .canvas import Canvas
from .palette import HOURS, Light, between, under_season, under_weather
from .scenes import Scene
from .sky import crossing
from .stage import side_of

#: Which hour's light a scene goes towards.
_LATER = {
    "dawn": "noon", "day": "golden", "noon": "golden", "golden": "sunset", "sunset": "twilight",
    "twilight": "night", "night": "twilight", "backlit": "sunset", "candle": "night",
}  # fmt: skip

#: How far it goes there until the last frame, and how much of the picture the camera leaves out by then.
_HOURS, _NEARER = 0.6, 0.13

_NO_SKY = {"table", "room", "underwater", "space", "abstract", "pattern"}


class Frame(NamedTuple):
    """One of a sequence's frames, counted from 0; a picture alone is the one of one."""

    number: int = 0
    of: int = 1

    @property
    def moment(self) -> float | None:
        """From 0, the first frame, to 1, the last; None for a picture alone."""
        return min(1.0, self.number / (self.of - 1)) if self.of > 1 else None

    @property
    def caption(self) -> str:
        """``2/4``, or "" for a picture alone."""
        return f"{self.number + 1}/{self.of}" if self.of > 1 else ""


#: A picture that is no sequence's.
ALONE = Frame()


def later(scene: Scene, moment: float | None) -> Scene:
    """The scene at this moment of its sequence."""
    if not moment:
        return scene
    return replace(scene, light=between(scene.light, _goal(scene), moment * _HOURS))


def _goal(scene: Scene) -> Light:
    light = HOURS[_LATER[scene.hour]]
    if scene.season:
        light = under_season(light, scene.season)
    return under_weather(light, scene.weather)


def brighter(now: Light, first: Light) -> float:
    """How much brighter than the first frame this one is to be, in the 255 steps of a channel."""
    return sum(sum(tone) for tone in now.tones()) / 21 - sum(sum(tone) for tone in first.tones()) / 21


def filmed(canvas: Canvas, scene: Scene) -> None:
    """What makes a frame of a finished scene: birds on their way, and the camera's window."""
    if canvas.moment is None:
        return
    if scene.place not in _NO_SKY and scene.view != "aerial" and scene.style != "isometric":
        crossing(canvas, scene.light, canvas.moment)
    if canvas.moment:
        _window(canvas, canvas.moment)


def _window(canvas: Canvas, moment: float) -> None:
    """Nearer to where the subject stands, a little lower than the middle."""
    wide, tall = (side * (1 - _NEARER * moment) for side in (canvas.width, canvas.height))
    left = (canvas.width - wide) * (0.5 + 0.4 * side_of(canvas))
    top = (canvas.height - tall) * 0.6
    size = (canvas.width, canvas.height)
    canvas.replace(
        canvas.image.resize(size, Image.Resampling.BICUBIC, box=(left, top, left + wide, top + tall))
    )
