"""The bytes that somebody gives as a reference: opened, checked by their header, and kept where nobody serves them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.utils import timezone
from django.utils.translation import gettext as _

from . import parameters, pictures
from .exceptions import BadPicture
from .models import ReferenceFile, private_storage

#: Folder in the private storage; strftime codes are filled in.
FOLDER = "references/%Y/%m"

_DEFAULT_NAMES = {"JPG": "picture.jpg", "PNG": "picture.png", "WEBP": "picture.webp"}


class Wrong(Exception):
    """What is wrong with one of them, in a sentence."""


class Away(Exception):
    """The private storage takes nothing now: the name of its error."""


def opened(source: Any) -> Any:
    if isinstance(source, (bytes, bytearray)):
        return io.BytesIO(source)
    if isinstance(source, Path):
        try:
            if (size := source.stat().st_size) > parameters.REFERENCE_BYTES:
                raise Wrong(_too_large(size))
            return io.BytesIO(source.read_bytes())
        except OSError as error:
            raise Wrong(_("the file cannot be read (%(why)s).") % {"why": error.strerror}) from None
    if hasattr(source, "read") and hasattr(source, "seek"):
        return source
    raise Wrong(_("%(type)s is nothing that a reference can be.") % {"type": f"“{type(source).__name__}”"})


def name_of(source: Any) -> str:
    return Path(str(getattr(source, "name", "") or "")).name


def decoded(text: str) -> bytes:
    if len(text) > parameters.REFERENCE_BYTES * 2:
        raise Wrong(_too_large(len(text) * 3 // 4))
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(_("it is no picture as base64.")) from None


def _too_large(size: int) -> str:
    megabytes = {"size": f"{size / 2**20:.1f}", "max": parameters.REFERENCE_BYTES >> 20}
    return _(pictures.REFERENCE_TEXTS[0]) % megabytes


def glanced(stream: Any, name: str) -> ReferenceFile:
    """An unsaved row of a file, whose bytes are read in pieces. Raises Wrong for what cannot be a reference."""
    sha256, size = hashlib.sha256(), 0
    for piece in _pieces(stream):
        sha256.update(piece)
        size += len(piece)
        if size > parameters.REFERENCE_BYTES * 4:
            break
    if size > parameters.REFERENCE_BYTES:
        raise Wrong(_too_large(size))
    stream.seek(0)
    try:
        facts = pictures.glance(getattr(stream, "file", None) or stream)
    except BadPicture:
        raise Wrong(_("it is broken, or no picture in PNG, JPG or WEBP.")) from None
    if problem := pictures.check_reference(facts, size):
        raise Wrong(_(problem.text) % problem.params)
    row = ReferenceFile(
        label=(name or _DEFAULT_NAMES[facts.format])[:200],
        sha256=sha256.hexdigest(),
        format=facts.format,
        width=facts.width,
        height=facts.height,
        size=size,
    )
    row.__dict__["stream"] = stream
    return row


def _pieces(stream: Any) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(1 << 20):
        yield piece


def kept(file: ReferenceFile, user: Any) -> ReferenceFile:
    """The row of these bytes, made now or some other time; ``file`` may be given again, with another order."""
    there = ReferenceFile.objects.complete().filter(sha256=file.sha256, user=user).first()
    if there is not None and not ReferenceFile.objects.filter(pk=there.pk).touch():
        there = None
    if there is not None and not _is_missing(there):
        return there
    facts = {name: getattr(file, name) for name in ("label", "sha256", "format", "width", "height")}
    row = there or ReferenceFile(user=user, **facts)
    name = f"{timezone.now().strftime(FOLDER)}/{uuid.uuid4()}.{pictures.EXTENSIONS[file.format]}"
    # The row first: whoever dies over the file leaves its name behind, and it is removed a day later.
    row.file.name, row.size = name, 0
    row.save()
    try:
        row.file.name = _save(name, file.__dict__["stream"])
    except Exception as error:
        # Every storage has errors of its own, and their texts may carry signed addresses.
        raise Away(type(error).__name__) from None
    row.size = file.size
    row.save(update_fields=["file", "size"])
    return row


def _save(name: str, stream: Any) -> str:
    stream.seek(0)
    return private_storage().save(name, stream if isinstance(stream, File) else ContentFile(stream.read()))


def _is_missing(row: ReferenceFile) -> bool:
    """Whether the storage says that it does not have the file; one that is away says nothing."""
    try:
        return not private_storage().exists(str(row.file.name))
    except Exception:
        return False
