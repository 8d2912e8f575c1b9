"""The inbox in storages with a real server behind each: the provider puts files there by an address signed for it."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import pytest
from django.core import serializers
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from seedream_django import delivery_checks, inbox, orders, pipeline, sandbox, storing, sweeping, tasks
from seedream_django.models import (
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    State,
    after,
    inbox_name,
    private_storage,
)
from seedream_django.sandbox import Books

from .gate import KEY, Gate, speaking_to
from .steps import past, worked
from .stores import CANARY, Store, started

pytestmark = [
    pytest.mark.server,
    pytest.mark.django_db,
    # Where a client of theirs is behind Python.
    pytest.mark.filterwarnings(
        "ignore:datetime.datetime.utcnow:DeprecationWarning:storages.backends.azure_storage"
    ),
]

#: What is in no log and on no row: the key, and what stands before a signature in an address.
SECRET = (CANARY, "Signature=", "sig=")


@pytest.fixture(scope="module", params=["S3", "Google"])
def server(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One that signs addresses for a PUT, running."""
    with started(request.param) as store:
        yield store


@pytest.fixture
def store(server: Store, settings: Any, sandbox: Path) -> Iterator[Store]:
    """An empty one, whose private place is the private storage."""
    entry = server.entries["private"]
    if server.kind == "Google":
        # The emulator asks nobody who he is, but somebody has to sign.
        entry["OPTIONS"] |= {"credentials": signer(), "project_id": "a-project"}
    settings.STORAGES = {**settings.STORAGES, "private": entry}
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PRIVATE_STORAGE": "private"}
    yield server
    for name in server.names("private"):
        server.storage("private").delete(name)


def signer() -> Any:
    """Credentials of nobody, with a key to sign with: the emulator asks no one for a token."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from google.auth import credentials, crypt

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )

    class Nobody(credentials.AnonymousCredentials, credentials.Signing):  # type: ignore[misc]
        public = key.public_key()
        signer = crypt.RSASigner.from_string(text.decode())
        signer_email = "nobody@a-project.iam.gserviceaccount.com"

        def sign_bytes(self, message: bytes) -> Any:
            return self.signer.sign(message)

    return Nobody()


@pytest.fixture
def provider(settings: Any, tmp_path: Path, store: Store) -> Iterator[list[str]]:
    """The sandbox on a port, which puts files by itself; what its log says."""
    lines: list[str] = []
    app = sandbox.create_app(tmp_path / "sandbox.sqlite3", key=KEY, latency=0, plain=True)
    queue = {"HUEY": "tests.test_pipeline.waiting_queue"}
    with sandbox.running(app, log=lines.append) as root, speaking_to(settings, f"{root}/v1", **queue):
        yield lines


def test_one_put_by_anybody(store: Store) -> None:
    """The address is good for a plain PUT of this name, with any header, and shows nothing."""
    generation = orders.place("a fox")
    address = inbox.signed(generation.pk)
    for headers in ({}, {"Content-Type": "image/jpeg"}, {"Content-Type": "application/octet-stream"}):
        data = repr(headers).encode()
        assert httpx.put(address, content=data, headers=headers, trust_env=False).is_success
        assert store.read(inbox_name(generation.pk), "private") == data
        assert inbox.size(generation.pk) == len(data)
    if store.kind == "S3":
        assert httpx.get(address, trust_env=False).status_code == 403
        for wrong in (
            address.replace(str(generation.pk), "another"),
            address[:-1] + "0",
            address.split("?")[0],
        ):
            assert not httpx.put(wrong, content=b"x", trust_env=False).is_success or wrong == address
        assert store.names("private") == {inbox_name(generation.pk)}


def test_google_s_signature(store: Store, settings: Any) -> None:
    """The emulator believes any. Read as Google reads it, it is true, for this PUT alone, and signs the host alone."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.hashes import SHA256

    if store.kind != "Google":
        return
    generation = orders.place("a fox")
    address = urlsplit(inbox.signed(generation.pk))
    query = dict(parse_qsl(address.query))
    signature = bytes.fromhex(query.pop("X-Goog-Signature"))
    public = settings.STORAGES["private"]["OPTIONS"]["credentials"].public

    def is_true(method: str, path: str) -> bool:
        said = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query.items()))
        request = f"{method}\n{path}\n{said}\nhost:{address.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        scope = query["X-Goog-Credential"].split("/", 1)[1]
        digest = hashlib.sha256(request.encode()).hexdigest()
        signed = f"GOOG4-RSA-SHA256\n{query['X-Goog-Date']}\n{scope}\n{digest}"
        try:
            public.verify(signature, signed.encode(), padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    assert address.path.endswith(inbox_name(generation.pk))
    assert is_true("PUT", address.path)
    assert not is_true("GET", address.path)
    assert not is_true("PUT", address.path.replace(str(generation.pk), "another"))
    assert query["X-Goog-SignedHeaders"] == "host"
    assert int(query["X-Goog-Expires"]) == inbox.seconds()


@pytest.mark.parametrize("word", ["", "sandbox:upload-wrong", "sandbox:upload-lost"])
def test_from_the_order_to_the_picture(
    word: str,
    store: Store,
    provider: list[str],
    books: Books,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The provider puts the file into the bucket; the worker takes it, or fetches the picture, and leaves nothing."""
    monkeypatch.setattr("seedream_django.receiving.PATIENCE", 2.0)
    caplog.set_level(logging.DEBUG, "seedream_django")
    image = worked(orders.place(f"a fox {word}"))
    assert (image.state, image.generation.state) == (ImageState.STORED, State.DONE)
    assert hashlib.sha256(Path(image.file.path).read_bytes()).hexdigest() == image.sha256
    assert len([line for line in provider if line.startswith("GET ")]) == bool(word)
    assert len(books.charges()) == 1
    tasks.discard()
    assert store.names("private") == set()
    assert not DiscardedFile.objects.exists()
    rows = serializers.serialize("json", [*Generation.objects.all(), *GeneratedImage.objects.all()])
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("seedream_django")]
    assert not [secret for secret in SECRET if secret in rows + "".join(ours)]


def test_late(store: Store, provider: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes when its picture is stored lies there until no more can come, and a sweep removes it."""
    monkeypatch.setattr("seedream_django.receiving.PATIENCE", 0.5)
    monkeypatch.setattr("seedream_django.sandbox.courier.LATE", 4.0)
    image = worked(orders.place("a fox sandbox:upload-late"))
    tasks.discard()
    deadline = time.monotonic() + 30
    while not store.names("private"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    sweeping._empty_inboxes()
    tasks.discard()
    assert store.names("private") == {inbox_name(image.generation_id)}
    past(image.generation, "inbox_until")
    sweeping._empty_inboxes()
    tasks.discard()
    assert store.names("private") == set()
    # Of what is not there nothing is left to be done either.
    Generation.objects.update(inbox_until=after(-1))
    sweeping._empty_inboxes()
    tasks.discard()
    assert not DiscardedFile.objects.exists()


def test_an_inbox_that_is_away(store: Store, provider: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that does not answer keeps no picture from being fetched, and ends no row."""
    if store.kind == "Google":
        from google.cloud.storage.retry import DEFAULT_RETRY

        monkeypatch.setattr(DEFAULT_RETRY, "_timeout", 0.5)
    monkeypatch.setattr("seedream_django.receiving.PATIENCE", 0.5)
    generation = orders.place("a fox")
    store.stop()
    try:
        image = worked(generation)
    finally:
        store.start()
    assert image.is_stored
    assert generation.inbox_until is not None


def test_the_checks_are_silent(store: Store) -> None:
    """Set up as the pages say, nothing is wrong."""
    assert delivery_checks.check_inbox() == []


# -- What takes no PUT ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Azure", "SFTP"])
def test_without_an_inbox(kind: str, settings: Any, gate: Gate) -> None:
    """The order goes without, the picture is fetched at once, and a check says so. Azure refuses a bare PUT."""
    with started(kind) as store:
        settings.STORAGES = {**settings.STORAGES, "private": store.entries["private"]}
        settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PRIVATE_STORAGE": "private"}
        generation = orders.place("a fox")
        pipeline.submit(generation.pk)
        Generation.objects.update(look_at=after(0))
        pipeline.collect()
        assert "uploadEndpoint" not in gate.posts[0]
        image = generation.images.get()
        storing.store(image.pk)
        image.refresh_from_db()
        assert image.is_stored
        assert [message.id for message in delivery_checks.check_inbox()] == ["seedream.W025"]
        if kind == "Azure":
            storage: Any = storages["private"]
            storage.save("there", ContentFile(b"x"))
            address = private_storage().url("there")
            assert httpx.put(address, content=b"y", trust_env=False).status_code in (400, 403)
