"""The panel that orders pictures: what an editor decides beside a field, and what the panels of a page share."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.widgets import Script
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import budget, conf, diagnosis, moderation, orders, parameters, prompts
from .alike import Alike
from .exceptions import InvalidOrder, NotTaken
from .models import BudgetPeriod, Generation, Slot, Style
from .offers import Offered
from .places import Place
from .reference_forms import ReferencesField
from .reference_widgets import PanelReferencesInput
from .widgets import PromptInput, ShapeSelect

VARIATIONS, SEQUENCE = "variations", "sequence"

#: A field that wants nothing in particular.
ANYWHERE = Place()


class Desk:
    """What the panels of one page share, for the person who looks at it; each is read once, when it is needed."""

    def __init__(
        self, user: Any = None, tell: Callable[[str], object] | None = None, *, host: str = ""
    ) -> None:
        self.user, self.tell, self.host = user, tell, host
        self.offered = Offered(user)

    def __deepcopy__(self, memo: Any) -> Desk:
        # Forms copy their fields; the desk is the same for all of them.
        return self

    @cached_property
    def tightest(self) -> BudgetPeriod | None:
        return budget.tightest(self.user) if self.user is not None else None

    @cached_property
    def styles(self) -> dict[str, Style]:
        return {style.name: style for style in Style.objects.filter(active=True)}

    @property
    def listed(self) -> list[Style]:
        """The same in order, for templates: to them a style called “values” would be the dictionary's own."""
        return list(self.styles.values())

    @cached_property
    def look(self) -> str:
        """The style that is our look at this address, or wherever no other is, by its name; or blank."""
        ours = [style for style in self.styles.values() if style.house and style.host in ("", self.host)]
        return max(ours, key=lambda style: len(style.host)).name if ours else ""

    @cached_property
    def may_generate(self) -> bool:
        return bool(self.user and self.user.is_active and self.user.has_perm("seedream_django.generate"))


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
    """What an editor decides beside a field. ``place`` is what the field wants, ``present`` what it has now."""

    prompt = PromptField(
        label=page_text("prompt", "label"),
        help_text=page_text("prompt", "help"),
        max_length=parameters.BY_KEYWORD["prompt"].maximum,
        widget=PromptInput(attrs={"rows": 4}),
        strip=False,
    )
    style = forms.ChoiceField(label=gettext_lazy("Style"), required=False)
    shape = forms.ChoiceField(
        label=gettext_lazy("Shape"),
        choices=[(shape, shape) for shape in parameters.DIMENSIONS],
        initial="1:1",
        widget=ShapeSelect,
    )
    make = forms.ChoiceField(
        label=gettext_lazy("How many"),
        choices=[(VARIATIONS, gettext_lazy("Variations")), (SEQUENCE, gettext_lazy("A sequence"))],
        initial=VARIATIONS,
        required=False,
        widget=forms.RadioSelect,
    )
    results = page_number("results")
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
    references = ReferencesField(widget=PanelReferencesInput)
    nonce = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    #: The digest of the order that this person was told there is already, and wants all the same.
    anyway = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    use_required_attribute = False

    class Media:
        js = (Script("seedream_django/price.js", type="module"),)

    def __init__(
        self,
        *args: Any,
        user: Any = None,
        desk: Desk | None = None,
        place: Place = ANYWHERE,
        present: Any = None,
        told: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.spot, self._told = user, place, told
        self.desk = desk or Desk(user)
        #: What moderation made of the prompt of a valid form.
        self.sent: str | None = None
        self._furnish_prompt()
        # When they are asked for: a form is also made where no page is.
        self.fields["style"].choices = self._styles  # type: ignore[attr-defined]
        if place.shape:
            self.fields["shape"].disabled, self.fields["shape"].initial = True, place.shape
        # One of the two numbers counts; which is known when the form is read.
        self.fields["results"].required = False
        self.fields["references"].for_user(user)  # type: ignore[attr-defined]
        references = self.fields["references"].widget
        if isinstance(references, PanelReferencesInput):
            references.furnish(self.desk.offered, present)
        if not self.is_bound:
            self.initial.setdefault("nonce", secrets.token_urlsafe(16))
            # Asked for late, as the styles are.
            self.initial.setdefault("style", lambda: self.desk.look)

    def _furnish_prompt(self) -> None:
        # The textarea counts for itself: a hard maxlength would cut a pasted prompt in silence.
        attrs = self.fields["prompt"].widget.attrs
        attrs.pop("maxlength", None)
        attrs |= {
            "data-limit": parameters.BY_KEYWORD["prompt"].maximum,
            "dir": "auto",
            "placeholder": _(
                "For example: a harbour at low tide, boats lying on ribbed sand, warm evening light"
            ),
        }

    def _styles(self) -> list[tuple[str, str]]:
        look = self.desk.look
        ours = [(look, _("Our look: %(name)s") % {"name": look})] if look else []
        return [("", _("No style")), *ours, *((name, name) for name in self.desk.styles if name != look)]

    def read_references(self) -> None:
        """Have the widget show again what was given, also where nothing is ordered; what is wrong is told later."""
        references: Any = self.fields["references"]
        with contextlib.suppress(ValidationError):
            references.clean(self["references"].data)

    # -- Money

    @property
    def sandboxed(self) -> bool:
        """Whether nothing is really charged."""
        return conf.sandboxed()

    @cached_property
    def price(self) -> str:
        """The price of one picture as a plain decimal for the button, or blank for those who may not see it."""
        if self.user is None or not self.user.has_perm("seedream_django.see_costs"):
            return ""
        return str(orders.estimate())

    @property
    def price_each(self) -> str:
        return diagnosis.money(orders.estimate())

    @cached_property
    def prices(self) -> str:
        """What each number of pictures costs, as this language writes it, for the script beside the button."""
        if not self.price:
            return ""
        numbers = range(1, int(parameters.BY_KEYWORD["results"].maximum or 1) + 1)
        return "|".join(diagnosis.money(orders.estimate(number)) for number in numbers)

    @property
    def price_text(self) -> str:
        text = diagnosis.money(orders.estimate(self.count)) if self.price else ""
        return _("up to %(price)s") % {"price": text} if text and self.counted == "sequence" else text

    @property
    def count(self) -> int:
        """How many pictures the form asks for, as far as it can be read."""
        number = self[self.counted].value()
        return int(number) if str(number) in map(str, range(1, 21)) else 1

    @cached_property
    def room(self) -> str:
        """What is left of the tightest budget, or blank where none applies."""
        period = self.desk.tightest
        price = orders.estimate()
        return budget.room(period, self.user, price) if period and price else ""

    # -- What was sent

    @property
    def counted(self) -> str:
        """The field that says how many pictures are ordered."""
        return "sequence" if self["make"].value() == SEQUENCE else "results"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._clean_count()
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

    @property
    def added(self) -> str:
        """The lines that follow the prompt of a valid form: the field's, and those of the style."""
        name = self.cleaned_data.get("style")
        return "\n".join(filter(None, (self.spot.hint, self.desk.styles[name].words if name else "")))

    def order(self) -> dict[str, Any]:
        """The order as ``{keyword: value}``, its prompt with what is added; only for clean data."""
        data = self.cleaned_data
        resolution = data.get("resolution") or self.spot.resolution
        width, height = parameters.DIMENSIONS[data["shape"]][resolution]
        given = {
            k: data[k] for k in orders.KEYWORDS if k in data and k not in ("prompt", "results", "sequence")
        }
        if not given.get("references"):
            given.pop("references", None)
        count = {"results": 1, "sequence": data["sequence"]} if self.counted == "sequence" else {}
        return {
            "prompt": prompts.with_lines(data["prompt"], self.added),
            "width": width,
            "height": height,
            **(count or {"results": data["results"]}),
            **given,
        }

    @cached_property
    def alike(self) -> Alike:
        """What there is already of exactly the order of a valid form."""
        told, nonce = (self.cleaned_data.get(name) or "" for name in ("anyway", "nonce"))
        return Alike(self.order(), user=self.user, told=self._told or told, nonce=nonce)

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
        order = {**self.order(), "prompt": self.cleaned_data["prompt"], "added": self.added}
        nonce = self.cleaned_data.get("nonce")
        try:
            return orders.place(user=self.user, door=door, slot=slot, nonce=nonce, sent=self.sent, **order)
        except NotTaken as error:
            self.add_error(None, orders.in_words(error))
            return None
