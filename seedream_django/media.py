"""What the provider must have before an order is sent: the references, by UUIDs that it knows.

The bytes are sent, not addresses: most sites' pictures are not public, and what is sent is what was checked. What
the provider has already is not sent again while it keeps it. All of this is free, and may be done again.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from . import conf, parameters, pictures, prompts, provider, references
from .exceptions import (
    BadPicture,
    Expired,
    ForbiddenAddress,
    InvalidOrder,
    NotRun,
    PictureError,
    Refused,
    Unclear,
)
from .models import (
    Generation,
    Reference,
    SentMedia,
    after,
    picture_storage,
    private_storage,
    storage_of,
)

#: The kind of trouble with a reference itself, which is none of the provider's.
KIND = "reference"
#: The provider keeps what it was sent for 30 days after its last use; a day is left for what is still queued.
KEPT = datetime.timedelta(days=29)

_TYPES = {"JPG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


@dataclass(frozen=True)
class Prepared:
    """The UUIDs in order; of these ``remembered`` were sent some other time."""

    uuids: tuple[str, ...] = ()
    remembered: frozenset[uuid.UUID] = frozenset()


def prepare(generation: Generation) -> Prepared:
    """Have the provider keep each reference of an order, and tell what it calls them.

    Raises Refused for a reference that is gone or that no try can help, NotRun for what may be tried again, and what
    the provider answers.
    """
    uuids: list[str] = []
    before: set[uuid.UUID] = set()
    now: set[uuid.UUID] = set()
    with override(None):
        # A row keeps what went wrong in English: who will read it is not known.
        for row in generation.references.select_related("file", "image"):
            known, is_remembered = _known_as(row)
            uuids.append(str(known))
            (before if is_remembered else now).add(known)
            # Whoever takes so long is alive: the row is left alone for another while.
            hold(generation)
    # The same picture twice is sent once, and was not there before.
    return Prepared(tuple(uuids), frozenset(before - now))


def hold(generation: Generation) -> None:
    """Have nobody else look at a waiting order for a while, unless somebody has it by now."""
    as_read = {"state": generation.state, "attempts": generation.attempts}
    Generation.objects.filter(pk=generation.pk, **as_read).update(look_at=after(conf.LEASE))


def tasks_for(
    generation: Generation, prepared: Prepared, to: Sequence[Mapping[str, str]]
) -> list[dict[str, Any]]:
    """The task objects as they are sent, complete: one, or one for each result. ``to`` are their addresses."""
    task = {**generation.parameters, "positivePrompt": generation.sent}
    if generation.is_split:
        task["numberResults"] = 1
    if prepared.uuids:
        roles = list(generation.references.values_list("role", flat=True))
        task["positivePrompt"] = prompts.with_roles(generation.sent, roles)
        task["inputs"] = {"referenceImages": list(prepared.uuids)}
    return [
        {**addresses, **task, "taskUUID": str(task_uuid)}
        for task_uuid, addresses in zip(generation.task_uuids, to, strict=True)
    ]


def forget(prepared: Prepared, error: Refused) -> bool:
    """Whether the provider has dropped what it was sent some other time: then nothing ran, and it is sent anew."""
    if "referenceImages" not in error.parameter:
        return False
    # Another order may have sent it anew by now: that stays.
    SentMedia.objects.filter(account=conf.account(), media_uuid__in=prepared.remembered).delete()
    return bool(prepared.remembered)


def clear() -> None:
    """Remove what the provider has dropped by now."""
    SentMedia.objects.filter(used_at__lt=timezone.now() - KEPT).delete()


def _known_as(row: Reference) -> tuple[uuid.UUID, bool]:
    """What the provider calls it, and whether that is from a memory of ours, which may be out of date."""
    if row.media_uuid is not None:
        return row.media_uuid, False
    if row.image is not None and row.image.size > parameters.REFERENCE_BYTES and not row.image.found:
        # Too large to be sent; the provider made it.
        return row.image.image_uuid, False
    if row.url and row.file is None:
        _fetch(row)
    if (known := _remembered(row.sha256)) is not None:
        return known, True
    picture = _bytes_of(row)
    sha256 = hashlib.sha256(picture).hexdigest()
    if sha256 != row.sha256:
        Reference.objects.filter(pk=row.pk).update(sha256=sha256)
        if (known := _remembered(sha256)) is not None:
            return known, True
    return _send(row, picture, sha256), False


def _remembered(sha256: str) -> uuid.UUID | None:
    """What the provider calls these bytes, if it has them; used now, it keeps them for longer."""
    there = SentMedia.objects.filter(
        account=conf.account(), sha256=sha256, used_at__gt=timezone.now() - KEPT
    ).first()
    if there is None or not sha256:
        return None
    SentMedia.objects.filter(pk=there.pk).update(used_at=timezone.now())
    return there.media_uuid


def _send(row: Reference, picture: bytes, sha256: str) -> uuid.UUID:
    format = _checked(row, picture)
    try:
        known = provider.client().keep(picture, _TYPES[format])
    except Unclear as error:
        # It costs nothing: at worst the provider has it twice.
        raise NotRun(error.message, kind=error.kind, code=error.code, status=error.status) from None
    SentMedia.remember(conf.account(), sha256, known)
    return known


def _checked(row: Reference, picture: bytes) -> str:
    """What it is. A file of the site's own was not looked at before."""
    try:
        facts = pictures.glance(io.BytesIO(picture))
    except BadPicture:
        raise _refused(row, _("it is broken, or no picture in PNG, JPG or WEBP.")) from None
    if problem := pictures.check_reference(facts, len(picture)):
        raise _refused(row, _(problem.text) % problem.params)
    return facts.format


def _bytes_of(row: Reference) -> bytes:
    if row.file is not None:
        storage, name = private_storage(), str(row.file.file.name)
    elif row.image is not None:
        storage, name = picture_storage(), str(row.image.file.name)
    elif row.place:
        storage, name = _storage_of(row), row.name
    else:
        raise _refused(row, _("it was deleted meanwhile."))
    try:
        with storage.open(name) as file:
            picture = file.read(parameters.REFERENCE_BYTES + 1)
    except FileNotFoundError:
        raise _refused(row, _("it was deleted meanwhile.")) from None
    except Exception as error:
        # Every storage has errors of its own, and their texts may carry signed addresses.
        text = _("A reference could not be read from its storage (%(reason)s).") % {
            "reason": type(error).__name__
        }
        raise NotRun(text, kind=KIND) from None
    return bytes(picture)


def _storage_of(row: Reference) -> Any:
    try:
        return storage_of(row.place)
    except LookupError:
        raise _refused(row, _("the site has no such field any more.")) from None


def _fetch(row: Reference) -> None:
    """Fetch what was named by address, once, and keep its bytes: the address may carry a secret, and may die."""
    with tempfile.TemporaryDirectory(prefix="seedream-") as folder:
        path = Path(folder) / "reference"
        try:
            provider.client().fetch(row.url, path, max_bytes=parameters.REFERENCE_BYTES)
            with path.open("rb") as stream:
                file = references.keep_fetched(File(stream, name=row.label), user=row.generation.user)
        except ForbiddenAddress:
            raise _refused(row, _("its address is not public.")) from None
        except (Expired, BadPicture) as error:
            raise _refused(row, str(error)) from None
        except InvalidOrder as error:
            raise _refused(row, " ".join(error.errors["references"])) from None
        except PictureError as error:
            raise NotRun(str(error), kind=KIND) from None
    # Not where its order was redacted meanwhile, or deleted.
    columns = {"file": file, "sha256": file.sha256, "url": row.url.partition("?")[0]}
    Reference.objects.filter(pk=row.pk, url=row.url).update(**columns)
    for name, value in columns.items():
        setattr(row, name, value)


def _refused(row: Reference, why: str) -> Refused:
    text = _("Reference %(number)s (%(name)s): %(what)s") % {
        "number": row.position + 1,
        "name": row,
        "what": why,
    }
    return Refused(text, kind=KIND, parameter="inputs.referenceImages")
