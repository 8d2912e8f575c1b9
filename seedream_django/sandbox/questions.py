"""The tasks that only ask: polls, task details, ping (docs/wire.md, sections 4 and 7)."""

from __future__ import annotations

import json
from typing import Any

from .. import parameters
from . import results as shown
from .books import Result, Task
from .errors import Answer, rejected
from .provider import Call, Provider
from .values import uuid_of, wrong


def get_response(provider: Provider, task: dict[str, Any], call: Call) -> Answer:
    """What is known of a task by now. Cumulative: whatever was told once is told again.

    A task that failed is told in ``errors`` and the question itself succeeded, so the status stays 200.
    """
    uuid = uuid_of(task)
    known = provider.books.task(uuid.lower())
    if known is None:
        return Answer(data=[{"taskType": "getResponse", "taskUUID": uuid, "status": "processing"}])
    record, results = known
    answer = shown.finished(provider, record, results, call)
    answer.data = [{**item, "status": "success"} for item in answer.data]
    waits_for = shown.awaited(record, results)
    if len(answer.data) + len(answer.errors) < len(waits_for):
        answer.data.append(_processing(provider, record, waits_for))
    return answer


def _processing(provider: Provider, task: Task, results: list[Result]) -> dict[str, Any]:
    """One item for all that is to come, with ``progress`` in per cent of the time that it takes."""
    takes = results[-1].ready - task.accepted or 1.0  # a clock that was set back must not divide by zero
    share = (provider.clock() - task.accepted) / takes
    return {
        "taskType": parameters.TASK_TYPE,
        "taskUUID": task.uuid,
        "status": "processing",
        "progress": min(99, max(0, int(100 * share))),
    }


def get_task_details(provider: Provider, task: dict[str, Any], call: Call) -> Answer:
    """A past task's request and response; the response is null until every result is there.

    An unknown task answers 404 ``taskFailedOrNotFound``: undocumented, the SDK knows the code.
    """
    uuid = uuid_of(task)
    known = provider.books.task(uuid.lower())
    if known is None:
        text = "The task failed or does not exist."
        raise rejected(404, "taskFailedOrNotFound", text, task=task, parameter="taskUUID")
    archive = {
        "request": [json.loads(provider.books.request(uuid.lower()))],
        "response": _archived(provider, *known, call),
    }
    return Answer(data=[{"taskType": "getTaskDetails", "taskUUID": uuid, **archive}])


def _archived(provider: Provider, task: Task, results: list[Result], call: Call) -> dict[str, Any] | None:
    answer = shown.finished(provider, task, results, call)
    if len(answer.data) + len(answer.errors) < len(shown.awaited(task, results)):
        return None
    return {name: value for name, value in (("data", answer.data), ("errors", answer.errors)) if value}


def ping(provider: Provider, task: dict[str, Any], call: Call) -> Answer:
    """``{"taskType":"ping","pong":true}``."""
    if task.get("ping") is not True:
        raise wrong(task, "ping", "Must be true.", allowedValues=[True])
    return Answer(data=[{"taskType": "ping", "pong": True}])
