"""The sandbox's pictures from references, and its sequences: that both are seen in what comes out."""

from __future__ import annotations

import hashlib
import io
import itertools
import math
import random
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageStat

from seedream_django.sandbox.gallery import FORMATS, Gallery, Order
from seedream_django.sandbox.painting import edits, mounts, painter, references
from seedream_django.sandbox.painting.canvas import Canvas
from seedream_django.sandbox.painting.palette import Colour, colour

pytestmark = pytest.mark.once

SIZE = (320, 224)
FOX = Order("a fox in the mountains", 3, *SIZE, "PNG", 90)

#: Skies and grounds as photographs have them, from top to bottom.
SHOTS = {
    "evening": ((40, 20, 80), (200, 60, 90), (255, 170, 90), (90, 40, 40)),
    "lagoon": ((5, 60, 70), (20, 140, 140), (190, 230, 210), (230, 180, 120)),
    "newspaper": ((20, 20, 20), (120, 120, 120), (230, 230, 230), (60, 60, 60)),
    "meadow": ((150, 190, 230), (210, 225, 220), (90, 150, 60), (40, 90, 30)),
}
PAINTED = {"neon": "city at night, neon", "pastel": "an abstract composition in pastel"}


def file_of(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def shot(stops: tuple[tuple[int, int, int], ...]) -> Image.Image:
    canvas = Canvas(300, 200, random.Random(1))
    canvas.gradient(stops, 0, 200)
    canvas.glow(200, 70, 100, (255, 250, 230), 0.6)
    return canvas.image


@pytest.fixture(scope="module")
def media() -> dict[str, bytes]:
    """Six pictures that have little in common, some photographs and some painted, by name."""
    painted = {name: painter.paint(prompt, 4, 300, 200) for name, prompt in PAINTED.items()}
    kinds = itertools.cycle(("JPEG", "PNG", "WEBP"))
    return {
        name: file_of(picture, next(kinds))
        for name, picture in {**{name: shot(stops) for name, stops in SHOTS.items()}, **painted}.items()
    }


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def apart(one: Image.Image, other: Image.Image) -> float:
    """0 the same, 255 black and white."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def histogram(picture: Image.Image) -> list[float]:
    """How much of the picture has which colour, in 512 soft boxes."""
    small = picture.resize((40, 40), Image.Resampling.BOX).tobytes()
    found = [0.0] * 512
    for k in range(0, len(small), 3):
        red, green, blue = small[k : k + 3]
        found[(red >> 5) * 64 + (green >> 5) * 8 + (blue >> 5)] += 1 / 1600
    return found


def earth_moved(one: Image.Image, other: Image.Image) -> float:
    """How far the colours of the one are from those of the other: between the boxes' nearest colours, both ways."""
    boxes = [
        [
            ((k >> 6) * 32 + 16, (k >> 3 & 7) * 32 + 16, (k & 7) * 32 + 16, part)
            for k, part in enumerate(h)
            if part
        ]
        for h in (histogram(one), histogram(other))
    ]
    return sum(
        part * min(math.dist((r, g, b), there[:3]) for there in to)
        for near, to in (boxes, boxes[::-1])
        for r, g, b, part in near
    )


def paired(results: dict[str, Image.Image], sources: dict[str, Image.Image]) -> dict[str, str]:
    """Each result's reference, by their colours alone: of all ways to pair them the one with the least distance."""
    names, far = list(sources), {}
    for made, result in results.items():
        for name, source in sources.items():
            far[made, name] = earth_moved(result, source)
    ways = itertools.permutations(names)
    best = min(ways, key=lambda way: sum(far[made, name] for made, name in zip(results, way, strict=True)))
    return dict(zip(results, best, strict=True))


# -- From references -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("plain", [False, True], ids=["painted", "plain"])
@pytest.mark.parametrize("kind", FORMATS)
def test_results_are_paired_with_their_references(media: dict[str, bytes], kind: str, plain: bool) -> None:
    """Who sees only results and references, and compares colours, pairs all six of one prompt and seed."""
    gallery, asked = Gallery(plain=plain), replace(FOX, format=kind)
    results = {name: opened(gallery.file(replace(asked, references=(name,)), media.get)) for name in media}
    shuffled = random.Random(5).sample(list(media), len(media))
    assert paired({name: results[name] for name in shuffled}, {n: opened(d) for n, d in media.items()}) == {
        name: name for name in media
    }


@pytest.mark.parametrize(
    "prompt", ["a lighthouse by the sea, watercolour", "line art of a cat", "poster of a train", "abstract"]
)
def test_every_style_takes_the_colours(media: dict[str, bytes], prompt: str) -> None:
    """In styles of lines, of flat colours and of paint too, each result is nearest to its own reference."""
    gallery, sources = Gallery(), {name: opened(data) for name, data in media.items()}
    asked = replace(FOX, prompt=prompt)
    results = {name: opened(gallery.file(replace(asked, references=(name,)), media.get)) for name in media}
    assert paired(results, sources) == {name: name for name in media}


@pytest.mark.parametrize("plain", [False, True], ids=["painted", "plain"])
def test_a_reference_changes_the_picture(media: dict[str, bytes], plain: bool) -> None:
    """With and without one, in another order, with one more: other pictures. The same twice: the same bytes."""
    gallery = Gallery(plain=plain)
    sets = [(), ("evening",), ("evening", "lagoon"), ("lagoon", "evening"), ("evening", "lagoon", "neon")]
    files = [gallery.file(replace(FOX, references=keys), media.get) for keys in sets]
    assert len(set(files)) == len(sets)
    again = Gallery(plain=plain)
    assert [again.file(replace(FOX, references=keys), media.get) for keys in sets] == files
    assert min(apart(opened(one), opened(two)) for one, two in itertools.combinations(files, 2)) > 1.5


@pytest.mark.parametrize("kind", FORMATS)
def test_a_plain_picture_holds_the_mean_colour(media: dict[str, bytes], kind: str) -> None:
    """The middle of a flat picture is the mean colour of its first reference, in every frame."""
    gallery = Gallery(plain=True)
    for name, frame in itertools.product(media, (0, 2)):
        order = replace(FOX, format=kind, references=(name, "evening"), frame=frame, frames=3)
        found = opened(gallery.file(order, media.get)).getpixel((160, 112))
        wanted = opened(media[name]).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        assert isinstance(found, tuple)
        assert isinstance(wanted, tuple)
        assert math.dist(found, wanted) < 10


def test_without_references_nothing_is_asked() -> None:
    """A picture of words alone is the same with and without somebody to ask, who is not asked."""

    def nobody(key: str) -> bytes | None:
        raise AssertionError(key)

    assert Gallery().file(FOX, nobody) == Gallery().file(FOX)


@pytest.mark.parametrize("count", [1, 3, 7, 14])
@pytest.mark.parametrize("size", [(1024, 1024), (1568, 672), (672, 1568)])
def test_the_references_are_shown(count: int, size: tuple[int, int]) -> None:
    """Each has its print in the lower left, in its order, and none touches the label's corner."""
    tones = [colour(f"hsl({k * 25}, 80%, 50%)") for k in range(count)]
    prints = [Image.new("RGB", (120, 90), tone) for tone in tones]
    picture = Image.new("RGB", size, (128, 128, 128))
    mounts.hang(picture, prints, painter.free(picture, "15/15"), random.Random(1))
    box = ImageChops.difference(picture, Image.new("RGB", size, (128, 128, 128))).getbbox()
    assert box is not None
    assert box[0] >= 0
    assert box[1] > size[1] // 2
    assert box[2] <= painter.free(picture, "15/15")
    seen = {tone: where(picture, tone) for tone in tones}
    row = max(1, (count + 1) // 2 if count > 7 else count)
    for number, (one, two) in enumerate(itertools.pairwise(tones)):
        assert seen[one][0] < seen[two][0] or (number + 1 == row and seen[one][1] < seen[two][1])


def where(picture: Image.Image, tone: Colour) -> tuple[float, float]:
    """The middle of what has this colour."""
    masks = [
        channel.point([255 if abs(v - wanted) < 3 else 0 for v in range(256)])
        for channel, wanted in zip(picture.split(), tone, strict=True)
    ]
    box = ImageChops.multiply(ImageChops.multiply(masks[0], masks[1]), masks[2]).getbbox()
    assert box is not None
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_the_label_stays(media: dict[str, bytes]) -> None:
    """Fourteen references leave the corner that says "sandbox" alone."""
    keys = tuple(itertools.islice(itertools.cycle(media), 14))
    made = painter.paint("hills", 1, 1024, 1024)
    found = [references.read(key, media[key]) for key in keys]
    with_them = painter.paint("hills", 1, 1024, 1024, sources=painter.Sources(tuple(found)))
    for picture in (made, with_them):
        strip = picture.crop((900, 990, 1010, 1012)).convert("L")
        low, high = strip.getextrema()
        assert high - low > 120  # type: ignore[operator]


# -- What cannot be read -------------------------------------------------------------------------------------


def bomb() -> bytes:
    """A small file whose picture would take 300 MB."""
    return file_of(Image.new("1", (50_000, 50_000)).resize((10_000, 10_000)), "PNG")


BROKEN: dict[str, Callable[[], bytes | None]] = {
    "nothing there": lambda: None,
    "empty": lambda: b"",
    "no picture": lambda: b"<!doctype html>" * 99,
    "cut": lambda: file_of(shot(SHOTS["evening"]), "JPEG")[:900],
    "too large": bomb,
    "another format": lambda: file_of(Image.new("RGB", (9, 9)), "TIFF"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_read_has_its_key_s_colours(what: str) -> None:
    """It is never an error: the key decides the colours, the same each time, others for another key."""
    data = BROKEN[what]()
    one, other = references.read("url:" + "a" * 64, data), references.read("url:" + "b" * 64, data)
    assert one.tones == references.read("url:" + "a" * 64, None).tones
    assert one.tones != other.tones


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_picture_is_read(mode: str) -> None:
    """Grey, paletted, transparent and 16-bit files give colours and an RGB print, not stripes."""
    picture = shot(SHOTS["evening"])
    kind = "JPEG" if mode == "CMYK" else "PNG"
    data = file_of(picture.convert("L").convert("I;16") if mode == "I;16" else picture.convert(mode), kind)
    found = references.read("key", data)
    assert found.print.mode == "RGB"
    assert found.tones != references.read("key", None).tones
    assert sum(share for _, share in found.tones) == pytest.approx(1)


@settings(max_examples=40, deadline=None)
@given(
    at=st.integers(0, 1500),
    put=st.binary(min_size=1, max_size=40),
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
)
def test_no_file_is_too_strange(at: int, put: bytes, kind: str) -> None:
    """Bytes changed anywhere in a picture: something is read from it, or its key's colours."""
    data = bytearray(file_of(shot(SHOTS["lagoon"]).resize((60, 40)), kind))
    data[at : at + len(put)] = put
    assert references.read("key", bytes(data)).print.mode == "RGB"


def test_prints_are_small_and_upright(media: dict[str, bytes]) -> None:
    """Whatever its size a reference is held as a print of 256 pixels, turned as its camera said."""
    picture = Image.new("RGB", (1200, 400), (200, 40, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    assert references.read("key", out.getvalue()).print.size[1] == references.PRINT
    assert references.read("key", out.getvalue()).print.size[0] < 100


def test_one_reference_is_asked_for_once(media: dict[str, bytes]) -> None:
    """Twenty results of the same references do not decode them twenty times; only so many are remembered."""
    asked: list[str] = []

    def tell(key: str) -> bytes | None:
        asked.append(key)
        return media.get(key)

    gallery = Gallery(plain=True)
    for seed in range(20):
        gallery.file(replace(FOX, seed=seed, references=("evening", "lagoon")), tell)
    assert asked == ["evening", "lagoon"]
    for number in range(60):
        gallery.file(replace(FOX, references=(f"url:{number}",)), tell)
    assert len(gallery._references) <= 32


def test_a_picture_of_a_picture_of_a_picture() -> None:
    """What was painted can be the reference of what is painted next, a dozen times."""
    gallery, made = Gallery(), {"0": file_of(shot(SHOTS["evening"]))}
    for number in range(12):
        order = replace(
            FOX, prompt="add a red ball", seed=number, width=96, height=64, references=(str(number),)
        )
        made[str(number + 1)] = gallery.file(order, made.get)
    assert len(set(made.values())) == 13


# -- Instructions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "edit", "wanted"),
    [
        ("make it night", True, "make it night"),
        ("Please replace the boat with a whale", True, " a whale"),
        ("Turn the cat into a dog", True, " a dog"),
        ("Ersetze das Boot durch einen Wal", True, " einen Wal"),
        ("Remplace le bateau par une baleine", True, " une baleine"),
        ("remove the boat", True, "remove the boat"),
        ("Ajoute un renard", True, "Ajoute un renard"),
        ("make a picture of a fox", False, "make a picture of a fox"),
        ("a fox with a red hat", False, "a fox with a red hat"),
        ("", False, ""),
    ],
)
def test_instructions_are_told_from_scenes(prompt: str, edit: bool, wanted: str) -> None:
    """What begins with a word that changes something is an instruction; what is to be there is found in it."""
    assert edits.asked(prompt) is edit
    assert edits.wanted(prompt) == wanted


def test_an_instruction_keeps_the_picture(media: dict[str, bytes]) -> None:
    """The result is the first reference with the change in it: nearer to that than a new scene is, not the same."""
    gallery, source = Gallery(), opened(media["meadow"]).resize(SIZE)
    keys = ("meadow",)
    scene = opened(gallery.file(replace(FOX, references=keys), media.get))
    for prompt in ("add a red car", "make it better", "remove the tree", "make it golden hour"):
        result = opened(gallery.file(replace(FOX, prompt=prompt, references=keys), media.get))
        assert 2 < apart(result, source) < 0.8 * apart(scene, source)
    dark = opened(gallery.file(replace(FOX, prompt="make it night", references=keys), media.get))
    assert ImageStat.Stat(dark).sum[0] < 0.7 * ImageStat.Stat(source).sum[0]


def test_what_goes_is_painted_over() -> None:
    """Removing takes away what stands out: where a red ball lay there is no red any more."""
    source = shot(SHOTS["meadow"]).resize(SIZE)
    ImageDraw.Draw(source).ellipse([130, 110, 190, 170], fill=(230, 20, 20))
    order = replace(FOX, prompt="remove the ball", references=("ball",))
    result = opened(Gallery().file(order, {"ball": file_of(source)}.get))
    reds = [ImageStat.Stat(picture.crop((140, 120, 180, 160))).mean for picture in (source, result)]
    assert reds[0][0] - reds[0][1] > 150
    assert reds[1][0] - reds[1][1] < 20


def test_an_instruction_uses_every_reference(media: dict[str, bytes]) -> None:
    """The others colour the first one."""
    gallery, order = Gallery(), replace(FOX, prompt="make it like the second")
    one, two = (
        opened(gallery.file(replace(order, references=keys), media.get))
        for keys in (("meadow", "neon"), ("meadow", "evening"))
    )
    assert apart(one, two) > 8


# -- A sequence ----------------------------------------------------------------------------------------------


def frames(order: Order, count: int, *, plain: bool = False) -> list[Image.Image]:
    gallery = Gallery(plain=plain)
    return [opened(gallery.file(replace(order, frame=k, frames=count))) for k in range(count)]


def pairs(pictures: Iterable[Image.Image]) -> list[float]:
    return [apart(one, other) for one, other in itertools.combinations(pictures, 2)]


@pytest.mark.parametrize("plain", [False, True], ids=["painted", "plain"])
@pytest.mark.parametrize(
    "prompt", ["a fox in the mountains", "a boat on the sea, watercolour", "a cat in a room", "abstract"]
)
def test_frames_tell_one_scene(prompt: str, plain: bool) -> None:
    """Any two frames differ, and are nearer to each other than to the same moment of another scene."""
    one = frames(replace(FOX, prompt=prompt), 4, plain=plain)
    other = frames(replace(FOX, prompt=prompt, seed=4), 4, plain=plain)
    assert min(pairs(one)) > 1
    steps = [apart(a, b) for a, b in itertools.pairwise(one)]
    assert max(steps) < min(apart(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    "prompt", ["a fox in the mountains", "a whale, paper cut", "a cat in a room", "make it snow"]
)
def test_a_sequence_goes_one_way(prompt: str) -> None:
    """Each frame is farther from the first one than the frame before it: nothing jumps back."""
    first, *rest = frames(replace(FOX, prompt=prompt), 5)
    far = [apart(first, frame) for frame in rest]
    assert far == sorted(far)


@pytest.mark.parametrize(
    ("hour", "darker", "warmer"),
    [("noon", None, True), ("golden hour", True, None), ("sunset", True, False), ("dawn", None, False)],
)
def test_time_goes_by(hour: str, darker: bool | None, warmer: bool | None) -> None:
    """From frame to frame noon gets warmer, then it darkens, then cools; the morning's red goes."""
    skies = [frame.crop((0, 0, 320, 90)) for frame in frames(replace(FOX, prompt=f"hills at {hour}"), 4)]
    bright = [ImageStat.Stat(sky.convert("L")).mean[0] for sky in skies]
    warm = [red - blue for red, _, blue in (ImageStat.Stat(sky).mean for sky in skies)]
    for seen, less in ((bright, darker), (warm, None if warmer is None else not warmer)):
        if less is not None:
            assert seen == sorted(seen, reverse=less)
            assert abs(seen[0] - seen[-1]) > 4


def test_a_sequence_s_frames_say_which() -> None:
    """The label tells the frame beside "sandbox": it is wider than that of a picture alone, and two frames' differ."""
    blank = Image.new("RGB", (640, 640), (120, 120, 120))
    labels = {}
    for caption in ("", "1/4", "2/4"):
        labels[caption] = blank.copy()
        painter.sign(labels[caption], caption)
    box = {c: ImageChops.difference(blank, picture).getbbox() for c, picture in labels.items()}
    assert box[""] is not None
    assert box["1/4"] is not None
    assert box["1/4"][0] < box[""][0]
    assert labels["1/4"].tobytes() != labels["2/4"].tobytes()


@pytest.mark.parametrize("plain", [False, True], ids=["painted", "plain"])
def test_a_sequence_of_fifteen(plain: bool) -> None:
    """The longest sequence has fifteen different frames, which repeat to the byte."""
    small = replace(FOX, width=160, height=112)
    gallery, again = Gallery(plain=plain), Gallery(plain=plain)
    orders = [replace(small, frame=k, frames=15) for k in range(15)]
    files = [gallery.file(order) for order in orders]
    assert len({hashlib.sha256(data).digest() for data in files}) == 15
    assert [again.file(order) for order in reversed(orders)] == files[::-1]


def test_a_sequence_from_a_reference(media: dict[str, bytes]) -> None:
    """Every frame has the reference's colours, and it still gets later."""
    gallery = Gallery()
    order = replace(FOX, prompt="hills at noon", references=("meadow",), frames=3)
    made = [opened(gallery.file(replace(order, frame=k), media.get)) for k in range(3)]
    sources = {name: opened(data) for name, data in media.items()}
    for frame in made:
        assert min(sources, key=lambda name: earth_moved(frame, sources[name])) == "meadow"
    seen = [ImageStat.Stat(frame.convert("L")).mean[0] for frame in made]
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "place", ["space", "underwater", "table", "aerial view of fields", "isometric cottage", "pattern"]
)
def test_every_place_has_a_sequence(place: str) -> None:
    """Where there is no sky for birds or no hour for the sun, frames differ too."""
    assert min(pairs(frames(replace(FOX, prompt=place, width=160, height=112), 3))) > 0.8
