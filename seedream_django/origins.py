"""What pictures are made from, and what was made from them, as pages show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .models import GeneratedImage, Generation, Reference, ReferenceFile, Role

#: Orders that are named of those that changed a picture, the newest first.
NAMED = 12
#: A file of more pixels than this is shown by its name: decoding it takes as much memory as it has pixels, but a JPG
#: is decoded at a fraction of its size.
LIGHT = 12_000_000


@dataclass(frozen=True)
class Shown:
    """One picture that an order is made from: its name, what it is for, and where it can be seen, or blank."""

    row: Reference
    name: str
    role: str
    preview: str = ""
    page: str = ""


def shown(rows: Iterable[Reference], user: Any) -> list[Shown]:
    """Each as this person may see it. One query for all the pictures among them; none where there are none.

    ``rows`` have their ``file`` read already.
    """
    rows = list(rows)
    there = {row.image_id for row in rows} - {None}
    images = GeneratedImage.objects.choosable_by(user).in_bulk(there) if there and user is not None else {}
    return [_shown(row, images.get(row.image_id)) for row in rows]


def _shown(row: Reference, image: GeneratedImage | None) -> Shown:
    role = capfirst(str(Role(row.role).label))
    # Of an address its query may be a key: the label is made without it. Redacted, there is none.
    name = row.label or str(row.media_uuid or image or _("(redacted)"))
    if image is not None:
        return Shown(row, name, role, image.preview_url, _page("generatedimage_change", image.pk))
    return Shown(row, name, role, file_preview(row.file))


def file_preview(file: ReferenceFile | None) -> str:
    """Where a small picture of a given file is shown to those who may see it, or blank."""
    if file is None or not is_light(file):
        return ""
    try:
        return reverse("seedream_django:reference", args=[file.pk])
    except NoReverseMatch:
        return ""


def is_light(file: ReferenceFile) -> bool:
    """Whether a small picture of it is made without much memory."""
    return file.format == "JPG" or file.width * file.height <= LIGHT


def may_see(file: ReferenceFile, user: Any) -> bool:
    """Whoever gave it, and those who may see an order that is made from it."""
    if file.user_id is not None and file.user_id == user.pk:
        return True
    return Generation.objects.visible_to(user).filter(references__file=file).exists()


def may_use(image: GeneratedImage, user: Any) -> bool:
    """Whether this person may make others from it."""
    return GeneratedImage.objects.choosable_by(user).filter(pk=image.pk).exists()


def edited_in(rows: Any, user: Any) -> list[Generation]:
    """The newest orders of this person's that change one of these pictures, with their pictures read."""
    edits = Reference.objects.filter(role=Role.EDIT, image__in=rows)
    orders = Generation.objects.visible_to(user).filter(pk__in=edits.values("generation"), hidden=False)
    return list(orders.prefetch_related("images")[:NAMED])


def _page(name: str, pk: Any) -> str:
    try:
        return reverse(f"admin:seedream_django_{name}", args=[pk])
    except NoReverseMatch:
        return ""
