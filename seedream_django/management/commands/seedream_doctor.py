"""``manage.py seedream_doctor``: is all well, part by part, and what to do where it is not."""

from __future__ import annotations

import contextlib
import json
import shutil
import textwrap
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.management.color import no_style

from ...doctor.examination import examine
from ...doctor.words import level_of, name_of, sentences, sign_of
from ...models import Finding


class Command(BaseCommand):
    help = (
        "Examine settings, database, queue, worker, provider, balance, storages and what is stuck: a line each, and "
        "what to do. Costs nothing. Ends with 1 where something is to be mended."
    )
    #: Errors in the settings are among what it tells.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON object, for monitoring.")

    def handle(self, *args: Any, **options: Any) -> None:
        self._survive_any_encoding()
        findings = examine()
        ill = [one for one in findings if one.level == Finding.Level.ILL]
        if options["json"]:
            self.stdout.write(json.dumps(report(findings), indent=2))
        else:
            self._print(findings, options)
        if ill:
            names = ", ".join(one.name for one in ill)
            raise CommandError(f"To be mended: {names}.")

    def _print(self, findings: list[Finding], options: dict[str, Any]) -> None:
        coloured = self.stdout.isatty() or options["force_color"]
        style = self.style if coloured and not options["no_color"] else no_style()
        paint = {"well": style.SUCCESS, "doubtful": style.WARNING, "ill": style.ERROR}
        names = {one.name: name_of(one) for one in findings}
        wide, levels = max(map(len, names.values())), max(len(level_of(one)) for one in findings)
        for one in findings:
            text, advice = sentences(one)
            head = f"{sign_of(one)} {level_of(one):{levels}}"
            first, *others = [
                *self._wrapped(text, levels + wide + 6),
                *self._wrapped(advice, levels + wide + 6),
            ]
            self.stdout.write(f"{paint[one.level](head)}  {names[one.name]:{wide}}  {first}")
            for line in others:
                self.stdout.write(f"{'':{levels + wide + 6}}{line}")

    def _wrapped(self, text: str, margin: int) -> list[str]:
        """In a terminal's width; elsewhere a sentence stays one line, to be searched for."""
        if not self.stdout.isatty():
            return [text] if text else []
        return textwrap.wrap(
            text, max(30, shutil.get_terminal_size().columns - margin), break_long_words=False
        )

    def _survive_any_encoding(self) -> None:
        """Where the terminal's encoding has no ✓, a question mark stands for it."""
        with contextlib.suppress(AttributeError):
            self.stdout._out.reconfigure(errors="replace")  # type: ignore[attr-defined]


def report(findings: list[Finding]) -> dict[str, Any]:
    """What ``--json`` prints; the names here stay as they are."""
    listed = []
    for one in findings:
        text, advice = sentences(one)
        facts = {"name": one.name, "level": str(one.level), "code": one.code, "text": text, "advice": advice}
        listed.append({**facts, "facts": one.facts, "found_at": one.found_at.isoformat()})
    return {"well": all(one.level != Finding.Level.ILL for one in findings), "findings": listed}
