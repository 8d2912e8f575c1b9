"""Form widgets: ordinary controls in custom elements, so that each works without JavaScript too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.signing import BadSignature, Signer
from django.forms.widgets import Script

from . import parameters
from .models import GeneratedImage, GeneratedImageQuerySet, Generation

#: Finished pictures that a field offers, the newest first.
OFFERED = 11


#: Salt of what a form says of the picture that it showed, which may be kept even where it may not be chosen.
SALT = "seedream_django.was"


class PromptInput(forms.Textarea):
    """A text area with a live count of what is left."""

    template_name = "seedream_django/widgets/prompt.html"

    class Media:
        css = {"all": ["seedream_django/colours.css", "seedream_django/prompt.css"]}
        js = [Script("seedream_django/prompt.js", type="module")]


class ShapeSelect(forms.RadioSelect):
    """Shapes as small drawings, each labelled with its ratio and its pixels in both sizes."""

    template_name = "seedream_django/widgets/shapes.html"
    option_template_name = "seedream_django/widgets/shape.html"

    class Media:
        css = {"all": ["seedream_django/colours.css", "seedream_django/shapes.css"]}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        width, height = parameters.DIMENSIONS[str(value)]["2K"]
        scale = 28 / max(width, height)
        option["drawn"] = {"width": round(width * scale), "height": round(height * scale)}
        option["drawn"]["x"] = (32 - option["drawn"]["width"]) // 2
        option["drawn"]["y"] = (32 - option["drawn"]["height"]) // 2
        sizes = parameters.DIMENSIONS[str(value)].values()
        option["pixels"] = [f"{width} × {height}" for width, height in sizes]
        return option


class Offered:
    """The pictures that one person may choose; read once for all fields of a page."""

    def __init__(self, user: Any = None) -> None:
        self.user = user
        self._images: list[GeneratedImage] | None = None

    def __deepcopy__(self, memo: Any) -> Offered:
        # Forms copy their fields; the list is the same for all of them.
        return self

    def all(self) -> GeneratedImageQuerySet:
        if self.user is None:
            return GeneratedImage.objects.none()
        return GeneratedImage.objects.choosable_by(self.user)

    def images(self) -> list[GeneratedImage]:
        if self._images is None:
            self._images = list(self.all().order_by("-created_at", "position")[:OFFERED])
        return self._images


@dataclass(frozen=True)
class Chosen:
    """What a field's controls held when the form was sent."""

    image: str
    was: str
    slot: str
    prompt: str
    shape: str
    results: str
    order: bool
    nonce: str
    anyway: str = ""


class GeneratedImageInput(forms.Widget):
    """Choose a finished picture, or order one in place.

    ``model`` (``app_label.model``), ``field`` and ``instance`` say which place the picture is for; ``offered``
    which pictures may be chosen and who chooses.
    """

    template_name = "seedream_django/widgets/image.html"
    offered = Offered()
    model = field = ""
    instance: Any = None
    order_form: Any = None
    #: Pictures of exactly the order that was sent, which nobody uses, and what an order is known by that asks.
    unused: Sequence[GeneratedImage] = ()
    anyway = ""
    #: Finds the order that is under way for this place; the form field knows how.
    find_pending: Callable[[], Generation | None] = staticmethod(lambda: None)

    class Media:
        css = {
            "all": [
                "seedream_django/colours.css",
                "seedream_django/prompt.css",
                "seedream_django/shapes.css",
                "seedream_django/status.css",
                "seedream_django/image.css",
            ]
        }
        js = [
            Script("seedream_django/prompt.js", type="module"),
            Script("seedream_django/price.js", type="module"),
            Script("seedream_django/status.js", type="module"),
            Script("seedream_django/image.js", type="module"),
        ]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Chosen:
        def get(part: str) -> str:
            return str(data.get(f"{name}-{part}") or "")

        return Chosen(
            image=str(data.get(name) or ""),
            was=self._unsigned(get("was")),
            slot=get("slot"),
            prompt=get("prompt"),
            shape=get("shape"),
            results=get("results"),
            order=bool(get("order")),
            nonce=get("nonce"),
            # The tick that orders says which order's unused pictures were told of.
            anyway=get("order"),
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}-was" not in data

    def id_for_label(self, id_: str) -> str:
        # The label belongs to a group of radio buttons, which the fieldset names.
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        sent = value if isinstance(value, Chosen) else None
        was = sent.was if sent else self._shown_first(str(getattr(value, "pk", value) or ""))
        wanted = sent.image if sent else was
        # A choice that is refused leaves what was there, and does not take it away.
        current = self._current(wanted, was) or (self._current(was, was) if wanted else None)
        context["widget"] |= {
            "current": current,
            "unused": [image for image in self.unused if image != current],
            "offered": [
                image for image in self.offered.images() if image != current and image not in self.unused
            ],
            "anyway": self.anyway or (sent.anyway if sent else "") or "1",
            "was": self._signer().sign(was) if was else "",
            "slot": sent.slot if sent else "",
            "order": self._order_form(name, sent),
            "model": self.model,
            "field": self.field,
            "can_order": bool(self.offered.user and self.offered.user.has_perm("seedream_django.generate")),
            "required": self.is_required,
            "pending": self.find_pending(),
            "open": bool(sent and sent.prompt),
            # Told of what there is already: only a new tick orders all the same.
            "asks": bool(self.anyway),
            "ordered": bool(sent and sent.order and not self.anyway),
        }
        return context

    def _signer(self) -> Signer:
        """One for this place alone: nothing that another form showed may be kept here."""
        row = "" if self._is_new() or self.instance is None else self.instance.pk
        return Signer(salt=f"{SALT}:{self.model}:{self.field}:{row}")

    def _unsigned(self, text: str) -> str:
        try:
            return self._signer().unsign(text)
        except BadSignature:
            return ""

    def _is_new(self) -> bool:
        return self.instance is not None and self.instance._state.adding

    def _shown_first(self, pk: str) -> str:
        """What there is to keep. A new object has nothing yet: an address may say which picture it begins with."""
        return pk if not self._is_new() or self._current(pk, "") else ""

    def _current(self, pk: str, was: str) -> GeneratedImage | None:
        """The chosen picture: what was there already, else only one that this person may choose."""
        if not is_key(pk):
            return None
        offered = next((image for image in self.offered.images() if str(image.pk) == pk), None)
        rows = GeneratedImage.objects.all() if pk == was else self.offered.all()
        return offered or rows.filter(pk=pk).first()

    def _order_form(self, name: str, sent: Chosen | None) -> Any:
        if self.order_form is None:
            return None
        initial = (
            {"prompt": sent.prompt, "shape": sent.shape, "results": sent.results, "nonce": sent.nonce}
            if sent
            else {}
        )
        initial = {key: value for key, value in initial.items() if value}
        return self.order_form(user=self.offered.user, initial=initial, prefix=name, auto_id="id_%s")


def is_key(text: str) -> bool:
    """Whether a text may be a picture's number: digits, no more than a column holds."""
    return text.isascii() and text.isdecimal() and len(text) < 19
