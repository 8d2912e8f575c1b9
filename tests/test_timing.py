"""How long an order takes and how far it is: from the last ones like it, and never backwards."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from seedream_django import orders, timing
from seedream_django.models import GeneratedImage, Generation, State

from .steps import turn

pytestmark = pytest.mark.once

SMALL, BIG = (2048, 2048), (3072, 3072)


def done(seconds: float, *, expected: int = 1, size: tuple[int, int] = SMALL, **columns: Any) -> Generation:
    """An order that ended well after so many seconds, each after the ones before it."""
    now = timezone.now()
    moments = {"submitted_at": now - datetime.timedelta(seconds=seconds), "finished_at": now}
    task = {"width": size[0], "height": size[1]}
    values = {"state": State.DONE, "prompt": "p", "parameters": task, "expected": expected, **moments}
    return Generation.objects.create(**{**values, **columns})


# -- Usually -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_none_like_it() -> None:
    """Where none like it was made nothing is promised: not from another number, another size, or from failures."""
    assert timing.usual(1, *SMALL) is None
    done(9, expected=4)
    done(9, size=BIG)
    done(9, state=State.FAILED)
    done(9, submitted_at=None)
    done(-9)
    done(9, parameters={})
    assert timing.usual(1, *SMALL) is None


@pytest.mark.django_db
def test_the_median_of_the_last_twenty() -> None:
    """One that hung for an hour changes nothing, and what was long ago is forgotten."""
    for _ in range(5):
        done(500)
    for seconds in [3600, *[8] * 9, *[12] * 8, 10, 10]:
        done(seconds)
    assert timing.usual(1, *SMALL) == 10
    assert timing.usual(1, 1600, 2848) == 10
    done(4000, size=BIG)
    assert timing.usual(1, 4096, 2304) == 4000


@pytest.mark.django_db
def test_what_takes_no_time_takes_a_second() -> None:
    """Nothing is ever divided by zero."""
    done(0)
    assert timing.usual(1, *SMALL) == 1


@pytest.mark.django_db
def test_it_costs_one_bounded_question() -> None:
    """One query, that reads the newest by their index and no more than two hundred rows, whatever there is."""
    Generation.objects.bulk_create(
        Generation(state=State.DONE, prompt="p", parameters={"width": 2048, "height": 2048}, expected=4)
        for _ in range(250)
    )
    done(30)
    with CaptureQueriesContext(connection) as asked:
        assert timing.usual(1, *SMALL) == 30
    (query,) = asked.captured_queries
    assert query["sql"].endswith("LIMIT 200")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "seedream_gen_ended" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.django_db
def test_an_order_keeps_what_was_usual(editor: User) -> None:
    """It is written when it is ordered, and stays, whatever the next ones take: so the bar cannot jump."""
    done(20, expected=4)
    row = orders.place("a fox", user=editor, results=2, width=2048, height=2048)
    four = orders.place("a fox", user=editor, results=4, width=2048, height=2048)
    story = orders.place("a fox", user=editor, sequence=4, width=2048, height=2048)
    done(400, expected=4)
    row.refresh_from_db()
    four.refresh_from_db()
    assert (row.usual, four.usual, story.usual) == (None, 20, 20)
    assert orders.again(four, user=editor).usual == 210


# -- The bar -------------------------------------------------------------------------------------------------

START = timezone.now()


def at(seconds: float) -> datetime.datetime:
    return START + datetime.timedelta(seconds=seconds)


def new(**columns: Any) -> Generation:
    return Generation(**{"prompt": "a fox", "created_at": START, "expected": 4, "usual": 20, **columns})


def test_where_it_stands_at_each_point() -> None:
    """It moves with each step, by time in between, and is nearly there when all is received."""
    row = new()
    seen = [timing.bar(row, at(0)), timing.bar(row, at(600))]
    row.state, row.submitted_at = State.SUBMITTING, at(600)
    seen.append(timing.bar(row, at(600)))
    row.state, row.accepted_at = State.RUNNING, at(601)
    seen += [timing.bar(row, at(second)) for second in (601, 605, 610, 620, 640, 9000)]
    row.received, row.state = 4, State.STORING
    seen.append(timing.bar(row, at(9000)))
    row.stored = 3
    seen.append(timing.bar(row, at(9000)))
    assert seen == [0, 5, 6, 10, 26, 46, 86, 89, 90, 92, 92]
    row.stored = 4
    assert timing.bar(row, at(9001)) == 99
    row.state, row.finished_at = State.DONE, at(9001)
    assert timing.bar(row) == 100


def test_the_provider_and_what_came_know_better_than_the_clock() -> None:
    """What it says, and each picture that is there, moves it on at once."""
    row = new(state=State.RUNNING, submitted_at=START, accepted_at=START)
    assert timing.bar(row, at(0)) == 10
    row.progress = 50
    assert timing.bar(row, at(0)) == 46
    assert timing.seconds_left(row, at(0)) == 10
    row.received = row.stored = 3
    assert timing.bar(row, at(0)) == 76
    assert timing.seconds_left(row, at(0)) == 5
    row.received = 4
    assert timing.words(row, at(3)) == "In work for 3 seconds."


@pytest.mark.parametrize("usual", [1, 20, 30, 60, 400])
@pytest.mark.parametrize("progress", [0, 40, 80])
def test_the_bar_and_the_seconds_say_the_same(usual: int, progress: int) -> None:
    """Of what is left by the bar, so much is left by the words, whatever either knows."""
    row = new(state=State.RUNNING, submitted_at=START, accepted_at=START, usual=usual, progress=progress)
    for tenth in range(10):
        now = at(usual * tenth / 10)
        left = timing.seconds_left(row, now)
        assert left is not None
        whole = 100 * left / usual
        # Seconds are rounded up, and the bar leaves room for what follows the making.
        assert abs(100 - timing.bar(row, now) - whole) <= 14 + 100 / usual, (tenth, left)


def test_without_any_like_it_the_bar_moves_all_the_same() -> None:
    """Nobody knows how long it takes; it still goes on, ever more slowly."""
    row = new(state=State.RUNNING, submitted_at=START, accepted_at=START, usual=None)
    seen = [timing.bar(row, at(seconds)) for seconds in (0, 10, 30, 120)]
    assert seen == sorted(set(seen))
    assert seen[-1] < 91


ENDS = [
    ({"state": State.DONE, "stored": 4, "received": 4}, True),
    ({"state": State.DONE, "stored": 3, "received": 4}, False),
    ({"state": State.DONE, "stored": 3, "received": 3, "failed": 1}, False),
    ({"state": State.FAILED}, False),
    ({"state": State.CANCELLED}, False),
    ({"state": State.LOST}, False),
    ({"state": State.LOST, "stored": 4, "received": 4}, True),
    ({"state": State.STORING, "stored": 4, "received": 4}, False),
]


@pytest.mark.parametrize(("columns", "full"), ENDS, ids=str)
def test_full_once_all_is_stored_and_over(columns: dict[str, Any], full: bool) -> None:
    """Whatever else is so, the bar is not full while anything is missing or open."""
    row = new(submitted_at=START, accepted_at=START, progress=100, finished_at=at(10**6), **columns)
    assert (timing.bar(row) == 100) is full


def test_a_sequence_may_have_fewer() -> None:
    """Two of up to four, and nothing failed: that is all of it."""
    task = {"providerSettings": {"bytedance": {"maxSequentialImages": 4}}}
    row = new(state=State.DONE, stored=2, received=2, parameters=task, finished_at=at(9))
    assert timing.bar(row) == 100


#: What may become of a row, in any order, as the steps allow it; each returns the columns that change.
EVENTS: dict[str, Any] = {
    "claimed": lambda row, now: {"state": State.SUBMITTING, "submitted_at": row.submitted_at or now},
    "not run": lambda row, now: {"state": State.QUEUED},
    "asked about": lambda row, now: {"state": State.ASKING, "doubtful_since": now},
    "accepted": lambda row, now: {"state": State.RUNNING, "accepted_at": row.accepted_at or now},
    "progress": lambda row, now: {"progress": max(row.progress, min(99, row.progress + 13))},
    "received": lambda row, now: {"received": min(row.expected, row.received + 1)},
    "failed": lambda row, now: {"failed": min(row.expected, row.failed + 1)},
    "stored": lambda row, now: {"stored": min(row.expected - len(row.removed), row.stored + 1)},
    "deleted": lambda row, now: (row.stored and {"stored": row.stored - 1, "removed": [*row.removed, "x"]}) or {},
    "storing": lambda row, now: {"state": State.STORING, "progress": 100},
    "waits": lambda row, now: {},
}  # fmt: skip


@given(
    events=st.lists(st.tuples(st.sampled_from(sorted(EVENTS)), st.floats(0, 600)), max_size=40),
    usual=st.none() | st.integers(1, 400),
    expected=st.integers(1, 20),
)
def test_it_never_goes_back(events: Any, usual: int | None, expected: int) -> None:
    """Whatever becomes of a row and however long it takes, the bar only grows, and is never full before the end."""
    row, seconds, before = new(usual=usual, expected=expected), 0.0, 0
    for event, waited in events:
        seconds += waited
        for name, value in EVENTS[event](row, at(seconds)).items():
            setattr(row, name, value)
        now = timing.bar(row, at(seconds))
        assert before <= now < 100, event
        before = now


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["", "429", "503-after", "html", "down", "partial", "slow", "nullcost"])
def test_it_never_goes_back_at_the_provider_s(word: str, editor: User) -> None:
    """The same through the sandbox: busy, unclear and asked about, sent again, one of four failed."""
    row = orders.place(f"a fox sandbox:{word}" if word else "a fox", user=editor, results=4)
    seen = [timing.bar(row)]
    for _ in range(14):
        turn()
        _let_go_by(row, 5)
        if row.is_final:
            break
        seen.append(timing.bar(row))
    assert seen == sorted(seen)
    assert max(seen) < 100
    assert len(set(seen)) > 1
    if row.state == State.DONE and word != "partial":
        assert timing.bar(row) == 100


def _let_go_by(row: Generation, seconds: float) -> None:
    """All that happened to it was so many seconds earlier."""
    row.refresh_from_db()
    names = ("created_at", "submitted_at", "accepted_at", "finished_at")
    passed = datetime.timedelta(seconds=seconds)
    moments = {name: moment - passed for name in names if (moment := getattr(row, name))}
    Generation.objects.filter(pk=row.pk).update(**moments)
    row.refresh_from_db()


@pytest.mark.django_db
def test_a_picture_deleted_on_the_way(editor: User) -> None:
    """Somebody deletes one of those that are there already: the bar stays where it is."""
    row = orders.place("a fox", user=editor, results=2)
    while not row.stored:
        turn()
        row.refresh_from_db()
    Generation.objects.update(state=State.RUNNING)
    row.refresh_from_db()
    before = timing.bar(row)
    GeneratedImage.objects.filter(generation=row).first().delete()  # type: ignore[union-attr]
    Generation.objects.update(stored=row.stored - 1)
    row.refresh_from_db()
    assert timing.bar(row) == before


# -- In words ------------------------------------------------------------------------------------------------

SAID = [
    ({}, 3, "Ordered 3 seconds ago."),
    ({"state": State.ASKING, "submitted_at": at(60)}, 200, "Ordered 3 minutes ago."),
    ({"state": State.QUEUED, "submitted_at": at(60)}, 61, "Ordered 61 seconds ago."),
    ({"state": State.SUBMITTING, "submitted_at": at(60)}, 61, "In work for 1 second; about 19 seconds left."),
    ({"state": State.RUNNING, "submitted_at": at(60)}, 72, "In work for 12 seconds; about 8 seconds left."),
    ({"state": State.RUNNING, "submitted_at": at(60)}, 79.5, "In work for 19 seconds; about 1 second left."),
    ({"state": State.RUNNING, "submitted_at": at(60)}, 80, "In work for 20 seconds; most take about 20 seconds."),
    (
        {"state": State.RUNNING, "submitted_at": at(60), "usual": 400}, 72,
        "In work for 12 seconds; about 6 minutes left.",
    ),
    ({"state": State.RUNNING, "submitted_at": at(60), "usual": None}, 72, "In work for 12 seconds."),
    ({"state": State.STORING, "submitted_at": at(60)}, 62, "In work for 2 seconds; about 18 seconds left."),
    ({"state": State.RUNNING, "submitted_at": at(60), "hidden": True}, 72, ""),
    ({"state": State.DONE, "submitted_at": at(60), "finished_at": at(70)}, 72, ""),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "seconds", "words"), SAID, ids=[s[2] or "nothing" for s in SAID])
def test_words(columns: dict[str, Any], seconds: float, words: str) -> None:
    """How long it has taken and about how long it still takes; once it takes longer, what is usual."""
    assert timing.words(new(**columns), at(seconds)) == words


@pytest.mark.django_db
def test_nothing_is_left_where_nobody_knows() -> None:
    """A number that is not there is not made up."""
    assert timing.seconds_left(new(state=State.RUNNING, submitted_at=START, usual=None), at(3)) is None
    assert timing.seconds_left(new(state=State.QUEUED), at(3)) is None
    assert timing.seconds_left(new(state=State.RUNNING, submitted_at=START), at(21)) is None
    assert timing.seconds_left(new(state=State.RUNNING, submitted_at=START), at(3)) == 17
    assert not re.search(r"\d", timing.words(new(hidden=True), at(3)))
