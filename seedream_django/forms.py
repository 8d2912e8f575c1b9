"""For forms of any site: a field for a picture, and a mixin that puts “Generate” beside the fields of a ModelForm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import place_checks, slots
from .exceptions import OverBudget
from .models import GeneratedImage, Slot
from .offers import is_key
from .pages import Page, first_of
from .panels import InPlaceForm
from .places import Place, Spot, spot_of
from .widgets import BesideInput, Chosen, GeneratedImageInput
from .wishes import Wish, Words, promise

__all__ = ["GeneratedImageChoiceField", "SeedreamFormMixin", "Wish"]


class GeneratedImageChoiceField(forms.Field):
    """A picture chosen among the finished ones, or ordered in place.

    ``for_user(user)`` says who chooses; without it only the present picture can be kept or taken away. ``tell`` is
    called with a sentence where an order is refused after the form was saved.
    Cleans to a GeneratedImage or None in a plain form. In a form for a model that has the field, ``model``
    (``app_label.model``) and ``field``, it can order too, and cleans to a Wish that is fulfilled with the save.
    """

    widget = GeneratedImageInput
    default_error_messages = {
        "not_choosable": gettext_lazy(
            "This picture cannot be chosen: it is not finished, or it is not yours."
        ),
        "not_ticked": gettext_lazy(
            "You wrote a prompt, but it was not ordered. Tick “Order this picture when I save”, or clear the prompt."
        ),
        "both": gettext_lazy(
            "You chose a picture and ordered another. Choose one, or go back to what was there and order."
        ),
        "forged": gettext_lazy(
            "The order in this field is too old or not yours. Choose or order the picture again."
        ),
        "decorative": gettext_lazy(
            "A picture that only decorates has no alternative text. Clear the one, or untick the other."
        ),
    }

    def __init__(
        self, *, model: str = "", field: str = "", place: Place | None = None, **kwargs: Any
    ) -> None:
        # What ModelChoiceField would take, and a picture's place has no use for.
        for name in ("queryset", "to_field_name", "limit_choices_to", "blank", "empty_label"):
            kwargs.pop(name, None)
        super().__init__(**kwargs)
        self.model, self.name, self.place = model, field, place or Place()
        self.use(Page())

    def for_user(self, user: Any, tell: Callable[[str], object] | None = None) -> None:
        """``tell`` is called with a sentence where an order is refused only once the object is saved."""
        self.use(Page(user, tell))

    def use(self, page: Page) -> None:
        """The same for a page whose fields share what they show."""
        self.page = page
        self.control.desk = page.desk

    @property
    def control(self) -> Any:
        """The widget, which the admin may have wrapped."""
        return getattr(self.widget, "widget", self.widget)

    @property
    def user(self) -> Any:
        return self.page.desk.user

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        instance = getattr(form, "instance", None)
        if instance is not None and self.name:
            self.furnish(form, form.add_prefix(field_name), instance)
        return super().get_bound_field(form, field_name)

    def furnish(self, form: Any, name: str, instance: models.Model) -> None:
        """Tell the widget, which is this form's own, where it is."""
        widget = self.control
        widget.instance, widget.spot = instance, spot_of(instance, self.name, self.place)
        widget.order_form = partial(InPlaceForm, user=self.user, desk=self.page.desk)
        self.page.expect(widget.spot, instance)
        if not widget.spot.takes_files:
            column: Any = instance._meta.get_field(self.name)
            self.page.desk.offered.expect(instance.__dict__.get(column.attname))
        widget.find_pending = partial(self._pending, form, name, widget.spot, instance)
        widget.find_stale = partial(self.page.stale, widget.spot, instance)

    def _pending(self, form: Any, name: str, spot: Spot, instance: models.Model) -> Any:
        """What was ordered for this place and has not filled it: the form's own order, else the object's last."""
        token = form.data.get(f"{name}-slot", "") if form.is_bound else ""
        sent = self._read(token, spot, instance) if token else None
        return sent.generation if sent is not None else self.page.pending(spot, instance)

    def _read(self, token: str, spot: Spot, instance: models.Model) -> Slot | None:
        return slots.read(token, user=self.user, model=spot.model, field=spot.field, instance=instance)

    def prepare_value(self, value: Any) -> Any:
        return getattr(value, "pk", value)

    # -- What was sent

    def clean(self, value: Chosen) -> GeneratedImage | Wish | None:
        value = self._kept(value)
        was = int(value.was) if value.was else None
        written = value.prompt.strip()
        ordered = value.order and written
        if value.image != value.was:
            if ordered:
                raise ValidationError(self.error_messages["both"], code="both")
            return self._required(self._chosen(value.image))
        if ordered:
            return self._wish(was=was, order=self._order(value), text=value.text)
        if value.slot:
            return self._wish(was=was, slot=self._slot(value.slot), focal=value.focal)
        if written and written != value.began.strip():
            raise ValidationError(self.error_messages["not_ticked"], code="not_ticked")
        if not self.name:
            # A plain form has no object to leave as it is.
            return self._required(GeneratedImage.objects.filter(pk=was).first() if was else None)
        satisfied = value.was or not self.required or self.is_awaited()
        return self._wish(was=was) if satisfied else self._required(None)

    def _kept(self, value: Chosen) -> Chosen:
        """“Save as new”: the copy has what the first one shows, whoever may choose that. Else it is a choice."""
        if not value.kept or value.image != value.kept:
            return value
        chosen = self.page.desk.offered.choosable(value.kept) and not (value.slot or value.order)
        stays = not chosen and GeneratedImage.objects.filter(pk=value.kept).exists()
        return replace(value, was=value.kept) if stays else value

    def words(self, value: Chosen, image: GeneratedImage | None) -> Words | None:
        """What is written of the chosen picture, where this person may write it; None for nothing."""
        if image is None or value.about != str(image.pk) or not self.page.desk.offered.has(image):
            return None
        if value.decorative and value.alt.strip() and value.alt.strip() != image.alt:
            raise ValidationError(self.error_messages["decorative"], code="decorative")
        return Words(image, **value.written)

    def _wish(self, **values: Any) -> Wish:
        return Wish(place=self.place, user=self.user, tell=self.page.desk.tell, **values)

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        written = data.prompt.strip()
        # Words that nobody ordered, too: a row of an inline that has nothing else must not go without a word.
        wanted = written and (data.order or written != data.began.strip())
        if data.image != data.was or data.slot or wanted:
            return True
        # In an inline too, what is written of a picture that stays is saved.
        return (
            bool(data.about)
            and data.about == data.was
            and any(each is not None for each in data.written.values())
        )

    def is_awaited(self) -> bool:
        """Whether a picture is on its way to this object: then a form that is saved once more demands none."""
        spot = self.control.spot
        return spot is not None and self.page.is_awaited(spot)

    def _required(self, image: GeneratedImage | None) -> GeneratedImage | None:
        if image is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return image

    def _chosen(self, pk: str) -> GeneratedImage | None:
        if not pk:
            return None
        # Anew: a page may be kept for longer than one request.
        image = self.page.desk.offered.all().filter(pk=pk).first() if is_key(pk) else None
        if image is None:
            raise ValidationError(self.error_messages["not_choosable"], code="not_choosable")
        return image

    def _slot(self, token: str) -> Slot:
        widget = self.control
        slot = self._read(token, widget.spot, widget.instance) if widget.spot else None
        if slot is None:
            # Told once: whoever sends the form again, or chooses another, is not held up by it.
            widget.is_forged = True
            raise ValidationError(self.error_messages["forged"], code="forged")
        return slot

    def made_with(self, value: Chosen, image: GeneratedImage) -> Slot | None:
        """The order of this very form that brought the chosen picture, or None."""
        widget = self.control
        if not value.slot or widget.spot is None:
            return None
        slot = self._read(value.slot, widget.spot, widget.instance)
        return slot if slot is not None and slot.generation_id == image.generation_id else None

    def _order(self, value: Chosen) -> InPlaceForm:
        widget = self.control
        if self.user is None or widget.order_form is None:
            raise ValidationError(_("You may not order."))
        own = {"prefix": value.prefix, "auto_id": "id_%s", "place": self.place, "told": value.anyway}
        form: InPlaceForm = widget.order_form(value.data, value.files, **own)
        if not form.is_valid():
            widget.sent_form = form
            raise ValidationError([message for messages in form.errors.values() for message in messages])
        self._ask(form)
        return form

    def _ask(self, form: InPlaceForm) -> None:
        """Refuse an order that is there already, or has no room in a budget: it is placed after the save, unseen."""
        if form.asks:
            self.control.unused, self.control.anyway = form.alike.unused_shown(), form.alike.digest
            choose = _("Wait for it, or tick “Generate anyway when I save”.")
            if form.alike.unused:
                choose = _("Choose one of them, which costs nothing, or tick “Generate anyway when I save”.")
            told = (form.alike.open_text(), form.alike.unused_text(), choose)
            raise ValidationError(" ".join(filter(None, told)), code="asks")
        try:
            if form.alike.taken is None:
                form.check_budget()
        except OverBudget as error:
            raise ValidationError(str(error), code="over_budget") from error


# -- Fields of any ModelForm ---------------------------------------------------------------------------------


class SeedreamFormMixin:
    """For a ModelForm: puts “Generate” beside fields that keep a picture, whatever kind they are.

    ::

        class ArticleForm(SeedreamFormMixin, forms.ModelForm):
            seedream_fields = {"cover": slot(ratio="16:9", prompt_from="{title}. {summary}")}

        form = ArticleForm(request.POST or None, request.FILES or None, instance=article, user=request.user)

    A field is an ImageField, a FileField, or a ForeignKey to GeneratedImage. Without ``user`` nothing can be ordered.
    ``{{ form.media }}`` belongs into the page's head, as with any form that has widgets of its own.
    """

    seedream_fields: Mapping[str, Place] = {}
    #: What the fields of one page share; made for ``user`` where nobody else made it.
    seedream_page: Page | None = None
    #: “Save as new”: finds the object that the form was opened for, by the key that it sent.
    seedream_first: Callable[[str], models.Model | None] | None = None
    fields: dict[str, Any]
    instance: models.Model

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Those that an admin makes for a page are the system checks' business.
        if cls.seedream_page is None:
            place_checks.demand(cls)

    def __init__(
        self, *args: Any, user: Any = None, tell: Callable[[str], object] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        page = self.seedream_page or Page(user, tell)
        # There also where nothing is cleaned: a formset asks the rows that were left blank, too.
        self._wishes: dict[str, Wish] = {}
        self._asides: dict[str, GeneratedImageChoiceField] = {}
        self._beside: dict[str, BesideInput] = {}
        self._needed: list[str] = []
        for name, place in self.seedream_fields.items():
            if name in self.fields:
                self._furnish(name, place, page)

    def _furnish(self, name: str, place: Place, page: Page) -> None:
        field = self.fields[name]
        model_field = self.instance._meta.get_field(name)
        if isinstance(model_field, models.FileField):
            self._asides[name] = self._put_beside(name, place, page)
            return
        if getattr(model_field, "related_model", None) is not GeneratedImage:
            raise ImproperlyConfigured(
                f"{type(self).__name__}.seedream_fields names “{name}”, which is no ImageField, FileField or "
                "ForeignKey to seedream_django.GeneratedImage."
            )
        if not isinstance(field, GeneratedImageChoiceField):
            kept = {
                key: getattr(field, key) for key in ("required", "label", "help_text", "initial", "disabled")
            }
            field = self.fields[name] = GeneratedImageChoiceField(**kept)
            field.label = field.label or name
        field.model, field.name, field.place = self.instance._meta.label_lower, name, place
        field.use(page)
        # Here, so that all forms of a page have said what they ask before the first of them is shown.
        field.furnish(self, self.add_prefix(name), self.instance)  # type: ignore[attr-defined]
        field.control.first = first_of(self, name, place)

    def _put_beside(self, name: str, place: Place, page: Page) -> GeneratedImageChoiceField:
        field = self.fields[name]
        if field.required:
            # A picture that is chosen, or on its way, is one as well.
            field.required = field.widget.is_required = False
            self._needed.append(name)
        widget = field.widget = self._beside[name] = BesideInput(field.widget)
        aside = GeneratedImageChoiceField(
            required=False, widget=widget, model=self.instance._meta.label_lower, field=name, place=place
        )
        # The very one that is shown, and not the copy that a field makes for itself.
        aside.widget = widget  # type: ignore[assignment]
        aside.use(page)
        widget.file = getattr(self.instance, name)
        widget.is_picture = isinstance(self.instance._meta.get_field(name), models.ImageField)
        prefixed = self.add_prefix(name)  # type: ignore[attr-defined]
        if self.is_bound:  # type: ignore[attr-defined]
            widget.sent = widget.chosen_from(self.data, self.files, prefixed)  # type: ignore[attr-defined]
        aside.furnish(self, prefixed, self.instance)
        return aside

    # -- What was sent

    def has_changed(self) -> bool:
        """An inline that was left blank but for a picture is one that is to be saved."""
        return bool(super().has_changed() or any(map(self._is_wished, self._asides)))  # type: ignore[misc]

    def _is_wished(self, name: str) -> bool:
        sent = self._beside[name].sent
        return sent is not None and self._asides[name].has_changed(None, sent)

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        self._wishes = {}
        for name in self.seedream_fields:
            if name in self.fields:
                try:
                    self._clean_place(name)
                except ValidationError as error:
                    self.add_error(name, error)  # type: ignore[attr-defined]

    def _clean_place(self, name: str) -> None:
        if name in self._asides:
            self._clean_aside(name, self._asides[name])
        elif name in self.cleaned_data:
            field, value = self.fields[name], self.cleaned_data[name]
            sent = self.fields[name].widget.chosen_from(self.data, self.files, self.add_prefix(name))  # type: ignore[attr-defined]
            self._clean_choice(name, field, value, sent)

    def _clean_choice(self, name: str, field: GeneratedImageChoiceField, value: Any, sent: Chosen) -> None:
        if field.disabled:
            return
        if isinstance(value, Wish):
            present = getattr(self.instance, name, None) if sent.about and not value.order else None
            self._wishes[name] = value.with_words(field.words(sent, present))
            # Where it is a plain ForeignKey nobody else knows what a wish is.
            self.cleaned_data[name] = present or getattr(self.instance, name, None)
        elif value is not None:
            words, made = field.words(sent, value), field.made_with(sent, value)
            self._wishes[name] = field._wish(leaves=False, words=words, slot=made, chosen=value)

    def _clean_aside(self, name: str, aside: GeneratedImageChoiceField) -> None:
        sent, given = self._beside[name].sent, self.cleaned_data.get(name)
        if sent is None or self.fields[name].disabled:
            return
        # False: cleared. A file that was there is what the field has already.
        changed = given is False or (bool(given) and getattr(given, "_committed", None) is not True)
        wish = aside.clean(sent)
        if isinstance(wish, GeneratedImage):
            wish = aside._wish(chosen=wish, words=aside.words(sent, wish), focal=sent.focal)
        if wish is not None and changed and (wish.chosen or wish.order):
            raise ValidationError(
                _("You gave a file, or cleared the field, and chose a picture as well. Do one of the two."),
                code="both",
            )
        if wish is not None and not changed:
            self._wishes[name] = wish
        coming = wish is not None and (wish.chosen or wish.order or wish.slot)
        if name in self._needed and not (given or coming) and (given is False or not aside.is_awaited()):
            raise ValidationError(self.fields[name].error_messages["required"], code="required")

    def _get_validation_exclusions(self) -> set[str]:
        # What is on its way is not there yet, and that is no error of the model's.
        left = {name for name, wish in self._wishes.items() if wish.leaves}
        return set(super()._get_validation_exclusions()) | left  # type: ignore[misc]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:  # type: ignore[attr-defined]
            for name, wish in self._wishes.items():
                promise(self.instance, name, wish)

    cleaned_data: dict[str, Any]
