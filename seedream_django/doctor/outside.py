"""What is outside the database: the settings, the key, the provider, the balance."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core import checks

from .. import conf, delivery, provider
from ..exceptions import ProviderError
from .found import Found, doubtful, ill, well

#: A shorter key is hardly one.
KEY_LENGTH = 12
#: Balance for fewer pictures than this is told in time.
FEW_PICTURES = 20


def settings_() -> Found:
    """What the system checks say of this app; the ids alone, since their words are the settings'."""
    found = [one for one in checks.run_checks() if str(one.id).startswith("seedream.")]
    told = [one for one in found if not one.is_silenced()]
    errors = sorted({str(one.id) for one in told if one.is_serious()})
    warnings = sorted({str(one.id) for one in told if not one.is_serious()})
    if errors:
        return ill("settings", "wrong", ids=[*errors, *warnings])
    return doubtful("settings", "warned", ids=warnings) if warnings else well("settings", "right")


def key() -> Found:
    """Whether there is one and it looks like one. Nothing of it is a fact."""
    if conf.sandboxed():
        return well("key", "sandbox") if settings.DEBUG else doubtful("key", "sandbox_in_production")
    if not conf.API_KEY:
        return ill("key", "missing")
    if not re.fullmatch(r"[\x21-\x7e]+", str(conf.API_KEY)) or str(conf.API_KEY)[0] in "\"'<$":
        return ill("key", "bad_form")
    # A sandbox that runs as a server has a key that nobody need guess.
    short = len(str(conf.API_KEY)) < KEY_LENGTH and not delivery.is_loopback(str(conf.ENDPOINT))
    return doubtful("key", "short") if short else well("key", "present")


def provider_() -> Found:
    """Whether it answers and accepts the key: the free question that has no other effect."""
    if conf.sandboxed():
        return _asked(
            "provider", lambda: provider.client().ping(), lambda _answer: well("provider", "sandbox")
        )
    if not conf.API_KEY:
        return doubtful("provider", "no_key")
    start = time.monotonic()
    return _asked(
        "provider",
        lambda: provider.client().ping(),
        lambda _answer: well("provider", "answers", seconds=round(time.monotonic() - start, 2)),
    )


def balance(waiting: Decimal) -> Found:
    """Whether the account has enough for what waits. ``waiting``: what that will cost, one picture at least."""
    if not conf.sandboxed() and not conf.API_KEY:
        return doubtful("balance", "no_key")
    return _asked("balance", lambda: provider.client().balance(), lambda left: _judged(left, waiting))


def _judged(left: Decimal | None, waiting: Decimal) -> Found:
    if left is None:
        return doubtful("balance", "untold")
    facts = {"balance": str(left), "waiting": str(waiting)}
    if left < waiting:
        return ill("balance", "short", **facts)
    few = left < Decimal(str(conf.PRICE)) * FEW_PICTURES
    return doubtful("balance", "low", **facts) if few else well("balance", "enough", **facts)


#: What the provider's errors mean, by their kind; another kind is trouble at the provider.
_CODES = {"auth": "refused", "quota": "empty", "network": "unreachable", "rate_limit": "busy"}


def _asked(name: str, ask: Callable[[], Any], judge: Callable[[Any], Found]) -> Found:
    try:
        answer = ask()
    except ProviderError as error:
        if name == "balance" and error.status == 403:
            return doubtful(name, "untold")
        code = _CODES.get(error.kind, "trouble")
        return doubtful(name, code) if code == "busy" else ill(name, code)
    return judge(answer)
