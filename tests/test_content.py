"""A prompt from the content: what is made of a text, and pictures whose text is another one now."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.test.utils import isolate_apps
from django.urls import reverse

from example_project.magazine.models import Article, Topic
from seedream_django import content, gaps, orders, places
from seedream_django.models import Generation, Slot
from seedream_django.places import slot

from .steps import carry, spot

pytestmark = pytest.mark.once

#: Templates, what stands in the fields, and what becomes of it.
CASES = json.loads((Path(__file__).parent / "filled.json").read_text())

PLACES = {"cover": slot(prompt_from="{title}. {summary}"), "inset": slot(prompt_from="{body}")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_filled(case: dict[str, Any]) -> None:
    """Each case of the table: a template, what stands in the fields, what the prompt begins with."""
    text = places.fill(case["template"], case["values"])
    assert places.cut(text, case.get("limit", 2000)) == case["filled"]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{title.__class__}", "“{title.__class__}” is not the name of a field."),
        *(
            (text, f"“{text}” is not the name of a field.")
            for text in ("{title[0]}", "{0}", "{}", "{ title }")
        ),
        *(
            (text, f"“{text}” is not the name of a field.")
            for text in ("{__class__}", "{_meta}", "{title.pk}")
        ),
        ("{title!r}", "“{title!r}” has more than a name in it: write “{title}”."),
        ("{title:>10}", "“{title:>10}” has more than a name in it: write “{title}”."),
        ("{title!s:^5}", "“{title!s:^5}” has more than a name in it: write “{title}”."),
        ("{}!", "“{}” is not the name of a field."),
        *(
            (text, gaps.UNMATCHED)
            for text in ("{title", "title}", "{title!}", "{{title}", "{a{b}}", "{", "}")
        ),
    ],
)
def test_names_only(template: str, words: str) -> None:
    """Whatever is not the bare name of a field is refused, in words that say what is wrong and are not Python's."""
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        gaps.names_in(template)
    assert str(error.value) == words


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000, "<" * 1_000_000, "<a" * 500_000, "<" + "a" * 1_000_000, "<!--" * 250_000,
        "<script>" * 125_000, "&" * 1_000_000, "\n" * 1_000_000, "<p " + "x=y " * 250_000, "-->" * 330_000,
    ],
    ids=range(10),
)  # fmt: skip
def test_a_million_characters(text: str) -> None:
    """Text of any size and kind takes a moment, and fills no more than a prompt holds."""
    began = time.perf_counter()
    article = Article(title="Foxes", body=text)
    prompt = slot(prompt_from="{title}. {body}", hint="room on the left").prompt_for(article)
    assert time.perf_counter() - began < 0.5
    assert len(prompt) <= 2000 - len("\nroom on the left")


# -- What stands in a form -------------------------------------------------------------------------------------


def test_typed() -> None:
    """What a form holds is filled in as what is saved would be, and no other field of it; cut, it says so."""
    spot = places.Spot(Article, "cover", "", slot(prompt_from="{title}. {summary} {nothing}"))
    sent = {"title": ["<b>Foxes</b>"], "summary": ["At dusk"], "body": ["not asked for"]}
    assert content.typed(spot, sent) == {"text": "Foxes. At dusk", "said": ""}
    assert content.typed(spot, {}) == {"text": "", "said": "There is no text in the form yet."}
    assert "its beginning was filled in" in content.typed(spot, {"title": ["word " * 900]})["said"]


@pytest.mark.parametrize(
    ("sent", "text"),
    [(["photo"], "A photo"), ([""], ""), (["gone"], "gone"), (["photo", "ink"], "A photo, Ink")],
)
def test_a_choice_that_is_typed(sent: list[str], text: str) -> None:
    """By its name, however many; no choice is nothing."""
    with isolate_apps("example_project.magazine"):

        class Story(models.Model):
            kind = models.CharField(choices=[("photo", "A photo"), ("ink", "Ink")], blank=True)

            class Meta:
                app_label = "magazine"

            def __str__(self) -> str:
                return self.kind

    assert places.typed_value(Story, "kind", sent) == text


@pytest.mark.django_db
def test_a_form_has_its_prompt_written(editor: User, person: Any, browser: Any) -> None:
    """The panel's address writes it for whoever may change such an object, and orders nothing; nobody else's token."""
    address, wants = reverse("seedream_django:order"), {"prompt_from": "{title}. {summary}"}
    sent = {"fill": "1", "from-title": "Foxes", "from-summary": "<p>At dusk</p>", "from-body": "x"}
    answer = browser(editor).post(address, {**sent, "spot": spot(editor, **wants)})
    assert (answer.status_code, answer.json()) == (200, {"text": "Foxes. At dusk", "said": ""})
    other = person("otto", "generate")
    assert browser(other).post(address, {**sent, "spot": spot(editor, **wants)}).status_code == 404
    assert browser(other).post(address, {**sent, "spot": spot(other, **wants)}).status_code == 403
    assert not Generation.objects.exists()


# -- A text that changed -------------------------------------------------------------------------------------


def made_for(user: User, article: Article, field: str = "cover") -> Slot:
    """A picture that was put there, made from the text as it is."""
    kind = ContentType.objects.get_for_model(Article)
    text = content.digest(PLACES[field].prompt_for(article))
    waits = Slot(content_type=kind, object_id=str(article.pk), field=field, user=user, text_digest=text)
    orders.place("a fox", user=user, slot=waits)
    carry(waits.generation)
    article.refresh_from_db()
    waits.refresh_from_db()
    assert waits.image_id == getattr(article, f"{field}_id")
    return waits


@pytest.fixture
def article(db: None) -> Article:
    topic = Topic.objects.create(name="Nature", slug="nature")
    return Article.objects.create(title="Foxes", slug="foxes", topic=topic, summary="At dusk.", body="b")


def test_stale(editor: User, article: Article) -> None:
    """As soon as one of the texts is another, the field is named with what the prompt would be now."""
    made_for(editor, article)
    assert content.stale(article, PLACES, editor) == {}
    article.body = "Another body"
    assert content.stale(article, PLACES, editor) == {}
    article.title = "Red foxes"
    assert content.stale(article, PLACES, editor) == {"cover": "Red foxes. At dusk."}
    article.title = article.summary = ""
    assert content.stale(article, PLACES, editor) == {}


def test_made_anew(editor: User, article: Article) -> None:
    """The newest picture counts that stands there: one made from the new text, or an older one that was put back."""
    first = made_for(editor, article)
    article.title, article.cover = "Otters", None
    article.save()
    second = made_for(editor, article)
    assert content.stale(article, PLACES, editor) == {}
    article.cover = first.image
    assert content.stale(article, PLACES, editor) == {"cover": "Otters. At dusk."}
    article.cover = None
    assert content.stale(article, PLACES, editor) == {}
    assert second.image != first.image


def test_a_copy(editor: User, article: Article) -> None:
    """What stands in a field with files is known by the name of the copy."""
    known = made_for(editor, article)
    Slot.objects.filter(pk=known.pk).update(copied="covers/fox.jpg")
    assert content._digests([article], ["cover"]) == {
        (str(article.pk), "cover"): {"covers/fox.jpg": known.text_digest}
    }


@pytest.mark.usefixtures("db")
def test_no_trace(editor: User, article: Article, django_assert_num_queries: Any) -> None:
    """Nobody, and who may not order, is told nothing, and nothing is read; nor of an object that is not saved."""
    made_for(editor, article)
    article.title = "Otters"
    editor.user_permissions.clear()
    editor = User.objects.get(pk=editor.pk)
    assert content.stale(article, PLACES, editor) == {}
    with django_assert_num_queries(0):
        assert content.stale(article, PLACES, None) == {}
        assert content.stale(Article(title="x"), PLACES, editor) == {}
        assert content.stale(article, {"cover": slot()}, editor) == {}


def test_many_in_one_query(editor: User, article: Article, django_assert_num_queries: Any) -> None:
    """A page with a hundred objects asks once."""
    articles = [article]
    for number in range(3):
        articles.append(
            Article.objects.create(
                title=f"{number}", slug=f"s{number}", topic=article.topic, summary="s", body="b"
            )
        )
    for each in articles:
        made_for(editor, each)
    articles[2].title = "new"
    editor.has_perm("x")
    ContentType.objects.get_for_model(Article)
    with django_assert_num_queries(1):
        found = content.stale_among(articles, PLACES, editor)
    assert found == {articles[2].pk: {"cover": "new. s"}}
