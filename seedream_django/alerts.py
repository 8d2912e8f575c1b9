"""Telling the owner by mail when new orders are no longer sent, and when they are again."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import conf
from .diagnosis import local
from .models import Circuit, Generation, State
from .troubles import owner_advice, why_stopped, words_about

logger = logging.getLogger(__name__)


def tell_stopped(circuit: Circuit, **kwargs: Any) -> None:
    """Say what happened, what waits, and what to do."""
    _send(_stopped, circuit)


def tell_resumed(circuit: Circuit, **kwargs: Any) -> None:
    """Say that it is over."""
    _send(_resumed, circuit)


def _stopped(circuit: Circuit) -> tuple[str, list[str]]:
    lines = [why_stopped(circuit), _("No new order is sent until that is over.")]
    if words := words_about(circuit):
        lines += ["", _("In its own words: “%(words)s”") % {"words": words}]
    lines += ["", _what_waits(), "", owner_advice(circuit)]
    if circuit.probe_at:
        at = {"time": date_format(local(circuit.probe_at), "DATETIME_FORMAT")}
        sentence = _("It is tried again by itself, for the first time at %(time)s") % at
        lines.append(f"{sentence.rstrip('.')}.")
    lines.append(_("“Try now” on the admin's page of orders does not wait for that."))
    return _("AI pictures: new orders are not being sent"), lines


def _resumed(circuit: Circuit) -> tuple[str, list[str]]:
    lines = [_("It is over: “%(reason)s”") % {"reason": why_stopped(circuit)}, "", _what_waits()]
    return _("AI pictures: orders are being sent again"), [*lines, _("You need not do anything.")]


def _what_waits() -> str:
    count = Generation.objects.filter(state=State.QUEUED).count()
    if not count:
        return _("No order waits.")
    words = ngettext(
        "%(count)s order waits. It is kept, and goes on by itself.",
        "%(count)s orders wait. They are kept, and go on by themselves.",
        count,
    )
    return words % {"count": count}


def _send(write: Any, circuit: Circuit) -> None:
    """Send to whom the settings name, in the project's language. The trouble is not made worse by a mail's."""
    if not (addresses := list(conf.ALERT_EMAILS)):
        return
    try:
        with translation.override(settings.LANGUAGE_CODE), timezone.override(None):
            subject, lines = write(circuit)
            send_mail(subject, "\n".join(lines), None, addresses)
    except Exception:
        # Every mail backend has errors of its own.
        logger.exception("The mail about new orders was not sent.")
