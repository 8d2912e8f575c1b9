"""A picture's words and its focal point, as its page has them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Q
from django.forms.widgets import Script
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import collecting, describing
from ..models import GeneratedImage, Slot
from ..slots import may_change
from .shown import preview
from .tagging import TagsField

#: What the form may change, and nothing else of the row: a worker may have it in hand.
WORDS = ("title", "alt", "decorative", "focal_x", "focal_y")
#: What one may have come for without reading what the form proposes.
ASIDE = {"tagged", "focal_x", "focal_y"}

BOTH = gettext_lazy(
    "Either it says something, or it only decorates: empty the alternative text, or take the tick away."
)


class DescribeForm(forms.ModelForm):  # type: ignore[type-arg]
    """Begins with what is proposed where nobody wrote anything, and says so; nothing of it is kept before a save.

    Nor by a save that is for something else, as a tag: nobody knows then whether it was read.
    """

    user: Any = None
    #: The labels of the fields whose proposals were not kept.
    unread: tuple[str, ...] = ()
    tagged = TagsField()

    class Meta:
        model = GeneratedImage
        fields = WORDS
        widgets = {
            "alt": AdminTextareaWidget(
                attrs={"class": "vLargeTextField seedream-words", "rows": 3, "dir": "auto"}
            )
        }
        labels = {"decorative": gettext_lazy("It only decorates")}

    class Media:
        css = {"all": ["seedream_django/colours.css", "seedream_django/focal.css"]}
        js = [Script("seedream_django/focal.js", type="module")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A person who may only look has no fields.
        if "alt" not in self.fields:
            return
        self.fields["title"].widget.attrs["dir"] = "auto"
        self.initial["tagged"] = collecting.written(collecting.names_of(self.instance))
        for name in ("focal_x", "focal_y"):
            self._percent(name)
        if not self.is_bound:
            self._propose("title", not describing.is_written(self.instance))
            self._propose("alt", not describing.is_described(self.instance))

    def clean_focal_x(self) -> int:
        return self._kept("focal_x")

    def clean_focal_y(self) -> int:
        return self._kept("focal_y")

    def clean_tagged(self) -> list[str]:
        name = self.add_initial_prefix("tagged")
        before = self.fields["tagged"].hidden_widget().value_from_datadict(self.data, self.files, name)
        return collecting.merged(
            self.instance, collecting.COMMA.split(before or ""), self.cleaned_data["tagged"]
        )

    def clean_alt(self) -> str:
        return _in_one_line(str(self.cleaned_data["alt"]))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._leave_unread(cleaned)
        alt = cleaned.get("alt", "")
        if not cleaned.get("decorative") or not alt:
            return cleaned
        # What the field began with is nothing that was said besides the tick.
        if alt not in (self.instance.alt, self._proposal("alt")):
            self.add_error("decorative", BOTH)
        cleaned["alt"] = ""
        return cleaned

    def _leave_unread(self, cleaned: dict[str, Any]) -> None:
        proposed = [
            name
            for name in ("title", "alt")
            if name in self.changed_data and _in_one_line(cleaned.get(name, "")) == self._proposal(name)
        ]
        others = set(self.changed_data) - set(proposed)
        if not proposed or not others or not others <= ASIDE:
            return
        cleaned |= {name: getattr(self.instance, name) for name in proposed}
        self.unread = tuple(str(self.fields[name].label) for name in proposed)
        self.changed_data = [name for name in self.changed_data if name in others]

    def _propose(self, name: str, wanted: bool) -> None:
        proposal = self._proposal(name) if wanted else ""
        # A title that every picture is given is there already: there is nothing to save.
        if not proposal or proposal == self.initial[name]:
            return
        self.initial[name] = proposal
        note = _("Proposed from the prompt: read it, change it, then save.")
        if describing.edits_of(self.instance):
            note = _("From the picture that was changed: see whether it is still true, change it, then save.")
        field = self.fields[name]
        told = '<strong class="seedream-proposed">{}</strong> {}'
        field.help_text = format_html(told, note, field.help_text)

    def _proposal(self, name: str) -> str:
        make = describing.proposed_title if name == "title" else describing.proposed_alt
        return _in_one_line(make(self.instance, self.about))

    @cached_property
    def about(self) -> str:
        return about_of(self.instance, self.user)

    def _percent(self, name: str) -> None:
        field: Any = self.fields[name]
        kept = {"label": field.label, "help_text": field.help_text, "widget": field.widget}
        self.fields[name] = forms.IntegerField(min_value=0, max_value=100, required=False, **kept)

    def _kept(self, name: str) -> int:
        value = self.cleaned_data[name]
        return int(getattr(self.instance, name) if value is None else value)


def _in_one_line(text: str) -> str:
    """As an alternative text is kept; a prompt may have any white space."""
    return " ".join(text.split())


def about_of(image: GeneratedImage, user: Any) -> str:
    """What the object is called that the picture was made for, if this person may change it; blank otherwise."""
    made_for = Q(image=image) | Q(generation=image.generation_id)
    slot = Slot.objects.filter(made_for).exclude(object_id="").select_related("content_type").last()
    model = slot.content_type.model_class() if slot else None
    obj = model._base_manager.filter(pk=slot.object_id).first() if slot and model else None
    return str(obj) if obj is not None and may_change(user, type(obj), obj) else ""


def to_point_at(image: GeneratedImage) -> SafeString | str:
    """The picture, on which a click sets the two numbers of the form."""
    shown = preview(image, 480)
    if image.is_blurred or not image.preview_url:
        return shown
    # xgettext:no-python-format
    said = _("Focal point: {x} % from the left, {y} % from the top")
    label = _("Click on what must stay when a part is shown, or move the point with the arrow keys.")
    inputs = format_html('data-for-x="{}" data-for-y="{}"', "id_focal_x", "id_focal_y")
    element = '<seedream-focal {} data-said="{}" data-label="{}">{}</seedream-focal>'
    return format_html(element, inputs, said, label, shown)
