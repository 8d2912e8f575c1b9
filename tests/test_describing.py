"""A picture's words: proposals that nobody is given unseen, and what a person says."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from seedream_django import bundles, describing, orders, retention
from seedream_django.describing import describe, is_described, proposed_alt, proposed_title
from seedream_django.exceptions import NotAllowed
from seedream_django.models import GeneratedImage, Generation
from seedream_django.offers import Offered, offer_of
from seedream_django.places import Place, slot

from .steps import made

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def image(editor: User) -> GeneratedImage:
    image: GeneratedImage = made("a red fox in the snow, wide shot", user=editor).images.get()
    return image


# -- Proposals -----------------------------------------------------------------------------------------------


def test_proposals(image: GeneratedImage) -> None:
    """The first clause of the prompt, and what the picture is for, if that is known: of a picture or its order."""
    for source in (image, image.generation):
        assert proposed_alt(source) == proposed_title(source) == "A red fox in the snow"
        assert proposed_alt(source, " Winter.\n At last ") == (
            "Picture for “Winter. At last”: A red fox in the snow"
        )
        assert proposed_title(source, "Winter") == "Winter: A red fox in the snow"
        # A prompt that was filled from the title says it already.
        assert (
            proposed_title(source, "a red fox")
            == proposed_alt(source, "a red fox")
            == "A red fox in the snow"
        )
        # By its words: one that only begins with the same letters does not.
        assert proposed_title(source, "A red") == "A red fox in the snow"
        assert proposed_title(source, "A re") == "A re: A red fox in the snow"


def test_of_an_edit(image: GeneratedImage, editor: User, browser: Any) -> None:
    """What an order does to a picture is no description: the words of that picture are proposed, or none."""
    order = {"user": editor, "references": [(image, "edit")]}
    edited = made("make it evening", **order).images.get()
    for source in (edited, edited.generation):
        assert proposed_alt(source, "Winter") == proposed_title(source, "Winter") == ""
    # Who chooses it for a field takes no title from it.
    assert offer_of(edited, "Winter", Place()).title == edited.title == "Make it evening"
    describe(image, alt="A fox in the snow", title="Reynard", user=editor)
    edited = GeneratedImage.objects.get(pk=edited.pk)
    assert offer_of(edited, "Winter", Place()).title == "Reynard: Make it evening"
    for source in (edited, edited.generation):
        assert proposed_alt(source, "Winter") == "A fox in the snow"
        assert proposed_title(source, "Winter") == "Reynard: Make it evening"
    page = browser(editor).get(reverse("admin:seedream_django_generatedimage_change", args=[edited.pk]))
    assert "see whether it is still true" in page.content.decode()
    assert "A fox in the snow" in page.content.decode()
    # Where the words of the order were taken away, those of the other one are still proposed.
    Generation.objects.filter(pk=edited.generation_id).update(prompt="", prompt_sent="")
    assert proposed_title(GeneratedImage.objects.get(pk=edited.pk)) == "Reynard"


@pytest.mark.parametrize(
    ("ratio", "width", "height", "misses"),
    [
        ("", 1024, 3072, ""),
        ("16:9", 2848, 1600, ""),
        ("16:9", 1920, 1088, ""),
        ("16:9", 2496, 1664, "16:9"),
        ("16:9", 1664, 2496, "16:9"),
        # Of a ratio of the site's own the nearest shape is ordered, and cut.
        ("1200:630", 2848, 1600, ""),
        ("1200:630", 1600, 2848, "1200:630"),
        ("1200:630", 1200, 630, ""),
        ("3:1", 3000, 1000, ""),
        ("16:9", 0, 0, ""),
    ],
)
def test_of_another_shape(image: GeneratedImage, ratio: str, width: int, height: int, misses: str) -> None:
    """A field that has a shape says of which pictures they have another one."""
    image.width, image.height = width, height
    assert offer_of(image, "", slot(ratio=ratio)).misses == misses


def test_of_many_edits(image: GeneratedImage, editor: User) -> None:
    """One query more for all pictures that a field offers, however many change others."""
    counts = []
    for _ in range(2):
        made("make it evening", user=editor, references=[(image, "edit")])
        with CaptureQueriesContext(connection) as asked:
            assert [describing.edits_of(each) for each in Offered(editor).images()]
        counts.append(len(asked))
    assert counts[0] == counts[1] == 2


def test_nothing_that_was_added() -> None:
    """What the field and the style add to a prompt, or the site's moderation makes of it, describes no picture."""
    generation = orders.place("a fox", added="Soft light", sent="a fox\nSoft light, said otherwise")
    assert generation.sent != generation.prompt
    assert proposed_alt(generation) == "A fox"
    assert "light" not in proposed_alt(generation, "Winter") + proposed_title(generation, "Winter")


@pytest.mark.parametrize("about", ["", "Foxes", "A very long headline " * 20])
@pytest.mark.parametrize("prompt", ["word " * 60, "w" * 300, "雪の中の狐" * 60])
def test_length(prompt: str, about: str) -> None:
    """Short enough to be read out at once, cut at a word, and with something of both."""
    generation = Generation(prompt=prompt)
    for text, longest in ((proposed_alt(generation, about), 125), (proposed_title(generation, about), 80)):
        assert len(text) <= longest
        assert text.endswith("…")
        assert prompt[:4].capitalize() in text
        assert about[:5] in text
        assert "wor…" not in text


def test_the_readers_language(image: GeneratedImage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence is in the language of whoever reads it, around words that stay as they were written."""
    monkeypatch.setattr(describing, "_", lambda text: translation.get_language() + " " + text)
    for language in ("de", "fr"):
        with translation.override(language):
            assert proposed_alt(image, "Winter").startswith(f"{language} ")
            assert proposed_title(image, "Winter").endswith("A red fox in the snow")


def test_no_percent_sign_in_the_way(image: GeneratedImage) -> None:
    """Whatever a title or a prompt is made of is text."""
    image.generation.prompt = "100 %(what)s"
    assert proposed_alt(image, "%(title)s 5 %") == "Picture for “%(title)s 5 %”: 100 %(what)s"


def test_a_prompt_that_was_taken_away(image: GeneratedImage) -> None:
    """Of a redacted order nothing is proposed; the text that a person confirmed stays."""
    describe(image, alt="A fox looks back")
    retention.redact(retention.Whose(orders=[image.generation_id]))
    image = GeneratedImage.objects.get()
    assert image.generation.redacted_at
    assert [proposed_alt(image), proposed_alt(image, "Winter"), proposed_title(image, "Winter")] == [
        "",
        "",
        "",
    ]
    assert (image.title, image.alt) == ("", "A fox looks back")


def test_what_a_file_brought_along_is_nobody_s_words(image: GeneratedImage) -> None:
    """A title from elsewhere is not published as if somebody had written it; changed it is theirs."""
    GeneratedImage.objects.update(title="Geheim-kunde", found={"proposed": "Geheim-kunde"})
    image.refresh_from_db()
    assert not describing.is_written(image)
    assert bundles.caption_of(image) == ""
    image.title = "A fox in the snow"
    assert describing.is_written(image)
    assert bundles.caption_of(image) == "A fox in the snow"


def test_nothing_is_written_by_itself(image: GeneratedImage) -> None:
    """A finished picture has no alternative text, and its title is nobody's words yet."""
    assert (image.alt, image.decorative) == ("", False)
    assert not describing.is_written(image)
    image.title = "A fox"
    assert describing.is_written(image)


# -- What somebody says --------------------------------------------------------------------------------------


def test_describe(image: GeneratedImage, editor: User) -> None:
    """The words are kept, once, and the history says who gave which."""
    assert not is_described(image)
    assert describe(image, title=" Winter\nfox ", alt="A fox", decorative=False, user=editor)
    for row in (image, GeneratedImage.objects.get()):
        assert (row.title, row.alt, row.decorative) == ("Winter fox", "A fox", False)
        assert is_described(row)
    entry = LogEntry.objects.latest("pk")
    assert (entry.user, entry.get_change_message()) == (editor, "Changed title and alternative text.")
    count = LogEntry.objects.count()
    assert not describe(image, title="Winter fox", alt="A fox", decorative=False, user=editor)
    assert LogEntry.objects.count() == count


SAID: list[tuple[dict[str, Any], tuple[str, bool]]] = [
    ({"decorative": True, "alt": "A fox"}, ("", True)),
    ({"decorative": True}, ("", True)),
    ({"decorative": False, "alt": ""}, ("", False)),
    ({"alt": "B"}, ("B", False)),
    ({"title": "T"}, ("A", False)),
    ({}, ("A", False)),
]


@pytest.mark.parametrize(("given", "kept"), SAID, ids=lambda value: str(value))
def test_it_only_decorates(given: dict[str, Any], kept: tuple[str, bool], image: GeneratedImage) -> None:
    """One that only decorates has no text; what is not said stays as it is."""
    describe(image, alt="A")
    describe(image, **given)
    row = GeneratedImage.objects.get()
    assert (row.alt, row.decorative) == kept == (image.alt, image.decorative)


def test_words_for_one_that_decorated(image: GeneratedImage) -> None:
    """Whoever says what it shows says that it does not only decorate; a blank says nothing of the kind."""
    describe(image, decorative=True)
    assert is_described(image)
    assert not describe(image, alt=" ")
    assert image.decorative
    describe(image, alt="A fox")
    assert (GeneratedImage.objects.get().alt, image.decorative) == ("A fox", False)


def test_too_long(image: GeneratedImage) -> None:
    """What came past the form's limit fits its column."""
    describe(image, title="t" * 300, alt="a" * 600)
    row = GeneratedImage.objects.get()
    assert (len(row.title), len(row.alt)) == (200, 500)


def test_not_theirs(image: GeneratedImage, person: Callable[..., User], owner: User) -> None:
    """A picture that this person may not choose keeps its words, and they are told whom to ask."""
    other = person("otto", "generate", "change_generatedimage")
    with pytest.raises(NotAllowed, match=r"you may not choose this picture.*Ask olga"):
        describe(image, alt="Mine now", user=other)
    assert GeneratedImage.objects.get().alt == image.alt == ""
    assert describe(image, alt="Everybody’s", user=owner)


def test_flagged(image: GeneratedImage, editor: User) -> None:
    """Nor is one described that nobody may choose."""
    GeneratedImage.objects.update(flagged=True)
    with pytest.raises(NotAllowed):
        describe(image, alt="A fox", user=editor)


# -- Where the proposals stand -------------------------------------------------------------------------------


def data_of(html: str, image: GeneratedImage) -> dict[str, str]:
    """What a choice of this picture tells the form: ``{"alt": …, "proposal": …}``."""
    (tag,) = re.findall(rf'<(?:img|input)[^>]*(?:data-image|name="cover" value)="{image.pk}"[^>]*>', html)
    pairs = re.findall(r' data-(alt|proposal|decorative)(?:="([^"]*)")?', tag)
    return {name: unescape(value) for name, value in pairs}


SHOWN: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {"alt": "", "proposal": "A red fox in the snow"}),
    ({"alt": 'A "fox"'}, {"alt": 'A "fox"'}),
    ({"decorative": True}, {"alt": "", "decorative": ""}),
]


@pytest.mark.parametrize(("said", "told"), SHOWN, ids=["nothing", "words", "decorative"])
def test_choices_carry_the_words(
    said: dict[str, Any], told: dict[str, str], image: GeneratedImage, editor: User, browser: Any
) -> None:
    """A form that offers a picture, or sees it come, is told its words, and a proposal where there are none."""
    describe(image, **said)
    address = reverse("seedream_django:status", args=[image.generation_id])
    assert data_of(browser(editor).get(f"{address}?in=field").content.decode(), image) == told
    assert data_of(browser(editor).get(reverse("admin:magazine_article_add")).content.decode(), image) == told


def test_offers_need_no_further_query(editor: User, django_assert_num_queries: Any) -> None:
    """However many pictures are offered: their orders are read with them, and at once what these change."""
    for number in range(3):
        made(f"fox number {number}", user=editor)
    offered = Offered(editor)
    list(editor.get_all_permissions())
    with django_assert_num_queries(2):
        proposals = [proposed_alt(image) for image in offered.images()]
    assert sorted(proposals) == ["Fox number 0", "Fox number 1", "Fox number 2"]
