"""The form of a whole order: everything that an editor may decide about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.widgets import Script
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import diagnosis, orders, parameters
from .forms import InPlaceForm, page_number, page_text
from .models import Generation, Role
from .reference_forms import Given, ReferencesField, file_to_edit, image_to_edit

VARIATIONS, SEQUENCE = "variations", "sequence"


def _choices(keyword: str) -> list[tuple[str, str]]:
    return [(choice, choice) for choice in parameters.BY_KEYWORD[keyword].choices]


class OrderForm(InPlaceForm):
    """Everything an editor may decide about an order; how it is delivered is the site's business."""

    references = ReferencesField()
    resolution = forms.ChoiceField(
        label=gettext_lazy("Size"),
        choices=[
            ("2K", gettext_lazy("2K, about 4 megapixels")),
            ("3K", gettext_lazy("3K, about 9 megapixels")),
        ],
        initial="2K",
        widget=forms.RadioSelect,
    )
    make = forms.ChoiceField(
        label=gettext_lazy("How many"),
        choices=[(VARIATIONS, gettext_lazy("Variations")), (SEQUENCE, gettext_lazy("A sequence"))],
        initial=VARIATIONS,
        required=False,
        widget=forms.RadioSelect,
    )
    sequence = page_number(
        "sequence",
        label=gettext_lazy("Pictures at most"),
        help_text=gettext_lazy(
            "They belong together, like the scenes of one story. Fewer may come, and only what comes is paid. "
            "With the pictures that it is made from they are 15 at most."
        ),
        initial=4,
        required=False,
    )
    output_format = forms.ChoiceField(
        label=page_text("output_format", "label"),
        help_text=page_text("output_format", "help"),
        choices=_choices("output_format"),
    )
    output_quality = page_number("output_quality")
    optimize_prompt_mode = forms.ChoiceField(
        label=page_text("optimize_prompt_mode", "label"),
        help_text=page_text("optimize_prompt_mode", "help"),
        choices=[("standard", gettext_lazy("Standard")), ("fast", gettext_lazy("Fast"))],
    )

    field_order = ("prompt", "references", "shape", "resolution", "make", "results", "sequence")
    more = ("output_format", "output_quality", "optimize_prompt_mode")

    class Media:
        js = (Script("seedream_django/ways.js", type="module"),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["references"].for_user(self.user)  # type: ignore[attr-defined]
        # One of the two numbers counts; which is known when the form is read.
        self.fields["results"].required = False
        if Role.EDIT in self._roles():
            self.fields["prompt"].widget.attrs["placeholder"] = _(
                "Say what to change: make it evening, remove the car"
            )

    # -- What it begins with

    @staticmethod
    def initial_from(generation: Generation) -> dict[str, Any]:
        """What an earlier order decided, as this form's initial values."""
        values = parameters.read(generation.parameters)
        kept = {name: values[name] for name in ("results", "sequence", *OrderForm.more) if name in values}
        return {
            "prompt": generation.prompt,
            "references": list(generation.references.select_related("file", "image")),
            "make": SEQUENCE if "sequence" in values else VARIATIONS,
            **_size(values["width"], values["height"]),
            **kept,
        }

    @staticmethod
    def initial_to_edit(pk: str = "", *, token: str = "", user: Any) -> dict[str, Any]:
        """A picture to change, and the size nearest to its own: ours by its number, or a file that the site has."""
        row = image_to_edit(pk, user) if pk else file_to_edit(token, user) if token else None
        return {"references": [row[0]], **_size(*row[1])} if row else {}

    # -- What was sent

    @property
    def arranges(self) -> bool:
        """Whether it was sent to choose, move or take away what it is made from, and not to order."""
        return bool(self.is_bound and self.data.get(f"{self.add_prefix('references')}-do"))

    @property
    def counted(self) -> str:  # type: ignore[override]
        return "sequence" if self["make"].value() == SEQUENCE else "results"

    @property
    def price_text(self) -> str:
        text = super().price_text
        return _("up to %(price)s") % {"price": text} if text and self.counted == "sequence" else text

    @property
    def asks(self) -> bool:
        return not self.arranges and super().asks

    def full_clean(self) -> None:
        super().full_clean()
        if self.arranges:
            # Nobody who chooses a picture wants to hear that the prompt is not written yet.
            for name in set(self.errors) - {"references"}:
                del self.errors[name]

    def clean(self) -> dict[str, Any]:
        if self.arranges:
            return self.cleaned_data
        self._clean_count()
        return super().clean()

    def _clean_count(self) -> None:
        """Ask for the number that counts, and for no other; hold a sequence against its references."""
        counted = self.counted
        self.errors.pop("results" if counted == "sequence" else "sequence", None)
        count = self.cleaned_data.get(counted)
        if count is None and counted not in self.errors:
            self.add_error(counted, self.fields[counted].error_messages["required"])
        given = len(self.cleaned_data.get("references") or ())
        most = parameters.MAX_REFERENCES_PLUS_SEQUENCE - given
        if counted == "sequence" and count is not None and count > most:
            text = _(
                "A sequence that is made from %(given)s pictures may have %(most)s at most. Ask for fewer, or take "
                "some of those away."
            )
            self.add_error("sequence", text % {"given": given, "most": most})

    def order(self) -> dict[str, Any]:
        order = super().order()
        if self.counted == "sequence":
            order["results"] = 1
        else:
            order.pop("sequence", None)
        if not order.get("references"):
            order.pop("references", None)
        return order

    def _roles(self) -> list[str]:
        """What each of the pictures is for, as it was sent or as the form begins."""
        given = self["references"].value()
        return list(given.roles) if isinstance(given, Given) else [row.role for row in given or ()]

    # -- How it is shown

    def more_fields(self) -> list[Any]:
        return [self[name] for name in self.more]

    @property
    def price_each(self) -> str:
        return diagnosis.money(orders.estimate())

    @property
    def shows_references(self) -> bool:
        """Whether there is something to see of what it is made from, or something wrong with it."""
        return self.arranges or bool(
            self.initial.get("references") or self["references"].errors or self._given
        )

    @property
    def _given(self) -> bool:
        return self.is_bound and bool(self.cleaned_data.get("references"))

    def shows_more(self) -> bool:
        """Whether what is folded away has an error in it."""
        return any(self[name].errors for name in self.more)


def _size(width: int, height: int) -> dict[str, str]:
    large = width * height > parameters.MAX_PIXELS * 2 // 3
    return {"shape": parameters.shape_of(width, height), "resolution": "3K" if large else "2K"}
