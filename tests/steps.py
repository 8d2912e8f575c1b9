"""How tests move an order along: time is a column, and each turn is one step of everything."""

from __future__ import annotations

import datetime
import html
import re
import time
from typing import Any

from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from seedream_django import orders, pipeline, places, storing, tasks
from seedream_django.models import GeneratedImage, Generation, ImageState
from seedream_django.places import Place, Spot

LONG_AGO = datetime.timedelta(days=2)


def turn(times: int = 1) -> None:
    """One step of everything, as if its time had come."""
    for _ in range(times):
        now = timezone.now()
        Generation.objects.update(look_at=now)
        Generation.objects.filter(quiet_since__isnull=False).update(quiet_since=now - LONG_AGO)
        GeneratedImage.objects.filter(state=ImageState.RECEIVED).update(look_at=now)
        tasks.tend()


def carry(generation: Generation, turns: int = 12) -> Generation:
    """Turn until the row has ended."""
    for _ in range(turns):
        generation.refresh_from_db()
        if generation.is_final:
            break
        turn()
    return generation


def worked(generation: Generation) -> GeneratedImage:
    """What workers do with it, until it is done."""
    deadline = time.monotonic() + 60
    while not generation.is_final:
        assert time.monotonic() < deadline
        pipeline.submit(generation.pk)
        pipeline.collect()
        for pk in GeneratedImage.objects.to_store().values_list("pk", flat=True):
            storing.store(pk)
        time.sleep(0.05)
        generation.refresh_from_db()
    return generation.images.get()


def made(prompt: str = "a red fox", **values: Any) -> Generation:
    """An order, carried to its end."""
    return carry(orders.place(prompt, **values))


def spot(
    user: Any, model: str = "magazine.article", field: str = "cover", pk: object = "", **wants: Any
) -> str:
    """What a page keeps of one field of one object, for this person."""
    return places.token_of(Spot(apps.get_model(model), field, str(pk), Place(**wants)), user)


def past(row: Generation | GeneratedImage, *columns: str) -> None:
    """Move these moments of a row far into the past."""
    type(row)._default_manager.filter(pk=row.pk).update(**dict.fromkeys(columns, timezone.now() - LONG_AGO))
    row.refresh_from_db()


def said(client: Client, generation: Generation) -> str:
    """The sentences of the status fragment, as this client's person reads them."""
    response = client.get(reverse("seedream_django:status", args=[generation.pk]))
    assert response.status_code == 200, response.content
    found = re.search(r'<p class="seedream-said">(.*?)</p>', response.content.decode(), re.DOTALL)
    assert found, response.content
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1])).strip())
