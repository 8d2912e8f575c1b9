"""``manage.py seedream_reconcile``: our ledger beside the provider's own books."""

from __future__ import annotations

import datetime
import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import DatabaseError

from ... import conf
from ...diagnosis import money
from ...exceptions import ProviderError
from ...models import today
from ...reconciling import MAX_DAYS, Day, Reconciliation, Sums, UnknownKey, has_entries, reconcile

#: What two books may differ by unless told: dollars, or this share of the larger, whichever is more.
DOLLARS, SHARE = Decimal("0.10"), Decimal("0.01")
#: How far it looks back unless told.
DAYS = 30


class Command(BaseCommand):
    help = (
        "Compare our ledger with what the provider says was used, by day and key; say how long the balance lasts. "
        "Ends with 1 where they differ, with 2 where the provider cannot be asked."
    )
    #: They would end it with 1, which here means that the books differ.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=_count, help="The last days, today included (default 30).")
        parser.add_argument("--since", type=_day, metavar="DAY", help="From this day on, such as 2026-11-01.")
        parser.add_argument("--until", type=_day, metavar="DAY", help="Up to this day, which is included.")
        parser.add_argument(
            "--key", default="", metavar="NAME", help="Of the provider's side this key alone."
        )
        parser.add_argument(
            "--account", metavar="DIGEST",
            help='Of our side only what was made with this key, by its digest as it is shown here; "this" is the '
            "present one.",
        )  # fmt: skip
        parser.add_argument(
            "--tolerance", type=_tolerance, metavar="AMOUNT",
            help='How much they may differ by: dollars ("0.50") or a share ("2%%"). Default: $0.10, or 1%% if that '
            "is more.",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    @no_translations
    def handle(self, **options: Any) -> None:
        if not (conf.sandboxed() or conf.API_KEY):
            raise CommandError(
                'The provider could not be asked: SEEDREAM["API_KEY"] is not set.', returncode=2
            )
        since, until = _range(options)
        try:
            account = _account(options["account"], since, until)
            found = reconcile(since, until, key=options["key"], account=account)
        except ProviderError as error:
            raise CommandError(_refused(error), returncode=2) from None
        except DatabaseError as error:
            text = f"Our ledger could not be read ({type(error).__name__}). “manage.py seedream_doctor” says why."
            raise CommandError(text, returncode=2) from None
        except UnknownKey as error:
            named = ", ".join(error.args[0]) or "none"
            raise CommandError(
                f"The provider names no such key. Those it names: {named}.", returncode=2
            ) from None
        allowed = _allowed(found, options["tolerance"])
        verdict, code = _verdict(found, allowed)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(found, allowed, verdict, code), indent=2))
        else:
            self.stdout.write("\n".join(_report(found)))
            if not code:
                self.stdout.write(verdict)
        if code:
            raise CommandError(verdict, returncode=code)


# -- What was asked for --------------------------------------------------------------------------------------


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_DAYS:
        raise ArgumentTypeError(f"{text!r} is not a number of days from 1 to {MAX_DAYS}.")
    return int(text)


def _day(text: str) -> datetime.date:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-11-01.") from None


def _tolerance(text: str) -> tuple[Decimal, Decimal]:
    """Dollars and share, one of which is zero."""
    try:
        number = Decimal(text.removesuffix("%").removeprefix("$"))
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or number < 0:
        raise ArgumentTypeError(f'{text!r} is neither dollars, such as "0.50", nor a share, such as "2%".')
    return (Decimal(0), number / 100) if text.endswith("%") else (number, Decimal(0))


def _range(options: dict[str, Any]) -> tuple[datetime.date, datetime.date]:
    if options["since"] and options["days"]:
        raise CommandError("Either --days or --since: each says where to begin.", returncode=2)
    until = min(options["until"] or today(), today())
    since = options["since"] or until - datetime.timedelta(days=(options["days"] or DAYS) - 1)
    if not since <= until or (until - since).days >= MAX_DAYS:
        raise CommandError(
            f"From {since} to {until} is no time that can be compared: at most {MAX_DAYS} days, up to today.",
            returncode=2,
        )
    return since, until


def _account(named: str | None, since: datetime.date, until: datetime.date) -> str | None:
    if named is None or named == "this":
        return named and conf.account()
    if not has_entries(f"provider:{named}", since, until):
        raise CommandError(f"The ledger has no entries of a key {named} in these days.", returncode=2)
    return f"provider:{named}"


def _refused(error: ProviderError) -> str:
    """That it could not be asked, why, and what to do."""
    todo = {
        "auth": 'Check SEEDREAM["API_KEY"].',
        "network": "Check the connection, and try again later.",
        "validation": "It does not take the question.",
    }.get(error.kind, "Try again later.")
    return f"The provider could not be asked: {error.message} {todo}"


# -- Whether they agree --------------------------------------------------------------------------------------


def _allowed(found: Reconciliation, tolerance: tuple[Decimal, Decimal] | None) -> Decimal:
    dollars, share = tolerance or (DOLLARS, SHARE)
    return max(dollars, share * max(found.charged, found.spent))


def _verdict(found: Reconciliation, allowed: Decimal) -> tuple[str, int]:
    """In a sentence, and as the exit code."""
    usage = found.usage
    if not usage.readable or (usage.unread and not usage.rows):
        return (
            "The provider answered, and nothing in its answer can be read as use by day. Nothing was compared.",
            2,
        )
    if abs(found.unexplained) > allowed:
        more = (
            "the provider counts more than we do"
            if found.difference > 0
            else "we count more than the provider does"
        )
        return f"They differ by {money(abs(found.unexplained))}: {more}. {_what_to_do(found)}", 1
    if usage.unread:
        return f"They agree as far as the answer can be read; {usage.unread} of its rows cannot.", 2
    if found.unexplained:
        return f"They agree to within {money(allowed)}; {money(abs(found.unexplained))} is not explained.", 0
    return "They agree.", 0


def _what_to_do(found: Reconciliation) -> str:
    if found.difference > 0:
        return (
            "Look for other users of this account (--key compares one key alone), "
            "then for a key that somebody else has. See “Money” in the documentation."
        )
    return (
        "Look at what was written off or is unconfirmed, and whether earlier orders were made with another account "
        "(--account compares one key alone). See “Money” in the documentation."
    )


# -- For people ----------------------------------------------------------------------------------------------


def _report(found: Reconciliation) -> Iterator[str]:
    if conf.sandboxed():
        yield "These are the sandbox's books: nothing was really charged."
    yield f"{found.since} to {found.until}, days of {settings.TIME_ZONE}"
    yield ""
    yield _line("day", "ours", "provider's", "difference", "so far", "pictures")
    so_far = Decimal(0)
    by_key = len(_accounts(found)) > 1 or len(found.keys) > 1
    for day in found.days:
        so_far += day.charged - day.spent
        yield _day_line(day, so_far)
        if by_key:
            yield from _key_lines(day)
    yield _line("together", money(found.spent), money(found.charged), _signed(found.difference))
    yield ""
    yield from _explained(found)
    yield from _left(found)


def _line(first: str, *cells: str) -> str:
    return f"{first:<28}{''.join(f'{cell:>14}' for cell in cells)}".rstrip()


def _day_line(day: Day, so_far: Decimal) -> str:
    theirs = "?" if day.their_pictures is None else str(day.their_pictures)
    pictures = f"{day.our_pictures} / {theirs}" if day.theirs else str(day.our_pictures)
    amounts = money(day.spent), money(day.charged), _signed(day.charged - day.spent), _signed(so_far)
    return _line(day.day.isoformat(), *amounts, pictures)


def _key_lines(day: Day) -> Iterator[str]:
    for account, amount in sorted(day.ours.items()):
        yield _line(f"  our {_named(account)}", money(amount))
    for key, amount in sorted(day.theirs.items()):
        yield _line(f"  its {key or 'key, unnamed'}", "", money(amount))


def _accounts(found: Reconciliation) -> Sums:
    sums: Sums = {}
    for day in found.days:
        for account, amount in day.ours.items():
            sums[account] = sums.get(account, Decimal(0)) + amount
    return sums


def _named(account: str) -> str:
    if account == conf.account():
        return "this key"
    return f"key {account.removeprefix('provider:')}" if account else "key, not noted"


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else '-' if amount < 0 else ''}{money(abs(amount))}"


def _explained(found: Reconciliation) -> Iterator[str]:
    """What may make a difference, and what cannot be said."""
    way, usage = found.under_way, found.usage
    if way.reserved:
        lost = f", {money(way.lost)} of it for lost orders" if way.lost else ""
        yield f"Reserved now for orders that were sent: {money(way.reserved)}{lost}. It may be charged already."
    if way.before:
        yield f"Ordered before {found.since}, and counted by us from then on: {money(way.before)}."
    if way.after:
        yield f"Ordered up to {found.until}, and counted by us later: {money(way.after)}."
    for name, words in (("unconfirmed", "by our estimate, not its bill"), ("written_off", "written off")):
        if amount := sum((getattr(day, name) for day in found.days), Decimal(0)):
            yield f"Of ours {words}: {money(amount)}."
    if usage.unread:
        yield f"Rows of the provider's answer that cannot be read: {usage.unread}."
    told = sum((row.amount for row in usage.rows), Decimal(0))
    if usage.rows and usage.total not in (None, told):
        yield f"The provider adds its own rows up to {money(usage.total or Decimal(0))}, which is not their sum."
    if usage.total and not usage.rows:
        yield "The provider told a sum, and no days."


def _left(found: Reconciliation) -> Iterator[str]:
    if found.balance is None:
        yield "The provider does not tell the balance."
        return
    yield f"Balance: {money(found.balance)}"
    if found.balance <= 0:
        yield "Nothing is left of it."
        return
    if found.a_day is None or found.days_left is None:
        yield "Nothing was used, so there is no rate to say how long it lasts."
        return
    days = int(found.days_left)
    left = "less than a day" if days < 1 else f"{days} {'day' if days == 1 else 'days'}"
    yield f"At {money(found.a_day.quantize(Decimal('0.001')))} a day, by all keys of the account, it lasts {left}."


# -- For programs --------------------------------------------------------------------------------------------


def _as_json(found: Reconciliation, allowed: Decimal, verdict: str, code: int) -> dict[str, Any]:
    """Amounts are strings in US dollars; keys of ours are digests, blank where none was noted."""
    way, usage = found.under_way, found.usage
    return {
        "agree": not code, "verdict": verdict, "sandbox": conf.sandboxed(),
        "since": found.since.isoformat(), "until": found.until.isoformat(), "timezone": settings.TIME_ZONE,
        "this_key": conf.account().removeprefix("provider:"), "key": found.key,
        "ours": _plain(found.spent), "provider": _plain(found.charged), "difference": _plain(found.difference),
        "unexplained": _plain(found.unexplained), "tolerance": _plain(allowed),
        "reserved": _plain(way.reserved), "lost": _plain(way.lost),
        "ordered_before": _plain(way.before), "counted_after": _plain(way.after),
        "unconfirmed": _plain(sum((day.unconfirmed for day in found.days), Decimal(0))),
        "written_off": _plain(sum((day.written_off for day in found.days), Decimal(0))),
        "unread_rows": usage.unread,
        "balance": _plain(found.balance), "a_day": _plain(found.a_day), "days_left": _plain(found.days_left, "0.1"),
        "provider_keys": {key: _plain(amount) for key, amount in sorted(found.keys.items())},
        "days": [_json_day(day) for day in found.days],
    }  # fmt: skip


def _json_day(day: Day) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "ours": _plain(day.spent), "provider": _plain(day.charged),
        "difference": _plain(day.charged - day.spent),
        "our_pictures": day.our_pictures, "provider_pictures": day.their_pictures,
        "our_keys": {k.removeprefix("provider:"): _plain(amount) for k, amount in sorted(day.ours.items())},
        "provider_keys": {key: _plain(amount) for key, amount in sorted(day.theirs.items())},
    }  # fmt: skip


def _plain(amount: Decimal | None, step: str = "0.000001") -> str | None:
    return None if amount is None else f"{amount.quantize(Decimal(step)):f}"
