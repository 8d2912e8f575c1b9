"""Money: reserved in all budgets or in none, settled with each picture, and the sums always agree."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from example_project.magazine.models import Article
from seedream_django import budget, generate, late, orders, pipeline
from seedream_django.exceptions import OverBudget
from seedream_django.models import (
    Budget,
    BudgetPeriod,
    GeneratedImage,
    Generation,
    ImageState,
    Kind,
    LedgerEntry,
    Period,
    Slot,
    State,
    after,
    today,
)
from seedream_django.runware.items import Failure
from seedream_django.runware.replies import Report
from seedream_django.sandbox import Books

from .steps import carry, made, past, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PRICE = Decimal("0.035")
Person = Callable[..., User]


def ledger(generation: Generation) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    rows = LedgerEntry.objects.of(generation).order_by("pk")
    return [(row.kind, row.reserved, row.spent, row.unconfirmed) for row in rows]


def balance(generation: Generation) -> tuple[Decimal, Decimal, Decimal]:
    sums = LedgerEntry.objects.of(generation).balance()
    return sums["reserved"], sums["spent"], sums["unconfirmed"]


def stands(of: Budget) -> tuple[Decimal, Decimal]:
    """What is reserved and spent of a budget in its present period."""
    period = BudgetPeriod.objects.get(budget=of, start=of.start())
    return period.reserved, period.spent


@pytest.fixture
def whole(db: None) -> Budget:
    """The installation's budget: thirty pictures a month, to the cent."""
    return Budget.objects.create(limit=30 * PRICE)


# -- Exact amounts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0", "0.000001", "0.035", "1.05", "12345678.123456", "-0.07"])
def test_an_amount_comes_back_as_it_was(text: str) -> None:
    """To the millionth of a dollar, with its sign, also as the sum of a query."""
    entry = LedgerEntry.objects.create(kind=Kind.SETTLE, generation_id=uuid.uuid4(), spent=Decimal(text))
    assert LedgerEntry.objects.get(pk=entry.pk).spent == Decimal(text)
    assert LedgerEntry.objects.balance()["spent"] == Decimal(text)


def test_thirty_times_a_price_is_exactly_thirty(whole: Budget) -> None:
    """As floating point the thirtieth would not fit: 30 × 0.035 > 1.05 there."""
    for number in range(30):
        generate(f"A fox, {number}")
    with pytest.raises(OverBudget):
        generate("One fox too many")
    assert Generation.objects.count() == 30
    assert stands(whole) == (whole.limit, 0)
    # And a millionth less would have been one fewer.
    Budget.objects.update(limit=whole.limit - budget.SMALLEST)
    cancelled = Generation.objects.first()
    assert cancelled is not None
    assert orders.cancel(cancelled)
    with pytest.raises(OverBudget):
        generate("A fox")


@given(
    limit=st.integers(0, 400).map(lambda n: Decimal(n) / 1000),
    wanted=st.lists(st.integers(1, 6), min_size=1, max_size=8),
)
@hypothesis_settings(max_examples=40, deadline=None)
def test_never_more_than_the_limit(limit: Decimal, wanted: list[int]) -> None:
    """Whatever is ordered in whatever portions: an order is taken exactly as long as it fits."""
    with transaction.atomic():
        of = Budget.objects.create(limit=limit)
        reserved = Decimal(0)
        for results in wanted:
            fits = reserved + results * PRICE <= limit
            try:
                generate("A fox", results=results)
            except OverBudget:
                assert not fits
            else:
                assert fits
                reserved += results * PRICE
        # The first order that is refused takes its period back with it.
        assert sum(period.reserved for period in of.periods.all()) == reserved
        transaction.set_rollback(True)


# -- Which budgets count -------------------------------------------------------------------------------------


def test_reserved_in_all_or_in_none(whole: Budget, editor: User) -> None:
    """The person has room, the installation has not: then nothing is reserved anywhere, and there is no row."""
    own = Budget.objects.create(user=editor, limit=100)
    generate("A fox", user=editor, results=20)
    with pytest.raises(OverBudget):
        generate("A wolf", user=editor, results=11)
    assert stands(own) == stands(whole) == (20 * PRICE, 0)
    assert Generation.objects.count() == 1
    assert LedgerEntry.objects.count() == 1


def test_a_group_shares_one_pool(person: Person) -> None:
    """What one member orders is gone for the other, and for nobody else."""
    desk = Group.objects.create(name="Picture desk")
    pool = Budget.objects.create(group=desk, limit=3 * PRICE)
    ann, ben, other = (person(name, "generate") for name in ("ann", "ben", "other"))
    ann.groups.add(desk)
    ben.groups.add(desk)
    generate("A fox", user=ann, results=2)
    generate("A fox", user=ben)
    for member in (ann, ben):
        with pytest.raises(OverBudget):
            generate("A wolf", user=member)
    generate("A wolf", user=other, results=20)
    generate("A wolf", results=20)
    assert stands(pool) == (3 * PRICE, 0)


def test_without_a_budget_the_ledger_is_kept(editor: User) -> None:
    """Budgets are optional; that money was spent, by whom and for what is written down all the same."""
    generation = made("A fox", user=editor)
    assert [kind for kind, *_ in ledger(generation)] == [Kind.RESERVE, Kind.SETTLE]
    entry = LedgerEntry.objects.of(generation).get(kind=Kind.SETTLE)
    assert (entry.user, entry.who, entry.door, entry.prompt) == (editor, "edda", "python", "A fox")
    assert BudgetPeriod.objects.count() == 0


def test_a_budget_made_later_counts_what_comes(whole: Budget) -> None:
    """An order keeps to the budgets that it was reserved in: a new one does not pay for old orders."""
    generation = orders.place("A fox")
    late = Budget.objects.create(limit=1, period=Period.DAY)
    carry(generation)
    assert stands(whole) == (0, PRICE)
    assert not BudgetPeriod.objects.filter(budget=late).exists()


# -- Periods -------------------------------------------------------------------------------------------------


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    now = datetime.datetime.fromisoformat(moment)
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Pacific/Auckland", "2026-11-30T10:59:59+00:00", "2026-11-30"),
        ("Pacific/Auckland", "2026-11-30T11:00:00+00:00", "2026-12-01"),
        ("America/Los_Angeles", "2026-12-01T07:59:59+00:00", "2026-11-30"),
        ("America/Los_Angeles", "2026-12-01T08:00:00+00:00", "2026-12-01"),
        # Summer time ends: 02:30 comes twice, midnight once.
        ("Europe/Berlin", "2026-10-24T22:00:00+00:00", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25T23:00:00+00:00", "2026-10-26"),
    ],
)
def test_a_day_is_the_projects_day(
    settings: Any, monkeypatch: pytest.MonkeyPatch, zone: str, moment: str, day: str
) -> None:
    """In TIME_ZONE, whatever the time zone of whoever orders."""
    settings.TIME_ZONE = zone
    timezone.get_default_timezone.cache_clear()
    at(monkeypatch, moment)
    try:
        for active in ("UTC", "Pacific/Kiritimati"):
            with timezone.override(active):
                assert today().isoformat() == day
    finally:
        timezone.get_default_timezone.cache_clear()


def test_periods_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day's budget is whole the next day, a month's the next month, one for good never."""
    room = {period: Budget.objects.create(limit=PRICE * n, period=period)
            for period, n in ((Period.DAY, 1), (Period.MONTH, 2), (Period.EVER, 3))}  # fmt: skip
    at(monkeypatch, "2026-11-29T12:00:00+00:00")
    generate("A fox")
    with pytest.raises(OverBudget, match="a day"):
        generate("A wolf")
    at(monkeypatch, "2026-11-30T12:00:00+00:00")
    generate("A fox")
    at(monkeypatch, "2026-12-01T12:00:00+00:00")
    generate("A fox")
    at(monkeypatch, "2026-12-02T12:00:00+00:00")
    with pytest.raises(OverBudget, match="for good"):
        generate("A wolf")
    assert [period.start.isoformat() for period in room[Period.MONTH].periods.order_by("start")] == [
        "2026-11-01",
        "2026-12-01",
    ]


def test_settled_in_the_period_it_was_ordered_in(whole: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture that comes after midnight is paid by the month of its order, which had the room for it."""
    at(monkeypatch, "2026-11-30T23:59:00+00:00")
    generation = orders.place("A fox")
    at(monkeypatch, "2026-12-01T00:05:00+00:00")
    carry(generation)
    november = BudgetPeriod.objects.get(budget=whole)
    assert (november.start.month, november.reserved, november.spent) == (11, 0, PRICE)


def test_a_raised_limit_counts_at_once(whole: Budget) -> None:
    """In the period that runs; what was refused is taken then, also under the same key."""
    generate("A fox", results=20)
    with pytest.raises(OverBudget):
        generate("A wolf", results=11, key="k")
    whole.limit *= 2
    whole.save()
    generation = generate("A wolf", results=11, key="k")
    assert generate("A wolf", results=11, key="k") == generation
    assert stands(whole) == (31 * PRICE, 0)


# -- Settling ------------------------------------------------------------------------------------------------


def test_a_picture_settles_its_share(whole: Budget, books: Books) -> None:
    """Reserved with the order; each picture settles its own; the sums are what the provider's books say."""
    generation = made("A fox", results=3)
    assert ledger(generation) == [
        (Kind.RESERVE, 3 * PRICE, 0, 0),
        *[(Kind.SETTLE, -PRICE, PRICE, 0)] * 3,
    ]
    assert stands(whole) == (0, books.spent()) == (0, 3 * PRICE)
    images = set(GeneratedImage.objects.values_list("image_uuid", flat=True))
    settled = LedgerEntry.objects.filter(kind=Kind.SETTLE)
    assert set(settled.values_list("image_uuid", flat=True)) == images


def test_what_failed_gives_its_share_back(whole: Budget, books: Books) -> None:
    """Two of three come: two are spent, the third is released."""
    generation = made("A fox sandbox:partial", results=3)
    assert generation.state == State.DONE
    assert ledger(generation)[-1] == (Kind.RELEASE, -PRICE, 0, 0)
    assert stands(whole) == (0, books.spent()) == (0, 2 * PRICE)


@pytest.mark.parametrize("word", ["nobalance", "badkey", "refused", "fails", "flagged-late"])
def test_a_refusal_costs_nothing(word: str, whole: Budget, books: Books) -> None:
    """Refused before or after it was accepted: all of it is released."""
    generation = made(f"A fox sandbox:{word}", results=2)
    assert generation.state == State.FAILED
    assert balance(generation) == (0, 0, 0)
    assert stands(whole) == (0, 0)
    assert books.spent() == 0


def test_cancelled_before_it_was_sent(whole: Budget) -> None:
    """Nothing was sent, everything comes back; a second click changes nothing."""
    generation = orders.place("A fox", results=2)
    assert orders.cancel(generation)
    assert not orders.cancel(generation)
    assert ledger(generation)[1:] == [(Kind.RELEASE, -2 * PRICE, 0, 0)]
    assert stands(whole) == (0, 0)


def test_cancelled_after_it_was_sent_is_paid(whole: Budget) -> None:
    """It is made and billed all the same, and the ledger says so."""
    generation = orders.place("A fox")
    pipeline.submit(generation.pk)
    assert not orders.cancel(generation)
    carry(generation)
    assert generation.hidden
    assert stands(whole) == (0, PRICE)


def test_a_missing_cost_counts_by_the_estimate_until_it_is_named(whole: Budget) -> None:
    """Unconfirmed as long as the provider names no cost; then what it billed, and confirmed."""
    generation = made("A fox sandbox:nullcost")
    assert balance(generation) == (0, PRICE, PRICE)
    image = generation.images.get()
    GeneratedImage.objects.filter(pk=image.pk).update(cost=Decimal("0.04"))
    with transaction.atomic():
        budget.settle(generation)
    assert balance(generation) == (0, Decimal("0.04"), 0)
    assert stands(whole) == (0, Decimal("0.04"))


def test_a_bill_above_the_estimate_is_recorded(whole: Budget) -> None:
    """An overrun is the provider's word: it is written down, beyond the limit too, and nothing more is ordered."""
    generation = orders.place("A fox", results=2)
    Budget.objects.update(limit=2 * PRICE)
    for position in range(2):
        GeneratedImage.objects.create(
            generation=generation, image_uuid=uuid.uuid4(), position=position, cost=Decimal("0.05")
        )
    Generation.objects.filter(pk=generation.pk).update(state=State.STORING, received=2)
    generation.refresh_from_db()
    with transaction.atomic():
        budget.settle(generation)
    assert stands(whole) == (0, Decimal("0.10"))
    period = BudgetPeriod.objects.select_related("budget").get()
    assert period.left == 0
    with pytest.raises(OverBudget):
        generate("A wolf")


def test_settling_twice_writes_once(whole: Budget) -> None:
    """A worker that died after it settled leaves the next one nothing to write."""
    generation = made("A fox", results=2)
    before = ledger(generation)
    for _ in range(3):
        with transaction.atomic():
            budget.settle(generation)
    assert ledger(generation) == before
    assert stands(whole) == (0, 2 * PRICE)


def test_a_deleted_picture_was_paid_for(whole: Budget) -> None:
    """Its row and its file go; what it cost stays, also when the rest is settled again."""
    generation = made("A fox", results=2)
    generation.images.order_by("pk")[0].delete()
    with transaction.atomic():
        budget.settle(generation)
    assert balance(generation) == (0, 2 * PRICE, 0)
    pk = generation.pk
    generation.delete()
    assert LedgerEntry.objects.of(pk).balance()["spent"] == 2 * PRICE
    assert stands(whole) == (0, 2 * PRICE)


# -- Lost ----------------------------------------------------------------------------------------------------


def lose(prompt: str = "A fox sandbox:stuck", **values: Any) -> Generation:
    """An order that the provider took and never told of again."""
    generation = orders.place(prompt, **values)
    pipeline.submit(generation.pk)
    past(generation, "deadline", "look_at")
    turn(2)
    generation.refresh_from_db()
    assert generation.state == State.LOST
    return generation


def test_lost_stays_reserved(whole: Budget) -> None:
    """It may have been charged: its money is kept aside until news comes or an owner decides."""
    generation = lose(results=2)
    assert balance(generation) == (2 * PRICE, 0, 0)
    assert budget.reserved_for(generation) == 2 * PRICE
    assert stands(whole) == (2 * PRICE, 0)


def test_written_off_counts_as_spent(whole: Budget, owner: User) -> None:
    """At the estimate, unconfirmed, with who decided it; once."""
    generation = lose(results=2)
    with transaction.atomic():
        assert budget.write_off(generation, by=owner, note="Asked twice.") == 2 * PRICE
        assert budget.write_off(generation, by=owner) == 0
    assert balance(generation) == (0, 2 * PRICE, 2 * PRICE)
    entry = LedgerEntry.objects.get(kind=Kind.WRITE_OFF)
    assert (entry.by, entry.note, entry.pictures) == (owner, "Asked twice.", 2)
    assert stands(whole) == (0, 2 * PRICE)


def test_what_was_written_off_and_comes_after_all(whole: Budget, owner: User) -> None:
    """Then it is the picture that was paid for: nothing is counted twice."""
    generation = lose(results=2)
    with transaction.atomic():
        budget.write_off(generation, by=owner)
    GeneratedImage.objects.create(generation=generation, image_uuid=uuid.uuid4(), cost=PRICE)
    with transaction.atomic():
        budget.settle(generation)
    assert balance(generation) == (0, 2 * PRICE, PRICE)
    GeneratedImage.objects.create(generation=generation, image_uuid=uuid.uuid4(), cost=Decimal("0.04"))
    with transaction.atomic():
        budget.settle(generation)
    assert balance(generation) == (0, PRICE + Decimal("0.04"), 0)
    assert stands(whole) == (0, PRICE + Decimal("0.04"))


def test_late_news_of_a_lost_order_is_settled(whole: Budget) -> None:
    """All of it came: nothing is left reserved although nobody decided."""
    generation = lose()
    GeneratedImage.objects.create(
        generation=generation, image_uuid=uuid.uuid4(), cost=PRICE, state=ImageState.STORED
    )
    Generation.objects.filter(pk=generation.pk).update(received=1)
    generation.refresh_from_db()
    with transaction.atomic():
        budget.settle(generation)
    assert balance(generation) == (0, PRICE, 0)


def doubtful(**columns: Any) -> Generation:
    """An order whose first sending was unclear, and that waits to be sent again under its own UUID."""
    generation = orders.place("A fox")
    now = timezone.now()
    doubt = {"doubtful_since": now, "ask_until": after(600), "look_at": now, **columns}
    Generation.objects.filter(pk=generation.pk).update(**doubt)
    generation.refresh_from_db()
    return generation


def end_watch(generation: Generation) -> None:
    past(generation, "watch_until")
    late.end_watches()


def test_in_doubt_past_its_deadline_is_lost_not_failed(whole: Budget, books: Books) -> None:
    """The first attempt may have been charged: it is not sent, it is asked about, and its money stays reserved."""
    generation = doubtful()
    past(generation, "deadline", "ask_until")
    turn(3)
    generation.refresh_from_db()
    assert generation.state == State.LOST
    assert books.accepted() == []
    assert stands(whole) == (PRICE, 0)


def test_refused_in_doubt_is_free_once_nobody_looks_any_more(whole: Budget) -> None:
    """While it is watched the earlier attempt may turn out to be paid; then it is released, once."""
    generation = doubtful(prompt="A fox sandbox:refused")
    turn()
    generation.refresh_from_db()
    assert generation.state == State.FAILED
    assert stands(whole) == (PRICE, 0)
    late.end_watches()
    assert stands(whole) == (PRICE, 0)
    for _ in range(2):
        end_watch(generation)
        assert ledger(generation)[1:] == [(Kind.RELEASE, -PRICE, 0, 0)]
    assert stands(whole) == (0, 0)


def test_cancelled_in_doubt_is_free_once_nobody_looks_any_more(whole: Budget) -> None:
    """The same for one that was cancelled before it was sent again."""
    generation = doubtful()
    assert orders.cancel(generation)
    assert stands(whole) == (PRICE, 0)
    end_watch(generation)
    assert stands(whole) == (0, 0)


def test_the_end_of_a_watch_frees_nothing_of_what_is_lost(whole: Budget) -> None:
    """That is an owner's to decide."""
    generation = lose()
    end_watch(generation)
    generation.refresh_from_db()
    assert generation.watch_until is None
    assert stands(whole) == (PRICE, 0)


def test_what_was_written_off_and_failed_after_all(whole: Budget, owner: User) -> None:
    """The provider says later that it failed: it was not charged, and the ledger says so."""
    generation = lose(results=2)
    with transaction.atomic():
        budget.write_off(generation, by=owner)
    late.news(generation, Report(generation.pk, (), (failure(), failure()), False, True, None))
    assert balance(generation) == (0, 0, 0)
    assert stands(whole) == (0, 0)


def test_late_words_and_money_are_one_step(whole: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies between the two leaves neither: the next look finds both."""
    generation = lose()
    report = Report(generation.pk, (), (failure(),), False, True, None)
    with monkeypatch.context() as patch:
        patch.setattr(late, "settle", Mock(side_effect=OperationalError("database is locked")))
        with pytest.raises(OperationalError):
            late.news(generation, report)
    generation.refresh_from_db()
    assert (generation.failed, stands(whole)) == (0, (PRICE, 0))
    late.news(generation, report)
    assert stands(whole) == (0, 0)


def failure() -> Failure:
    return Failure(kind="provider", code="inferenceError", message="It failed.")


# -- The ledger ----------------------------------------------------------------------------------------------


def test_an_entry_stays_as_it_is() -> None:
    """It is neither changed nor deleted: that is a programming error, told as such."""
    entry = LedgerEntry.objects.of(orders.place("A fox")).get()
    with pytest.raises(TypeError, match="write another"):
        entry.save()
    with pytest.raises(TypeError, match="write another"):
        entry.delete()
    with pytest.raises(TypeError, match="write others"):
        LedgerEntry.objects.update(reserved=0)
    with pytest.raises(TypeError, match="write others"):
        LedgerEntry.objects.all().delete()


def test_an_entry_names_what_it_was_for(editor: User) -> None:
    """The object whose place the order is for, by what people call it; it outlives account and object."""
    article = _article()
    slot = Slot(
        content_type=ContentType.objects.get_for_model(Article),
        object_id=str(article.pk),
        field="cover",
        user=editor,
    )
    generation = carry(orders.place("A fox", user=editor, slot=slot))
    editor.delete()
    entry = LedgerEntry.objects.of(generation).get(kind=Kind.SETTLE)
    assert (entry.model, entry.object_id, entry.label) == ("magazine.article", str(article.pk), str(article))
    assert (entry.user, entry.who) == (None, "edda")


def test_as_many_queries_for_twenty_pictures_as_for_two(editor: User) -> None:
    """What an order is for is looked up once, not once for each picture that it settles."""
    article, counts = _article(), []
    for results in (2, 20):
        slot = Slot(
            content_type=ContentType.objects.get_for_model(Article),
            object_id=str(article.pk),
            field="cover",
            user=editor,
        )
        generation = orders.place(f"A fox, {results}", user=editor, slot=slot, results=results)
        for position in range(results):
            GeneratedImage.objects.create(
                generation=generation, image_uuid=uuid.uuid4(), position=position, cost=PRICE
            )
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            budget.settle(generation)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_name_that_cannot_be_told_keeps_no_money(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object whose ``__str__`` fails, by a broken query too: settled all the same, without the name."""
    article = _article()
    monkeypatch.setattr(
        Article, "__str__", lambda self: str(Article.objects.extra(where=["no_such_column"])[0])
    )
    place = ContentType.objects.get_for_model(Article)
    slot = Slot(content_type=place, object_id=str(article.pk), field="cover", user=editor)
    generation = carry(orders.place("A fox", user=editor, slot=slot))
    entry = LedgerEntry.objects.of(generation).get(kind=Kind.SETTLE)
    assert (entry.object_id, entry.label, entry.spent) == (str(article.pk), "", PRICE)


def _article() -> Article:
    from example_project.magazine.models import Topic

    topic = Topic.objects.create(name="Places", slug="places")
    return Article.objects.create(title="The lamp", slug="the-lamp", topic=topic)


# -- Words ---------------------------------------------------------------------------------------------------


def test_over_budget_says_what_is_left_and_who_can_raise_it(person: Person, owner: User) -> None:
    """In dollars for those who see costs, in pictures for the others; by name, three at most."""
    Budget.objects.create(limit=5 * PRICE)
    editor = person("ed", "generate")
    chief = person("carla", "generate", "see_costs", "change_budget", first_name="Carla", last_name="Chief")
    generate("A fox", results=2)
    with pytest.raises(OverBudget) as refused:
        generate("A wolf", user=editor, results=4)
    assert "“the whole installation, a month” has room for 3 more pictures" in str(refused.value)
    assert "olga, Carla Chief" in str(refused.value)
    assert "$" not in str(refused.value)
    with pytest.raises(OverBudget, match=r"\$0.105 is left, and it costs \$0.14"):
        generate("A wolf", user=chief, results=4)


def test_nobody_can_raise_it() -> None:
    """Then an administrator is named, so that the sentence still says what to do."""
    Budget.objects.create(limit=0)
    with pytest.raises(OverBudget, match="Ask an administrator to raise it"):
        generate("A fox")


# -- Taking an order -----------------------------------------------------------------------------------------


def test_a_sequence_reserves_its_worst_case(whole: Budget) -> None:
    """Up to four pictures are asked for: four are reserved, what came is settled, the rest comes back."""
    generation = orders.place("A fox", sequence=4)
    assert generation.expected == 4
    assert generation.estimate == orders.estimate(1, 4) == 4 * PRICE
    assert stands(whole) == (4 * PRICE, 0)
    carry(generation)
    assert stands(whole) == (0, generation.stored * PRICE)


@pytest.mark.django_db(transaction=True)
def test_tried_again_while_the_database_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole step, so that nothing is half taken; the caller learns nothing of it."""
    busy = iter([OperationalError("database is locked"), OperationalError("deadlock detected"), None])
    reserve = budget.reserve

    def sometimes(generation: Generation, periods: list[BudgetPeriod]) -> None:
        reserve(generation, periods)
        if error := next(busy):
            raise error

    monkeypatch.setattr(budget, "reserve", sometimes)
    generation = generate("A fox")
    assert Generation.objects.get() == generation
    assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_not_tried_again_inside_somebody_elses_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Theirs is broken by then: it is theirs to begin anew."""
    tries = []

    def busy(generation: Generation, periods: list[BudgetPeriod]) -> None:
        tries.append(generation)
        raise OperationalError("database is locked")

    monkeypatch.setattr(budget, "reserve", busy)
    with pytest.raises(OperationalError), transaction.atomic():
        generate("A fox")
    assert len(tries) == 1
    assert not connection.in_atomic_block


def test_the_request_is_the_same_however_many(settings: Any) -> None:
    """Its digest is of what a picture looks like: not of their number, nor of how they are delivered."""
    one, four = orders.place("A fox"), orders.place("A fox", results=4)
    settings.SEEDREAM = {**settings.SEEDREAM, "SAFETY_CHECK": True}
    checked = orders.place("A fox")
    assert one.digest == four.digest == checked.digest
    assert one.digest != orders.place("A fox", output_format="PNG").digest
    assert one.digest != orders.place("A fox", width=3072, height=3072).digest
    assert one.digest != orders.place("A wolf").digest


def test_the_same_key_with_another_number_is_another_row() -> None:
    """One picture or four is not the same order, and not the same price."""
    assert generate("A fox", key="k") == generate("A fox", key="k")
    assert generate("A fox", key="k") != generate("A fox", key="k", results=4)


# -- What an owner types -------------------------------------------------------------------------------------


def test_a_budget_has_one_owner(editor: User) -> None:
    """A person or a group, or neither: told in the form, and held by the database."""
    desk = Group.objects.create(name="Picture desk")
    with pytest.raises(ValidationError, match="not both"):
        Budget(user=editor, group=desk, limit=1).full_clean()
    Budget.objects.create(user=editor, limit=1)
    with pytest.raises(ValidationError, match="such a budget already"):
        Budget(user=editor, limit=2).full_clean()
    Budget(user=editor, limit=2, period=Period.DAY).full_clean()
    with pytest.raises(ValidationError, match="zero or more"):
        Budget(limit=-1).full_clean()
