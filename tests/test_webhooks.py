"""Webhooks to this site: a true one leads to one question, and whatever else comes leads to nothing."""

from __future__ import annotations

import contextlib
import io
import logging
import random
import re
import socket
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import serializers, signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, close_old_connections, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter

from seedream_django import generate, pace, tasks, tokens, webhooks
from seedream_django.models import Beat, Generation, State, after

from .test_hints import site

pytestmark = [pytest.mark.django_db, pytest.mark.once]

OLD, OLDER = (
    "a key of last year, long enough to be one",
    "a key that nobody has any more, long enough as well",
)
BODY = b'{"data":[{"taskType":"imageInference","imageURL":"https://im.runware.ai/never-fetched.jpg"}]}'


def token(pk: uuid.UUID, key: str = "", purpose: str = tokens.WEBHOOK, settings: Any = None) -> str:
    if not key:
        return tokens.make(purpose, pk)
    settings.SECRET_KEY, kept = key, settings.SECRET_KEY
    try:
        return tokens.make(purpose, pk)
    finally:
        settings.SECRET_KEY = kept


def path_of(pk: uuid.UUID) -> str:
    return reverse("seedream_django:webhook", args=[pk])


@pytest.fixture
def running() -> Generation:
    """An order that the provider has, whose next look is far away."""
    generation = generate("a fox", size="2048x2048")
    Generation.objects.filter(pk=generation.pk).update(
        state=State.RUNNING, hooked=True, accepted_at=timezone.now(), look_at=after(600), deadline=after(900)
    )
    generation.refresh_from_db()
    return generation


@pytest.fixture
def quiet() -> Iterator[None]:
    """Django warns of each that it refuses, which is thousands of lines."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


# -- Knocking ------------------------------------------------------------------------------------------------


class Untouched(io.RawIOBase):
    """A body that nobody may read."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("The body was read.")

    readline = read


class Broken(io.RawIOBase):
    """A sender that goes away after the first piece."""

    def __init__(self, first: bytes, error: Exception | None) -> None:
        self.left, self.error = first, error

    def read(self, size: int = -1) -> bytes:
        piece, self.left = self.left[:size], self.left[size:]
        if not piece and self.error:
            raise self.error
        return piece


@contextlib.contextmanager
def connected() -> Iterator[None]:
    """Keep the test's own connection, which Django would close at the beginning and the end of each request."""
    moments = (signals.request_started, signals.request_finished)
    for moment in moments:
        moment.disconnect(close_old_connections)
    yield
    for moment in moments:
        moment.connect(close_old_connections)


HANDLER: list[WSGIHandler] = []


def knock(
    pk: uuid.UUID, query: str, body: Any = BODY, path: str = "", **environ: Any
) -> tuple[int, dict[str, str]]:
    """Deliver this through Django's own handler and all the site's middleware; give status and headers."""
    HANDLER.append(HANDLER[0] if HANDLER else WSGIHandler())
    stream = body if isinstance(body, io.RawIOBase) else io.BytesIO(body)
    length = len(body) if isinstance(body, bytes) else 1000
    told: list[Any] = []
    asked = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path or path_of(pk), "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "testserver", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(length),
        "wsgi.input": stream, "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, **environ,
    }  # fmt: skip
    asked = {name: value for name, value in asked.items() if value is not None}
    with connected():
        response = HANDLER[0](asked, lambda status, headers: told.append((status, headers)))
        assert b"".join(response) == b"" or int(told[0][0][:3]) == 404
        response.close()
    status, headers = told[0]
    return int(status[:3]), dict(headers)


def deliver(pk: uuid.UUID, body: Any = BODY, **environ: Any) -> int:
    """A true token with whatever else."""
    return knock(pk, f"token={token(pk)}", body, **environ)[0]


def everything() -> str:
    """All rows of orders and pictures, as they are."""
    return str(serializers.serialize("json", Generation.objects.order_by("pk")))


# -- A true one ----------------------------------------------------------------------------------------------


def test_a_true_one_brings_the_next_look_nearer(running: Generation) -> None:
    """It is answered at once, the row is due now, and who looks at the answer learns nothing."""
    status, headers = knock(running.pk, f"token={token(running.pk)}")
    assert status == 200
    assert headers["Cache-Control"] == "no-store"
    # Of its own it says nothing more; what else there is, the site's middleware says of each page.
    response = webhooks.webhook(RequestFactory().post("/"), running.pk)
    assert set(response.headers) == {"Content-Type", "Cache-Control"}
    assert "Set-Cookie" not in headers
    running.refresh_from_db()
    assert running.told_at is not None
    assert running.look_at == running.told_at <= timezone.now()
    assert Beat.last(pace.HEARD) is not None
    assert running.state == State.RUNNING


@pytest.mark.parametrize(
    ("status", "what"),
    [
        *((405, {"REQUEST_METHOD": method}) for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")),
        *((415, {"CONTENT_TYPE": kind}) for kind in ("text/plain", "application/x-www-form-urlencoded", "a;b=c")),
        (415, {"CONTENT_TYPE": "multipart/form-data; boundary=x"}),
        (411, {"CONTENT_LENGTH": None}),
        (411, {"CONTENT_LENGTH": ""}),
        (411, {"HTTP_TRANSFER_ENCODING": "chunked"}),
        *((400, {"CONTENT_LENGTH": length}) for length in ("-1", "abc", "1e3", "0x10", "+5", "5_0", "\u0665", "5,5")),
        *((413, {"CONTENT_LENGTH": length}) for length in (str(webhooks.CAP + 1), "9" * 15, "9" * 5000)),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_body_unread(
    status: int, what: dict[str, Any], running: Generation
) -> None:
    """A true token makes nothing else right, and what its headers say is enough to refuse it."""
    before = everything()
    assert deliver(running.pk, Untouched(), **what) == status
    assert everything() == before
    assert Beat.last(pace.HEARD) is None


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "", None]
)
def test_what_is_json_or_says_nothing_is_taken(kind: str | None, running: Generation) -> None:
    """One official client names the type and another text does not."""
    assert deliver(running.pk, CONTENT_TYPE=kind) == 200


@pytest.mark.parametrize(
    "error", [None, OSError("gone"), TimeoutError(), RuntimeError("a server's own"), EOFError()]
)
def test_one_that_breaks_off_wakes_nobody(error: Exception | None, running: Generation) -> None:
    """It is no failure of ours, and the sender comes again with all of it."""
    before = everything()
    assert deliver(running.pk, Broken(b'{"data":', error)) == 400
    assert everything() == before


def test_an_order_that_is_gone(settings: Any) -> None:
    """A token that is true and a row that is not there: taken, so that the sender does not try again."""
    assert deliver(uuid.uuid4()) == 202


def test_pictures_that_come_inside_may_be_long(settings: Any) -> None:
    """As long as a file may be in base64, and no longer; of it nothing is kept."""
    settings.SEEDREAM |= {"MAX_BYTES": 300_000}
    generation = generate("a fox", output_type="base64Data")
    assert deliver(generation.pk, b"x" * (webhooks.CAP + 400_000)) == 200
    assert deliver(generation.pk, Untouched(), CONTENT_LENGTH=str(webhooks.CAP + 400_001)) == 413


def test_a_database_that_is_away_is_not_told_of_with_the_token(
    running: Generation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The sender tries again; no log line shows the address, nor does what Django mails of it to the admins."""

    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("The database is away.")

    monkeypatch.setattr(tasks, "hint", away)
    with caplog.at_level(logging.DEBUG):
        assert deliver(running.pk) == 503
    assert "could not be heeded" in caplog.text
    requests = [record.request for record in caplog.records if hasattr(record, "request")]
    mails = [ExceptionReporter(one, None, None, None, is_email=True).get_traceback_text() for one in requests]
    assert mails
    shown = [caplog.text, *map(repr, requests), *mails]
    assert [text for text in shown if token(running.pk) in text] == []


@pytest.mark.parametrize("name", ["RAW_URI", "REQUEST_URI", "HTTP_X_ORIGINAL_URI"])
def test_no_page_about_an_error_shows_the_token(
    name: str, running: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers keep the whole address under names of their own, and Django shows those and every variable."""
    pages: list[str] = []

    def fails(*args: Any) -> int:
        raise RuntimeError("Nobody foresaw it.")

    def look(sender: Any, request: Any, **kwargs: Any) -> None:
        reporter = ExceptionReporter(request, *sys.exc_info())
        pages.extend((reporter.get_traceback_text(), reporter.get_traceback_html()))

    monkeypatch.setattr(webhooks, "_hear", fails)
    address = f"{path_of(running.pk)}?token={token(running.pk)}"
    signals.got_request_exception.connect(look)
    try:
        client = Client(raise_request_exception=False)
        answer = client.post(address, BODY, content_type="application/json", **{name: address})
    finally:
        signals.got_request_exception.disconnect(look)
    assert (answer.status_code, len(pages)) == (500, 2)
    for page in pages:
        assert name in page
        assert "webhooks.py" in page
        assert token(running.pk) not in page


def test_a_queue_that_cannot_be_found(running: Generation, settings: Any) -> None:
    """Whatever is wrong with the site's queue, the row is due, and the provider is not told of a failure."""
    settings.SEEDREAM |= {"HUEY": "tests.nowhere.huey"}
    assert deliver(running.pk) == 200
    assert Generation.objects.to_collect().exists()


def test_without_its_slash_there_is_nothing(running: Generation, settings: Any) -> None:
    """Django would lead on to the address with a slash, token and all, or fail over it while DEBUG is on."""
    for settings.DEBUG in (False, True):
        status, headers = knock(running.pk, f"token={token(running.pk)}", path=path_of(running.pk)[:-1])
        assert (status, headers.get("Location")) == (404, None)


def test_nobody_has_to_be_logged_in(running: Generation, settings: Any) -> None:
    """Where every other page asks for a login, and each request has a transaction of its own."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    settings.DATABASES["default"]["ATOMIC_REQUESTS"] = True
    client = Client(enforce_csrf_checks=True)
    address = f"{path_of(running.pk)}?token={token(running.pk)}"
    assert client.post(address, BODY, content_type="application/json").status_code == 200
    assert webhooks.webhook._non_atomic_requests == {"default"}
    settings.DATABASES["default"]["ATOMIC_REQUESTS"] = False


# -- Tokens --------------------------------------------------------------------------------------------------


def test_two_keys_and_no_third(running: Generation, settings: Any) -> None:
    """A delivery signed with the old key is taken as long as that is named, and not a moment longer."""
    old, older = (token(running.pk, key, settings=settings) for key in (OLD, OLDER))
    settings.SECRET_KEY_FALLBACKS = [OLD]
    assert knock(running.pk, f"token={old}")[0] == 200
    assert knock(running.pk, f"token={older}", Untouched())[0] == 403
    settings.SECRET_KEY_FALLBACKS = []
    assert knock(running.pk, f"token={old}", Untouched())[0] == 403
    assert deliver(running.pk) == 200


def test_a_token_costs_the_same_whatever_it_is(
    running: Generation, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many signatures are made and compared for a true one as for an old, a long or an empty one."""
    settings.SECRET_KEY_FALLBACKS = [OLD, OLDER]
    made: list[Any] = []
    sign, compare = tokens.salted_hmac, tokens.constant_time_compare
    monkeypatch.setattr(tokens, "salted_hmac", lambda *a, **k: (made.append("sign"), sign(*a, **k))[1])
    monkeypatch.setattr(tokens, "constant_time_compare", lambda *a: (made.append("compare"), compare(*a))[1])
    true, old = token(running.pk), token(running.pk, OLD, settings=settings)
    counts = set()
    for query in (
        f"token={true}",
        f"token={old}",
        f"token={true[:-1]}x",
        "",
        "token=",
        f"token={'x' * 60_000}",
        "é",
    ):
        made.clear()
        knock(running.pk, query)
        counts.add((made.count("sign"), made.count("compare")))
    assert counts == {(3, 3)}


# -- Thousands that are not ----------------------------------------------------------------------------------

#: How a true token is made a wrong one.
FORGERIES = (
    lambda true, dice, other: "",
    lambda true, dice, other: f"token={true[:-1]}",
    lambda true, dice, other: f"token={true}0",
    lambda true, dice, other: f"token={true.upper()}" if true.upper() != true else "token=0",
    lambda true, dice, other: f"Token={true}",
    lambda true, dice, other: f"token={true}&token={true}",
    lambda true, dice, other: f"token={true}&token={other}",
    lambda true, dice, other: f"token={other}",
    lambda true, dice, other: f"token=%{ord(true[0]):x}{true[1:]}",
    lambda true, dice, other: f"token= {true}",
    lambda true, dice, other: f"token={true}%00",
    lambda true, dice, other: f"token={true}\xff",
    lambda true, dice, other: f"token[]={true}",
    lambda true, dice, other: f"a={'b' * 600}&token={true}",
    lambda true, dice, other: "&".join(["x=1"] * 900),
    lambda true, dice, other: f"token={''.join(dice.choices('0123456789abcdef', k=64))}",
    lambda true, dice, other: f"token={''.join(chr(dice.randrange(1, 256)) for _ in range(dice.randrange(90)))}"
    .replace("&", ""),
    lambda true, dice, other: _changed(true, dice),
)  # fmt: skip
# Django itself falls over more than a thousand fields, and over a charset that is none for text, on every page alike.
KINDS = (
    "application/json", "application/json; charset=utf-8", "text/plain", "multipart/form-data; boundary=b", "", None,
    "application/x-www-form-urlencoded",
    "application/json; charset=latin-1", "application/json; charset=cp1252", "application/json; charset=no-such",
)  # fmt: skip
LENGTHS = (
    "0",
    "1",
    "1000",
    "-1",
    "-0",
    "abc",
    "",
    None,
    "99999999999",
    "9" * 4400,
    "65537",
    " 12",
    "1 2",
    "\xb2",
)
METHODS = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "post", "X" * 300)


def _changed(true: str, dice: random.Random) -> str:
    place = dice.randrange(len(true))
    letter = dice.choice([one for one in "0123456789abcdef" if one != true[place]])
    return f"token={true[:place]}{letter}{true[place + 1 :]}"


def test_thousands_that_are_forged(quiet: None, running: Generation, settings: Any) -> None:
    """2,000 with a wrong token: each is refused without one query and with its body unread, whatever else it says."""
    dice, before = random.Random(2026), everything()
    others = [
        token(uuid.uuid4()), token(running.pk, purpose=tokens.UPLOAD), token(running.pk, OLDER, settings=settings),
    ]  # fmt: skip
    settings.SECRET_KEY_FALLBACKS = [OLD]
    true = token(running.pk)
    with CaptureQueriesContext(connection) as queries:
        for number in range(2000):
            query = FORGERIES[number % len(FORGERIES)](true, dice, dice.choice(others))
            kind, length = dice.choice(KINDS), dice.choice(LENGTHS)
            method = "POST" if dice.random() < 0.9 else dice.choice([m for m in METHODS if m != "post"])
            pk = running.pk if dice.random() < 0.8 or true in query else uuid.uuid4()
            status, _ = knock(
                pk, query, Untouched(), REQUEST_METHOD=method, CONTENT_TYPE=kind, CONTENT_LENGTH=length
            )
            assert status == (403 if method == "POST" else 405), (number, query, kind, length, method)
    assert len(queries) == 0
    assert everything() == before
    assert not Beat.objects.filter(name=pace.HEARD).exists()


def test_a_thousand_that_are_broken(quiet: None, running: Generation) -> None:
    """1,000 with a true token, of a wrong kind, length or method, or cut off: none is taken, none is an error."""
    dice, before = random.Random(6), everything()
    for number in range(1000):
        body: Any = dice.randbytes(dice.randrange(1, 5000))
        what: dict[str, Any] = {}
        if number % 4 == 0:
            what["CONTENT_TYPE"] = dice.choice([kind for kind in KINDS if kind and "/json" not in kind])
        elif number % 4 == 1:
            what["CONTENT_LENGTH"] = dice.choice(
                ["-1", "-0", "abc", "", None, "99999999999", "9" * 4400, "65537"]
            )
        elif number % 4 == 2:
            what["REQUEST_METHOD"] = dice.choice([method for method in METHODS if method != "post"])
        else:
            what["CONTENT_LENGTH"] = str(len(body) + dice.randrange(1, 60_000))
        assert 400 <= deliver(running.pk, body, **what) < 500, (number, what)
    assert everything() == before
    assert not Beat.objects.filter(name=pace.HEARD).exists()


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.LOST, State.CANCELLED, State.STORING])
def test_three_hundred_after_the_end(state: str, running: Generation) -> None:
    """Repeated and replayed, with whatever body: each is answered as the first was, and nothing of the row changes."""
    Generation.objects.update(state=state)
    dice, before = random.Random(state), everything()
    for _ in range(300 // 5):
        assert deliver(running.pk, dice.randbytes(dice.randrange(2000))) == 200
    assert everything() == before


def test_two_hundred_at_once_are_one_look(running: Generation) -> None:
    """Doubled and replayed while the order is under way: one look now, one more a second later, and no third."""
    for _ in range(200):
        assert deliver(running.pk) == 200
        if not (told := Generation.objects.get()).look_at <= timezone.now() + pace.HINT_INTERVAL:
            raise AssertionError(told.look_at)
    running.refresh_from_db()
    assert running.look_at <= timezone.now()
    assert running.told_at <= timezone.now() + pace.HINT_INTERVAL
    assert running.state == State.RUNNING


# -- Over a real socket --------------------------------------------------------------------------------------


def answer_to(port: int, sent: bytes) -> bytes:
    """All that comes back to these bytes, after which nothing more is sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        with contextlib.suppress(OSError):
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
        pieces = []
        with contextlib.suppress(ConnectionResetError):
            while piece := line.recv(65536):
                pieces.append(piece)
    return b"".join(pieces)


def request(target: str, *headers: str, body: bytes = b"", method: str = "POST") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: testserver", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def hostile(dice: random.Random, path: str, true: str, forged: str) -> bytes:
    """One delivery that must not be taken, as bytes on the wire."""
    good, body = f"{path}?token={true}", dice.randbytes(dice.randrange(10, 3000))
    kind, length = "Content-Type: application/json", f"Content-Length: {len(body)}"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    return dice.choice(
        [
            request(f"{path}?{forged}", kind, length, body=body),
            request(f"{path}?{forged}", kind, f"Content-Length: {len(body) * 50}", body=body),
            request(f"{path}?{forged}&token={true}&token={true}", kind, length, body=body),
            request(path, kind, length, f"X-Token: {true}", f"Cookie: token={true}", body=body),
            request(path, kind, f"Content-Length: {70 + len(body)}", body=f"token={true}".encode() + body),
            request(good, kind, f"Content-Length: {len(body) + dice.randrange(1, 9999)}", body=body),
            request(good, kind, f"Content-Length: {dice.randrange(webhooks.CAP + 1, 999_999)}", body=body),
            request(good, kind, f"Content-Length: {webhooks.CAP + 1}", body=b"x" * (webhooks.CAP + 1)),
            request(good, kind, "Transfer-Encoding: chunked", body=chunks),
            request(good, kind, "Transfer-Encoding: chunked", length, body=chunks),
            request(
                good, kind, f"Content-Length: {dice.choice(['-1', 'abc', '1e9', '', '0x5', '+5'])}", body=body
            ),
            request(good, kind, body=body),
            request(good, "Content-Type: text/html", length, body=body),
            request(
                good, kind, length, body=body, method=dice.choice(["GET", "PUT", "DELETE", "PATCH", "BREW"])
            ),
            request(good.replace("/?", "?"), kind, length, body=body),
            request(good.replace("hook", "Hook"), kind, length, body=body),
            request(good, kind, length, body=body)[: dice.randrange(5, 90)],
            b"\x16\x03\x01" + body,
        ]
    )


@pytest.mark.django_db(transaction=True)
def test_hundreds_on_the_wire(quiet: None, running: Generation, settings: Any) -> None:
    """600 real requests, byte by byte as they are meant: none is taken, none is an error, and a true one still is."""
    dice, before = random.Random(600), everything()
    path, true = path_of(running.pk), token(running.pk)
    with site() as root:
        port = int(root.rpartition(":")[2])
        for number in range(600):
            forged = FORGERIES[number % len(FORGERIES)](true, dice, token(uuid.uuid4()))
            sent = hostile(dice, path, true, forged.replace(" ", "+").replace("\r", "").replace("\n", ""))
            came = answer_to(port, sent)
            # To what is no request at all the server answers without a head, or not at all.
            assert came == b"" or re.match(rb"HTTP/1.[01] 4\d\d |<!DOCTYPE[^$]*Error code: 400", came), (
                came,
                sent,
            )
        assert everything() == before
        last = request(
            f"{path}?token={true}", "Content-Type: application/json", "Content-Length: 2", body=b"{}"
        )
        assert answer_to(port, last)[9:12] == b"200"
    assert everything() != before


def test_an_address_that_somebody_kept(running: Generation, client: Client) -> None:
    """Of an order that ended long ago it is answered, and keeps no poll from being as quick as ever."""
    address = f"{path_of(running.pk)}?token={token(running.pk)}"
    ended = {"state": State.DONE, "finished_at": after(-webhooks.KEPT - 60)}
    Generation.objects.filter(pk=running.pk).update(**ended)
    assert client.post(address, BODY, content_type="application/json").status_code == 200
    assert not pace.hears()
    Generation.objects.filter(pk=running.pk).update(finished_at=after(-60))
    assert client.post(address, BODY, content_type="application/json").status_code == 200
    assert pace.hears()
