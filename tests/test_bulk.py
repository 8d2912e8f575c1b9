"""Pictures for many objects: what a run would make, a sample, the rest; nothing twice, whoever dies when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Permission, User
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from example_project.magazine.admin import ArticleAdmin
from example_project.magazine.models import Article, Topic
from seedream_django import bulk, bulking, orders, places, plans, review
from seedream_django.models import (
    Budget,
    BulkItem,
    BulkRun,
    BulkState,
    Circuit,
    GeneratedImage,
    Generation,
    ItemState,
    LedgerEntry,
    Slot,
    State,
    Style,
    Switch,
    after,
)
from seedream_django.places import slot
from seedream_django.sandbox import Books

from .album.models import Framed, Photo
from .conftest import EDITOR_MAY
from .steps import made, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]
LIST = "/admin/magazine/article/"
RUNS = "admin:seedream_django_bulkrun_"
COVER = slot(ratio="16:9", hint="room for a title on the left", prompt_from="{title}. {summary}")


@pytest.fixture(autouse=True)
def fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """Articles whose cover can be made from their words."""
    monkeypatch.setattr(ArticleAdmin, "seedream_fields", {"cover": COVER})


@pytest.fixture
def bulky(person: Callable[..., User]) -> User:
    """May do all of it; sees no costs."""
    return person("berta", *EDITOR_MAY, "bulk")


def articles(count: int, **values: Any) -> list[Article]:
    topic, _created = Topic.objects.get_or_create(slug="nature", defaults={"name": "Nature"})
    first = Article.objects.count()
    rows = [
        Article(title=f"Fox {number:03}", slug=f"fox-{number}", topic=topic, **{"summary": "It snows.", **values})
        for number in range(first, first + count)
    ]  # fmt: skip
    return Article.objects.bulk_create(rows)


def run_of(user: User, count: int = 5, place: places.Place = COVER, **values: Any) -> BulkRun:
    """A run for so many new articles, not started."""
    keys = [row.pk for row in articles(count, **values)]
    rows = Article.objects.filter(pk__in=keys).order_by("pk")
    return plans.begin(rows, "cover", place, user=user, may=plans.may_change(user))


def look(run: BulkRun, **values: Any) -> BulkRun:
    """One step of the run, as if its time had come."""
    BulkRun.objects.filter(pk=run.pk).update(look_at=timezone.now(), lease_until=None)
    bulk.step(run.pk, **values)
    run.refresh_from_db()
    return run


def carried(run: BulkRun, to: BulkState, turns: int = 60) -> BulkRun:
    """Step and turn until the run is there."""
    for _ in range(turns):
        if look(run).state == to and not run.items.filter(state=ItemState.ORDERED).exists():
            return run
        turn()
    raise AssertionError(f"{run.state} {run.note} {states(run)}")


def sampled(user: User, count: int = 5, **values: Any) -> BulkRun:
    run = run_of(user, count, **values)
    assert bulk.make_sample(run)
    return carried(run, BulkState.SAMPLED)


def states(run: BulkRun) -> list[str]:
    return list(run.items.order_by("position").values_list("state", flat=True))


def notes(run: BulkRun) -> list[str]:
    return list(run.items.order_by("position").values_list("note", flat=True))


def post(client: Client, run: BulkRun, what: str, **data: Any) -> Any:
    run.refresh_from_db()
    response = client.post(reverse(f"{RUNS}{what}", args=[run.pk]), data, follow=True)
    run.refresh_from_db()
    return response


def text_of(response: Any) -> str:
    page = response.content.decode()
    page = page[page.find('id="content-main"') :] if 'id="content-main"' in page else page
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


# -- What it would make --------------------------------------------------------------------------------------


def test_what_is_left_out_and_why(bulky: User) -> None:
    """A picture, one on its way, no words, too many words: each is told apart, and the rest is made."""
    rows = articles(6)
    rows[0].cover = made(user=bulky).images.get()
    rows[0].save()
    spot = Slot(content_type_id=plans_kind(), object_id=str(rows[1].pk), field="cover", user=bulky)
    orders.place("on its way", user=bulky, slot=spot)
    Article.objects.filter(pk=rows[2].pk).update(title="", summary="")
    Article.objects.filter(pk=rows[3].pk).update(summary="x" * 2100)
    run = plans.begin(
        Article.objects.order_by("pk"), "cover", COVER, user=bulky, may=lambda obj: obj.pk != rows[4].pk
    )
    assert notes(run) == [
        plans.HAS_ONE, plans.BEING_MADE, plans.NO_WORDS, plans.TOO_LONG, plans.NOT_ALLOWED, "",
    ]  # fmt: skip
    assert states(run) == ["skipped"] * 5 + ["waiting"]


def plans_kind() -> Any:
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(Article).pk


def test_other_words_take_in_what_was_left_out(bulky: User) -> None:
    """A prompt that names another field is held against every object again; what has a picture stays out."""
    run = run_of(bulky, 3, summary="")
    first, second, third = Article.objects.order_by("pk")
    Article.objects.filter(pk=first.pk).update(title="")
    may = plans.may_change(bulky)
    assert plans.change(run, may=may, prompt="{quote}")
    assert notes(run) == [plans.NO_WORDS] * 3
    Article.objects.filter(pk=second.pk).update(cover=made().images.get())
    assert plans.change(run, may=may, prompt="{slug}")
    assert notes(run) == ["", plans.HAS_ONE, ""]
    third.delete()
    plans.check(run, may=may)
    assert notes(run) == ["", plans.HAS_ONE, plans.GONE]


def test_a_run_that_works_keeps_its_words(bulky: User) -> None:
    """Nobody changes what is being ordered."""
    run = run_of(bulky)
    bulk.make_sample(run)
    assert not plans.change(run, may=plans.may_change(bulky), prompt="{slug}")
    run.refresh_from_db()
    assert run.prompt == "{title}. {summary}"


def test_ten_thousand_objects_some_hundreds_at_a_time(
    bulky: User, django_assert_max_num_queries: Any
) -> None:
    """They are read and written some hundreds at a time, in as many queries as that makes."""
    articles(10_000)
    with django_assert_max_num_queries(200):
        run = plans.begin(
            Article.objects.order_by("pk"), "cover", COVER, user=bulky, may=plans.may_change(bulky)
        )
    assert run.items.filter(state=ItemState.WAITING).count() == 10_000
    positions = run.items.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(10_000))


def test_nobody_waits_while_objects_are_judged(
    transactional_db: None, bulky: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site's own rules may take long for ten thousand: no transaction is open meanwhile, and none half done."""
    articles(7)
    monkeypatch.setattr(plans, "CHUNK", 3)
    open_while: list[bool] = []

    def may(obj: Any) -> bool:
        open_while.append(connection.in_atomic_block)
        return True

    rows = Article.objects.order_by()
    run = plans.begin(rows.union(rows, all=True), "cover", COVER, user=bulky, may=may)
    assert open_while == [False] * 14
    assert list(run.items.order_by("position").values_list("position", flat=True)) == list(range(7))
    written = BulkItem.objects.bulk_create

    def breaks(items: list[BulkItem]) -> Any:
        if items[0].position:
            raise OperationalError
        return written(items)

    monkeypatch.setattr(BulkItem.objects, "bulk_create", breaks)
    with pytest.raises(OperationalError):
        plans.begin(rows, "cover", COVER, user=bulky, may=may)
    assert (list(BulkRun.objects.all()), BulkItem.objects.count()) == ([run], 7)


# -- A sample, and the rest ----------------------------------------------------------------------------------


def test_three_first_then_the_rest(bulky: User, books: Books) -> None:
    """The sample is three; the rest comes when somebody says so; each object gets its own picture, paid once."""
    run = sampled(bulky, 12)
    assert states(run) == ["filled"] * 3 + ["waiting"] * 9
    assert len(books.charges()) == 3
    assert bulk.step(run.pk) is None
    assert bulk.make_rest(run)
    look(run)
    assert states(run).count("ordered") == bulk.WINDOW
    carried(run, BulkState.DONE)
    assert states(run) == ["filled"] * 12
    assert len(books.charges()) == 12
    covers = Article.objects.values_list("cover", flat=True)
    assert len(set(covers) - {None}) == 12
    assert run.finished_at is not None
    assert set(Generation.objects.values_list("door", "user")) == {("bulk", bulky.pk)}


def test_what_is_ordered_is_what_was_shown(bulky: User) -> None:
    """Prompt, lines of field and style, size, the slot's wishes: all of one object."""
    Style.objects.create(name="Soft", words="soft light")
    place = slot(ratio="21:9", hint="room on the left", max_width=5000, prompt_from="{title}")
    run = run_of(bulky, 1, place)
    plans.change(
        run, may=plans.may_change(bulky), style="Soft", options={**run.options, "style": "soft light"}
    )
    bulk.make_sample(run)
    look(run)
    generation = Generation.objects.get()
    assert generation.prompt == "Fox 000"
    assert generation.sent == "Fox 000\nroom on the left\nsoft light"
    assert (generation.width, generation.height) == plans.size_of(run)
    (spot,) = Slot.objects.all()
    assert spot.options == {"ratio": "21:9", "max_width": 5000}
    assert (spot.object_id, spot.field, spot.user) == (str(Article.objects.get().pk), "cover", bulky)
    assert spot.text_digest


def test_other_words_for_what_is_not_made_yet(bulky: User) -> None:
    """What was made stays; only what waits uses the new prompt."""
    run = sampled(bulky, 4)
    plans.change(run, may=plans.may_change(bulky), prompt="{slug}")
    bulk.make_rest(run)
    carried(run, BulkState.DONE)
    assert [row.prompt for row in Generation.objects.order_by("created_at")] == [
        "Fox 000. It snows.", "Fox 001. It snows.", "Fox 002. It snows.", "fox-3",
    ]  # fmt: skip


def test_another_sample_after_other_words(bulky: User) -> None:
    """Three more, and it asks again."""
    run = sampled(bulky, 8)
    assert bulk.make_sample(run)
    carried(run, BulkState.SAMPLED)
    assert states(run) == ["filled"] * 6 + ["waiting"] * 2


def test_a_sample_of_all_there_is(bulky: User) -> None:
    """Of two objects a sample is the whole."""
    run = run_of(bulky, 2)
    bulk.make_sample(run)
    carried(run, BulkState.DONE)


def test_nothing_to_make(bulky: User) -> None:
    """A run that nothing is left of is done, and cost nothing."""
    run = run_of(bulky, 1)
    bulk.make_sample(run)
    Article.objects.update(cover=made().images.get())
    look(run)
    assert (run.state, notes(run)) == ("done", [plans.HAS_ONE])


def test_what_has_a_picture_by_now_is_left_out(bulky: User) -> None:
    """Between the dry run and the order somebody chose one."""
    run = run_of(bulky, 3)
    image = made().images.get()
    Article.objects.filter(pk=Article.objects.order_by("pk")[1].pk).update(cover=image)
    bulk.make_sample(run)
    look(run)
    assert states(run) == ["ordered", "skipped", "ordered"]


# -- Pause, resume, cancel -----------------------------------------------------------------------------------


def test_pause_lets_what_is_ordered_come(bulky: User) -> None:
    """Nothing more is ordered, what is under way is put in place, and the rest follows after “Resume”."""
    run = sampled(bulky, 20)
    bulk.make_rest(run)
    look(run)
    assert bulk.pause(run)
    for _ in range(12):
        turn()
        look(run)
    assert states(run) == ["filled"] * 11 + ["waiting"] * 9
    assert BulkRun.objects.due().count() == 0
    assert bulk.resume(run)
    assert run.state == BulkState.RUNNING
    carried(run, BulkState.DONE)


def test_a_paused_sample_is_resumed_as_one(bulky: User) -> None:
    """It still asks before the rest."""
    run = run_of(bulky, 6)
    bulk.make_sample(run)
    bulk.pause(run)
    assert bulk.resume(run)
    carried(run, BulkState.SAMPLED)
    assert states(run) == ["filled"] * 3 + ["waiting"] * 3


def test_cancel_costs_nothing_for_what_was_not_sent(bulky: User, books: Books) -> None:
    """Queued orders are cancelled; nothing stays reserved."""
    Budget.objects.create(limit=5)
    run = run_of(bulky, 6)
    bulk.make_sample(run)
    look(run)
    assert Generation.objects.filter(state=State.QUEUED).count() == 3
    assert bulk.cancel(run)
    look(run)
    assert notes(run)[:3] == [bulk.CANCELLED] * 3
    assert states(run)[3:] == ["waiting"] * 3
    assert (books.charges(), LedgerEntry.objects.all().balance()["reserved"]) == ([], 0)
    assert BulkRun.objects.due().count() == 0


def test_cancel_keeps_what_was_sent(bulky: User, settings: Any) -> None:
    """It is paid for: it comes, and is put in place."""
    run = run_of(bulky, 3)
    bulk.make_sample(run)
    look(run)
    turn()
    sent = Generation.objects.exclude(state=State.QUEUED).count()
    assert sent
    bulk.cancel(run)
    for _ in range(8):
        turn()
        look(run)
    assert states(run).count("filled") == sent
    assert not Generation.objects.filter(hidden=True).exclude(state=State.CANCELLED).exists()


@pytest.mark.parametrize("to", BulkState.values)
@pytest.mark.parametrize("state", [BulkState.DONE, BulkState.CANCELLED])
def test_the_end_is_the_end(bulky: User, state: BulkState, to: str) -> None:
    """No step leads out of a final state."""
    run = run_of(bulky, 1)
    BulkRun.objects.update(state=state)
    run.refresh_from_db()
    with pytest.raises(ValueError, match="no step"):
        run.step(BulkState(to))


def test_of_two_who_decide_one_wins(bulky: User) -> None:
    """A step is taken from the state that somebody saw."""
    run = run_of(bulky, 5)
    other = BulkRun.objects.get(pk=run.pk)
    assert bulk.make_sample(run)
    assert not bulk.make_sample(other)
    assert not bulk.cancel(other)
    run.refresh_from_db()
    assert run.state == BulkState.SAMPLE


# -- What makes it pause by itself ---------------------------------------------------------------------------


def no_right(run: BulkRun) -> None:
    assert run.user is not None
    run.user.user_permissions.remove(Permission.objects.get(codename="bulk"))


def no_change(run: BulkRun) -> None:
    assert run.user is not None
    run.user.user_permissions.remove(Permission.objects.get(codename="change_article"))


def inactive(run: BulkRun) -> None:
    User.objects.filter(pk=run.user_id).update(is_active=False)


def gone(run: BulkRun) -> None:
    Generation.objects.update(user=None)
    User.objects.filter(pk=run.user_id).delete()


def off(run: BulkRun) -> None:
    Switch.objects.update_or_create(pk=1, defaults={"on": False})


def spent(run: BulkRun) -> None:
    Budget.objects.create(limit=0)


def no_field(run: BulkRun) -> None:
    BulkRun.objects.filter(pk=run.pk).update(field="portrait")


WHY = {
    no_right: bulk.NO_RIGHT, no_change: bulk.NO_RIGHT, inactive: bulk.NO_RIGHT, gone: bulk.NO_RIGHT,
    off: bulk.SWITCHED_OFF, spent: bulk.OVER_BUDGET, no_field: bulk.NO_FIELD,
}  # fmt: skip


@pytest.mark.parametrize("happens", WHY, ids=lambda happens: happens.__name__)
def test_it_pauses_itself_and_says_why(bulky: User, happens: Callable[[BulkRun], None]) -> None:
    """Rights, switch, budget, field: nothing is ordered, nothing is lost, the note says what to do."""
    run = sampled(bulky, 6)
    bulk.make_rest(run)
    happens(run)
    look(run)
    assert (run.state, run.note) == ("paused", WHY[happens])
    assert states(run) == ["filled"] * 3 + ["waiting"] * 3
    assert Generation.objects.count() == 3
    assert not BulkItem.objects.exclude(claim=None).exists()


def test_it_waits_while_nobody_is_served(bulky: User, browser: Browser) -> None:
    """Provider or storage away: it says so, orders nothing, and goes on by itself; no person has to resume it."""
    run = sampled(bulky, 6)
    circuit = Circuit.objects.create(name=Circuit.STORAGE, opened_at=timezone.now(), probe_at=after(600))
    post(browser(bulky), run, "rest")
    look(run)
    assert (run.state, Generation.objects.count()) == ("running", 3)
    page = browser(bulky).get(reverse(f"{RUNS}change", args=[run.pk]))
    assert "It goes on by itself as soon as they are sent again." in text_of(page)
    circuit.delete()
    carried(run, BulkState.DONE)
    assert states(run) == ["filled"] * 6


def test_one_that_is_filled_as_it_is_looked_at(bulky: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another's order comes between the two looks of a step: the object is seen to have its picture."""
    run = run_of(bulky, 1)
    article, image = Article.objects.get(), made().images.get()
    looks = plans.being_made

    def fills(*args: Any) -> set[str]:
        busy = looks(*args)
        Article.objects.filter(pk=article.pk).update(cover=image)
        return busy

    monkeypatch.setattr(plans, "being_made", fills)
    bulk.make_sample(run)
    look(run)
    assert notes(run) == [plans.HAS_ONE]
    assert not Generation.objects.filter(door="bulk").exists()


def filled(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(cover=made().images.get())


def deleted(article: Article) -> None:
    article.delete()


def without_words(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(title="", summary="")


def ordered_elsewhere(article: Article) -> None:
    spot = Slot(content_type_id=plans_kind(), object_id=str(article.pk), field="cover")
    orders.place("on its way", slot=spot)


BETWEEN = {
    filled: plans.HAS_ONE,
    deleted: plans.GONE,
    without_words: plans.NO_WORDS,
    ordered_elsewhere: plans.BEING_MADE,
}


@contextmanager
def before_the_claim(happens: Callable[[Article], Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """While this lasts, something happens to the objects between a step's look at all and the claim of each."""
    claim = bulk._claim

    def late(run: BulkRun, item: BulkItem, *args: Any) -> bool:
        happens(Article.objects.get(pk=item.object_id))
        return claim(run, item, *args)

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "_claim", late)
        yield


@pytest.mark.parametrize("happens", BETWEEN, ids=lambda happens: happens.__name__)
def test_what_happens_between_the_look_and_the_claim(
    bulky: User, happens: Callable[[Article], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Milliseconds before it is ordered the object is another one: it is looked at once more, and nothing ordered."""
    run = run_of(bulky, 1)
    bulk.make_sample(run)
    with before_the_claim(happens, monkeypatch):
        look(run)
    assert notes(run) == [BETWEEN[happens]]
    assert not Generation.objects.filter(door="bulk").exists()
    assert not BulkItem.objects.exclude(claim=None, order={}).exists()


def test_a_right_that_goes_between_the_look_and_the_claim(
    bulky: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing more is ordered in this step, and the next one says why."""
    run = run_of(bulky, 3)
    bulk.make_sample(run)
    with before_the_claim(lambda article: no_change(run), monkeypatch):
        look(run)
    assert (states(run), Generation.objects.count()) == (["waiting"] * 3, 0)
    assert look(run).note == bulk.NO_RIGHT


def test_what_is_written_between_the_look_and_the_claim_is_ordered(
    bulky: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its words of now."""
    run = run_of(bulky, 1)
    bulk.make_sample(run)
    renames: Callable[[Article], Any] = lambda article: Article.objects.update(title="An owl")  # noqa: E731
    with before_the_claim(renames, monkeypatch):
        look(run)
    assert Generation.objects.get().prompt == "An owl. It snows."


def test_over_budget_goes_on_by_resume_alone(bulky: User) -> None:
    """What has room is made; then it waits for a person, also when there is room again."""
    budget = Budget.objects.create(limit="0.105")
    run = run_of(bulky, 6)
    bulk.make_sample(run)
    carried(run, BulkState.SAMPLED)
    bulk.make_rest(run)
    look(run)
    assert (run.state, run.note) == ("paused", bulk.OVER_BUDGET)
    budget.limit = 5  # type: ignore[assignment]
    budget.save()
    look(run)
    assert run.state == BulkState.PAUSED
    assert bulk.resume(run)
    carried(run, BulkState.DONE)


def test_one_that_fails_does_not_stop_the_others(bulky: User, settings: Any) -> None:
    """Refused by the provider, and refused by the site's own rules: each says why."""
    settings.SEEDREAM |= {
        "MODERATE": "seedream_django.moderation.patterns",
        "MODERATION_PATTERNS": [("wolf", "No wolves.")],
    }
    run = run_of(bulky, 3)
    first, second, _third = Article.objects.order_by("pk")
    Article.objects.filter(pk=first.pk).update(summary="sandbox:refused")
    Article.objects.filter(pk=second.pk).update(summary="A wolf.")
    bulk.make_sample(run)
    carried(run, BulkState.DONE)
    assert states(run) == ["failed", "skipped", "filled"]
    assert "refused" in notes(run)[0]
    assert "No wolves." in notes(run)[1]


def test_a_sample_goes_on_past_what_is_refused(bulky: User, settings: Any) -> None:
    """What the site's rules refuse is no part of it: three are made all the same."""
    settings.SEEDREAM |= {
        "MODERATE": "seedream_django.moderation.patterns",
        "MODERATION_PATTERNS": [("Fox 00[012]", "Not these.")],
    }
    run = sampled(bulky, 7)
    assert states(run) == ["skipped"] * 3 + ["filled"] * 3 + ["waiting"]


def test_a_picture_that_is_held_back_is_in_place_once_it_is_approved(bulky: User, settings: Any) -> None:
    """It does not hold the run, and comes to its place late."""
    settings.SEEDREAM |= {"SAFETY_CHECK": True}
    run = run_of(bulky, 1, summary="sandbox:nsfw")
    bulk.make_sample(run)
    carried(run, BulkState.DONE)
    assert notes(run) == [bulk.HELD_BACK]
    assert plans.being_made(run, [run.items.get().object_id])
    assert review.decide(GeneratedImage.objects.get(), True, by=None)
    turn(2)
    bulk.late(run)
    assert states(run) == ["filled"]


def test_a_lost_order_is_not_ordered_again_by_another_run(bulky: User) -> None:
    """As long as it may have been paid, the object counts as being made."""
    run = run_of(bulky, 1)
    bulk.make_sample(run)
    look(run)
    Generation.objects.update(state=State.LOST, finished_at=timezone.now())
    look(run)
    assert (states(run), notes(run)) == (["failed"], [bulk.LOST])
    again = plans.begin(Article.objects.all(), "cover", COVER, user=bulky, may=plans.may_change(bulky))
    assert notes(again) == [plans.BEING_MADE]


def test_an_error_of_the_site_pauses_it(bulky: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the log and on the page, and not tried for ever."""
    run = run_of(bulky, 3)
    bulk.make_sample(run)
    monkeypatch.setattr(plans, "why_not", broken)
    look(run)
    assert (run.state, run.note) == ("paused", bulk.BROKEN)


def broken(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("The host's own.")


# -- Two at once, and killed between two steps ---------------------------------------------------------------


class Killed(BaseException):
    """The worker is gone: nothing after this line runs."""


#: Before which function of the room the worker dies.
GAPS = {
    "before the claim": ("_claim", False),
    "claimed": ("_place", False),
    "ordered": ("_note", False),
    "noted": ("_note", True),
    "before the look after": ("_look_after", False),
    "looked after": ("_look_after", True),
    "before the end": ("_end", False),
}


@pytest.mark.parametrize("gap", GAPS)
def test_killed_between_two_steps(gap: str, bulky: User, books: Books) -> None:
    """Whoever comes next finds each object once: one order, one charge, one picture."""
    name, is_after = GAPS[gap]
    run = sampled(bulky, 7)
    bulk.make_rest(run)
    for _ in range(3):
        with dying(name, is_after), pytest.raises(Killed):
            carried(run, BulkState.DONE)
    carried(run, BulkState.DONE)
    assert states(run) == ["filled"] * 7
    assert Generation.objects.count() == len(books.charges()) == Slot.objects.count() == 7
    assert BulkItem.objects.filter(claim=None, order={}).count() == 7


@pytest.mark.parametrize("gap", ["claimed", "ordered"])
def test_other_words_in_between_are_no_second_order(gap: str, bulky: User, books: Books) -> None:
    """What was claimed is ordered as it was claimed, whatever was written into the object since."""
    name, is_after = GAPS[gap]
    run = run_of(bulky, 1)
    bulk.make_sample(run)
    with dying(name, is_after), pytest.raises(Killed):
        look(run)
    Article.objects.update(title="Another title")
    carried(run, BulkState.DONE)
    assert [row.prompt for row in Generation.objects.all()] == ["Fox 000. It snows."]
    assert len(books.charges()) == 1


@pytest.mark.parametrize(("gap", "made"), [("claimed", 0), ("ordered", 1)])
def test_killed_and_cancelled(gap: str, made: int, bulky: User, books: Books) -> None:
    """What was not ordered waits for ever; what was is found and stopped, for nothing."""
    name, is_after = GAPS[gap]
    run = run_of(bulky, 1)
    bulk.make_sample(run)
    with dying(name, is_after), pytest.raises(Killed):
        look(run)
    run.refresh_from_db()
    assert bulk.cancel(run)
    look(run)
    look(run)
    assert states(run) == ["skipped" if made else "waiting"]
    assert (Generation.objects.filter(state=State.CANCELLED).count(), books.charges()) == (made, [])
    assert BulkRun.objects.due().count() == 0


class dying:
    """While this lasts, the worker dies at its first call of this function."""

    def __init__(self, name: str, is_after: bool) -> None:
        self.name, self.is_after = name, is_after
        self.patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        original = getattr(bulk, self.name)

        def dies(*args: Any, **kwargs: Any) -> Any:
            if self.is_after:
                original(*args, **kwargs)
            raise Killed

        self.patch.setattr(bulk, self.name, dies)

    def __exit__(self, *args: Any) -> None:
        self.patch.undo()


def test_two_runs_for_the_same_objects(bulky: User, person: Callable[..., User], books: Books) -> None:
    """Whichever claims an object first makes its picture; the other leaves it out."""
    other = person("bruno", *EDITOR_MAY, "bulk")
    first = run_of(bulky, 6)
    second = plans.begin(
        Article.objects.order_by("pk"), "cover", COVER, user=other, may=plans.may_change(other)
    )
    assert states(second) == ["waiting"] * 6
    for run in (first, second):
        bulk.make_sample(run)
    for _ in range(12):
        look(first)
        look(second)
        turn()
    for run in (first, second):
        bulk.make_rest(run) if run.state == BulkState.SAMPLED else None
        carried(run, BulkState.DONE)
    assert sorted(states(first) + states(second)) == ["filled"] * 6 + ["skipped"] * 6
    assert len(books.charges()) == 6


def test_a_claim_is_one_row_s(bulky: User) -> None:
    """Two workers that have both looked: the database decides, and the second leaves it out."""
    first, run = run_of(bulky, 1), None
    run = plans.begin(Article.objects.all(), "cover", COVER, user=bulky, may=plans.may_change(bulky))
    for each in (first, run):
        bulk.make_sample(each)
        assert each.take(60)
    assert bulk._claim(first, first.items.get())
    assert not bulk._claim(run, run.items.get())
    assert notes(run) == [plans.BEING_MADE]


def test_who_was_paused_claims_nothing_more(bulky: User) -> None:
    """A worker in the middle of its step obeys at the next object."""
    run = run_of(bulky, 3)
    bulk.make_sample(run)
    run.take(60)
    assert bulk.pause(BulkRun.objects.get(pk=run.pk))
    with pytest.raises(bulk._Interrupted):
        bulk._claim(run, run.items.first())  # type: ignore[arg-type]
    assert states(run) == ["waiting"] * 3


def test_one_worker_at_a_time(bulky: User) -> None:
    """Who comes while another holds it does nothing, until that one's lease is over."""
    run = run_of(bulky, 3)
    bulk.make_sample(run)
    assert BulkRun.objects.get(pk=run.pk).take(60)
    assert bulk.step(run.pk) is None
    assert states(run) == ["waiting"] * 3
    BulkRun.objects.update(lease_until=after(-1))
    assert bulk.step(run.pk) == bulk.LOOK
    assert states(run) == ["ordered"] * 3
    assert BulkRun.objects.get().lease_until is None


# -- The queue's side ----------------------------------------------------------------------------------------


def test_the_sweep_finds_runs_that_nobody_looks_at(bulky: User) -> None:
    """Its time has come, and nobody holds it."""
    run = run_of(bulky, 3)
    bulking.wake_due()
    assert states(run) == ["waiting"] * 3
    bulk.make_sample(run)
    bulking.wake_due()
    assert states(run) == ["ordered"] * 3


def test_an_order_s_end_wakes_its_run(bulky: User) -> None:
    """So the next one need not wait for its time."""
    run = run_of(bulky, 3)
    bulk.make_sample(run)
    bulk.step(run.pk)
    assert BulkRun.objects.due().count() == 0
    bulking.wake_for(Generation.objects.filter(door="bulk").first())
    assert BulkRun.objects.due().count() == 1


def test_a_draft_that_nobody_started_goes(bulky: User) -> None:
    """After a week, with all its rows; others stay."""
    old, new = run_of(bulky, 2), run_of(bulky, 2)
    BulkRun.objects.filter(pk=old.pk).update(created_at=after(-bulk.DRAFTS_LAST - 60))
    bulk.clear()
    bulk.clear()
    assert list(BulkRun.objects.all()) == [new]
    assert BulkItem.objects.count() == 2


# -- The list and the page -----------------------------------------------------------------------------------


def chosen(client: Client, *keys: Any, address: str = LIST, across: bool = False) -> Any:
    data = {
        "action": "generate_for_these",
        ACTION_CHECKBOX_NAME: keys,
        "select_across": "1" if across else "0",
    }
    return client.post(address, data, follow=True)


def test_from_the_list_to_the_pictures(chief: User, browser: Browser, books: Books) -> None:
    """Choose, read what it would make, a sample, the rest: each click one step, and the page says how far it is."""
    chief.user_permissions.add(Permission.objects.get(codename="bulk"))
    rows = articles(5)
    client = browser(chief)
    assert "Generate pictures for these…" in client.get(LIST).content.decode()
    said = text_of(chosen(client, *(row.pk for row in rows)))
    run = BulkRun.objects.get()
    assert (run.state, Generation.objects.count()) == ("draft", 0)
    for text in (
        "Nothing is ordered yet.", "Pictures 5", "Price for all $0.175", "Make a sample of 3 · $0.105",
        "Fox 004. It snows. room for a title on the left", "also those of what is not published yet",
        "Not known yet",
    ):  # fmt: skip
        assert text in said
    assert "A sample is being made." in text_of(post(client, run, "sample"))
    for _ in range(12):
        turn()
        client.get(reverse(f"{RUNS}state", args=[run.pk]))
    said = text_of(client.get(reverse(f"{RUNS}change", args=[run.pk])))
    for text in ("The sample is ready.", "3 of 5 are in place.", "Make the rest (2) · $0.07", "about"):
        assert text in said
    post(client, run, "rest")
    for _ in range(12):
        turn()
        client.get(reverse(f"{RUNS}state", args=[run.pk]))
    assert "It is done. 5 of 5 are in place." in text_of(client.get(reverse(f"{RUNS}change", args=[run.pk])))
    assert len(books.charges()) == 5


# -- Fields that have files of their own, and children -------------------------------------------------------


def test_fields_with_files_of_their_own(person: Callable[..., User]) -> None:
    """Their pictures are copied into them, those that have one are left out, and the run ends when the copies are
    there."""
    user = person("kim", "generate", "bulk", "change_photo")
    first, second, third = (Photo.objects.create(title=f"Photo {number}") for number in range(3))
    Photo.objects.filter(pk=second.pk).update(file="photos/mine.jpg", width=1, height=1)
    place = slot(ratio="16:9", max_width=300, prompt_from="{title}")
    run = plans.begin(
        Photo.objects.order_by("pk"), "file", place, user=user, may=plans.may_change(user)
    )  # fmt: skip
    assert states(run) == ["waiting", "skipped", "waiting"]
    bulk.make_sample(run)
    carried(run, BulkState.DONE)
    assert states(run) == ["filled", "skipped", "filled"]
    for photo in (first, third):
        photo.refresh_from_db()
        assert photo.width == 300
    assert Photo.objects.filter(pk=second.pk, file="photos/mine.jpg").exists()


def test_children_of_a_model_with_the_field(person: Callable[..., User]) -> None:
    """A run for children makes no second picture for what a run for their parents makes one for."""
    user = person("kim", "generate", "bulk", "change_photo", "change_framed")
    child = Framed.objects.create(title="Framed")
    place = slot(prompt_from="{title}")
    runs = [
        plans.begin(model.objects.all(), "file", place, user=user, may=plans.may_change(user))
        for model in (Framed, Photo)
    ]
    for run in runs:
        bulk.make_sample(run)
        look(run)
    assert [states(run) for run in runs] == [["ordered"], ["skipped"]]
    carried(runs[0], BulkState.DONE)
    child.refresh_from_db()
    assert child.file
