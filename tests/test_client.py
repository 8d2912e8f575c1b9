"""What the client asks and what it makes of the answer, in process; the sockets are in test_wire."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from seedream_django.exceptions import ForbiddenAddress, NotRun, PictureError, ProviderError, Refused, Unclear
from seedream_django.runware import client as wire
from seedream_django.runware.client import Inline, Report, Runware, in_process
from seedream_django.runware.exchange import retry_after

KEY = "canary-4f7a1c9e8b2d4e6f-key"
TASK = uuid.UUID("6f1f7c1e-3a52-4f0e-9d3b-0f7f5f1f2a01")
OTHER = uuid.UUID("6f1f7c1e-3a52-4f0e-9d3b-0f7f5f1f2a02")
ACK = {"taskType": "imageInference", "taskUUID": str(TASK)}
DONE = {
    **ACK,
    "imageUUID": str(uuid.UUID(int=5)),
    "imageURL": "http://sandbox/files/a.jpg?sig=1",
    "cost": 0.035,
}


class Provider:
    """A WSGI application that answers with what it is told to and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.payload, self.headers = "200 OK", {}, []
        self.tasks: list[list[dict[str, Any]]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            assert environ["HTTP_AUTHORIZATION"] == f"Bearer {KEY}"
            self.tasks.append(json.loads(environ["wsgi.input"].read()))
        else:
            assert "HTTP_AUTHORIZATION" not in environ
        start_response(self.status, [("Content-Type", "application/json"), *self.headers])
        return [json.dumps(self.payload).encode()]


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def client(provider: Provider) -> Runware:
    return Runware(KEY, "http://sandbox/v1", transport=in_process(provider))


def test_submit_sends_one_task_once(client: Runware, provider: Provider) -> None:
    """The task as it is, in an array of one."""
    provider.payload = {"data": [ACK]}
    assert client.submit({**ACK, "positivePrompt": "fox"}) == Report(TASK, processing=True, known=True)
    assert provider.tasks == [[{**ACK, "positivePrompt": "fox"}]]


@pytest.mark.parametrize(
    ("codes", "kind", "code"),
    [
        (["invalidWidth", "conflictTaskUUID"], Refused, "conflictTaskUUID"),
        (["invalidWidth", "inferenceError"], Unclear, "inferenceError"),
        (["rateLimitExceeded", "invalidWidth"], Refused, "invalidWidth"),
        (["rateLimitExceeded"], NotRun, "rateLimitExceeded"),
    ],
)
def test_of_several_errors_the_binding_one_counts(
    codes: list[str], kind: type[ProviderError], code: str, client: Runware, provider: Provider
) -> None:
    """Proof of acceptance before doubt, doubt before a no, a no before "later"."""
    provider.status, provider.payload = "400 Bad", {"data": [], "errors": [{"code": c} for c in codes]}
    with pytest.raises(kind) as caught:
        client.submit(ACK)
    assert caught.value.code == code


def test_an_acknowledgement_under_a_bad_status_is_unclear(client: Runware, provider: Provider) -> None:
    """A gateway's 400 around an accepted task: perhaps it runs, so nobody may be told that it does not."""
    provider.status, provider.payload = "400 Bad", {"data": [ACK]}
    with pytest.raises(Unclear):
        client.submit(ACK)


def test_a_broken_connection_in_process_is_unclear() -> None:
    """The WSGI transport lets a builtin OSError through."""

    def broken(environ: Any, start_response: Any) -> Any:
        raise ConnectionResetError

    client = Runware(KEY, "http://sandbox/v1", transport=in_process(broken))
    with pytest.raises(Unclear) as caught:
        client.submit(ACK)
    assert caught.value.kind == "network"
    assert caught.value.__context__ is None


@pytest.mark.parametrize("key", ["", " ", "ключ-ключ-ключ", "line\nbreak-of-a-long-key"])
def test_a_key_that_cannot_be_one_is_refused_unsent(key: str, provider: Provider) -> None:
    """No request, and an error that does not repeat it: the HTTP library's own would."""
    client = Runware(key, "http://sandbox/v1", transport=in_process(provider))
    with pytest.raises(Refused) as caught:
        client.submit(ACK)
    assert caught.value.kind == "auth"
    assert provider.tasks == []
    assert not key.strip() or key not in str(caught.value)


def test_no_repr_shows_the_key_or_a_query(provider: Provider) -> None:
    """Debug pages print every local variable."""
    client = Runware(KEY, "http://sandbox/v1?token=hidden", transport=in_process(provider))
    assert repr(client) == "<Runware http://sandbox/v1>"


def test_an_error_about_the_provider_names_neither_prompt_nor_key(
    client: Runware, provider: Provider
) -> None:
    """What a row and a page will show of a bare 503."""
    provider.status = "503 Unavailable"
    with pytest.raises(Unclear) as caught:
        client.submit({**ACK, "positivePrompt": "a secret fox"})
    assert str(caught.value) == "The provider answered with HTTP status 503."
    assert (caught.value.kind, caught.value.status) == ("server", 503)


def test_inline_pictures_may_be_long(client: Runware, provider: Provider, tmp_path: Path) -> None:
    """A base64 reply of 9 MB goes to disk where it was asked for, and is too long anywhere else."""
    provider.payload = {"data": [{**ACK, "imageBase64Data": "abcd" * (9 << 18)}]}
    (result,) = client.submit(ACK, inline=Inline(tmp_path / "reply", 10 << 20)).results
    assert result.picture
    assert result.picture.path
    assert result.picture.size == result.picture.path.stat().st_size == 3 * (9 << 18)
    with pytest.raises(Unclear, match="too long"):
        client.submit(ACK)


# -- Questions -----------------------------------------------------------------------------------------------


def test_one_request_polls_for_all(client: Runware, provider: Provider) -> None:
    """Many questions in one array; who is not mentioned is absent, who was not asked for is ignored."""
    stranger = {**DONE, "taskUUID": str(uuid.uuid4())}
    provider.payload = {"data": [DONE, stranger]}
    reports = client.poll([TASK, OTHER])
    assert list(reports) == [TASK]
    assert provider.tasks == [[{"taskType": "getResponse", "taskUUID": str(u)} for u in (TASK, OTHER)]]


def test_nothing_to_ask_asks_nothing(client: Runware, provider: Provider) -> None:
    """No task, no request."""
    assert client.poll([]) == {}
    assert provider.tasks == []


def test_an_empty_answer_is_an_answer(client: Runware, provider: Provider) -> None:
    """``data: []`` mentions nobody; a reply without ``data`` is not one."""
    provider.payload = {"data": []}
    assert client.poll([TASK]) == {}
    provider.payload = {"message": "hello"}
    with pytest.raises(Unclear):
        client.poll([TASK])


def test_a_partly_failed_poll_gives_what_it_has(
    client: Runware, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """One question was limited, the other answered: the answer counts, the rest is logged by class only."""
    error = {
        "code": "rateLimitExceeded",
        "message": "hush",
        "taskUUID": str(OTHER),
        "taskType": "getResponse",
    }
    provider.payload = {"data": [DONE], "errors": [error]}
    with caplog.at_level(logging.WARNING):
        assert list(client.poll([TASK, OTHER])) == [TASK]
    assert "rate_limit" in caplog.text
    assert "hush" not in caplog.text


@pytest.mark.parametrize(
    ("status", "kind"), [("401 No", "auth"), ("429 Later", "rate_limit"), ("503 Off", "server")]
)
def test_a_failed_poll_says_of_what_class(
    status: str, kind: str, client: Runware, provider: Provider
) -> None:
    """So that the poller can stop, wait or go on."""
    provider.status = status
    with pytest.raises(ProviderError) as caught:
        client.poll([TASK])
    assert caught.value.kind == kind


def test_details_of_a_finished_task(client: Runware, provider: Provider) -> None:
    """The archived reply is read like a live one."""
    provider.payload = {"data": [{"taskUUID": str(TASK), "request": [ACK], "response": {"data": [DONE]}}]}
    report = client.details(TASK)
    assert report
    assert report.results[0].cost == Decimal("0.035")
    assert provider.tasks == [[{"taskType": "getTaskDetails", "taskUUID": str(TASK)}]]


def test_details_without_a_response(client: Runware, provider: Provider) -> None:
    """Known and in work."""
    provider.payload = {"data": {"taskUUID": str(TASK), "request": [ACK], "response": None}}
    assert client.details(TASK) == Report(TASK, processing=True, known=True)


@pytest.mark.parametrize("named", [True, False])
def test_details_of_an_unknown_task(named: bool, client: Runware, provider: Provider) -> None:
    """Only the provider's own word means unknown."""
    error = {"code": "taskFailedOrNotFound"} | ({"taskUUID": str(TASK)} if named else {})
    provider.status, provider.payload = "404 Not Found", {"errors": [error]}
    assert client.details(TASK) is None


@pytest.mark.parametrize(
    ("status", "payload"),
    [
        ("404 Not Found", {}),
        ("503 Off", {"errors": [{"code": "taskFailedOrNotFound"}]}),
        ("200 OK", {"data": []}),
        ("401 No", {"errors": [{"code": "invalidApiKey"}]}),
    ],
)
def test_a_failed_question_is_not_an_unknown_task(
    status: str, payload: dict[str, Any], client: Runware, provider: Provider
) -> None:
    """A proxy's 404 taken for "unknown" would send a paid task again."""
    provider.status, provider.payload = status, payload
    with pytest.raises(ProviderError):
        client.details(TASK)


def test_ping(client: Runware, provider: Provider) -> None:
    """Silence means that key and endpoint work."""
    provider.payload = {"data": [{"taskType": "ping", "pong": True}]}
    assert client.ping() is None
    provider.payload = {"errors": [{"code": "invalidApiKey", "message": "Wrong."}]}
    with pytest.raises(Refused, match="Wrong"):
        client.ping()


@pytest.mark.parametrize(
    ("balance", "read"),
    [
        (12.5, "12.5"),
        ({"amount": 12.5, "currency": "USD"}, "12.5"),
        (250_000, "250000"),
        ("x", None),
        (None, None),
    ],
)
def test_balance(balance: Any, read: str | None, client: Runware, provider: Provider) -> None:
    """A number or an object; what is neither is not known rather than zero."""
    provider.payload = {"data": [{"taskType": "accountManagement", "balance": balance}]}
    assert client.balance() == (None if read is None else Decimal(read))


# -- Downloads -----------------------------------------------------------------------------------------------


def test_a_download_in_process(client: Runware, provider: Provider, tmp_path: Path) -> None:
    """The same transport brings the sandbox's files; the key does not go along."""
    provider.payload = "picture"
    assert client.download(DONE["imageURL"], tmp_path / "a").size == len('"picture"')


def test_a_forbidden_address_is_not_opened(client: Runware, provider: Provider, tmp_path: Path) -> None:
    """Not even in process."""
    with pytest.raises(ForbiddenAddress):
        client.download("http://evil/a?sig=1", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_two_parsers_must_agree(client: Runware, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Should the guard's parser ever read another host than the HTTP library's, nothing is opened."""
    monkeypatch.setattr(wire.guard, "check", lambda *args: ("http", "elsewhere"))
    with pytest.raises(ForbiddenAddress):
        client.download(DONE["imageURL"], tmp_path / "a")


def test_a_cut_in_process_is_a_picture_error(tmp_path: Path) -> None:
    """A builtin OSError out of the body, with nothing of the HTTP library behind it, and no file."""

    def cut(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "image/jpeg")])
        yield b"pic"
        raise ConnectionResetError

    client = Runware(KEY, "http://sandbox/v1", transport=in_process(cut))
    with pytest.raises(PictureError) as caught:
        client.download(DONE["imageURL"], tmp_path / "a")
    assert "sig" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


# -- Small things --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("", None), ("0", 0), ("12", 12), (" 1.5 ", 1.5), ("99999", 3600), ("-5", None),
     ("nan", None),
     ("inf", None), ("9" * 400, None), ("Wed, 99 Oct 2015", None),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),],
)  # fmt: skip
def test_retry_after(value: str | None, seconds: float | None) -> None:
    """Seconds or a date, never negative, never beyond an hour, never an error."""
    assert retry_after(value) == seconds


def test_retry_after_a_date_soon() -> None:
    """A date is counted from now."""
    seconds = retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True))
    assert seconds
    assert 95 <= seconds <= 100


def test_an_injected_transport_is_its_owner_s(provider: Provider) -> None:
    """Closing one client of a shared transport leaves the others theirs."""
    transport = in_process(provider)
    closed: list[bool] = []
    transport.close = lambda: closed.append(True)  # type: ignore[method-assign]
    Runware(KEY, "http://sandbox/v1", transport=transport).close()
    assert closed == []
