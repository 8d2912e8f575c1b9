"""The provider's error codes, by class. The table is section 8 of the project's wire contract.

Codes are still being standardised, so a code is only ever a hint to its class; what is kept is the raw word.
"""

from __future__ import annotations

#: The codes that the provider has published, in lower case, because it is still changing how it spells them.
_CODES = {
    "invalidapikey": "auth",
    "missingapikey": "auth",
    "insufficientcredits": "quota",
    "invalidprovidercontent": "safety",
    "contentpolicyviolation": "safety",
    "nsfwcontentdetected": "safety",
    "ratelimitexceeded": "rate_limit",
    "providerratelimitexceeded": "rate_limit",
    "timeoutprovider": "provider",
    "failedprovidertimeout": "provider",
    "inferenceerror": "provider",
    "noavailableserver": "provider",
    "internalservererror": "server",
    "serviceunavailable": "server",
}
#: How the families of codes begin, for those not published yet.
_PREFIXES = (
    ("insufficient", "quota"),
    ("contentpolicy", "safety"),
    ("nsfw", "safety"),
    ("ratelimit", "rate_limit"),
    ("providerratelimit", "rate_limit"),
    ("timeout", "provider"),
    ("failedprovider", "provider"),
    ("inference", "provider"),
    ("internal", "server"),
    ("invalid", "validation"),
    ("missing", "validation"),
    ("unsupported", "validation"),
    ("conflict", "validation"),
)
_TELLING_STATUSES = {401: "auth", 402: "quota", 403: "auth", 429: "rate_limit"}
_OUTCOMES = {
    "validation": "refused",
    "auth": "refused",
    "quota": "refused",
    "safety": "refused",
    "rate_limit": "not_run",
    "provider": "unclear",
    "server": "unclear",
}


def classify(code: str, status: int | None) -> tuple[str, str]:
    """Return ``(kind, outcome)`` of an error before acceptance; the table of the contract's section 8.

    The outcome is ``unclear`` for every 5xx, whatever the code says: behind a gateway's error the task may
    run.
    """
    kind = _kind(code.lower(), status)
    if status is not None and (status >= 500 or status == 408):
        return kind, "unclear"
    if status == 429:
        return kind, "not_run"
    return kind, _OUTCOMES[kind]


def _kind(code: str, status: int | None) -> str:
    """A published code decides; then a status that means one thing; the code's family; the status."""
    if code in _CODES:
        return _CODES[code]
    if status is not None and status in _TELLING_STATUSES:
        return _TELLING_STATUSES[status]
    for prefix, kind in _PREFIXES:
        if code.startswith(prefix):
            return kind
    if status is None or status < 400 or status == 504:
        return "provider"
    return "validation" if status < 500 and status != 408 else "server"
