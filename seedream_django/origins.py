"""What pictures are made from, and what was made from them, as pages show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .models import GeneratedImage, Generation, Reference, ReferenceFile, Role

#: Orders that are named of those made from a picture, the newest first; references, of all in one line of descent.
NAMED, TOLD = 12, 200
#: How far a picture's descent is followed, both ways.
DEPTH = 3
#: A file of more pixels than this is shown by its name: decoding it takes as much memory as it has pixels, but a JPG
#: is decoded at a fraction of its size.
LIGHT = 12_000_000


Each = TypeVar("Each")


class Few(list[Each]):
    """Those that are named; ``more``: whether there are others, here or further on."""

    more = False


@dataclass(frozen=True)
class Shown:
    """One picture that an order is made from: its name, what it is for, and where it can be seen, or blank.

    ``sources``: what it was made from itself, as far as that is followed.
    """

    row: Reference
    name: str
    role: str
    preview: str = ""
    page: str = ""
    sources: list[Shown] = field(default_factory=list)


@dataclass(frozen=True)
class Branch:
    """An order that is made from a picture, with its pictures read, and what is made from those."""

    order: Generation
    branches: list[Branch] = field(default_factory=list)


def shown(rows: Iterable[Reference], user: Any, depth: int = 1) -> Few[Shown]:
    """Each as this person may see it. One query for all the pictures among them; none where there are none.

    ``rows`` have their ``file`` read already. ``depth``: how many generations are told; two queries for each more.
    """
    rows = list(rows)
    there = {row.image_id for row in rows} - {None}
    images = GeneratedImage.objects.choosable_by(user).in_bulk(there) if there and user is not None else {}
    sources, more = _sources({image.generation_id for image in images.values()}, user, depth - 1)
    found = Few(_shown(row, images.get(row.image_id), sources) for row in rows)
    found.more = more
    return found


def _sources(orders: set[Any], user: Any, depth: int) -> tuple[dict[Any, list[Shown]], bool]:
    """What these orders are made from, by order, and whether there is more."""
    found: dict[Any, list[Shown]] = defaultdict(list)
    if not orders or depth < 1:
        return found, False
    uses = Reference.objects.filter(generation__in=orders).select_related("file")
    rows = list(uses.order_by("generation", "position")[: TOLD + 1])
    told = shown(rows[:TOLD], user, depth)
    for each in told:
        found[each.row.generation_id].append(each)
    return found, told.more or len(rows) > TOLD


def _shown(row: Reference, image: GeneratedImage | None, sources: dict[Any, list[Shown]]) -> Shown:
    role = capfirst(str(Role(row.role).label))
    # Of an address its query may be a key: the label is made without it. Redacted, there is none.
    name = row.label or str(row.media_uuid or image or _("(redacted)"))
    if image is not None:
        page = _page("generatedimage_change", image.pk)
        return Shown(row, name, role, image.preview_url, page, sources.get(image.generation_id, []))
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


def made_from(rows: Any, user: Any, depth: int = 1) -> Few[Branch]:
    """The newest orders of this person's that are made from one of these pictures, and so on ``depth`` times.

    Two queries; three for each more, as long as there is anything.
    """
    uses = Reference.objects.filter(image__in=rows)
    seen = Generation.objects.visible_to(user).filter(pk__in=uses.values("generation"), hidden=False)
    orders = list(seen.prefetch_related("images")[: NAMED + 1])
    more, orders = len(orders) > NAMED, orders[:NAMED]
    images = {image.pk: order.pk for order in orders for image in order.images.all()}
    below: Few[Branch] = made_from(list(images), user, depth - 1) if depth > 1 and images else Few()
    further = _further(below, images)
    found = Few(Branch(order, further[order.pk]) for order in orders)
    found.more = more or below.more
    return found


def _further(below: Few[Branch], images: dict[int, Any]) -> dict[Any, list[Branch]]:
    """What was made from these pictures, by the order that each is of."""
    further: dict[Any, list[Branch]] = defaultdict(list)
    branches = {branch.order.pk: branch for branch in below}
    links = (
        Reference.objects.filter(generation__in=list(branches), image__in=list(images)) if branches else ()
    )
    for row in links:
        siblings = further[images[row.image_id or 0]]
        if branches[row.generation_id] not in siblings:
            siblings.append(branches[row.generation_id])
    return further


def _page(name: str, pk: Any) -> str:
    try:
        return reverse(f"admin:seedream_django_{name}", args=[pk])
    except NoReverseMatch:
        return ""
