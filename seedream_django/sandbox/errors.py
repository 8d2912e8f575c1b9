"""The provider's error object, and the statuses that go with it (docs/wire.md, section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..parameters import Problem

DOCUMENTATION = "https://runware.ai/docs/en/image-inference/api-reference"

#: Longest piece of the sender's own words that an error repeats, in characters.
_ECHO = 200


@dataclass
class Answer:
    """What one task of a request is answered: items for ``data``, objects for ``errors``.

    ``status`` is the HTTP status that the reply has when every task of the request failed; 200 means that
    this one did not. ``headers`` go onto the reply. ``spoil`` is what becomes of the whole reply, as in
    ``triggers.Trigger``.
    """

    data: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    spoil: str = ""


class Rejected(Exception):
    """Carries the answer to a task, or to a whole request, that goes no further."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def error(code: str, message: str, *, task: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """One error object; ``taskType`` and ``taskUUID`` are the task's own where it has them as texts."""
    about = {name: (task or {}).get(name) for name in ("taskType", "taskUUID")}
    named = {name: value[:_ECHO] for name, value in about.items() if isinstance(value, str)}
    return {"code": code, "message": message, **more, **named, "documentation": DOCUMENTATION}


def rejected(status: int, code: str, message: str, **more: Any) -> Rejected:
    """The exception for one error; ``more`` as in ``error()``, plus ``headers``."""
    headers = more.pop("headers", {})
    return Rejected(Answer(errors=[error(code, message, **more)], status=status, headers=headers))


def of_problems(problems: list[Problem], task: Mapping[str, Any]) -> Rejected:
    """The exception for everything that the parameter page does not allow in ``task``."""
    return Rejected(Answer(errors=[_of_problem(problem, task) for problem in problems], status=400))


def _of_problem(problem: Problem, task: Mapping[str, Any]) -> dict[str, Any]:
    parameter: str | list[str] = problem.parameter[:_ECHO]
    if problem.code == "unsupportedDimensions":
        parameter = ["width", "height"]  # a rule across several is told with a list
    return error(problem.code, str(problem)[: 2 * _ECHO], task=task, parameter=parameter, **problem.limits)
