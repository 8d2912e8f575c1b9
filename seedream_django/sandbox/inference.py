"""``imageInference``: check it, take it into the books, acknowledge it or hold the line until it is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .. import parameters
from . import failing, triggers
from . import results as shown
from .books import AlreadyAccepted, Result, Task
from .errors import Answer, Rejected, error, of_problems, rejected
from .failing import Found
from .provider import NEVER, Call, Provider, image_uuid
from .references import Found as Reference
from .references import resolve

#: Seconds that ``sandbox:slow`` takes.
SLOW = 30.0

#: Seconds by which ``sandbox:late`` holds the last result back.
LATE = 30.0

#: What a courier needs to know of an order.
_DELIVERY = ("deliveryMethod", "webhookURL", "uploadEndpoint")

#: Other spellings that the provider takes: (path from, path to). Newer SDKs, and an older example.
_SPELLINGS = (("settings", "providerSettings.bytedance"), ("referenceImages", "inputs.referenceImages"))


def submit(provider: Provider, task: dict[str, Any], call: Call) -> Answer | Callable[[], Answer]:
    """Take one task. A sync one answers with a function that waits, so that its batch is accepted first.

    Raises ``Rejected`` for what is not accepted.
    """
    values = _checked(task)
    found = {**triggers.find(values["positivePrompt"]), **triggers.find(call.words)}
    if not call.dry_run:
        found |= failing.by_chance(provider)
    failing.refuse(provider, values, found)
    if provider.books.knows(
        values["taskUUID"]
    ):  # before anything that may have gone since, as a reference has
        raise _conflict(values)
    references = resolve(provider, values, call)
    if call.dry_run:
        return _priced(provider, values)
    _accept(provider, values, found, references, call)
    return failing.instead(found, values) or _answered(provider, values, found, call)


def alike(task: dict[str, Any]) -> str:
    """The same for tasks that ask for the same pictures, whatever they are called and wherever these go."""
    aside = ("taskUUID", "webhookURL", "uploadEndpoint")
    return json.dumps({name: value for name, value in task.items() if name not in aside}, sort_keys=True)


def _answered(
    provider: Provider, values: dict[str, Any], found: Found, call: Call
) -> Answer | Callable[[], Answer]:
    spoil = "half" if failing.is_halved(found) else ""
    if values.get("deliveryMethod") == "async":
        about = {"taskType": values["taskType"], "taskUUID": values["taskUUID"]}
        return Answer(data=[about], spoil=spoil)
    return lambda: replace(_held(provider, values, call), spoil=spoil)


# -- Checking ------------------------------------------------------------------------------------------------


def _checked(task: dict[str, Any]) -> dict[str, Any]:
    values = _respelled(task)
    if problems := parameters.check(values):
        raise of_problems(problems, task)
    prompt = values["positivePrompt"]
    if not prompt.isprintable() and _has_surrogate(prompt):
        raise _bad_prompt(task, "Must be valid Unicode text.")
    if unknown := triggers.unknown(prompt):
        known = ", ".join(triggers.BY_WORD)
        raise _bad_prompt(task, f"The sandbox does not know {unknown[0]}. It knows {known}.")
    return {**values, "taskUUID": values["taskUUID"].lower()}


def _respelled(task: dict[str, Any]) -> dict[str, Any]:
    values = dict(task)
    for old, new in _SPELLINGS:
        if old not in values:
            continue
        if _has(values, new):
            text = f"Give either {old} or {new}."
            raise rejected(400, "invalidParameters", text, task=task, parameter=[old, new])
        parent, _, name = new.partition(".")
        around = values.get(parent, {})
        if isinstance(around, dict):
            values[parent] = {**around, name: values.pop(old)}
    return values


def _has(values: Mapping[str, Any], path: str) -> bool:
    parent, _, name = path.partition(".")
    return isinstance(values.get(parent), dict) and name in values[parent]


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _bad_prompt(task: Mapping[str, Any], text: str) -> Rejected:
    return rejected(400, "invalidPositivePrompt", text, task=task, parameter="positivePrompt")


# -- Accepting -----------------------------------------------------------------------------------------------


def _accept(
    provider: Provider, values: dict[str, Any], found: Found, references: list[Reference], call: Call
) -> None:
    accepted = provider.clock()
    results = _plan(provider, values, found, accepted, call)
    images = sum(not result.code for result in results)
    task = _record(values, accepted, references, call)
    blobs = {r.key: r.data for r in references if r.data is not None}
    try:
        provider.books.accept(task, results, images, images * provider.price, blobs)
    except AlreadyAccepted:
        raise _conflict(values) from None
    if uploads := [r.upload for r in references if r.upload]:
        provider.stock.use(uploads, accepted)
    if values.keys() & {"webhookURL", "uploadEndpoint"}:
        wanted: dict[str, str] = {name: values[name] for name in _DELIVERY if name in values}
        for take in provider.couriers:
            take(task.uuid, call.origin, wanted)


def _conflict(values: Mapping[str, Any]) -> Rejected:
    text = "This taskUUID is already in use."
    return rejected(400, "conflictTaskUUID", text, task=values, parameter="taskUUID")


def _record(values: dict[str, Any], accepted: float, references: list[Reference], call: Call) -> Task:
    safety = values.get("safety", {})
    return Task(
        uuid=values["taskUUID"],
        accepted=accepted,
        prompt=values["positivePrompt"],
        width=values["width"],
        height=values["height"],
        format=_value(values, "outputFormat"),
        quality=_value(values, "outputQuality"),
        output_type=_value(values, "outputType"),
        ttl=values.get("ttl"),
        include_cost=_value(values, "includeCost"),
        checked=bool(safety.get("checkContent")) or safety.get("mode", "none") != "none",
        request=json.dumps(values),
        references=tuple(r.key for r in references),
        sequence=_frames(values),
        words=call.words,
        account=call.account,
    )


def _value(values: Mapping[str, Any], name: str) -> Any:
    return values.get(name, parameters.BY_PATH[name].default)


def _frames(values: Mapping[str, Any]) -> int:
    """How many pictures one result is."""
    return int(values.get("providerSettings", {}).get("bytedance", {}).get("maxSequentialImages", 1))


def _positions(values: Mapping[str, Any], found: Found) -> list[int]:
    """The places of the results that come: nobody documents the product, so each is its own whole sequence."""
    frames = _frames(values)
    come = max(1, frames - 2) if "sandbox:fewer" in found else frames
    return [n * frames + frame for n in range(_value(values, "numberResults")) for frame in range(come)]


def _plan(
    provider: Provider, values: dict[str, Any], found: Found, accepted: float, call: Call
) -> list[Result]:
    uuid, frames, positions = values["taskUUID"], _frames(values), _positions(values, found)
    ready = _ready_times(provider, uuid, len(positions), found)
    cost = None if "sandbox:nullcost" in found else provider.price
    # Four tasks of one result have the seeds of one task of four, so that who asks in either way gets the same.
    before = call.equal * _value(values, "numberResults")
    return [
        Result(
            image_uuid(uuid, n), uuid, n, provider.seed_of(uuid, before + n // frames), accepted + seconds,
            *_fate(found, last=n == positions[-1] and call.equal == call.of - 1), cost,
        )
        for n, seconds in zip(positions, ready, strict=True)
    ]  # fmt: skip


def _ready_times(provider: Provider, uuid: str, count: int, found: Found) -> list[float]:
    """Seconds until each result: the first after the latency, the others one by one within twice that."""
    if "sandbox:stuck" in found:
        return [NEVER] * count
    takes = SLOW if "sandbox:slow" in found else provider.takes(uuid)
    ready = [takes + n * takes / max(4, count) for n in range(count)]
    return [*ready[:-1], ready[-1] + LATE] if "sandbox:late" in found else ready


def _fate(found: Found, *, last: bool) -> tuple[str, str]:
    """The error code and message that a result ends with, or two empty texts."""
    words = ("sandbox:fails", "sandbox:flagged-late") + (("sandbox:partial",) if last else ())
    failing = next((found[word] for word in words if word in found), None)
    return (failing.code, failing.message) if failing else ("", "")


# -- Answering -----------------------------------------------------------------------------------------------


def _priced(provider: Provider, values: dict[str, Any]) -> Answer:
    cost = len(_positions(values, {})) * provider.price / 1_000_000
    return Answer(data=[{"taskType": values["taskType"], "taskUUID": values["taskUUID"], "cost": cost}])


def _held(provider: Provider, values: dict[str, Any], call: Call) -> Answer:
    task, results = provider.books.task(values["taskUUID"]) or (None, [])
    assert task is not None  # it was accepted a moment ago, and the books lose nothing
    if results[-1].ready >= NEVER:
        provider.sleep(provider.latency[1])
        text = "The provider did not answer in time."
        return Answer(errors=[error("timeoutProvider", text, task=values)], status=504)
    last = shown.awaited(task, results)[-1]
    while (left := last.ready - provider.clock()) > 0:
        provider.sleep(left)
    answer = shown.finished(provider, task, results, call)
    if not answer.data:
        answer.status = shown.status_of(results)
    return answer
