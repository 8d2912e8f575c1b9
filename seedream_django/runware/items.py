"""One item of a reply: a finished picture, or an error.

Everything about an item may be missing or wrong, and is then left out; nothing here raises.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from .codes import classify
from .inline import Picture, inside

#: Characters of the provider's own words that are kept: enough for a sentence, too few to fill a page.
MESSAGE_LENGTH = 500
CODE_LENGTH = 100

#: Longer than any signed address seen (some 2,000 characters), and what servers take in a request line.
URL_LENGTH = 8_000

#: US dollars. A picture costs cents: a "cost" beyond this is a unit or a typing error, not a price.
COST_LIMIT = Decimal(1000)

#: What is behind an address, of whatever scheme or of none: signatures and tokens.
_QUERY = re.compile(
    r"((?:\b[a-z][a-z0-9+.-]*:)?//[^\s?#\"'<>]*)[?#][^\s\"'<>]*|[?#&][^\s\"'<>=]*=[^\s\"'<>]*", re.IGNORECASE
)


@dataclass(frozen=True)
class Result:
    """One finished picture. ``cost`` is in US dollars; ``url`` is a secret while it lives.

    Where the picture came inside the reply ``url`` is blank, and ``picture`` tells where it lies; without one it came
    and was not kept. ``task_uuid`` is the task that it is of where an order has several.
    """

    image_uuid: uuid.UUID
    url: str = field(repr=False)
    seed: int | None = None
    cost: Decimal | None = None
    flagged: bool | None = None
    index: int | None = None
    picture: Picture | None = None
    task_uuid: uuid.UUID | None = None


@dataclass(frozen=True)
class Failure:
    """One error. ``kind`` is its class (``codes.classify``); ``code`` and ``message`` are the provider's."""

    kind: str
    code: str
    message: str
    parameter: str = ""


# -- Reading one --------------------------------------------------------------------------------------------


def result(item: Mapping[str, Any], task_uuid: uuid.UUID, pictures: Mapping[str, Picture]) -> Result | None:
    """Read a finished item: one with a picture or its address. Everything else about it may be missing or wrong."""
    url, (picture, came) = _url(item), inside(item, pictures)
    if not url and not came:
        return None
    seed = _whole(item.get("seed"))
    told_by = url.partition("?")[0] or (picture.sha256 if picture else "")
    return Result(
        image_uuid=as_uuid(item.get("imageUUID")) or _derived_uuid(item, told_by, seed, task_uuid),
        url=url,
        seed=seed,
        cost=money(item.get("cost")),
        flagged=_flag(item.get("NSFWContent")),
        index=_whole(item.get("resultIndex")),
        picture=picture,
    )


def _url(item: Mapping[str, Any]) -> str:
    url = item.get("imageURL")
    good = isinstance(url, str) and len(url) <= URL_LENGTH and re.fullmatch(r"https?://[\x21-\x7e]+", url)
    return str(url) if good else ""


def _derived_uuid(item: Mapping[str, Any], told_by: str, seed: int | None, task_uuid: uuid.UUID) -> uuid.UUID:
    """Mint a name for a paid picture that came without a good one: always the same for the same picture.

    By its address without the query, since a signature in that changes from poll to poll; seed and index stand in for
    it. What came inside the reply is known by its bytes.
    """
    raw = item.get("imageUUID")
    if isinstance(raw, (str, int)) and raw != "" and not isinstance(raw, bool):
        return uuid.uuid5(task_uuid, _printable(str(raw)))
    return uuid.uuid5(task_uuid, f"{told_by} {seed} {_whole(item.get('resultIndex'))}")


def failure(item: Any, status: int, secret: str) -> Failure:
    if not isinstance(item, Mapping):
        item = {"message": item}
    code = _text(item.get("code"), secret)[:CODE_LENGTH]
    parameter = item.get("parameter")
    names = parameter if isinstance(parameter, list) else [parameter]
    return Failure(
        kind=classify(code, status)[0],
        code=code,
        message=_text(item.get("message"), secret),
        parameter=", ".join(filter(None, (_text(name, secret) for name in names[:20])))[:MESSAGE_LENGTH],
    )


def _text(value: Any, secret: str) -> str:
    """Bound the provider's words and take out what must not be kept: our key, the query of any address."""
    if not isinstance(value, str):
        return ""
    text = value.replace(secret, "[key]") if secret else value
    text = _printable(text[: 4 * MESSAGE_LENGTH])
    return _QUERY.sub(lambda found: f"{found[1] or ''}?…", text)[:MESSAGE_LENGTH]


def _printable(text: str) -> str:
    """Drop what a database or a terminal chokes on: NUL, control characters, halves of surrogate pairs."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+", " ", text).strip()


def status_of(item: Mapping[str, Any]) -> str:
    status = item.get("status")
    return status.lower() if isinstance(status, str) else ""


def as_uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _whole(value: Any) -> int | None:
    """A whole number that a 64-bit column holds, or ``None``."""
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return value if good else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def progress_of(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        return None  # NaN and infinity fail the comparison
    return math.floor(value)


def money(value: Any, limit: Decimal = COST_LIMIT) -> Decimal | None:
    """Read US dollars through their decimal text: 0.035 must not become 0.03500000000000000333."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        amount = Decimal(str(value)[:64])
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < limit else None


def first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def listed(value: Any) -> list[Any]:
    """Make ``data`` or ``errors`` a list: some tasks answer with a lone object, some gateways with a text.

    An object of nothing is how some languages write an empty list.
    """
    if isinstance(value, list):
        return value
    return [value] if value and isinstance(value, (Mapping, str)) else []
