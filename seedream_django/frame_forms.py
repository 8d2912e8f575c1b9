"""The form of one frame of a sequence that is made anew: what shall be other, and whether it keeps close."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Media
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import orders, prompts, references, storyboards
from .exceptions import NotTaken
from .models import Generation
from .panels import InPlaceForm
from .storyboards import Shot


class FrameForm(InPlaceForm):
    """One picture, of the sequence's shape and look, made from its neighbours."""

    keep = forms.BooleanField(
        label=gettext_lazy("Keep close to the present picture"),
        help_text=gettext_lazy("It is changed as you say; without a tick it is made anew."),
        required=False,
    )

    def __init__(self, *args: Any, generation: Generation, shots: list[Shot], number: int, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.generation, self.number = generation, number
        self.shots, self.around = shots, storyboards.neighbours(shots, number)
        for name in ("style", "shape", "make", "results", "sequence", "references"):
            del self.fields[name]
        if self.around.present is None:
            del self.fields["keep"]
        self.fields["prompt"].label = gettext_lazy("What this frame shall show")
        words = storyboards.instruction(generation, number)
        # The whole story would be told in one frame, if nobody looked.
        self.initial.setdefault("prompt", "" if words == generation.prompt else words)
        if not self.is_bound:
            self.fields["prompt"].widget.attrs["autofocus"] = True

    @property
    def media(self) -> Media:
        """Of its fields alone: none of a panel's scripts, since nothing here changes the price."""
        return sum((field.widget.media for field in self.fields.values()), Media())

    # -- What a panel asks of its fields, of which this form has no need

    counted, count = "results", 1

    def _clean_count(self) -> None:
        """It is one."""

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with something that nobody could fill in here is told above the form."""
        super().add_error(field if field in self.fields else None, error)

    @property
    def seen(self) -> str:
        """What the page shows: the keys of the usable pictures before, in and after this frame."""
        around = self.around
        return "-".join(
            str(each.pk) if each else "" for each in (around.before, around.present, around.after)
        )

    def clean(self) -> dict[str, Any]:
        if told := self._changed():
            raise ValidationError(told)
        return super().clean()

    def _changed(self) -> list[str]:
        """What is other than on the page that was sent: nobody pays for what they have not seen."""
        if self.shots[self.number - 1].is_hidden:
            return [_("Another picture was chosen meanwhile.")]
        told = []
        was = f"{self.data.get('seen', '')}--".split("-")
        for number, old, new in zip(
            range(self.number - 1, self.number + 2), was, self.seen.split("-"), strict=False
        ):
            if new and new != old:
                told.append(_("Another picture was chosen meanwhile."))
            elif old and not new and number == self.number:
                told.append(_("The present picture cannot be used any more. Open this page anew."))
            elif old and not new:
                words = _(
                    "Frame %(number)s is left out: its picture is missing, not finished, held back, or not yours."
                )
                told.append(words % {"number": number})
        return list(dict.fromkeys(told))

    def order(self) -> dict[str, Any]:
        """The order as ``{keyword: value}``, its prompt with what is added; only for clean data."""
        keep = bool(self.cleaned_data.get("keep"))
        asked = storyboards.order_of(self.generation, self.around, keep)
        asked["references"] = references.read(asked["references"], user=self.user)
        return {"prompt": prompts.with_lines(self.cleaned_data["prompt"], asked.pop("added")), **asked}

    def replace(self) -> Generation | None:
        """Place the order of a valid form; None if it was refused meanwhile, which is then among the errors."""
        data = self.cleaned_data
        try:
            return storyboards.replace(
                self.generation,
                self.number,
                prompt=data["prompt"],
                keep=bool(data.get("keep")),
                user=self.user,
                door="admin",
                nonce=data.get("nonce"),
                sent=self.sent,
                shots=self.shots,
            )
        except NotTaken as error:
            self.add_error(None, orders.in_words(error))
            return None
