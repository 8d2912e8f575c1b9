"""Result items and failures, as replies, polls and task details show them (docs/wire.md, section 3)."""

from __future__ import annotations

import base64
from typing import Any

from .. import parameters
from . import addresses, errors, triggers
from .books import Result, Task
from .errors import Answer
from .gallery import FORMATS
from .provider import Call, Provider
from .references import picture


def finished(provider: Provider, task: Task, results: list[Result], call: Call) -> Answer:
    """The results that are ready now, each an item or an error object. Never with a failing status."""
    now = provider.clock()
    answer = Answer()
    for result in results:
        if result.ready <= now:
            one = told(provider, task, result, call, last=result is results[-1])
            answer.data += one.data
            answer.errors += one.errors
    return answer


def told(provider: Provider, task: Task, result: Result, call: Call, *, last: bool) -> Answer:
    """One finished result: an item, without a status, or an error object. ``last`` is that of its task."""
    if result.code:
        return Answer(errors=[failure(task, result)])
    shown = _item(provider, task, result, call)
    if task.checked:  # harmless, but for what a word asks for
        shown["NSFWContent"] = last and "sandbox:nsfw" in triggers.of_task(task)
    return Answer(data=[shown])


def _item(provider: Provider, task: Task, result: Result, call: Call) -> dict[str, Any]:
    """The picture is an address, base64 or a data URI, as ordered."""
    shown: dict[str, Any] = {
        "taskType": parameters.TASK_TYPE,
        "taskUUID": task.uuid,
        "imageUUID": result.image,
        **_body(provider, task, result, call),
        "seed": result.seed,
    }
    if task.include_cost:
        shown["cost"] = None if result.cost is None else result.cost / 1_000_000
    return shown


def awaited(task: Task, results: list[Result]) -> list[Result]:
    """The results that a poll still waits for. What ``sandbox:late`` holds back is not among them."""
    late = len(results) > 1 and "sandbox:late" in triggers.of_task(task)
    return results[:-1] if late else results


def failure(task: Task, result: Result) -> dict[str, Any]:
    """The error object of one failed result."""
    about = {"taskType": parameters.TASK_TYPE, "taskUUID": task.uuid}
    return {**errors.error(result.code, result.message, task=about), "status": "error"}


def status_of(results: list[Result]) -> int:
    """The HTTP status of a reply whose only task failed so."""
    by_code = {trigger.code: trigger.status for trigger in triggers.TRIGGERS if trigger.at == "run"}
    return by_code.get(results[0].code, 500)


def _body(provider: Provider, task: Task, result: Result, call: Call) -> dict[str, str]:
    if task.output_type == "URL":
        return {"imageURL": addresses.of_result(provider, task, result, call)}
    text = base64.b64encode(picture(provider, task, result)).decode()
    if task.output_type == "base64Data":
        return {"imageBase64Data": text}
    return {"imageDataURI": f"data:{FORMATS[task.format][1]};base64,{text}"}
