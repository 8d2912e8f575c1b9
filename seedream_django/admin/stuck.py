"""What is stuck, as an owner is told of it: what it is, what it costs, what to do, and where."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import conf, orders, queue
from ..diagnosis import PATIENCE, WORKER_SILENT, diagnose, local, money
from ..models import GeneratedImage, Generation, ImageState, Switch
from ..troubles import OWNER_ADVICE, told
from . import figures


@dataclass(frozen=True)
class Case:
    """One order or picture: whose, since when, its amount, what to say of it, and its page where one may see it."""

    who: str
    when: Any
    amount: str = ""
    what: str = ""
    todo: str = ""
    name: str = ""
    url: str = ""


@dataclass(frozen=True)
class Problem:
    """What it is, what it costs, what to do, and the page on which to do it."""

    what: str
    todo: str
    cost: str = ""
    url: str = ""
    link: str = ""
    cases: list[Case] = field(default_factory=list)


def problems(request: HttpRequest, site: str, held: dict[str, Any], budgets: list[Any]) -> list[Problem]:
    """What keeps orders from going on, but for what the banner tells of, and money from being clear."""
    switch, seen = figures.house()
    found = [
        _switched_off(request, site, switch, held["waiting"]),
        _no_worker(held, seen) if switch.on else None,
        _no_webhooks(),
        _lost(request, site, held),
        _unsaved(request, site),
        *(_full(request, site, budget) for budget in budgets[: figures.FEW]),
    ]
    return [problem for problem in found if problem]


def waiting(count: int) -> str:
    if not count:
        return _("No order waits.")
    return ngettext("%(count)s order waits.", "%(count)s orders wait.", count) % {"count": count}


def _switched_off(request: HttpRequest, site: str, switch: Switch, count: int) -> Problem | None:
    if switch.on:
        return None
    reason = switch.reason.strip() or _("no reason is given.")
    # It was typed by hand, and a sentence follows it.
    reason += "" if reason[-1] in ".!?…。" else "."
    what = " ".join((_("Generating is switched off: %(reason)s") % {"reason": reason}, waiting(count)))
    may = request.user.has_perm("seedream_django.change_switch")
    return Problem(
        what,
        _("What waits goes on by itself when it is switched on again."),
        _("What waits is not charged."),
        reverse(f"{site}:seedream_django_switch_changelist") if may else "",
        _("The off switch"),
    )


def _no_worker(held: dict[str, Any], seen: Any) -> Problem | None:
    if not held["waiting"] or queue.is_immediate() or now() - held["oldest"] < PATIENCE:
        return None
    if seen is not None and now() - seen < WORKER_SILENT:
        return None
    what = " ".join((_("No worker is running, so nothing is made."), waiting(held["waiting"])))
    todo = _("Ask an administrator to start the worker: “manage.py run_huey”.")
    return Problem(what, todo, _("What waits is not charged."))


def last_webhook() -> str:
    """When the provider last told of a result, for sites that have it do so; else nothing."""
    if conf.WEBHOOK_URL is not True:
        return ""
    last, _silent = figures.webhooks()
    if last is None:
        return _("No webhook of the provider has come yet.")
    when = date_format(local(last), "SHORT_DATETIME_FORMAT")
    return _("The provider's last webhook came at this moment: %(when)s.") % {"when": when}


def _no_webhooks() -> Problem | None:
    # The sandbox inside this process sends none.
    if conf.WEBHOOK_URL is not True or conf.sandboxed():
        return None
    last, silent = figures.webhooks()
    if not silent:
        return None
    what = _("The provider's webhooks do not arrive any more.")
    if last is None:
        what = _("No webhook of the provider has ever arrived, although orders were sent with its address.")
    todo = _(
        "Pictures come all the same, because the provider is asked. Ask an administrator whether it reaches this "
        "site: PUBLIC_URL must be the address that it sees, and no proxy or firewall may refuse a POST there."
    )
    return Problem(what, todo)


def _lost(request: HttpRequest, site: str, held: dict[str, Any]) -> Problem | None:
    rows: Any = figures.losses()
    if not held["losses"]:
        return None
    what = ngettext(
        "%(count)s order is lost: the provider never said whether it was charged.",
        "%(count)s orders are lost: the provider never said whether they were charged.",
        held["losses"],
    )
    cost = _("%(amount)s stays reserved until you decide.") % {"amount": money(held["lost"])}
    todo = _("Open each of them: have the provider asked again, send it again, or write it off.")
    cases = [_case(request, site, row, when=row.finished_at, amount=money(row.held)) for row in rows]
    page = f"{reverse(f'{site}:seedream_django_generation_changelist')}?decision=open"
    url = page if opens_orders(request) else ""
    return Problem(what % {"count": held["losses"]}, todo, cost, url, _("All of them"), cases)


def _unsaved(request: HttpRequest, site: str) -> Problem | None:
    images: Any = figures.unsaved()
    if not images:
        return None
    what = ngettext(
        "%(count)s picture is paid for and not saved.",
        "%(count)s pictures are paid for and not saved.",
        images[0].groups,
    )
    todo = _(
        "Those that are being saved still are tried again by themselves. For the others: open the pictures, "
        "tick them, and choose “Fetch again what could not be saved”. Fetching costs nothing."
    )
    cases = [_unsaved_case(request, site, image) for image in images]
    may = request.user.has_perm("seedream_django.change_generatedimage")
    url = reverse(f"{site}:seedream_django_generatedimage_changelist") if may else ""
    return Problem(what % {"count": images[0].groups}, todo, "", url, _("The pictures"), cases)


def _full(request: HttpRequest, site: str, budget: Any) -> Problem | None:
    """A budget without room for one more picture; where the limit is zero, that is what was wanted."""
    if not budget.limit or budget.left >= orders.estimate(1):
        return None
    end = budget.end()
    if end:
        day = date_format(end + datetime.timedelta(days=1), "DATE_FORMAT")
        what = _("The budget “%(budget)s” is full: nothing can be ordered on it until %(date)s.")
    else:
        day, what = "", _("The budget “%(budget)s” is full: nothing can be ordered on it any more.")
    may = request.user.has_perm("seedream_django.change_budget")
    return Problem(
        what % {"budget": budget, "date": day},
        _("Whoever may change budgets can raise its limit."),
        url=reverse(f"{site}:seedream_django_budget_change", args=[budget.pk]) if may else "",
        link=_("Raise it"),
    )


def _unsaved_case(request: HttpRequest, site: str, image: GeneratedImage) -> Case:
    state = _("being saved still") if image.state == ImageState.RECEIVED else _("given up")
    what = _("%(state)s: %(error)s") % {"state": state, "error": told(image.error)} if image.error else state
    amount = money(figures.cost_of(image))
    return _case(request, site, image.generation, when=image.created_at, amount=amount, what=what)


def failures(request: HttpRequest, site: str) -> list[Case]:
    """The latest orders that failed: what happened, what it cost, what to do."""
    cases = []
    for row in figures.failures():
        said = diagnose(row, costs=True)
        what = " ".join(filter(None, (said.what, said.cost)))
        cases.append(_case(request, site, row, when=row.finished_at, what=what, todo=_todo(row, said.todo)))
    return cases


def _todo(row: Generation, editors: str) -> str:
    """What an editor is told, but where that is to ask the one who reads this."""
    if not editors or row.error_kind not in ("auth", "quota"):
        return editors
    return _("%(advice)s Then open the order and try again.") % {"advice": OWNER_ADVICE[row.error_kind]}


def _case(request: HttpRequest, site: str, row: Generation, **values: Any) -> Case:
    """Its prompt and its page only for those who may see what others order."""
    mine = row.user_id is not None and row.user_id == request.user.pk
    sees = mine or request.user.has_perm("seedream_django.see_others_prompts")
    page = f"{site}:seedream_django_generation_change"
    url = reverse(page, args=[row.pk]) if sees and opens_orders(request) else ""
    who = str(row.user or _("the site"))
    return Case(who=who, name=str(row) if sees else "", url=url, **values)


def opens_orders(request: HttpRequest) -> bool:
    """Whether this person may open the pages of those orders that they may see."""
    return any(request.user.has_perm(f"seedream_django.{right}") for right in ("generate", "view_generation"))
