"""A Huey that forgets, repeats and shuffles what it was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .world import world


@dataclass
class Message:
    name: str
    args: tuple[Any, ...]
    due: float


class Task:
    """What ``@huey.task()`` makes of a function: called, it queues."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: Any) -> None:
        self.schedule(args)

    def schedule(self, args: tuple[Any, ...], delay: float = 0) -> None:
        here = world()
        here.look(f"queue {self.name}")
        if here.chance("queue-lost", 0.04):
            here.tell(f"the queue loses {self.name}")
            return
        due = here.clock.elapsed + float(delay)
        here.messages.append(Message(self.name, tuple(args), due))
        if here.chance("worker-two", 0.04):
            here.messages.append(Message(self.name, tuple(args), due + here.rng.random() * 5))


class Queue:
    """As much of a Huey as the app binds to. Stays, as a process's does; what waits in it is the world's."""

    immediate = False

    def __init__(self) -> None:
        self.functions: dict[str, Callable[..., Any]] = {}

    def task(self, name: str, **kwargs: Any) -> Callable[[Callable[..., Any]], Task]:
        def register(function: Callable[..., Any]) -> Task:
            self.functions[name] = function
            return Task(name)

        return register

    def periodic_task(self, schedule: Any, name: str, **kwargs: Any) -> Callable[[Callable[..., Any]], Task]:
        return self.task(name)

    def on_startup(self, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return lambda function: function

    def pending_count(self) -> int:
        now = world().clock.elapsed
        return sum(message.due <= now for message in world().messages)


QUEUE = Queue()
