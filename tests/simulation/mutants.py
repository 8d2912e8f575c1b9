"""The app with one of its rules taken out. A simulation that does not notice proves nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from seedream_django import files, late, marks, media, pictures, pipeline, storing, tasks, tokens
from seedream_django.exceptions import ProviderError
from seedream_django.models import (
    FINAL,
    GeneratedImage,
    GeneratedImageQuerySet,
    Generation,
    GenerationQuerySet,
    ImageState,
    State,
)
from seedream_django.models.money import BudgetPeriodQuerySet

from . import decoder


class Mutant(NamedTuple):
    """``put`` takes the rule out, for as long as the process lives; the invariants are those that may notice."""

    put: Callable[[], None]
    invariants: tuple[str, ...]


def _replace(owner: Any, name: str, new: Any) -> None:
    assert callable(getattr(owner, name)), name
    setattr(owner, name, new)


def _no_compare_and_set() -> None:
    """Rows are written as they were read, whoever moved them since."""

    def write(self: Any, **changes: Any) -> bool:
        written = type(self).objects.filter(pk=self.pk).update(**changes)
        for name, value in changes.items():
            setattr(self, name, value)
        return bool(written)

    _replace(Generation, "change", write)
    _replace(GeneratedImage, "step", write)


def _no_lease() -> None:
    """What somebody is at work on is taken from him."""
    to_store = GeneratedImageQuerySet.to_store

    def all_to_store(self: Any) -> Any:
        held = self.filter(state=ImageState.RECEIVED, lease_until__isnull=False)
        return (to_store(self) | held).distinct()

    _replace(GenerationQuerySet, "abandoned", lambda self: self.filter(state=State.SUBMITTING))
    _replace(GeneratedImageQuerySet, "to_store", all_to_store)


def _no_condition_on_reservations() -> None:
    """There is always room in a budget."""
    _replace(BudgetPeriodQuerySet, "with_room_for", lambda self, amount: self)


def _another_file_name_each_time() -> None:
    """A repeat after a crash does not find what is there."""
    places = files.places

    def random(image: GeneratedImage, format: str) -> files.Places:
        other = GeneratedImage(
            image_uuid=uuid.uuid4(), created_at=image.created_at, generation=image.generation
        )
        return places(other, format)

    _replace(files, "places", random)


def _conflict_is_a_refusal() -> None:
    """As the provider's own client has it."""
    judge = pipeline._not_accepted

    def misread(generation: Generation, error: ProviderError) -> Any:
        error.code = error.code.replace("conflictTaskUUID", "invalidTaskUUID")
        return judge(generation, error)

    _replace(pipeline, "_not_accepted", misread)


def _no_late_news() -> None:
    """What comes after the end is not looked at."""
    _replace(late, "news", lambda generation, report: ())


def _inbox_believed() -> None:
    """What lies in the inbox is the picture, whatever it is."""

    def keep(image: GeneratedImage, received: Path, marked: Path, sha256: str) -> dict[str, Any]:
        marks.mark(received, marked)
        return storing._columns(pictures.Facts("JPG", 2048, 2048), marked, sha256)

    _replace(storing, "_uploaded", keep)
    _replace(files, "preview", lambda image, marked: decoder.draw(str(image.image_uuid), pixels=1))


def _tasks_minted_anew() -> None:
    """A repeat of an order's POST has other tasks in it."""
    tasks_for = media.tasks_for

    def minted(generation: Generation, *args: Any) -> list[dict[str, Any]]:
        first, *others = tasks_for(generation, *args)
        if generation.attempts > 1:
            others = [{**task, "taskUUID": str(uuid.uuid4())} for task in others]
        return [first, *others]

    _replace(media, "tasks_for", minted)


def _hint_believed() -> None:
    """A delivery says that an order is done."""

    def end(pk: Any, **kwargs: Any) -> None:
        Generation.objects.filter(pk=pk).exclude(state__in=FINAL).update(state=State.DONE)

    _replace(tasks, "hint", end)


def _any_token() -> None:
    """Whoever knocks is the provider."""
    _replace(tokens, "is_good", lambda *args, **kwargs: True)


MUTANTS = {
    "compare-and-set": Mutant(_no_compare_and_set, ("I6", "I8")),
    "lease": Mutant(_no_lease, ("I6",)),
    "reservation": Mutant(_no_condition_on_reservations, ("I8",)),
    "file name": Mutant(_another_file_name_each_time, ("I3",)),
    "conflict rule": Mutant(_conflict_is_a_refusal, ("I1", "I2")),
    "late news": Mutant(_no_late_news, ("I2",)),
    "inbox": Mutant(_inbox_believed, ("I3",)),
    "tasks": Mutant(_tasks_minted_anew, ("I2", "I8")),
    "hint": Mutant(_hint_believed, ("I6",)),
    "token": Mutant(_any_token, ("I7",)),
}
