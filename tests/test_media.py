"""What the provider is given before an order is sent: once, free of charge, and again when it has dropped it."""

from __future__ import annotations

import datetime
import json
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from seedream_django import circuit, media, orders, pipeline, provider, receiving, references
from seedream_django.exceptions import InvalidOrder, NotRun, Refused
from seedream_django.models import (
    Generation,
    Reference,
    ReferenceFile,
    SentMedia,
    State,
    Switch,
    after,
    private_storage,
)
from seedream_django.runware.client import in_process
from seedream_django.sandbox import Books

from .steps import carry, made, turn
from .test_references import drawn

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def sent(books: Books, order: Generation) -> list[str]:
    """The references of an order as they reached the provider."""
    task: dict[str, Any] = json.loads(books.request(str(order.pk)))
    return list(task.get("inputs", {}).get("referenceImages", []))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The types of the tasks that went over the wire, in order."""
    seen: list[str] = []
    client = provider.client()
    ask = client._ask

    def listening(tasks: Any, *args: Any, **kwargs: Any) -> Any:
        seen.extend(task["taskType"] for task in tasks)
        return ask(tasks, *args, **kwargs)

    monkeypatch.setattr(client, "_ask", listening)
    return seen


# -- Sent once -----------------------------------------------------------------------------------------------


def test_sent_by_uuid_in_order(books: Books) -> None:
    """Each reaches the provider in its place, by the UUID that the provider gave it; the row keeps no bytes of it."""
    order = made("a cat", references=[drawn("red"), drawn("blue")])
    assert order.state == State.DONE
    uuids = [str(SentMedia.objects.get(sha256=row.sha256).media_uuid) for row in order.references.all()]
    assert sent(books, order) == uuids
    assert "inputs" not in order.parameters


def test_sent_once(asked: list[str]) -> None:
    """The same bytes in another order are not sent again; used, they are kept for longer."""
    made("a cat", references=[drawn()])
    SentMedia.objects.update(used_at=timezone.now() - datetime.timedelta(days=20))
    assert made("a dog", references=[drawn()]).state == State.DONE
    assert asked.count("mediaStorage") == 1
    assert SentMedia.objects.get().used_at > timezone.now() - datetime.timedelta(minutes=1)


def test_sent_again_after_its_time(asked: list[str]) -> None:
    """What the provider may have dropped by now is not relied on, and the memory of it is cleared."""
    made("a cat", references=[drawn()])
    SentMedia.objects.update(used_at=timezone.now() - datetime.timedelta(days=29, minutes=1))
    assert made("a dog", references=[drawn()]).state == State.DONE
    assert asked.count("mediaStorage") == 2
    SentMedia.objects.update(used_at=timezone.now() - datetime.timedelta(days=29, minutes=1))
    media.clear()
    assert not SentMedia.objects.exists()


def test_sent_again_when_the_provider_dropped_it(asked: list[str], books: Books) -> None:
    """Refused for a UUID that it once gave, the order is sent again with its bytes: nothing ran, nothing is lost."""
    made("a cat", references=[drawn()])
    SentMedia.objects.update(media_uuid="11111111-1111-4111-8111-111111111111")
    order = made("a dog", references=[drawn()])
    assert order.state == State.DONE
    assert asked.count("mediaStorage") == 2
    assert len(books.charges()) == 2


def test_a_uuid_that_nobody_knows_is_final(books: Books) -> None:
    """What somebody gave by a UUID is not ours to send again: it is refused in the provider's words."""
    order = made("a cat", references=["11111111-1111-4111-8111-111111111111"])
    assert order.state == State.FAILED
    assert order.error_kind == "validation"
    assert not books.charges()


def test_another_account_knows_nothing_of_it(settings: Any, asked: list[str], sandbox: Any) -> None:
    """What one account was sent is not named to another."""
    made("a cat", references=[drawn()])
    first = SentMedia.objects.get().account
    settings.SEEDREAM |= {"SANDBOX_STATE": sandbox / "other.sqlite3"}
    assert made("a dog", references=[drawn()]).state == State.DONE
    assert set(SentMedia.objects.values_list("account", flat=True)) > {first}


def test_a_picture_of_ours(books: Books) -> None:
    """An earlier picture is sent as it is kept; one larger than a reference may be is named by its own UUID."""
    image = made("a harbour").images.get()
    assert made("at night", references=[(image, "edit")]).state == State.DONE
    assert SentMedia.objects.get().sha256 == image.sha256
    type(image).objects.update(size=11 * 2**20)
    image.refresh_from_db()
    order = made("at dawn", references=[(image, "edit")])
    assert order.state == State.DONE
    assert sent(books, order) == [str(image.image_uuid)]


def test_a_file_of_the_sites(books: Books) -> None:
    """The file that a field has is read by the worker, and its content is known from then on."""
    image = made("a harbour").images.get()
    order = made("at night", references=[image.preview])
    assert order.state == State.DONE
    assert order.references.get().sha256 == SentMedia.objects.get().sha256


def test_the_roles_are_told(books: Books) -> None:
    """The words go after the prompt; the prompt as written stays as it is."""
    order = made("a cat", references=[drawn("red"), (drawn("blue"), "style")])
    assert json.loads(books.request(str(order.pk)))["positivePrompt"] == "a cat\nTake the style from image 2."
    assert order.prompt == "a cat"


def refusing(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A provider that refuses the references of each order; the tasks that it was sent."""
    tasks: list[Any] = []

    def submit(generation: Generation, task: Any) -> Any:
        tasks.append(task)
        words = {"code": "invalidReferenceImages", "parameter": "inputs.referenceImages", "status": 400}
        raise Refused("No.", kind="validation", **words)

    monkeypatch.setattr(receiving, "submit", submit)
    return tasks


def test_the_same_twice_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same picture twice was sent just now, not some other time: what is refused then is final."""
    tasks = refusing(monkeypatch)
    assert made("a cat", references=[drawn(), drawn()]).state == State.FAILED
    assert len(tasks) == 1


def test_two_orders_of_what_was_dropped(monkeypatch: pytest.MonkeyPatch, books: Books) -> None:
    """Two orders that both relied on what the provider has dropped are both sent again."""
    made("a cat", references=[drawn()])
    SentMedia.objects.update(media_uuid="11111111-1111-4111-8111-111111111111")
    first, second = (orders.place(prompt, references=[drawn()]) for prompt in ("a dog", "a cow"))
    Generation.objects.update(look_at=timezone.now())
    prepare, looked = media.prepare, []

    def meanwhile(generation: Generation) -> media.Prepared:
        prepared = prepare(generation)
        if not looked:
            looked.append(pipeline.submit(second.pk))
        return prepared

    monkeypatch.setattr(media, "prepare", meanwhile)
    pipeline.submit(first.pk)
    assert [carry(first).state, carry(second).state] == [State.DONE, State.DONE]
    assert len(books.charges()) == 3


# -- By address ----------------------------------------------------------------------------------------------


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A small web in this process: path -> (status, headers, body)."""

    def serve(pages: dict[str, tuple[str, dict[str, str], bytes]]) -> None:
        def app(environ: Any, start_response: Any) -> Iterable[bytes]:
            query = environ.get("QUERY_STRING")
            where = environ["HTTP_HOST"] + environ["PATH_INFO"] + (f"?{query}" if query else "")
            status, headers, body = pages.get(where, ("404 Not Found", {}, b""))
            start_response(status, [*headers.items(), ("Content-Length", str(len(body)))])
            return [body]

        monkeypatch.setitem(provider.client().__dict__, "_outside", in_process(app))

    return serve


@pytest.fixture(autouse=True)
def _fresh_client() -> Iterator[None]:
    yield
    provider._sandbox.cache_clear()


def test_fetched_once_and_kept(web: Callable[..., None]) -> None:
    """A worker fetches it, follows a redirect, keeps its bytes, and forgets what may be secret in the address."""
    picture = drawn(format="JPEG", size=(200, 100))
    web(
        {
            "example.com/a?token=hush": ("302 Found", {"Location": "https://cdn.example.com/b"}, b""),
            "cdn.example.com/b": ("200 OK", {"Content-Type": "image/jpeg"}, picture),
        }
    )
    order = made("a cat", references=["https://example.com/a?token=hush"])
    assert order.state == State.DONE, order.error_message
    row = order.references.get()
    assert row.url == "https://example.com/a"
    assert row.file is not None
    with private_storage().open(row.file.file.name) as kept:
        assert kept.read() == picture
    assert made("a cat", references=[row]).state == State.DONE


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://127.0.0.1/a.jpg", "its address is not public"),
        ("https://[::1]/a.jpg", "its address is not public"),
        ("https://localhost/a.jpg", "its address is not public"),
        ("https://2130706433/a.jpg", "its address is not public"),
        ("https://example.com:8443/a.jpg", "its address is not public"),
        ("https://inward.example.com/a", "its address is not public"),
        ("https://downward.example.com/a", "its address is not public"),
        ("https://example.com/gone", "is gone"),
        ("https://example.com/page", "no picture in PNG"),
        ("https://example.com/small", "more than 14"),
        ("https://example.com/large", "larger than"),
    ],
)
def test_an_address_that_cannot_be_used(
    web: Callable[..., None], books: Books, address: str, says: str
) -> None:
    """It is refused before anything is paid, whatever it leads to; the words say which one and why."""
    web(
        {
            "inward.example.com/a": ("302 Found", {"Location": "https://169.254.169.254/latest"}, b""),
            "downward.example.com/a": ("302 Found", {"Location": "http://example.com/b"}, b""),
            "example.com/page": ("200 OK", {}, b"<html>no picture</html>"),
            "example.com/small": ("200 OK", {}, drawn(size=(10, 10))),
            "example.com/large": ("200 OK", {}, b"\0" * (10 * 2**20 + 1)),
        }
    )
    order = made("a cat", references=[address])
    assert (order.state, order.error_kind) == (State.FAILED, "reference")
    assert order.error_message.startswith("Reference 1 (")
    assert says in order.error_message
    assert not books.charges()
    assert not books.accepted()


def test_an_address_that_does_not_answer(web: Callable[..., None]) -> None:
    """A server in trouble is asked again later: the order waits, unsent and unpaid, until its deadline."""
    web({"example.com/a": ("503 Busy", {}, b"")})
    order = orders.place("a cat", references=["https://example.com/a"])
    turn()
    order.refresh_from_db()
    assert (order.state, order.error_kind) == (State.QUEUED, "reference")
    web({"example.com/a": ("200 OK", {}, drawn())})
    assert carry(order).state == State.DONE


def test_kept_later_while_the_storage_is_away(
    web: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was fetched and cannot be kept just now is fetched again: the order waits, and does not fail."""
    web({"example.com/a": ("200 OK", {}, drawn())})
    order = orders.place("a cat", references=["https://example.com/a"])

    def away(*args: Any, **kwargs: Any) -> Any:
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(type(private_storage()), "save", away)
        turn()
    order.refresh_from_db()
    assert (order.state, order.error_kind) == (State.QUEUED, "reference")
    assert carry(order).state == State.DONE


@pytest.mark.parametrize("how", ["cancelled", "refused"])
def test_an_address_is_kept_no_longer_than_it_is_needed(how: str, web: Callable[..., None]) -> None:
    """An order that ends before its address was fetched forgets it: the query may be a secret."""
    web({})
    order = orders.place("a cat", references=["https://example.com/a?token=hush"])
    if how == "cancelled":
        orders.cancel(order)
    assert carry(order).is_final
    row = order.references.get()
    assert (row.url, row.label) == ("", "https://example.com/a")
    with pytest.raises(InvalidOrder, match="Give it again"):
        orders.again(order)


@pytest.mark.parametrize(
    ("host", "state"), [("xn--mnchen-3ya.de", State.QUEUED), ("xn--a.com", State.FAILED)]
)
def test_a_name_in_other_letters(host: str, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked up as it is written; what is no name at all is refused, and nobody falls over it."""
    asked = []

    def unknown(name: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(name)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    order = orders.place("a cat", references=[f"https://{host}/a.jpg"])
    turn()
    order.refresh_from_db()
    assert (order.state, order.error_kind) == (state, "reference")
    assert asked == ([host] if state == State.QUEUED else [])


def test_a_name_that_leads_inward(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real transport looks where the name leads when it connects, also while the provider is the sandbox."""
    from seedream_django.runware import guard

    monkeypatch.setattr(
        guard.socket, "getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", ("10.0.0.7", 443))]
    )
    order = made("a cat", references=["https://rebound.example.com/a.jpg"])
    assert (order.state, order.error_kind) == (State.FAILED, "reference")
    assert "not public" in order.error_message


# -- Trouble -------------------------------------------------------------------------------------------------


def test_its_file_is_gone(books: Books) -> None:
    """A file that was removed meanwhile is said by name; the order ends, unpaid."""
    order = orders.place("a cat", references=[ContentFile(drawn(), name="anna.png")])
    private_storage().delete(str(ReferenceFile.objects.get().file.name))
    assert carry(order).state == State.FAILED
    assert order.error_message == "Reference 1 (anna.png): it was deleted meanwhile."
    assert not books.accepted()


def test_its_place_is_gone(books: Books) -> None:
    """So is the file of a field that the site has no more."""
    order = orders.place("a cat", references=[drawn()])
    Reference.objects.update(file=None, place="magazine.article.nothing", name="a.jpg", sha256="")
    assert carry(order).state == State.FAILED
    assert "no such field" in order.error_message


def test_nobody_else_looks_meanwhile(monkeypatch: pytest.MonkeyPatch, books: Books) -> None:
    """While one worker sends the references, another leaves the row alone: one submission, one charge."""
    order = orders.place("a cat", references=[drawn()])
    Generation.objects.update(look_at=timezone.now())
    prepare = media.prepare
    looked = []

    def slowly(generation: Generation) -> media.Prepared:
        if not looked:
            looked.append(pipeline.submit(order.pk))
        return prepare(generation)

    monkeypatch.setattr(media, "prepare", slowly)
    pipeline.submit(order.pk)
    # There is another's turn to look for.
    assert looked == [pipeline.Next(again=True)]
    assert carry(order).state == State.DONE
    assert len(books.charges()) == 1


def test_a_worker_that_dies_meanwhile(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while it sends the references, its order is taken up by another, and charged once."""
    order = orders.place("a cat", references=[drawn()])
    Generation.objects.update(look_at=timezone.now())

    def die(generation: Generation) -> media.Prepared:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(media, "prepare", die)
        with pytest.raises(KeyboardInterrupt):
            pipeline.submit(order.pk)
    order.refresh_from_db()
    assert order.state == State.QUEUED
    assert order.look_at > timezone.now(), "nobody looks at once: the other may be alive"
    assert carry(order).state == State.DONE
    assert len(books.charges()) == 1


@pytest.mark.parametrize(("word", "state"), [("sandbox:badkey", State.FAILED), ("sandbox:429", State.DONE)])
def test_refused_after_its_references(word: str, state: State, books: Books) -> None:
    """What is refused after its references were sent costs nothing; what may be tried again goes on."""
    order = made(f"a cat {word}", references=[drawn()])
    assert order.state == state
    assert len(books.charges()) == (state == State.DONE)


def test_kept_for_the_next_order(asked: list[str]) -> None:
    """References of an order that was refused need not be sent again with the next."""
    made("a cat sandbox:refused", references=[drawn()])
    assert made("a cat", references=[drawn()]).state == State.DONE
    assert asked.count("mediaStorage") == 1
    assert references.read([drawn()])[0].sha256 == SentMedia.objects.get().sha256


def test_switched_off_meanwhile(monkeypatch: pytest.MonkeyPatch, books: Books) -> None:
    """Sending the references may take minutes: what was switched off by then is not sent, and goes on later."""
    order = orders.place("a cat", references=[drawn()])
    Generation.objects.update(look_at=timezone.now())
    prepare = media.prepare

    def switched_off(generation: Generation) -> media.Prepared:
        Switch.objects.update_or_create(pk=1, defaults={"on": False})
        return prepare(generation)

    with monkeypatch.context() as patch:
        patch.setattr(media, "prepare", switched_off)
        pipeline.submit(order.pk)
    assert not books.accepted()
    Switch.objects.update(on=True)
    assert carry(order).state == State.DONE


def test_another_was_quicker(monkeypatch: pytest.MonkeyPatch, books: Books) -> None:
    """Whoever sent the references too slowly does not undo the wait that the provider asked another for."""
    order = orders.place("a cat", references=[drawn()])
    Generation.objects.update(look_at=timezone.now())
    prepare = media.prepare

    def slowly(generation: Generation) -> media.Prepared:
        Generation.objects.update(attempts=1, look_at=after(3600))
        return prepare(generation)

    monkeypatch.setattr(media, "prepare", slowly)
    pipeline.submit(order.pk)
    order.refresh_from_db()
    assert order.look_at > after(3500)
    assert not books.accepted()


def test_a_provider_that_takes_no_references(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """It stops new orders as one does that takes no orders; then one order at a time sends its references."""
    settings.SEEDREAM |= {"CIRCUIT_FAILURES": 1}
    tried = []

    def keep(*args: Any) -> Any:
        tried.append(args)
        raise NotRun("Down.", kind="network")

    monkeypatch.setattr(provider.client(), "keep", keep)
    waiting = [orders.place(prompt, references=[drawn()]) for prompt in ("a cat", "a dog", "a cow")]
    for _round in range(2):
        Generation.objects.update(look_at=timezone.now())
        for order in waiting:
            pipeline.submit(order.pk)
        circuit.try_now()
    assert len(tried) == 2
