"""An order of several tasks, told as one: what became of each is put together to one report for the row.

Each task is judged by its own UUID. What was taken is asked about and comes; what was not taken is a failed result of
the order, and is not sent again: one order is one POST. Of what nobody spoke nothing is known, until somebody does.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .exceptions import ProviderError, Unclear
from .models import Asked, Generation
from .runware.items import Failure, Result
from .runware.replies import Report

#: Answers to the tasks of one POST, by their UUIDs.
Answers = Mapping[uuid.UUID, Report | ProviderError]


def silence(generation: Asked) -> Report:
    """A report that says nothing: still in work, as far as anybody knows."""
    return Report(generation.pk, processing=True, silent=tuple(_open(generation)))


def merged(generation: Asked, told: Mapping[uuid.UUID, Report]) -> Report | None:
    """What these reports, by task, say of the order; ``None`` where none is about it.

    The place of a task is the place of its result. What was not taken counts as failed, each time.
    """
    if not generation.is_split:
        return told.get(generation.pk)
    open_tasks = _open(generation)
    # Of one that was not taken an echo says nothing.
    reports = {
        task: told[task]
        for task in generation.task_uuids
        if task in told and (task in open_tasks or told[task].known)
    }
    if not reports:
        return None
    silent = [task for task in open_tasks if task not in reports or not reports[task].known]
    return Report(
        generation.pk,
        results=tuple(_placed(generation, reports)),
        failures=(*_not_taken(generation, reports), *_failed(reports)),
        processing=bool(silent) or any(report.processing for report in reports.values()),
        known=any(report.known for report in reports.values()),
        progress=_progress(generation, reports),
        complete=not silent and all(reports[task].complete for task in open_tasks),
        silent=tuple(silent),
    )


def taken(generation: Generation, answers: Answers) -> Report:
    """What a POST brought. Raises ProviderError where no task was taken.

    Where some were, the order is. The others' words are on the row from here on: they are said once.
    """
    reports = {task: answer for task, answer in answers.items() if isinstance(answer, Report)}
    problems = {task: answer for task, answer in answers.items() if isinstance(answer, ProviderError)}
    before = [task for task, problem in problems.items() if is_conflict(problem)]
    if not reports and (not before or not generation.is_split):
        raise _most_binding(list(problems.values()))
    not_taken = {t: p for t, p in problems.items() if t not in before and not isinstance(p, Unclear)}
    if not_taken or generation.refused:
        generation.change(refused={str(task): _words(problem) for task, problem in not_taken.items()})
    told = {**reports, **{task: Report(task, processing=True, known=True) for task in before}}
    return merged(generation, told) or silence(generation)


def searched(
    generation: Generation, report: Report, missing: Sequence[uuid.UUID], found: Report | None
) -> Report:
    """The same report with what the archive says of the tasks that it was asked about.

    Those that it does not know either count as failed from here on.
    """
    unknown = {str(task): ["provider", "", ""] for task in missing if found is None or task in found.silent}
    if found is not None:
        report = joined(generation, report, found)
    if unknown and generation.change(refused={**generation.refused, **unknown}):
        return _without(generation, report)
    return report


def joined(generation: Generation, report: Report, found: Report) -> Report:
    """What a poll says, and what the archive says of tasks that the poll does not know."""
    failed = found.failures[len(generation.refused) :]
    return replace(
        report,
        results=(*report.results, *found.results),
        failures=(*report.failures, *failed),
        silent=tuple(task for task in report.silent if task in found.silent),
    )


def _without(generation: Generation, report: Report) -> Report:
    """The same report, now that some of its tasks are given up."""
    left = [task for task in report.silent if str(task) not in generation.refused]
    given_up = [Failure(*generation.refused[str(task)]) for task in report.silent if task not in left]
    return replace(report, failures=(*report.failures, *given_up), silent=tuple(left))


def is_conflict(error: ProviderError) -> bool:
    """Whether it proves that the same task was accepted before: by our own first POST, whose answer was lost."""
    return error.code.lower() == "conflicttaskuuid"


def _words(problem: ProviderError) -> list[str]:
    return [problem.kind, problem.code[:100], problem.message[:500]]


def _most_binding(problems: list[ProviderError]) -> ProviderError:
    """Nothing is known to be taken. Doubt about one is doubt about all; then comes what may be sent again."""

    def rank(problem: ProviderError) -> tuple[int, float]:
        return ["unclear", "not_run", "refused"].index(problem.outcome), -(problem.retry_after or 0)

    return min(problems, key=rank)


def _open(generation: Asked) -> list[uuid.UUID]:
    return [task for task in generation.task_uuids if str(task) not in generation.refused]


def _not_taken(generation: Asked, reports: Mapping[uuid.UUID, Report]) -> list[Failure]:
    """Without those of which there is news all the same: each task is one result, and counts once."""
    not_taken = [task for task in generation.task_uuids if str(task) in generation.refused]
    return [Failure(*generation.refused[str(task)]) for task in not_taken if task not in reports]


def _failed(reports: Mapping[uuid.UUID, Report]) -> list[Failure]:
    """A task fails once, in however many words."""
    return [report.failures[0] for report in reports.values() if report.failures and not report.results]


def _placed(generation: Asked, reports: Mapping[uuid.UUID, Report]) -> Iterator[Result]:
    """Results with the places of their tasks; of one that has several, where one was asked for, none is lost."""
    count = len(generation.tasks)
    for place, task in enumerate(generation.task_uuids):
        for more, result in enumerate(reports[task].results if task in reports else ()):
            yield replace(result, index=place + more * count, task_uuid=task)


def _progress(generation: Asked, reports: Mapping[uuid.UUID, Report]) -> int:
    def of(task: uuid.UUID) -> int:
        report = reports.get(task)
        if report is None:
            return 100 if str(task) in generation.refused else 0
        return 100 if report.results or report.failures else report.progress or 0

    return sum(map(of, generation.task_uuids)) // len(generation.tasks)
