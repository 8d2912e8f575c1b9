"""Prompts go when their time is over: everywhere, in batches, once, and nothing but the prompts."""

from __future__ import annotations

import datetime
import json
import re
import tracemalloc
import uuid
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from seedream_django import budget, orders, pipeline, retention
from seedream_django.exceptions import InvalidOrder
from seedream_django.models import (
    BulkRun,
    BulkState,
    GeneratedImage,
    Generation,
    ImageState,
    LedgerEntry,
    State,
)
from seedream_django.retention import Redacted, Whose, redact

from .steps import carry, made, said, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

WORDS = "a vixen of Mrs Canary, in the snow"
OLD, YOUNG = datetime.timedelta(days=40), datetime.timedelta(days=20)
EVERYTHING = Whose()


def ago(row: Generation, age: datetime.timedelta) -> Generation:
    """Make an order, its money and what the log says of it this old."""
    then = timezone.now() - age
    Generation.objects.filter(pk=row.pk).update(created_at=then)
    QuerySet.update(LedgerEntry.objects.filter(generation_id=row.pk), at=then)
    LogEntry.objects.filter(object_id=str(row.pk)).update(action_time=then)
    row.refresh_from_db()
    return row


def log(row: Any, user: User, flag: int, message: Any = ()) -> LogEntry:
    """An entry as the admin makes it, with the row's name as it is now. That of the order itself is there already."""
    return LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=flag,
        change_message=message if isinstance(message, str) else json.dumps(message),
    )


def everything_stored() -> str:
    """All that the database has, as text."""
    rows = [row for model in apps.get_models() for row in model._default_manager.order_by("pk")]
    return repr([{name: value for name, value in vars(row).items() if name != "_state"} for row in rows])


# -- What goes, and what stays -------------------------------------------------------------------------------


def test_no_word_of_it_is_left(editor: User, settings: Any) -> None:
    """Row, prompt as sent, the provider's words, titles, ledger, log: a word of the prompt is nowhere any more."""
    settings.SEEDREAM |= {"SLUG_NAMES": False, "MODERATE": lambda prompt, **values: f"{prompt}, Canary"}
    row = made(WORDS, user=editor, results=2)
    Generation.objects.update(error_message="Canary is not allowed.")
    log(
        row.images.first(),
        editor,
        CHANGE,
        [{"changed": {"name": "picture", "object": "A vixen of Mrs Canary"}}],
    )
    log(row, editor, CHANGE, "Approved “a vixen of Mrs Canary, in the snow”")
    assert everything_stored().count("Canary") >= 10
    assert redact(EVERYTHING) == Redacted(orders=1, titles=2, entries=3, log=3)
    assert "Canary" not in everything_stored()
    assert "vixen" not in everything_stored()


@pytest.mark.parametrize("deleted", [False, True])
def test_what_others_made_of_it(deleted: bool, editor: User, chief: User) -> None:
    """An order that was made from its picture calls that by its title, which is its words."""
    image = made(WORDS, user=editor).images.get()
    order = made("by night", user=chief, references=[image, (image, "style")])
    assert all("Canary" in row.label for row in order.references.all())
    if deleted:
        image.delete()
    redact(Whose(user=editor))
    assert [row.label for row in order.references.all()] == ["", ""]
    assert Generation.objects.get(pk=order.pk).prompt == "by night"


def test_money_people_and_moments_stay(editor: User) -> None:
    """Of every row everything but the words is as it was, and so is every sum."""
    row = made(WORDS, user=editor, results=2, nonce="n")
    words = {"prompt", "title", "object_repr", "redacted_at", "digest"}

    def rest() -> list[dict[str, Any]]:
        rows = [
            *Generation.objects.all(),
            *GeneratedImage.objects.all(),
            *LedgerEntry.objects.all(),
            *LogEntry.objects.all(),
        ]
        return [{k: v for k, v in vars(r).items() if k not in words and k != "_state"} for r in rows]

    before, balance = rest(), LedgerEntry.objects.all().balance()
    redact(EVERYTHING)
    assert rest() == before
    assert LedgerEntry.objects.all().balance() == balance
    assert balance["spent"] == Decimal("0.07")
    row.refresh_from_db()
    assert (row.user, row.cost, row.stored) == (editor, Decimal("0.07"), 2)
    assert abs(row.redacted_at - timezone.now()) < datetime.timedelta(minutes=1)
    assert row.images.first().file.storage.exists(row.images.first().file.name)


def test_titles_and_alternative_texts_that_somebody_wrote_stay(editor: User) -> None:
    """A title is taken away where it is the prompt's beginning; an editor's own words are theirs, in the log too."""
    row = made(WORDS, user=editor, results=3)
    _derived, own, described = row.images.order_by("pk")
    GeneratedImage.objects.filter(pk=own.pk).update(title="Winter")
    GeneratedImage.objects.filter(pk=described.pk).update(alt="A fox stands in the snow.")
    for image in row.images.order_by("pk"):
        log(image, editor, CHANGE)
    expected = Redacted(orders=1, titles=2, entries=4, log=3)
    assert redact(EVERYTHING, dry_run=True) == expected
    assert redact(EVERYTHING) == expected
    assert list(row.images.order_by("pk").values_list("title", "alt")) == [
        ("", ""), ("Winter", ""), ("", "A fox stands in the snow."),
    ]  # fmt: skip
    named = LogEntry.objects.order_by("pk").values_list("object_repr", flat=True)
    assert list(named) == ["(redacted)", "(redacted)", "Winter", "(redacted)"]
    assert redact(EVERYTHING) == Redacted()


@pytest.mark.parametrize(
    ("title", "stays"),
    [
        ("Winter: Make it look like Mr Miller of Flensburg", ""),
        ("Of hens: and foxes : Make it look like Mr…", ""),
        ("Make it look like Mr Miller of Flensburg", ""),
        ("Winter: Make it look like evening", "Winter: Make it look like evening"),
        ("Winter: …", "Winter: …"),
        ("Winter: M", "Winter: M"),
    ],
)
def test_titles_that_end_with_the_prompt(title: str, stays: str, editor: User) -> None:
    """A proposal that somebody saved has the prompt after the title of what it is for, or of what it changes."""
    image = made("make it look like Mr Miller of Flensburg, at night", user=editor).images.get()
    GeneratedImage.objects.update(title=title)
    redact(Whose(orders=[image.generation_id]))
    assert GeneratedImage.objects.get().title == stays


def test_the_log_still_says_what_was_done(editor: User) -> None:
    """Of a message only what it quotes goes."""
    row = made(WORDS, user=editor)
    fields = [{"changed": {"fields": ["Alternative text"]}}]
    messages = [
        (fields, fields),
        ([{"added": {"name": "a", "object": "Fox"}}], [{"added": {"name": "a", "object": "(redacted)"}}]),
        ("Raised to $10.", "Raised to $10."),
        (f"Sent “{WORDS}” again.", ""),
        ("", ""),
        ("17", "17"),
    ]  # fmt: skip
    entries = [log(row, editor, CHANGE, message) for message, _ in messages]
    redact(EVERYTHING)
    for entry, (_, expected) in zip(entries, messages, strict=True):
        entry.refresh_from_db()
        assert entry.object_repr == "(redacted)"
        assert entry.change_message == (expected if isinstance(expected, str) else json.dumps(expected))
        assert str(entry)


def test_the_ledger_changes_in_no_other_way(editor: User) -> None:
    """An entry that is saved or deleted still refuses; redaction is the one door."""
    made(WORDS, user=editor)
    entry = LedgerEntry.objects.first()
    assert entry
    entry.prompt = ""
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
    assert LedgerEntry.redact(LedgerEntry.objects.all()) == LedgerEntry.objects.count()
    assert set(LedgerEntry.objects.values_list("prompt", flat=True)) == {""}


# -- Whose ---------------------------------------------------------------------------------------------------


def test_by_age(editor: User) -> None:
    """Older than that, by when it was ordered."""
    _old, young = ago(made(WORDS, user=editor), OLD), ago(made("an owl", user=editor), YOUNG)
    cut = Whose(before=timezone.now() - datetime.timedelta(days=30))
    assert redact(cut) == Redacted(orders=1, titles=1, entries=2, log=1)
    young.refresh_from_db()
    assert (young.prompt, young.redacted_at) == ("an owl", None)
    assert set(LedgerEntry.objects.filter(generation_id=young.pk).values_list("prompt", flat=True)) == {
        "an owl"
    }
    assert LogEntry.objects.get(object_id=str(young.pk)).object_repr == "an owl"


def test_by_person_and_by_order(editor: User, chief: User) -> None:
    """One person's, of any age; or just these."""
    mine, theirs, nobody_s = made("a fox", user=editor), made("an owl", user=chief), made("a bat")
    assert redact(Whose(user=editor)) == Redacted(orders=1, titles=1, entries=2, log=1)
    assert redact(Whose(user=editor, orders=[theirs.pk])) == Redacted()
    assert redact(Whose(orders=[mine.pk, nobody_s.pk])) == Redacted(orders=1, titles=1, entries=2)
    assert set(Generation.objects.filter(redacted_at=None)) == {theirs}


def test_orders_that_are_gone(editor: User, chief: User) -> None:
    """The ledger and the log outlive a deleted order, and are redacted without it: by age, person or number."""
    keys = {}
    for name, user, age in (("old", editor, OLD), ("young", editor, YOUNG), ("other", chief, YOUNG)):
        row = made(f"{name} fox", user=user)
        log(row, user, DELETION)
        ago(row, age)
        keys[name] = row.pk
        row.delete()
    assert redact(Whose(before=timezone.now() - datetime.timedelta(days=30))) == Redacted(entries=2, log=2)
    assert redact(Whose(user=editor)) == Redacted(entries=2, log=2)
    assert redact(Whose(orders=[keys["other"]]), dry_run=True) == Redacted(entries=2, log=2)
    assert redact(Whose(orders=[keys["other"]])) == Redacted(entries=2, log=2)
    assert "fox" not in repr([*LedgerEntry.objects.values(), *LogEntry.objects.values()])


def test_an_account_that_is_gone(editor: User, chief: User) -> None:
    """Its orders are found by the name that the ledger keeps; another account's of that name are not."""
    row, name = made(WORDS, user=editor), editor.get_username()
    log(row, chief, CHANGE)
    editor.delete()
    namesake = User.objects.create_superuser(name)
    other = made("an owl", user=namesake)
    assert redact(Whose(who=name)) == Redacted(orders=1, titles=1, entries=2, log=1)
    other.refresh_from_db()
    assert other.prompt == "an owl"


@pytest.mark.parametrize("state", [s for s in State if s not in retention.FINAL])
def test_what_is_in_work_is_left(state: State, editor: User) -> None:
    """Its prompt is still to be sent or told: it is counted, and goes once it has ended."""
    orders.place(WORDS, user=editor)
    Generation.objects.update(state=state)
    for dry_run in (True, False):
        assert redact(EVERYTHING, dry_run=dry_run) == Redacted(left=1)
    assert everything_stored().count("Canary") >= 3
    Generation.objects.update(state=State.CANCELLED)
    assert redact(EVERYTHING) == Redacted(orders=1, entries=1, log=1)


def test_a_picture_still_to_be_saved_is_work(editor: User) -> None:
    """Its file's name is made of the prompt: it must not change between two attempts."""
    row = made(WORDS, user=editor)
    GeneratedImage.objects.update(state=ImageState.RECEIVED)
    assert redact(EVERYTHING) == Redacted(left=1)
    GeneratedImage.objects.update(state=ImageState.FAILED)
    assert redact(EVERYTHING).orders == 1
    row.refresh_from_db()
    assert row.prompt == ""


def test_what_comes_late_has_no_words(editor: User) -> None:
    """A picture that comes after the redaction is stored and settled without a title."""
    row = orders.place(WORDS, user=editor)
    pipeline.submit(row.pk)
    Generation.objects.update(state=State.LOST, watch_until=timezone.now() + OLD, finished_at=timezone.now())
    assert redact(EVERYTHING) == Redacted(undecided=1)
    row.refresh_from_db()
    assert budget.write_off(row)
    assert redact(EVERYTHING).orders == 1
    turn(3)
    image = row.images.get()
    assert (image.state, image.title) == (ImageState.STORED, "")
    assert image.file.name.rpartition("/")[2] == f"{image.image_uuid}.jpg"
    assert LedgerEntry.objects.all().balance()["spent"] == Decimal("0.035")
    assert "Canary" not in everything_stored()


# -- Safe to do ----------------------------------------------------------------------------------------------


def test_a_dry_run_changes_nothing_and_counts_the_same(editor: User, settings: Any) -> None:
    """What it says is what the real run then does, and every row is as it was."""
    for number in range(3):
        made(f"{WORDS} {number}", user=editor)
    log(GeneratedImage.objects.first(), editor, CHANGE)
    orders.place("still waiting", user=editor)
    Generation.objects.filter(prompt="still waiting").update(state=State.RUNNING)
    before = everything_stored()
    told = redact(EVERYTHING, dry_run=True)
    assert everything_stored() == before
    assert told == redact(EVERYTHING) == Redacted(orders=3, titles=3, entries=6, log=4, left=1)
    assert redact(EVERYTHING) == Redacted(left=1)


def test_in_batches(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row once, whatever the size of a batch; one UPDATE a batch and table."""
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        made(f"{WORDS} {number}", user=editor)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert redact(EVERYTHING) == Redacted(orders=5, titles=5, entries=10, log=5)
    changed = re.findall(r'UPDATE "(\w+)"', " ".join(query["sql"] for query in seen))
    tables = {
        "seedream_django_generation",
        "seedream_django_generatedimage",
        "seedream_django_ledgerentry",
        "django_admin_log",
    }
    counts = dict.fromkeys(tables, 3)
    # Of references those of the orders, and what other orders call their pictures.
    counts |= {"seedream_django_referencefile": 3, "seedream_django_reference": 2 * 3}
    # Of a run there is one prompt, whatever it is for.
    counts |= {"seedream_django_bulkrun": 1}
    assert {table: changed.count(table) for table in set(changed)} == counts


def test_the_work_of_one_batch_does_not_grow(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory holds a batch, not the table."""
    monkeypatch.setattr(retention, "BATCH", 50)

    def peak(count: int) -> int:
        Generation.objects.bulk_create(
            Generation(prompt="x" * 2000, state=State.FAILED, parameters={}) for _ in range(count)
        )
        tracemalloc.start()
        done = redact(EVERYTHING)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert done.orders == count
        return top

    peak(60)
    assert peak(1200) < 2 * peak(120)


def test_interrupted_it_goes_on(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is done whole or not at all, and the next run does the rest."""
    monkeypatch.setattr(retention, "BATCH", 1)
    for number in range(3):
        made(f"{WORDS} {number}", user=editor)
    redact_entries, calls = LedgerEntry.redact, []

    def breaking(entries: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return redact_entries(entries)

    monkeypatch.setattr(LedgerEntry, "redact", staticmethod(breaking))
    with pytest.raises(RuntimeError, match="killed"):
        redact(EVERYTHING)
    assert Generation.objects.filter(redacted_at=None).count() == 2
    # Of the second neither the title nor the money's prompt went without the order's own.
    assert GeneratedImage.objects.filter(title="").count() == 1
    assert redact(EVERYTHING) == Redacted(orders=2, titles=2, entries=4, log=3)


def test_a_repeated_order_is_still_the_same_row(editor: User) -> None:
    """The key that was given with it is kept as a digest, so that a script that orders by key pays once for ever."""
    row = made(WORDS, user=editor, nonce="front page")
    redact(EVERYTHING)
    assert orders.place(WORDS, user=editor, nonce="front page").pk == row.pk
    assert Generation.objects.count() == 1


def test_numbers_in_the_log_that_are_none(editor: User) -> None:
    """Whatever others wrote into the log's columns stops nothing."""
    kind = ContentType.objects.get_for_model(Generation)
    for key in (None, "", "abc", str(uuid.uuid4())):
        LogEntry.objects.create(
            user=editor, content_type=kind, object_id=key, object_repr="x", action_flag=CHANGE
        )
    kind = ContentType.objects.get_for_model(GeneratedImage)
    for key in (None, "", "abc", "9" * 40, "-1", "²"):
        LogEntry.objects.create(
            user=editor, content_type=kind, object_id=key, object_repr="x", action_flag=CHANGE
        )
    assert redact(Whose(orders=[uuid.uuid4()])) == Redacted()
    assert redact(EVERYTHING) == Redacted(log=10)


# -- What is shown of it -------------------------------------------------------------------------------------

WHY = "The prompt was redacted, so this cannot be ordered again."


@pytest.fixture
def redacted(editor: User) -> Generation:
    row = made(WORDS, user=editor)
    redact(EVERYTHING)
    row.refresh_from_db()
    return row


def test_the_page_says_so(redacted: Generation, editor: User, browser: Browser) -> None:
    """In the prompt's place; with the reason why there is no button to order it again; the pictures are there."""
    page = browser(editor).get(reverse("admin:seedream_django_generation_change", args=[redacted.pk]))
    text = unescape(page.content.decode())
    assert ">(redacted)</blockquote>" in text
    assert WHY in text
    assert "seedream-again" not in text
    assert f"?from={redacted.pk}" not in text
    assert "<img" in text


def test_the_list_says_so(redacted: Generation, editor: User, browser: Browser) -> None:
    """In the language of whoever looks, where there is a translation."""
    page = browser(editor).get(reverse("admin:seedream_django_generation_changelist")).content.decode()
    assert '<bdi dir="auto">(redacted)</bdi>' in page
    with translation.override("de"):
        assert str(redacted) == translation.gettext("(redacted)")


@pytest.mark.parametrize("state", [State.FAILED, State.LOST, State.DONE])
def test_nobody_is_advised_to_order_it_again(
    state: State, redacted: Generation, editor: User, browser: Browser
) -> None:
    """Neither "try again" nor "the prompt is kept": the sentences stay true."""
    Generation.objects.update(state=state, stored=0, expected=2, error_kind="server")
    heard = said(browser(editor), redacted).lower()
    assert "prompt is kept" not in heard
    assert "try again" not in heard
    assert "order again" not in heard


def test_it_cannot_be_ordered_again(redacted: Generation, editor: User, browser: Browser) -> None:
    """Not from Python, not from a page that was still open, not by the list's actions; each says why."""
    with pytest.raises(InvalidOrder, match=re.escape(WHY)):
        orders.again(redacted)
    client = browser(editor)
    page = client.post(reverse("seedream_django:again", args=[redacted.pk]), follow=True)
    assert f"Prompt: {WHY}" in unescape(page.content.decode())
    data = {"action": "more_like_this", "_selected_action": [str(redacted.pk)]}
    page = client.post(reverse("admin:seedream_django_generation_changelist"), data, follow=True)
    assert f"1 order is left out: {WHY}" in unescape(page.content.decode())
    assert Generation.objects.count() == 1


def test_the_order_page_from_it_begins_without_words(
    redacted: Generation, editor: User, browser: Browser
) -> None:
    """An old address leads to the form with the parameters and an empty prompt."""
    page = browser(editor).get(f"{reverse('admin:seedream_django_generation_add')}?from={redacted.pk}")
    text = page.content.decode()
    (prompt,) = re.findall(r'<textarea name="prompt"[^>]*>(.*?)</textarea>', text, re.S)
    assert prompt.strip() == ""


def test_a_child_keeps_its_own_words(editor: User) -> None:
    """What was ordered again has a prompt of its own and an age of its own."""
    old = ago(made(WORDS, user=editor), OLD)
    new = carry(orders.again(old, user=editor))
    redact(Whose(before=timezone.now() - YOUNG))
    new.refresh_from_db()
    assert (new.prompt, str(new.parent)) == (WORDS, "(redacted)")


def test_runs_for_many_objects(editor: User, chief: User) -> None:
    """What was written for many objects goes with the orders' prompts, once the run is over."""
    kind = ContentType.objects.get_for_model(Generation)
    runs = {
        (user, state): BulkRun.objects.create(
            user=user, content_type=kind, field="cover", state=state, prompt="a {title}", shape="1:1"
        )
        for user in (editor, chief)
        for state in (BulkState.DONE, BulkState.PAUSED)
    }
    assert redact(Whose(user=editor), dry_run=True).runs == 1
    assert redact(Whose(orders=[])).runs == 0
    assert redact(Whose(user=editor)).runs == 1
    left = {key for key, run in runs.items() if BulkRun.objects.get(pk=run.pk).prompt}
    assert left == set(runs) - {(editor, BulkState.DONE)}
    assert redact(Whose()).runs == 1
