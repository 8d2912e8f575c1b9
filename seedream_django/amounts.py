"""Amounts and moments as people read them, in the language of the moment."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import npgettext_lazy


def local(moment: datetime.datetime) -> datetime.datetime:
    """The moment on the clock of whoever looks; as it is in a project without time zones."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def money(amount: Decimal) -> str:
    """``$0.07``, ``$0.035`` as this language writes US dollars: at least two decimals, none that say nothing."""
    decimals = max(2, -int(Decimal(amount).normalize().as_tuple().exponent))
    return _("$%(amount)s") % {"amount": number_format(amount, decimals, force_grouping=True)}


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
