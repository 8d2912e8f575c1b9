"""What a row says to people: what happened, what it cost, what to do next."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext_lazy

from .models import Beat, Circuit, Generation, ImageState, State, Switch
from .troubles import told

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


def diagnose(generation: Generation, *, costs: bool = False, immediate: bool = False) -> Diagnosis:
    """Say how it stands with a generation. ``costs``: with amounts, for those who may see them.

    ``immediate``: huey runs tasks inside the request, so that no worker is missed.
    """
    state = State(generation.state)
    if state == State.QUEUED:
        return _queued(generation, immediate)
    if state == State.DONE:
        return _done(generation, costs)
    if state == State.FAILED:
        return _failed(generation, costs)
    diagnosis: Diagnosis = _OTHERS[state](generation, costs)
    return diagnosis


def why_not_again(generation: Generation) -> str:
    """Why the same is not ordered once more, in a sentence; blank where it may be."""
    if generation.redacted_at is not None:
        return _("The prompt was redacted, so this cannot be ordered again.")
    if generation.state == State.FAILED and generation.error_kind == "safety":
        return _(
            "The provider's safety check refused these words, and that is final. Change the prompt and order again."
        )
    return ""


def local(moment: datetime.datetime) -> datetime.datetime:
    """The moment on the clock of whoever looks; as it is in a project without time zones."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def money(amount: Decimal) -> str:
    """``$0.07``, ``$0.035`` as this language writes US dollars: at least two decimals, none that say nothing."""
    decimals = max(2, -int(Decimal(amount).normalize().as_tuple().exponent))
    return _("$%(amount)s") % {"amount": number_format(amount, decimals)}


def ago(moment: datetime.datetime) -> str:
    """``5 minutes ago``, in the largest unit alone."""
    if timezone.now() - moment < datetime.timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment, time_strings=AGO, depth=1)}


#: The units of “… ago”: in German, say, they have an ending there that Django's own do not have.
AGO: dict[str, Any] = {
    "year": npgettext_lazy("… ago", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("… ago", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("… ago", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("… ago", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("… ago", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("… ago", "%(num)d minute", "%(num)d minutes", "num"),
}


# -- Under way -----------------------------------------------------------------------------------------------


def _queued(generation: Generation, immediate: bool) -> Diagnosis:
    nothing = _in_doubt(generation) or _("Nothing has been charged.")
    switch = Switch.current()
    if not switch.on:
        what = _("Generating is switched off: %(reason)s") % {
            "reason": switch.reason or _("no reason is given.")
        }
        return Diagnosis("warn", what, nothing, _("It goes on by itself when it is switched on again."))
    if stop := Circuit.objects.open().first():
        todo = _("Your order is kept and goes on by itself as soon as that is over.")
        return Diagnosis("warn", why_stopped(stop), nothing, todo)
    if generation.error_kind:
        at = date_format(local(generation.look_at), "TIME_FORMAT")
        what = _("%(reason)s Next try: %(time)s") % {"reason": _reason(generation), "time": at}
        return Diagnosis("warn", f"{what.rstrip('.')}.", nothing, _("You need not do anything."))
    if not immediate and _no_worker(generation):
        todo = _("Your order is kept. Ask an administrator to start the worker: “manage.py run_huey”.")
        return Diagnosis("warn", _("No worker is running, so nothing is made yet."), nothing, todo)
    ahead = Generation.objects.to_submit().filter(created_at__lt=generation.created_at).count()
    if ahead:
        what = ngettext(
            "Waiting; %(count)s order is before yours.", "Waiting; %(count)s orders are before yours.", ahead
        )
        return Diagnosis("busy", what % {"count": ahead})
    return Diagnosis("busy", _("Waiting for its turn."))


def _no_worker(generation: Generation) -> bool:
    if timezone.now() - generation.created_at < PATIENCE:
        return False
    seen = Beat.last("worker")
    return seen is None or timezone.now() - seen > WORKER_SILENT


def _asking(generation: Generation, costs: bool) -> Diagnosis:
    return Diagnosis(
        "warn",
        _(
            "The provider's answer was lost. It is being asked whether the order arrived, "
            "before anything is sent again."
        ),
        _("It may have been charged once; it is never charged twice."),
        _("You need not do anything."),
    )


def _submitting(generation: Generation, costs: bool) -> Diagnosis:
    return Diagnosis("busy", _("Being sent to the provider."))


def _running(generation: Generation, costs: bool) -> Diagnosis:
    if generation.hidden:
        return _hidden(generation)
    done, expected = generation.stored, generation.expected
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


def _storing(generation: Generation, costs: bool) -> Diagnosis:
    if generation.hidden:
        return _hidden(generation)
    trouble = next((i for i in generation.images.all() if i.state == ImageState.RECEIVED and i.error), None)
    if trouble is None:
        return Diagnosis("busy", _("Finished; being saved."))
    return Diagnosis(
        "warn",
        _("The picture is made, but it could not be saved yet: %(error)s") % {"error": told(trouble.error)},
        _("It is paid for, and it is not lost."),
        _("It is tried again by itself. If this stays for more than a few minutes, tell an administrator."),
    )


def _hidden(generation: Generation) -> Diagnosis:
    what = _("Cancelled, but it had been sent already: it is made, and kept out of sight.")
    return Diagnosis("warn", what, _("It is paid for."))


# -- At the end ----------------------------------------------------------------------------------------------


def _done(generation: Generation, costs: bool) -> Diagnosis:
    if generation.hidden:
        return _hidden(generation)
    paid, flagged = _paid(generation, costs), _flagged(generation)
    if generation.stored >= generation.expected:
        what = ngettext("%(count)s picture is ready.", "%(count)s pictures are ready.", generation.stored)
        tone = "warn" if flagged else "good"
        return Diagnosis(tone, what % {"count": generation.stored}, paid, flagged)
    what = _("%(stored)s of %(expected)s pictures came.") % {
        "stored": generation.stored,
        "expected": generation.expected,
    }
    if generation.error_kind:
        what = f"{what} {_reason(generation)}"
    more = "" if generation.redacted_at else _("Order again if you want more.")
    todo = " ".join(filter(None, (flagged, more)))
    return Diagnosis("warn", what, paid, todo)


def _flagged(generation: Generation) -> str:
    """What became of the pictures that the provider's safety check flagged, or blank."""
    count = sum(bool(image.flagged) for image in generation.shown_images())
    if not count:
        return ""
    what = ngettext(
        "%(count)s picture was flagged by the provider's safety check: it is blurred here and cannot be chosen.",
        "%(count)s pictures were flagged by the provider's safety check: they are blurred here and cannot be chosen.",
        count,
    )
    return what % {"count": count}


def _paid(generation: Generation, costs: bool) -> str:
    if not costs:
        return ""
    if generation.cost is None:
        return _("Cost: about %(amount)s, not yet confirmed by the provider.") % {
            "amount": money(generation.estimate)
        }
    return _("Cost: %(amount)s.") % {"amount": money(generation.cost)}


def _failed(generation: Generation, costs: bool) -> Diagnosis:
    if generation.stored:
        return _late(generation, costs)
    # What is advised takes the prompt to be there.
    todo = "" if generation.redacted_at else str(ADVICE.get(generation.error_kind, ADVICE["server"]))
    return Diagnosis("bad", _reason(generation), _cost_of_failure(generation), todo)


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


def _cancelled(generation: Generation, costs: bool) -> Diagnosis:
    if generation.received:
        return _hidden(generation)
    if doubt := _in_doubt(generation):
        return Diagnosis("warn", _("Cancelled."), doubt)
    return Diagnosis("warn", _("Cancelled before it was sent."), _("Nothing was charged."))


def _lost(generation: Generation, costs: bool) -> Diagnosis:
    if generation.stored:
        return _late(generation, costs)
    cost = _("It may have been charged, once.")
    if costs:
        cost = _("It may have been charged: at most %(amount)s.") % {"amount": money(generation.estimate)}
    if generation.error_kind == "crash":
        what = _("The worker stopped several times over this order, so it was given up.")
    else:
        what = _("The provider did not say what became of this order.")
    todo = _(
        "It is still looked for; if the picture comes, it is kept here. Ask an owner before you order it again."
    )
    return Diagnosis("bad", what, cost, todo)


def _late(generation: Generation, costs: bool) -> Diagnosis:
    count = generation.stored
    what = ngettext(
        "%(count)s picture came late, after the end.", "%(count)s pictures came late, after the end.", count
    )
    return Diagnosis(
        "warn", what % {"count": count}, _paid(generation, costs), _("It was paid for, so it is kept here.")
    )


_OTHERS: dict[State, Any] = {
    State.SUBMITTING: _submitting,
    State.ASKING: _asking,
    State.RUNNING: _running,
    State.STORING: _storing,
    State.CANCELLED: _cancelled,
    State.LOST: _lost,
}


# -- Reasons and advice, by kind of error --------------------------------------------------------------------

REASONS: dict[str, Any] = {
    "auth": gettext_lazy("The provider did not accept the site's key."),
    "quota": gettext_lazy("The site's account at the provider has no balance left."),
    "safety": gettext_lazy("The provider's safety check refused this picture."),
    "validation": gettext_lazy("The provider refused the order."),
    "rate_limit": gettext_lazy("The provider is busy."),
    "network": gettext_lazy("The provider cannot be reached."),
    "provider": gettext_lazy("The provider failed to make the picture."),
    "server": gettext_lazy("The provider has trouble."),
    "storing": gettext_lazy("The picture was made, but it could not be saved."),
    "deadline": gettext_lazy("It waited too long: no worker took it."),
    "timeout": gettext_lazy("The provider did not finish in time."),
}

#: Where what stops everybody is another matter than what ended one order.
_STOPPED: dict[str, Any] = {
    "provider": gettext_lazy("The provider fails at one order after another."),
    "storage": gettext_lazy("The storage does not take any pictures at the moment."),
}

#: What the owner does about it.
OWNER_ADVICE: dict[str, Any] = {
    "auth": gettext_lazy(
        'Check the key (SEEDREAM["API_KEY"]) and what it may do at the provider; after a change restart web '
        "server and worker."
    ),
    "quota": gettext_lazy("Top up the account at the provider."),
    "network": gettext_lazy(
        "See whether the server reaches the internet, and what the provider says of itself."
    ),
    "server": gettext_lazy("Wait, and see what the provider says of itself."),
    "provider": gettext_lazy("Look at the latest failures, and see what the provider says of itself."),
    "storage": gettext_lazy(
        "See whether the disk is full or the storage's access was changed: the pictures that could not be saved "
        "yet say why."
    ),
}


def why_stopped(circuit: Circuit) -> str:
    """What stands in the way of all new orders, in a sentence."""
    kind = circuit.error_kind
    return str(_STOPPED.get(kind) or REASONS.get(kind) or REASONS["server"])


def words_about(circuit: Circuit) -> str:
    """The provider's own words, or the storage's in the reader's language."""
    return told(circuit.error_message) if circuit.name == Circuit.STORAGE else circuit.error_message


def owner_advice(circuit: Circuit) -> str:
    return str(OWNER_ADVICE.get(circuit.error_kind, OWNER_ADVICE["server"]))


ADVICE: dict[str, Any] = {
    "auth": gettext_lazy(
        'Ask an administrator to check the key (SEEDREAM["API_KEY"]) and what it may do, then try again.'
    ),
    "quota": gettext_lazy("Ask an owner to top up the account, then try again."),
    "safety": gettext_lazy(
        "That is final for these words. Change the prompt and order again; the prompt is kept."
    ),
    "validation": gettext_lazy("Change what the provider names and order again; the prompt is kept."),
    "rate_limit": gettext_lazy("Try again in a few minutes; the prompt is kept."),
    "network": gettext_lazy(
        "Try again later, or ask an administrator whether the server reaches the internet."
    ),
    "provider": gettext_lazy("Try again; the prompt is kept."),
    "server": gettext_lazy("Try again in a few minutes; the prompt is kept."),
    "storing": gettext_lazy("Tell an administrator; the picture may still be fetched."),
    "deadline": gettext_lazy(
        "Ask an administrator to start the worker (“manage.py run_huey”), then try again."
    ),
    "timeout": gettext_lazy("Ask an owner before you order it again."),
}

#: Where the provider's own words help the one who wrote the prompt.
_QUOTED = {"safety", "validation", "provider", "storing"}


def _reason(generation: Generation) -> str:
    reason = str(REASONS.get(generation.error_kind, REASONS["server"]))
    if generation.error_kind in _QUOTED and generation.error_message:
        words = (
            told(generation.error_message) if generation.error_kind == "storing" else generation.error_message
        )
        return _("%(reason)s It says: “%(words)s”") % {"reason": reason, "words": words}
    return reason
