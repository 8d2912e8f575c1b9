"""The strip of a sequence as a page shows it: each frame with what this person may see of it and do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import bundles, describing
from ..diagnosis import local
from ..models import GeneratedImage, Generation
from ..people import may_review
from ..storyboards import Shot
from .shown import preview

#: CSS pixels of what stands in a frame, and of what stood there.
LARGE, SMALL = 400, 120
#: Milliseconds to the next look at a frame that a new picture is on its way to.
NEXT = 2000
WAITS = gettext_lazy("A new picture waits for review. It takes the place once it is approved.")


class CaptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is said of the picture in one frame."""

    class Meta:
        model = GeneratedImage
        fields = ("title", "alt", "decorative")
        labels = {"decorative": gettext_lazy("It only decorates")}
        widgets = {
            "title": forms.TextInput(attrs={"dir": "auto"}),
            "alt": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        }

    use_required_attribute = False

    def clean_decorative(self) -> bool | None:
        # Who writes what it shows does not say that it shows nothing.
        return bool(self.cleaned_data["decorative"]) and not self.cleaned_data.get("alt", "").strip()


@dataclass(frozen=True)
class Panel:
    """One frame, and what this person may do with it."""

    shot: Shot
    picture: Any
    caption: str
    why_missing: str
    form: CaptionForm | None
    #: Each with its preview: those that stood here before, and those that came second.
    earlier: list[tuple[GeneratedImage, Any]]
    offers: list[tuple[GeneratedImage, Any]]
    #: What waits for a decision, each with whether it is this person's.
    waiting: list[tuple[GeneratedImage, bool]]

    @property
    def is_open(self) -> bool:
        return self.form is not None and self.form.is_bound

    @property
    def next(self) -> int:
        """Milliseconds to the next look; 0 where nothing changes by itself, and beside words that would be lost."""
        return NEXT if self.shot.coming and not self.is_open else 0

    @property
    def replaced(self) -> str:
        """Who put there what stands there, and when."""
        row = self.shot.row
        if row is None or row.changed_at is None:
            return ""
        when = date_format(local(row.changed_at), "SHORT_DATETIME_FORMAT")
        if row.changed_by is None:
            return _("Replaced, %(when)s") % {"when": when}
        return _("Replaced by %(who)s, %(when)s") % {"who": row.changed_by, "when": when}

    @property
    def trying(self) -> tuple[Generation, str] | None:
        """The order for it that is under way, else the last one that brought nothing; with what is told of it."""
        if self.shot.coming:
            return self.shot.coming[0], _("A new picture for this frame is being made.")
        if self.shot.tries:
            return self.shot.tries[0], _("The last order for this frame brought nothing.")
        return None

    @property
    def news(self) -> str:
        """How it stands with this frame, for who does not see it."""
        others = len(self.offers) > len(self.waiting)
        told = [
            self.replaced,
            WAITS if self.waiting else "",
            self.trying[1] if self.trying else "",
            _("Others for this frame") if others else "",
        ]
        return " ".join(str(each) for each in told if each)

    @property
    def not_in_zip(self) -> str:
        """That a newer picture is not in the file yet; blank where there is none, and where no older one is in it."""
        if not self.shot.is_shown or not (self.waiting or self.shot.coming):
            return ""
        words = (
            _("Frame %(number)s: a new picture waits for review; the ZIP has the one that is here.")
            if self.waiting
            else _("Frame %(number)s: a new picture is being made; the ZIP has the one that is here.")
        )
        return words % {"number": self.shot.number}


def panels_of(shots: list[Shot], user: Any, form: CaptionForm | None = None, number: int = 0) -> list[Panel]:
    """What is shown of frames, with this form for the one with this number."""
    describes = may_describe(user)
    return [_panel(shot, user, describes, form if shot.number == number else None) for shot in shots]


def may_describe(user: Any) -> bool:
    return bool(user.has_perm("seedream_django.change_generatedimage"))


def _panel(shot: Shot, user: Any, describes: bool, form: CaptionForm | None) -> Panel:
    image = shot.image
    # What is written of a picture that is replaced meanwhile would be gone, and is no use for the new one.
    if form is None and image is not None and shot.is_shown and describes and not shot.coming:
        form = form_for(image, shot.number)
    return Panel(
        shot,
        preview(image, LARGE, steady=True) if image is not None else "",
        bundles.caption_of(image) if image is not None else "",
        "" if shot.is_shown else bundles.why_missing(shot),
        form,
        [(each, preview(each, SMALL, steady=True)) for each in shot.earlier],
        [(each, preview(each, SMALL, steady=True)) for each in shot.offers],
        waiting_of(shot, user),
    )


def form_for(image: GeneratedImage, number: int, data: Any = None) -> CaptionForm:
    """The caption of the picture in the frame with this number."""
    form = CaptionForm(data, instance=image, auto_id=f"id_{number}_%s")
    if not describing.is_written(image):
        # The beginning of its prompt, which every picture of a sequence is given.
        form.initial["title"] = ""
    return form


def waiting_of(shot: Shot, user: Any) -> list[tuple[GeneratedImage, bool]]:
    """What waits for a decision and then takes the place, each with whether this person decides."""
    return [(image, may_review(user, image.generation)) for image in shot.waiting]
