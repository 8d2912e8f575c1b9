"""The order as an editor gives it: what is checked, how it counts, and which price is shown to whom."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import translation

from seedream_django import parameters
from seedream_django.forms import GeneratedImageChoiceField, Wish
from seedream_django.models import Generation, Switch
from seedream_django.order_forms import OrderForm
from seedream_django.panels import InPlaceForm
from seedream_django.widgets import Chosen

from .editor import Form
from .steps import made

pytestmark = pytest.mark.django_db

ORDER = {
    "prompt": "a fox", "shape": "16:9", "resolution": "3K", "results": "2", "output_format": "PNG",
    "output_quality": "80", "optimize_prompt_mode": "fast", "nonce": "n",
}  # fmt: skip

BAD = [
    ({"prompt": ""}, "prompt", "This field is required."),
    ({"prompt": "\t\r\n "}, "prompt", "This field is required."),
    ({"prompt": "x" * 2001}, "prompt", "at most 2000 characters (it has 2001)"),
    ({"prompt": "🦊" * 2001}, "prompt", "at most 2000 characters (it has 2001)"),
    ({"shape": "5:4"}, "shape", "Select a valid choice"),
    ({"resolution": "8K"}, "resolution", "Select a valid choice"),
    ({"results": "0"}, "results", "greater than or equal to 1"),
    ({"results": "21"}, "results", "less than or equal to 20"),
    ({"results": "1.5"}, "results", "Enter a whole number."),
    ({"results": "²"}, "results", "Enter a whole number."),
    ({"results": "9" * 5000}, "results", "number"),
    ({"results": ""}, "results", "This field is required."),
    ({"output_format": "GIF"}, "output_format", "Select a valid choice"),
    ({"output_quality": "19"}, "output_quality", "greater than or equal to 20"),
    ({"output_quality": "100"}, "output_quality", "less than or equal to 99"),
    ({"optimize_prompt_mode": "slow"}, "optimize_prompt_mode", "Select a valid choice"),
]


@pytest.mark.parametrize(("values", "field", "words"), BAD, ids=lambda value: str(value)[:30])
def test_bad_values(values: dict[str, str], field: str, words: str, chief: User) -> None:
    """Each wrong value is told at its field, and the form can be shown again with what was typed."""
    usual = {name: str(parameters.BY_KEYWORD[name].default) for name in OrderForm.more}
    form = OrderForm({**ORDER, **usual, **values}, user=chief)
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert words in " ".join(form.errors[field])
    assert form.price_text
    assert form.shows_more() is (field in OrderForm.more)
    assert str(form)


def test_order_of_a_form(chief: User) -> None:
    """A clean form is the order that Python would give."""
    form = OrderForm(ORDER, user=chief)
    assert form.is_valid(), form.errors
    assert form.order() == {
        "prompt": "a fox", "width": 4096, "height": 2304, "results": 2, "output_format": "PNG",
        "output_quality": 80, "optimize_prompt_mode": "fast",
    }  # fmt: skip
    assert form.place(door="admin").door == "admin"


GOOD_PROMPTS = [("x" * 2000, 2000), ("🦊" * 2000, 2000), ("a\r\n" * 999 + "bc", 2000), (" a \x00 b ", 4)]


@pytest.mark.parametrize(("prompt", "length"), GOOD_PROMPTS, ids=range(len(GOOD_PROMPTS)))
def test_prompts_are_counted_as_people_do(prompt: str, length: int, chief: User) -> None:
    """A line break is one character although browsers send two; an emoji is one; NUL is none."""
    form = InPlaceForm({**ORDER, "prompt": prompt}, user=chief)
    assert form.is_valid(), form.errors
    assert len(form.order()["prompt"]) == length


@pytest.mark.parametrize("resolution", parameters.RESOLUTIONS)
@pytest.mark.parametrize("shape", parameters.DIMENSIONS)
def test_every_offered_size(shape: str, resolution: str, chief: User, settings: Any) -> None:
    """What is offered can be ordered, also where only the provider's list is allowed."""
    settings.SEEDREAM |= {"LISTED_SIZES_ONLY": True}
    form = OrderForm({**ORDER, "shape": shape, "resolution": resolution}, user=chief)
    assert form.is_valid(), form.errors
    assert (form.order()["width"], form.order()["height"]) == parameters.DIMENSIONS[shape][resolution]


# -- Who -----------------------------------------------------------------------------------------------------


def test_rights(person: Callable[..., User], editor: User) -> None:
    """Who may not order is told by the form; so it is when the switch is off."""
    form = OrderForm(ORDER, user=person("plain"))
    assert "You may not generate pictures" in form.non_field_errors()[0]
    Switch.objects.create(pk=1, on=False, reason="Budget spent.")
    assert OrderForm(ORDER, user=editor).non_field_errors() == ["Generating is switched off: Budget spent."]


def test_price(editor: User, chief: User) -> None:
    """The price is shown to those who may see costs, for the number that is in the form."""
    assert (OrderForm(user=chief).price, OrderForm(user=chief).price_text) == ("0.035", "$0.035")
    assert OrderForm({**ORDER, "results": "4"}, user=chief).price_text == "$0.14"
    for form in (OrderForm(user=editor), OrderForm(user=None), OrderForm(ORDER, user=editor)):
        assert (form.price, form.prices, form.price_text) == ("", "", "")
        assert "$" not in str(form)


PRICES = [
    ("en", "0.00375", ["$0.00375", "$0.0075", "$0.01125"], "$0.075"),
    ("de", "0.00375", ["0,00375\u00a0$", "0,0075\u00a0$", "0,01125\u00a0$"], "0,075\u00a0$"),
    ("en", "0.035125", ["$0.035125", "$0.07025", "$0.105375"], "$0.7025"),
    ("fr", "0.035125", ["0,035125\u00a0$US", "0,07025\u00a0$US", "0,105375\u00a0$US"], "0,7025\u00a0$US"),
]


@pytest.mark.parametrize(("language", "price", "first", "last"), PRICES)
def test_prices(language: str, price: str, first: list[str], last: str, chief: User, settings: Any) -> None:
    """What the script shows for each number is what the page itself shows for it, to the last millionth."""
    settings.SEEDREAM |= {"PRICE": Decimal(price)}
    with translation.override(language):
        prices = OrderForm(user=chief).prices.split("|")
        shown = [OrderForm({**ORDER, "results": str(n)}, user=chief).price_text for n in range(1, 21)]
    assert (prices[:3], prices[-1]) == (first, last)
    assert prices == shown


# -- Once ----------------------------------------------------------------------------------------------------


def test_nonce(editor: User) -> None:
    """Each form that is opened is one order, however often it is sent; a changed one is another."""
    first, second = (InPlaceForm(user=editor)["nonce"].value() for _ in range(2))
    assert first != second
    assert len(first) > 20
    for prompt in ("a fox", "a fox", "an owl"):
        form = OrderForm({**ORDER, "nonce": first, "prompt": prompt}, user=editor)
        assert form.is_valid()
        form.place(door="admin")
    assert Generation.objects.count() == 2


@pytest.mark.parametrize("nonce", ["x" * 65, "a\x00"])
def test_a_nonce_that_is_none(nonce: str, editor: User) -> None:
    """What somebody wrote into it by hand is refused, not stored."""
    assert "nonce" in OrderForm({**ORDER, "nonce": nonce}, user=editor).errors


# -- The field of a picture's place --------------------------------------------------------------------------


def chosen(**values: Any) -> Chosen:
    return Chosen(**values)


PLACE: Any = {"model": "magazine.article", "field": "cover"}


def test_clean_to_a_wish(editor: User) -> None:
    """Nothing changed is a wish to keep; a picture is itself; nothing is None."""
    image = made("a fox", user=editor).images.get()
    field = GeneratedImageChoiceField(required=False, **PLACE)
    field.for_user(editor)
    pk = str(image.pk)
    assert field.clean(chosen()) == Wish()
    assert field.clean(chosen(image=pk, was=pk)) == Wish(was=image.pk)
    assert field.clean(chosen(image=pk)) == image
    assert field.clean(chosen(was=pk)) is None


def test_in_a_plain_form(editor: User) -> None:
    """A form without an object has pictures alone: the one that is chosen, the one that was there, or none."""
    first, second = (made(prompt, user=editor).images.get() for prompt in ("a fox", "an owl"))
    form_class = type("Form", (forms.Form,), {"picture": GeneratedImageChoiceField(required=False)})
    form_class.base_fields["picture"].for_user(editor)  # type: ignore[attr-defined]
    html = str(form_class(initial={"picture": first})["picture"])
    assert f'value="{first.pk}"' in html
    assert "picture-prompt" not in html
    was = Form(html).values["picture-was"]
    for data, expected in (
        ({}, None),
        ({"picture": str(second.pk)}, second),
        ({"picture": str(first.pk), "picture-was": was}, first),
        ({"picture": "", "picture-was": was}, None),
    ):
        form = form_class(data)
        assert form.is_valid()
        assert form.cleaned_data["picture"] == expected


def test_required(editor: User) -> None:
    """A place that must have a picture takes one that is chosen, kept, or ordered, but not none."""
    image = made("a fox", user=editor).images.get()
    field = GeneratedImageChoiceField(**PLACE)
    field.for_user(editor)
    pk = str(image.pk)
    assert field.clean(chosen(image=pk)) == image
    assert field.clean(chosen(image=pk, was=pk)) == Wish(was=image.pk)
    for empty in (chosen(), chosen(was=pk)):
        with pytest.raises(ValidationError, match="This field is required"):
            field.clean(empty)


def test_without_a_person() -> None:
    """A form that did not say who chooses lets nobody choose or order; what is there can be kept."""
    image = made("a fox").images.get()
    field, pk = GeneratedImageChoiceField(required=False, **PLACE), str(image.pk)
    assert field.clean(chosen(image=pk, was=pk)) == Wish(was=image.pk)
    for wrong in (chosen(image=pk), chosen(prompt="a fox", order=True), chosen(slot="x")):
        with pytest.raises(ValidationError):
            field.clean(wrong)
    assert Generation.objects.count() == 1


CHANGED = [
    (chosen(), False),
    (chosen(image="1", was="1"), False),
    (chosen(prompt="not ticked"), True),
    (chosen(prompt="as it began", began="as it began"), False),
    (chosen(order=True), False),
    (chosen(image="1"), True),
    (chosen(was="1"), True),
    (chosen(slot="t"), True),
    (chosen(prompt="a fox", order=True), True),
]


@pytest.mark.parametrize(("data", "changed"), CHANGED)
def test_has_changed(data: Chosen, changed: bool) -> None:
    """The admin's history names the field only when something was asked for."""
    assert GeneratedImageChoiceField(required=False).has_changed(None, data) is changed
    assert GeneratedImageChoiceField(required=False, disabled=True).has_changed(None, data) is False
