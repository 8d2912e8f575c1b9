"""``seedream_redact``: says what it did or would do, and is careful about what it was asked."""

from __future__ import annotations

import datetime
import io
import uuid
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.utils import timezone, translation

from seedream_django import lost
from seedream_django.models import Generation, LedgerEntry, State

from .steps import made
from .test_lost import lost_order

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NOTHING = "0 orders, 0 titles, 0 ledger entries and 0 log entries redacted."


def run(*args: str) -> list[str]:
    out = io.StringIO()
    call_command("seedream_redact", *args, stdout=out)
    return out.getvalue().splitlines()


def kept() -> set[str]:
    return set(Generation.objects.filter(redacted_at=None).values_list("prompt", flat=True))


@pytest.fixture
def orders_of_both(editor: User, chief: User) -> dict[str, Generation]:
    """The editor's of forty days ago and of today, and the chief's of forty days ago."""
    rows = {
        "old": made("old", user=editor),
        "new": made("new", user=editor),
        "other": made("other", user=chief),
    }
    then = timezone.now() - datetime.timedelta(days=40)
    Generation.objects.filter(prompt__in=["old", "other"]).update(created_at=then)
    QuerySet.update(LedgerEntry.objects.filter(prompt__in=["old", "other"]), at=then)
    return rows


def test_prompts_stay_by_default(orders_of_both: Any) -> None:
    """Without the setting and without a word it does nothing, and says what to say: fit for a timer."""
    (line,) = run()
    assert line == (
        'Nothing to do: SEEDREAM["PROMPT_DAYS"] is None, so prompts stay. '
        "Say which are to go: --days, --user or --order."
    )
    assert kept() == {"old", "new", "other"}


def test_by_the_setting(orders_of_both: Any, settings: Any) -> None:
    """A timer's bare call goes by PROMPT_DAYS, and again is nothing."""
    settings.SEEDREAM |= {"PROMPT_DAYS": 30}
    assert run("--dry-run") == ["2 orders, 2 titles, 4 ledger entries and 2 log entries would be redacted."]
    assert kept() == {"old", "new", "other"}
    assert run() == ["2 orders, 2 titles, 4 ledger entries and 2 log entries redacted."]
    assert kept() == {"new"}
    assert run() == [NOTHING]


@pytest.mark.parametrize(
    ("args", "left"),
    [
        (["--days", "30"], {"new"}),
        (["--days", "50"], {"old", "new", "other"}),
        (["--days", "0"], set()),
        (["--user", "edda"], {"other"}),
        (["--user", "edda", "--days", "30"], {"new", "other"}),
    ],
    ids=" ".join,
)
def test_which(args: list[str], left: set[str], orders_of_both: Any, settings: Any) -> None:
    """By days, by person, by both; a person's request is for all of theirs, whatever the setting says."""
    settings.SEEDREAM |= {"PROMPT_DAYS": 45}
    run(*args)
    assert kept() == left


def test_by_order(orders_of_both: dict[str, Generation]) -> None:
    """Several of them, of any age; one of which only the ledger knows is known, too."""
    gone = orders_of_both["other"]
    key = str(gone.pk)
    gone.delete()
    (line,) = run("--order", str(orders_of_both["new"].pk), "--order", key)
    assert line == "1 order, 1 title, 4 ledger entries and 2 log entries redacted."
    assert kept() == {"old"}


def test_what_is_left_is_told(editor: User) -> None:
    """An order in work keeps its prompt, and one reads that it was left."""
    made("a fox", user=editor)
    made("an owl", user=editor)
    Generation.objects.filter(prompt="an owl").update(state=State.RUNNING)
    assert run("--days", "0") == [
        "1 order, 1 title, 2 ledger entries and 1 log entry redacted.",
        "1 order still in work: left as they are. Run it again later.",
    ]
    assert kept() == {"an owl"}


def test_what_is_undecided_is_left(editor: User, owner: User) -> None:
    """A lost order is perhaps sent again, which needs its words: it keeps them until somebody has decided."""
    generation = lost_order(editor)
    assert run("--days", "0") == [
        "0 orders, 0 titles, 0 ledger entries and 0 log entries redacted.",
        "1 order lost, and nobody has decided: left as they are. Decide on their pages, then run it again.",
    ]
    lost.write_off(generation, by=owner)
    assert run("--days", "0") == ["1 order, 0 titles, 2 ledger entries and 1 log entry redacted."]


def test_an_account_that_is_gone(editor: User) -> None:
    """The request of somebody who has left is found by name."""
    made("a fox", user=editor)
    editor.delete()
    assert run("--user", "edda") == ["1 order, 1 title, 2 ledger entries and 0 log entries redacted."]


WRONG = [
    (["--user", "nobody"], "There is no user “nobody”, and the ledger has no orders under that name."),
    (["--order", "abc"], "argument --order: invalid UUID value: 'abc'"),
    (["--days", "-1"], "argument --days: '-1' is not a number of days."),
    (["--days", "many"], "argument --days: 'many' is not a number of days."),
    (["--days", "99999999999"], "argument --days: '99999999999' is not a number of days."),
]


@pytest.mark.parametrize(("args", "words"), WRONG, ids=[" ".join(args) for args, _ in WRONG])
def test_mistakes(args: list[str], words: str, editor: User) -> None:
    """One line that names it, and nothing is changed."""
    made("a fox", user=editor)
    with pytest.raises(CommandError) as caught:
        run(*args)
    assert words in str(caught.value)
    assert kept() == {"a fox"}


def test_an_order_that_there_is_not(editor: User) -> None:
    """A wrong number among right ones stops it before anything is changed."""
    row, other = made("a fox", user=editor), uuid.uuid4()
    with pytest.raises(CommandError, match=rf"^There is no order {other}\. Nothing was redacted\.$"):
        run("--order", str(row.pk), "--order", str(other))
    assert kept() == {"a fox"}


def test_it_speaks_english_and_signs_nothing(orders_of_both: Any) -> None:
    """On a site in German too; and nobody's name is put into the log for what no person did."""
    entries = LogEntry.objects.count()
    with translation.override("de"):
        assert run("--user", "edda")[0].endswith("redacted.")
    assert LogEntry.objects.count() == entries
