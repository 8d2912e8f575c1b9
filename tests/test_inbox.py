"""Files that the provider puts here itself: the inbox in a folder, its door, and what becomes of what is put."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client
from PIL import Image

from seedream_django import (
    orders,
    pipeline,
    receiving,
    storing,
    tasks,
)
from seedream_django.models import (
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    LedgerEntry,
    State,
    after,
    inbox_name,
)
from seedream_django.sandbox import Books

from .gate import Gate

pytestmark = pytest.mark.django_db

SITE = "https://www.example.org"


@pytest.fixture
def site(settings: Any, gate: Gate) -> Gate:
    """A site with a worker, whose inbox is the folder of its private storage; the provider is behind a socket."""
    settings.SEEDREAM |= {
        "UPLOAD_ENDPOINT": True,
        "PUBLIC_URL": SITE,
        "HUEY": "tests.test_pipeline.waiting_queue",
    }
    return gate


def sent(prompt: str = "a red fox", **values: Any) -> Generation:
    """An order that the provider has."""
    generation = orders.place(prompt, **values)
    pipeline.submit(generation.pk)
    generation.refresh_from_db()
    assert generation.state == State.RUNNING
    return generation


def told(generation: Generation) -> GeneratedImage:
    """Its picture, once the provider has told of it."""
    Generation.objects.update(look_at=after(0))
    pipeline.collect()
    return generation.images.get()


def door(gate: Gate) -> str:
    """Where the last order's file is to be put, from the root of the site."""
    task = [post for post in gate.posts if post["taskType"] == "imageInference"][-1]
    parts = urlsplit(task["uploadEndpoint"])
    assert f"{parts.scheme}://{parts.netloc}" == SITE
    return f"{parts.path}?{parts.query}"


def put(path: str, data: bytes, **headers: Any) -> int:
    """What a stranger's bare PUT is answered with."""
    response = Client(enforce_csrf_checks=True).generic("PUT", path, data, content_type="", **headers)
    return int(response.status_code)


def file_of(image: GeneratedImage) -> bytes:
    """What the provider has at the picture's address, which is what it puts."""
    return httpx.get(image.url, trust_env=False).content


def private_files(folder: Path) -> set[str]:
    there = folder / "seedream-private"
    return {str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()}


def check_stored(image: GeneratedImage, data: bytes, sandbox: Path) -> None:
    """Stored as a download would be, paid once, and nothing is left in the inbox."""
    image.refresh_from_db()
    generation = image.generation
    generation.refresh_from_db()
    assert (image.state, generation.state, generation.stored) == (ImageState.STORED, State.DONE, 1)
    assert image.sha256_received == hashlib.sha256(data).hexdigest()
    stored = Path(image.file.path).read_bytes()
    assert (len(stored), hashlib.sha256(stored).hexdigest()) == (image.size, image.sha256)
    assert b"trainedAlgorithmicMedia" in stored
    Image.open(io.BytesIO(stored)).load()
    assert LedgerEntry.objects.balance()["spent"] == generation.cost
    tasks.discard()
    assert private_files(sandbox) == set()
    assert not DiscardedFile.objects.exists()


# -- From the order to the storage ---------------------------------------------------------------------------


def test_put_and_stored(site: Gate, sandbox: Path, books: Books) -> None:
    """What was put is stored and nothing is fetched; the same bytes, marks and money as by address."""
    image = told(sent())
    data = file_of(image)
    site.fetched.clear()
    assert put(door(site), data) == 200
    assert private_files(sandbox) == {inbox_name(image.generation_id)}
    assert (sandbox / "seedream-private" / inbox_name(image.generation_id)).stat().st_mode & 0o777 == 0o600
    assert storing.store(image.pk) is None
    assert site.fetched == []
    check_stored(image, data, sandbox)
    assert len(books.charges()) == 1


def test_put_before_its_news(site: Gate, sandbox: Path) -> None:
    """A file that comes before anybody told of its picture waits for that, and has the provider asked at once."""
    generation = sent()
    Generation.objects.update(look_at=after(60))
    data = Image.new("RGB", (2048, 2048), "red")
    jpeg = io.BytesIO()
    data.save(jpeg, "JPEG")
    assert put(door(site), jpeg.getvalue()) == 200
    generation.refresh_from_db()
    assert Generation.objects.to_collect().exists()
    pipeline.collect()
    image = generation.images.get()
    assert storing.store(image.pk) is None
    check_stored(image, jpeg.getvalue(), sandbox)


def test_waited_for_then_fetched(site: Gate, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload that does not come is looked for a few times, which counts as no attempt; then it is fetched."""
    image = told(sent())
    data = file_of(image)
    assert storing.store(image.pk) == pytest.approx(1.0)
    for age, delay in ((1.5, 1.5), (5, 5), (13, 2)):
        GeneratedImage.objects.update(look_at=after(-1), created_at=after(-age))
        assert storing.store(image.pk) == pytest.approx(delay, abs=0.2)
    image.refresh_from_db()
    assert (image.state, image.attempts, image.trouble, image.lease_until) == (
        ImageState.RECEIVED,
        0,
        "",
        None,
    )
    GeneratedImage.objects.update(look_at=after(-1), created_at=after(-receiving.PATIENCE))
    assert storing.store(image.pk) is None
    check_stored(image, data, sandbox)
