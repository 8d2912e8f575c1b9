"""Files that the provider puts here itself: the inbox in a folder, its door, and what becomes of what is put."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from seedream_django import inbox, orders, pipeline, receiving, tasks
from seedream_django.models import DiscardedFile, GeneratedImage, Generation, ImageState, State, after
from seedream_django.sandbox import Books

from .gate import Gate
from .steps import carry, past, turn

pytestmark = pytest.mark.django_db

SITE = "https://www.example.org"


@pytest.fixture
def site(settings: Any, gate: Gate) -> Gate:
    """A site whose inbox is the folder of its private storage, and whose provider is behind a socket."""
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PUBLIC_URL": SITE}
    return gate


def ordered(prompt: str = "a red fox", **values: Any) -> Generation:
    generation = orders.place(prompt, **values)
    generation.refresh_from_db()
    return generation


def address(gate: Gate) -> str:
    """Where the last order's file is to be put, from the root of the site."""
    parts = urlsplit(gate.posts[-1]["uploadEndpoint"])
    assert f"{parts.scheme}://{parts.netloc}" == SITE
    return f"{parts.path}?{parts.query}"


def put(path: str, data: bytes, **headers: Any) -> Any:
    return Client(enforce_csrf_checks=True).put(path, data, content_type="", **headers)


def inbox_files(folder: Path) -> set[str]:
    there = folder / "seedream-private"
    return {str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()}


def test_put_and_stored(site: Gate, sandbox: Path, books: Books) -> None:
    """Nothing is fetched: what was put is what is stored, and the inbox is empty afterwards."""
    generation = ordered()
    assert generation.inbox_until is not None
    submitted = [post for post in site.posts if post["taskType"] == "imageInference"]
    print(submitted)
