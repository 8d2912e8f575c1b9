"""Colours: a light for each time and weather, and tints for colour words. Channels from 0 to 255."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from PIL import ImageColor

Colour = tuple[int, int, int]


def colour(text: str) -> Colour:
    """``#rrggbb`` as three channels."""
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """``one`` with a share from 0 to 1 of ``other``."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Light:
    """The colours of one time and weather: the sky from top to horizon, the land from far to near."""

    top: Colour
    middle: Colour
    low: Colour
    sun: Colour
    far: Colour
    near: Colour
    tree: Colour
    dark: bool = False
    cloudy: bool = False
    snow: bool = False


def _light(*colours: str, **more: bool) -> Light:
    return Light(*(colour(text) for text in colours), **more)  # type: ignore[arg-type]


LIGHTS: dict[str, Light] = {
    "day": _light("#2a78bd", "#79b8e0", "#f6ecd4", "#fffbe6", "#9dc0c4", "#3d7a4e", "#24543c"),
    "summer": _light("#1f8ac9", "#8fd0ea", "#fff3cf", "#fff7c9", "#a9cfa8", "#5d9a3c", "#2c6636"),
    "sunset": _light("#2c2a63", "#d9567b", "#fbbd6f", "#fff0b8", "#b0607a", "#2d1b3f", "#1d1230"),
    "dawn": _light("#6c82ba", "#eaaebb", "#fee8cb", "#fff8e2", "#bfa6bc", "#44536d", "#2f3b55"),
    "night": _light("#060a22", "#132153", "#42549a", "#f7f3dc", "#2f4076", "#0a1026", "#060a1a", dark=True),
    "storm": _light("#252c37", "#55626f", "#aab4b6", "#dfe6e6", "#72807f", "#25332f", "#18221f", cloudy=True),
    "autumn": _light("#7da5b8", "#ecd0a2", "#fae7bd", "#fff6d6", "#cf9660", "#7a3a1e", "#a8451c"),
    "winter": _light("#86abca", "#c9dcea", "#f8f4ee", "#fffdf5", "#b4c9d8", "#eff5f9", "#2f4d5b", snow=True),
    "spring": _light("#6fb7d9", "#cbe6ea", "#fdeef0", "#fffbe8", "#bfd8c0", "#7cb56a", "#e59ab4"),
    "mist": _light("#9fb2b8", "#c9d3d2", "#eeeae0", "#fffaf0", "#bccac9", "#5b7270", "#46605d", cloudy=True),
    "space": _light("#04030f", "#1b0f3a", "#57266b", "#ffe9c7", "#43306e", "#150d2b", "#0d0820", dark=True),
}

TINTS: dict[str, Colour] = {
    word: colour(text)
    for word, text in {
        "red": "#c8372d", "orange": "#ee8a2c", "yellow": "#f4cf45", "gold": "#dfa93a", "golden": "#dfa93a",
        "green": "#3f9a57", "emerald": "#1f8a63", "teal": "#1f8f8f", "aqua": "#39c0ba", "blue": "#2c62c4",
        "indigo": "#3b3796", "purple": "#7b3fa6", "violet": "#7b3fa6", "pink": "#ee86ae", "rose": "#e58aa0",
        "copper": "#b8662f", "bronze": "#96703a", "sepia": "#9c7a4d", "silver": "#b4bcc4", "grey": "#8d9499",
        "gray": "#8d9499", "white": "#fbfaf6", "black": "#14151a", "pastel": "#fbe3e6", "neon": "#ff2fb9",
    }.items()
}  # fmt: skip


def tinted(light: Light, tint: Colour, share: float = 0.34) -> Light:
    """The light with every colour drawn towards ``tint``."""
    return _changed(light, lambda one: mix(one, tint, share))


def varied(light: Light, rng: random.Random) -> Light:
    """The light as one seed sees it: each colour a little off, so that no two pictures are alike."""
    drift = (rng.uniform(-9, 9), rng.uniform(-7, 7), rng.uniform(-9, 9))

    def moved(one: Colour) -> Colour:
        red, green, blue = (max(0, min(255, round(c + d))) for c, d in zip(one, drift, strict=True))
        return red, green, blue

    return _changed(light, moved)


def _changed(light: Light, change: Callable[[Colour], Colour]) -> Light:
    names = [f.name for f in fields(light) if f.type == "Colour"]
    colours: dict[str, Any] = {name: change(getattr(light, name)) for name in names}
    return replace(light, **colours)
