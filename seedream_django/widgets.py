"""Form widgets: ordinary controls in custom elements, so that each works without JavaScript too."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.utils.safestring import SafeString

from . import describing, parameters
from .models import GeneratedImage, Generation
from .offers import Offer, Offered, offer_of
from .places import Place, Spot, signer_of, token_of, unsigned


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


@dataclass(frozen=True)
class Chosen:
    """What a field's controls held when the form was sent."""

    image: str = ""
    was: str = ""
    #: “Save as new”: what stood in the field of the object that the form was opened for.
    kept: str = ""
    slot: str = ""
    prompt: str = ""
    #: What the panel began with: words that nobody wrote.
    began: str = ""
    #: What it was filled from.
    text: str = ""
    order: bool = False
    anyway: str = ""
    #: The picture that the words below are about, and what is written of it.
    about: str = ""
    title: str = ""
    alt: str = ""
    decorative: bool = False
    focal: tuple[int, int] | None = None
    #: The words that the form showed, as ``shown_words`` keeps them.
    said: str = ""
    #: Everything that was sent, for the panel's own form, and what its controls begin with.
    prefix: str = ""
    data: Any = None
    files: Any = None

    @property
    def written(self) -> dict[str, Any]:
        """What of the words somebody wrote in this form: the others may be newer than the form is."""
        words = {"title": self.title, "alt": self.alt, "decorative": self.decorative, "focal": self.focal}
        try:
            about, shown = json.loads(self.said)
        except (ValueError, TypeError):
            return words
        known = (
            dict(zip(words, shown, strict=False)) if about == self.about and isinstance(shown, list) else {}
        )
        return {name: value for name, value in words.items() if _plain(value) != _plain(known.get(name, ...))}


def shown_words(image: GeneratedImage) -> str:
    """What a form keeps of the words that it shows of a picture, to know those that somebody wrote."""
    focal = (image.focal_x, image.focal_y)
    return json.dumps([str(image.pk), [image.title, image.alt, image.decorative, focal]])


def _plain(value: Any) -> Any:
    # A control of one line has no others, and its value is JSON once.
    if isinstance(value, str):
        return " ".join(value.split())
    return list(value) if isinstance(value, tuple) else value


STYLES = ("colours", "preview", "prompt", "shapes", "references", "status", "focal", "image")
SCRIPTS = ("prompt", "price", "status", "focal", "image")
#: What a place for a picture needs of a page.
FILES = forms.Media(
    css={"all": [f"seedream_django/{name}.css" for name in STYLES]},
    js=[Script(f"seedream_django/{name}.js", type="module") for name in SCRIPTS],  # type: ignore[misc]
)


class GeneratedImageInput(forms.Widget):
    """Choose a finished picture, or order one in place.

    ``spot`` says which field of which object the picture is for; ``desk`` what the page's panels share, and who
    chooses; ``order_form`` makes the panel.
    """

    template_name = "seedream_django/widgets/image.html"
    needs_multipart_form = True
    desk: Any = None
    spot: Spot | None = None
    #: The same of the object that is copied by “save as new”.
    first: Spot | None = None
    order_form: Callable[..., Any] | None = None
    #: The panel's form, where it was sent and refused.
    sent_form: Any = None
    #: Whether the order that the form says it waits for is not taken.
    is_forged = False
    #: Pictures of exactly the order that was sent, which nobody uses, and what an order is known by that asks.
    unused: Sequence[GeneratedImage] = ()
    anyway = ""
    instance: Any = None
    #: Finds the order that is under way for this place, and the text that it should be made from by now.
    find_pending: Callable[[], Generation | None] = staticmethod(lambda: None)
    find_stale: Callable[[], str] = staticmethod(lambda: "")

    @property
    def media(self) -> forms.Media:
        return forms.Media() if self.is_bare else FILES

    @property
    def is_bare(self) -> bool:
        """Whether nothing of ours is shown: nothing to choose or order, nothing there, and nothing on its way."""
        if self.desk is None or self.spot is None or self.desk.may_generate or self.offered.images():
            return False
        return not (self._has_picture() or self.find_pending())

    def _has_picture(self) -> bool:
        column: Any = self.instance._meta.get_field(self.spot.field) if self.spot else None
        return bool(column and self.instance.__dict__.get(column.attname))

    @property
    def offered(self) -> Offered:
        return self.desk.offered if self.desk is not None else Offered()

    @property
    def user(self) -> Any:
        return self.desk.user if self.desk is not None else None

    @property
    def place(self) -> Place:
        return self.spot.place if self.spot is not None else Place()

    def radio(self, name: str) -> str:
        """What the choice of a picture is called."""
        return name

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return self.chosen_from(data, files, name)

    def chosen_from(self, data: Mapping[str, Any], files: Any, name: str) -> Chosen:
        def get(part: str) -> str:
            return str(data.get(f"{name}-{part}") or "")

        return Chosen(
            image=str(data.get(self.radio(name)) or ""),
            was=unsigned(get("was"), self.spot),
            kept=unsigned(get("was"), self.first) if self.first is not None else "",
            slot=get("slot"),
            prompt=get("prompt"),
            began=get("began"),
            text=get("text"),
            order=bool(get("order")),
            # The tick that orders says which order's unused pictures were told of.
            anyway=get("order"),
            about=get("about"),
            title=get("title"),
            alt=get("alt"),
            decorative=bool(get("decorative")),
            focal=_percents(get("focal_x"), get("focal_y")),
            said=get("said"),
            prefix=name,
            data=data,
            files=files,
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}-was" not in data

    def id_for_label(self, id_: str) -> str:
        # The label belongs to a group of radio buttons, which the fieldset names.
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        sent = value if isinstance(value, Chosen) else None
        kept = sent.kept if sent else ""
        was = kept or (sent.was if sent else self._shown_first(self._pk_of(value)))
        wanted = sent.image if sent else was
        # A choice that is refused leaves what was there, and does not take it away.
        current = self._current(wanted, was) or (self._current(was, was) if wanted else None)
        panel = self._panel(name, sent, self.present(current))
        context["widget"] |= {
            "radio": self.radio(name),
            "current": current,
            "shown": self._shown(current),
            "offers": self._offers(current, self.offered.shown(was)),
            "unused": self.unused,
            "anyway": self.anyway or (sent.anyway if sent else "") or "1",
            "was": signer_of(self.first if kept else self.spot).sign(was) if was else "",
            "slot": sent.slot if sent and not self.is_forged else "",
            "order": panel,
            "spot": token_of(self.spot, self.user) if self.user is not None and self.spot else "",
            "older": self.offered.older,
            "place": self.place,
            "bare": self.is_bare,
            "field": self.spot.field if self.spot else "",
            "began": sent.began if sent else panel.initial.get("prompt", "") if panel is not None else "",
            "text": sent.text if sent else panel.initial.get("prompt", "") if panel is not None else "",
            "can_order": panel is not None,
            "required": self.is_required,
            "pending": self.find_pending(),
            "stale": self.find_stale() if panel is not None else "",
            "open": bool(sent and (self.sent_form or sent.prompt.strip() != sent.began.strip())),
            # Told of what there is already: only a new tick orders all the same.
            "asks": bool(self.anyway),
            "ordered": bool(sent and sent.order and not self.anyway),
            "words": self._words(sent, current),
            "focal": (sent and sent.focal) or ((current.focal_x, current.focal_y) if current else (50, 50)),
        }
        return context

    def _offers(self, current: GeneratedImage | None, before: GeneratedImage | None = None) -> list[Offer]:
        """What is chosen now and what was before, those that nobody uses of what was ordered, and the newest."""
        about = self.about
        all_of_them = (current, before, *self.unused, *self.offered.images())
        found = {image.pk: image for image in all_of_them if image}
        return [
            offer_of(image, about, self.place, checked=image == current, unused=image in self.unused)
            for image in found.values()
        ]

    @property
    def about(self) -> str:
        """What the object is called that the picture is for, as it was saved."""
        if self.instance is None or self._is_new():
            return ""
        return str(self.instance)

    def _shown(self, current: GeneratedImage | None) -> dict[str, str] | None:
        """The address of a small picture of what the field has, and its title; None for nothing."""
        return {"src": current.preview_url, "title": str(current)} if current else None

    def present(self, current: GeneratedImage | None) -> Any:
        """What the field has now, which another picture may be made from."""
        return current

    def _pk_of(self, value: Any) -> str:
        return str(getattr(value, "pk", value) or "")

    def _words(self, sent: Chosen | None, current: GeneratedImage | None) -> dict[str, Any] | None:
        """What is written of the chosen picture; None where this person may not write it."""
        if self.user is None:
            return None
        if sent is not None and sent.about:
            proposed = bool(sent.alt) and sent.alt in {offer.proposal for offer in self._offers(current)}
            said = {"title": sent.title, "alt": sent.alt, "decorative": sent.decorative}
            return {"about": sent.about, "proposed": proposed, "open": True, "shown": sent.said, **said}
        if current is None:
            return {"about": "", "title": "", "alt": "", "decorative": False}
        if not self.offered.has(current):
            return None
        said = {name: getattr(current, name) for name in ("title", "alt", "decorative")}
        # Nothing is proposed for what is there already: a form that is saved for something else would keep it unread.
        shown = shown_words(current)
        return {"about": current.pk, "open": not describing.is_described(current), "shown": shown, **said}

    def _is_new(self) -> bool:
        return self.instance is not None and self.instance._state.adding

    def _shown_first(self, pk: str) -> str:
        """What there is to keep. A new object has nothing yet: an address may say which picture it begins with."""
        return pk if not self._is_new() or self._current(pk, "") else ""

    def _current(self, pk: str, was: str) -> GeneratedImage | None:
        """The chosen picture: what was there already, else only one that this person may choose."""
        return self.offered.shown(pk) if pk == was else self.offered.choosable(pk)

    def _panel(self, name: str, sent: Chosen | None, present: Any) -> Any:
        """The panel's form for those who may order, as it was sent or as it begins."""
        if self.order_form is None or self.spot is None or not self.desk.may_generate:
            return None
        if self.sent_form is not None:
            return self.sent_form
        kept: dict[str, Any] = {"prefix": name, "auto_id": "id_%s", "place": self.place, "present": present}
        if sent is not None and sent.data is not None:
            form = self.order_form(sent.data, sent.files, **kept)
            form.read_references()
            return form
        begins = self.place.prompt_for(self.instance) if self.place.prompt_from and self.instance else ""
        return self.order_form(initial={"prompt": begins} if begins else {}, **kept)


class BesideInput(GeneratedImageInput):
    """The same beside the control that a file field has: what is chosen is copied into the field."""

    template_name = "seedream_django/widgets/beside.html"

    def __init__(self, inner: forms.Widget) -> None:
        super().__init__()
        self.inner = inner
        self.is_required = False
        #: What was sent, which the control beside does not hold.
        self.sent: Chosen | None = None
        self.file: Any = None
        #: Whether what is in the field can be shown: an ImageField's file.
        self.is_picture = False

    def __deepcopy__(self, memo: Any) -> BesideInput:
        copied = copy.copy(self)
        copied.inner, copied.attrs = copy.deepcopy(self.inner, memo), self.attrs.copy()
        return copied

    @property
    def media(self) -> forms.Media:
        return self.inner.media + super().media

    def _has_picture(self) -> bool:
        # A file of the host's is shown by the control beside.
        return False

    def radio(self, name: str) -> str:
        return f"{name}-picture"

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return self.inner.value_from_datadict(data, files, name)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return bool(self.inner.value_omitted_from_data(data, files, name))

    def id_for_label(self, id_: str) -> str:
        return str(self.inner.id_for_label(id_))

    def use_required_attribute(self, initial: Any) -> bool:
        # A picture may be chosen, or on its way.
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        if self.is_bare:
            return self.inner.render(name, value, attrs, renderer)
        context = self.get_context(name, self.sent or None, attrs)
        first = self._shown(None)
        context["widget"] |= {
            "inner": self.inner.render(name, value, attrs, renderer),
            "filled": bool(self.file),
            "first": first["src"] if first else "",
        }
        html: SafeString = self._render(self.template_name, context, renderer)  # type: ignore[attr-defined]
        return html

    def present(self, current: GeneratedImage | None) -> Any:
        return current or self.file or None

    def _shown(self, current: GeneratedImage | None) -> dict[str, str] | None:
        if current is not None or not self.file or not self.is_picture:
            return super()._shown(current)
        src = address_of(self.file)
        return {"src": src, "title": ""} if src else None


def address_of(file: Any) -> str:
    """Where a browser finds the file of a field; blank where its storage cannot say."""
    try:
        return str(file.url)
    except Exception:
        # Storages have errors of their own, and a page is more than one picture.
        return ""


def _percents(*texts: str) -> tuple[int, int] | None:
    across, down = (int(text) if text.isdecimal() and len(text) < 4 else 101 for text in texts)
    return (across, down) if across <= 100 and down <= 100 else None
