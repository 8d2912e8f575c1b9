"""System checks of how results are delivered. Their ids stand in ``checks``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.files.storage import FileSystemStorage
from django.http.request import validate_host
from django.urls import NoReverseMatch, reverse

from . import conf, delivery, inbox, parameters
from .models import picture_storage, private_storage
from .models.storage import NotLoaded

# -- What the provider is told -------------------------------------------------------------------------------


@register(Tags.security)
def check_delivery(**kwargs: Any) -> list[CheckMessage]:
    """How results are delivered: what the provider refuses, each order would die of."""
    return [
        *(Error(text, hint=hint, id="seedream.E010") for text, hint in _wrong_values()),
        *(Error(text, hint=hint, id="seedream.E011") for text, hint in _wrong_addresses()),
        *(Warning(text, hint=hint, id="seedream.W013") for text, hint in _doubtful()),
        *(Warning(text, hint=hint, id="seedream.W014") for text, hint in _ineffective()),
    ]


def _wrong_values() -> Iterator[tuple[str, str]]:
    """What is wrong with a value, and what to write instead. Of an address nothing is quoted: it may be a secret."""
    for name in ("OUTPUT_TYPE", "DELIVERY_METHOD"):
        choices, value = parameters.BY_KEYWORD[name.lower()].choices, getattr(conf, name)
        if value not in choices:
            near = difflib.get_close_matches(str(value).lower(), [one.lower() for one in choices], 1, 0.3)
            right = next((one for one in choices if [one.lower()] == near), conf.DEFAULTS[name])
            allowed = ", ".join(f'"{one}"' for one in choices)
            yield f'SEEDREAM["{name}"] must be one of {allowed}.', f'Write "{name}": "{right}".'
    if conf.TTL is not None and parameters.BY_KEYWORD["ttl"].check(conf.TTL):
        text = 'SEEDREAM["TTL"] must be None, or a whole number of seconds, 60 or more.'
        yield text, 'Write "TTL": 86400 for a day, or leave it out.'


def _wrong_addresses() -> Iterator[tuple[str, str]]:
    """The same of addresses that are neither one nor lead to a function."""
    for name in ("WEBHOOK_URL", "UPLOAD_ENDPOINT"):
        setting = getattr(conf, name)
        if setting in ("", None) or setting is True or delivery.is_address(setting):
            continue
        try:
            delivery.function(setting)
        except Exception:
            text = f'SEEDREAM["{name}"] is no web address, and does not lead to a function that makes one.'
            path = f"myproject.delivery.{name.lower()}"
            yield text, f'Write "{name}": "https://example.com/…", or "{path}", or leave it out.'


def _doubtful() -> Iterator[tuple[str, str]]:
    """What works and is hardly meant."""
    for name in ("WEBHOOK_URL", "UPLOAD_ENDPOINT"):
        setting = getattr(conf, name)
        if (
            delivery.is_address(setting)
            and urlsplit(setting).scheme == "http"
            and not delivery.is_loopback(setting)
        ):
            text = f'SEEDREAM["{name}"] is not https: pictures, or a token, could be read on their way.'
            yield text, f'Write "{name}": "https://…".'


def _ineffective() -> Iterator[tuple[str, str]]:
    """What is set and changes nothing."""
    if conf.TTL is not None and conf.OUTPUT_TYPE != delivery.URL:
        text = 'SEEDREAM["TTL"] has no effect: with this OUTPUT_TYPE no address is given that could live.'
        yield text, 'Leave "TTL" out, or write "OUTPUT_TYPE": "URL".'


# -- This site's own address ---------------------------------------------------------------------------------


@register(Tags.security)
def check_public_url(**kwargs: Any) -> list[CheckMessage]:
    """Where the provider reaches this site: without it nothing is sent here, and polling alone brings results."""
    if not isinstance(conf.PUBLIC_URL, str):
        return []  # check_values says so
    if not (names := _coming_here()):
        return []
    if not conf.PUBLIC_URL:
        text = f'SEEDREAM["{names[0]}"] is True, and SEEDREAM["PUBLIC_URL"] does not say where this site answers.'
        hint = (
            f'Write "PUBLIC_URL": "https://www.example.org", with the site\'s own path if it has one. {_HINT}'
        )
        return [Error(text, hint=hint.rstrip(), id="seedream.E015")]
    if not _is_root(conf.PUBLIC_URL):
        text = 'SEEDREAM["PUBLIC_URL"] is no web address that a path can be added to.'
        hint = 'Write "PUBLIC_URL": "https://www.example.org", with no password, no query and no fragment.'
        return [Error(text, hint=hint, id="seedream.E016")]
    return _doubtful_root()


_HINT = "A provider that cannot reach this site needs none of this: leave both settings out."


def _coming_here() -> list[str]:
    """The settings that have the provider send something to this site itself."""
    to_folder = conf.UPLOAD_ENDPOINT is True and isinstance(private_storage(), FileSystemStorage)
    wanted = {"WEBHOOK_URL": conf.WEBHOOK_URL is True, "UPLOAD_ENDPOINT": to_folder}
    return [name for name, here in wanted.items() if here]


def _is_root(address: str) -> bool:
    if not delivery.is_address(address) or any(mark in address for mark in "?#"):
        return False
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False


def _doubtful_root() -> list[CheckMessage]:
    if delivery.is_loopback(conf.PUBLIC_URL):
        if conf.sandboxed() or delivery.is_loopback(conf.ENDPOINT):
            return []
        text = 'SEEDREAM["PUBLIC_URL"] leads to this machine alone: the provider cannot send anything there.'
        hint = 'Write the address that others reach this site by: "PUBLIC_URL": "https://www.example.org".'
        return [Warning(text, hint=hint, id="seedream.W021")]
    if urlsplit(conf.PUBLIC_URL).scheme == "http":
        text = 'SEEDREAM["PUBLIC_URL"] is not https: a token, or a picture, could be read on its way.'
        return [Warning(text, hint='Write "PUBLIC_URL": "https://…".', id="seedream.W020")]
    return _refused_host()


def _refused_host() -> list[CheckMessage]:
    """Django answers with 400 before any view is asked; only a proxy that sends another name saves it."""
    host = str(urlsplit(conf.PUBLIC_URL).hostname)
    if validate_host(host, settings.ALLOWED_HOSTS):
        return []
    text = 'ALLOWED_HOSTS lacks the host of SEEDREAM["PUBLIC_URL"]: what the provider sends here is refused.'
    hint = (
        f'Write ALLOWED_HOSTS = ["{host}", …]. If your proxy sends another host\'s name, silence this: '
        'SILENCED_SYSTEM_CHECKS = ["seedream.W028"].'
    )
    return [Warning(text, hint=hint, id="seedream.W028")]


@register(Tags.urls)
def check_own_urls(**kwargs: Any) -> list[CheckMessage]:
    """What the provider is to send here must have a view that takes it."""
    if not getattr(settings, "ROOT_URLCONF", None) or not (names := _coming_here()):
        return []
    try:
        reverse("seedream_django:order")
    except NoReverseMatch:
        hint = 'Add path("seedream/", include("seedream_django.urls")) to your urlpatterns.'
        text = (
            f'SEEDREAM["{names[0]}"] is True, and seedream_django.urls is not included: nothing would arrive.'
        )
        return [Error(text, hint=hint, id="seedream.E017")]
    return []


# -- Our inbox -----------------------------------------------------------------------------------------------


@register(Tags.files)
def check_inbox(**kwargs: Any) -> list[CheckMessage]:
    """Whether the provider can put files into the private storage, and the worker finds them there."""
    if conf.UPLOAD_ENDPOINT is not True or not isinstance(conf.PRIVATE_STORAGE, str | None):
        return []
    storage = private_storage()
    if isinstance(storage, NotLoaded):
        return []  # check_private says so
    if not (how := inbox.kind(storage)):
        text = (
            "The provider cannot put files into the private storage: of those that sign addresses Azure takes no "
            "bare PUT, and others sign none. Orders are sent without an upload, and pictures are downloaded."
        )
        hint = 'Write "PRIVATE_STORAGE": an alias of S3, Google Cloud or a folder, or leave "UPLOAD_ENDPOINT" out.'
        return [Warning(text, hint=hint, id="seedream.W025")]
    if how == inbox.FOLDER and not conf.PRIVATE_STORAGE and _is_elsewhere():
        text = "Files that the provider puts here lie on the web server's own disk: a worker elsewhere sees none."
        hint = (
            'Add an alias to STORAGES that all machines see and nobody serves: "PRIVATE_STORAGE": "private". '
            'With one machine silence this: SILENCED_SYSTEM_CHECKS = ["seedream.W026"].'
        )
        return [Warning(text, hint=hint, id="seedream.W026")]
    if how == inbox.S3 and not inbox.signs_for_strangers(storage):
        text = "The private storage signs in version 2, which binds a PUT to headers that nobody knows beforehand."
        hint = (
            'Write "signature_version": "s3v4" in its OPTIONS, or in their "client_config" if they have one. '
            "Until then orders are sent without an upload, and pictures are downloaded."
        )
        return [Warning(text, hint=hint, id="seedream.W027")]
    return []


def _is_elsewhere() -> bool:
    return not isinstance(picture_storage(), FileSystemStorage | NotLoaded)
