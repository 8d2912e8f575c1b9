"""How a picture was made, as its page tells it: the prompt as written and as sent, what was set, what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from .. import parameters
from ..diagnosis import money
from ..models import GeneratedImage, Generation

#: What is told elsewhere on the page.
ELSEWHERE = ("prompt", "references", "width", "height")

#: What the file of a picture that was made elsewhere says, by its key in ``found``.
FOUND: dict[str, Any] = {
    "source": gettext_lazy("Source"),
    "tool": gettext_lazy("Program"),
    "creator": gettext_lazy("Creator"),
    "made": pgettext_lazy("moment", "Made"),
    "description": gettext_lazy("Description"),
    "signed": gettext_lazy("Content credentials"),
    "name": gettext_lazy("Name of its file"),
    "place": gettext_lazy("Found in"),
}
SOURCES: dict[str, Any] = {
    "trainedAlgorithmicMedia": gettext_lazy("made by AI"),
    "compositeWithTrainedAlgorithmicMedia": gettext_lazy("partly made by AI"),
}


class Details:
    """The part of the pictures' admin that tells how one was made."""

    admin_site: Any

    def details_of(self, image: GeneratedImage, user: Any) -> list[str]:
        """The names of what is told of this picture to this person."""
        order = image.generation
        if order.is_imported:
            return ["written", "brought"] if order.prompt else ["brought"]
        sent = ["sent"] if order.sent != order.prompt and order.redacted_at is None else []
        billed = ["billed"] if user.has_perm("seedream_django.see_costs") else []
        return ["written", *sent, "settings", *billed]

    @admin.display(description=gettext_lazy("Prompt"))
    def written(self, image: GeneratedImage) -> SafeString:
        order = image.generation
        return _text(order.prompt if order.redacted_at is None else order)

    @admin.display(description=gettext_lazy("As it was sent"))
    def sent(self, image: GeneratedImage) -> SafeString:
        return _text(image.generation.sent)

    @admin.display(description=gettext_lazy("Made elsewhere"))
    def brought(self, image: GeneratedImage) -> SafeString:
        """What its file said of itself, who brought it along, and where it was found."""
        order, found = image.generation, image.found
        told = [(label, _said(name, found)) for name, label in FOUND.items() if found.get(name)]
        told += [(_("Brought along by"), order.user)] if order.user else []
        rows = format_html_join("", "<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>", told)
        note = _("Nobody checked what its file says.")
        return format_html('<dl class="seedream-facts">{}</dl><p class="help">{}</p>', rows, note)

    @admin.display(description=gettext_lazy("Settings"))
    def settings(self, image: GeneratedImage) -> SafeString:
        told = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", settings_of(image.generation))
        return format_html('<dl class="seedream-facts">{}</dl>', told)

    @admin.display(description=gettext_lazy("Cost"))
    def billed(self, image: GeneratedImage) -> str:
        return "–" if image.cost is None else money(image.cost)

    @admin.display(description=gettext_lazy("Ordered with"))
    def ordered_with(self, image: GeneratedImage) -> str:
        url = reverse(f"{self.admin_site.name}:seedream_django_generation_change", args=[image.generation_id])
        return format_html('<a href="{}">{}</a>', url, image.generation)


def _said(name: str, found: dict[str, Any]) -> Any:
    if name == "signed":
        return _("yes")
    return SOURCES.get(found[name], found[name]) if name == "source" else found[name]


def _text(text: Any) -> SafeString:
    return format_html('<p class="seedream-lines"><bdi dir="auto">{}</bdi></p>', text)


def settings_of(order: Generation) -> Iterator[tuple[str, Any]]:
    """What was set, in the order of the parameter page, each with its name for people."""
    values = parameters.read(order.parameters)
    if values.get("width") and values.get("height"):
        yield _("Shape"), parameters.shape_of(values["width"], values["height"])
    for parameter in parameters.PAGE:
        value = values.get(parameter.keyword)
        # What the site decides, such as the delivery, says nothing of the picture.
        if value is not None and parameter.door == "form" and parameter.keyword not in ELSEWHERE:
            yield _(parameter.label), value
