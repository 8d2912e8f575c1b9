"""A child of two parents with keys of their own: each field is found by the key of the parent that declares it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.forms import ModelForm
from django.http import QueryDict
from django.urls import reverse

from seedream_django import bulk, content, places, plans, slots
from seedream_django.forms import SeedreamFormMixin
from seedream_django.models import Generation, ItemState, Slot
from seedream_django.places import slot, spot_of

from .album.models import Card, Postcard
from .conftest import EDITOR_MAY
from .editor import Form
from .steps import carry
from .test_bulk import look
from .test_copying import kept

pytestmark = pytest.mark.django_db

PLACES = {"stamp": slot(prompt_from="{motto}"), "face": slot(prompt_from="{motto}"), "picture": slot()}


class PostcardForm(SeedreamFormMixin, ModelForm):  # type: ignore[type-arg]
    seedream_fields = PLACES

    class Meta:
        model = Postcard
        fields = ("title", "motto", "picture", "stamp", "face")


@pytest.fixture
def writer(person: Callable[..., User]) -> User:
    return person("petra", *EDITOR_MAY, "add_postcard", "change_postcard")


@pytest.fixture
def card(db: None) -> Postcard:
    """Another card has the key that this one has as a photo."""
    made = Postcard.objects.create(number=7000, title="Foxes", motto="Greetings")
    Card.objects.create(number=made.pk, motto="Another")
    return made


def sent(obj: Postcard, user: User, **values: str) -> Any:
    """The form of this object as it was opened, with these of its controls changed."""
    shown = Form(f"<form>{PostcardForm(instance=obj, user=user).as_p()}</form>").values
    data = QueryDict(mutable=True)
    data.update({**shown, **{name.replace("__", "-"): value for name, value in values.items()}})
    form = PostcardForm(data, instance=obj, user=user)
    assert form.is_valid(), form.errors
    return form


def only_it(card: Postcard, field: str) -> Any:
    """What it has in a field of its second parent, and that no other card was given any."""
    assert not Card.objects.exclude(pk=card.number).exclude(stamp="", face=None).exists()
    return getattr(Postcard.objects.get(), field)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("field", ["stamp", "face"])
def test_ordered_and_saved(writer: User, card: Postcard, field: str) -> None:
    """The order comes into the second parent's field of this object, and into no other card."""
    sent(card, writer, **{f"{field}__prompt": "a fox", f"{field}__order": "1"}).save()
    carry(Generation.objects.get())
    waits = Slot.objects.get()
    assert (waits.note, waits.object_id) == ("", str(card.number))
    assert only_it(card, field)


@pytest.mark.django_db(transaction=True)
def test_chosen(writer: User, card: Postcard) -> None:
    """A chosen picture is copied there, and chosen for the foreign key it is noted there."""
    image = kept(writer)
    sent(card, writer, stamp__picture=str(image.pk), face=str(image.pk)).save()
    assert only_it(card, "stamp")
    assert only_it(card, "face") == image
    assert set(Slot.objects.values_list("object_id", flat=True)) == {str(card.number)}


def test_a_token_of_this_object(writer: User, card: Postcard, browser: Any) -> None:
    """Ordered in place and bound by the form that is saved; the token is good for this object alone."""
    spot = places.token_of(spot_of(card, "face", slot()), writer)
    values = {"spot": spot, "prompt": "a fox", "shape": "1:1", "results": "1", "make": "variations"}
    answer = browser(writer).post(reverse("seedream_django:order"), values)
    assert answer.status_code == 201, answer.content
    token = answer.json()["slot"]
    other = Postcard.objects.create(number=7001, title="Owls", motto="Hello")
    kept_by = {"user": writer, "model": Card, "field": "face"}
    assert slots.read(token, instance=card, **kept_by) is not None
    assert slots.read(token, instance=other, **kept_by) is None
    sent(card, writer, face__slot=token).save()
    carry(Generation.objects.get())
    assert Postcard.objects.get(pk=card.pk).face is not None


def test_rights_are_those_to_this_object(writer: User, card: Postcard, person: Any) -> None:
    """Judged on the object that its form was for: who may change no postcard fills none."""
    kind = ContentType.objects.get_for_model(Card)
    where = {"content_type": kind, "object_id": str(card.number), "field": "face"}
    options = spot_of(card, "face", slot()).options()
    generation = kept(writer).generation
    for user, note in (
        (writer, ""),
        (person("nina"), "The person who ordered it may not change the object any more."),
    ):
        waits = Slot.objects.create(generation=generation, user=user, options=options, **where)
        assert slots.refusal(waits) == note


def test_what_is_on_its_way_and_what_is_old(writer: User, card: Postcard) -> None:
    """The page of this object says that one is coming, and later that its text is another one."""
    kind = ContentType.objects.get_for_model(Card)
    generation = Generation.objects.create(user=writer, prompt="a fox", expected=1, door="field")
    where = {"content_type": kind, "object_id": str(card.number), "field": "face", "user": writer}
    Slot.objects.create(generation=generation, **where)
    assert slots.pending_of(card, ["face", "picture"], writer) == {"face": generation}
    html = PostcardForm(instance=card, user=writer)["face"].as_widget()
    assert generation.pk.hex in html or str(generation.pk) in html
    Slot.objects.all().delete()
    image = kept(writer)
    sent(card, writer, face=str(image.pk)).save()
    changed = Postcard.objects.get()
    changed.motto = "Farewell"
    changed.save()
    assert content.stale(changed, PLACES, writer) == {"face": "Farewell"}
    assert 'data-part="stale"' in PostcardForm(instance=changed, user=writer)["face"].as_widget()


@pytest.mark.django_db(transaction=True)
def test_a_run_for_many(owner: User, card: Postcard) -> None:
    """A run orders for the second parent's key, and finds what is being made already."""
    run = plans.begin(Postcard.objects.all(), "face", PLACES["face"], user=owner, may=plans.may_change(owner))
    assert bulk.make_sample(run)
    look(run)
    waits = Slot.objects.get()
    assert waits.object_id == str(card.number)
    assert plans.being_made(run, [str(card.pk)]) == {str(card.pk)}
    carry(Generation.objects.get())
    look(run)
    assert run.items.get().state == ItemState.FILLED
    assert only_it(card, "face") is not None
