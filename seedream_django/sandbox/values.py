"""Reading the fields of tasks that are not on the parameter page; a wrong one is told as the page's are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import parameters
from .errors import Rejected, rejected


def wrong(task: dict[str, Any], name: str, text: str, **limits: Any) -> Rejected:
    """The exception for a wrong value: 400 ``invalid…``."""
    return rejected(400, f"invalid{_capital(name)}", text, task=task, parameter=name, **limits)


def given(task: dict[str, Any], name: str) -> Any:
    """A value that has to be there. Raises ``Rejected``: 400 ``missing…``."""
    if name not in task:
        code = f"missing{_capital(name)}"
        raise rejected(400, code, "This value is required.", task=task, parameter=name)
    return task[name]


def text_of(task: dict[str, Any], name: str) -> str:
    value = given(task, name)
    if not isinstance(value, str) or not value:
        raise wrong(task, name, "Must be text.")
    return value


def choice_of(task: dict[str, Any], name: str, choices: Sequence[str]) -> str:
    value = given(task, name)
    if not isinstance(value, str) or value not in choices:
        raise wrong(task, name, f"Choose one of: {', '.join(choices)}.", allowedValues=list(choices))
    return value


def texts_of(task: dict[str, Any], name: str) -> list[str]:
    """A list of texts; empty where the value is left out."""
    value = task.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise wrong(task, name, "Must be a list of texts.")
    return value


def uuid_of(task: dict[str, Any]) -> str:
    row = parameters.BY_PATH["taskUUID"]
    value = given(task, "taskUUID")
    if problem := row.check(value):
        raise rejected(400, problem.code, str(problem), task=task, parameter="taskUUID")
    return str(value)


def only(task: dict[str, Any], *names: str) -> None:
    """Raises ``Rejected`` (400 ``unsupportedParameter``) for a field that the task does not have."""
    for name in sorted(task.keys() - {"taskType", "taskUUID", *names}):
        text = f"The task has no parameter “{name[:100]}”."
        raise rejected(400, "unsupportedParameter", text, task=task, parameter=name[:200])


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
