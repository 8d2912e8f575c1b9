"""What a trigger does to one task: refuse it before it is taken, or spoil the reply after that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Answer, Rejected, error, rejected
from .provider import Provider
from .triggers import BY_WORD, Trigger

Found = Mapping[str, Trigger]

#: What ``failures`` draws from: before and after accepting.
CHANCES = ("sandbox:down", "sandbox:503-after", "sandbox:always429", "sandbox:cut", "sandbox:cut-after")


def by_chance(provider: Provider) -> dict[str, Trigger]:
    """What this submission meets besides its own words: one of ``CHANCES``, for a share of them."""
    if not provider.failures:
        return {}
    number = provider.books.count("submissions", "")
    if provider.drawn(number, "fails") >= provider.failures:
        return {}
    word = CHANCES[int(provider.drawn(number, "how") * len(CHANCES))]
    return {word: BY_WORD[word]}


def refuse(provider: Provider, task: Mapping[str, Any], found: Found) -> None:
    """Raises ``Rejected`` where one of the triggers refuses this task at this time."""
    about = str(task.get("taskUUID") or task.get("taskType"))
    for trigger in found.values():
        if trigger.at != "submit":
            continue
        if trigger.word == "sandbox:nobalance":
            provider.books.count("emptied", "")
        if trigger.times is None or provider.books.count(trigger.word, about) <= trigger.times:
            raise refusal(trigger, task)


def refusal(trigger: Trigger, task: Mapping[str, Any]) -> Rejected:
    if trigger.spoil:
        return Rejected(
            Answer(errors=[error("cut", trigger.text, task=task)], status=502, spoil=trigger.spoil)
        )
    after = trigger.retry_after
    headers = {"Retry-After": str(after)} if after is not None else {}
    return rejected(trigger.status, trigger.code, trigger.message, task=task, headers=headers)


def instead(found: Found, task: Mapping[str, Any]) -> Answer | None:
    """What a task that was taken is answered at once instead of what it should be; None where nothing acts."""
    for trigger in found.values():
        if trigger.at == "accept" and trigger.spoil != "half":
            return refusal(trigger, task).answer
    return None


def is_halved(found: Found) -> bool:
    """Whether the reply is cut in the middle of it."""
    return any(trigger.spoil == "half" for trigger in found.values())
