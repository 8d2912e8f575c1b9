"""Forms: the order as an editor gives it, and the form field of a picture's place."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.widgets import Script
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import budget, conf, diagnosis, moderation, orders, parameters, prompts, slots
from .alike import Alike
from .exceptions import InvalidOrder, NotTaken, OverBudget
from .models import BudgetPeriod, GeneratedImage, Generation, Slot
from .widgets import Chosen, GeneratedImageInput, Offered, PromptInput, ShapeSelect, is_key


def page_text(parameter: str, what: str) -> Any:
    """A label or help text of the parameter page, translated when it is shown."""
    return gettext_lazy(getattr(parameters.BY_KEYWORD[parameter], what))


def page_number(keyword: str, **values: Any) -> forms.IntegerField:
    """A field for a number of the parameter page, with its bounds and its default."""
    row = parameters.BY_KEYWORD[keyword]
    page = {
        "label": page_text(keyword, "label"),
        "help_text": page_text(keyword, "help"),
        "min_value": row.minimum,
        "max_value": row.maximum,
        "initial": row.default,
    }
    return forms.IntegerField(**{**page, **values})


class PromptField(forms.CharField):
    """Counts characters as the provider does, not as browsers send them."""

    def to_python(self, value: Any) -> str:
        return prompts.clean(super().to_python(value) or "")


class InPlaceForm(forms.Form):
    """What an editor decides beside a field: prompt, shape, number of pictures."""

    prompt = PromptField(
        label=page_text("prompt", "label"),
        help_text=page_text("prompt", "help"),
        max_length=parameters.BY_KEYWORD["prompt"].maximum,
        widget=PromptInput(attrs={"rows": 4}),
        strip=False,
    )
    shape = forms.ChoiceField(
        label=gettext_lazy("Shape"),
        choices=[(shape, shape) for shape in parameters.DIMENSIONS],
        initial="1:1",
        widget=ShapeSelect,
    )
    results = page_number("results")
    nonce = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    #: The field that says how many pictures are ordered.
    counted = "results"
    #: The digest of the order that this person was told there is already, and wants all the same.
    anyway = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    use_required_attribute = False

    class Media:
        js = (Script("seedream_django/price.js", type="module"),)

    def __init__(
        self,
        *args: Any,
        user: Any = None,
        tightest: Callable[[], BudgetPeriod | None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        #: What moderation made of the prompt of a valid form.
        self.sent: str | None = None
        # The forms of one page read it once.
        self._tightest = tightest or partial(budget.tightest, user)
        # The textarea counts for itself: a hard maxlength would cut a pasted prompt in silence.
        self.fields["prompt"].widget.attrs.pop("maxlength", None)
        self.fields["prompt"].widget.attrs |= {
            "data-limit": parameters.BY_KEYWORD["prompt"].maximum,
            "dir": "auto",
            "placeholder": _(
                "For example: a harbour at low tide, boats lying on ribbed sand, warm evening light"
            ),
        }
        if not self.is_bound:
            self.initial.setdefault("nonce", secrets.token_urlsafe(16))

    @property
    def sandboxed(self) -> bool:
        """Whether nothing is really charged."""
        return conf.sandboxed()

    @property
    def price(self) -> str:
        """The price of one picture as a plain decimal for the button, or blank for those who may not see it."""
        if self.user is None or not self.user.has_perm("seedream_django.see_costs"):
            return ""
        return str(orders.estimate())

    @cached_property
    def prices(self) -> str:
        """What each number of pictures costs, as this language writes it, for the script beside the button."""
        if not self.price:
            return ""
        numbers = range(1, int(parameters.BY_KEYWORD["results"].maximum or 1) + 1)
        return "|".join(diagnosis.money(orders.estimate(number)) for number in numbers)

    @property
    def price_text(self) -> str:
        return diagnosis.money(orders.estimate(self.count)) if self.price else ""

    @property
    def count(self) -> int:
        """How many pictures the form asks for, as far as it can be read."""
        number = self[self.counted].value()
        return int(number) if str(number) in map(str, range(1, 21)) else 1

    @cached_property
    def room(self) -> str:
        """What is left of the tightest budget, or blank where none applies."""
        period = self._tightest() if self.user is not None else None
        price = orders.estimate()
        return budget.room(period, self.user, price) if period and price else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            orders.check_allowed(self.user)
            if not self.errors:
                # Here, where what is refused is told beside what was written, and not again in ``place``.
                self.sent = moderation.check(orders.clean(self.order()), user=self.user)
                if self.alike.refusal:
                    raise ValidationError(self.alike.refusal, code="lost")
        except InvalidOrder as error:
            for keyword, messages in error.errors.items():
                self.add_error(keyword if keyword in self.fields else "shape", messages)
        except NotTaken as error:
            raise ValidationError(str(error)) from error
        return data

    def order(self) -> dict[str, Any]:
        """The order as ``{keyword: value}``; only for clean data."""
        data = self.cleaned_data
        width, height = parameters.DIMENSIONS[data["shape"]][data.get("resolution", "2K")]
        extra = {k: data[k] for k in orders.KEYWORDS if k in data and k not in ("prompt", "results")}
        return {
            "prompt": data["prompt"],
            "width": width,
            "height": height,
            "results": data["results"],
            **extra,
        }

    @cached_property
    def alike(self) -> Alike:
        """What there is already of exactly the order of a valid form."""
        told, nonce = (self.cleaned_data.get(name) or "" for name in ("anyway", "nonce"))
        return Alike(self.order(), user=self.user, told=told, nonce=nonce)

    @property
    def asks(self) -> bool:
        """Whether this person should be told of what there is already before anything is paid."""
        return self.is_valid() and self.alike.asks

    @property
    def is_refused(self) -> bool:
        """Whether exactly this is lost and somebody else decides about it."""
        return self.has_error(NON_FIELD_ERRORS, code="lost")

    def check_budget(self) -> None:
        """Raise OverBudget where the order of a valid form has no room now, for a form that is placed later."""
        order = self.order()
        amount = orders.estimate(order["results"], order.get("sequence", 1))
        budget.check(self.user, amount, order["results"])

    def place(self, *, door: str, slot: Slot | None = None) -> Generation | None:
        """Place the order of a valid form; None if it was refused meanwhile, which is then among the errors."""
        nonce = self.cleaned_data.get("nonce")
        try:
            return orders.place(
                user=self.user, door=door, slot=slot, nonce=nonce, sent=self.sent, **self.order()
            )
        except NotTaken as error:
            self.add_error(None, orders.in_words(error))
            return None


# -- A place for a picture -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wish:
    """Leave the field as it is now in the database, and perhaps more once the object is saved.

    ``slot``: fill it when this slot's picture is ready. ``order``: a checked order to place. ``was``: the picture
    that the form showed, for an object that has no row yet. ``tell``: says to the person what became of it.
    """

    was: int | None = None
    slot: Slot | None = None
    order: InPlaceForm | None = None
    tell: Callable[[str], Any] | None = None


class GeneratedImageChoiceField(forms.Field):
    """A picture chosen among the finished ones, or ordered in place.

    ``for_user(user)`` says who chooses; without it only the present picture can be kept or taken away. ``tell`` is
    called with a sentence where an order is refused after the form was saved.
    Cleans to a GeneratedImage, None, or a Wish that ``GeneratedImageField`` knows how to fulfil.
    """

    widget = GeneratedImageInput
    default_error_messages = {
        "not_choosable": gettext_lazy(
            "This picture cannot be chosen: it is not finished, or it is not yours."
        ),
        "not_ticked": gettext_lazy(
            "You wrote a prompt, but it was not ordered. Press “Generate”, tick “Order this picture when I save”, "
            "or clear the prompt."
        ),
        "both": gettext_lazy(
            "You chose a picture and ordered another. Choose one, or go back to what was there and order."
        ),
        "forged": gettext_lazy(
            "The order in this field is too old or not yours. Choose or order the picture again."
        ),
    }

    def __init__(self, *, model: str = "", field: str = "", **kwargs: Any) -> None:
        # What ModelChoiceField would take, and a picture's place has no use for.
        for name in ("queryset", "to_field_name", "limit_choices_to", "blank", "empty_label"):
            kwargs.pop(name, None)
        super().__init__(**kwargs)
        self.place = field
        self.widget.model, self.widget.field = model, field
        self.for_user(None)

    def for_user(self, user: Any, tell: Callable[[str], object] | None = None) -> None:
        """``tell`` is called with a sentence where an order is refused only once the object is saved."""
        self.user, self.tell = user, tell
        self.offered = self.widget.offered = Offered(user)
        # All forms of a set show the same budget.
        self.widget.order_form = partial(InPlaceForm, tightest=cache(partial(budget.tightest, user)))

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        # The admin may have wrapped the widget; forms copy it, so that this is the form's own.
        widget = getattr(self.widget, "widget", self.widget)
        widget.find_pending = partial(self._pending, form, form.add_prefix(field_name))
        widget.instance = getattr(form, "instance", None)
        return super().get_bound_field(form, field_name)

    def _pending(self, form: Any, name: str) -> Generation | None:
        """What was ordered for this place and has not filled it: the form's own order, else the object's last."""
        sent = slots.read(form.data.get(f"{name}-slot", ""), user=self.user) if form.is_bound else None
        if sent is not None:
            return sent.generation
        return slots.last_unfilled(getattr(form, "instance", None), self.place, self.user)

    def prepare_value(self, value: Any) -> Any:
        return getattr(value, "pk", value)

    def clean(self, value: Chosen) -> GeneratedImage | Wish | None:
        was = int(value.was) if value.was else None
        ordered = value.order and value.prompt.strip()
        if value.image != value.was:
            if ordered:
                raise ValidationError(self.error_messages["both"], code="both")
            return self._required(self._chosen(value.image))
        if ordered:
            return Wish(was=was, order=self._order(value), tell=self.tell)
        if value.slot:
            return Wish(was=was, slot=self._slot(value.slot))
        if value.prompt.strip():
            raise ValidationError(self.error_messages["not_ticked"], code="not_ticked")
        return Wish(was=was) if value.was or not self.required else self._required(None)

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        return data.image != data.was or bool(data.slot or (data.prompt.strip() and data.order))

    def _required(self, image: GeneratedImage | None) -> GeneratedImage | None:
        if image is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return image

    def _chosen(self, pk: str) -> GeneratedImage | None:
        if not pk:
            return None
        image = self.offered.all().filter(pk=pk).first() if is_key(pk) else None
        if image is None:
            raise ValidationError(self.error_messages["not_choosable"], code="not_choosable")
        return image

    def _slot(self, token: str) -> Slot:
        slot = slots.read(token, user=self.user)
        if slot is None:
            raise ValidationError(self.error_messages["forged"], code="forged")
        return slot

    def _order(self, value: Chosen) -> InPlaceForm:
        names = ("prompt", "shape", "results", "nonce", "anyway")
        data = {name: getattr(value, name) for name in names}
        form = InPlaceForm(data, user=self.user)
        if self.user is None or not form.is_valid():
            raise ValidationError(
                [message for messages in form.errors.values() for message in messages]
                or _("You may not order.")
            )
        self._ask(form)
        return form

    def _ask(self, form: InPlaceForm) -> None:
        """Refuse an order that is there already, or has no room in a budget: it is placed after the save, unseen."""
        if form.asks:
            widget = getattr(self.widget, "widget", self.widget)
            widget.unused, widget.anyway = form.alike.unused_shown(), form.alike.digest
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
