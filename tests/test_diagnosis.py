"""Each failure, in the words that an editor reads in the status fragment: what happened, the cost, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.utils import timezone
from huey import MemoryHuey

from seedream_django import diagnosis, orders
from seedream_django.models import Beat, GeneratedImage, Generation, ImageState, State, Switch
from seedream_django.sandbox import Books

from .steps import LONG_AGO, carry, made, past, said, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User], Client]

KEY = (
    "The provider did not accept the site's key. Nothing was charged. "
    'Ask an administrator to check the key (SEEDREAM["API_KEY"]) and what it may do, then try again.'
)
LOST = "The provider did not say what became of this order."
LOOKED_FOR = (
    "It is still looked for; if the picture comes, it is kept here. "
    "Ask an administrator before you order it again."
)
UNSAVED = "The picture was made, but it could not be saved."
UNSAVED_END = (
    "It is paid for; its number at the provider is kept. "
    "Tell an administrator; the picture may still be fetched."
)
MADE_BADLY = "The provider failed to make the picture. It says: “The provider failed to generate this image.”"

# -- What ends by itself -------------------------------------------------------------------------------------

#: Word of the prompt, pictures ordered, state, words, pictures that the sandbox charged.
ENDS = [
    ("badkey", 1, State.FAILED, KEY, 0),
    ("forbidden", 1, State.FAILED, KEY, 0),
    (
        "nobalance", 1, State.FAILED,
        "The site's account at the provider has no balance left. Nothing was charged. "
        "Ask an owner to top up the account, then try again.", 0,
    ),
    (
        "refused", 1, State.FAILED,
        "The provider's safety check refused this picture. It says: “The provider's content rules reject this "
        "prompt.” Nothing was charged. That is final for these words. "
        "Change the prompt and order again; the prompt is kept.", 0,
    ),
    (
        "misspelt", 1, State.FAILED,
        r"The provider refused the order. It says: “The sandbox does not know sandbox:misspelt. .*” "
        r"Nothing was charged. Change what the provider names and order again; the prompt is kept.", 0,
    ),
    (
        "fails", 2, State.FAILED,
        f"{MADE_BADLY} The provider reported no charge. Try again; the prompt is kept.", 0,
    ),
    (
        "flagged-late", 1, State.FAILED,
        "The provider's safety check refused this picture. It says: “The content policy rejects what was "
        "generated.” The provider reported no charge. That is final for these words. "
        "Change the prompt and order again; the prompt is kept.", 0,
    ),
    (
        "partial", 4, State.DONE,
        f"3 of 4 pictures came. {MADE_BADLY} Order again if you want more.", 3,
    ),
    ("nullcost", 2, State.DONE, "2 pictures are ready.", 2),
    ("429", 1, State.DONE, "1 picture is ready.", 1),
    ("503-after", 1, State.DONE, "1 picture is ready.", 1),
    ("html", 1, State.DONE, "1 picture is ready.", 1),
]  # fmt: skip


@pytest.mark.parametrize(("word", "results", "state", "words", "charged"), ENDS, ids=[e[0] for e in ENDS])
def test_words_at_the_end(
    word: str,
    results: int,
    state: State,
    words: str,
    charged: int,
    editor: User,
    browser: Browser,
    books: Books,
) -> None:
    """What the provider does on request ends in this state, with these words, and this charge, once."""
    generation = made(f"a fox sandbox:{word}", user=editor, results=results)
    assert generation.state == state
    heard = said(browser(editor), generation)
    assert heard == words or re.fullmatch(words, heard)
    assert "$" not in heard
    assert [(c.task_uuid, c.images) for c in books.charges()] == [(str(generation.pk), charged)] * bool(
        charged
    )


def test_flagged_is_told(chief: User, browser: Browser) -> None:
    """How many were flagged is said beside what came, with what that means; they are not called ready."""
    row = made("a fox", user=chief, results=2)
    GeneratedImage.objects.filter(position=0).update(flagged=True)
    told = (
        "1 picture was flagged by the provider's safety check: it is blurred here and cannot be chosen. "
        "Whether it may be used is for an administrator to decide."
    )
    assert said(browser(chief), row) == f"1 picture is ready. Cost: $0.07. {told}"
    Generation.objects.update(expected=3)
    assert f"{told} Order again if you want more." in said(browser(chief), row)
    alone = made("an owl", user=chief)
    alone.images.update(flagged=True)
    assert said(browser(chief), alone) == f"{told} Cost: $0.035."


COSTS = [
    ("a fox", 2, "2 pictures are ready. Cost: $0.07."),
    ("a fox sandbox:503-after", 1, "1 picture is ready. Cost: $0.035."),
    ("a fox sandbox:partial", 4, f"3 of 4 pictures came. {MADE_BADLY} Cost: $0.105. Order again if you want more."),
    (
        "a fox sandbox:nullcost", 2,
        "2 pictures are ready. Cost: about $0.07, not yet confirmed by the provider.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("prompt", "results", "words"), COSTS)
def test_cost_for_those_who_may_see_it(
    prompt: str, results: int, words: str, chief: User, browser: Browser
) -> None:
    """The amount is the provider's own, and says so where it is not confirmed."""
    assert said(browser(chief), made(prompt, user=chief, results=results)) == words


# -- What goes on for a while --------------------------------------------------------------------------------


def test_rate_limit_until_the_deadline(editor: User, browser: Browser, books: Books) -> None:
    """A busy provider is asked again and again, until the order's time is over; nothing was charged."""
    generation, client = orders.place("sandbox:always429", user=editor), browser(editor)
    for _ in range(3):
        turn()
        assert re.fullmatch(
            r"The provider is busy\. Next try: .+\. Nothing has been charged\. You need not do anything\.",
            said(client, generation),
        )
    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (State.QUEUED, 3)
    past(generation, "deadline")
    turn()
    assert said(client, generation) == (
        "The provider is busy. Nothing was charged. Try again in a few minutes; the prompt is kept."
    )
    generation.refresh_from_db()
    assert (generation.state, generation.error_code) == (State.FAILED, "providerRateLimitExceeded")
    assert books.accepted() == []


def test_down_until_the_window_is_over(editor: User, chief: User, browser: Browser, books: Books) -> None:
    """A 503 is unclear: it is asked about, sent again under its own UUID, and given up as lost."""
    generation, client = orders.place("sandbox:down", user=editor), browser(editor)
    seen = set()
    for _ in range(4):
        turn()
        generation.refresh_from_db()
        seen.add(generation.state)
    assert seen == {State.QUEUED, State.ASKING}
    assert generation.attempts > 1
    Generation.objects.filter(pk=generation.pk).update(state=State.ASKING)
    assert said(client, generation).startswith(
        "The provider's answer was lost. It is being asked whether the order arrived, before anything is sent "
        "again. It may have been charged once; it is never charged twice. You need not do anything."
    )
    past(generation, "ask_until")
    carry(generation)
    assert generation.state == State.LOST
    assert said(client, generation) == f"{LOST} It may have been charged, once. {LOOKED_FOR}"
    assert said(browser(chief), generation) == (
        f"{LOST} It may have been charged, once: $0.035 stays reserved until an owner decides. {LOOKED_FOR}"
    )
    assert (books.accepted(), books.charges()) == ([], [])


def test_stuck_until_the_deadline(editor: User, browser: Browser, books: Books) -> None:
    """What the provider never finishes ends as lost: charged once, watched, and told so."""
    generation, client = orders.place("sandbox:stuck", user=editor, results=2), browser(editor)
    turn(3)
    under_way = "The pictures are being made. You may leave this page; what comes is kept."
    assert said(client, generation) == under_way
    past(generation, "deadline")
    turn()
    assert said(client, generation) == f"{LOST} It may have been charged, once. {LOOKED_FOR}"
    generation.refresh_from_db()
    assert generation.state == State.LOST
    assert generation.watch_until is not None
    assert generation.watch_until > timezone.now()
    assert [c.images for c in books.charges()] == [2]


BROKEN = [
    ("html-always", "The picture's address answered with HTTP status 502."),
    ("truncated", "The file is broken or not a picture."),
    ("expired", "The picture's address is gone (HTTP status 404)."),
]


@pytest.mark.parametrize(("word", "error"), BROKEN)
def test_a_file_that_never_comes(
    word: str, error: str, editor: User, browser: Browser, books: Books, sandbox: Path
) -> None:
    """A paid picture that cannot be fetched is tried for its time; then its identity stays on the row."""
    generation, client = orders.place(f"a fox sandbox:{word}", user=editor), browser(editor)
    turn(3)
    image = generation.images.get()
    trouble = error.format(uuid=image.image_uuid)
    assert said(client, generation).startswith(
        f"The picture is made, but it could not be saved yet: {trouble} It is paid for, and it is not lost."
    )
    past(image, "trouble_since")
    carry(generation)
    image.refresh_from_db()
    assert said(client, generation) == f"{UNSAVED} It says: “{trouble}” {UNSAVED_END}"
    assert (generation.state, image.state) == (State.FAILED, ImageState.FAILED)
    assert image.url.endswith(f"{image.image_uuid}.jpg")
    assert [c.images for c in books.charges()] == [1]
    assert not [path for path in (sandbox / "media").rglob("*") if path.is_file()]


# -- Storage -------------------------------------------------------------------------------------------------


class ReadOnly(FileSystemStorage):
    """A folder that somebody mounted read-only; the error's text carries what must not be shown."""

    def _save(self, name: str, content: Any) -> str:
        raise PermissionError(13, "Permission denied", "/srv/secret?signature=abc")


def test_storage_read_only_then_writable(
    settings: Any, sandbox: Path, editor: User, browser: Browser, books: Books
) -> None:
    """The row keeps the paid picture, says so, and saves it by itself when the storage is back."""
    good = settings.STORAGES
    bad = {"BACKEND": f"{__name__}.ReadOnly", "OPTIONS": {"location": str(sandbox / "media")}}
    settings.STORAGES = {**good, "default": bad}
    generation, client = orders.place("a fox", user=editor), browser(editor)
    turn(4)
    words = said(client, generation)
    assert words == (
        "The picture is made, but it could not be saved yet: The storage did not take the file (Permission "
        "denied). It is paid for, and it is not lost. It is tried again by itself. If this stays for more than "
        "a few minutes, tell an administrator."
    )
    generation.refresh_from_db()
    assert (generation.state, generation.stored) == (State.STORING, 0)
    settings.STORAGES = good
    carry(generation)
    assert said(client, generation) == "1 picture is ready."
    assert [c.images for c in books.charges()] == [1]


def test_no_folder_to_save_in(sandbox: Path, editor: User, browser: Browser) -> None:
    """The same on a real disk: a file lies where the folder should be, until somebody takes it away."""
    media = sandbox / "media"
    media.write_text("in the way")
    generation, client = orders.place("a fox", user=editor), browser(editor)
    turn(3)
    assert "The storage did not take the file (" in said(client, generation)
    media.unlink()
    assert carry(generation).state == State.DONE


def test_storage_read_only_for_days(settings: Any, sandbox: Path, editor: User, browser: Browser) -> None:
    """After three days the row ends as failed; the address and the number stay on it."""
    bad = {"BACKEND": f"{__name__}.ReadOnly", "OPTIONS": {"location": str(sandbox / "media")}}
    settings.STORAGES = {**settings.STORAGES, "default": bad}
    generation = orders.place("a fox", user=editor)
    turn(2)
    GeneratedImage.objects.update(trouble_since=timezone.now() - 2 * LONG_AGO)
    carry(generation)
    words = "The storage did not take the file (Permission denied)."
    assert said(browser(editor), generation) == f"{UNSAVED} It says: “{words}” {UNSAVED_END}"


# -- The queue -----------------------------------------------------------------------------------------------


def test_no_worker(settings: Any, editor: User, browser: Browser, books: Books) -> None:
    """Where a consumer should run and none does, the row says so after a few seconds, and what to do."""
    settings.SEEDREAM |= {"HUEY": MemoryHuey("nobody", immediate=False)}
    generation, client = orders.place("a fox", user=editor), browser(editor)
    assert said(client, generation) == "Waiting for its turn."
    past(generation, "created_at")
    words = (
        "No worker is running, so nothing is made yet. Nothing has been charged. Your order is kept. "
        "Ask an administrator to start the worker: “manage.py run_huey”."
    )
    assert said(client, generation) == words
    Beat.mark("worker")
    assert said(client, generation) == "Waiting for its turn."
    Beat.objects.update(seen_at=timezone.now() - LONG_AGO)
    assert said(client, generation) == words
    assert (Generation.objects.get().state, books.accepted()) == (State.QUEUED, [])


def test_no_worker_until_the_deadline(editor: User, browser: Browser) -> None:
    """An order that waited too long ends as failed, free of charge."""
    generation = orders.place("a fox", user=editor)
    past(generation, "deadline")
    turn()
    assert said(browser(editor), generation) == (
        "It waited too long: no worker took it. Nothing was charged. "
        "Ask an administrator to start the worker (“manage.py run_huey”), then try again."
    )


def test_place_in_the_line(editor: User) -> None:
    """Whoever waits is told how many are before."""
    rows = [orders.place(f"fox {n}", user=editor) for n in range(3)]
    heard = [str(diagnosis.diagnose(row)) for row in rows]
    before = ["Waiting; 1 order is before yours.", "Waiting; 2 orders are before yours."]
    assert heard == ["Waiting for its turn.", *before]


@pytest.mark.parametrize("reason", ["The budget of May is spent.", ""])
def test_switched_off(reason: str, editor: User, browser: Browser) -> None:
    """While it is off, what waits gives the owner's reason, and goes on by itself."""
    generation = orders.place("a fox", user=editor)
    Switch.objects.create(pk=1, on=False, reason=reason)
    assert said(browser(editor), generation) == (
        f"Generating is switched off: {reason or 'no reason is given.'} Nothing has been charged. "
        "It goes on by itself when it is switched on again."
    )


def test_given_up_after_crashes() -> None:
    """A row that ends its worker again and again is lost, with that as the reason."""
    row = Generation(state=State.LOST, error_kind="crash", estimate=Decimal("0.035"))
    words = str(diagnosis.diagnose(row))
    assert words.startswith(
        "The worker stopped several times over this order, so it was given up. It may have"
    )


def test_cancelled_words(editor: User, browser: Browser) -> None:
    """Before the claim a cancelled order costs nothing; after it, it is paid for, and both are said."""
    early, late = orders.place("a", user=editor), orders.place("b", user=editor)
    early.cancel()
    turn()
    late.cancel()
    client = browser(editor)
    assert said(client, early) == "Cancelled before it was sent. Nothing was charged."
    hidden = "Cancelled, but it had been sent already: it is made, and kept out of sight. It is paid for."
    assert said(client, late) == hidden
    assert carry(late).state == State.DONE
    assert said(client, late) == hidden


# -- Amounts -------------------------------------------------------------------------------------------------

AMOUNTS = [
    ("0.035", "$0.035"),
    ("0.07", "$0.07"),
    ("0.7", "$0.70"),
    ("1", "$1.00"),
    ("10", "$10.00"),
    ("0", "$0.00"),
]


@pytest.mark.parametrize(("amount", "shown"), AMOUNTS)
def test_money(amount: str, shown: str) -> None:
    """At least two decimals, and none that say nothing."""
    assert diagnosis.money(Decimal(amount)) == shown


@pytest.mark.parametrize("state", State.values)
def test_every_state_has_words(state: str) -> None:
    """No state of a row leaves an editor without a sentence, hidden or not."""
    for hidden in (False, True):
        row = Generation.objects.create(state=state, hidden=hidden, prompt="a fox")
        assert diagnosis.diagnose(row).what
