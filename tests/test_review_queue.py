"""The page for whoever decides: what waits for them, oldest first; a decision leads on; its cost stays the same."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from example_project.magazine.models import Article, Topic
from seedream_django import orders, review
from seedream_django.admin import review_queue
from seedream_django.models import GeneratedImage, Generation, Review

from .steps import carry, made
from .test_candidates import candidate, waiting_slot
from .test_review import LOOK, NSFW, told

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]
Person = Callable[..., User]

QUEUE = reverse("admin:seedream_django_generatedimage_review_queue")
PICTURES = reverse("admin:seedream_django_generatedimage_changelist")


@pytest.fixture(autouse=True)
def reviewed(settings: Any) -> None:
    settings.SEEDREAM |= {"REVIEW": "own"}


@pytest.fixture
def reviewer(person: Person) -> User:
    """May see everybody's pictures and decide about them; does not order."""
    return person("rita", "approve", "see_others_prompts", "view_generatedimage")


@pytest.fixture
def article(db: None) -> Article:
    topic = Topic.objects.create(name="Nature", slug="nature")
    return Article.objects.create(title="Foxes", slug="foxes", topic=topic, summary="s", body="b")


def shown(client: Client, at: Any = "") -> Any:
    response = client.get(QUEUE, {"at": at} if at else {})
    assert response.status_code == 200
    return response.context["page"]


@pytest.fixture
def foxes(editor: User) -> list[GeneratedImage]:
    """Three that wait, the oldest first."""
    return [candidate(editor, f"a fox number {number}") for number in range(3)]


def test_oldest_first_one_at_a_time(foxes: list[GeneratedImage], reviewer: User, browser: Browser) -> None:
    """The oldest is large, the others are beside it; links lead on and back; any place in it has its own address."""
    client = browser(reviewer)
    page = shown(client)
    assert (page.image, page.following, page.previous, page.waiting) == (foxes[0], foxes[1], None, "3")
    assert [image for image, _small in page.strip] == foxes[1:]
    text = unescape(client.get(QUEUE).content.decode())
    assert f'src="{reverse(LOOK, args=[foxes[0].pk])}"' in text
    assert "a fox number 0" in text
    assert "edda" in text
    page = shown(client, foxes[1].pk)
    assert (page.image, page.following, page.previous) == (foxes[1], foxes[2], foxes[0])
    assert shown(client, foxes[2].pk).following is None
    for nonsense in ("x", "²", "9" * 30, "-1", foxes[2].pk + 1):
        assert shown(client, nonsense).image == foxes[0]


def test_a_decision_leads_on(foxes: list[GeneratedImage], reviewer: User, browser: Browser) -> None:
    """To the next one, whatever was decided, with what became of it said there; after the last to the first left."""
    client = browser(reviewer)
    response = client.post(QUEUE, {"picture": foxes[1].pk, "decision": "approve"})
    assert response.status_code == 302
    assert told(response)[0].startswith("1 picture is approved:")
    page = client.get(response["Location"]).context["page"]
    assert (page.image, page.previous) == (foxes[2], foxes[0])
    response = client.post(QUEUE, {"picture": foxes[2].pk, "decision": "reject", "reason": "Six toes."})
    assert client.get(response["Location"]).context["page"].image == foxes[0]
    assert GeneratedImage.objects.get(pk=foxes[2].pk).reason == "Six toes."
    response = client.post(QUEUE, {"picture": foxes[0].pk, "decision": "approve"})
    last = client.get(response["Location"])
    assert last.context["page"].image is None
    assert "Nothing waits for your decision." in last.content.decode()


def test_without_a_reason_it_stays(foxes: list[GeneratedImage], reviewer: User, browser: Browser) -> None:
    """The same picture comes back, with what is missing; the reasons of the app are offered."""
    response = browser(reviewer).post(QUEUE, {"picture": foxes[1].pk, "decision": "reject", "reason": " "})
    text = unescape(response.content.decode())
    assert (response.status_code, response.context["page"].image) == (200, foxes[1])
    assert 'aria-invalid="true"' in text
    assert all(f'<option value="{reason}">' in text for reason in review.REASONS)
    assert not GeneratedImage.objects.exclude(review=Review.WAITING).exists()


def test_somebody_was_faster(foxes: list[GeneratedImage], reviewer: User, browser: Browser) -> None:
    """Told so, and led on; what the other decided stays. A picture that is gone is not there."""
    review.decide(foxes[0], True, by=None)
    data = {"picture": foxes[0].pk, "decision": "reject", "reason": "Six toes."}
    response = browser(reviewer).post(QUEUE, data)
    assert told(response) == [
        "Somebody else has decided about it meanwhile. “A fox number 0”: the picture was approved."
    ]
    assert browser(reviewer).get(response["Location"]).context["page"].image == foxes[1]
    assert GeneratedImage.objects.get(pk=foxes[0].pk).review == Review.APPROVED
    review.decide(foxes[1], False, by=None, reason="Six toes.")
    response = browser(reviewer).post(QUEUE, {"picture": foxes[1].pk, "decision": "approve"})
    assert told(response) == [
        "Somebody else has decided about it meanwhile. “A fox number 1”: the picture was rejected. Six toes."
    ]
    assert GeneratedImage.objects.get(pk=foxes[1].pk).review == Review.REJECTED
    for gone in (foxes[2].pk + 1, "", "x"):
        assert browser(reviewer).post(QUEUE, {**data, "picture": gone}).status_code == 404


def test_only_what_waits_for_this_person(
    editor: User, reviewer: User, owner: User, person: Person, browser: Browser, settings: Any
) -> None:
    """Others' only with the right to see them; none that is hidden; by “second” none of one's own, whatever comes."""
    approver = person("adam", "approve", "generate")
    theirs, own = candidate(editor, "a fox of edda"), candidate(approver, "a fox of adam")
    hidden = candidate(editor, "a hidden fox")
    Generation.objects.filter(pk=hidden.generation_id).update(hidden=True)
    settings.SEEDREAM |= {"SAFETY_CHECK": True}
    flagged = made(NSFW, user=editor).images.get()

    def waits(user: User) -> list[GeneratedImage]:
        page = shown(browser(user))
        return page.images

    assert (waits(approver), waits(reviewer)) == ([own], [theirs, own, flagged])
    data = {"picture": theirs.pk, "decision": "approve"}
    assert browser(approver).post(QUEUE, data).status_code == 404
    settings.SEEDREAM |= {"REVIEW": "second"}
    assert (waits(approver), waits(owner)) == ([], [theirs, own, flagged])
    response = browser(approver).post(QUEUE, {"picture": own.pk, "decision": "approve"})
    assert told(response)[0].startswith("You ordered this picture, so somebody else decides about it:")
    assert set(GeneratedImage.objects.values_list("review", flat=True)) == {Review.WAITING}
    assert browser(editor).get(QUEUE).status_code == 403
    assert browser(editor).post(QUEUE, data).status_code == 403


def test_what_is_flagged_is_blurred_here_too(
    editor: User, reviewer: User, browser: Browser, settings: Any
) -> None:
    """Its bytes are fetched only once somebody opens it; it may be rejected without a word."""
    settings.SEEDREAM |= {"SAFETY_CHECK": True}
    image = made(NSFW, user=editor).images.get()
    text = browser(reviewer).get(QUEUE).content.decode()
    look = reverse(LOOK, args=[image.pk])
    assert "seedream-flagged" in text
    assert f'<img src="{look}"' in text.partition("<details")[2]
    assert f'src="{look}"' not in text.partition("<details")[0]
    response = browser(reviewer).post(QUEUE, {"picture": image.pk, "decision": "reject"})
    assert response.status_code == 302


def test_where_it_is_wanted(
    editor: User,
    reviewer: User,
    owner: User,
    article: Article,
    browser: Browser,
) -> None:
    """By name for who may see the object, else by what kind of thing it is."""
    carry(orders.place("a fox", user=editor, slot=waiting_slot(article, editor)))
    assert "Foxes</bdi></a> · " in browser(owner).get(QUEUE).content.decode()
    text = browser(reviewer).get(QUEUE).content.decode()
    assert "<bdi>Article</bdi>" in text
    assert "Foxes" not in text


def test_as_many_queries_for_many(
    editor: User,
    reviewer: User,
    article: Article,
    browser: Browser,
) -> None:
    """One that waits costs as much as a hundred, on the page and in the line that leads there; more are “99+”."""
    carry(orders.place("a fox", user=editor, slot=waiting_slot(article, editor)))
    client = browser(reviewer)
    client.get(QUEUE)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few = [queries(QUEUE), queries(PICTURES)]
    image = GeneratedImage.objects.get()
    for _number in range(review_queue.COUNTED):
        GeneratedImage.objects.create(
            generation=image.generation, image_uuid=uuid.uuid4(), state="stored", review="waiting", preview="x.webp",
            private_file="x.jpg", width=10, height=10, format="JPG",
        )  # fmt: skip
    client.get(QUEUE)
    assert [queries(QUEUE), queries(PICTURES)] == few
    assert "Waiting for your decision: 99+" in client.get(PICTURES).content.decode()
    assert len(shown(client).images) == review_queue.NEXT + 1


def test_the_way_there(
    foxes: list[GeneratedImage], editor: User, reviewer: User, browser: Browser, settings: Any
) -> None:
    """From the list, with how many; no trace for who does not decide, nor on a site where nothing has to be."""
    assert "Waiting for your decision: 3" in browser(reviewer).get(PICTURES).content.decode()
    assert QUEUE not in browser(editor).get(PICTURES).content.decode()
    assert QUEUE in browser(reviewer).get(PICTURES, {"q": "fox"}).content.decode()
    settings.SEEDREAM |= {"REVIEW": None}
    assert QUEUE in browser(reviewer).get(PICTURES).content.decode()
    assert QUEUE not in browser(reviewer).get(PICTURES, {"q": "fox"}).content.decode()
    settings.SEEDREAM |= {"REVIEW": "own"}
    GeneratedImage.objects.all().delete()
    assert QUEUE in browser(reviewer).get(PICTURES).content.decode()
    settings.SEEDREAM |= {"REVIEW": None}
    assert QUEUE not in browser(reviewer).get(PICTURES).content.decode()


def test_a_decision_needs_its_token(foxes: list[GeneratedImage], reviewer: User) -> None:
    """Another site's form decides nothing."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(reviewer)
    assert client.post(QUEUE, {"picture": foxes[0].pk, "decision": "approve"}).status_code == 403
