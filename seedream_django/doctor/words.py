"""The sentences of a finding, in the reader's language: what is so, and what to do about it.

They are made of its code and its facts alone: a page that shows them asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from ..diagnosis import money
from ..models import Circuit, Finding, Period
from ..troubles import owner_advice, why_stopped
from .sentences import ANYWHERE, LOOK, SAME_QUEUE, SENTENCES

#: What each part is called.
NAMES: dict[str, Any] = {
    "settings": gettext_lazy("Settings"),
    "database": gettext_lazy("Database"),
    "queue": gettext_lazy("Queue"),
    "worker": gettext_lazy("Worker"),
    "key": pgettext_lazy("of the provider", "Key"),
    "provider": gettext_lazy("Provider"),
    "balance": pgettext_lazy("of the account", "Balance"),
    "storage": gettext_lazy("Storage"),
    "private": gettext_lazy("Private storage"),
    "spool": gettext_lazy("Spool"),
    "webhook": gettext_lazy("Webhook"),
    "upload": gettext_lazy("Direct upload"),
    "switch": gettext_lazy("Off switch"),
    "sending": gettext_lazy("Sending"),
    "orders": gettext_lazy("Orders"),
    "pictures": gettext_lazy("Pictures"),
    "lost": gettext_lazy("Lost orders"),
    "budgets": gettext_lazy("Budgets"),
}

#: How it is, in words beside the sign, so that no colour and no sign is needed to know it.
SIGNS: dict[str, str] = {Finding.Level.WELL: "✓", Finding.Level.DOUBTFUL: "?", Finding.Level.ILL: "✗"}
LEVELS: dict[str, Any] = {
    Finding.Level.WELL: pgettext_lazy("finding", "well"),
    Finding.Level.DOUBTFUL: pgettext_lazy("finding", "doubtful"),
    Finding.Level.ILL: pgettext_lazy("finding", "ill"),
}


def name_of(finding: Finding) -> str:
    return str(NAMES.get(finding.name, finding.name))


def level_of(finding: Finding) -> str:
    return str(LEVELS.get(finding.level, finding.level))


def sign_of(finding: Finding) -> str:
    return SIGNS.get(finding.level, "")


def sentences(finding: Finding) -> tuple[str, str]:
    """What is so, and what to do; that is blank where all is well."""
    if counted := _COUNTED.get((finding.name, finding.code)):
        return counted(finding.facts)
    found = SENTENCES.get((finding.name, finding.code)) or ANYWHERE.get(finding.code)
    text, advice = found or (finding.code, "")
    facts = _shown(finding.facts)
    return _filled(text, facts), _filled(advice, facts)


def _filled(text: Any, facts: dict[str, Any]) -> str:
    return str(text) % facts if "%(" in str(text) else str(text)


def _shown(facts: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = dict(facts)
    for name in ("balance", "waiting"):
        if isinstance(facts.get(name), str):
            shown[name] = money(Decimal(facts[name]).quantize(Decimal("0.0001")))
    if "free" in facts:
        shown["free"] = filesizeformat(facts["free"])
    if "ids" in facts:
        shown["ids"] = ", ".join(facts["ids"])
    if "seconds" in facts:
        shown["time"] = _time(facts["seconds"])
        shown["seconds"] = number_format(f"{facts['seconds']:g}")
    return shown


def _time(seconds: float) -> str:
    """In the largest unit alone."""
    minutes = int(seconds) // 60
    if minutes < 1:
        return ngettext("%(count)s second", "%(count)s seconds", int(seconds)) % {"count": int(seconds)}
    if minutes < 120:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return ngettext("%(count)s day", "%(count)s days", hours // 24) % {"count": hours // 24}


# -- Sentences with a number or a list -----------------------------------------------------------------------


def _spool_ready(facts: dict[str, Any]) -> tuple[str, str]:
    return _("It can be written to, and has %(free)s free; nothing waits.") % _shown(facts), ""


def _spool_waiting(facts: dict[str, Any]) -> tuple[str, str]:
    count = facts["waiting"]
    text = ngettext(
        "%(count)s picture waits here for the storage; %(free)s free.",
        "%(count)s pictures wait here for the storage; %(free)s free.",
        count,
    )
    todo = _("They go on by themselves when the storage takes files again. Keep this folder until then.")
    return text % {"count": count, "free": filesizeformat(facts["free"])}, todo


def _stopped(facts: dict[str, Any]) -> tuple[str, str]:
    stops = [Circuit(error_kind=kind) for kind in facts["kinds"]]
    why = " ".join(why_stopped(one) for one in stops)
    text = _("%(why)s New orders are kept and wait.") % {"why": why}
    return text, " ".join(dict.fromkeys(owner_advice(one) for one in stops))


def _moving(facts: dict[str, Any]) -> tuple[str, str]:
    if not facts["count"]:
        return _("None waits."), ""
    text = ngettext("%(count)s is under way.", "%(count)s are under way.", facts["count"])
    return text % facts, ""


def _long(facts: dict[str, Any]) -> tuple[str, str]:
    text = ngettext(
        "%(count)s is not over; the oldest for %(time)s.",
        "%(count)s are not over; the oldest for %(time)s.",
        facts["count"],
    )
    todo = _("Look at the list of orders: the page of each says how it stands.")
    return text % {**facts, "time": _time(facts["minutes"] * 60)}, todo


def _stuck(facts: dict[str, Any]) -> tuple[str, str]:
    text = ngettext(
        "%(count)s should have ended and has not: nobody looks at it.",
        "%(count)s should have ended and have not: nobody looks at them.",
        facts["count"],
    )
    return text % facts, str(SAME_QUEUE)


def _given_up(facts: dict[str, Any]) -> tuple[str, str]:
    text = ngettext(
        "%(count)s picture is paid for and could not be saved.",
        "%(count)s pictures are paid for and could not be saved.",
        facts["count"],
    )
    todo = _("Choose “Fetch again what could not be saved” in the list of pictures. Fetching costs nothing.")
    return text % facts, todo


def _trying(facts: dict[str, Any]) -> tuple[str, str]:
    text = ngettext(
        "%(count)s picture is paid for and not saved yet; it is tried again by itself.",
        "%(count)s pictures are paid for and not saved yet; they are tried again by themselves.",
        facts["count"],
    )
    return text % facts, str(LOOK)


def _undecided(facts: dict[str, Any]) -> tuple[str, str]:
    text = ngettext(
        "%(count)s order is lost, and nobody has decided.",
        "%(count)s orders are lost, and nobody has decided.",
        facts["count"],
    )
    todo = _("Open each of them: have the provider asked again, send it again, or write it off.")
    return text % facts, todo


def _room(facts: dict[str, Any]) -> tuple[str, str]:
    text = ngettext("%(count)s budget has room.", "All %(count)s budgets have room.", facts["count"])
    return text % facts, ""


def _tight(facts: dict[str, Any]) -> tuple[str, str]:
    parts = []
    if facts["full"]:
        parts.append(_("No picture more can be ordered on: %(names)s.") % {"names": _list(facts["full"])})
    if facts["nearly"]:
        parts.append(_("Nearly used up: %(names)s.") % {"names": _list(facts["nearly"])})
    return " ".join(parts), _("Whoever may change budgets can raise its limit.")


def _list(budgets: list[list[str]]) -> str:
    """Whose each is, and for how long, as a budget calls itself."""
    periods = dict(Period.choices)
    named = [
        _("%(whose)s, %(period)s")
        % {"whose": whose or _("the whole installation"), "period": periods.get(period, period)}
        for whose, period in budgets
    ]
    return pgettext("between names", "; ").join(named)


_COUNTED: dict[tuple[str, str], Callable[[dict[str, Any]], tuple[str, str]]] = {
    ("spool", "ready"): _spool_ready,
    ("spool", "waiting"): _spool_waiting,
    ("sending", "stopped"): _stopped,
    ("orders", "moving"): _moving,
    ("orders", "long"): _long,
    ("orders", "stuck"): _stuck,
    ("pictures", "given_up"): _given_up,
    ("pictures", "trying"): _trying,
    ("lost", "undecided"): _undecided,
    ("budgets", "room"): _room,
    ("budgets", "full"): _tight,
    ("budgets", "nearly"): _tight,
}
