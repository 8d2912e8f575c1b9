"""Pictures: one result each, with a state of its own.

Models hold state and its legal steps; what concerns many rows is on the QuerySets. No network, no queue.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .. import marks
from .generations import Generation
from .library import key_of
from .storage import picture_storage, private_storage
from .uses import nothing_refers_to

logger = logging.getLogger(__name__)

#: Pictures of which nobody said what they show, nor that they only decorate.
UNDESCRIBED = Q(alt="", decorative=False)


class ImageState(models.TextChoices):
    RECEIVED = "received", _("made, not yet saved")
    STORED = "stored", _("saved")
    FAILED = "failed", _("could not be saved")


class Review(models.TextChoices):
    """What became of a picture that somebody has to decide about: of a candidate, and of what is flagged."""

    NONE = "", _("not needed")
    WAITING = "waiting", _("waiting for a decision")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")


_TOLD_OF_FLAGGED = {
    Review.WAITING: _("Flagged by the provider's safety check, waiting for a decision"),
    Review.REJECTED: _("Flagged by the provider's safety check, and rejected"),
    Review.APPROVED: _("Flagged by the provider's safety check, approved, and being moved"),
}
_TOLD_OF_CANDIDATES = {
    Review.WAITING: _("Waiting for approval"),
    Review.REJECTED: pgettext_lazy("of a picture", "Rejected"),
    Review.APPROVED: _("Approved, and being moved"),
}
#: Characters of the reason that a picture is rejected for.
REASON_LENGTH = 300

#: How the files of a picture end, after its UUID: its preview; the blur that everybody sees of what is flagged; and,
#: before its extension, the file of one that is held back. None is ever the name of another, in whatever storage.
PREVIEW_ENDING, BLURRED_ENDING, PRIVATE_ENDING = "-preview.webp", "-blurred.webp", "-private"

#: Somebody has to decide about it, or had to: flagged, or a candidate.
DECIDED_ABOUT = Q(flagged=True) | Q(review__gt=Review.NONE)


def released(path: str = "") -> Q:
    """The condition that a picture, by the path to it, may be shown: nobody has to approve it, or it has moved since.

    The rule stands here, and of one row in ``GeneratedImage.is_held_back``. ``flagged`` NULL: nobody looked. Nothing
    in it is negated: of a path to several pictures one and the same has to fit.
    """
    column = f"{path}__" if path else ""
    clear = Q(**{f"{column}flagged": False}) | Q(**{f"{column}flagged__isnull": True})
    approved = Q(**{f"{column}review": Review.APPROVED, f"{column}private_file": ""})
    return clear & Q(**{f"{column}review": Review.NONE}) | approved


class GeneratedImageQuerySet(models.QuerySet["GeneratedImage"]):
    def stored(self) -> GeneratedImageQuerySet:
        return self.filter(state=ImageState.STORED)

    def released(self) -> GeneratedImageQuerySet:
        """Without those that are held back: candidates and what is flagged, until they are approved and have moved."""
        # Twice negated: else SQLite would gather and sort, by the index of decisions, all about which nobody decides.
        return self.exclude(~released())

    def to_review(self) -> GeneratedImageQuerySet:
        """Those that wait for a decision: candidates, and what the safety check flagged."""
        # Not “state = stored”, as in shown(): by the index of decisions there are only these.
        unfinished = (ImageState.RECEIVED, ImageState.FAILED)
        return self.exclude(state__in=unfinished).filter(review=Review.WAITING)

    def approved(self) -> GeneratedImageQuerySet:
        """Approved ones that still lie in the private storage: they are to be moved."""
        return self.filter(review=Review.APPROVED, state=ImageState.STORED).exclude(private_file="")

    def to_move(self) -> GeneratedImageQuerySet:
        now = timezone.now()
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        return self.approved().filter(free, look_at__lte=now)

    def shown(self) -> GeneratedImageQuerySet:
        """Finished, not hidden and not held back: what may stand somewhere."""
        # Not “state = stored”: SQLite without statistics would go through the index of all that is stored.
        unfinished = (ImageState.RECEIVED, ImageState.FAILED)
        return self.exclude(state__in=unfinished).released().filter(generation__hidden=False)

    def to_store(self) -> GeneratedImageQuerySet:
        now = timezone.now()
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        return self.filter(free, state=ImageState.RECEIVED, look_at__lte=now)

    def visible_to(self, user: Any) -> GeneratedImageQuerySet:
        """Those whose rows this person may see: everybody's, else one's own that are not hidden; none for nobody."""
        if user.pk is None:
            return self.none()
        if user.has_perm("seedream_django.see_others_prompts"):
            return self
        return self.filter(generation__user_id=user.pk, generation__hidden=False)

    def choosable_by(self, user: Any) -> GeneratedImageQuerySet:
        """Finished, unhidden pictures that are not held back, and that this person may put somewhere."""
        if user.pk is None:
            return self.none()
        shown = self.shown()
        if user.has_perm("seedream_django.see_others_prompts"):
            return shown
        return shown.filter(generation__user_id=user.pk)

    def tagged(self, name: str) -> GeneratedImageQuerySet:
        """Those that have this tag, however it is spelt."""
        return self.filter(tags__key=key_of(name))

    def favourites_of(self, user: Any) -> GeneratedImageQuerySet:
        """Those that this person likes."""
        return self.none() if user.pk is None else self.filter(favourites__user=user.pk)

    def by_uuid(self, text: Any) -> GeneratedImage | None:
        """The one with this image UUID, if it may be shown; None for any other, and for what is no UUID."""
        try:
            found = uuid.UUID(str(text))
        except ValueError:
            return None
        return self.shown().filter(image_uuid=found).first()

    def unused(self) -> GeneratedImageQuerySet:
        """Shown ones that are in no place: no app's row refers to them. One query, whatever is installed."""
        return self.shown().filter(nothing_refers_to(self.model, self.db))


class GeneratedImage(models.Model):
    """One picture, with a state of its own. Its file is complete and decodable once it is ``stored``."""

    generation = models.ForeignKey(
        Generation, models.CASCADE, related_name="images", verbose_name=pgettext_lazy("of pictures", "order")
    )
    image_uuid = models.UUIDField(
        _("image UUID"), unique=True, editable=False, help_text=_("The provider's.")
    )
    task_uuid = models.UUIDField(
        null=True,
        editable=False,
        help_text=_("The task that it is the result of, where its order has several."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    state = models.CharField(
        _("state"), max_length=10, choices=ImageState.choices, default=ImageState.RECEIVED
    )
    url = models.TextField(
        editable=False, blank=True, help_text=_("Where it waits at the provider; blank once stored.")
    )

    file = models.FileField(_("file"), storage=picture_storage, max_length=255, blank=True)
    preview = models.FileField(_("preview"), storage=picture_storage, max_length=255, blank=True)
    format = models.CharField(_("format"), max_length=4, blank=True)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256_received = models.CharField(_("SHA-256 as received"), max_length=64, blank=True)
    sha256 = models.CharField(_("SHA-256 as stored"), max_length=64, blank=True)
    seed = models.BigIntegerField(_("seed"), null=True, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=12, decimal_places=6, null=True, blank=True)
    flagged = models.BooleanField(_("flagged"), null=True, help_text=_("By the provider's safety check."))

    #: A picture that is held back lies here, and ``file`` is blank, until somebody approves it; then it moves.
    private_file = models.FileField(
        _("private file"), storage=private_storage, max_length=255, blank=True, editable=False
    )
    review = models.CharField(
        _("review"), max_length=8, choices=Review.choices, default=Review.NONE, blank=True, editable=False
    )
    reviewed_at = models.DateTimeField(pgettext_lazy("moment", "decided"), null=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=pgettext_lazy("decided", "by"),
    )
    reason = models.CharField(
        _("reason"), max_length=REASON_LENGTH, blank=True, editable=False, help_text=_("Why it was rejected.")
    )
    #: Who ordered it, as long as nobody told them what another person decided about it.
    to_tell = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    found = models.JSONField(
        _("what its file said"),
        default=dict,
        editable=False,
        help_text=_("Of one that was made elsewhere, and its name and where it was found; else empty."),
    )

    title = models.CharField(_("title"), max_length=200, blank=True)
    alt = models.CharField(
        _("alternative text"), max_length=500, blank=True,
        help_text=_("What the picture shows, for those who do not see it."),
    )  # fmt: skip
    decorative = models.BooleanField(
        _("decorative"),
        default=False,
        help_text=_("It says nothing that the text does not say, and is passed over."),
    )
    focal_x = models.PositiveSmallIntegerField(
        _("focal point, across"), default=50, help_text=_("In percent from the left; a cut keeps it.")
    )
    focal_y = models.PositiveSmallIntegerField(
        _("focal point, down"), default=50, help_text=_("In percent from the top; a cut keeps it.")
    )

    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    crashes = models.PositiveSmallIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    look_at = models.DateTimeField(default=timezone.now, editable=False)
    #: ``fetch`` or ``store``; ``spool`` where another machine has the bytes and this one cannot fetch them.
    trouble = models.CharField(max_length=5, blank=True, editable=False)
    trouble_since = models.DateTimeField(null=True, editable=False)
    spooled_on = models.CharField(
        max_length=100, blank=True, editable=False, help_text=_("The machine whose spool has its bytes.")
    )
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(pgettext_lazy("moment", "made"), default=timezone.now, editable=False)
    stored_at = models.DateTimeField(pgettext_lazy("moment", "saved"), null=True, editable=False)

    objects = GeneratedImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ("-created_at", "position", "id")
        indexes = (
            models.Index(fields=("-created_at", "position", "id"), name="seedream_img_latest"),
            models.Index(fields=("state", "look_at"), name="seedream_img_look"),
            models.Index(fields=("review", "-created_at", "position", "id"), name="seedream_img_reviewed"),
            # By which a file of ours that somebody brings back is known.
            models.Index(fields=("sha256",), name="seedream_img_sha256"),
        )

    def __str__(self) -> str:
        return self.title or str(self.image_uuid)

    @property
    def is_stored(self) -> bool:
        """Whether its file is complete and on the row."""
        return self.state == ImageState.STORED

    @property
    def is_decided_about(self) -> bool:
        """Whether somebody has to decide about it, or had to: it is flagged, or a candidate."""
        return bool(self.flagged) or self.review != Review.NONE

    @property
    def is_held_back(self) -> bool:
        """Whether it is for no page: somebody has to approve it, or it has not moved yet. See ``released``."""
        return self.is_decided_about and not (self.review == Review.APPROVED and not self.private_file)

    @property
    def is_blurred(self) -> bool:
        """Whether not even who ordered it sees more of it than a blur: it is flagged, and held back."""
        return bool(self.flagged) and self.is_held_back

    @property
    def tool(self) -> str:
        """What made it; blank for one that was made elsewhere and does not say it."""
        return str(self.found.get("tool", "")) if self.found else marks.TOOL

    @property
    def is_moving(self) -> bool:
        """Whether it is approved, and on its way out of the private storage."""
        return self.review == Review.APPROVED and bool(self.private_file)

    @property
    def decision(self) -> Review:
        """What became of it if somebody has to decide; flagged before there were decisions, it waits for one."""
        waits = self.flagged and self.review == Review.NONE
        return Review.WAITING if waits else Review(self.review)

    @property
    def why_held_back(self) -> str:
        """What is told of a picture that is shown to nobody; blank for all others."""
        if not self.is_held_back:
            return ""
        told = str((_TOLD_OF_FLAGGED if self.flagged else _TOLD_OF_CANDIDATES)[self.decision])
        return f"{told}: {self.reason}" if self.reason and self.decision == Review.REJECTED else told

    def public_names(self) -> tuple[str, str]:
        """The names that file and preview get when they leave the private storage."""
        stem, dot, ending = (self.private_file.name or "").rpartition(".")
        stem = stem.removesuffix(PRIVATE_ENDING)
        return f"{stem}{dot}{ending}", f"{stem}{PREVIEW_ENDING}"

    @property
    def file_url(self) -> str:
        """Where a browser finds the picture, or blank: it is not stored, or its storage cannot say."""
        return self._address_of(self.file)

    @property
    def preview_url(self) -> str:
        """The same of its preview."""
        return self._address_of(self.preview)

    def _address_of(self, file: Any) -> str:
        try:
            return str(file.url) if file else ""
        except Exception:
            # Storages have errors of their own, and a page is more than one picture.
            logger.exception("The storage has no address for picture %s.", self.pk)
            return ""

    def step(self, *also: Q, **changes: Any) -> bool:
        """Change this row if it is still in the state and attempt it was read in, and fits; tell whether it was."""
        rows = GeneratedImage.objects.filter(*also, pk=self.pk, state=self.state, attempts=self.attempts)
        moved = rows.update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(moved)
