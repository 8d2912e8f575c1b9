"""Pictures for many objects where somebody has to approve each: what the page shows, to whom, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from example_project.magazine.models import Article
from seedream_django import bulk, bulking, review
from seedream_django.admin import bulk_page
from seedream_django.models import BulkRun, BulkState, GeneratedImage, Generation

from .conftest import EDITOR_MAY
from .steps import turn
from .test_bulk import RUNS, Browser, bulky, carried, fields, post, run_of, sampled, states, text_of

__all__ = ["bulky", "fields"]

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DECIDE = "Look at it and decide"


@pytest.fixture(autouse=True)
def reviewed(settings: Any) -> None:
    settings.SEEDREAM |= {"REVIEW": "own"}


@pytest.fixture
def reviewer(person: Callable[..., User]) -> User:
    return person("rita", *EDITOR_MAY, "bulk", "approve", "see_others_prompts")


def page_of(client: Client, run: BulkRun, name: str = "change", **values: str) -> Any:
    response = client.get(reverse(f"{RUNS}{name}", args=[run.pk]), values)
    assert response.status_code == 200
    return response


def said(client: Client, run: BulkRun) -> str:
    return text_of(page_of(client, run))


def first(run: BulkRun) -> GeneratedImage:
    return GeneratedImage.objects.get(generation=run.items.get(position=0).generation)


def address(name: str, image: GeneratedImage) -> str:
    return f'href="{reverse(f"admin:seedream_django_generatedimage_{name}", args=[image.pk])}"'


# -- From the sample to the field ----------------------------------------------------------------------------


def test_from_the_sample_to_the_field(bulky: User, reviewer: User, browser: Browser) -> None:
    """Shown and decided about; approved it is in its field, rejected the row says why; and the run goes on."""
    run, client = sampled(bulky, 5), browser(reviewer)
    page = page_of(client, run)
    text, images = text_of(page), [*GeneratedImage.objects.order_by("generation__created_at")]
    assert (len(images), Article.objects.exclude(cover=None).count()) == (3, 0)
    assert "0 of 5 are in place. 3 pictures wait for approval. Look at them and decide: each is put" in text
    assert "2 waiting 3 waiting for a decision" in text
    assert "left out" not in text
    for image in images:
        # In the sample, and among the objects.
        assert page.content.decode().count(image.preview_url) == 2
        assert page.content.decode().count(address("review", image)) == 2
        assert address("look", image) in page.content.decode()
    no = first(run)
    for image in images:
        reason = "" if image != no else "Six fingers."
        decision = "reject" if image == no else "approve"
        values = {"decision": decision, "reason": reason}
        client.post(reverse("admin:seedream_django_generatedimage_review", args=[image.pk]), values)
    turn(2)
    assert Article.objects.exclude(cover=None).count() == 2
    text = said(browser(bulky), run)
    assert "2 of 5 are in place. 1 picture was rejected." in text
    assert "2 waiting 2 in place 1 rejected " in text
    assert text.count("rejected: Six fingers.") == 2
    assert states(run) == ["skipped", "filled", "filled", "waiting", "waiting"]
    post(browser(bulky), run, "rest")
    carried(run, BulkState.DONE)
    text = said(browser(bulky), run)
    assert "It is done. 2 of 5 are in place. 1 picture was rejected. 2 pictures wait for approval." in text
    for image in GeneratedImage.objects.filter(review="waiting"):
        assert review.decide(image, True, by=reviewer)
    turn(2)
    assert "It is done. 4 of 5 are in place. 1 picture was rejected." in said(browser(bulky), run)
    assert (Generation.objects.count(), Article.objects.filter(cover=None).count()) == (5, 1)


def test_a_rejected_one_is_approved_after_all(bulky: User, reviewer: User) -> None:
    run = sampled(bulky)
    assert review.decide(first(run), False, by=reviewer, reason="No.")
    assert review.decide(first(run), True, by=reviewer)
    turn(2)
    bulk.late(run)
    assert states(run)[:3] == ["filled", "skipped", "skipped"]


def test_on_its_way(bulky: User, reviewer: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Approved and not moved yet, it is neither left out nor in place; the page looks again by itself."""
    run = sampled(bulky)
    assert review.decide(first(run), True, by=reviewer)
    # Else whoever looks would move it.
    monkeypatch.setattr(bulking.queue, "is_immediate", lambda: False)
    page = page_of(browser(bulky), run, "state")
    assert "1 picture is approved, and being moved." in text_of(page)
    assert "1 approved" in text_of(page)
    assert "data-next" in page.content.decode()
    assert 'max="5" value="0"' in page.content.decode()


def test_approved_too_late(bulky: User, reviewer: User, browser: Browser) -> None:
    """Whose field has another by then is left out, and the row says why."""
    run = sampled(bulky)
    taken = GeneratedImage.objects.exclude(pk=first(run).pk).earliest("pk")
    Article.objects.filter(pk=run.items.get(position=0).object_id).update(cover=taken)
    assert review.decide(first(run), True, by=reviewer)
    turn(2)
    assert "left out: The field has another picture by now." in said(browser(bulky), run)


# -- Who sees and decides ------------------------------------------------------------------------------------


def test_whoever_may_not_decide_is_told_who_does(bulky: User, reviewer: User, browser: Browser) -> None:
    """Also whoever began it, sees its pictures, and has no right to approve; with the right it is theirs."""
    run = sampled(bulky)
    page = page_of(browser(bulky), run)
    assert "Each is put in place once it is approved. These people decide: rita." in text_of(page)
    assert page.content.decode().count(first(run).preview_url) == 2
    assert DECIDE not in page.content.decode()
    bulky.user_permissions.add(Permission.objects.get(codename="approve"))
    assert "Look at them and decide" in said(browser(bulky), run)


def test_a_second_person(bulky: User, reviewer: User, browser: Browser, settings: Any) -> None:
    """Where another one decides, whoever began it does not, whatever their rights."""
    settings.SEEDREAM |= {"REVIEW": "second"}
    bulky.user_permissions.add(Permission.objects.get(codename="approve"))
    run = sampled(bulky)
    page = page_of(browser(bulky), run)
    assert "These people decide: rita." in text_of(page)
    assert (DECIDE in page.content.decode(), DECIDE in said(browser(reviewer), run)) == (False, True)


def test_a_hidden_one_is_shown_to_nobody(bulky: User, reviewer: User, browser: Browser) -> None:
    run = sampled(bulky)
    image = first(run)
    Generation.objects.filter(pk=image.generation_id).update(hidden=True)
    for user in (bulky, reviewer):
        page = page_of(browser(user), run)
        assert image.preview_url not in page.content.decode()
        assert "2 pictures wait for approval." in text_of(page)


def test_a_flagged_one_stays_blurred(bulky: User, reviewer: User, browser: Browser, settings: Any) -> None:
    """Its original is one click away for nobody here: it is decided about on its own page."""
    settings.SEEDREAM |= {"REVIEW": None, "SAFETY_CHECK": True}
    run = run_of(bulky, 1, summary="sandbox:nsfw")
    bulk.make_sample(run)
    carried(run, BulkState.DONE)
    page = page_of(browser(reviewer), run)
    text = text_of(page)
    assert "waiting for a decision: The safety check flagged its picture" in text
    assert "1 picture waits for approval. Look at it and decide: it is put in place" in text
    assert "seedream-preview seedream-flagged" in page.content.decode()
    assert address("look", first(run)) not in page.content.decode()
    assert address("review", first(run)) in page.content.decode()
    assert "seedream-warn" in page.content.decode()


# -- Figures -------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_to_what_waits(bulky: User, reviewer: User, browser: Browser) -> None:
    run, client = sampled(bulky), browser(bulky)
    review.decide(first(run), False, by=reviewer, reason="No.")
    listed = {
        stands: len(page_of(client, run, show=stands).context["page"].listed.object_list)
        for stands in ("waiting", "review", "rejected", "skipped", "")
    }
    assert listed == {"waiting": 2, "review": 2, "rejected": 1, "skipped": 0, "": 5}


def test_the_same_queries_for_one_and_for_many(
    bulky: User, reviewer: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sampled(bulky, 12)
    bulk.make_rest(run)
    carried(run, BulkState.DONE)
    for user in (bulky, reviewer):
        client, found = browser(user), []
        page_of(client, run)
        for count in (1, 12):
            monkeypatch.setattr(bulk_page, "LISTED", count)
            with CaptureQueriesContext(connection) as queries:
                page_of(client, run)
            found.append(len(queries))
        assert found[0] == found[1]
        assert found[1] < 60
