"""What people do meanwhile. Each act is a process of its own, that may be killed as well."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import ProtectedError

from seedream_django import lost, orders, tasks
from seedream_django.exceptions import OverBudget, SeedreamError
from seedream_django.models import (
    FINAL,
    Budget,
    GeneratedImage,
    Generation,
    ImageState,
    Period,
    State,
    Switch,
)

from . import decoder, reading
from .world import World, world

#: How many pictures are ordered, and how.
SHAPES: tuple[dict[str, Any], ...] = (
    {},
    {"results": 1},
    {"results": 2},
    {"results": 3},
    {"sequence": 3},
    {"references": decoder.GIVEN[:1]},
    {"references": decoder.GIVEN, "sequence": 2},
)


def order() -> None:
    """A form is sent; its nonce makes it one order."""
    here = world()
    number = here.number()
    _place(f"a red fox {number}", f"form {number}", here.rng.choice(SHAPES))


def order_twice() -> None:
    """The same form again, or with another prompt in it, which is another order."""
    here = world()
    if not here.forms:
        return
    prompt, nonce, shape = here.rng.choice(here.forms)
    if here.rng.random() < 0.2:
        prompt = f"{prompt}, changed {here.number()}"
    else:
        here.count("order-twice")
    _place(prompt, nonce, shape)


def _place(prompt: str, nonce: str, shape: dict[str, Any]) -> None:
    here = world()
    here.forms.append((prompt, nonce, shape))
    try:
        generation = orders.place(prompt, user=_editor(), nonce=nonce, **shape)
    except SeedreamError as error:
        _told(error)
        return
    pks = here.placed.setdefault((prompt, nonce), set())
    pks.add(generation.pk.hex)
    if reading.standing(pks) > 1:
        here.breaks("I1", f"One form became {len(pks)} rows.")


def again() -> None:
    generation = _one(Generation.objects.filter(state__in=FINAL))
    if generation is None:
        return
    try:
        orders.again(generation, user=_editor(), nonce=f"again {world().rng.randint(1, 3)}")
    except SeedreamError as error:
        _told(error)


def _told(error: SeedreamError) -> None:
    world().tell(f"refused: {type(error).__name__}")
    if isinstance(error, OverBudget):
        world().count("order-budget")


def cancel() -> None:
    generation = _one(Generation.objects.unfinished())
    if generation is None:
        return
    if generation.state != State.QUEUED or ("submit", (str(generation.pk),)) in _interrupted():
        world().count("row-cancelled")
    orders.cancel(generation)


def _interrupted() -> list[tuple[str, tuple[Any, ...]]]:
    """What others are in the middle of."""
    return [(run.name, run.args) for run in world().runs[:-1]]


def show() -> None:
    Generation.objects.filter(hidden=True, received__gt=0).update(hidden=False)


def delete() -> None:
    """As the admin has it: only what has ended, and of which nothing is still to be saved."""
    ended = Generation.objects.filter(state__in=FINAL).exclude(images__state=ImageState.RECEIVED)
    generation = _one(ended)
    if generation is not None:
        try:
            generation.delete()
        except ProtectedError as error:
            world().tell(f"refused: {error.args[0]}")
        else:
            world().count("row-deleted")


def write_off() -> None:
    """An owner decides that what is lost counts as spent."""
    generation = _one(Generation.objects.filter(state=State.LOST))
    if generation is not None:
        lost.write_off(generation, by=_editor())


def ask_again() -> None:
    generation = _one(Generation.objects.filter(state=State.LOST))
    if generation is not None:
        lost.ask(generation)


def send_again() -> None:
    """What is lost, as a new row, which may cost twice."""
    generation = _one(Generation.objects.filter(state=State.LOST))
    if generation is None:
        return
    seen = generation.children.count()
    try:
        lost.send_again(generation, by=_editor(), nonce=f"send again {world().rng.randint(1, 3)}", seen=seen)
    except SeedreamError as error:
        _told(error)


def raise_budget() -> None:
    """Or lower it below what is spent already."""
    found = _one_of(Budget.objects.order_by("pk"))
    if found is not None:
        Budget.objects.filter(pk=found.pk).update(limit=decimal.Decimal("0.035") * world().rng.randint(1, 30))


def delete_picture() -> None:
    image = _one(GeneratedImage.objects.stored().filter(generation__state__in=FINAL))
    if image is not None:
        image.delete()
        world().count("row-deleted")


def fetch_again() -> None:
    image = _one(GeneratedImage.objects.filter(state=ImageState.FAILED))
    if image is not None:
        tasks.fetch_again(image)


def switch() -> None:
    """The owner switches generating off, or on again."""
    Switch.objects.update_or_create(pk=1, defaults={"on": world().rng.random() < 0.7, "reason": "a break"})


def _one(rows: Any) -> Any:
    return _one_of(rows.order_by("created_at", "pk"))


def _one_of(rows: Any) -> Any:
    found = list(rows)
    return world().rng.choice(found) if found else None


#: Who orders; a superuser, so that no step is spent on looking rights up.
EDITOR: list[User] = []


def allow(here: World) -> None:
    """Budgets of every kind, for at least three pictures, and soon used up."""
    amount = decimal.Decimal("0.035")
    for whose in ({"user": EDITOR[0]}, {}):
        for period in here.rng.sample(Period.values, k=here.rng.choice((0, 1, 2))):
            Budget.objects.create(period=period, limit=amount * here.rng.randint(9, 12), **whose)


def _editor() -> User:
    return EDITOR[0]


#: With their weights.
ACTS: dict[str, tuple[Callable[[], None], int]] = {
    "order": (order, 6),
    "order twice": (order_twice, 4),
    "again": (again, 3),
    "cancel": (cancel, 5),
    "show": (show, 1),
    "delete": (delete, 5),
    "delete picture": (delete_picture, 2),
    "fetch again": (fetch_again, 2),
    "switch": (switch, 2),
    "write off": (write_off, 2),
    "ask again": (ask_again, 1),
    "send again": (send_again, 1),
    "raise budget": (raise_budget, 2),
}
