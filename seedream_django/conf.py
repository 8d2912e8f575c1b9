"""The settings: one dict ``SEEDREAM`` over the table below, read at access.

>>> from seedream_django import conf
>>> conf.STORAGE
'default'
"""

from __future__ import annotations

import hashlib
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings

DEFAULTS: dict[str, Any] = {
    # -- The provider ----------------------------------------------------------------------------------------
    # The Runware key. Keep it in the environment; it is never stored, shown or logged.
    "API_KEY": "",
    # Where the API answers.
    "ENDPOINT": "https://api.runware.ai/v1",
    # True: sandbox pictures, drawn on this machine, free of charge. False: never. None: as long as there is no key.
    "SANDBOX": None,
    # The sandbox's own SQLite file. None: seedream-sandbox.sqlite3 in BASE_DIR, or in the temporary folder.
    "SANDBOX_STATE": None,
    # Seconds that the sandbox takes for one picture: a number, or a pair (shortest, longest).
    "SANDBOX_LATENCY": (2.0, 5.0),
    # True: flat pictures in a few milliseconds, for tests.
    "SANDBOX_PLAIN": False,
    # Hosts that pictures may be downloaded from; "*." stands for any name below.
    "RESULT_HOSTS": ("*.runware.ai",),
    # Seconds that one call to the provider may wait for bytes.
    "TIMEOUT": 30.0,
    # How pictures come: "URL", an address that they are fetched from; "base64Data" or "dataURI", inside the replies.
    "OUTPUT_TYPE": "URL",
    # "async": an order is acknowledged at once, and asked about. "sync": its POST waits until the pictures are there.
    "DELIVERY_METHOD": "async",
    # Seconds that such a POST may wait, and that a reply with pictures inside may take to come.
    "SYNC_TIMEOUT": 300.0,
    # Seconds that the address of a picture lives at the provider, 60 or more. None: as long as the provider likes.
    "TTL": None,
    # Where this site answers to the provider, with any path prefix: "https://www.example.org/magazine".
    "PUBLIC_URL": "",
    # Where the provider posts each finished result. True: to this site, by PUBLIC_URL, which then asks at once. Or an
    # address of your own listener, or a function (or a path to one) that gets the order and returns it.
    "WEBHOOK_URL": "",
    # Where the provider puts each file, by HTTP PUT. True: into PRIVATE_STORAGE, where the worker takes it from
    # instead of fetching it. Or an address or a function, as above, for orders of one picture.
    "UPLOAD_ENDPOINT": "",
    # Orders that are being sent at one moment, by all processes together.
    "MAX_POSTS": 4,
    # Orders that the provider may have and has not finished, of all processes together. None: no limit.
    "MAX_WAITING": None,
    # Failures in a row, of so many different orders, after which nothing new is sent until one goes well.
    "CIRCUIT_FAILURES": 5,
    # Addresses that are told by mail when orders are no longer sent, and when they are again.
    "ALERT_EMAILS": (),
    # True: who saved a form before its pictures were ready, or whose picture another person decided about, and was not
    # told on a page of the admin within two minutes what became of them, is told by mail.
    "NOTICE_MAIL": False,
    # -- Money -----------------------------------------------------------------------------------------------
    # US dollars for one picture: the estimate shown before the click.
    "PRICE": Decimal("0.035"),
    # -- Orders ----------------------------------------------------------------------------------------------
    # True: only the sizes on the provider's list. False: code may ask for any pair in the provider's window.
    "LISTED_SIZES_ONLY": False,
    # True: the provider is asked to check each picture; what it flags is kept in PRIVATE_STORAGE, and is on no page
    # until somebody approves it. False: nothing is asked for. "fast", "none": the same, naming the provider's mode.
    "SAFETY_CHECK": False,
    # "own": each new picture waits until somebody with the permission "approve" has approved it, and is for no page
    # before. "second": the same, and nobody decides about what they ordered themselves. None: nothing waits.
    "REVIEW": None,
    # Looks at each prompt before it is ordered: a dotted path to a function, or the function. None: nobody does.
    "MODERATE": None,
    # The rules of "seedream_django.moderation.patterns": (regular expression, words for the editor) refuses,
    # (regular expression, None, replacement) replaces.
    "MODERATION_PATTERNS": (),
    # Days after which "manage.py seedream_redact" takes an order's prompt away. None: it stays.
    "PROMPT_DAYS": None,
    # -- The queue -------------------------------------------------------------------------------------------
    # Your Huey: a dotted path to it, or to a function that returns it, or the object itself.
    "HUEY": "huey.contrib.djhuey.HUEY",
    # -- Files -----------------------------------------------------------------------------------------------
    # Alias in STORAGES that pictures and previews are saved through.
    "STORAGE": "default",
    # Alias in STORAGES for what nobody may serve: the files that editors give as references, and pictures that wait
    # for a decision, or were rejected. None: the folder seedream-private in BASE_DIR.
    "PRIVATE_STORAGE": None,
    # Folder in either storage; strftime codes are filled in.
    "UPLOAD_TO": "seedream/%Y/%m",
    # True: a file's name starts with a slug of the prompt's first words. False: the picture's UUID alone.
    "SLUG_NAMES": True,
    # Pixels of a preview's longer side.
    "PREVIEW_SIZE": 480,
    # Largest file, in bytes, that is accepted as a picture.
    "MAX_BYTES": 100 * 1024 * 1024,
    # Folder where the bytes of paid pictures wait while the storage is away; it must outlast a restart, and nobody
    # may serve it. None: seedream-spool in BASE_DIR, or in the temporary folder.
    "SPOOL": None,
    # -- The site's pages ------------------------------------------------------------------------------------
    # True: pictures/<image UUID>.json below this app's address tells everybody of a picture that may be shown.
    "JSON": False,
    # -- Time, in seconds ------------------------------------------------------------------------------------
    # A queued order that could not be sent ends after this.
    "QUEUE_DEADLINE": 60 * 60,
    # A worker that took a row and was not heard of since has lost it after this.
    "LEASE": 120,
    # An unclear submission is asked about, and may be sent again under its own UUID, for this long.
    "ASK_WINDOW": 10 * 60,
    # A generation that the provider accepted ends after this.
    "RUN_DEADLINE": 30 * 60,
    # After an early end the provider is still asked, slowly, for this long: what comes was paid for.
    "WATCH": 24 * 60 * 60,
    # A finished picture that cannot be fetched, or is broken, is fetched again for this long.
    "FETCH_DEADLINE": 6 * 60 * 60,
    # A finished picture that the storage does not take is tried again for this long.
    "STORE_DEADLINE": 3 * 24 * 60 * 60,
    # Between two polls while a generation is young; later it is asked more slowly.
    "POLL_INTERVAL": 1.0,
}


def sandboxed() -> bool:
    """Whether pictures come from the sandbox inside this process."""
    wanted = _get("SANDBOX")
    return not _get("API_KEY") if wanted is None else bool(wanted)


def sandbox_state() -> Path:
    """The path of the sandbox's SQLite file: the same for web process and consumer."""
    folder = getattr(settings, "BASE_DIR", None) or tempfile.gettempdir()
    return Path(_get("SANDBOX_STATE") or Path(folder) / "seedream-sandbox.sqlite3")


def safety() -> dict[str, Any]:
    """The safety check that the provider is asked for, by the keywords of ``parameters``; nothing for none."""
    wanted = _get("SAFETY_CHECK")
    if isinstance(wanted, str):
        return {"check_content": wanted != "none", "safety_mode": wanted}
    return {"check_content": True} if wanted else {}


def holds_back() -> bool:
    """Whether pictures may have to wait for a decision, in the private storage."""
    return bool(_get("REVIEW") or safety().get("check_content"))


def spool() -> Path:
    """The folder of what waits for the storage, on a disk of this machine."""
    folder = getattr(settings, "BASE_DIR", None) or tempfile.gettempdir()
    return Path(_get("SPOOL") or Path(folder) / "seedream-spool")


def private_folder() -> Path:
    """The folder of this machine that stands in for a private storage."""
    folder = getattr(settings, "BASE_DIR", None) or tempfile.gettempdir()
    return Path(folder) / "seedream-private"


def account() -> str:
    """A name for the account that the key belongs to: of another key or another endpoint it is another."""
    return sandbox_account() if sandboxed() else _account_of(f"{_get('API_KEY')} {_get('ENDPOINT')}")


def sandbox_account() -> str:
    """What ``account`` is while pictures come from the sandbox inside this process."""
    return _account_of(f"sandbox {sandbox_state()}")


def _account_of(whose: str) -> str:
    return f"provider:{hashlib.sha256(whose.encode()).hexdigest()[:16]}"


def given() -> dict[str, Any]:
    """What the project sets. Of a ``SEEDREAM`` that is no dict nothing counts; a check says so."""
    wanted = getattr(settings, "SEEDREAM", {})
    return wanted if isinstance(wanted, dict) else {}


def _get(name: str) -> Any:
    return given().get(name, DEFAULTS[name])


def __getattr__(name: str) -> Any:
    # Read at access, so that override_settings and late configuration just work.
    if name in DEFAULTS:
        return _get(name)
    raise AttributeError(f"SEEDREAM has no setting {name!r}")
