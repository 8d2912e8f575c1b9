"""System checks: what is wrong with the settings, with what to type instead.

=================  =========================================================================
seedream.E001      ``SEEDREAM["HUEY"]`` does not lead to a usable queue
seedream.E002      ``SEEDREAM`` has a name that there is not
seedream.E003      ``SEEDREAM["STORAGE"]`` is not an alias in ``STORAGES``
seedream.E004      there is no key, and the sandbox is switched off
seedream.E005      ``SEEDREAM["ENDPOINT"]`` would send the key over plain http
seedream.W001      the sandbox makes the pictures of a site in production
seedream.W002      huey is in immediate mode in production
seedream.W003      SQLite without ``transaction_mode: IMMEDIATE``
seedream.W004      ``seedream_django.urls`` is not included
seedream.W005      ``MEDIA_URL`` is on plain http in production
=================  =========================================================================
"""

from __future__ import annotations

import difflib
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse

from . import conf, queue


@register()
def check_queue(**kwargs: Any) -> list[CheckMessage]:
    """Pictures are made by a worker, so there must be a queue, and in production one of its own."""
    try:
        huey = queue.bind()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint=_HUEY_HINT, id="seedream.E001")]
    if huey.immediate and not settings.DEBUG:
        hint = 'Set "immediate": False in HUEY, and run “manage.py run_huey -m 1” beside the web server.'
        text = "huey is in immediate mode: pictures are made inside requests, and nothing goes on by itself."
        return [Warning(text, hint=hint, id="seedream.W002")]
    return []


@register()
def check_names(**kwargs: Any) -> list[CheckMessage]:
    """A misspelt name would be a default in silence: without API_KEY, sandbox pictures."""
    return [_unknown(name) for name in getattr(settings, "SEEDREAM", {}) if name not in conf.DEFAULTS]


@register(Tags.files)
def check_storage(**kwargs: Any) -> list[CheckMessage]:
    """Pictures are saved through an alias of STORAGES."""
    if conf.STORAGE in settings.STORAGES:
        return []
    aliases = ", ".join(f'"{alias}"' for alias in settings.STORAGES)
    hint = f'Add "{conf.STORAGE}" to STORAGES, or set SEEDREAM["STORAGE"] to one of: {aliases}.'
    text = f'SEEDREAM["STORAGE"] is "{conf.STORAGE}", which is not in STORAGES.'
    return [Error(text, hint=hint, id="seedream.E003")]


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


@register(Tags.database)
def check_database(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Web server and workers write at once: SQLite must take its lock at the start of a transaction."""
    messages: list[CheckMessage] = []
    for alias in databases or ():
        options = settings.DATABASES[alias].get("OPTIONS", {})
        sqlite = settings.DATABASES[alias]["ENGINE"].endswith("sqlite3")
        if sqlite and str(options.get("transaction_mode", "")).upper() not in ("IMMEDIATE", "EXCLUSIVE"):
            text = f'The SQLite database "{alias}" answers “database is locked” when a worker writes, too.'
            hint = f'DATABASES["{alias}"]["OPTIONS"] = {{"transaction_mode": "IMMEDIATE", "timeout": 20}}'
            messages.append(Warning(text, hint=hint, id="seedream.W003"))
    return messages


@register(Tags.urls)
def check_urls(**kwargs: Any) -> list[CheckMessage]:
    """The editor's pages look at the status fragment, and in production not over plain http."""
    messages: list[CheckMessage] = []
    try:
        if getattr(settings, "ROOT_URLCONF", None):
            reverse("seedream_django:order")
    except NoReverseMatch:
        hint = 'Add path("seedream/", include("seedream_django.urls")) to your urlpatterns.'
        text = "seedream_django.urls is not included: the editor's pages cannot be shown."
        messages.append(Warning(text, hint=hint, id="seedream.W004"))
    if settings.MEDIA_URL.startswith("http://") and not settings.DEBUG:
        text = "MEDIA_URL is on plain http: browsers show no such picture on a page that came by https."
        hint = f'Set MEDIA_URL = "https://{settings.MEDIA_URL.removeprefix("http://")}".'
        messages.append(Warning(text, hint=hint, id="seedream.W005"))
    return messages


_HUEY_HINT = (
    'Add "huey.contrib.djhuey" to INSTALLED_APPS and HUEY = {"huey_class": "huey.SqliteHuey", '
    '"filename": BASE_DIR / "huey.sqlite3", "immediate": False} to your settings, or name your own Huey in '
    'SEEDREAM = {"HUEY": "myproject.queue.huey"}.'
)


def _unknown(name: str) -> Error:
    near = difflib.get_close_matches(str(name).upper(), conf.DEFAULTS, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(sorted(conf.DEFAULTS))}."
    return Error(f'SEEDREAM has no setting "{name}".', hint=hint, id="seedream.E002")


def _is_private(endpoint: str) -> bool:
    """Whether nobody between can read along: https, or this very machine."""
    parts = urlsplit(endpoint)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
