"""``manage.py seedream_redact``: take prompts away, when their time is over or on request."""

from __future__ import annotations

import datetime
import uuid
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from ... import conf
from ...models import Generation, LedgerEntry
from ...retention import Redacted, Whose, redact


class Command(BaseCommand):
    help = "Take the prompts of orders away, from rows, titles, ledger and log; amounts, who and when stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=_days,
            help='Of orders older than this. Default: SEEDREAM["PROMPT_DAYS"], unless --user or --order is given.',
        )  # fmt: skip
        parser.add_argument(
            "--user", help="Of this person's orders, by the name that the person logs in with."
        )
        parser.add_argument(
            "--order", action="append", type=uuid.UUID, metavar="UUID",
            help="Of this order. May be given several times.",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="Change nothing; say what would be.")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        user, orders, days = options["user"], options["order"], options["days"]
        if days is None and not user and not orders:
            days = conf.PROMPT_DAYS
            if days is None:
                self.stdout.write(
                    'Nothing to do: SEEDREAM["PROMPT_DAYS"] is None, so prompts stay. '
                    "Say which are to go: --days, --user or --order."
                )
                return
        before = None if days is None else timezone.now() - datetime.timedelta(days=days)
        whose = Whose(
            before=before, orders=_known(orders) if orders else None, **(_person(user) if user else {})
        )
        done = redact(whose, dry_run=options["dry_run"])
        self.stdout.write(_report(done, "would be redacted" if options["dry_run"] else "redacted"))
        if done.left:
            self.stdout.write(
                f"{_count(done.left, 'order')} still in work: left as they are. Run it again later."
            )
        if done.undecided:
            lost = f"{_count(done.undecided, 'order')} lost, and nobody has decided: left as they are."
            self.stdout.write(f"{lost} Decide on their pages, then run it again.")


def _days(text: str) -> int:
    try:
        days = int(text)
        timezone.now() - datetime.timedelta(days=days)
    except (ValueError, OverflowError):
        days = -1
    if days < 0:
        raise ArgumentTypeError(f"{text!r} is not a number of days.")
    return days


def _person(name: str) -> dict[str, Any]:
    """The account, or the name where it is gone and the ledger still has it."""
    model: Any = get_user_model()
    try:
        return {"user": model.objects.get_by_natural_key(name)}
    except model.DoesNotExist:
        if LedgerEntry.objects.filter(user=None, who=name).exists():
            return {"who": name}
    raise CommandError(f"There is no user “{name}”, and the ledger has no orders under that name.")


def _known(orders: list[uuid.UUID]) -> set[uuid.UUID]:
    wanted = set(orders)
    known = set(Generation.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    known |= set(LedgerEntry.objects.filter(generation_id__in=wanted).values_list("generation_id", flat=True))
    if missing := wanted - known:
        raise CommandError(f"There is no order {', '.join(sorted(map(str, missing)))}. Nothing was redacted.")
    return wanted


def _report(done: Redacted, verb: str) -> str:
    parts = [
        _count(done.orders, "order"),
        _count(done.titles, "title"),
        _count(done.entries, "ledger entry", "ledger entries"),
        _count(done.log, "log entry", "log entries"),
        *([_count(done.runs, "bulk run")] if done.runs else []),
    ]
    return f"{', '.join(parts[:-1])} and {parts[-1]} {verb}."


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
