"""The sandbox's pictures: what a prompt's words do to them, and what they must never do."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from seedream_django.sandbox.painting import (
    abstract,
    figures,
    grades,
    painter,
    palette,
    places,
    scenes,
    styles,
    words,
)
from seedream_django.sandbox.painting.canvas import Canvas
from seedream_django.sandbox.painting.motifs import MOTIFS
from seedream_django.sandbox.painting.motifs.plurals import PLURALS, WEAK
from seedream_django.sandbox.painting.stage import side_of
from tests import gallery
from tests.facts import DIMENSIONS

pytestmark = pytest.mark.once

SIZES = [size for tier in DIMENSIONS.values() for size in tier.values()]
SUBJECT = "a fox in the mountains at noon"


def painted(prompt: str, seed: int = 1, size: tuple[int, int] = (320, 320)) -> Image.Image:
    return painter.paint(prompt, seed, *size)


def mean(picture: Image.Image) -> tuple[float, float, float]:
    red, green, blue = ImageStat.Stat(picture).mean
    return red, green, blue


def brightness(picture: Image.Image) -> float:
    return ImageStat.Stat(picture.convert("L")).mean[0]


def saturation(picture: Image.Image) -> float:
    return ImageStat.Stat(picture.convert("HSV").getchannel("S")).mean[0]


def apart(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are from each other: 0 the same, 255 black and white."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def share(picture: Image.Image, low: int, high: int = 255) -> float:
    """The share of pixels whose brightness lies between these."""
    histogram = picture.convert("L").histogram()
    return sum(histogram[low : high + 1]) / sum(histogram)


def roughness(picture: Image.Image) -> float:
    """How much happens between the grain and the large shapes."""
    grainless = picture.filter(ImageFilter.GaussianBlur(1.5))
    return apart(grainless, grainless.filter(ImageFilter.GaussianBlur(5)))


def scene(prompt: str, seed: int = 1) -> scenes.Scene:
    return scenes.read(prompt, random.Random(seed))


# -- Words ---------------------------------------------------------------------------------------------------

TABLES = {name: table for name, table in vars(words).items() if name.isupper() and isinstance(table, dict)}


@pytest.mark.parametrize("name", TABLES)
def test_words_are_lower_case_and_said_once(name: str) -> None:
    """A word stands once in its language's column and means one thing in its table."""
    for column in range(3):
        listed = [word for languages in TABLES[name].values() for word in languages[column].split()]
        assert listed == [word.lower() for word in listed]
        assert sorted(listed) == sorted(set(listed))


def test_every_meaning_is_painted() -> None:
    """What a word can mean the painter knows: no style, palette, hour or place is only a word."""
    assert set(words.STYLES) == set(styles.STYLES) | {"isometric", "minimal"}
    assert set(words.PALETTES) == set(grades.GRADES)
    assert set(words.HOURS) | {"day"} == set(palette.HOURS)
    assert set(words.PLACES) == set(places.PLACES) | set(abstract.KINDS)


@pytest.mark.parametrize(
    ("prompt", "place", "hour", "style", "shade"),
    [
        ("Bergsee im Morgenlicht, Aquarell", "lake", "dawn", "watercolour", ""),
        ("eine Gasse in der Nacht, Schwarz-Weiß", "street", "night", "", "mono"),
        ("Winterwald, Linolschnitt in Kupfer", "forest", "", "linocut", "copper"),
        ("une rue au crépuscule, encre, bleu", "street", "twilight", "ink", "blue"),
        ("La mer à l’aube, affiche aux tons pastel", "sea", "dawn", "poster", "pastel"),
        ("A MOUNTAIN LAKE AT THE GOLDEN HOUR, line-art", "lake", "golden", "lineart", ""),
        ("a room by candlelight, oil painting, sepia", "room", "candle", "oil", "sepia"),
    ],
)
def test_three_languages(prompt: str, place: str, hour: str, style: str, shade: str) -> None:
    """Place, hour, style and palette are read in English, German and French, compounds and phrases too."""
    read = scene(prompt)
    assert (read.place, read.style, read.palette) == (place, style, shade)
    assert not hour or read.hour == hour


@pytest.mark.parametrize(
    ("prompt", "tint", "shade"),
    [
        ("a red fox in the snow", "red", ""),
        ("a blue and gold morning with a fox", None, "blue"),
        ("a white fox, copper", "white", "copper"),
        ("un renard noir dans la rue", "black", ""),
        ("deux renards noirs", "black", ""),
        ("ein schwarzer Fuchs", "black", ""),
        ("a noir fox", None, "mono"),
        ("a fox, noir", None, "mono"),
        ("a fox, purple evening", None, "purple"),
    ],
)
def test_a_colour_before_a_subject_is_the_subject_s(prompt: str, tint: str | None, shade: str) -> None:
    """A red fox makes no red snow: the colour goes to the fox, other colours rule the picture."""
    read = scene(prompt)
    assert [(subject.name, subject.tint) for subject in read.subjects] == [("fox", tint)]
    assert read.palette == shade


def test_the_size_does_not_change_the_scene() -> None:
    """The same prompt and seed at other sizes are the same hour and mood: means lie close."""
    one, other = (mean(painted("mountains", 7, size)) for size in ((400, 300), (480, 300)))
    assert all(abs(a - b) < 14 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("prompt", "subjects"),
    [
        ("a herd of wild horses", [("horse", 4)]),
        ("a camel caravan in the desert", [("camel", 4)]),
        ("eine Herde Schafe", [("sheep", 4)]),
        ("un troupeau de vaches", [("cow", 4)]),
        ("a family of ducks", [("duck", 4)]),
        ("a family with a dog", [("group", 1), ("dog", 1)]),
        ("a school and a tree", [("tree", 1)]),
    ],
)
def test_a_herd_is_several(prompt: str, subjects: list[tuple[str, int]]) -> None:
    """A word for many beside a subject makes four of it; where it stands for itself it does not."""
    assert [(subject.name, subject.count) for subject in scene(prompt).subjects] == subjects


@pytest.mark.parametrize("word", sorted(PLURALS))
def test_a_plural_is_several(word: str) -> None:
    """Each plural that no "s" tells makes three of one subject."""
    assert [subject.count for subject in scene(word.replace("_", " ")).subjects] == [3]


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("Hunde im Schnee", 3),
        ("ein Garten mit Katzen", 3),
        ("ein Hof mit Hunden und Pferden", 3),
        ("Tannenbäume", 3),
        ("zwei alte Häuser", 2),
        ("eine Herde Kühe", 4),
        ("Löwen in der Savanne", 3),
        ("Porträt eines alten Löwen", 1),
        ("mit dem Bären", 1),
        ("ein Hund im Schnee", 1),
        ("auf dem Tisch Äpfel", 3),
        ("wolves in the snow", 3),
        ("des chevaux dans un pré", 3),
        ("ein Adler", 1),
    ],
)
def test_three_languages_count(prompt: str, count: int) -> None:
    """One, several or as many as are said, in the case that the sentence asks for."""
    assert {subject.count for subject in scene(prompt).subjects} == {count}


def test_weak_nouns_are_known() -> None:
    """What looks like its plural behind an article is a subject's word, as a prompt is read."""
    assert set(MOTIFS) >= WEAK


def test_a_desk_is_a_workplace_only_with_a_screen() -> None:
    """A book on a desk comes without a computer."""
    assert [subject.name for subject in scene("a book on a desk").subjects] == ["book"]
    assert [subject.name for subject in scene("a laptop and a book on a desk").subjects] == ["desk", "book"]


# -- Light and palette ---------------------------------------------------------------------------------------


def test_night_is_dark_and_noon_is_bright() -> None:
    """The hour rules the picture's brightness."""
    night, noon, fog = (brightness(painted(f"hills at {word}")) for word in ("night", "noon", "noon, fog"))
    assert night < 75 < 110 < noon
    assert fog > 140


def test_evenings_are_warm() -> None:
    """Golden hour and sunset are redder than blue; noon is not."""
    for word, warm in (("golden hour", True), ("sunset", True), ("noon", False)):
        red, _, blue = mean(painted(f"the sea, {word}").crop((0, 0, 320, 200)))
        assert (red > blue + 10) is warm


def test_seasons_colour_the_land() -> None:
    """Under one sky, winter's ground is the brightest and autumn's the reddest."""
    land = {
        season: painted(f"hills at noon in {season}").crop((0, 220, 320, 300))
        for season in ("winter", "spring", "summer", "autumn")
    }
    assert max(land, key=lambda season: brightness(land[season])) == "winter"
    assert max(land, key=lambda season: mean(land[season])[0] - mean(land[season])[1]) == "autumn"


@pytest.mark.parametrize("weather", ["rain", "storm", "snowfall", "fog", "rainbow"])
def test_weather_is_seen(weather: str) -> None:
    """Each weather changes the picture of a clear day."""
    assert apart(painted("hills at noon"), painted(f"hills at noon, {weather}")) > 2.5


HUES = {
    "red": 0,
    "orange": 20,
    "yellow": 35,
    "green": 92,
    "teal": 126,
    "blue": 154,
    "purple": 196,
    "pink": 238,
}


@pytest.mark.parametrize(("word", "hue"), HUES.items())
def test_colour_words_rule_the_picture(word: str, hue: int) -> None:
    """The mean colour's hue is the word's, within a tenth of the circle; 255 is once around."""
    red, green, blue = (round(v) for v in mean(painted(f"mountains at noon, {word}")))
    found = Image.new("RGB", (1, 1), (red, green, blue)).convert("HSV").getpixel((0, 0))
    assert isinstance(found, tuple)
    assert min(abs(found[0] - hue), 255 - abs(found[0] - hue)) < 26


def test_palette_words() -> None:
    """Black and white has no colour, vivid has more and muted less than usual, pastel is light, neon is dark."""
    usual = painted("mountains at noon")
    made = {word: painted(f"mountains at noon, {word}") for word in words.PALETTES}
    mono = painted("mountains at noon, black and white")
    assert saturation(mono) < 14
    assert saturation(made["vivid"]) > saturation(usual) + 15
    assert saturation(made["muted"]) < saturation(usual) - 15
    assert brightness(made["pastel"]) > brightness(usual) + 8
    assert brightness(painted("mountains, neon")) < 90 < saturation(painted("mountains, neon"))
    red, _, blue = mean(made["copper"])
    assert red > blue + 40


@pytest.mark.parametrize(
    "prompt", ["an abstract composition in teal and gold", "mountains at noon, teal and gold"]
)
def test_two_colours_are_both_there(prompt: str) -> None:
    """Of two palette words each has its share of the picture."""
    read = scene(prompt)
    assert (read.palette, read.accent) == ("teal", "gold")
    hue, strong, _ = painted(prompt, 3).convert("HSV").split()
    seen = [h for h, s in zip(hue.tobytes(), strong.tobytes(), strict=True) if s > 60]
    for low, high in ((20, 45), (115, 140)):  # 255 is once around
        assert sum(low <= h <= high for h in seen) > 0.06 * 320 * 320


# -- The place -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["sea", "lake", "river"])
def test_reflections_stay_on_the_water(place: str) -> None:
    """What a boat changes below its foot lies on the water: not a pixel of the bank is another."""
    read, changed = scene(f"a boat, {place}, noon"), 0
    for seed in range(4):
        canvas = Canvas(300, 300, random.Random(seed))
        stage = places.build(canvas, read)
        before = canvas.image.copy()
        bank = Image.new("L", (300, 300), 255)
        ImageDraw.Draw(bank).polygon(list(stage.pool), fill=0, outline=0, width=5)
        low, high = stage.water or (0.0, 0.0)
        spot = figures.Spot(150, (low + high) / 2, 120)
        figure = figures.cut_out(canvas, read, read.subjects[0], spot, "figure 0")
        assert figure is not None
        figures.reflect(canvas, figure, spot, (0, 0, 0), stage.pool)
        difference = ImageChops.difference(before, canvas.image).convert("L")
        changed += difference.getbbox() is not None
        assert ImageChops.multiply(difference, bank).getbbox() is None
    assert changed


@pytest.mark.parametrize("seed", range(8))
def test_the_sun_keeps_clear_of_the_subject(seed: int) -> None:
    """Sun and moon stand on the other side of the picture than a lone subject."""
    read = scene("a deer in the hills at night", seed)
    canvas = Canvas(480, 320, random.Random(seed))
    stage = places.build(canvas, read)
    assert (stage.sun[0] - 240) * side_of(canvas) < 0


# -- Styles --------------------------------------------------------------------------------------------------

Pictures = dict[str, Image.Image]


@pytest.fixture(scope="module")
def usual() -> Image.Image:
    return painted(SUBJECT)


@pytest.fixture(scope="module")
def styled() -> Pictures:
    """The same subject in every style, by its name."""
    word = {style: english.split()[0].replace("_", " ") for style, (english, _, _) in words.STYLES.items()}
    return {style: painted(f"{SUBJECT}, {word[style]}") for style in words.STYLES}


def test_styles_are_told_apart(styled: Pictures, usual: Image.Image) -> None:
    """Every style's picture is far from the usual one and from every other's."""
    everything = {**styled, "": usual}
    for one, other in itertools.combinations(everything, 2):
        assert apart(everything[one], everything[other]) > 8, (one, other)


def test_line_art_is_paper_with_lines(styled: Pictures) -> None:
    """Three quarters bare paper, some ink, and hardly a pixel of colour."""
    picture = styled["lineart"]
    assert share(picture, 225) > 0.7
    assert 0.01 < share(picture, 0, 110) < 0.25
    assert saturation(picture) < 30
    assert share(styled["ink"], 0, 110) > share(picture, 0, 110)


def test_posters_have_few_colours_and_a_border(styled: Pictures, usual: Image.Image) -> None:
    """Before the grain a poster has a dozen flat colours and its mixtures at the edges."""
    tones = styled["poster"].filter(ImageFilter.MedianFilter(5)).point(lambda v: v & 0xF0).getcolors(4096)
    usual = usual.filter(ImageFilter.MedianFilter(5)).point(lambda v: v & 0xF0).getcolors(4096)
    assert tones is not None
    assert usual is not None
    assert sum(sorted(n for n, _ in tones)[-12:]) > 1.25 * sum(sorted(n for n, _ in usual)[-12:])
    assert brightness(styled["poster"].crop((0, 0, 320, 8))) > 215


def test_borders_and_frames(styled: Pictures) -> None:
    """Watercolour and linocut leave paper around, glass has lead, a wide photo black bars."""
    for style in ("watercolour", "linocut"):
        assert brightness(styled[style].crop((0, 0, 320, 5))) > 220
    assert brightness(styled["glass"].crop((0, 0, 320, 4))) < 60
    wide = painted(f"{SUBJECT}, cinematic", size=(480, 270))
    assert brightness(wide.crop((0, 0, 480, 16))) < 20


def test_surfaces(styled: Pictures, usual: Image.Image) -> None:
    """Oil is rougher than the usual picture, pixels are squares, a blueprint is blue, a tile floats."""
    plain = Image.linear_gradient("L").convert("RGB")
    stroked = styles.styled(plain.copy(), scene("oil"), random.Random(1), plain.size)
    assert roughness(stroked) > roughness(plain) + 1
    few = (styles.PIXELS, styles.PIXELS)
    grid = styled["pixel"].resize(few, Image.Resampling.NEAREST).resize((320, 320), Image.Resampling.NEAREST)
    assert apart(grid, styled["pixel"]) < 9
    drawn = styles.styled(usual.copy(), scene("pixel"), random.Random(1), usual.size).getcolors(256)
    assert drawn is not None
    assert len(drawn) <= 20
    red, _, blue = mean(styled["blueprint"])
    assert blue > red + 50
    corners = [styled["isometric"].crop((x, 0, x + 60, 60)) for x in (0, 260)]
    assert apart(*corners) < 6


def test_patterns_repeat() -> None:
    """A pattern moved by one step is the same picture again."""
    picture = painted("seamless pattern of cats", 3, (360, 360)).filter(ImageFilter.GaussianBlur(1))
    moved = [
        apart(picture.crop((0, 0, 160, 150)), picture.crop((step, 0, 160 + step, 150)))
        for step in range(30, 200)
    ]
    assert min(moved) < 0.65 * sum(moved) / len(moved)


@pytest.mark.parametrize(
    "prompt", ["pattern of cats", "seamless pattern of blossoms in copper", "wallpaper, teal and gold"]
)
@pytest.mark.parametrize("size", [(320, 320), (480, 270), (260, 390)])
def test_a_pattern_has_no_seam(prompt: str, size: tuple[int, int]) -> None:
    """Side by side, its edges meet no worse than its neighbouring rows and columns do."""
    picture = painted(prompt, 3, size)
    wide, tall = picture.width - 1, picture.height - 1
    columns = [picture.crop((x, 0, x + 1, round(tall * 0.7))) for x in range(wide + 1)]
    rows = [picture.crop((0, y, round(wide * 0.6), y + 1)) for y in range(tall + 1)]
    for lines in (columns, rows):
        most = max(apart(one, other) for one, other in itertools.pairwise(lines))
        assert apart(lines[0], lines[-1]) < most + 4


# -- Every picture -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["a fox", "the sea", "a street", "oil painting of hills", "abstract"])
def test_the_same_again_and_another(prompt: str) -> None:
    """A seed repeats to the byte; other seeds are visibly other pictures, not other noise."""
    one = painted(prompt, 5)
    assert one.tobytes() == painted(prompt, 5).tobytes()
    others = [apart(one, painted(prompt, seed)) for seed in range(6, 10)]
    assert min(others) > 6


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_exact_sizes(size: tuple[int, int]) -> None:
    """Every size of the provider's table comes out exactly, in RGB."""
    picture = painted("abstract", 1, size)
    assert (picture.size, picture.mode) == (size, "RGB")


@pytest.mark.parametrize("style", words.STYLES)
@pytest.mark.parametrize("size", [(96, 320), (320, 96), (65, 64)])
def test_styles_at_any_shape(style: str, size: tuple[int, int]) -> None:
    """No style depends on the shape."""
    word = words.STYLES[style][0].split()[0].replace("_", " ")
    assert painted(f"boat at sea in a storm, {word}", 2, size).size == size


@pytest.mark.parametrize("place", words.PLACES)
def test_places_with_three_subjects(place: str) -> None:
    """Every place takes subjects of land, water and sky, near, far and from above."""
    word = words.PLACES[place][0].split()[0].replace("_", " ")
    for view in ("", "close-up", "aerial view"):
        assert painted(f"{view} of a fox, a whale and a balloon, {word}", 3, (120, 90)).size == (120, 90)


_WORDS = sorted(
    {word for table in TABLES.values() for languages in table.values() for word in languages[0].split()}
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    prompt=st.one_of(
        st.text(max_size=2000),
        st.lists(st.sampled_from(_WORDS), max_size=9).map(" ".join),
        st.sampled_from(
            ["🦊🌊", "قارب في البحر", "סירה בים", "狐", "a\x00fox", "-", "fox " * 500, "\ud800", "_"]
        ),
    ),
    seed=st.integers(0, 2**53),
)
def test_no_prompt_is_too_strange(prompt: str, seed: int) -> None:
    """Whatever is written, in any script, comes out as a picture: it was paid for."""
    assert painted(prompt, seed, (72, 56)).size == (72, 56)


# -- The label -----------------------------------------------------------------------------------------------


def luminance(tone: float) -> float:
    """Of a grey from 0 to 255, as WCAG has it."""
    part = tone / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(light: float, dark: float) -> float:
    return (luminance(light) + 0.05) / (luminance(dark) + 0.05)


@pytest.mark.parametrize("prompt", ["line art of a fox", "hills at night", "minimalist snow", "oil painting"])
@pytest.mark.parametrize("size", [(1024, 1024), (1568, 672), (672, 1568)])
def test_the_label_is_readable(prompt: str, size: tuple[int, int]) -> None:
    """In a preview of 480 pixels too, letters stand out from their strip by more than 4.5 to 1."""
    picture = painted(prompt, 1, size)
    picture.thumbnail((480, 480), Image.Resampling.LANCZOS)
    right, low = picture.width - 6, picture.height - 6
    tones = sorted(picture.crop((right - 46, low - 7, right, low)).convert("L").tobytes())
    strip, few = tones[len(tones) // 2], len(tones) // 25
    assert max(contrast(tones[-few], strip), contrast(strip, tones[few])) > 4.5


@pytest.mark.parametrize("grey", range(0, 256, 15))
def test_the_label_stands_out_on_any_ground(grey: int) -> None:
    """On every brightness there is, strip and letters differ by more than 4.5 to 1."""
    picture = Image.new("RGB", (1024, 1024), (grey, grey, grey))
    painter.sign(picture)
    low, high = picture.crop((900, 980, 1014, 1014)).convert("L").getextrema()
    strip = picture.convert("L").getpixel((1012, 1000))
    assert isinstance(low, (int, float))
    assert isinstance(high, (int, float))
    assert isinstance(strip, (int, float))
    assert max(contrast(high, strip), contrast(strip, low)) > 4.5


def test_the_label_is_discreet() -> None:
    """It takes less than an eightieth of the picture, in the lower right corner; the rest is the same without it."""
    blank = Image.new("RGB", (1024, 1024), (200, 200, 200))
    signed = blank.copy()
    painter.sign(signed)
    box = ImageChops.difference(blank, signed).getbbox()
    assert box is not None
    assert (box[2] - box[0]) * (box[3] - box[1]) < 1024 * 1024 / 80
    assert box[2] > 1000
    assert box[3] > 1000


# -- The contact sheet ---------------------------------------------------------------------------------------


def test_twenty_prompts() -> None:
    """The sheet has twenty different prompts, every one in a row, and its file is small."""
    assert len({prompt for prompt, _, _ in gallery.PROMPTS}) == 20
    assert [item for row, _ in gallery.rows() for item in row] == list(gallery.PROMPTS)
    assert gallery.SHEET.stat().st_size < gallery.WEIGHT


def test_the_second_sheet_is_small() -> None:
    """What is made from references, and a sequence, hang on a sheet of their own."""
    assert gallery.MADE.stat().st_size < gallery.WEIGHT
    assert all(number < 20 for _, numbers in gallery.FROM for number in numbers)


def test_a_blind_set_has_a_key(tmp_path: Path) -> None:
    """Each numbered picture is the one that its letter's prompt paints, and no order gives it away."""
    gallery.blind(tmp_path, longest=48)
    listed = dict(line.split("  ", 1) for line in (tmp_path / "prompts.txt").read_text("utf-8").splitlines())
    key = dict(line.split() for line in (tmp_path / "key.txt").read_text("utf-8").splitlines())
    assert sorted(key.values()) == sorted(listed)
    assert list(key.values()) != sorted(key.values())
    shapes = {prompt: shape for prompt, _, shape in gallery.PROMPTS}
    for number, letter in key.items():
        with Image.open(tmp_path / f"{number}.jpg") as picture:
            wide, tall = shapes[listed[letter]]
            assert abs(picture.width * tall - picture.height * wide) < 48 * max(wide, tall)
