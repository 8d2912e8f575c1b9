"""State and its legal steps: final is final, and a row is moved by whoever read it last."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models

from seedream_django import orders, signals
from seedream_django.models import (
    FINAL,
    STEPS,
    Beat,
    DiscardedFile,
    GeneratedImage,
    Generation,
    State,
    Switch,
    after,
)

from .steps import made, past, turn

pytestmark = pytest.mark.django_db

PAIRS = list(itertools.product(State, State))


@pytest.mark.parametrize(("at", "to"), PAIRS, ids=[f"{a}-{b}" for a, b in PAIRS])
def test_steps(at: State, to: State) -> None:
    """A row takes exactly the steps of the drawing; any other is a programming error, told as such."""
    generation = Generation.objects.create(state=at, prompt="a fox")
    if to in STEPS.get(at, ()):
        assert generation.step(to)
    else:
        with pytest.raises(ValueError, match=f"no step from {at} to {to}"):
            generation.step(to)
    generation.refresh_from_db()
    assert generation.state == (to if to in STEPS.get(at, ()) else at)


def test_every_state_leads_to_an_end() -> None:
    """From each state a final one can be reached, and from a final one nothing."""
    reached = set(FINAL)
    for _ in State:
        reached |= {state for state in State if reached & set(STEPS.get(state, ()))}
    assert reached == set(State)
    assert not any(STEPS.get(state) for state in FINAL)


@pytest.mark.parametrize("moved", [{"state": State.SUBMITTING}, {"attempts": 1}])
def test_compare_and_set(moved: dict[str, Any]) -> None:
    """A step is only taken from the state and the attempt that the row was read in."""
    read = orders.place("a fox")
    Generation.objects.update(**moved)
    assert not read.step(State.FAILED)
    assert Generation.objects.get().state != State.FAILED


def test_finish_tells_the_host_once(django_capture_on_commit_callbacks: Any) -> None:
    """``generation_finished`` comes once for each row, on commit, also for one that was cancelled."""
    told: list[tuple[Any, str]] = []

    def listen(generation: Generation, **kwargs: Any) -> None:
        told.append((generation.pk, generation.state))

    signals.generation_finished.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            done, cancelled = made(), orders.place("b")
            cancelled.cancel()
            cancelled.cancel()
            turn(2)
    finally:
        signals.generation_finished.disconnect(listen)
    assert told == [(done.pk, State.DONE), (cancelled.pk, State.CANCELLED)]


@pytest.mark.parametrize("state", FINAL)
def test_cancel_after_the_end(state: State) -> None:
    """What has ended stays as it ended, and in sight."""
    generation = Generation.objects.create(state=state, prompt="a fox")
    assert not generation.cancel()
    assert (generation.state, generation.hidden) == (state, False)


def test_summary() -> None:
    """The list says the outcome in a few words."""
    rows = [
        Generation(state=State.DONE, expected=4, stored=3),
        Generation(state=State.DONE, expected=1, stored=1),
        Generation(state=State.DONE, expected=2, stored=2),
        Generation(state=State.ASKING),
    ]
    assert [row.summary() for row in rows] == ["3 of 4", "1 picture", "2 pictures", "being asked about"]


def test_names_of_rows() -> None:
    """A long prompt is cut in lists; a picture is called by its title."""
    assert str(Generation(prompt="x" * 100)) == "x" * 59 + "…"
    assert str(Generation(prompt="a fox")) == "a fox"
    assert str(GeneratedImage(title="A fox")) == "A fox"


# -- Who sees what -------------------------------------------------------------------------------------------


def test_visible_and_choosable(editor: User, chief: User) -> None:
    """Everybody sees and chooses their own; who may see others' prompts, everybody's; nobody what is hidden."""
    mine, theirs, site = made("a", user=editor), made("b", user=chief), made("c")
    hidden = orders.place("d", user=editor)
    turn()
    hidden.cancel()
    turn(2)
    assert set(Generation.objects.visible_to(editor)) == {mine, hidden}
    assert set(Generation.objects.visible_to(chief)) == {mine, theirs, site, hidden}
    assert {i.generation for i in GeneratedImage.objects.choosable_by(editor)} == {mine}
    assert {i.generation for i in GeneratedImage.objects.choosable_by(chief)} == {mine, theirs, site}


def test_flagged_cannot_be_chosen(chief: User) -> None:
    """What the provider's safety check flagged is nobody's to choose; what it cleared, or did not check, is."""
    images = made("a fox", user=chief, results=3).images.order_by("position")
    for image, flagged in zip(images, (True, False, None), strict=True):
        image.flagged = flagged
        image.save()
    assert [image.position for image in GeneratedImage.objects.choosable_by(chief).order_by("position")] == [
        1,
        2,
    ]


# -- Deleting ------------------------------------------------------------------------------------------------


def test_files_of_deleted_rows_are_noted() -> None:
    """Original and preview are noted with the deletion, in its transaction, for a later worker."""
    image = made().images.get()
    names = {image.file.name, image.preview.name}
    image.generation.delete()
    assert set(DiscardedFile.objects.values_list("name", flat=True)) == names
    assert set(DiscardedFile.objects.values_list("storage", flat=True)) == {"default"}


def test_a_deleted_person_leaves_their_pictures(editor: User) -> None:
    """Who ordered is forgotten; what was paid for stays."""
    generation = made("a fox", user=editor)
    editor.delete()
    generation.refresh_from_db()
    assert generation.user is None
    assert generation.images.exists()


# -- The house's books ---------------------------------------------------------------------------------------


def test_switch_is_on_unless_told() -> None:
    """Without a row generating is on."""
    assert Switch.current().on
    assert str(Switch.current()) == "Generating is on"
    Switch.objects.create(pk=1, on=False)
    assert str(Switch.current()) == "Generating is off"


def test_a_lease_has_one_holder() -> None:
    """Of two who ask one gets it; when it is over, or given up, the next one may."""
    assert Beat.take("poller", "a", 60)
    assert not Beat.take("poller", "b", 60)
    assert Beat.take("poller", "a", 60)
    Beat.rest("poller", "b")
    assert not Beat.take("poller", "b", 60)
    Beat.objects.update(lease_until=after(-1))
    assert Beat.take("poller", "b", 60)
    Beat.rest("poller", "b")
    assert Beat.take("poller", "c", 60)


def test_a_lease_from_before_the_clock_was_set_back() -> None:
    """It would hold for as long as the clock was set back; nobody takes one for so long, so it holds nobody up."""
    Beat.take("poller", "a", 60)
    Beat.keep("poller", "a", 60)
    Beat.objects.update(lease_until=after(3660), seen_at=after(3600))
    assert Beat.take("poller", "b", 60)
    Beat.objects.update(lease_until=after(3660), seen_at=after(3600))
    assert Beat.keep("poller", "c", 60)


def test_clocks_of_two_machines_are_a_little_apart() -> None:
    """A lease that was taken where it is some seconds later is a lease all the same."""
    Beat.take("poller", "a", 60)
    Beat.keep("poller", "a", 60)
    Beat.objects.update(lease_until=after(70), seen_at=after(10))
    assert not Beat.take("poller", "b", 60)
    assert not Beat.keep("poller", "b", 60)


def test_last_sign_of_life() -> None:
    """A worker that was seen is remembered; one that never was is None."""
    assert Beat.last("worker") is None
    Beat.mark("worker")
    assert Beat.last("worker")


# -- Managers ------------------------------------------------------------------------------------------------


def test_rows_that_are_due() -> None:
    """What is due is found by one state and one moment; nothing else is."""
    generation = orders.place("a fox")
    assert list(Generation.objects.to_submit()) == [generation]
    Generation.objects.update(look_at=after(60))
    assert not Generation.objects.to_submit()
    past(generation, "look_at")
    turn()
    assert not Generation.objects.to_submit()
    assert isinstance(Generation.objects.to_watch(), models.QuerySet)
