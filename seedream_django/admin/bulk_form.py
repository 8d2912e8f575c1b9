"""The form of a run for many objects: which field, in what words, in what shape."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import gaps, parameters, plans, prompts
from ..models import BulkRun, BulkState, Style
from ..places import Place
from ..widgets import ShapeSelect


def _named(found: Iterable[Place]) -> Iterator[str]:
    for place in found:
        # What is wrong with one is told by the system checks.
        with suppress(ValueError):
            yield from place.names


class PlanForm(forms.Form):
    """What a run would make. ``places``: the fields that it may be for, by name; empty where they are not known.

    ``words``: what the person may read of the objects, and so name; what the site's own beginnings name comes with it.
    """

    field = forms.ChoiceField(label=gettext_lazy("For which field"), required=False)
    prompt = forms.CharField(
        label=gettext_lazy("Prompt"), widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}), strip=False
    )
    shape = forms.ChoiceField(
        label=gettext_lazy("Shape"),
        choices=[(shape, shape) for shape in parameters.DIMENSIONS],
        widget=ShapeSelect,
    )
    style = forms.ChoiceField(label=gettext_lazy("Style"), required=False)

    use_required_attribute = False

    def __init__(
        self, run: BulkRun, places: Mapping[str, Place], data: Any = None, *, words: Collection[str] = ()
    ) -> None:
        begins = {"field": run.field, "prompt": run.prompt, "shape": run.shape, "style": run.style}
        super().__init__(data, initial=begins)
        self.run, self.places = run, places
        model: Any = plans.model_of(run)
        known = {*words, *_named(places.values())}
        self.model, self.names = model, [name for name in plans.words_of(model) if name in known]
        self._offer_fields()
        self._offer_styles()
        names = ", ".join(f"{{{name}}}" for name in self.names)
        self.fields["prompt"].help_text = _("The names of its fields stand in braces: %(names)s") % {
            "names": names
        }

    def _offer_fields(self) -> None:
        if len(self.places) < 2 or self.run.state != BulkState.DRAFT:
            del self.fields["field"]
            return
        labels = {name: str(self.model._meta.get_field(name).verbose_name) for name in self.places}
        self.fields["field"].choices = list(labels.items())  # type: ignore[attr-defined]

    def _offer_styles(self) -> None:
        self.styles = {style.name: style.words for style in Style.objects.filter(active=True)}
        if self.run.style:
            self.styles.setdefault(self.run.style, self.run.options.get("style", ""))
        if not self.styles:
            del self.fields["style"]
            return
        choices = [("", _("No style")), *((name, name) for name in self.styles)]
        self.fields["style"].choices = choices  # type: ignore[attr-defined]

    def clean_prompt(self) -> str:
        prompt = prompts.clean(self.cleaned_data["prompt"])
        try:
            names = gaps.names_in(prompt)
        except gaps.BadTemplate as error:
            what = _(error.text) % error.params
            raise ValidationError(
                _("Only names of fields may stand in braces. %(what)s"), params={"what": what}
            ) from error
        if unknown := [name for name in names if name not in self.names]:
            text = _("There is no text “%(name)s” in these objects. There are: %(names)s.")
            raise ValidationError(text, params={"name": unknown[0], "names": ", ".join(self.names)})
        if not names:
            raise ValidationError(
                _("Name at least one field in braces: else all would get the same picture.")
            )
        return prompt

    def changes(self) -> dict[str, Any]:
        """What of the run a valid form would change."""
        data = self.cleaned_data
        field = data.get("field") or self.run.field
        wanted = {"field": field, "prompt": data["prompt"], "shape": data["shape"]}
        place = self.places.get(field) or plans.place_of(self.run)
        if field != self.run.field:
            wanted |= self._beginnings(place, data)
        wanted["style"] = data.get("style", "")
        words = self.styles.get(wanted["style"], "")
        wanted["options"] = {"place": asdict(place), **({"style": words} if words else {})}
        return {name: value for name, value in wanted.items() if getattr(self.run, name) != value}

    def _beginnings(self, place: Place, data: Mapping[str, Any]) -> dict[str, str]:
        """What another field begins with, where the person has not said anything else."""
        begins = {"prompt": place.prompt_from, "shape": place.shape}
        return {
            name: value for name, value in begins.items() if value and data[name] == getattr(self.run, name)
        }
