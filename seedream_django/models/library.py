"""What people keep pictures together by: favourites of their own, and tags that all share."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: Characters of a tag.
LONGEST = 50
#: What nobody sees and some scripts need inside their words, Persian for one.
_JOINERS = "\u200c\u200d"


def name_of(text: str) -> str:
    """A tag as it is kept: in one line, without what no database takes, and without what nobody sees."""
    kept = (each for each in text if _is_seen(each) or each.isspace() or each in _JOINERS)
    name = unicodedata.normalize("NFC", " ".join("".join(kept).split()))
    return name if name.strip(_JOINERS + " ") else ""


def _is_seen(character: str) -> bool:
    # Else “fox” would be two tags that look the same, and one could turn the direction of a whole line around.
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def key_of(text: str) -> str:
    """What is the same for all spellings of a tag. A digest: how letters are compared is another matter with each
    database, and to some “café” is “cafe”."""
    seen = "".join(filter(_is_seen, name_of(text)))
    # Once more after the case is folded, which takes some letters apart.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    return hashlib.sha256(folded.encode()).hexdigest()


class Favourite(models.Model):
    """A picture that somebody likes; nobody else is told."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("who")
    )
    image = models.ForeignKey(
        "seedream_django.GeneratedImage",
        models.CASCADE,
        related_name="favourites",
        verbose_name=_("picture"),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("user", "image"), name="seedream_one_favourite"),)

    def __str__(self) -> str:
        # Whose it is, is theirs to tell.
        return str(self.image_id)


class Tag(models.Model):
    """A word by which pictures are found again: the same for everybody, however it is spelt."""

    name = models.CharField(_("name"), max_length=LONGEST)
    key = models.CharField(max_length=64, unique=True, editable=False)
    images = models.ManyToManyField(
        "seedream_django.GeneratedImage",
        through="Tagging",
        related_name="tags",
        verbose_name=_("pictures"),
    )

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        default_permissions = ()
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = name_of(self.name)
        self.key = key_of(self.name)
        super().save(*args, **kwargs)


class Tagging(models.Model):
    """That a picture has a tag."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings")
    image = models.ForeignKey("seedream_django.GeneratedImage", models.CASCADE, related_name="taggings")

    class Meta:
        verbose_name = _("tag of a picture")
        verbose_name_plural = _("tags of pictures")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("tag", "image"), name="seedream_one_tagging"),)

    def __str__(self) -> str:
        return str(self.tag)
