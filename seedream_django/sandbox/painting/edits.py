"""An instruction, and a picture that it is about: the picture stays, what the words name comes into it.

The sandbox does not see what a picture shows. "Remove the boat" paints over what stands out most, "replace
the boat with a whale" then paints a whale, "make it night" darkens; the rest is the reference as it was.
"""

from __future__ import annotations

import re

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from . import figures, scenes, sky
from .canvas import Canvas
from .grades import Grade, toned
from .scenes import Scene
from .stage import Stage, flat, side_of

#: Begins an instruction, in English, German and French.
_VERBS = {
    "make", "change", "turn", "replace", "add", "put", "give", "swap", "transform", "convert", "edit", "adjust",
    "let", "recolor", "recolour", "mach", "mache", "mach's", "ändere", "ersetze", "füge", "verwandle", "setze",
    "gib", "tausche", "färbe", "lass", "rends", "remplace", "ajoute", "transforme", "mets", "fais", "donne",
    "modifie",
}  # fmt: skip
_AWAY = {
    "remove", "erase", "delete", "drop", "entferne", "lösche", "streiche", "enlève", "enlever", "supprime",
    "supprimer", "retire", "efface",
}  # fmt: skip
_POLITE = {
    "please", "now", "then", "and", "bitte", "nun", "dann", "und", "jetzt", "veuillez", "maintenant", "et",
}  # fmt: skip

#: "Make a picture of a fox" is no instruction about another picture.
_A = {
    "a", "an", "me", "us", "some", "ein", "eine", "einen", "mir", "uns", "un", "une", "moi",
}  # fmt: skip
_MAKE = {
    "make", "mach", "mache", "fais", "let", "lass",
}  # fmt: skip

#: What is to be there follows the last of these: "replace the boat with a whale".
_INTO = re.compile(r"\b(?:with|into|by|durch|gegen|in ein\w*|zu ein\w*|par|en)\b")
_SWAPS = {
    "change", "turn", "replace", "swap", "transform", "convert", "ändere", "ersetze", "verwandle", "tausche",
    "remplace", "transforme",
}  # fmt: skip

#: What an hour, a season or a weather does to a picture that is there already.
_GRADES = {
    "night": Grade("#02040e #0c1a3e #2a4480 #8fa9dd", 0.8, 0.8),
    "twilight": Grade("#0a1030 #37447f #a9789a #f5c6a8", 0.66),
    "sunset": Grade("#1c1030 #8a3558 #ee8a52 #ffe2a8", 0.6),
    "golden": Grade("#26170c #96602a #f0b45c #fff2cc", 0.55),
    "dawn": Grade("#2a3050 #9a86a8 #f3bfb0 #fff3dd", 0.5),
    "backlit": Grade("#170c08 #7a4a26 #f6c983 #fffaf0", 0.66, 1.0, 1.15),
    "candle": Grade("#0c0604 #4a260e #b8692a #ffd896", 0.76, 0.9),
    "noon": Grade("#0c1a24 #6f97a8 #fffef4", 0.16, 1.3, 1.06),
    "winter": Grade("#26384a #93a9bc #f6fafc", 0.62, 0.7),
    "autumn": Grade("#24120a #8f4a1c #e09a48 #fdf0d2", 0.58, 1.1),
    "spring": Grade("#1f3420 #7fa36a #f2c4d2 #fffaf2", 0.42, 1.15),
    "summer": Grade("#122810 #5d9440 #f4e39a #fffdf0", 0.34, 1.25),
    "storm": Grade("#0c1218 #3c4a56 #9aa6a8", 0.74, 0.6),
    "rain": Grade("#1a2228 #62727c #c2c9c9", 0.62, 0.7),
    "snowfall": Grade("#3a4854 #a0aebb #f0f4f7", 0.6, 0.7),
    "fog": Grade("#8d989b #c3cac9 #efece4", 0.66, 0.7, 0.8),
    "cloudy": Grade("#27323a #848f94 #dcdcd6", 0.4, 0.8),
}

#: A picture is searched on so many points along each side.
_SEEN = 96

#: What an instruction does that names nothing of this.
_ANY = Grade("#000000 #ffffff", 0.0, 1.25, 1.12)


def asked(prompt: str) -> bool:
    """Whether these words tell what to do with a picture, rather than what to paint."""
    verb, after = _opening(prompt)
    return verb in _AWAY or (verb in _VERBS and not (verb in _MAKE and after in _A))


def wanted(prompt: str) -> str:
    """The part of an instruction that says what is to be there."""
    if _opening(prompt)[0] not in _SWAPS:
        return prompt
    found = list(_INTO.finditer(prompt.lower()))
    return prompt[found[-1].end() :] if found and len(prompt.lower()) == len(prompt) else prompt


def _opening(prompt: str) -> tuple[str, str]:
    spoken = [word for word in re.findall(r"[\w’']+", prompt.lower()[:200]) if word not in _POLITE]
    first, second = (*spoken, "", "")[:2]
    return first, second


def edit(canvas: Canvas, scene: Scene, prompt: str, ground: Image.Image) -> None:
    """The reference over all the canvas, and what the instruction makes of it."""
    canvas.replace(ImageOps.fit(ground, canvas.image.size, Image.Resampling.BICUBIC))
    for name in scenes.said(wanted(prompt)) & set(_GRADES):
        toned(canvas.image, _GRADES[name])
    if canvas.moment:  # in a sequence the evening comes
        late = _GRADES["dawn" if scene.hour == "night" else "twilight"]
        toned(canvas.image, late._replace(share=0.5 * canvas.moment, saturation=1.0))
    verb = _opening(prompt)[0]
    if verb in _AWAY or (verb in _SWAPS and scene.subjects):
        _smooth(canvas)
    if scene.subjects and verb not in _AWAY:
        figures.place(canvas, scene, _stage(canvas))
    elif verb not in _AWAY and not scenes.said(wanted(prompt)):
        toned(canvas.image, _ANY)
    snows = scene.season == "winter" and not scene.weather
    sky.falling(canvas, scene.light, "snowfall" if snows else scene.weather)


def _stage(canvas: Canvas) -> Stage:
    sun = canvas.width * (0.5 - 0.3 * side_of(canvas))
    return Stage(flat(canvas, 0.86), canvas.height * 0.6, (sun, canvas.height * 0.2))


# -- What goes -----------------------------------------------------------------------------------------------


def _smooth(canvas: Canvas) -> None:
    """Paint over what stands out most, with what is on its left and right."""
    small = canvas.image.resize((_SEEN, _SEEN), Image.Resampling.BOX)
    shape = _striking(small)
    filled = small
    for reach in (
        _SEEN // 2,
        _SEEN // 4,
        _SEEN // 8,
        _SEEN // 16,
    ):  # the nearer, the later, where there is some
        filled = _from_around(small, shape, filled, reach)
    soft = shape.filter(ImageFilter.GaussianBlur(1.2)).resize(canvas.image.size, Image.Resampling.BICUBIC)
    canvas.image.paste(filled.resize(canvas.image.size, Image.Resampling.BICUBIC), (0, 0), soft)


def _from_around(small: Image.Image, shape: Image.Image, so_far: Image.Image, reach: int) -> Image.Image:
    """``so_far``, and inside ``shape`` the mean of what lies outside it in the same rows, at most so far away."""
    outside = ImageOps.invert(shape)
    blur = ImageFilter.BoxBlur((reach, 0.6))
    sums = ImageChops.multiply(small, Image.merge("RGB", [outside] * 3)).filter(blur).tobytes()
    shares, was = outside.filter(blur).tobytes(), so_far.tobytes()
    found = bytearray(was)
    for k, share in enumerate(shares):
        if share > 24 and shape.getpixel((k % _SEEN, k // _SEEN)):
            found[3 * k : 3 * k + 3] = (min(255, v * 255 // share) for v in sums[3 * k : 3 * k + 3])
    return Image.frombytes("RGB", small.size, bytes(found))


def _striking(small: Image.Image) -> Image.Image:
    """The place that differs most from the rows it stands in, white on black, and a little around it.

    Large things win over small ones, and those in the lower middle, where subjects stand.
    """
    rows = small.filter(ImageFilter.BoxBlur((_SEEN, 0)))
    apart = ImageChops.difference(small, rows).convert("L").filter(ImageFilter.GaussianBlur(1.3))
    spot = Image.radial_gradient("L").point([max(0, 255 - v * v // 200) for v in range(256)])
    stage = spot.resize((_SEEN, _SEEN), box=(0, 0, 256, 210))
    values = ImageChops.multiply(apart.filter(ImageFilter.GaussianBlur(6)), stage).tobytes()
    at = values.index(max(values))
    here = (at % _SEEN, at // _SEEN)
    most = max(apart.crop((here[0] - 3, here[1] - 3, here[0] + 4, here[1] + 4)).tobytes())
    for share in (0.24, 0.3, 0.36, 0.44, 0.54, 0.66):
        shape = _one(ImageChops.multiply(apart, stage.point(_WITHIN)), here, most * share)
        if shape.histogram()[255] < 0.25 * _SEEN * _SEEN:
            break
    return shape.filter(ImageFilter.MaxFilter(5))


def _one(apart: Image.Image, here: tuple[int, int], level: float) -> Image.Image:
    """What is connected with this point and over this level, white on black."""
    shape = apart.point([255 if v > level else 0 for v in range(256)]).filter(ImageFilter.MaxFilter(3))
    ImageDraw.Draw(shape).ellipse([here[0] - 3, here[1] - 3, here[0] + 3, here[1] + 3], fill=255)
    ImageDraw.floodfill(shape, here, 128)
    return shape.point([255 if v == 128 else 0 for v in range(256)])


_WITHIN = [255 if v > 90 else 0 for v in range(256)]
