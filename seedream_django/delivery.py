"""How results are delivered: by the site's settings, or as code says for one order; never as an editor says.

Addresses that results are sent to carry secrets: a token, a signature. So those of the settings are in no row: they
are added to the task at the moment that it is sent.
"""

from __future__ import annotations

import ipaddress
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.urls import get_script_prefix, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from . import conf, inbox, parameters, tokens

if TYPE_CHECKING:
    from .models import Asked, Generation

logger = logging.getLogger(__name__)

#: What code may set for one order; each has a setting of the same name.
KEYWORDS = ("output_type", "delivery_method", "ttl", "webhook_url", "upload_endpoint")
#: Of these, addresses that results are sent to.
ADDRESSES = ("webhook_url", "upload_endpoint")
#: The settings of all these.
SETTINGS = tuple(keyword.upper() for keyword in KEYWORDS)

URL, SYNC, ASYNC = "URL", "sync", "async"


# -- The task ------------------------------------------------------------------------------------------------


def chosen(order: Mapping[str, Any]) -> dict[str, Any]:
    """How this order is delivered, as its row keeps it: ``{keyword: value}``, without the settings' addresses."""
    values = {"output_type": conf.OUTPUT_TYPE, "delivery_method": conf.DELIVERY_METHOD, "ttl": conf.TTL}
    values |= {keyword: order[keyword] for keyword in KEYWORDS if keyword in order}
    # The provider ignores it elsewhere: a row should not say what is not so.
    return values if values["output_type"] == URL else {**values, "ttl": None}


def tasks_of(generation: Generation) -> list[str]:
    """The UUIDs of an order's tasks where each result is one, the first its own; else nothing.

    So it is where each file has a place of its own in our inbox. A sequence is one task whatever is done: it gets no
    address to be put to.
    """
    if not has_inbox() or generation.expected == 1 or generation.frames > 1:
        return []
    return [str(generation.pk), *(str(uuid.uuid4()) for _ in range(generation.expected - 1))]


def addresses(generation: Generation, task_uuid: uuid.UUID) -> dict[str, str]:
    """Where the settings have the results of one of this order's tasks sent, for the moment that it is sent.

    A setting that fails is logged without its value, and left out: the picture comes without it. May ask a
    storage's provider for a signature.
    """
    wanted = [("webhookURL", "WEBHOOK_URL")]
    if generation.expected == 1 or (generation.is_split and conf.UPLOAD_ENDPOINT is True):
        # Several results of one task are all put to one address, and only the last of them stays.
        wanted.append(("uploadEndpoint", "UPLOAD_ENDPOINT"))
    found = {
        path: _address(path, name, generation, task_uuid)
        for path, name in wanted
        # What code said for this order counts.
        if path not in generation.parameters
    }
    return {path: tokens.Secret(address) for path, address in found.items() if address}


def goes_to_inbox(to: Iterable[Mapping[str, str]]) -> bool:
    """Whether, by the addresses of its tasks, the provider is asked to put files of an order into our inbox."""
    return conf.UPLOAD_ENDPOINT is True and any("uploadEndpoint" in found for found in to)


def is_inline(order: Asked) -> bool:
    """Whether its pictures come inside the replies."""
    return (order.output_type or URL) != URL


def is_hooked(to: Iterable[Mapping[str, str]]) -> bool:
    """Whether, by the addresses of its tasks, the provider is asked to tell this site itself of results."""
    return conf.WEBHOOK_URL is True and any("webhookURL" in found for found in to)


def has_inbox() -> bool:
    """Whether files can be put into our inbox: then each task has a place of its own there."""
    kind = inbox.kind() if conf.UPLOAD_ENDPOINT is True else ""
    return bool(kind) and (kind != inbox.FOLDER or bool(conf.PUBLIC_URL))


def _address(path: str, name: str, generation: Generation, task_uuid: uuid.UUID) -> str:
    if not (setting := getattr(conf, name)):
        return ""
    try:
        own = setting is True
        address = _OWN[name](generation, task_uuid) if own else _given(setting, generation)
    except Exception as error:
        # Somebody else's code. Its words may carry the address.
        logger.warning('SEEDREAM["%s"] failed (%s).', name, type(error).__name__)
        return ""
    if address and parameters.BY_PATH[path].check(address):
        logger.warning('SEEDREAM["%s"] gave no web address.', name)
        return ""
    return address or ""


def _given(setting: Any, generation: Generation) -> Any:
    return setting if is_address(setting) else function(setting)(generation)


def _own_webhook(generation: Generation, task_uuid: uuid.UUID) -> str:
    """Where this site is told of a result: by its order, whichever task it is of. Raises NoReverseMatch."""
    return public_address("webhook", tokens.WEBHOOK, generation.pk)


def _own_upload(generation: Generation, task_uuid: uuid.UUID) -> str:
    """Where a task's file is put: into the private storage directly, or to a view of ours that has a folder.

    Blank where it has no way in; a check says so. Raises what a storage's client raises, and NoReverseMatch.
    """
    if inbox.kind() == inbox.FOLDER:
        return public_address("upload", tokens.UPLOAD, generation.pk, task_uuid) if conf.PUBLIC_URL else ""
    return inbox.signed(task_uuid)


def public_address(name: str, purpose: str, *uuids: uuid.UUID) -> str:
    """The address of a view of ours for the provider, with a token for the last UUID in it. Raises NoReverseMatch.

    ``PUBLIC_URL`` has the path prefix, which a worker cannot know otherwise; where it knows one, it counts once.
    """
    path = reverse(f"seedream_django:{name}", args=uuids).removeprefix(get_script_prefix().rstrip("/"))
    return f"{conf.PUBLIC_URL.rstrip('/')}{path}?token={tokens.make(purpose, uuids[-1])}"


#: What ``True`` means in a setting.
_OWN: dict[str, Callable[[Generation, uuid.UUID], str]] = {
    "WEBHOOK_URL": _own_webhook,
    "UPLOAD_ENDPOINT": _own_upload,
}


def is_address(setting: Any) -> bool:
    """Whether it is an address itself, rather than a function that makes one."""
    return parameters.BY_KEYWORD["webhook_url"].check(setting) is None


def function(setting: Any) -> Any:
    """The function that makes an address of an order. Raises ImportError, or TypeError where it is none."""
    found = import_string(setting) if isinstance(setting, str) else setting
    if not callable(found):
        raise TypeError("This is neither a web address nor a function.")
    return found


# -- What code may not say -----------------------------------------------------------------------------------


def refused(order: Mapping[str, Any], pictures: int) -> dict[str, list[str]]:
    """What is wrong with what code says of delivery, beside what the page forbids: ``{keyword: sentences}``."""
    errors = {}
    for keyword in ADDRESSES:
        if is_address(order.get(keyword)) and _may_be_secret(order[keyword]):
            text = _(
                "It is kept with the order, so it may have no password and no query. "
                'Set SEEDREAM["%(setting)s"] instead, to an address or to a function that makes one.'
            )
            errors[keyword] = [text % {"setting": keyword.upper()}]
    if order.get("upload_endpoint") and pictures > 1:
        text = _("Only an order of one picture can be uploaded: several would overwrite each other.")
        errors.setdefault("upload_endpoint", []).append(text)
    return errors


def _may_be_secret(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.query or parts.fragment or "@" in parts.netloc)


def is_loopback(address: str) -> bool:
    """Whether it leads to this machine alone."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
