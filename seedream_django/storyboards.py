"""Storyboards: the frames of a sequence, what stands in each, having one made anew, and putting one back.

Which picture stands in a frame is a row, and changes by a compare-and-set: a new picture takes the place of the one
that stood there when it was ordered, or lies beside it as an offer. Nothing is ever taken out of the library.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import audit, orders, parameters, signals
from .exceptions import InvalidOrder, NotAllowed
from .models import Frame, GeneratedImage, Generation, ImageState, Replacement, Review, Role
from .people import people_with

logger = logging.getLogger(__name__)

#: What the new picture has of its sequence.
KEPT = ("width", "height", "output_format", "output_quality", "optimize_prompt_mode")
#: How the model is told what the neighbours are for: it has no parameter for it, but counts the pictures from 1.
BEFORE, AFTER = "image {} comes before it", "image {} comes after it"
LINE = "It is one picture of a sequence: {}. Keep the same characters, places, style and light."
#: “3. …”, “3) …”, “Scene 3: …” at the beginning of a line.
_NUMBERED = re.compile(r"(?:[^\W\d]+\s+)?(\d{1,2})\s*[.):–—-]\s*(\S.*)")

REPLACED = gettext_lazy("Replaced frame %(number)s.")


@dataclass(frozen=True)
class Shot:
    """One frame as a person may see it: what stands there, and what else there is for it.

    ``image`` is None where nothing stands there, or what does is not for this person: then ``is_hidden``.
    """

    number: int
    image: GeneratedImage | None
    row: Frame | None = None
    is_hidden: bool = False
    #: Pictures that stood here before, and those that came second and never did, the newest first.
    earlier: list[GeneratedImage] = field(default_factory=list)
    offers: list[GeneratedImage] = field(default_factory=list)
    #: Orders for this frame of which no picture came yet, the newest first.
    tries: list[Generation] = field(default_factory=list)
    #: Of the offers those that take the place once somebody approves them, the newest first.
    waiting: list[GeneratedImage] = field(default_factory=list)
    #: Orders of which a picture still comes without anybody's doing, the newest first.
    coming: list[Generation] = field(default_factory=list)

    @property
    def standing(self) -> int | None:
        """The key of what stands there, whoever may see it."""
        if self.row is not None:
            return self.row.image_id
        return self.image.pk if self.image is not None else None

    @property
    def is_shown(self) -> bool:
        """Whether there is a picture that others may be made from, and that may be taken along."""
        return self.image is not None and is_usable(self.image)


def is_usable(image: GeneratedImage) -> bool:
    """Finished, not held back, and not of an order that was cancelled."""
    return image.is_stored and not image.is_held_back and not image.generation.hidden


def is_sequence(generation: Generation) -> bool:
    """Whether its pictures are one sequence. Of several results each is a sequence of its own, and has no strip."""
    return generation.frames > 1 and generation.frames == generation.expected


# -- Looking -------------------------------------------------------------------------------------------------


def frames(generation: Generation, *, user: Any = None) -> list[Shot]:
    """The frames of a sequence in order. With ``user`` as this person may see them; without, all.

    Three queries, however many there are. Empty where nothing came yet, and for what is no sequence.
    """
    if not is_sequence(generation):
        return []
    rows = {row.number: row for row in generation.replaced_frames.select_related("changed_by")}
    found = Replacement.objects.filter(frame__sequence=generation).select_related("generation__user")
    replacements = {each.generation_id: each for each in found.order_by("-generation__created_at")}
    images = _images([generation.pk, *replacements], user)
    originals = _numbered(image for image in images if image.generation_id == generation.pk)
    sees_all = user is None or user.has_perm("seedream_django.see_others_prompts")
    seen = [each for each in replacements.values() if sees_all or each.generation.user_id == user.pk]
    last = max([0, *originals, *rows])
    return [
        _shot(number, originals.get(number), rows.get(number), seen, images) for number in range(1, last + 1)
    ]


def frame(generation: Generation, number: int, *, user: Any = None) -> Shot | None:
    """One of them, by its number from 1; None where there is none."""
    shots = frames(generation, user=user)
    return shots[number - 1] if 0 < number <= len(shots) else None


def instruction(generation: Generation, number: int) -> str:
    """The words to begin with where a frame is made anew: its own line of the prompt if that can be told, else all.

    Its own is what begins with its number, with what stands before all numbers; or, where there are as many lines as
    pictures were ordered, the line in its place.
    """
    lines = [line.strip() for line in generation.prompt.splitlines() if line.strip()]
    found = [(place, match) for place, line in enumerate(lines) if (match := _NUMBERED.fullmatch(line))]
    if [int(match[1]) for _place, match in found] == list(range(1, len(found) + 1)) and len(found) >= 2:
        own = [match[2] for _place, match in found if int(match[1]) == number]
        return "\n".join([*lines[: found[0][0]], *own]) if own else generation.prompt
    fits = len(lines) == generation.frames and 0 < number <= len(lines)
    return lines[number - 1] if fits else generation.prompt


def _images(orders_: list[Any], user: Any) -> list[GeneratedImage]:
    rows = GeneratedImage.objects.all() if user is None else GeneratedImage.objects.visible_to(user)
    rows = rows.filter(generation__in=orders_, generation__hidden=False)
    return list(rows.select_related("generation__user").order_by("position", "pk"))


def _numbered(images: Iterable[GeneratedImage]) -> dict[int, GeneratedImage]:
    """By the number of the frame. A gap stays one: the provider left it, or its picture was deleted."""
    found: dict[int, GeneratedImage] = {}
    for image in images:
        # Two may have one position where the provider said none.
        found[max(image.position + 1, max(found, default=0) + 1)] = image
    return found


def _shot(
    number: int,
    original: GeneratedImage | None,
    row: Frame | None,
    replacements: list[Replacement],
    images: list[GeneratedImage],
) -> Shot:
    if row is None:
        return Shot(number, original)
    mine = {each.generation_id: each for each in replacements if each.frame_id == row.pk}
    beside = [image for image in images if image.generation_id in mine]
    undecided = [each for each in mine.values() if each.took is None]
    standing = next((each for each in [*beside, original] if each and each.pk == row.image_id), None)
    if row.image_id is None and row.changed_at is None:
        # An order for a gap alone changes nothing: what came late stands there.
        standing = original
    others = [image for image in reversed(beside) if image != standing and image.is_stored]
    earlier = [image for image in others if mine[image.generation_id].took]
    came = {image.generation_id for image in beside if image.is_stored}
    takes = {each.pk for each in undecided if each.replaces_id == row.image_id}
    if original is not None and original != standing and original.is_stored:
        earlier.append(original)
    return Shot(
        number,
        standing,
        row,
        is_hidden=row.image_id is not None and standing is None,
        earlier=earlier,
        offers=[image for image in others if not mine[image.generation_id].took],
        tries=[each.generation for each in undecided if each.pk not in came],
        waiting=[image for image in others if image.generation_id in takes and _waits(image)],
        coming=[each.generation for each in undecided if _is_coming(each, beside)],
    )


def _waits(image: GeneratedImage) -> bool:
    return image.is_held_back and image.decision == Review.WAITING


def _is_coming(row: Replacement, images: list[GeneratedImage]) -> bool:
    """Whether its picture is being made, saved or moved, or was saved and is put there in a moment."""
    if row.generation.hidden:
        return False
    own = [image for image in images if image.generation_id == row.pk]
    return not row.generation.is_final or any(
        image.state == ImageState.RECEIVED or image.is_moving or (is_usable(image) and row.is_young(image))
        for image in own
    )


# -- Having one made anew ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Neighbours:
    """What a frame is made anew from, as far as it may be used, and what is left out."""

    before: GeneratedImage | None
    after: GeneratedImage | None
    present: GeneratedImage | None
    #: Numbers of the frames beside it whose pictures cannot be used.
    missing: list[int]

    def references(self, keep: bool) -> list[Any]:
        """As ``orders.place`` takes them; with ``keep`` the present picture is the one to change."""
        present = [(self.present, Role.EDIT)] if keep and self.present else []
        return [*filter(None, (self.before, self.after)), *present]

    @property
    def line(self) -> str:
        """What the model is told of them."""
        given = [words for words, image in ((BEFORE, self.before), (AFTER, self.after)) if image]
        told = ", ".join(words.format(number) for number, words in enumerate(given, 1))
        return LINE.format(told) if told else ""


def neighbours(shots: list[Shot], number: int) -> Neighbours:
    """Of the frame with this number among those of its sequence."""
    beside = {each: shots[each - 1] for each in (number - 1, number + 1) if 0 < each <= len(shots)}
    usable = {each: shot.image for each, shot in beside.items() if shot.is_shown}
    here = shots[number - 1]
    return Neighbours(
        usable.get(number - 1),
        usable.get(number + 1),
        here.image if here.is_shown else None,
        [each for each in beside if each not in usable],
    )


def order_of(generation: Generation, around: Neighbours, keep: bool = False) -> dict[str, Any]:
    """What ``orders.place`` is given beside the prompt: one picture, of the sequence's shape and look."""
    values = parameters.read(generation.parameters)
    added = "\n".join(filter(None, (generation.added, around.line)))
    kept = {name: values[name] for name in KEPT if name in values}
    return {**kept, "results": 1, "added": added, "references": around.references(keep)}


def replace(
    generation: Generation,
    number: int,
    *,
    prompt: str,
    user: Any = None,
    keep: bool = False,
    door: str = "python",
    shots: list[Shot] | None = None,
    **values: Any,
) -> Generation:
    """Order one picture for a frame, from 1, of a sequence, made from the frames beside it; return the order.

    With ``keep`` it is made from the present picture too, which it changes. Once it is stored it stands in the frame,
    unless another one was put there meanwhile: then it is an offer. It is an order as any other, and costs as much.

    ``shots`` are the frames as this person was shown them, where that was checked; else they are read now.
    ``values`` are ``nonce`` and ``sent`` as ``orders.place`` takes them. Raises what that raises, InvalidOrder where
    there is no such frame, and NotAllowed for somebody who may not see the sequence.
    """
    if user is not None and not Generation.objects.visible_to(user).filter(pk=generation.pk).exists():
        raise NotAllowed(_refusal())
    shots = frames(generation, user=user) if shots is None else shots
    if not 0 < number <= len(shots):
        raise InvalidOrder({"number": [_("There is no frame %(number)s.") % {"number": number}]})
    order = order_of(generation, neighbours(shots, number), keep)
    orders.check_allowed(user)
    row = _row_of(generation, shots[number - 1])
    new = Replacement(frame=row, replaces_id=shots[number - 1].standing)
    return orders.place(prompt, user=user, door=door, replacement=new, **order, **values)


def _row_of(generation: Generation, shot: Shot) -> Frame:
    if shot.row is not None:
        return shot.row
    stands = {"image_id": shot.standing}
    return Frame.objects.get_or_create(sequence=generation, number=shot.number, defaults=stands)[0]


# -- Taking the place ----------------------------------------------------------------------------------------


def take_place(image: GeneratedImage, **kwargs: Any) -> None:
    """Let a new picture stand in its frame; listens to ``image_stored`` and ``image_released``."""
    if image.is_held_back or image.generation.hidden:
        return
    open_ = Replacement.objects.open().filter(pk=image.generation_id)
    if (row := open_.select_related("frame__sequence").first()) is not None:
        _take(row, image)


def take_waiting(limit: int = 200) -> None:
    """See to what a worker that died left behind."""
    for row in Replacement.objects.left().select_related("frame__sequence")[:limit]:
        images = GeneratedImage.objects.shown().filter(generation=row.generation_id)
        try:
            _take(row, images.select_related("generation").order_by("position", "pk")[0])
        except Exception:
            logger.exception("Could not put the picture of order %s into its frame.", row.pk)


def _take(row: Replacement, image: GeneratedImage) -> None:
    """Once: of two workers that see the same picture, one decides."""
    who = image.generation.user
    with transaction.atomic():
        # First the frame, as in ``put``: two that lock in two orders wait for each other.
        frame = Frame.objects.select_for_update().filter(pk=row.frame_id).first()
        mine = Replacement.objects.filter(pk=row.pk)
        if frame is None or not mine.open().update(took=False):
            return
        before = _standing(frame)
        if frame.put(image, instead=row.replaces_id, by=who):
            mine.update(took=True)
            _put(frame, image, before, who)


def put(generation: Generation, number: int, image: GeneratedImage, *, user: Any = None) -> bool:
    """Let one of a frame's own pictures stand in it, an earlier one or an offer; tell whether that changed anything.

    It costs nothing. Whoever does it has chosen: what is still on its way lies beside it when it comes. Raises
    NotAllowed for somebody who may not order, or not see the sequence or the picture, and ValueError for a picture
    that is not one of this frame's, or not to be shown.
    """
    if user is not None and not may_arrange(generation, user):
        raise NotAllowed(_refusal())
    shot = frame(generation, number, user=user)
    own = [*shot.earlier, *shot.offers, *filter(None, [shot.image])] if shot else []
    if shot is None or image not in own or not is_usable(image):
        raise ValueError(_("This picture is none of this frame's, or cannot be shown."))
    if shot.standing == image.pk:
        return False
    with transaction.atomic():
        row = Frame.objects.select_for_update().get(pk=_row_of(generation, shot).pk)
        before = _standing(row)
        if before == image:
            return False
        row.put(image, instead=row.image_id, by=user)
        row.replacements.filter(took=None).update(took=False)
        row.replacements.filter(generation=image.generation_id).update(took=True)
        _put(row, image, before, user)
    return True


def _standing(row: Frame) -> GeneratedImage | None:
    """What stands in a frame, whoever may see it: in one that nobody has put anything into, what came late."""
    if row.image is not None or row.changed_at is not None:
        return row.image
    return _numbered(_images([row.sequence_id], None)).get(row.number)


def may_arrange(generation: Generation, user: Any) -> bool:
    """Whether this person may order for a sequence and say what stands in it: whoever may see it, and may order."""
    may = user.is_active and user.has_perm("seedream_django.generate")
    return bool(may and Generation.objects.visible_to(user).filter(pk=generation.pk).exists())


def _put(row: Frame, image: GeneratedImage, before: GeneratedImage | None, user: Any) -> None:
    """Say, inside the transaction, what stands there now, and tell who listens on commit."""
    audit.decided(row.sequence, user, REPLACED % {"number": row.number})
    values = {"image": image, "replaced": before, "frame": row}
    transaction.on_commit(partial(signals.image_replaced.send_robust, sender=GeneratedImage, **values))


def _refusal() -> str:
    people = people_with("seedream_django.generate", "seedream_django.see_others_prompts")
    return _("You may not change this sequence. Ask %(people)s.") % {"people": people}
