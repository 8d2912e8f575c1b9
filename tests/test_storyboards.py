"""A sequence as a strip: what stands in each frame, having one made anew, putting one back, all of it as a file."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tracemalloc
import uuid
import zipfile
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from seedream_django import bundles, describing, marks, orders, review, storyboards
from seedream_django.exceptions import InvalidOrder, NotAllowed, OverBudget, StorageAway, SwitchedOff
from seedream_django.models import (
    Budget,
    Frame,
    GeneratedImage,
    Generation,
    ImageState,
    LedgerEntry,
    Replacement,
    State,
    Switch,
)
from seedream_django.sandbox import Books
from seedream_django.signals import image_replaced, image_stored
from seedream_django.storyboards import Shot

from .editor import Form
from .steps import LONG_AGO, carry, made, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

STORY = "A fox in winter, watercolour.\n1. It wakes\n2. It goes out\n3. It walks home"


@pytest.fixture
def sequence(editor: User) -> Generation:
    """The editor's sequence of three, done."""
    return made(STORY, user=editor, sequence=3)


@pytest.fixture
def told() -> Any:
    """What ``image_replaced`` said: which picture for which, in which frame."""
    heard: list[tuple[Any, Any, int]] = []

    def hear(image: Any, replaced: Any, frame: Frame, **kwargs: Any) -> None:
        heard.append((image, replaced, frame.number))

    image_replaced.connect(hear)
    yield heard
    image_replaced.disconnect(hear)


def stands(sequence: Generation) -> list[Any]:
    return [shot.image for shot in storyboards.frames(sequence)]


def shot_of(sequence: Generation, number: int, user: Any = None) -> Shot:
    shot = storyboards.frame(sequence, number, user=user)
    assert shot is not None
    return shot


def anew(sequence: Generation, number: int = 2, **values: Any) -> Generation:
    """Order one for this frame, which nobody works at yet."""
    values = {"prompt": f"frame {number}, otherwise", "user": sequence.user, **values}
    return storyboards.replace(sequence, number, **values)


def page_of(sequence: Generation, name: str = "storyboard", *more: Any) -> str:
    return reverse(f"admin:seedream_django_generation_{name}", args=[sequence.pk, *more])


# -- What stands there ---------------------------------------------------------------------------------------


def test_a_sequence_is_its_pictures_in_order(sequence: Generation) -> None:
    """Nobody has replaced anything: no rows, and each frame has what came for it."""
    shots = storyboards.frames(sequence)
    assert [shot.number for shot in shots] == [1, 2, 3]
    assert [shot.image for shot in shots] == list(sequence.images.order_by("position"))
    assert not Frame.objects.exists()


def test_what_is_no_sequence_has_no_frames(editor: User) -> None:
    """Neither one picture, nor variations, nor several sequences of one order."""
    for asked in ({}, {"results": 3}, {"results": 2, "sequence": 2}):
        assert storyboards.frames(made("a fox", user=editor, **asked)) == []


def test_a_gap_stays_one(sequence: Generation) -> None:
    """A picture that was deleted moves no other; its frame can be made anew from those beside it."""
    first, second, third = stands(sequence)
    second.delete()
    assert stands(sequence) == [first, None, third]
    new = carry(anew(sequence)).images.get()
    assert stands(sequence) == [first, new, third]


def test_the_words_to_begin_with() -> None:
    """A frame's own line, with what stands before all lines, where that can be told; else all of the prompt."""
    task = orders.task_for(orders.clean({"prompt": "x", "sequence": 3}))
    for prompt, second in (
        (STORY, "A fox in winter, watercolour.\nIt goes out"),
        ("Scene 1: a\nScene 2: b\nScene 3: c", "b"),
        ("a\nb\n\nc", "b"),
        ("A fox. Three scenes.", "A fox. Three scenes."),
        ("1 fox\n2 foxes", "1 fox\n2 foxes"),
        ("2. b\n1. a\n3. c\nz", "2. b\n1. a\n3. c\nz"),
    ):
        generation = Generation(prompt=prompt, parameters=task, expected=3)
        assert storyboards.instruction(generation, 2) == second


# -- Made anew -----------------------------------------------------------------------------------------------


def test_a_frame_is_made_anew_from_its_neighbours(
    sequence: Generation, told: Any, books: Books, django_capture_on_commit_callbacks: Any
) -> None:
    """One order of one picture, of the sequence's shape; it is told what each is; stored, it stands there."""
    first, second, third = stands(sequence)
    order = anew(sequence)
    assert (order.expected, order.width, order.height) == (1, sequence.width, sequence.height)
    assert [row.image for row in order.references.all()] == [first, third]
    assert "image 1 comes before it, image 2 comes after it" in order.sent
    assert stands(sequence) == [first, second, third]
    assert shot_of(sequence, 2).tries == [order]
    with django_capture_on_commit_callbacks(execute=True):
        new = carry(order).images.get()
    assert stands(sequence) == [first, new, third]
    assert shot_of(sequence, 2).earlier == [second]
    assert GeneratedImage.objects.filter(pk=second.pk).exists()
    assert told == [(new, second, 2)]
    assert list(second.replacements.values_list("generation", flat=True)) == [order.pk]
    frame = Frame.objects.get()
    assert (frame.changed_by, frame.changed_at is not None) == (sequence.user, True)
    entry = LogEntry.objects.filter(object_id=str(sequence.pk)).first()
    assert entry is not None
    assert entry.change_message == "Replaced frame 2."
    assert [charge.images for charge in books.charges()] == [3, 1]


def test_the_present_picture_is_changed_if_it_shall_be_kept_close_to(sequence: Generation) -> None:
    """It is the picture to change then, after the neighbours; at the end of the strip there is one neighbour."""
    _first, second, third = stands(sequence)
    order = anew(sequence, 3, keep=True)
    assert [(row.image, row.role) for row in order.references.all()] == [(second, ""), (third, "edit")]
    assert "image 1 comes before it." in order.sent
    assert "after it" not in order.sent


def test_what_may_not_be_used_is_left_out(sequence: Generation) -> None:
    """Deleted, or held back: the new one is made without it."""
    first, _second, third = stands(sequence)
    GeneratedImage.objects.filter(pk=first.pk).update(flagged=True)
    third.delete()
    order = anew(sequence)
    assert not order.references.exists()
    assert order.added == ""


def test_again_and_again(sequence: Generation) -> None:
    """A frame is replaced twice: each is made from what stands beside it then, and all can be had back."""
    first, second, third = stands(sequence)
    new = carry(anew(sequence)).images.get()
    newer = carry(anew(sequence)).images.get()
    end = anew(sequence, 3)
    assert [row.image for row in end.references.all()] == [newer]
    assert stands(sequence) == [first, newer, third]
    assert shot_of(sequence, 2).earlier == [new, second]


def test_back_with_one_call(
    sequence: Generation, editor: User, told: Any, books: Books, django_capture_on_commit_callbacks: Any
) -> None:
    """It costs nothing, is told, and says who; a second time it changes nothing. Nobody puts it back again."""
    first, second, third = stands(sequence)
    new = carry(anew(sequence)).images.get()
    charged = len(books.charges())
    with django_capture_on_commit_callbacks(execute=True):
        assert storyboards.put(sequence, 2, second, user=editor)
        assert not storyboards.put(sequence, 2, second, user=editor)
    assert told == [(second, new, 2)]
    storyboards.take_waiting()
    assert stands(sequence) == [first, second, third]
    assert shot_of(sequence, 2).earlier == [new]
    assert len(books.charges()) == charged


def test_the_first_of_two_wins(sequence: Generation, told: Any) -> None:
    """The second lies beside as an offer, in whatever order they were ordered, and can be taken."""
    first, second, third = stands(sequence)
    one, other = anew(sequence), anew(sequence, prompt="still otherwise")
    newer = carry(other).images.get()
    new = carry(one).images.get()
    came_first, came_second = sorted((new, newer), key=lambda image: image.stored_at)
    assert stands(sequence) == [first, came_first, third]
    assert shot_of(sequence, 2).offers == [came_second]
    assert storyboards.put(sequence, 2, came_second)
    shot = shot_of(sequence, 2)
    assert (shot.image, shot.earlier, shot.offers) == (came_second, [came_first, second], [])


def test_a_refused_order_for_a_gap_does_not_shut_out_what_comes_late(
    sequence: Generation, editor: User
) -> None:
    """Nobody has put anything into that frame: the picture that was paid for stands there."""
    late = stands(sequence)[1]
    GeneratedImage.objects.filter(pk=late.pk).update(generation=made("elsewhere", user=editor))
    Budget.objects.create(limit=0, user=editor)
    with pytest.raises(OverBudget):
        anew(sequence)
    GeneratedImage.objects.filter(pk=late.pk).update(generation=sequence)
    shot = shot_of(sequence, 2)
    assert (shot.image, shot.earlier, shot.is_hidden) == (late, [], False)
    Budget.objects.all().delete()
    new = carry(anew(sequence)).images.get()
    assert (stands(sequence)[1], shot_of(sequence, 2).earlier) == (new, [late])


def test_the_frame_is_locked_before_its_orders(sequence: Generation) -> None:
    """By a picture that takes its place as by who puts one back: in two orders each would wait for the other."""
    first = stands(sequence)[1]

    def touched(do: Callable[[], object]) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            do()
        found = [
            re.search(r"(?:UPDATE|FROM) .seedream_django_(frame|replacement)\b", q["sql"]) for q in queries
        ]
        start = next(i for i, q in enumerate(queries) if q["sql"].startswith("SAVEPOINT"))
        return list(dict.fromkeys(match[1] for match in found[start:] if match))

    new = carry(anew(sequence)).images.get()
    # As before it was placed.
    Replacement.objects.update(took=None)
    Frame.objects.update(image=first)
    assert touched(lambda: storyboards.take_place(new)) == ["frame", "replacement"]
    assert stands(sequence)[1] == new
    assert touched(lambda: storyboards.put(sequence, 2, first)) == ["frame", "replacement"]


def test_what_came_late_into_a_gap_is_what_is_replaced(
    sequence: Generation, editor: User, told: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """A new one was ordered for the gap, then the original came and stood there: it is told what was replaced."""
    late = stands(sequence)[1]
    GeneratedImage.objects.filter(pk=late.pk).update(generation=made("elsewhere", user=editor))
    order = anew(sequence)
    GeneratedImage.objects.filter(pk=late.pk).update(generation=sequence)
    with django_capture_on_commit_callbacks(execute=True):
        # It stands there already.
        assert not storyboards.put(sequence, 2, late, user=editor)
        new = carry(order).images.get()
    assert told == [(new, late, 2)]
    # In a frame that was emptied since, nothing stands, whatever came first.
    new.delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert storyboards.put(sequence, 2, late, user=editor)
    assert told[1:] == [(late, None, 2)]


def test_a_failed_original_is_not_offered(sequence: Generation) -> None:
    """It has no file, so that it cannot be put back."""
    first = stands(sequence)[1]
    GeneratedImage.objects.filter(pk=first.pk).update(state=ImageState.FAILED)
    carry(anew(sequence))
    assert shot_of(sequence, 2).earlier == []


def test_who_puts_one_back_has_chosen(sequence: Generation) -> None:
    """What was ordered before that lies beside when it comes."""
    first, second, third = stands(sequence)
    carry(anew(sequence))
    late = anew(sequence, prompt="still otherwise")
    assert storyboards.put(sequence, 2, second)
    new = carry(late).images.get()
    assert stands(sequence) == [first, second, third]
    assert shot_of(sequence, 2).offers == [new]


def test_what_stood_there_is_deleted_meanwhile(sequence: Generation) -> None:
    """The frame is empty, and the new one takes it; with that deleted it is empty again, and the rest is there."""
    first, second, third = stands(sequence)
    new = carry(anew(sequence)).images.get()
    order = anew(sequence)
    new.delete()
    assert stands(sequence) == [first, None, third]
    assert shot_of(sequence, 2).earlier == [second]
    newest = carry(order).images.get()
    assert stands(sequence) == [first, newest, third]
    newest.generation.delete()
    assert stands(sequence) == [first, None, third]
    assert storyboards.put(sequence, 2, second)
    assert stands(sequence) == [first, second, third]


def test_a_worker_that_dies_before_it_is_placed(
    sequence: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored, and no signal: the sweep puts it there, once."""
    first, second, third = stands(sequence)
    order = anew(sequence)
    with monkeypatch.context() as patch:
        patch.setattr(image_stored, "send_robust", lambda *args, **kwargs: [])
        new = carry(order).images.get()
    assert stands(sequence) == [first, second, third]
    storyboards.take_waiting()
    assert stands(sequence) == [first, new, third]
    assert shot_of(sequence, 2).earlier == [second]
    storyboards.take_waiting()
    assert LogEntry.objects.filter(object_id=str(sequence.pk), change_message__contains="frame").count() == 1


def test_one_that_fails_does_not_stop_the_others(
    sequence: Generation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The sweep goes on, and says what went wrong."""
    with monkeypatch.context() as patch:
        patch.setattr(image_stored, "send_robust", lambda *args, **kwargs: [])
        carry(anew(sequence, 1))
        new = carry(anew(sequence, 2)).images.get()
    broken = Replacement.objects.get(frame__number=1)
    take = storyboards._take

    def take_but(row: Replacement, image: GeneratedImage) -> None:
        if row == broken:
            raise OSError
        take(row, image)

    monkeypatch.setattr(storyboards, "_take", take_but)
    storyboards.take_waiting()
    assert stands(sequence)[1] == new
    assert str(broken.pk) in caplog.text


def test_flagged_it_stands_there_once_it_is_released(
    sequence: Generation, settings: Any, owner: User
) -> None:
    """Held back it lies beside and cannot be put there; approved and moved, it takes the place."""
    settings.SEEDREAM |= {"SAFETY_CHECK": True}
    first, second, third = stands(sequence)
    new = carry(anew(sequence, prompt="a wolf sandbox:nsfw")).images.get()
    assert new.is_held_back
    assert stands(sequence) == [first, second, third]
    assert shot_of(sequence, 2).offers == [new]
    with pytest.raises(ValueError, match="cannot be shown"):
        storyboards.put(sequence, 2, new)
    review.decide(new, True, by=owner)
    turn()
    assert stands(sequence) == [first, new, third]


def test_a_cancelled_one_does_not_take_the_place(sequence: Generation) -> None:
    """It is paid and hidden; shown after all, it takes it."""
    _first, second, _third = stands(sequence)
    order = anew(sequence)
    Generation.objects.filter(pk=order.pk).update(hidden=True)
    carry(order)
    storyboards.take_waiting()
    assert stands(sequence)[1] == second
    Generation.objects.filter(pk=order.pk).update(hidden=False)
    storyboards.take_waiting()
    assert stands(sequence)[1] == order.images.get()


def test_what_still_comes_by_itself(sequence: Generation, settings: Any, owner: User) -> None:
    """Until it stands there: made, saved, approved and moved. Not what waits for somebody, failed, or is hidden."""

    def is_coming() -> bool:
        return bool(shot_of(sequence, 2).coming)

    settings.SEEDREAM |= {"REVIEW": "own"}
    assert not is_coming()
    order = anew(sequence)
    assert (shot_of(sequence, 2).coming, shot_of(sequence, 3).coming) == ([order], [])
    Generation.objects.filter(pk=order.pk).update(hidden=True)
    assert not is_coming()
    Generation.objects.filter(pk=order.pk).update(hidden=False)
    new = carry(order).images.get()
    assert (is_coming(), shot_of(sequence, 2).waiting) == (False, [new])
    row = GeneratedImage.objects.filter(pk=new.pk)
    row.update(state=ImageState.RECEIVED)
    assert is_coming()
    row.update(state=ImageState.STORED)
    review.decide(new, True, by=owner)
    assert (is_coming(), shot_of(sequence, 2).waiting) == (True, [])
    # Moved, and nobody has put it there yet.
    row.update(private_file="")
    assert is_coming()
    row.update(reviewed_at=None, stored_at=timezone.now() - 30 * LONG_AGO)
    assert not is_coming()
    row.update(stored_at=timezone.now())
    storyboards.take_waiting()
    assert (stands(sequence)[1], is_coming()) == (new, False)
    failed = carry(anew(sequence, prompt="nothing sandbox:invalid-content"))
    assert (shot_of(sequence, 2).tries, is_coming()) == ([failed], False)


def test_what_waits_for_a_place_that_is_taken_meanwhile(sequence: Generation, settings: Any) -> None:
    """Approved it would lie beside: only what would stand there is said to take the place."""
    settings.SEEDREAM |= {"REVIEW": "own"}
    one, other = anew(sequence), anew(sequence, prompt="still otherwise")
    images = {carry(order).images.get() for order in (one, other)}
    assert set(shot_of(sequence, 2).waiting) == images
    first = images.pop()
    GeneratedImage.objects.filter(pk=first.pk).update(review="approved", private_file="", file="x.jpg")
    storyboards.take_waiting()
    shot = shot_of(sequence, 2)
    assert (shot.image, shot.waiting, shot.offers) == (first, [], [*images])


def test_try_again_is_for_the_same_frame(sequence: Generation, editor: User) -> None:
    """A failed order that is tried again still wants its frame; more like one that stands there does not."""
    failed = carry(anew(sequence, prompt="nothing sandbox:invalid-content"))
    assert failed.state == State.FAILED
    assert shot_of(sequence, 2).tries == [failed]
    Generation.objects.filter(pk=failed.pk).update(prompt="something")
    failed.refresh_from_db()
    new = carry(orders.again(failed, user=editor)).images.get()
    assert stands(sequence)[1] == new
    assert shot_of(sequence, 2).tries == [failed]
    carry(orders.again(new.generation, user=editor))
    assert stands(sequence)[1] == new
    assert shot_of(sequence, 2).offers == []


# -- Money and rights ----------------------------------------------------------------------------------------


def test_it_is_an_order_as_any_other(sequence: Generation, editor: User) -> None:
    """Under one nonce it is one row; a budget and the switch refuse it, and leave nothing."""
    before = Generation.objects.count()
    assert anew(sequence, nonce="n") == anew(sequence, nonce="n")
    assert Generation.objects.count() == before + 1
    assert LedgerEntry.objects.filter(generation_id=Replacement.objects.get().pk).count() == 1
    Budget.objects.create(limit=0, user=editor)
    with pytest.raises(OverBudget):
        anew(sequence, 1)
    Budget.objects.all().delete()
    Switch.objects.create(pk=1, on=False)
    with pytest.raises(SwitchedOff):
        anew(sequence, 1)
    assert Generation.objects.count() == before + 1
    assert Replacement.objects.count() == 1


def test_there_is_no_such_frame(sequence: Generation) -> None:
    """Numbers begin with 1 and end with the last picture."""
    for number in (0, 4, -1):
        with pytest.raises(InvalidOrder, match="no frame"):
            anew(sequence, number)
        with pytest.raises(ValueError, match="none of this frame's"):
            storyboards.put(sequence, number, stands(sequence)[0])


def test_who_may(sequence: Generation, person: Any, chief: User, editor: User) -> None:
    """Somebody else neither replaces nor puts; what another person made is not seen, and not put, by the editor."""
    stranger = person("sam", "generate")
    second = stands(sequence)[1]
    for do in (
        lambda: storyboards.replace(sequence, 2, prompt="x", user=stranger),
        lambda: storyboards.put(sequence, 2, second, user=stranger),
        lambda: storyboards.put(sequence, 2, second, user=person("rita", "see_others_prompts")),
    ):
        with pytest.raises(NotAllowed):
            do()
    new = carry(anew(sequence, user=chief)).images.get()
    shot = shot_of(sequence, 2, editor)
    assert (shot.image, shot.is_hidden, shot.earlier) == (None, True, [second])
    assert storyboards.put(sequence, 2, second, user=editor)
    assert shot_of(sequence, 2, editor).earlier == []
    with pytest.raises(ValueError, match="none of this frame's"):
        storyboards.put(sequence, 2, new, user=editor)


def test_a_picture_of_another_frame_is_not_put(sequence: Generation) -> None:
    """Each frame has its own."""
    with pytest.raises(ValueError, match="none of this frame's"):
        storyboards.put(sequence, 2, stands(sequence)[0])


def test_standing_in_a_frame_is_no_use(sequence: Generation) -> None:
    """What stands in a storyboard is still offered as unused, and may be deleted."""
    new = carry(anew(sequence)).images.get()
    assert new in GeneratedImage.objects.unused()
    assert stands(sequence)[0] in GeneratedImage.objects.unused()


def lengthen(sequence: Generation, count: int) -> None:
    """Give it so many frames, of which every third was replaced twice: rows that share the files of what was made."""
    task = orders.task_for(orders.clean({"prompt": "a fox", "sequence": count}))
    Generation.objects.filter(pk=sequence.pk).update(parameters=task, expected=count, received=count)
    sequence.refresh_from_db()
    image = sequence.images.all()[0]
    for position in range(sequence.images.count(), count):
        image.pk, image.image_uuid, image.position = None, uuid.uuid4(), position
        image.save(force_insert=True)
    for number in range(4, count + 1, 3):
        for text in ("once", "again"):
            order = anew(sequence, number, prompt=text)
            new = GeneratedImage.objects.get(pk=image.pk)
            new.pk, new.image_uuid, new.generation, new.position = None, uuid.uuid4(), order, 0
            new.save(force_insert=True)
            storyboards.take_place(new)


# -- The pages -----------------------------------------------------------------------------------------------


def test_as_many_queries_for_fifteen_as_for_two(
    editor: User, browser: Browser, django_assert_num_queries: Any
) -> None:
    """Whatever was replaced in them, and how often."""
    counts, client = [], browser(editor)
    sequence = made("a fox", user=editor, sequence=2)
    carry(anew(sequence, 1))
    for count in (2, 15):
        lengthen(sequence, count)
        client.get(page_of(sequence))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(sequence)).status_code == 200
        counts.append(len(captured))
        with django_assert_num_queries(3):
            storyboards.frames(sequence)
    assert counts[0] == counts[1]


@pytest.fixture
def by_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a site with a worker: in immediate mode whoever looks at the strip does the work."""
    monkeypatch.setattr("seedream_django.admin.storyboard.tasks", SimpleNamespace(tend=lambda: None))


def renewed(client: Client, sequence: Generation, *parts: Any) -> str:
    """What the live part of the page is told of these."""
    response = client.get(page_of(sequence, "storyboard_state"), {"order": parts})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.usefixtures("by_a_worker")
def test_the_strip_renews_itself_while_one_is_on_its_way(
    sequence: Generation, editor: User, browser: Browser
) -> None:
    """That frame and what is told of the file, and nothing else: words in other frames are not touched."""
    client, live = browser(editor), r'<seedream-status src="([^"]+)"'
    address = page_of(sequence, "storyboard_state")
    text = client.get(page_of(sequence)).content.decode()
    assert "<seedream-status" not in text
    assert "data-next" not in text
    order = anew(sequence)
    text = client.get(page_of(sequence)).content.decode()
    assert re.findall(live, text) == [f"{address}?order=2", f"{address}?order=zip"]
    assert text.count('data-next="2000"') == 2
    # Without scripts one reloads.
    assert text.count("<noscript>") == 1
    # What is written there would be gone when it comes.
    assert re.findall(r'id="id_(\d)_alt"', text) == ["1", "3"]
    told = renewed(client, sequence, 2, "zip", 9)
    assert re.findall('data-order="([^"]+)"', told) == ["2", "zip"]
    assert told.count('data-next="2000"') == 2
    assert "A new picture for this frame is being made." in told
    with override_settings(USE_THOUSAND_SEPARATOR=True, LANGUAGE_CODE="de"):
        assert renewed(client, sequence, 2, "zip").count('data-next="2000"') == 2
    assert "Frame 2: a new picture is being made; the ZIP has the one that is here." in told
    # What the page has is what it is told again, but for the forms' token: else it would be news.
    parts = re.findall(r'<div data-order="[^"]+">(.*?)</div>\s*(?=<div data-order|$)', told, re.DOTALL)
    assert len(parts) == 2
    for part in parts:
        assert without_token(part) in without_token(text)
    # An address that is signed anew is none.
    assert told.count("<img") == told.count("data-tick") > 0
    carry(order)
    told = renewed(client, sequence, 2, "zip")
    assert "data-next" not in told
    assert 'data-say="Frame 2: Replaced by edda, ' in told
    assert "the ZIP has" not in told
    assert re.findall(r'id="id_(\d)_alt"', told) == ["2"]
    assert "<seedream-status" not in client.get(page_of(sequence)).content.decode()


def without_token(text: str) -> str:
    return re.sub(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>', "", text)


@pytest.mark.usefixtures("by_a_worker")
def test_words_that_were_refused_are_not_renewed(
    sequence: Generation, editor: User, browser: Browser
) -> None:
    """While a new picture is on its way to the frame that they are of."""
    anew(sequence)
    words = {"image": stands(sequence)[1].pk, "title": "x" * 300, "alt": "A fox leaves its den"}
    text = browser(editor).post(page_of(sequence, "frame_caption", 2), words).content.decode()
    assert "A fox leaves its den</textarea>" in text
    assert "order=2" not in text


@pytest.mark.usefixtures("by_a_worker")
def test_what_is_told_of_a_second_picture_and_of_none(
    sequence: Generation, editor: User, browser: Browser
) -> None:
    """One that lies beside, one that is still being made, one that brought nothing."""
    client = browser(editor)
    carry(anew(sequence))
    offered = carry(anew(sequence, prompt="otherwise"))
    Replacement.objects.filter(pk=offered.pk).update(took=False)
    storyboards.put(sequence, 2, stands(sequence)[0].generation.images.get(position=1))
    assert "m. Others for this frame" in renewed(client, sequence, 2)
    running = anew(sequence, prompt="more")
    assert "A new picture for this frame is being made." in renewed(client, sequence, 2)
    Generation.objects.filter(pk=running.pk).update(state=State.FAILED)
    told = renewed(client, sequence, 2)
    assert "The last order for this frame brought nothing." in told
    assert "data-next" not in told


@pytest.mark.usefixtures("by_a_worker")
def test_as_many_queries_to_renew_fifteen_as_two(editor: User, browser: Browser) -> None:
    """And no more than for the page, however many are on their way."""
    counts, client = [], browser(editor)
    sequence = made("a fox", user=editor, sequence=2)
    for count in (2, 15):
        lengthen(sequence, count)
        numbers = range(1, count + 1)
        for number in numbers:
            anew(sequence, number, prompt=f"{number}")
        client.get(page_of(sequence))
        with CaptureQueriesContext(connection) as captured:
            assert renewed(client, sequence, *numbers, "zip").count("data-next") == count + 1
        counts.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            client.get(page_of(sequence))
        assert counts[-1] <= len(captured)
    assert counts[0] == counts[1]


def test_a_new_picture_waits_for_review(
    sequence: Generation, editor: User, owner: User, person: Any, browser: Browser, settings: Any
) -> None:
    """That is said before it is ordered, after, in its frame, in its form and beside the file, with the way to it."""
    settings.SEEDREAM |= {"REVIEW": "own"}
    client, frame = browser(editor), page_of(sequence, "frame", 2)
    waits = "A new picture waits for review. It takes the place once it is approved."
    text = client.get(frame).content.decode()
    assert "The new picture takes the place once it is approved." in text
    assert waits not in text
    values = {**Form(text).values, "prompt": "it swims"}
    text = client.post(frame, values, follow=True).content.decode()
    assert "Ordered. The new picture takes the place of frame 2 once it is approved." in text
    assert "once it is there" not in text
    order = carry(Replacement.objects.get().generation)
    new, old = order.images.get(), stands(sequence)[1]
    decide = reverse("admin:seedream_django_generatedimage_review", args=[new.pk])
    page = reverse("admin:seedream_django_generation_change", args=[order.pk])
    in_zip = "Frame 2: a new picture waits for review; the ZIP has the one that is here."
    strip = page_of(sequence)
    for address in (strip, frame):
        text = client.get(address).content.decode()
        assert f'<p class="seedream-told seedream-waiting">{waits}' in text
        assert text.count(f'href="{page}"') == 1
        assert decide not in text
        assert "<seedream-status" not in text
        assert f'href="{decide}" aria-label="Look at it and decide, frame 2"' in text_for(
            owner, address, browser
        )
    text = client.get(strip).content.decode()
    assert f'<p class="seedream-told">{in_zip}</p>' in text
    assert 'download aria-describedby="seedream-zip"' in text
    archive, captions, _text = unzipped(
        b"".join(client.get(page_of(sequence, "storyboard_zip")).streaming_content)
    )
    assert hashlib.sha256(archive.read(captions[1]["file"])).hexdigest() == old.sha256
    review.decide(new, True, by=owner)
    turn()
    assert stands(sequence)[1] == new
    for gone in (waits, in_zip):
        assert gone not in client.get(strip).content.decode()


def text_for(user: User, address: str, browser: Browser) -> str:
    return browser(user).get(address).content.decode()


def test_nobody_decides_about_their_own_where_a_second_one_must(
    sequence: Generation, owner: User, person: Any, browser: Browser, settings: Any
) -> None:
    """Who ordered it is not led to the page where others decide."""
    settings.SEEDREAM |= {"REVIEW": "second"}
    new = carry(anew(sequence, user=owner)).images.get()
    decide = reverse("admin:seedream_django_generatedimage_review", args=[new.pk])
    text = text_for(owner, page_of(sequence), browser)
    assert "A new picture waits for review." in text
    assert decide not in text
    second = person("rita", "approve", "see_others_prompts", "view_generation")
    assert decide in text_for(second, page_of(sequence), browser)


def test_of_an_empty_frame_the_file_has_nothing_old(
    sequence: Generation, editor: User, browser: Browser, settings: Any
) -> None:
    """Beside the file it is told of older pictures alone."""
    settings.SEEDREAM |= {"REVIEW": "own"}
    stands(sequence)[1].delete()
    carry(anew(sequence))
    text = text_for(editor, page_of(sequence), browser)
    assert "A new picture waits for review." in text
    assert "the ZIP has" not in text


def test_from_the_order_to_the_strip_and_back(sequence: Generation, editor: User, browser: Browser) -> None:
    """A sequence leads to its strip, and so does an order for one of its frames; others have none."""
    client = browser(editor)
    change = "admin:seedream_django_generation_change"
    order = carry(anew(sequence))
    for each, link in ((sequence, page_of(sequence)), (order, f"{page_of(sequence)}#frame-2")):
        assert f'href="{link}"' in client.get(reverse(change, args=[each.pk])).content.decode()
    single = made("a fox", user=editor)
    assert "torybo" not in client.get(reverse(change, args=[single.pk])).content.decode()
    assert client.get(page_of(single)).status_code == 404


def test_a_frame_is_replaced_by_its_form(sequence: Generation, editor: User, browser: Browser) -> None:
    """It begins with the frame's own words, says what it is made from, and orders once however often it is sent."""
    client, page = browser(editor), page_of(sequence, "frame", 2)
    text = client.get(page).content.decode()
    assert "It goes out" in text
    assert "Frame 1, before it" in text
    assert "Frame 3, after it" in text
    values = {**Form(text).values, "prompt": "it swims"}
    for _ in range(2):
        response = client.post(page, values)
        assert response["Location"] == f"{page_of(sequence)}#frame-2"
    order = Replacement.objects.get().generation
    assert (order.prompt, order.user, order.door) == ("it swims", editor, "admin")
    assert [row.role for row in order.references.all()] == ["", ""]
    client.get(page_of(sequence))
    for _ in range(8):
        turn()
    assert stands(sequence)[1] == order.images.get()
    text = client.get(page_of(sequence)).content.decode()
    assert "Replaced by edda" in text
    assert "Put back" in text


def test_the_form_keeps_close_where_that_is_ticked(
    sequence: Generation, editor: User, browser: Browser
) -> None:
    """Then the present picture is among what it is made from, as the one to change."""
    client, page = browser(editor), page_of(sequence, "frame", 2)
    values = {**Form(client.get(page).content.decode()).values, "prompt": "it swims", "keep": "on"}
    client.post(page, values)
    rows = Replacement.objects.get().generation.references.all()
    assert [row.role for row in rows] == ["", "", "edit"]


def test_nobody_pays_for_pictures_that_the_page_did_not_show(
    sequence: Generation, editor: User, chief: User, browser: Browser
) -> None:
    """What changed between looking and sending is told, with the words kept; sent again it is ordered as shown."""
    client, page = browser(editor), page_of(sequence, "frame", 2)

    def looked() -> dict[str, str]:
        return {**Form(client.get(page).content.decode()).values, "prompt": "it swims", "keep": "on"}

    values = looked()
    new = carry(anew(sequence)).images.get()
    before = Generation.objects.count()
    text = client.post(page, values).content.decode()
    assert "Another picture was chosen meanwhile." in text
    assert "it swims</textarea>" in text
    values = looked()
    GeneratedImage.objects.filter(pk=new.pk).update(flagged=True)
    assert "The present picture cannot be used any more." in client.post(page, values).content.decode()
    GeneratedImage.objects.filter(pk=new.pk).update(flagged=False)
    stands(sequence)[0].delete()
    text = client.post(page, values).content.decode()
    assert re.findall('<ul class="errorlist[^>]*><li>([^<]*)', text)[0].startswith("Frame 1 is left out")
    assert Generation.objects.count() == before
    again = {**Form(text).values, "prompt": "it swims", "keep": "on"}
    assert client.post(page, again).status_code == 302
    order = carry(Generation.objects.latest("created_at"))
    assert order.replacement.replaces == new
    assert [row.image for row in order.references.all()] == [stands(sequence)[2], new]
    # Somebody else's stands there now: nothing is ordered, and what was written is not lost.
    values = looked()
    carry(anew(sequence, user=chief))
    text = client.post(page, values).content.decode()
    assert "it swims</textarea>" in text
    assert client.post(page, {**Form(text).values, "prompt": "it swims"}).status_code == 200
    assert Generation.objects.filter(user=editor).latest("created_at") == order


def test_the_form_says_what_is_wrong(sequence: Generation, chief: User, browser: Browser) -> None:
    """Nothing without words; the price for who may see it; a refusal; what is left out; and the same twice is told."""
    client, page = browser(chief), page_of(sequence, "frame", 2)
    text = client.get(page).content.decode()
    assert "· $0.035" in text
    values = {**Form(text).values, "prompt": ""}
    assert "Please correct what is marked below" in client.post(page, values).content.decode()
    values["prompt"] = "x" * 2001
    assert client.post(page, values).status_code == 200
    stands(sequence)[0].delete()
    text = client.get(page).content.decode()
    assert "Frame 1 is left out" in text
    values = Form(text).values
    # Long with the line about its neighbours alone: the field says so.
    values["prompt"] = "y" * 1990
    assert client.post(page, values).status_code == 200
    Switch.objects.create(pk=1, on=False, reason="Holidays")
    values["prompt"] = "it swims"
    assert "Holidays" in client.post(page, values).content.decode()
    assert not Replacement.objects.exists()
    Switch.objects.update(on=True)
    carry(anew(sequence, prompt="it swims", user=chief))
    storyboards.put(sequence, 2, GeneratedImage.objects.get(generation=sequence, position=1))
    response = client.post(page, {**values, "nonce": "another"})
    assert "unused picture of exactly this order exists" in response.content.decode()
    told = {**values, "nonce": "another", "anyway": response.context["form"].alike.digest}
    assert client.post(page, told).status_code == 302


def test_captions_are_said_in_the_strip(sequence: Generation, editor: User, browser: Browser) -> None:
    """By who may change pictures; what is too long is told beside the field, and the page stays open there."""
    client, image = browser(editor), stands(sequence)[1]
    page = page_of(sequence, "frame_caption", 2)
    words = {"image": image.pk, "title": "Out", "alt": "A fox leaves its den"}
    assert client.post(page, words)["Location"] == f"{page_of(sequence)}#frame-2"
    image.refresh_from_db()
    assert (image.title, image.alt, image.decorative) == ("Out", "A fox leaves its den", False)
    response = client.post(page, {**words, "title": "x" * 300})
    assert response.status_code == 200
    assert [panel.is_open for panel in response.context["panels"]] == [False, True, False]
    other = stands(sequence)[0]
    assert client.post(page, {**words, "image": other.pk}).status_code == 404
    assert (
        client.post(page, {"image": image.pk, "decorative": "on", "title": "", "alt": ""}).status_code == 302
    )
    image.refresh_from_db()
    assert (image.alt, image.decorative) == ("", True)


def test_a_caption_is_not_lost_to_a_new_picture(sequence: Generation, editor: User, browser: Browser) -> None:
    """It is of the picture that it was written for, which is not the one in the frame any more; also if refused."""
    client, image = browser(editor), stands(sequence)[1]
    page = page_of(sequence, "frame_caption", 2)
    carry(anew(sequence))
    words = {"image": image.pk, "title": "Out", "alt": "A fox leaves its den"}
    response = client.post(page, {**words, "title": "x" * 300})
    assert "A fox leaves its den</textarea>" in response.content.decode()
    assert f'name="image" value="{image.pk}"><div' in response.content.decode().replace("\n", "")
    assert client.post(page, words).status_code == 302
    assert "Another picture was chosen meanwhile." in client.get(page_of(sequence)).content.decode()
    image.refresh_from_db()
    assert (image.title, image.alt) == ("Out", "A fox leaves its den")
    assert stands(sequence)[1].alt != image.alt
    # One that is held back meanwhile is not described; what was written stays in the page.
    GeneratedImage.objects.filter(pk=image.pk).update(flagged=True)
    response = client.post(page, {**words, "alt": "It leaves"})
    assert "It leaves</textarea>" in response.content.decode()


def test_nothing_to_do_for_who_only_looks(sequence: Generation, person: Any, browser: Browser) -> None:
    """No buttons, and no addresses that would do it all the same."""
    client = browser(person("lea", "view_generation", "see_others_prompts"))
    text = client.get(page_of(sequence)).content.decode()
    assert "Frame 3" in text
    for gone in ("Replace this frame", "Put back", "<summary"):
        assert gone not in text
    image = {"image": stands(sequence)[1].pk}
    assert client.get(page_of(sequence, "frame", 2)).status_code == 403
    assert client.post(page_of(sequence, "frame_put", 2), image).status_code == 403
    assert client.post(page_of(sequence, "frame_caption", 2), image).status_code == 403


def test_what_is_not_for_this_person(
    sequence: Generation, editor: User, chief: User, browser: Browser
) -> None:
    """A picture that somebody else put there leaves no trace: not its words, not its address, not by its number."""
    new = carry(anew(sequence, user=chief, prompt="a zebrafish")).images.get()
    client = browser(editor)
    text = client.get(page_of(sequence)).content.decode()
    assert "zebrafish" not in text.lower()
    assert str(new.image_uuid) not in text
    assert "somebody else" in text
    assert client.get(page_of(sequence, "frame", 2)).status_code == 404
    assert client.get(page_of(sequence, "frame", 9)).status_code == 404
    storyboards.put(sequence, 2, sequence.images.get(position=1))
    for number in (2, 9):
        put = client.post(page_of(sequence, "frame_put", number), {"image": new.pk})
        assert put.status_code == 404
    for wrong in ("", "x", "9" * 30, "-1"):
        assert client.post(page_of(sequence, "frame_put", 2), {"image": wrong}).status_code == 404
    Generation.objects.filter(pk=sequence.pk).update(hidden=True)
    assert client.get(page_of(sequence)).status_code == 404


# -- As one file ---------------------------------------------------------------------------------------------


def unzipped(content: bytes) -> tuple[zipfile.ZipFile, list[dict[str, Any]], str]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive, json.loads(archive.read("captions.json")), archive.read("captions.txt").decode()


def test_the_pictures_are_in_it_byte_for_byte(sequence: Generation, editor: User, browser: Browser) -> None:
    """What stands in each frame, in order, with its mark; and what is said of each, as text and as data."""
    new = carry(anew(sequence)).images.get()
    describing.describe(new, title="Out in the snow", alt="A fox leaves its den")
    response = browser(editor).get(page_of(sequence, "storyboard_zip"))
    assert response["Content-Type"] == "application/zip"
    assert 'filename="a-fox-in-winter-watercolour-1-storyboard.zip"' in response["Content-Disposition"]
    archive, captions, text = unzipped(b"".join(response.streaming_content))
    names = archive.namelist()
    assert names[1] == "02-out-in-the-snow.jpg"
    assert names[3:] == ["captions.txt", "captions.json"]
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    for name, image in zip(names, stands(sequence), strict=False):
        content = archive.read(name)
        assert hashlib.sha256(content).hexdigest() == image.sha256
        assert marks.SOURCE_TYPE.encode() in content
    assert [each["file"] for each in captions] == names[:3]
    assert captions[1]["caption"] == "Out in the snow"
    assert captions[1]["alt"] == "A fox leaves its den"
    assert captions[0]["title"] == ""
    assert "2. 02-out-in-the-snow.jpg – Out in the snow – A fox leaves its den" in text
    assert f"Made by AI ({marks.TOOL})" in text


def test_what_is_missing_is_told(sequence: Generation, editor: User, chief: User, browser: Browser) -> None:
    """Held back, deleted, somebody else's: no file of it, and a line that says why."""
    first, second, _third = stands(sequence)
    GeneratedImage.objects.filter(pk=first.pk).update(flagged=True)
    second.delete()
    theirs = carry(anew(sequence, 3, user=chief)).images.get()
    out = io.BytesIO()
    assert bundles.write(out, sequence) == 1
    archive, captions, _text = unzipped(out.getvalue())
    assert hashlib.sha256(archive.read(captions[2]["file"])).hexdigest() == theirs.sha256
    out = io.BytesIO()
    assert bundles.write(out, sequence, user=editor) == 0
    archive, captions, text = unzipped(out.getvalue())
    assert archive.namelist() == ["captions.txt", "captions.json"]
    assert [each["missing"] for each in captions] == [
        "Flagged by the provider's safety check, waiting for a decision",
        "There is no picture in this frame.",
        "What stands here is somebody else's.",
    ]
    assert "2. There is no picture in this frame." in text
    response = browser(editor).get(page_of(sequence, "storyboard_zip"), follow=True)
    assert "There is no picture to be taken along." in response.content.decode()


@pytest.mark.parametrize("what", ["gone", "cut"])
def test_no_half_file(sequence: Generation, editor: User, browser: Browser, what: str) -> None:
    """Where the last picture cannot be read whole there is a sentence, and nothing to download."""
    image = stands(sequence)[2]
    if what == "gone":
        image.file.storage.delete(image.file.name)
    else:
        with open(image.file.path, "r+b") as file:
            file.truncate(1000)
    with pytest.raises(StorageAway):
        bundles.write(io.BytesIO(), sequence)
    response = browser(editor).get(page_of(sequence, "storyboard_zip"), follow=True)
    assert response.redirect_chain == [(page_of(sequence), 302)]
    assert "cannot be fetched at the moment" in response.content.decode()


def test_memory_is_bounded(sequence: Generation, tmp_path: Any) -> None:
    """Three pictures of 40 MB take no more than pieces of one."""
    for image in stands(sequence):
        data = bytes(40 << 20)
        with open(image.file.path, "wb") as file:
            file.write(data)
        GeneratedImage.objects.filter(pk=image.pk).update(sha256=hashlib.sha256(data).hexdigest())
    del data
    with (tmp_path / "out.zip").open("wb") as out:
        tracemalloc.start()
        try:
            assert bundles.write(out, sequence) == 3
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 8 << 20
