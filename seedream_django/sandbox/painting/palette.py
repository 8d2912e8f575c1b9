"""Colours: a light for each hour, as weather and season change it. Channels from 0 to 255."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
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
    """The colours of one hour: the sky from top to horizon, the land from far to near."""

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
    low_sun: bool = False

    def tones(self) -> list[Colour]:
        """Its colours, from the sky's top to the trees."""
        return [getattr(self, name) for name in _TONES]


_TONES = [field.name for field in fields(Light) if field.type == "Colour"]


def _light(text: str, **more: bool) -> Light:
    return Light(*(colour(word) for word in text.split()), **more)  # type: ignore[arg-type]


HOURS: dict[str, Light] = {
    "day": _light("#2f7fc1 #8cc4e6 #f6efdc #fffbe6 #9dc0c4 #4c8a55 #24543f"),
    "noon": _light("#1b6fc2 #5fb0ea #dff1f6 #ffffff #a5cbd0 #5b9a48 #2a6239"),
    "golden": _light("#7d93ad #f3cb93 #ffb75c #fff3cc #cf9d6c #6f6231 #3f3c21", low_sun=True),
    "sunset": _light("#2c2a63 #d9567b #fbbd6f #fff0b8 #a4587a #2d1b3f #1d1230", low_sun=True),
    "twilight": _light("#0f2050 #45619f #e5a59a #ffe6c4 #55659b #141d3c #0d1430", dark=True),
    "dawn": _light("#6c82ba #eaaebb #fee8cb #fff8e2 #bfa6bc #44536d #2f3b55", low_sun=True),
    "night": _light("#060a22 #132153 #42549a #f7f3dc #2f4076 #0a1026 #060a1a", dark=True),
    "backlit": _light("#e9b878 #ffdf9f #fff4d6 #ffffff #cf9d68 #2b1c14 #1a110c", low_sun=True),
    "candle": _light("#140b08 #37200f #8a4f22 #ffcb74 #4f2c18 #1b100a #120a06", dark=True),
}

#: Far land, near land, trees.
_SEASONS = {
    "winter": ("#b4c9d8", "#eff5f9", "#2f4d5b"),
    "autumn": ("#d9a364", "#83431f", "#bd4f1d"),
    "spring": ("#c3dbbb", "#79b362", "#ea9db8"),
    "summer": ("#a9cfa0", "#569a3c", "#2c6636"),
}

#: Sky from top to horizon, land, and how much of these a weather brings.
_WEATHERS = {
    "storm": ("#1f2733", "#4a5764", "#a3adad", "#1d2a2c", 0.86),
    "rain": ("#586774", "#8a98a2", "#c6cdcc", "#3f5054", 0.74),
    "fog": ("#a9b7bb", "#cdd5d4", "#ece9df", "#8fa0a0", 0.78),
    "snowfall": ("#8797a6", "#b4c0ca", "#dde2e5", "#c2ccd4", 0.7),
    "cloudy": ("#7d8fa0", "#b3c0c8", "#e4e3dc", "#5d7268", 0.5),
}


def under_season(light: Light, season: str) -> Light:
    """The land as the season colours it, still in this light: snow is blue at night, rose in the evening."""
    far, near, tree = (colour(text) for text in _SEASONS[season])
    snow = season == "winter"
    hold = (0.52 if snow else 0.7) if light.dark else (0.26 if snow else 0.42) if light.low_sun else 0.12
    shade = mix(light.near, light.middle, 0.6) if light.dark and snow else light.sun if snow else light.near
    haze = 0.24 if season == "autumn" and not light.dark else 0.0
    return replace(
        light,
        middle=mix(light.middle, (240, 206, 160), haze),
        low=mix(light.low, (248, 206, 146), haze * 1.4),
        far=mix(far, light.far, 0.28 if snow else 0.5),
        near=mix(near, shade, hold),
        tree=mix(tree, light.tree, hold * 0.6),
        snow=snow,
    )


def under_weather(light: Light, weather: str) -> Light:
    """The light behind clouds, rain or mist; a rainbow changes nothing."""
    if weather not in _WEATHERS:
        return light
    *texts, share = _WEATHERS[weather]
    top, middle, low, land = (colour(str(text)) for text in texts)
    if light.dark:
        share = float(share) * 0.45
    share = float(share)
    return replace(
        light,
        top=mix(light.top, top, share),
        middle=mix(light.middle, middle, share),
        low=mix(light.low, low, share),
        sun=mix(light.sun, low, share * 0.5),
        far=mix(light.far, mix(land, low, 0.5), share * 0.8),
        near=mix(light.near, land, share * 0.45),
        tree=mix(light.tree, land, share * 0.35),
        cloudy=True,
    )


def varied(light: Light, rng: random.Random) -> Light:
    """The light as one seed sees it: each colour a little off, so that no two pictures are alike."""
    drift = (rng.uniform(-10, 10), rng.uniform(-7, 7), rng.uniform(-10, 10))

    def moved(one: Colour) -> Colour:
        red, green, blue = (max(0, min(255, round(c + d))) for c, d in zip(one, drift, strict=True))
        return red, green, blue

    return _changed(light, moved)


def between(light: Light, other: Light, share: float) -> Light:
    """On the way from one light to another, ``share`` from 0 to 1; what is there to be seen stays as it was."""
    pairs = zip(light.tones(), other.tones(), strict=True)
    return _toned(light, [mix(one, two, share) for one, two in pairs])


def _changed(light: Light, change: Callable[[Colour], Colour]) -> Light:
    return _toned(light, [change(tone) for tone in light.tones()])


def _toned(light: Light, tones: Sequence[Colour]) -> Light:
    colours: dict[str, Any] = dict(zip(_TONES, tones, strict=True))
    return replace(light, **colours)
