"""What a row says to people: what happened, what it cost, what to do next."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import held_back
from .amounts import ago, local, money
from .models import Generation, ImageState, State
from .standing import Standing
from .troubles import ADVICE, reason, why_stopped
from .troubles import told as in_words

__all__ = ["PATIENCE", "WORKER_SILENT", "Diagnosis", "ago", "diagnose", "local", "money", "why_not_again"]

#: A worker shows itself once a minute; longer than this and there is none.
WORKER_SILENT = datetime.timedelta(seconds=100)
#: A queued row is picked up within a second or so; before this nobody need be told anything.
PATIENCE = datetime.timedelta(seconds=8)
#: What takes longer than this to be made is told to.
USUAL = datetime.timedelta(minutes=2)


@dataclass(frozen=True)
class Diagnosis:
    """Three sentences, each may be blank; ``tone`` is ``busy``, ``good``, ``warn`` or ``bad``."""

    tone: str
    what: str
    cost: str = ""
    todo: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.what, self.cost, self.todo)))


@dataclass(frozen=True)
class Told:
    """Whoever is told, with amounts or without, as who may decide or may not; and what is known of the house."""

    costs: bool
    decides: bool
    immediate: bool
    standing: Standing


def diagnose(
    generation: Generation,
    *,
    costs: bool = False,
    decides: bool = False,
    immediate: bool = False,
    standing: Standing | None = None,
) -> Diagnosis:
    """Say how it stands with a generation. ``costs``: with amounts, for those who may see them.

    ``decides``: for somebody who may decide about what is lost. ``immediate``: huey runs tasks inside the
    request, so that no worker is missed. ``standing``: what was read for several at once, this one among them.
    """
    told = Told(costs, decides, immediate, standing or Standing([generation]))
    diagnosis: Diagnosis = _SAYS[State(generation.state)](generation, told)
    return diagnosis


def why_not_again(generation: Generation) -> str:
    """Why the same is not ordered once more, in a sentence; blank where it may be."""
    if generation.redacted_at is not None:
        return _("The prompt was redacted, so this cannot be ordered again.")
    if generation.is_imported:
        return _("It was made elsewhere: there is no order to repeat.")
    if generation.state == State.FAILED and generation.error_kind == "safety":
        return _(
            "The provider's safety check refused these words, and that is final. Change the prompt and order again."
        )
    return ""


# -- Under way -----------------------------------------------------------------------------------------------


def _queued(generation: Generation, told: Told) -> Diagnosis:
    nothing = _in_doubt(generation) or _("Nothing has been charged.")
    if stopped := _stopped(told.standing, nothing):
        return stopped
    if generation.error_kind:
        at = date_format(local(generation.look_at), "TIME_FORMAT")
        what = _("%(reason)s Next try: %(time)s") % {"reason": reason(generation), "time": at}
        return Diagnosis("warn", f"{what.rstrip('.')}.", nothing, _("You need not do anything."))
    if not told.immediate and _no_worker(generation, told.standing):
        todo = _("Your order is kept. Ask an administrator to start the worker: “manage.py run_huey”.")
        return Diagnosis("warn", _("No worker is running, so nothing is made yet."), nothing, todo)
    ahead = told.standing.ahead_of(generation)
    if ahead:
        what = ngettext(
            "Waiting; %(count)s order is before yours.", "Waiting; %(count)s orders are before yours.", ahead
        )
        return Diagnosis("busy", what % {"count": ahead})
    return Diagnosis("busy", _("Waiting for its turn."))


def _stopped(standing: Standing, nothing: str) -> Diagnosis | None:
    """What stands in the way of all orders, or None."""
    if not standing.switch.on:
        why = standing.switch.reason or _("no reason is given.")
        what = _("Generating is switched off: %(reason)s") % {"reason": why}
        return Diagnosis("warn", what, nothing, _("It goes on by itself when it is switched on again."))
    if standing.stop:
        todo = _("Your order is kept and goes on by itself as soon as that is over.")
        return Diagnosis("warn", why_stopped(standing.stop), nothing, todo)
    return None


def _no_worker(generation: Generation, standing: Standing) -> bool:
    if timezone.now() - generation.created_at < PATIENCE:
        return False
    seen = standing.worker_seen_at
    return seen is None or timezone.now() - seen > WORKER_SILENT


def _asking(generation: Generation, told: Told) -> Diagnosis:
    return Diagnosis(
        "warn",
        _(
            "The provider's answer was lost. It is being asked whether the order arrived, "
            "before anything is sent again."
        ),
        _("It may have been charged once; it is never charged twice."),
        _("You need not do anything."),
    )


def _submitting(generation: Generation, told: Told) -> Diagnosis:
    return Diagnosis("busy", _("Being sent to the provider."))


def _running(generation: Generation, told: Told) -> Diagnosis:
    if generation.hidden:
        return _hidden(generation)
    done, expected = generation.stored, generation.expected
    if done and generation.frames > 1:
        words = {"stored": done, "expected": expected}
        return Diagnosis("busy", _("%(stored)s are ready; up to %(expected)s may come.") % words)
    if done:
        return Diagnosis(
            "busy", _("%(stored)s of %(expected)s are ready.") % {"stored": done, "expected": expected}
        )
    what = ngettext("The picture is being made.", "The pictures are being made.", expected)
    if generation.accepted_at is None or timezone.now() - generation.accepted_at < USUAL:
        return Diagnosis("busy", what, "", _("You may leave this page; what comes is kept."))
    until = date_format(local(generation.deadline), "TIME_FORMAT") if generation.deadline else ""
    todo = _("It takes longer than usual. You may leave this page; it is waited for until %(time)s") % {
        "time": until
    }
    return Diagnosis("warn", what, "", f"{todo.rstrip('.')}.")


def _storing(generation: Generation, told: Told) -> Diagnosis:
    if generation.hidden:
        return _hidden(generation)
    trouble = next((i for i in generation.images.all() if i.state == ImageState.RECEIVED and i.error), None)
    if trouble is None:
        return Diagnosis("busy", _("Finished; being saved."))
    return Diagnosis(
        "warn",
        _("The picture is made, but it could not be saved yet: %(error)s")
        % {"error": in_words(trouble.error)},
        _("It is paid for, and it is not lost."),
        _("It is tried again by itself. If this stays for more than a few minutes, tell an administrator."),
    )


def _hidden(generation: Generation) -> Diagnosis:
    what = _("Cancelled, but it had been sent already: it is made, and kept out of sight.")
    return Diagnosis("warn", what, _("It is paid for."))


# -- At the end ----------------------------------------------------------------------------------------------


def _done(generation: Generation, told: Told) -> Diagnosis:
    if generation.hidden:
        return _hidden(generation)
    paid, held = _paid(generation, told.costs), held_back.in_words(generation, told.standing)
    if not generation.is_short:
        tone = "warn" if held else "good"
        cost = " ".join(filter(None, (paid, _fewer(generation))))
        ready = generation.stored - len(held_back.images_of(generation))
        if held and not ready:  # nobody should look for it elsewhere
            return Diagnosis(tone, held, cost)
        what = ngettext("%(count)s picture is ready.", "%(count)s pictures are ready.", ready)
        return Diagnosis(tone, what % {"count": ready}, cost, held)
    what = _("%(stored)s of %(expected)s pictures came.") % {
        "stored": generation.stored,
        "expected": generation.expected,
    }
    if generation.error_kind:
        what = f"{what} {reason(generation)}"
    more = "" if generation.redacted_at else _("Order again if you want more.")
    todo = " ".join(filter(None, (held, more)))
    return Diagnosis("warn", what, paid, todo)


def _fewer(generation: Generation) -> str:
    """That a sequence has fewer pictures than it may have is no failure, and costs nothing."""
    if generation.stored >= generation.expected:
        return ""
    return _("Fewer came than you allowed; nothing is charged for the others.")


def _paid(generation: Generation, costs: bool) -> str:
    if not costs:
        return ""
    if generation.cost is None:
        return _("Cost: about %(amount)s, not yet confirmed by the provider.") % {
            "amount": money(generation.estimate)
        }
    return _("Cost: %(amount)s.") % {"amount": money(generation.cost)}


def _failed(generation: Generation, told: Told) -> Diagnosis:
    if generation.stored:
        return _late(generation, told)
    if any(image.state == ImageState.RECEIVED for image in generation.images.all()):
        return _fetched_again(generation)
    # What is advised takes the prompt to be there.
    todo = "" if generation.redacted_at else str(ADVICE.get(generation.error_kind, ADVICE["server"]))
    return Diagnosis("bad", reason(generation), _cost_of_failure(generation), todo)


def _cost_of_failure(generation: Generation) -> str:
    if generation.received:
        return _("It is paid for; its number at the provider is kept.")
    if generation.accepted_at:
        return _("The provider reported no charge.")
    return _in_doubt(generation) or _("Nothing was charged.")


def _in_doubt(generation: Generation) -> str:
    if generation.doubtful_since is None:
        return ""
    return _("An earlier attempt may have been charged, once; if its picture comes, it is kept here.")


def _cancelled(generation: Generation, told: Told) -> Diagnosis:
    if generation.received:
        return _hidden(generation)
    if doubt := _in_doubt(generation):
        return Diagnosis("warn", _("Cancelled."), doubt)
    return Diagnosis("warn", _("Cancelled before it was sent."), _("Nothing was charged."))


def _fetched_again(generation: Generation) -> Diagnosis:
    what = _("The picture could not be saved in its time. It is being fetched once more.")
    return Diagnosis("warn", what, _("It is paid for; fetching it costs nothing."))


def _lost(generation: Generation, told: Told) -> Diagnosis:
    if generation.stored:
        return _late(generation, told)
    if generation.received:
        return _fetched_again(generation)
    if generation.failed >= generation.expected:
        said = {"reason": reason(generation)}
        what = _("It was lost; the provider says now: %(reason)s") % said
        return Diagnosis("bad", what, _("The provider reported no charge."), _("You can order it again."))
    what = _("The provider did not say what became of this order.")
    if generation.error_kind == "crash":
        what = _("The worker stopped several times over this order, so it was given up.")
    what = " ".join(filter(None, (what, _asked(generation))))
    if words := _written_off(generation, told):
        return Diagnosis("bad", what, words, _("If its picture comes after all, it is kept here."))
    return Diagnosis("bad", what, _at_stake(generation, told), _what_to_do(generation, told))


def _asked(generation: Generation) -> str:
    """What came of an owner's question, or blank if nobody asked."""
    if generation.asked_at is None:
        return ""
    time = date_format(local(generation.asked_at), "TIME_FORMAT")
    answer = ANSWERS.get(generation.error_kind, ANSWERS[""])
    return str(answer) % {"time": time}


#: By kind of error of a lost row.
ANSWERS: dict[str, Any] = {
    "": gettext_lazy("Asked at %(time)s; there is no answer yet."),
    "unknown": gettext_lazy("Asked at %(time)s: the provider does not know it."),
    "working": gettext_lazy("Asked at %(time)s: it is still in work there."),
}


def _written_off(generation: Generation, told: Told) -> str:
    """Who gave it up, and at what price; blank where nobody did."""
    entry = told.standing.written_off(generation)
    if entry is None:
        return ""
    who = (entry.by.get_full_name() or entry.by.get_username()) if entry.by else _("the site")
    words = {"who": who, "amount": money(entry.spent)}
    if told.costs:
        return _("Written off at %(amount)s by %(who)s.") % words
    return _("Written off by %(who)s: it counts as paid.") % words


def _at_stake(generation: Generation, told: Told) -> str:
    """What may have been charged, and that it stays reserved."""
    if not told.costs:
        return _("It may have been charged, once.")
    reserved = told.standing.reserved_for(generation)
    if not reserved:
        amount = money(generation.estimate)
        return _("It may have been charged: at most %(amount)s.") % {"amount": amount}
    words = {"amount": money(reserved)}
    if told.decides:
        return _("It may have been charged, once: %(amount)s stays reserved until you decide.") % words
    return _("It may have been charged, once: %(amount)s stays reserved until an owner decides.") % words


def _what_to_do(generation: Generation, told: Told) -> str:
    watched = generation.watch_until is not None and generation.watch_until > timezone.now()
    looked_for = _("It is still looked for; if the picture comes, it is kept here.") if watched else ""
    if told.decides:
        todo = _("Decide below what is to be done.")
    else:
        todo = _("Ask %(people)s before you order it again.") % {"people": told.standing.people_to_decide}
    return " ".join(filter(None, (looked_for, todo)))


def _imported(generation: Generation, told: Told) -> Diagnosis:
    nothing = _("Nothing was charged.")
    if generation.stored:
        return Diagnosis("good", _("It was made elsewhere, and is in the library."), nothing)
    if generation.failed:
        return Diagnosis("bad", _("It was made elsewhere, and could not be saved."), nothing)
    return Diagnosis("busy", _("It was made elsewhere, and is being saved."), nothing)


def _late(generation: Generation, told: Told) -> Diagnosis:
    count = generation.stored
    what = ngettext(
        "%(count)s picture came late, after the end.", "%(count)s pictures came late, after the end.", count
    )
    paid = _paid(generation, told.costs)
    if generation.state == State.LOST and generation.received + generation.failed < generation.expected:
        stake = "" if _written_off(generation, told) else _at_stake(generation, told)
        paid = " ".join(filter(None, (paid, _("Of the others nobody knows."), stake)))
    return Diagnosis("warn", what % {"count": count}, paid, _("It was paid for, so it is kept here."))


_SAYS: dict[State, Any] = {
    State.QUEUED: _queued,
    State.SUBMITTING: _submitting,
    State.ASKING: _asking,
    State.RUNNING: _running,
    State.STORING: _storing,
    State.DONE: _done,
    State.FAILED: _failed,
    State.CANCELLED: _cancelled,
    State.LOST: _lost,
    State.IMPORTED: _imported,
}
