"""From a prompt's words to a scene: which light, which place, what stands in it, and how it is painted."""

from __future__ import annotations

import random
import re
import zlib
from dataclasses import dataclass

from . import words
from .motifs import BY_NAME, MOTIFS, gathered
from .motifs.plurals import PLURALS, WEAK
from .palette import HOURS, Light, under_season, under_weather, varied

_TOKENS = re.compile(r"[\w-]+|[,.;:!?]")
_ENDINGS = ("", "s", "es", "e", "n", "en", "er", "em", "x", "lly")

_TABLES = {
    "hour": words.HOURS,
    "weather": words.WEATHERS,
    "season": words.SEASONS,
    "place": words.PLACES,
    "view": words.VIEWS,
    "style": words.STYLES,
    "palette": words.PALETTES,
}
_INDEX = {name: words.index(table) for name, table in _TABLES.items()}
_ALL = {word for table in _INDEX.values() for word in table} | set(MOTIFS)
_PHRASES = sorted((word for word in _ALL if "_" in word), key=len, reverse=True)
_PHRASE = re.compile("|".join(rf"\b{re.escape(p).replace('_', '[ -]')}s?\b" for p in _PHRASES))
_COLOURS = {
    "red", "orange", "yellow", "gold", "green", "teal", "blue", "indigo", "purple", "pink", "brown",
    "silver", "white", "black", "copper",
}  # fmt: skip
#: A colour only behind its noun, as in French: before one it is the English word for a manner.
_BEHIND = {"noir": "black"}

#: Words that only look like one of ours with an ending.
_OTHERS = {"stage", "stages", "care", "cares"}

#: Follows a subject's word that was a plural.
_MANY = "+"
_NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "deux": 2, "trois": 3,
    "quatre": 4, "cinq": 5, "several": 4, "many": 5, "mehrere": 4, "viele": 5, "plusieurs": 4,
}  # fmt: skip
_ONE = {"einen", "einem", "eines", "dem"}
#: What makes several of the word beside it; what joins the two.
_GROUPS = {
    "herd", "flock", "caravan", "family", "pack", "school", "swarm", "colony", "herde", "schar", "karawane", "familie",
    "rudel", "schwarm", "troupeau", "caravane", "famille", "meute", "banc",
}  # fmt: skip
_OF = {"of", "von", "de", "d", "des"}

#: With these a desk is a workplace, without them the table that something lies on.
_SCREENS = {
    "laptop", "computer", "screen", "website", "programmer", "developer", "writer", "workplace", "software",
    "notebook", "rechner", "bildschirm", "arbeitsplatz", "ordinateur", "écran",
}  # fmt: skip
_USUAL_HOURS = ("day", "golden", "dawn", "sunset", "noon")
_CLEAR_HOURS = ("day", "golden", "noon")  # in which a season's colours are to be seen
_NATURE = ("hills", "mountains", "forest", "fields")
_ANYWHERE = ("mountains", "lake", "hills", "sea", "forest", "abstract", "fields", "desert")


@dataclass(frozen=True)
class Subject:
    """A name in ``motifs.BY_NAME``, the colour that a word beside it asks for, and how many of it."""

    name: str
    tint: str | None = None
    count: int = 1


@dataclass(frozen=True)
class Scene:
    """What is to be painted. Names are those of the tables in ``words``; "" is "not asked for"."""

    light: Light
    hour: str
    place: str
    subjects: tuple[Subject, ...]
    weather: str = ""
    season: str = ""
    view: str = ""
    style: str = ""
    palette: str = ""
    accent: str = ""
    words: frozenset[str] = frozenset()


def read(prompt: str, rng: random.Random) -> Scene:
    """The scene of this prompt. What no word decides, prompt and dice decide."""
    tokens = _tokens(prompt)
    subjects = _subjects(tokens)
    named = {table: _named(table, tokens) for table in _INDEX if table != "palette"}
    chance = zlib.crc32(prompt.encode("utf-8", "replace"))
    place = named["place"] or _usual_place(subjects, named, chance)
    if place == "room" and subjects and all(_on_table(subject) for subject in subjects):
        place = "table"
    palette, accent = _palettes(tokens)
    hour = _hour(named, palette, rng)
    return Scene(
        light=varied(_light(hour, named), rng),
        hour=hour,
        place=place,
        subjects=subjects,
        weather=named["weather"],
        season=named["season"],
        view=named["view"],
        style=named["style"],
        palette=palette,
        accent=accent,
        words=frozenset(tokens),
    )


def said(prompt: str) -> frozenset[str]:
    """What its words name, in any of the tables: hours, weathers, seasons, places, views, styles, palettes."""
    tokens = _tokens(prompt)
    return frozenset({_named(table, tokens) for table in _INDEX} - {""})


def _on_table(subject: Subject) -> bool:
    return (BY_NAME[subject.name].where, BY_NAME[subject.name].place) == ("table", "table")


def _hour(named: dict[str, str], palette: str, rng: random.Random) -> str:
    if named["hour"]:
        return named["hour"]
    if palette == "neon":
        return "night"
    return rng.choice(_USUAL_HOURS if not named["season"] else _CLEAR_HOURS)


def _light(hour: str, named: dict[str, str]) -> Light:
    light = HOURS[hour]
    if named["season"]:
        light = under_season(light, named["season"])
    return under_weather(light, named["weather"])


def _usual_place(subjects: tuple[Subject, ...], named: dict[str, str], chance: int) -> str:
    """Where this is when no word says so: where the first subject lives, else what the prompt's sum says."""
    for subject in subjects:
        motif = BY_NAME[subject.name]
        if place := motif.place or {"water": "sea", "table": "table"}.get(motif.where, ""):
            return place
    if subjects or named["season"]:
        return _NATURE[chance % len(_NATURE)]
    return _ANYWHERE[chance % len(_ANYWHERE)]


# -- Words ---------------------------------------------------------------------------------------------------


def _tokens(prompt: str) -> list[str]:
    """The prompt's words in order, each as the tables spell it; punctuation stays and parts them."""
    text = prompt.lower().replace("’", " ").replace("'", " ")
    text = _PHRASE.sub(lambda found: re.sub("[ -]", "_", found[0]), text)
    return [form for word in _TOKENS.findall(text) for form in _forms(word)]


def _forms(word: str) -> list[str]:
    """``word`` without an ending, or the two known words that a German compound is made of."""
    many = [_MANY] if word in PLURALS or word.removesuffix("n") in PLURALS else []
    if word in _ALL or word in _OTHERS:
        return [word, *many]
    for ending in _ENDINGS[1:]:
        if word.endswith(ending) and (stem := word.removesuffix(ending)) in _ALL and len(stem) > 2:
            return [stem, _MANY] if ending in {"s", "es", "x"} and stem in MOTIFS else [stem, *many]
    if "-" in word:
        return [form for part in word.split("-") if part for form in _forms(part)]
    return _compound(word) or [word]


def _compound(word: str) -> list[str]:
    for cut in range(4, len(word) - 2):
        first, second = word[:cut], word[cut:]
        for form in (first, first.removesuffix("s"), first.removesuffix("n")):
            if form in _ALL and second in _ALL and len(form) > 2:
                return [form, *_forms(second)]
    return []


def _named(table: str, tokens: list[str]) -> str:
    """What the strongest of the words in this table means."""
    if table == "place":  # a subject's word says what is there; where that lives is the motif's to say
        tokens = [token for token in tokens if token not in MOTIFS]
    found = {_INDEX[table][token] for token in tokens if token in _INDEX[table]}
    return next((name for name in _TABLES[table] if name in found), "")


def _subjects(tokens: list[str]) -> tuple[Subject, ...]:
    """At most three, each once; the word that comes first says its colour and number."""
    said: dict[str, Subject] = {}
    for place, token in enumerate(tokens):
        if token in MOTIFS and not _only_groups(tokens, place):
            name = MOTIFS[token].name
            said.setdefault(name, Subject(name, _tint_at(tokens, place), _count_at(tokens, place)))
    if len(said) > 1 and not _SCREENS.intersection(tokens):
        said.pop("desk", None)  # then it is where the others lie
    shown = gathered([BY_NAME[name] for name in said])
    return tuple(said.get(motif.name, Subject(motif.name)) for motif in shown[:3])


def _only_groups(tokens: list[str], place: int) -> bool:
    """Whether this word only says that there are several of the next: a flock of sheep, a family of ducks."""
    after = tokens[place + 1 : place + 4]
    return (
        tokens[place] in _GROUPS and after[:1] != [] and after[0] in _OF and any(t in MOTIFS for t in after)
    )


def _grouped(tokens: list[str], place: int) -> bool:
    """Whether a herd is named beside this word: a herd of wild horses, a camel caravan, Herde Schafe."""
    before, after = tokens[max(0, place - 3) : place], tokens[place + 1 : place + 2]
    joined = before[-1:] + after if not _OF.intersection(before) else before + after
    return tokens[place] == "caravan" or not _GROUPS.isdisjoint(joined)


def _count_at(tokens: list[str], place: int) -> int:
    """Three where the word is a plural, four of a herd, or as many as the number before it says, up to five."""
    if _grouped(tokens, place):
        return 4
    before = tokens[max(0, place - 2) : place]
    for token in before:
        if token in _NUMBERS:
            return _NUMBERS[token]
    if tokens[place] in WEAK and not _ONE.isdisjoint(before):
        return 1
    return 3 if tokens[place + 1 : place + 2] == [_MANY] else 1


def _tint_at(tokens: list[str], place: int) -> str | None:
    """The colour word beside a subject: "a blue car", "a red vintage car", "un chat noir"."""
    before = tokens[max(0, place - 2) : place]
    for token in reversed(before):
        if colour := _colour(token):
            return colour
        if token in _ALL or len(token) < 3:
            break
    after = [token for token in tokens[place + 1 : place + 3] if token != _MANY]
    return _colour(after[0]) or _BEHIND.get(after[0]) if after else None


def _colour(token: str) -> str | None:
    name = _INDEX["palette"].get(token)
    return name if name in _COLOURS and token not in MOTIFS else None


def _palettes(tokens: list[str]) -> tuple[str, str]:
    """The first palette word, unless it is the colour of a subject: a red fox makes no red snow.

    Then a second colour, as in "teal and gold"; "" where there is none.
    """
    found = [
        _INDEX["palette"][token]
        for place, token in enumerate(tokens)
        if token in _INDEX["palette"] and token not in MOTIFS and not _belongs(tokens, place)
    ]
    first = found[0] if found else ""
    others = [name for name in found[1:] if name != first and name in _COLOURS and first in _COLOURS]
    return first, others[0] if others else ""


def _belongs(tokens: list[str], place: int) -> bool:
    """Whether the colour word at ``place`` is a subject's."""
    colour = _colour(tokens[place]) or _BEHIND.get(tokens[place])
    first = place - (2 if tokens[place - 1 : place] == [_MANY] else 1)
    near = [i for i in range(first, place + 3) if 0 <= i < len(tokens) and tokens[i] in MOTIFS]
    return colour is not None and any(_tint_at(tokens, i) == colour for i in near)
