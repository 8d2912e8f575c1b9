"""What people do meanwhile. Each act is a process of its own, that may be killed as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User

from seedream_django import orders, tasks
from seedream_django.exceptions import SeedreamError
from seedream_django.models import FINAL, GeneratedImage, Generation, ImageState, State, Switch

from .world import world


def order() -> None:
    """A form is sent; its nonce makes it one order."""
    here = world()
    number = here.number()
    _place(f"a red fox {number}", f"form {number}", here.rng.choice((1, 1, 2, 3)))


def order_twice() -> None:
    """The same form again, or with another prompt in it, which is another order."""
    here = world()
    if not here.forms:
        return
    prompt, nonce, results = here.rng.choice(here.forms)
    if here.rng.random() < 0.2:
        prompt = f"{prompt}, changed {here.number()}"
    else:
        here.count("order-twice")
    _place(prompt, nonce, results)


def _place(prompt: str, nonce: str, results: int) -> None:
    here = world()
    here.forms.append((prompt, nonce, results))
    try:
        generation = orders.place(prompt, user=_editor(), nonce=nonce, results=results)
    except SeedreamError as error:
        here.tell(f"refused: {type(error).__name__}")
        return
    pks = here.placed.setdefault((prompt, nonce), set())
    pks.add(str(generation.pk))
    if len(pks) > 1:
        here.breaks("I1", f"One form became {len(pks)} rows.")


def again() -> None:
    generation = _one(Generation.objects.filter(state__in=FINAL))
    if generation is None:
        return
    try:
        orders.again(generation, user=_editor(), nonce=f"again {world().rng.randint(1, 3)}")
    except SeedreamError as error:
        world().tell(f"refused: {type(error).__name__}")


def cancel() -> None:
    generation = _one(Generation.objects.unfinished())
    if generation is None:
        return
    if len(world().runs) > 1 or generation.state != State.QUEUED:
        world().count("row-cancelled")
    generation.cancel()


def show() -> None:
    Generation.objects.filter(hidden=True, received__gt=0).update(hidden=False)


def delete() -> None:
    """As the admin has it: only what has ended, and of which nothing is still to be saved."""
    ended = Generation.objects.filter(state__in=FINAL).exclude(images__state=ImageState.RECEIVED)
    generation = _one(ended)
    if generation is not None:
        world().count("row-deleted")
        generation.delete()


def delete_picture() -> None:
    image = _one(GeneratedImage.objects.stored().filter(generation__state__in=FINAL))
    if image is not None:
        world().count("row-deleted")
        image.delete()


def fetch_again() -> None:
    image = _one(GeneratedImage.objects.filter(state=ImageState.FAILED))
    if image is not None:
        tasks.fetch_again(image)


def switch() -> None:
    """The owner switches generating off, or on again."""
    Switch.objects.update_or_create(pk=1, defaults={"on": world().rng.random() < 0.7, "reason": "a break"})


def _one(rows: Any) -> Any:
    found = list(rows.order_by("created_at", "pk"))
    return world().rng.choice(found) if found else None


def _editor() -> User:
    return User.objects.get(username="olga")


#: With their weights.
ACTS: dict[str, tuple[Callable[[], None], int]] = {
    "order": (order, 5),
    "order twice": (order_twice, 4),
    "again": (again, 3),
    "cancel": (cancel, 5),
    "show": (show, 1),
    "delete": (delete, 3),
    "delete picture": (delete_picture, 2),
    "fetch again": (fetch_again, 2),
    "switch": (switch, 2),
}
