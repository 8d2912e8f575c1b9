"""No page calls anybody: the storage gives addresses and nothing else, the provider is not asked, no socket opens."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from example_project.magazine.models import Article, Topic
from seedream_django import orders, provider
from seedream_django.models import Budget, GeneratedImage, Generation, LedgerEntry, State, Switch
from seedream_django.runware.client import Runware

from .steps import made

pytestmark = [pytest.mark.django_db, pytest.mark.once]

#: All that a storage can be asked, but for where a file is.
ASKED = (
    "open", "_open", "save", "_save", "delete", "exists", "listdir", "size", "path", "get_accessed_time",
    "get_created_time", "get_modified_time",
)  # fmt: skip
ADMIN = "admin:seedream_django_"


@pytest.fixture
def site(owner: User, settings: Any) -> SimpleNamespace:
    """One order of every kind, with pictures, references and places."""
    settings.SEEDREAM |= {"SAFETY_CHECK": True, "JSON": True}
    parent = made("a fox", user=owner, results=2)
    image = parent.images.first()
    topic = Topic.objects.create(name="Nature", slug="nature", picture=image)
    article = Article.objects.create(title="Foxes", slug="foxes", topic=topic, cover=image, inset=image)
    lost = orders.place("a lost fox", user=owner)
    Generation.objects.filter(pk=lost.pk).update(state=State.LOST, finished_at=timezone.now())
    Switch.objects.create(pk=1, on=True)
    return SimpleNamespace(
        image=image,
        article=article,
        lost=lost,
        done=parent,
        edited=made("in the snow", user=owner, references=[image]),
        flagged=made("a fox sandbox:nsfw", user=owner).images.get(),
        failed=made("sandbox:refused", user=owner),
        partial=made("sandbox:partial", user=owner, results=4),
        waiting=orders.place("a waiting fox", user=owner),
        budget=Budget.objects.create(limit=5),
    )


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[str]:
    """What was called. Each call is noted, and fails as well: what catches an error is no way round."""
    calls: list[str] = []

    def refuse(name: str) -> Callable[..., Any]:
        def refused(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            raise OSError(f"{name} was called for a page")

        return refused

    for name in ASKED:
        monkeypatch.setattr(FileSystemStorage, name, refuse(name))
    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse(f"socket.{name}"))
    for name in ("_ask", "fetch", "download"):
        monkeypatch.setattr(Runware, name, refuse("the provider"))
    # As on a site with a worker: in immediate mode, for development, whoever looks does the work.
    monkeypatch.setattr(settings.HUEY, "immediate", False)
    return calls


def addresses(site: SimpleNamespace) -> list[str]:
    """Every page of ours, and the magazine's with our tags and fields."""
    names = ("generation", "generatedimage", "ledgerentry", "budget")
    lists = [reverse(f"{ADMIN}{name}_changelist") for name in names]
    order, picture, money, _budget = lists
    rows = [
        site.done,
        site.edited,
        site.flagged.generation,
        site.failed,
        site.partial,
        site.waiting,
        site.lost,
    ]
    images = [site.image, site.flagged, site.partial.images.first(), site.edited.images.first()]
    add = reverse(f"{ADMIN}generation_add")
    return [
        *lists,
        *(f"{order}?{query}" for query in ("q=fox", "state__exact=done", "decision=open", "p=1")),
        *(f"{picture}?{query}" for query in ("q=fox", "review=waiting", "favourite=mine", "_popup=1")),
        f"{reverse(f'{ADMIN}generatedimage_compare')}?picture={site.image.pk}&picture={site.flagged.pk}",
        reverse("seedream_django:picture", args=[site.image.image_uuid]),
        *(f"{money}?{query}" for query in ("q=fox", "period=today", "kind__exact=settle")),
        *(reverse(f"{ADMIN}generation_change", args=[row.pk]) for row in rows),
        *(reverse(f"{ADMIN}generation_delete", args=[row.pk]) for row in rows),
        *(reverse(f"{ADMIN}generatedimage_change", args=[image.pk]) for image in images),
        *(reverse(f"{ADMIN}generatedimage_delete", args=[image.pk]) for image in images),
        *(reverse(f"{ADMIN}generatedimage_history", args=[image.pk]) for image in images),
        reverse(f"{ADMIN}generatedimage_review", args=[site.flagged.pk]),
        reverse(f"{ADMIN}generatedimage_review_queue"),
        reverse(f"{ADMIN}ledgerentry_change", args=[LedgerEntry.objects.first().pk]),
        reverse(f"{ADMIN}budget_add"),
        reverse(f"{ADMIN}budget_change", args=[site.budget.pk]),
        reverse(f"{ADMIN}switch_change", args=[1]),
        f"{reverse(f'{ADMIN}ledgerentry_csv')}?since=2026-01-01&until=2026-12-31",
        add, f"{add}?edit={site.image.pk}", f"{add}?from={site.done.pk}", f"{add}?from={site.edited.pk}",
        *(reverse("seedream_django:status", args=[row.pk]) for row in rows),
        *(f"{reverse('seedream_django:status', args=[row.pk])}?in=field" for row in rows),
        reverse("admin:index"), reverse("admin:app_list", args=["seedream_django"]),
        reverse("admin:magazine_article_add"), reverse("admin:magazine_article_changelist"),
        reverse("admin:magazine_article_change", args=[site.article.pk]),
        "/", site.article.topic.get_absolute_url(), site.article.get_absolute_url(),
    ]  # fmt: skip


def test_every_page(site: SimpleNamespace, owner: User, browser: Any, called: list[str]) -> None:
    """Lists, filters, searches, pages of one row, forms, status fragments, and pages with our tags: all are shown."""
    client: Client = browser(owner)
    for address in addresses(site):
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        assert (response.status_code, called) == (200, []), (address, response.status_code, called)
        assert body, address


def test_pages_that_ask_before_they_decide(
    site: SimpleNamespace, owner: User, browser: Any, called: list[str]
) -> None:
    """Nor does a page that says what a decision would cost or do, or a form that is sent with an error in it."""
    client: Client = browser(owner)
    for address, data in (
        (reverse("seedream_django:send_again", args=[site.lost.pk]), {}),
        (reverse("seedream_django:write_off", args=[site.lost.pk]), {}),
        (reverse(f"{ADMIN}generatedimage_changelist"), {"action": "approve", "_selected_action": [site.flagged.pk]}),
        (reverse(f"{ADMIN}generation_changelist"), {"action": "try_again", "_selected_action": [site.failed.pk]}),
        (reverse(f"{ADMIN}generation_add"), {"prompt": ""}),
        (reverse("admin:magazine_article_change", args=[site.article.pk]), {"title": ""}),
    ):  # fmt: skip
        response = client.post(address, data)
        assert response.status_code in (200, 302), (address, response.status_code)
        assert called == [], (address, called)


def test_taking_an_order_calls_nothing(owner: User, browser: Any, called: list[str]) -> None:
    """An order is a row and a message in the queue, also from the form: the request ends there."""
    order = orders.place("a fox", user=owner)
    assert (order.state, called) == (State.QUEUED, [])


def test_the_guard_sees_a_call(called: list[str]) -> None:
    """What the tests above rely on: a call of the storage, a connection, and the provider are noted."""
    image = GeneratedImage(file="a.jpg")
    for call in (
        lambda: image.file.storage.exists("a.jpg"),
        lambda: image.file.save("a.jpg", ContentFile(b"x"), save=False),
        lambda: socket.create_connection(("127.0.0.1", 9)),
        provider.client().ping,
    ):
        with pytest.raises(OSError, match="was called for a page"):
            call()
    assert called == ["exists", "save", "socket.connect", "the provider"]
