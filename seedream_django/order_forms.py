"""The form of a whole order: everything that an editor may decide about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import parameters, prompts
from .models import Generation, Role, State, Style
from .panels import SEQUENCE, VARIATIONS, InPlaceForm, page_number, page_text
from .reference_forms import ReferencesField, file_to_edit, image_to_edit
from .reference_widgets import Given
from .wording_forms import Filling

#: The set that a person's last order decided.
LAST = "last"
#: Sets that are there for everybody: what each decides, and all else as it is at first.
PRESETS: dict[str, tuple[Any, dict[str, str]]] = {
    "plain": (gettext_lazy("As at first"), {}),
    "wide": (gettext_lazy("Wide, for the top of a page"), {"shape": "21:9"}),
    "story": (gettext_lazy("For an article"), {"shape": "3:2"}),
    "phone": (gettext_lazy("Tall, for a telephone"), {"shape": "9:16"}),
    "print": (gettext_lazy("Large, for print"), {"shape": "3:2", "resolution": "3K", "output_format": "PNG"}),
}


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

    field_order = ("prompt", "references", "style", "shape", "resolution", "make", "results", "sequence")
    more = ("output_format", "output_quality", "optimize_prompt_mode")

    def __init__(self, *args: Any, template: str = "", elsewhere: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["references"].widget.elsewhere = elsewhere
        name = self.add_prefix("wording")
        self.filling = Filling(self.data if self.is_bound else None, begins=template, name=name)
        self.preset = str(self.data.get(self.add_prefix("preset")) or "") if self.is_bound else ""
        self._fill()
        #: Whether a picture is changed by instruction: then it stands beside the prompt, which says what to change.
        self.edits = Role.EDIT in self._roles()
        if self.edits:
            self._ask_what_to_change()
        if self.is_bound and self.filling.chosen is not None and not self.filling.mark:
            self.fields["prompt"].error_messages["required"] = _(
                "The template did not fill in the prompt yet: press “Use”, or write one."
            )

    def _ask_what_to_change(self) -> None:
        prompt = self.fields["prompt"]
        prompt.help_text = _("Say what is to change; what you do not name stays as it is.")
        prompt.widget.attrs["placeholder"] = _("Say what to change: make it evening, remove the car")
        if not self.is_bound:
            prompt.widget.attrs["autofocus"] = True

    def _fill(self) -> None:
        """Take over what a template says, where somebody asked for that."""
        if not self.is_bound:
            self.initial.update(self.filling.initial())
        elif values := self._set() or self.filling.fill({"prompt": self["prompt"].data}):
            # A copy: what was sent is nobody's to change.
            self.data = self.data.copy()  # type: ignore[attr-defined]
            for name, value in values.items():
                self.data[self.add_prefix(name)] = value  # type: ignore[index]

    def _set(self) -> dict[str, Any]:
        """What a set that somebody pressed decides: everything but the words and what it is made from."""
        asked = PRESETS[self.preset][1] if self.preset in PRESETS else None
        if self.preset == LAST:
            mine = (
                Generation.objects.filter(user=self.user)
                .exclude(state=State.IMPORTED)
                .order_by("-created_at")
            )
            asked = self.initial_from(last) if (last := mine.first()) else None
        if asked is None:
            return {}
        plain = {name: field.initial for name, field in self.fields.items()}
        firsts = {name: parameters.BY_KEYWORD[name].default for name in self.more}
        kept = ("prompt", "references", "nonce", "anyway")
        values = {**plain, **firsts, "style": self.desk.look, **asked}
        return {name: value for name, value in values.items() if name in self.fields and name not in kept}

    @property
    def presets(self) -> list[tuple[str, Any]]:
        """The sets that there are, by their keys."""
        return [(name, label) for name, (label, _values) in PRESETS.items()]

    # -- What it begins with

    @staticmethod
    def initial_from(generation: Generation) -> dict[str, Any]:
        """What an earlier order decided, as this form's initial values."""
        values = parameters.read(generation.parameters)
        kept = {name: values[name] for name in ("results", "sequence", *OrderForm.more) if name in values}
        style, others = _style_in(generation.added)
        return {
            "prompt": prompts.with_lines(generation.prompt, others),
            "style": style,
            "references": list(generation.references.select_related("file", "image")),
            "make": SEQUENCE if "sequence" in values else VARIATIONS,
            **_size(values["width"], values["height"]),
            **kept,
        }

    @staticmethod
    def initial_to_edit(pk: str = "", *, token: str = "", user: Any) -> dict[str, Any]:
        """A picture to change, and the size nearest to its own: ours by its number, or a file that the site has."""
        row = image_to_edit(pk, user) if pk else file_to_edit(token, user) if token else None
        # Without our look: it would change more than what is asked for.
        return {"references": [row[0]], "style": "", **_size(*row[1])} if row else {}

    # -- What was sent

    @property
    def arranges(self) -> bool:
        """Whether it was sent to choose what it is made from, or to use a template, and not to order."""
        moves = self.is_bound and self["references"].data.does
        return bool(moves or self.filling.does or self.preset)

    @property
    def asks(self) -> bool:
        return not self.arranges and super().asks

    def full_clean(self) -> None:
        super().full_clean()
        if self.arranges:
            # Nobody who chooses a picture wants to hear that the prompt is not written yet.
            for name in set(self.errors) - {"references"}:
                del self.errors[name]
        elif name := self.first_wrong:
            # Where the page is shown again, the keyboard is at what is to be corrected.
            self.fields[name].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        if self.arranges:
            return self.cleaned_data
        if self.filling.is_left_out and "prompt" not in self.errors:
            # The words in the gaps are the newer ones, and the others would be paid for.
            text = _(
                "What you wrote into the gaps is not in the prompt: press “Use”, or choose “No template”."
            )
            self.add_error("prompt", text)
        return super().clean()

    def _roles(self) -> list[str]:
        """What each of the pictures is for, as it was sent or as the form begins."""
        given = self["references"].value()
        return list(given.roles) if isinstance(given, Given) else [row.role for row in given or ()]

    # -- How it is shown

    def more_fields(self) -> list[Any]:
        return [self[name] for name in self.more]

    @property
    def shows_references(self) -> bool:
        """Whether there is something to see of what it is made from, or something wrong with it."""
        return bool(self.arranges and not (self.filling.does or self.preset)) or bool(
            self.initial.get("references") or self["references"].errors or self._given
        )

    @property
    def _given(self) -> bool:
        return self.is_bound and bool(self.cleaned_data.get("references"))

    def shows_more(self) -> bool:
        """Whether what is folded away has an error in it, or something else than nobody would have to say."""
        return any(self[name].errors for name in self.more) or bool(self.more_said)

    @property
    def more_said(self) -> str:
        """What of the folded fields is set to something else than its default: ``File format: PNG · Quality: 80``."""
        values = {name: self[name].value() for name in self.more}
        changed = {
            name: value
            for name, value in values.items()
            if value not in (None, "") and str(value) != str(parameters.BY_KEYWORD[name].default)
        }
        return " · ".join(
            f"{self[name].label}: {self._chosen(name, value)}" for name, value in changed.items()
        )

    def _chosen(self, name: str, value: Any) -> Any:
        return dict(getattr(self.fields[name], "choices", ())).get(value, value)

    @property
    def first_wrong(self) -> str:
        """The first field with an error that a person can go to; blank where there is none."""
        found = [name for name in self.fields if name in self.errors and name != "references"]
        return found[0] if found and not self.has_error("references") else ""


def _style_in(added: str) -> tuple[str, str]:
    """Of what was added to a prompt the style that there still is, by its name, and the other lines.

    Whole lines, and of several the longest: the words of one style may be a part of another's.
    """
    lines = f"\n{added}\n"
    words = (
        {style.name: prompts.clean(style.words) for style in Style.objects.filter(active=True)}
        if added
        else {}
    )
    found = {name: text for name, text in words.items() if text and f"\n{text}\n" in lines}
    if not found:
        return "", added
    name = max(found, key=lambda name: len(found[name]))
    before, _words, after = lines.rpartition(f"\n{found[name]}\n")
    return name, "\n".join(filter(None, (before.strip("\n"), after.strip("\n"))))


def _size(width: int, height: int) -> dict[str, str]:
    large = width * height > parameters.MAX_PIXELS * 2 // 3
    return {"shape": parameters.shape_of(width, height), "resolution": "3K" if large else "2K"}
