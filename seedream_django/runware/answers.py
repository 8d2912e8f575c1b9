"""One answer of the provider, read to its end: what it says of the tasks that were sent, and of its own troubles."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..exceptions import NotRun, ProviderError, Refused, Unclear
from . import exchange, items, replies
from .codes import classify
from .inline import Picture
from .items import Failure
from .replies import Report

if TYPE_CHECKING:
    import httpx

OUTCOMES: dict[str, type[ProviderError]] = {"refused": Refused, "not_run": NotRun, "unclear": Unclear}


@dataclass(frozen=True)
class Answer:
    """A reply, read to its end. ``trouble`` tells why ``payload`` is empty where it should not be."""

    status: int
    payload: dict[str, Any] = field(repr=False)
    trouble: str = ""
    retry_after: float | None = None
    secret: str = field(default="", repr=False)
    pictures: Mapping[str, Picture] = field(default_factory=dict)

    def read(
        self, asked: Sequence[uuid.UUID], *, polling: bool = False
    ) -> tuple[dict[uuid.UUID, Report], list[Failure]]:
        how: dict[str, Any] = {"status": self.status, "polling": polling, "secret": self.secret}
        return replies.read(self.payload, asked, **how, pictures=self.pictures)

    def items(self) -> list[Mapping[str, Any]]:
        return [item for item in items.listed(self.payload.get("data")) if isinstance(item, Mapping)]

    def of_tasks(self, sent: Sequence[uuid.UUID], *, held: bool) -> dict[uuid.UUID, Report | ProviderError]:
        """What became of each task that was sent in this request: each is judged by its own UUID.

        Where some are spoken of, whatever is said of none of them in particular says nothing of the others: they are
        in doubt. Of one alone, and of a request that was refused as a whole, it is the answer.
        """
        reports, strays = self.read(sent)
        if len(sent) > 1 and reports:
            return {
                task: self._of_task(reports[task], held) if task in reports else self._unnamed()
                for task in sent
            }
        whole = strays if len(sent) > 1 and self.status >= 400 else []
        return {task: self._of_task(reports.get(task, Report(task)), held, whole) for task in sent}

    def _of_task(self, report: Report, held: bool, whole: Sequence[Failure] = ()) -> Report | ProviderError:
        if self.status < 400 and (report.results or report.processing):
            return replace(report, known=True, complete=held and not report.processing)
        if report.results:
            # A gateway gave up half-way: what is there is paid, the rest may still run.
            return replace(report, failures=(), processing=True)
        accepted = replies.acknowledged(self.payload, report.task_uuid)
        return self.problem([*report.failures, *whole], accepted=accepted)

    def _unnamed(self) -> Unclear:
        return Unclear("The provider's reply does not name the task.", kind="server", status=self.status)

    def problem(self, failures: Sequence[Failure], *, accepted: bool = False) -> ProviderError:
        """Make the exception of the failure that binds us most, or of the bare status where there is none."""
        failure = min(failures, key=self._rank, default=None)
        if failure is None:
            kind, outcome = classify("", self.status)
            failure = Failure("server" if self.status < 400 else kind, "", self._words())
        else:
            outcome = classify(failure.code, self.status)[1]
        return OUTCOMES["unclear" if accepted else outcome](
            failure.message or failure.code or self._words(),
            kind=failure.kind,
            code=failure.code,
            parameter=failure.parameter,
            status=self.status,
            retry_after=self.retry_after,
        )

    def _rank(self, failure: Failure) -> int:
        """Order failures of one task: proof that it was accepted, then doubt, then a no, then "later"."""
        if failure.code.lower() == "conflicttaskuuid":
            return 0
        return ["unclear", "refused", "not_run"].index(classify(failure.code, self.status)[1]) + 1

    def _words(self) -> str:
        if self.status >= 400:
            return f"The provider answered with HTTP status {self.status}."
        return f"The provider's reply could not be used: {self.trouble or 'it does not name the task'}."


def read(response: httpx.Response, body: bytes | None, secret: str) -> Answer:
    payload: dict[str, Any] = {}
    trouble = "" if body is not None else "it is too long, or packed in an unknown way"
    try:
        payload = replies.decode(body) if body is not None else {}
    except ValueError as error:
        trouble = str(error)
    if not trouble and 300 <= response.status_code < 400:
        payload, trouble = {}, "it is a redirect"
    wait = exchange.retry_after(response.headers.get("Retry-After"))
    return Answer(response.status_code, payload, trouble, wait, secret)
