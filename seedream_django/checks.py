"""System checks: what is wrong with the settings, with what to type instead.

=================  =========================================================================
seedream.E001      ``SEEDREAM["HUEY"]`` does not lead to a usable queue
seedream.E002      ``SEEDREAM`` has a name that there is not
seedream.E003      ``SEEDREAM["STORAGE"]`` is not an alias in ``STORAGES``
seedream.E004      there is no key, and the sandbox is switched off
seedream.E005      ``SEEDREAM["ENDPOINT"]`` would send the key over plain http
seedream.E006      a setting's value is of the wrong kind
seedream.E007      the storage behind ``SEEDREAM["STORAGE"]`` cannot be loaded
seedream.E008      ``SEEDREAM["MODERATE"]`` does not lead to a function
seedream.E009      a rule in ``SEEDREAM["MODERATION_PATTERNS"]`` cannot be used
seedream.E010      a delivery setting has a value that the provider does not take
seedream.E011      ``SEEDREAM["WEBHOOK_URL"]`` or ``["UPLOAD_ENDPOINT"]`` leads nowhere
seedream.E012      there is no private storage behind ``SEEDREAM["PRIVATE_STORAGE"]``
seedream.E015      ``SEEDREAM["PUBLIC_URL"]`` is missing, and results are to come to this site
seedream.E016      ``SEEDREAM["PUBLIC_URL"]`` is no web address that a path can be added to
seedream.E017      ``seedream_django.urls`` is not included, and results are to come to this site
seedream.E018      ``seedream_fields`` of an admin names something that keeps no picture
seedream.E019      ``seedream_fields`` wants a ratio, a width or a hint that there is not
seedream.E020      ``prompt_from`` names something that is no text of the object
seedream.E021      ``alt`` or ``title`` names something that takes no free text
seedream.W001      the sandbox makes the pictures of a site in production
seedream.W002      huey is in immediate mode in production
seedream.W003      SQLite without ``transaction_mode: IMMEDIATE``
seedream.W004      ``seedream_django.urls`` is not included
seedream.W005      pictures are shown from plain http in production
seedream.W006      ``SEEDREAM["LEASE"]`` is too short for ``SEEDREAM["TIMEOUT"]``
seedream.W007      pictures are saved to disk, but ``MEDIA_ROOT`` or ``MEDIA_URL`` is not set
seedream.W008      in development nothing serves the pictures' address
seedream.W009      huey's Django app is not installed: there is no ``run_huey``
seedream.W010      there are rules in ``SEEDREAM["MODERATION_PATTERNS"]``, and nobody reads them
seedream.W011      ``SEEDREAM["SPOOL"]`` cannot be written to: paid pictures cannot wait for the storage
seedream.W012      ``SEEDREAM["SPOOL"]`` lies among the files that are served
seedream.W013      results would be sent to an address over plain http
seedream.W014      a delivery setting has no effect
seedream.W016      the private storage is not private
seedream.W018      what waits for a decision lies on one machine's disk, and the other pictures elsewhere
seedream.W020      ``SEEDREAM["PUBLIC_URL"]`` is plain http
seedream.W021      ``SEEDREAM["PUBLIC_URL"]`` leads to this machine alone
seedream.W025      the private storage takes no upload of the provider's
seedream.W026      what the provider uploads lies on the web server's own disk
seedream.W027      the private storage signs no upload that the provider could make
seedream.W028      ``ALLOWED_HOSTS`` lacks the host of ``SEEDREAM["PUBLIC_URL"]``
seedream.W029      a field in ``seedream_fields`` takes no file of a picture's kind
seedream.W030      a field in ``seedream_fields``, or one that its prompt begins with, is not in the form
seedream.W031      ``seedream_fields`` without the mixin that reads them, or with one behind Django's own class
=================  =========================================================================

Those of the spool and of the private storage are in ``storage_checks``, those of delivery in ``delivery_checks``,
those of ``seedream_fields`` in ``place_checks``.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, InvalidStorageError, storages
from django.db import router
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse

from . import conf, delivery, moderation, queue
from .models import Generation

# -- The queue -----------------------------------------------------------------------------------------------


@register()
def check_queue(**kwargs: Any) -> list[CheckMessage]:
    """Pictures are made by a worker, so there must be a queue, and in production one of its own."""
    try:
        huey = queue.bind()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint=_HUEY_HINT, id="seedream.E001")]
    messages: list[CheckMessage] = []
    if huey.immediate and not settings.DEBUG:
        hint = 'Set "immediate": False in HUEY, and run “manage.py run_huey -m 1” beside the web server.'
        text = "huey is in immediate mode: pictures are made inside requests, and nothing goes on by itself."
        messages.append(Warning(text, hint=hint, id="seedream.W002"))
    if not apps.is_installed("huey.contrib.djhuey") and str(conf.HUEY).startswith("huey.contrib.djhuey"):
        hint = 'Add "huey.contrib.djhuey" to INSTALLED_APPS.'
        text = "huey.contrib.djhuey is not installed: there is no command “run_huey” to start the worker."
        messages.append(Warning(text, hint=hint, id="seedream.W009"))
    return messages


_HUEY_HINT = (
    'Add "huey.contrib.djhuey" to INSTALLED_APPS and HUEY = {"huey_class": "huey.SqliteHuey", '
    '"filename": BASE_DIR / "huey.sqlite3", "immediate": False} to your settings, or name your own Huey in '
    'SEEDREAM = {"HUEY": "myproject.queue.huey"}.'
)


# -- The table of settings -----------------------------------------------------------------------------------


@register()
def check_names(**kwargs: Any) -> list[CheckMessage]:
    """A misspelt name would be a default in silence: without API_KEY, sandbox pictures."""
    return [_unknown(name) for name in conf.given() if name not in conf.DEFAULTS]


def _unknown(name: str) -> Error:
    near = difflib.get_close_matches(str(name).upper(), conf.DEFAULTS, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(sorted(conf.DEFAULTS))}."
    return Error(f'SEEDREAM has no setting "{name}".', hint=hint, id="seedream.E002")


@register()
def check_values(**kwargs: Any) -> list[CheckMessage]:
    """A value of the wrong kind would fail much later: in a worker, over a picture that is paid for."""
    if not isinstance(given := getattr(settings, "SEEDREAM", {}), dict):
        text = f"SEEDREAM must be a dict; what is there (of type {type(given).__name__}) is not."
        return [Error(text, hint='Write it as SEEDREAM = {"STORAGE": "default"}.', id="seedream.E006")]
    messages: list[CheckMessage] = []
    for name, default in conf.DEFAULTS.items():
        wanted, fits = _SPECIAL.get(name) or _KINDS[type(default)]
        if not fits(value := getattr(conf, name)):
            # Its type and not the value itself, which may be a key.
            text = (
                f'SEEDREAM["{name}"] must be {wanted}; what is there (of type {type(value).__name__}) is not.'
            )
            hint = f'Its default is "{name}": {default!r}.'
            messages.append(Error(text, hint=hint, id="seedream.E006"))
    if not messages and conf.LEASE <= 2 * conf.TIMEOUT:
        text = 'SEEDREAM["LEASE"] is too short: a worker that still waits for the provider is taken for dead.'
        hint = f'Set it above twice SEEDREAM["TIMEOUT"]: "LEASE": {round(3 * conf.TIMEOUT)}.'
        messages.append(Warning(text, hint=hint, id="seedream.W006"))
    return messages


def _is_path(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    return _is_number(value) and 0 < value < float("inf")


def _is_amount(value: Any) -> bool:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return False
    return amount.is_finite() and amount >= 0


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset) and all(isinstance(one, str) for one in value)


def _is_span(value: Any) -> bool:
    pair = value if isinstance(value, list | tuple) else (value, value)
    return len(pair) == 2 and all(_is_number(one) for one in pair) and 0 <= pair[0] <= pair[1]


#: type of the default -> what its setting must be, in words and as a test.
_KINDS: dict[type, tuple[str, Callable[[Any], bool]]] = {
    bool: ("True or False", lambda value: isinstance(value, bool)),
    int: ("a number above 0", _is_positive),
    float: ("a number above 0", _is_positive),
    str: ("a text", lambda value: isinstance(value, str)),
    tuple: ("a list of texts", _are_texts),
    Decimal: ("an amount of money", _is_amount),
}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _are_addresses(value: Any) -> bool:
    return _are_texts(value) and all("@" in one and one.isprintable() for one in value)


_SPECIAL: dict[str, tuple[str, Callable[[Any], bool]]] = {
    # delivery_checks says so
    **dict.fromkeys(delivery.SETTINGS, ("", lambda value: True)),
    "API_KEY": ("a text", lambda value: value is None or isinstance(value, str)),
    "SANDBOX": ("True, False or None", lambda value: value is None or isinstance(value, bool)),
    "SAFETY_CHECK": (
        'True, False, "fast" or "none"',
        lambda value: isinstance(value, bool) or value in ("fast", "none"),
    ),
    "REVIEW": ('None, "own" or "second"', lambda value: value in (None, "own", "second")),
    "SANDBOX_STATE": ("a path or None", lambda value: value is None or isinstance(value, str | Path)),
    "SANDBOX_LATENCY": ("seconds, or a pair (shortest, longest) of them", _is_span),
    "MODERATE": ("a function, a path to one, or None", lambda value: _is_path(value) or callable(value)),
    "MODERATION_PATTERNS": ("a list of rules", lambda value: isinstance(value, list | tuple)),
    "PROMPT_DAYS": ("a number above 0, or None", lambda value: value is None or _is_positive(value)),
    "MAX_POSTS": ("a whole number, 1 or more", _is_count),
    "MAX_WAITING": ("None, or a whole number, 1 or more", lambda value: value is None or _is_count(value)),
    "CIRCUIT_FAILURES": ("a whole number, 1 or more", _is_count),
    "ALERT_EMAILS": ("a list of mail addresses", _are_addresses),
    "PRIVATE_STORAGE": (
        "an alias in STORAGES, or None",
        lambda value: value is None or isinstance(value, str),
    ),
    "SPOOL": ("a path or None", lambda value: value is None or isinstance(value, str | Path)),
    "HUEY": ("your Huey or a path to it", lambda value: True),  # check_queue looks at it closely
}


# -- Moderation ----------------------------------------------------------------------------------------------


@register(Tags.security)
def check_moderation(**kwargs: Any) -> list[CheckMessage]:
    """A moderation that cannot be asked would refuse every order, and one that is not asked refuses none."""
    rules = conf.MODERATION_PATTERNS if isinstance(conf.MODERATION_PATTERNS, list | tuple) else ()
    hint = 'Write ("pattern", "words for the editor") to refuse, ("pattern", None, "replacement") to replace.'
    text = 'Rule %s of SEEDREAM["MODERATION_PATTERNS"] cannot be used: %s.'
    messages: list[CheckMessage] = [
        Error(text % (number, problem), hint=hint, id="seedream.E009")
        for number, rule in enumerate(rules, 1)
        if (problem := moderation.problem_of(rule))
    ]
    if conf.MODERATE:
        with contextlib.suppress(Exception):
            moderation.hook()
            return messages
        hint = 'Name a function: "MODERATE": "seedream_django.moderation.patterns", or "myproject.prompts.moderate".'
        text = 'SEEDREAM["MODERATE"] does not lead to a function: nothing could be ordered.'
        return [*messages, Error(text, hint=hint, id="seedream.E008")]
    if rules:
        hint = 'Set "MODERATE": "seedream_django.moderation.patterns".'
        text = 'SEEDREAM["MODERATION_PATTERNS"] has rules, but SEEDREAM["MODERATE"] is not set: nobody reads them.'
        messages.append(Warning(text, hint=hint, id="seedream.W010"))
    return messages


# -- The provider --------------------------------------------------------------------------------------------


@register(Tags.security)
def check_provider(**kwargs: Any) -> list[CheckMessage]:
    """There is a key and it goes over https; or it is the sandbox, and then not by mistake."""
    key_hint = 'Set SEEDREAM = {"API_KEY": os.environ["RUNWARE_API_KEY"], "SANDBOX": False}.'
    if conf.sandboxed():
        if settings.DEBUG:
            return []
        text = (
            "The sandbox makes the pictures: nothing is charged, and each says that it is a sandbox picture."
        )
        return [Warning(text, hint=key_hint, id="seedream.W001")]
    if not conf.API_KEY:
        text = 'There is no key, and SEEDREAM["SANDBOX"] is False: no picture can be made.'
        return [Error(text, hint=f"{key_hint} For sandbox pictures leave SANDBOX out.", id="seedream.E004")]
    if not _is_private(conf.ENDPOINT):
        text = 'SEEDREAM["ENDPOINT"] is not https: the key could be read on its way.'
        return [Error(text, hint=f'Set it to "{conf.DEFAULTS["ENDPOINT"]}".', id="seedream.E005")]
    return []


def _is_private(endpoint: str) -> bool:
    """Whether nobody between can read along: https, or this very machine."""
    return urlsplit(endpoint).scheme == "https" or delivery.is_loopback(endpoint)


# -- Files ---------------------------------------------------------------------------------------------------


@register(Tags.files)
def check_storage(**kwargs: Any) -> list[CheckMessage]:
    """Pictures are saved through an alias of STORAGES, which can be loaded and knows where and under what URL."""
    if conf.STORAGE not in settings.STORAGES:
        aliases = ", ".join(f'"{alias}"' for alias in settings.STORAGES)
        hint = f'Add "{conf.STORAGE}" to STORAGES, or set SEEDREAM["STORAGE"] to one of: {aliases}.'
        text = f'SEEDREAM["STORAGE"] is "{conf.STORAGE}", which is not in STORAGES.'
        return [Error(text, hint=hint, id="seedream.E003")]
    storage = _storage()
    if isinstance(storage, Exception):
        text = f'The storage "{conf.STORAGE}" cannot be loaded: {storage or type(storage).__name__}'
        hint = (
            f'Look at STORAGES["{conf.STORAGE}"], and install what it needs, '
            "for S3: python -m pip install 'django-storages[s3]'"
        )
        return [Error(text, hint=hint, id="seedream.E007")]
    # An unset MEDIA_URL comes out of Django's settings as "/".
    if isinstance(storage, FileSystemStorage) and (
        not storage.base_location or storage.base_url in (None, "", "/")
    ):
        text = "Pictures are saved to disk, but MEDIA_ROOT or MEDIA_URL is not set: they would not be seen."
        hint = 'Set MEDIA_URL, MEDIA_ROOT = "media/", BASE_DIR / "media".'
        return [Warning(text, hint=hint, id="seedream.W007")]
    return []


@register(Tags.urls)
def check_addresses(**kwargs: Any) -> list[CheckMessage]:
    """Pictures come by https in production, and in development somebody serves them."""
    storage = _storage()
    base = str(getattr(storage, "base_url", "") or "")
    if not settings.DEBUG:
        plain = base.startswith("http://") or getattr(storage, "url_protocol", "") == "http:"
        return [_on_plain_http()] if plain else []
    if not base.startswith("/") or base == "/" or _leads_somewhere(f"{base}picture.jpg"):
        return []
    text = f"Nothing answers at {base}: pictures are made, but not seen."
    hint = (
        "Add to your urls.py: from django.conf.urls.static import static; "
        f'urlpatterns += static("{base}", document_root={_document_root(base)})'
    )
    return [Warning(text, hint=hint, id="seedream.W008")]


def _storage() -> Any:
    """The storage of the pictures, or the exception that it cannot be loaded for."""
    try:
        return storages[conf.STORAGE]
    except (ImportError, KeyError, TypeError, ImproperlyConfigured, InvalidStorageError) as error:
        return error


def _on_plain_http() -> Warning:
    text = "Pictures are shown from plain http: browsers show none on a page that came by https."
    hint = f'Say https:// in MEDIA_URL, or in what STORAGES["{conf.STORAGE}"] has for it.'
    return Warning(text, hint=hint, id="seedream.W005")


def _document_root(base: str) -> str:
    return "settings.MEDIA_ROOT" if base == settings.MEDIA_URL else f'storages["{conf.STORAGE}"].location'


def _leads_somewhere(path: str) -> bool:
    """Whether urls.py answers, with or without the prefix that the site lies below."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return True
    for one in {path, f"/{path.removeprefix(get_script_prefix())}"}:
        with contextlib.suppress(Resolver404):
            return bool(resolve(one))
    return False


# -- Database and addresses ----------------------------------------------------------------------------------


@register()
def check_database(**kwargs: Any) -> list[CheckMessage]:
    """Web server and workers write at once: SQLite must take its lock at the start of a transaction.

    Not under Tags.database: that needs ``check --database``, and this asks the settings alone.
    """
    alias = router.db_for_write(Generation)
    database: dict[str, Any] = settings.DATABASES.get(alias, {})
    if not str(database.get("ENGINE", "")).endswith("sqlite3"):
        return []
    if str(database.get("OPTIONS", {}).get("transaction_mode", "")).upper() in ("IMMEDIATE", "EXCLUSIVE"):
        return []
    text = f'The SQLite database "{alias}" answers “database is locked” when a worker writes, too.'
    hint = f'DATABASES["{alias}"]["OPTIONS"] = {{"transaction_mode": "IMMEDIATE", "timeout": 20}}'
    return [Warning(text, hint=hint, id="seedream.W003")]


@register(Tags.urls)
def check_urls(**kwargs: Any) -> list[CheckMessage]:
    """The editor's pages look at the status fragment."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        reverse("seedream_django:order")
    except NoReverseMatch:
        hint = 'Add path("seedream/", include("seedream_django.urls")) to your urlpatterns.'
        text = "seedream_django.urls is not included: the editor's pages cannot be shown."
        return [Warning(text, hint=hint, id="seedream.W004")]
    return []
