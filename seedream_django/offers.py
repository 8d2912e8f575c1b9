"""The finished pictures that fields of a page show and offer, read once for all of them; and finding older ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import describing, library, paging
from .models import GeneratedImage, GeneratedImageQuerySet
from .places import Place

#: Finished pictures that a field offers at once, the newest first.
OFFERED = 11
_EDITS = describing.edits("generation__references")


class Offered:
    """The pictures that one person may choose, and those that the fields of a page show; read once for all of them."""

    def __init__(self, user: Any = None) -> None:
        self.user = user
        self._images: list[GeneratedImage] | None = None
        self._has_more = False
        #: What the fields of the page have, those that were looked for, and which of them may be chosen.
        self._expected: set[str] = set()
        self._found: dict[str, GeneratedImage] | None = None
        self._choosable: set[Any] = set()

    def __deepcopy__(self, memo: Any) -> Offered:
        # Forms copy their fields; the list is the same for all of them.
        return self

    def all(self) -> GeneratedImageQuerySet:
        if self.user is None:
            return GeneratedImage.objects.none()
        return GeneratedImage.objects.choosable_by(self.user)

    def images(self) -> list[GeneratedImage]:
        if self._images is None:
            rows = self.all().select_related("generation").order_by(*paging.ORDER)
            found = list(rows.prefetch_related(_EDITS)[: OFFERED + 1])
            self._images, self._has_more = found[:OFFERED], len(found) > OFFERED
        return self._images

    @property
    def older(self) -> str:
        """Where those begin that are not offered at first, for ``find``; blank where there are none."""
        images = self.images()
        return str(paging.Place.of(images[-1])) if self._has_more else ""

    def find(self, words: str = "", *, older: str = "", newer: str = "") -> library.Page:
        """Those that this person may choose: the newest with these words, or those before or after a page."""
        if self.user is None:
            return library.Page()
        rows = self.all().select_related("generation").prefetch_related(_EDITS)
        sees_all = self.user.has_perm("seedream_django.see_others_prompts")
        own = [] if sees_all else [library.ordered_by(self.user)]
        wanted = [*own, *library.words(words)]
        among = GeneratedImage.objects.all()
        return library.page(rows, wanted, older=older, newer=newer, size=OFFERED, among=among)

    def expect(self, pk: Any) -> None:
        """Say that this picture may be asked for. One that comes after the first look is looked for anew."""
        if is_key(str(pk or "")) and str(pk) not in self._expected:
            self._expected.add(str(pk))
            self._found = None

    def shown(self, pk: str) -> GeneratedImage | None:
        """A picture that a field has, whoever may choose it; all that are expected are read at the first of them."""
        offered = next((image for image in self.images() if str(image.pk) == pk), None)
        if offered is not None or not is_key(pk):
            return offered
        self.expect(pk)
        return self._read().get(pk)

    def _read(self) -> dict[str, GeneratedImage]:
        if self._found is None:
            rows = GeneratedImage.objects.select_related("generation").filter(pk__in=self._expected)
            self._found = {str(image.pk): image for image in rows.prefetch_related(_EDITS)}
            self._choosable = set(self.all().filter(pk__in=self._expected).values_list("pk", flat=True))
        return self._found

    def has(self, image: GeneratedImage) -> bool:
        """Whether this person may choose it."""
        if self.user is None or image in self.images():
            return self.user is not None
        self.expect(image.pk)
        self._read()
        return image.pk in self._choosable

    def choosable(self, pk: str) -> GeneratedImage | None:
        """The picture, if this person may choose it."""
        image = self.shown(pk)
        return image if image is not None and self.has(image) else None


@dataclass(frozen=True)
class Offer:
    """A picture among those that a field offers, with the words that are proposed for it."""

    image: GeneratedImage
    title: str
    proposal: str
    checked: bool = False
    unused: bool = False
    #: The ratio of the place, where the picture has another one.
    misses: str = ""


def offer_of(
    image: GeneratedImage, about: str, place: Place, *, checked: bool = False, unused: bool = False
) -> Offer:
    """With the words that somebody wrote, else with what is proposed; ``about`` is the title of the object."""
    proposed = "" if describing.is_written(image) else describing.proposed_title(image, about)
    is_described = describing.is_described(image)
    # What somebody described keeps its title: its words stay folded, unread, and it may stand elsewhere as well.
    # Of an edit whose original nobody named nothing is proposed, and what is chosen must not lose the title it has.
    title = image.title if is_described else proposed or image.title
    proposal = "" if is_described else describing.proposed_alt(image, about)
    misses = "" if place.fits(image.width, image.height) else place.ratio
    return Offer(image, title, proposal, checked, unused, misses)


def is_key(text: str) -> bool:
    """Whether a text may be a picture's number: digits, no more than a column holds."""
    return text.isascii() and text.isdecimal() and len(text) < 19
