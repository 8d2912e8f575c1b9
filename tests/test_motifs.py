"""The sandbox's subjects: what each draws, and which words name it."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import NamedTuple

import pytest
from PIL import Image, ImageChops, ImageStat

from seedream_django.sandbox.painting import motifs
from seedream_django.sandbox.painting.canvas import Canvas
from seedream_django.sandbox.painting.motifs import BY_NAME, MOTIFS, Motif, gathered
from seedream_django.sandbox.painting.palette import Colour
from seedream_django.sandbox.painting.pen import Pen
from seedream_django.sandbox.painting.scenes import read

pytestmark = pytest.mark.once

SIDE = 120
SHEET = SIDE * 3
GROUND: Colour = (255, 0, 255)  # no motif has this colour

#: A bridge spans its banks, a lighthouse throws its beam, rails run on, a portrait goes on below the picture's edge.
WIDER = {"bridge", "lighthouse", "train", *(name for name in BY_NAME if name.startswith("portrait"))}

#: Where the scenes can be, as a motif may ask for.
PLACES = {
    "", "city", "desert", "fields", "forest", "garden", "hills", "lake", "mountains", "river", "room", "sea", "space",
    "street", "table", "underwater",
}  # fmt: skip

every_motif = pytest.mark.parametrize("motif", BY_NAME.values(), ids=list(BY_NAME))


class Drawing(NamedTuple):
    """A sheet with one motif, and where it is inked, in shares of the motif's square."""

    image: Image.Image
    mask: Image.Image
    left: float
    top: float
    right: float
    bottom: float
    share: float

    def mean(self) -> list[float]:
        """The average red, green and blue of what is inked."""
        return ImageStat.Stat(self.image, self.mask).mean


def draw(
    motif: Motif, seed: int = 1, tint: Colour | None = None, season: str = "", depth: float = 0.05
) -> Drawing:
    canvas = Canvas(SHEET, SHEET, random.Random(seed))
    canvas.image.paste(GROUND, (0, 0, SHEET, SHEET))
    pen = Pen(
        canvas,
        SHEET / 2,
        SIDE * 2,
        SIDE,
        flip=False,
        shade=(20, 20, 40),
        depth=depth,
        tint=tint,
        season=season,
    )
    motif.shape(pen)
    ink = ImageChops.difference(canvas.image, Image.new("RGB", canvas.image.size, GROUND)).convert("L")
    mask = ink.point([0] + [255] * 255)
    left, top, right, bottom = (edge / SIDE - 1 for edge in mask.getbbox() or (0, 0, 0, 0))
    return Drawing(canvas.image, mask, left, top, right, bottom, mask.histogram()[255] / SIDE**2)


# -- Drawings ------------------------------------------------------------------------------------------------


@every_motif
def test_a_motif_keeps_to_its_square(motif: Motif) -> None:
    """Whatever the seed, a drawing leaves its square by a little at most: scenes count on its size."""
    beside = 0.6 if motif.name in WIDER else 0.14
    below = 0.35 if motif.name in WIDER else 0.09
    for seed in range(5):
        drawing = draw(motif, seed)
        assert drawing.left > -beside, seed
        assert drawing.right < 1 + beside, seed
        assert drawing.top > -0.16, seed
        assert drawing.bottom < 1 + below, seed


@pytest.mark.parametrize("name", ["candle", "lantern", "lamp", "lighthouse"])
def test_a_light_shines_by_night(name: str) -> None:
    """Its glow is there by night alone, and ends within what a scene cuts out around a motif."""
    day, night = draw(BY_NAME[name]), draw(BY_NAME[name], depth=0.34)
    assert night.share > day.share * 1.3
    assert night.left > -0.62
    assert night.right < 1.62
    assert night.top > -0.2
    assert night.bottom < 1.36


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("construction_crane", "crane"),
        ("world_cup", "football"),
        ("old_man", "old_man"),
        ("alte_frau", "old_woman"),
        ("vieil_homme", "old_man"),
        ("bearded_man", "bearded"),
        ("landschildkröte", "tortoise"),
    ],
)
def test_a_phrase_goes_before_its_words(phrase: str, name: str) -> None:
    """ "World cup" is no cup of coffee, "construction crane" no bird, and "old man" no young one."""
    assert [subject.name for subject in read(phrase.replace("_", " "), random.Random(1)).subjects] == [name]


@every_motif
def test_a_motif_fills_its_square(motif: Motif) -> None:
    """A drawing reaches nearly from edge to edge one way or the other, and is more than a few lines."""
    drawing = draw(motif)
    assert max(drawing.right - drawing.left, drawing.bottom - drawing.top) > 0.7
    assert drawing.share > (0.02 if motif.name == "flock" else 0.1)


@every_motif
def test_what_stands_has_its_feet_at_the_lower_edge(motif: Motif) -> None:
    """What stands on the ground or a table does not hover over its shadow."""
    if motif.where in {"ground", "table"}:
        assert draw(motif).bottom > 0.96


@every_motif
def test_a_motif_is_layered(motif: Motif) -> None:
    """A drawing has a lit and a shaded side and an accent: at least four colours that are more than specks."""
    drawing = draw(motif)
    least = drawing.share * SIDE**2 * 0.004
    counts = drawing.image.getcolors(SHEET**2) or []
    large = [tone for count, tone in counts if count > least and tone != GROUND]
    assert len(large) >= (1 if motif.name == "flock" else 4)


@every_motif
def test_a_seed_is_one_drawing(motif: Motif) -> None:
    """The same seed draws the same pixels, other seeds draw others."""
    first = draw(motif, 1).image.tobytes()
    assert draw(motif, 1).image.tobytes() == first
    assert len({draw(motif, seed).image.tobytes() for seed in (1, 2, 3, 4)}) == 4


@every_motif
def test_a_colour_word_colours_the_subject(motif: Motif) -> None:
    """A tint becomes the main colour: the red drawing is redder on the whole, the blue one bluer."""
    red, blue = draw(motif, tint=(200, 55, 45)).mean(), draw(motif, tint=(44, 98, 196)).mean()
    assert red[0] - blue[0] > 4
    assert blue[2] - red[2] > 4


def test_a_tint_changes_nothing_but_colours() -> None:
    """ "A red cat" and "a cat" of one seed sit alike: the outline is the same to the pixel."""
    plain, red = draw(BY_NAME["cat"]), draw(BY_NAME["cat"], tint=(200, 55, 45))
    assert plain.mask.tobytes() == red.mask.tobytes()
    assert plain.image.tobytes() != red.image.tobytes()


def test_a_tree_follows_the_season() -> None:
    """Leaves are green in summer, red or golden in autumn, pink in spring, and gone in winter."""
    tree = BY_NAME["tree"]
    summer, autumn, spring, winter = (
        draw(tree, season=name) for name in ("summer", "autumn", "spring", "winter")
    )
    assert summer.mean()[1] > summer.mean()[0]
    assert autumn.mean()[0] > autumn.mean()[1] + 40
    assert spring.mean()[2] > autumn.mean()[2] + 40
    assert winter.share < summer.share * 0.6


# -- Words ---------------------------------------------------------------------------------------------------


@every_motif
def test_a_motif_says_where_it_is(motif: Motif) -> None:
    """Each has a surface to stand on and, if any, a place that there is."""
    assert motif.where in {"ground", "water", "sky", "table"}
    assert motif.place in PLACES
    assert 0.3 <= motif.size <= 1
    assert motif.alone == motif.name.startswith("portrait")


def test_words_are_as_the_prompt_is_read() -> None:
    """A prompt is lower-cased and parted at everything that is no letter; "_" parts the words of a phrase."""
    assert [word for word in MOTIFS if not re.fullmatch(r"[^\W\d_]+(_[^\W\d_]+)*", word)] == []
    assert [word for word in MOTIFS if word != word.lower()] == []


def test_a_word_names_one_motif() -> None:
    """No word stands in two rows, where the later one would hide the earlier."""
    rows = [set(" ".join(words).split()) for _, *words in motifs._ALL]
    assert [word for word, count in Counter(word for row in rows for word in row).items() if count > 1] == []


def test_every_motif_is_named() -> None:
    """Each can be asked for by its own name or as a portrait, and there are well over a hundred."""
    named = {motif.name for motif in MOTIFS.values()}
    assert set(BY_NAME) - named == {name for name in BY_NAME if name.startswith("portrait_")}
    assert len(BY_NAME) > 120


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("geese", "flock"),
        ("wolves", "wolf"),
        ("children", "child"),
        ("people", "group"),
        ("men", "man"),
        ("women", "woman"),
        ("mice", "mouse"),
        ("oxen", "cow"),
        ("loaves", "bread"),
        ("cacti", "cactus"),
        ("butterflies", "butterfly"),
        ("bunnies", "rabbit"),
    ],
)
def test_irregular_plurals_are_words(word: str, name: str) -> None:
    """What no ending makes of its singular is found all the same."""
    assert MOTIFS[word].name == name


@pytest.mark.parametrize(
    ("english", "german", "french"),
    [
        ("fox", "fuchs", "renard"),
        ("wolf", "wolf", "loup"),
        ("cat", "katze", "chat"),
        ("dog", "hund", "chien"),
        ("horse", "pferd", "cheval"),
        ("cow", "kuh", "vache"),
        ("sheep", "schaf", "mouton"),
        ("bird", "vogel", "oiseau"),
        ("owl", "eule", "hibou"),
        ("fish", "fisch", "poisson"),
        ("whale", "wal", "baleine"),
        ("butterfly", "schmetterling", "papillon"),
        ("house", "haus", "maison"),
        ("castle", "schloss", "château"),
        ("church", "kirche", "église"),
        ("bridge", "brücke", "pont"),
        ("lighthouse", "leuchtturm", "phare"),
        ("windmill", "windmühle", "moulin"),
        ("car", "auto", "voiture"),
        ("train", "zug", "train"),
        ("plane", "flugzeug", "avion"),
        ("bicycle", "fahrrad", "vélo"),
        ("boat", "segelboot", "bateau"),
        ("man", "mann", "homme"),
        ("woman", "frau", "femme"),
        ("child", "kinder", "enfant"),
        ("portrait", "porträt", "portrait"),
        ("apple", "apfel", "pomme"),
        ("bread", "brot", "baguette"),
        ("cake", "kuchen", "gâteau"),
        ("wine", "wein", "vin"),
        ("tree", "baum", "arbre"),
        ("flower", "blume", "fleur"),
        ("mushroom", "pilz", "champignon"),
        ("book", "buch", "livre"),
        ("clock", "uhr", "horloge"),
        ("chair", "stuhl", "chaise"),
        ("candle", "kerze", "bougie"),
    ],
)
def test_editors_write_in_their_own_language(english: str, german: str, french: str) -> None:
    """The commonest subjects are known in German and French."""
    assert MOTIFS[english] is MOTIFS[german] is MOTIFS[french]


@pytest.mark.parametrize(
    "word",
    [
        *(
            "kind",
            "pain",
            "boot",
            "boots",
            "see",
            "tour",
            "main",
            "ours",
            "rat",
            "krebs",
            "handy",
            "flügel",
            "stall",
        ),
        *(
            "bank",
            "watch",
            "present",
            "coach",
            "cycle",
            "stable",
            "running",
            "class",
            "keyboard",
            "beetle",
            "micro",
        ),
    ],
)
def test_false_friends_are_no_subjects(word: str) -> None:
    """A word with another common meaning, here or in a neighbour's language, puts nothing into the picture."""
    assert word not in MOTIFS


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("portrait", ["portrait"]),
        ("portrait woman", ["portrait_woman"]),
        ("woman portrait", ["portrait_woman"]),
        ("portrait man cat", ["portrait_man"]),
        ("portrait old_man", ["portrait_old_man"]),
        ("porträt alten_frau", ["portrait_old_woman"]),
        ("portrait vieil_homme", ["portrait_old_man"]),
        ("portrait child", ["portrait_child"]),
        ("portrait fox", ["fox"]),
        ("fox cat vixen", ["fox", "cat"]),
        ("", []),
    ],
)
def test_a_portrait_is_one_picture_of_its_sitter(words: str, names: list[str]) -> None:
    """The word "portrait" does not put a second face beside the one that it is of."""
    assert [motif.name for motif in gathered([MOTIFS[word] for word in words.split()])] == names
