"""What an order is made from: whatever somebody gives, read into rows, checked by its header, and kept.

Nothing here asks the network. What is given by address is fetched by a worker, before anything is paid.
"""

from __future__ import annotations

import datetime
import io
import re
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import signing
from django.core.files.base import File
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.encoding import iri_to_uri
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from . import given
from .exceptions import InvalidOrder, StorageAway
from .given import Away, Wrong
from .models import (
    PRIVATE,
    DiscardedFile,
    GeneratedImage,
    Generation,
    Reference,
    ReferenceFile,
    Role,
    after,
)
from .models.references import LEFT_AFTER

#: Longest address that is kept, in characters.
URL_LENGTH = 2000

#: A text of at least so many characters in base64 is a picture; the smallest PNG has some 70 bytes.
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{64,}={0,2}\s*")
_DATA_URI = re.compile(r"data:image/[a-z.+-]+;base64,", re.IGNORECASE)
_ADDRESS = re.compile(r"https://([^\s/?#@\\]+)([/?][^\s\\]*)?", re.IGNORECASE)
_ALONE = (str, bytes, bytearray, Path, File, GeneratedImage, ReferenceFile, Reference)


def read(items: Iterable[Any], *, user: Any = None) -> list[Reference]:
    """Unsaved rows of what somebody gives, in order.

    Each item, or the source of a pair (source, role), is an ``https`` address, a UUID of the provider's, a data URI or
    base64; bytes, a ``Path``, a Django ``File``; the file of any model's field; a GeneratedImage, a ReferenceFile, or
    a Reference of another order. With ``user`` only what this person may use. A role is one of ``Role``.

    Raises InvalidOrder with everything that is wrong, by number where there are several.
    """
    rows, wrong = [], []
    # One that is given alone would otherwise be read letter by letter.
    sources = [items] if isinstance(items, _ALONE) else list(items)
    for number, item in enumerate(sources, 1):
        source, role = item if isinstance(item, tuple) and len(item) == 2 else (item, None)
        try:
            row = _read(source, user)
            row.role = _role(role, row)
            row.position = number - 1
            rows.append(row)
        except Wrong as error:
            numbered = _("Reference %(number)s: %(what)s") % {"number": number, "what": error}
            wrong.append(numbered if len(sources) > 1 else capfirst(str(error)))
    if wrong:
        raise InvalidOrder({"references": wrong})
    return rows


def keep(file: File[Any], *, user: Any = None, label: str = "") -> ReferenceFile:
    """Keep a given file where nobody serves it. The same bytes from the same person are the same row.

    Raises InvalidOrder for what cannot be a reference, or cannot be kept just now.
    """
    try:
        return given.kept(_named(file, label), user)
    except Away as error:
        raise _not_now(error) from None


def keep_fetched(file: File[Any], *, user: Any = None) -> ReferenceFile:
    """The same for a worker, which tries again. Raises InvalidOrder, and StorageAway where it cannot be kept now."""
    try:
        return given.kept(_named(file, ""), user)
    except Away as error:
        raise StorageAway(f"The storage did not take the file ({error}).") from None


def keep_all(rows: list[Reference], *, user: Any = None) -> None:
    """Keep the bytes of those that were given as such, before the order has a row. Raises InvalidOrder."""
    for row in rows:
        pending = row.__dict__.pop("pending", None)
        if pending is not None:
            try:
                row.file = given.kept(pending, user)
            except Away as error:
                raise _not_now(error) from None
    # What nobody uses is removed a day after it was given; these are used now.
    files = {row.file_id: row for row in rows if row.file_id}
    if ReferenceFile.objects.filter(pk__in=files).touch() < len(files):
        there = set(ReferenceFile.objects.filter(pk__in=files).values_list("pk", flat=True))
        raise InvalidOrder({"references": [str(_gone(files[pk])) for pk in sorted(set(files) - there)]})


def clear(limit: int = 500) -> None:
    """Remove the files that were given for an order that never came, or whose orders are gone."""
    for file in ReferenceFile.objects.left()[:limit]:
        with transaction.atomic():
            # Whoever orders from it touches it first: of the two, one waits for the other.
            old = ReferenceFile.objects.select_for_update().filter(created_at__lt=after(-LEFT_AFTER))
            if old.filter(pk=file.pk).first() is None or file.references.exists():
                continue
            DiscardedFile.objects.create(storage=PRIVATE, name=str(file.file.name))
            file.delete()


def identity(row: Reference) -> list[str]:
    """What makes two references the same, and what it is for: by content where that is known."""
    named = f"{row.place}:{row.name}" if row.place else row.url or str(row.media_uuid or "")
    return [row.sha256 or named, row.role]


def copies(rows: Iterable[Reference], *, user: Any = None) -> list[Reference]:
    """The same for another order, unsaved. One whose source is gone cannot be given again: raises InvalidOrder."""
    return read([(row, row.role) for row in rows], user=user)


def of_image(image: GeneratedImage, role: str = Role.GUIDE) -> Reference:
    """A picture of ours, unsaved. Whether this person may use it was asked before: it is not asked here."""
    return Reference(image=image, label=str(image)[:200], sha256=image.sha256, role=role)


# -- One of them ---------------------------------------------------------------------------------------------


def _read(source: Any, user: Any) -> Reference:
    if isinstance(source, Reference):
        return _again(source, user)
    if isinstance(source, GeneratedImage):
        return _of_usable(source, user)
    if isinstance(source, ReferenceFile):
        if user is not None and source.user_id != user.pk:
            raise Wrong(_("this file is not yours."))
        return Reference(file=source, label=source.label, sha256=source.sha256)
    if isinstance(source, FieldFile) and getattr(source, "_committed", False):
        return _of_field(source)
    if isinstance(source, str):
        return _of_text(source.strip(), user)
    return _pending(given.glanced(given.opened(source), given.name_of(source)))


def _role(role: Any, row: Reference) -> str:
    if role is None:
        return row.role
    if role not in Role.values:
        allowed = ", ".join(value for value in Role.values if value)
        raise Wrong(
            _("there is no role “%(role)s”. There are: %(allowed)s.") % {"role": role, "allowed": allowed}
        )
    return str(role)


def _of_text(text: str, user: Any) -> Reference:
    if match := _DATA_URI.match(text):
        return _pending(given.glanced(io.BytesIO(given.decoded(text[match.end() :])), ""))
    if _is_uuid(text):
        return _of_uuid(uuid.UUID(text), user)
    if "://" in text:
        return Reference(url=_address(text), label=_bare(text)[:200])
    if _BASE64.fullmatch(text):
        return _pending(given.glanced(io.BytesIO(given.decoded(text)), ""))
    raise Wrong(_("it is no address (https://…), no UUID and no picture as base64."))


def _address(text: str) -> str:
    """As it is asked for: in ASCII, and without what is only the browser's."""
    match = _ADDRESS.fullmatch(text.partition("#")[0])
    try:
        url = f"https://{match[1].encode('idna').decode()}{iri_to_uri(match[2] or '')}" if match else ""
    except UnicodeError:
        url = ""
    if not 0 < len(url) <= URL_LENGTH:
        raise Wrong(_("an address must begin with https:// and be complete."))
    return url


def _of_uuid(known: uuid.UUID, user: Any) -> Reference:
    """One of our own pictures by its UUID is the picture; any other is the provider's to know."""
    image = GeneratedImage.objects.filter(image_uuid=known).first()
    return _of_usable(image, user) if image is not None else Reference(media_uuid=known, label=str(known))


def _of_usable(image: GeneratedImage, user: Any) -> Reference:
    offered = GeneratedImage.objects.shown() if user is None else GeneratedImage.objects.choosable_by(user)
    if not offered.filter(pk=image.pk).exists():
        raise Wrong(_("this picture cannot be used: it is not finished, or it is not yours."))
    return of_image(image)


def _of_field(file: FieldFile) -> Reference:
    """A file that the site has: it stays where it is, and a worker reads it."""
    model = file.instance._meta.label_lower
    label = Path(str(file.name)).name[:200]
    return Reference(place=f"{model}.{file.field.name}", name=str(file.name), label=label)


def _again(row: Reference, user: Any) -> Reference:
    """The same source for another order. An address without its query may lead elsewhere: its bytes were kept."""
    if row.pk is not None:
        _check_usable(row, user)
    names = ("role", "file", "image", "place", "name", "url", "media_uuid", "label", "sha256")
    copy = Reference(**{name: getattr(row, name) for name in names})
    if "pending" in row.__dict__:
        copy.__dict__["pending"] = row.__dict__["pending"]
        return copy
    if copy.file is None and copy.image is None and not (copy.place or copy.url or copy.media_uuid):
        raise _gone(row)
    return copy


def _check_usable(row: Reference, user: Any) -> None:
    """That of an order: a picture may be flagged or hidden since, and the order another person's."""
    if user is not None and not Generation.objects.visible_to(user).filter(pk=row.generation_id).exists():
        raise Wrong(_("this file is not yours."))
    if row.image is not None:
        _of_usable(row.image, user)


def _gone(row: Reference) -> Wrong:
    return Wrong(_("“%(name)s” was deleted meanwhile. Give it again, or order without it.") % {"name": row})


def _is_uuid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is not None


def _bare(url: str) -> str:
    return re.split(r"[?#]", url, maxsplit=1)[0]


def _pending(file: ReferenceFile) -> Reference:
    row = Reference(label=file.label, sha256=file.sha256)
    row.__dict__["pending"] = file
    return row


def _named(file: File[Any], label: str) -> ReferenceFile:
    name = label or Path(str(file.name or "")).name
    try:
        return given.glanced(file, name)
    except Wrong as error:
        shown = _("“%(name)s”: %(what)s") % {"name": name, "what": capfirst(str(error))}
        raise InvalidOrder({"references": [shown]}) from None


def _not_now(error: Away) -> InvalidOrder:
    text = _("It could not be kept just now (%(why)s). Try again.") % {"why": error}
    return InvalidOrder({"references": [text]})


# -- Handed to a page, and back ------------------------------------------------------------------------------

#: Salt of what a page keeps of a source, and how long it may be used: a form may lie open over a long weekend.
SALT = "seedream_django.reference"
TOKEN_AGE = datetime.timedelta(days=7)
#: How long the present file of a field may be asked for: a page offers it anew each time.
FIELD_TOKEN_AGE = datetime.timedelta(days=1)

_KEPT = ("file_id", "image_id", "place", "name", "url", "media_uuid", "label", "sha256", "role")


def token_of(source: FieldFile | Reference, user: Any) -> str:
    """What a page keeps of a source: signed for this person, so that nobody uses what another gave.

    Of a field's file it names the object, not the file: ``from_token`` finds what is there then. Of a Reference, which
    is kept already, all that makes it up.
    """
    if isinstance(source, Reference):
        kept: list[Any] = [getattr(source, name) for name in _KEPT]
        kept[_KEPT.index("media_uuid")] = str(source.media_uuid) if source.media_uuid else ""
        return signing.dumps([_who(user), kept], salt=SALT, compress=True)
    place = f"{source.instance._meta.label_lower}.{source.field.name}"
    return signing.dumps([_who(user), [place, str(source.instance.pk)]], salt=f"{SALT}.field")


def from_token(token: str, user: Any) -> FieldFile | Reference | None:
    """What ``token_of`` made this of, for ``read``; None if it is forged, old, somebody else's, or gone."""
    return _field_of(token, user) or from_tokens([token], user)[0]


def from_tokens(tokens: Sequence[str], user: Any) -> list[Reference | None]:
    """The same of many, which were References: one query for their files and one for their pictures."""
    rows = [_row_of(token, user) for token in tokens]
    found = [row for row in rows if row is not None]
    if not found:
        return rows
    files = ReferenceFile.objects.in_bulk({row.file_id for row in found} - {None})
    images = GeneratedImage.objects.choosable_by(user).in_bulk({row.image_id for row in found} - {None})
    for row in found:
        # A source that is gone leaves its name: ``read`` says that it is.
        row.file, row.image = files.get(row.file_id), images.get(row.image_id)
    return rows


def _who(user: Any) -> str:
    return str(user.pk)


def _loaded(token: str, user: Any, salt: str, age: datetime.timedelta) -> Any:
    try:
        who, kept = signing.loads(token, salt=salt, max_age=age)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return kept if user is not None and user.pk is not None and who == _who(user) else None


def _row_of(token: str, user: Any) -> Reference | None:
    kept = _loaded(token, user, SALT, TOKEN_AGE)
    if kept is None or len(kept) != len(_KEPT):  # or a form from before an upgrade
        return None
    values = dict(zip(_KEPT, kept, strict=True))
    values["media_uuid"] = uuid.UUID(values["media_uuid"]) if values["media_uuid"] else None
    return Reference(**values)


def _field_of(token: str, user: Any) -> FieldFile | None:
    kept = _loaded(token, user, f"{SALT}.field", FIELD_TOKEN_AGE)
    if kept is None:
        return None
    (label, _dot, name), pk = kept[0].rpartition("."), kept[1]
    try:
        row = apps.get_model(label)._base_manager.filter(pk=pk).first()
    except (LookupError, ValueError):
        return None
    file = getattr(row, name, None)
    return file if isinstance(file, FieldFile) and file else None
