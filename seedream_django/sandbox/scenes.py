"""From a prompt's words to a scene: which light, which place, what stands in it."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from .motifs import MOTIFS
from .palette import LIGHTS, TINTS, Colour, Light, mix, tinted, varied

_WORDS = re.compile(r"[^\W\d_]+")

#: word -> light, in order of strength: the first light that any word names wins.
_LIGHT_WORDS = {
    "space": "space galaxy planet cosmic nebula astronaut rocket",
    "night": "night midnight moon moonlight moonlit star starry aurora lantern owl",
    "sunset": "sunset dusk evening twilight ember fire lava volcano",
    "dawn": "dawn sunrise morning daybreak",
    "storm": "storm stormy rain rainy thunder lightning cloudy tempest",
    "winter": "winter snow snowy ice icy frost arctic glacier polar penguin",
    "autumn": "autumn fall october harvest pumpkin",
    "spring": "spring blossom cherry sakura april easter",
    "mist": "mist misty fog foggy haze",
    "summer": "summer sunny beach tropical holiday",
    "day": "day noon daylight",
}
_PLACE_WORDS = {
    "sea": "sea ocean beach coast wave island harbour harbor ship boat sail whale lighthouse shore",
    "lake": "lake river pond fjord reflection swan canoe",
    "mountains": "mountain alps peak alpine glacier volcano cliff summit ridge everest",
    "city": "city town skyline street skyscraper urban downtown tokyo paris london berlin tower office",
    "forest": "forest wood woods tree pine jungle taiga grove fir deer wolf bear owl",
    "desert": "desert dune sand sahara cactus camel canyon mars",
    "hills": "hill field meadow countryside valley vineyard farm garden grass prairie village tuscany",
    "table": "coffee tea cup mug breakfast cake fruit apple bread kitchen food",
}
_TABLES = {
    "light": {w: name for name, words in _LIGHT_WORDS.items() for w in words.split()},
    "place": {w: name for name, words in _PLACE_WORDS.items() for w in words.split()},
}


_KNOWN = {*_TABLES["light"], *_TABLES["place"], *TINTS, *MOTIFS}


@dataclass(frozen=True)
class Scene:
    """What is to be painted. ``subjects`` are names in ``motifs.MOTIFS``, at most three."""

    light: Light
    place: str
    subjects: tuple[str, ...]


def read(prompt: str, rng: random.Random) -> Scene:
    """The scene of this prompt. What no word decides the prompt decides all the same, not the seed."""
    words = _words(prompt)
    chance = zlib.crc32(prompt.encode("utf-8", "replace"))
    light = LIGHTS[
        _first("light", words) or ("day", "sunset", "dawn", "summer", "autumn", "mist")[chance % 6]
    ]
    snowy = any(_TABLES["light"].get(word) == "winter" for word in words)
    if snowy:
        light = _under_snow(light)
    dry = ("hills", "mountains", "forest")
    place = (
        _first("place", words)
        or "mountains" * ("space" in words)
        or (dry[chance // 7 % 3] if snowy else (*dry, "lake", "sea")[chance // 7 % 5])
    )
    if tint := _tint(words):
        light = tinted(light, tint)
    subjects = [MOTIFS[w] for w in words if w in MOTIFS]
    return Scene(varied(light, rng), place, tuple(motif.name for motif in dict.fromkeys(subjects))[:3])


def _under_snow(light: Light) -> Light:
    """Snow lies under any sky, and takes its colour from it: blue at night, rose in the evening."""
    winter = LIGHTS["winter"]
    shade = mix(winter.near, light.middle, 0.75 if light.dark else 0.25)
    return replace(light, near=shade, far=mix(winter.far, light.middle, 0.6), tree=winter.tree, snow=True)


def _words(prompt: str) -> list[str]:
    words: list[str] = []
    for word in _WORDS.findall(prompt.lower()):
        words += [_singular(word)]
    return list(dict.fromkeys(words))


def _singular(word: str) -> str:
    forms = (word, word.removesuffix("s"), word.removesuffix("es"))
    return next((form for form in forms if form in _KNOWN), word)


def _tint(words: list[str]) -> Colour | None:
    """The first colour word's, unless it says the colour of a subject: a red fox makes no red snow."""
    for word, following in pairwise([*words, ""]):
        if word in TINTS and following not in MOTIFS:
            return TINTS[word]
    return None


def _first(table: str, words: Iterable[str]) -> str | None:
    named = {_TABLES[table][w] for w in words if w in _TABLES[table]}
    order = _LIGHT_WORDS if table == "light" else _PLACE_WORDS
    return next((name for name in order if name in named), None)
