"""What a form wants beyond a value: done once, with what is known when it is saved, and never over what is newer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.forms import ModelForm, modelform_factory
from django.http import QueryDict

from seedream_django import describing
from seedream_django.forms import SeedreamFormMixin
from seedream_django.models import GeneratedImage, Generation, Slot
from seedream_django.places import slot

from .album.models import Bound, Pressed, Sheet
from .conftest import EDITOR_MAY
from .editor import Form
from .steps import carry
from .test_copying import kept

pytestmark = pytest.mark.django_db


class SheetForm(SeedreamFormMixin, ModelForm):  # type: ignore[type-arg]
    seedream_fields = {"paper": slot(), "picture": slot(ratio="5:4")}

    class Meta:
        model = Sheet
        fields = ("title", "paper", "picture")


@pytest.fixture
def writer(person: Callable[..., User]) -> User:
    return person("wanda", *EDITOR_MAY, "add_sheet", "change_sheet")


@pytest.fixture
def image(writer: User) -> GeneratedImage:
    return kept(writer)


def sent(obj: Sheet, user: User, form: type[Any] = SheetForm, **values: str) -> Any:
    """The form of this object as it was opened, with these of its controls changed."""
    shown = Form(f"<form>{form(instance=obj, user=user).as_p()}</form>").values
    data = QueryDict(mutable=True)
    for name, value in {**shown, **{k.replace("__", "-"): v for k, v in values.items()}}.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return form(
        data, instance=Sheet.objects.get(pk=obj.pk) if obj.pk and not obj._state.adding else obj, user=user
    )


def test_words_that_nobody_touched_are_left(writer: User, image: GeneratedImage) -> None:
    """A form that was opened before somebody described its picture does not take that back."""
    obj = Sheet.objects.create(title="Foxes", paper="paper/x.txt", picture=image)
    form = sent(obj, writer, title="Wolves")
    describing.describe(image, alt="A fox in the snow", title="Fox")
    GeneratedImage.objects.update(focal_x=10, focal_y=90)
    assert form.is_valid(), form.errors
    form.save()
    image.refresh_from_db()
    assert (image.alt, image.title) == ("A fox in the snow", "Fox")
    assert (image.focal_x, image.focal_y) == (10, 90)


def test_only_what_was_written_of_a_picture_is_kept(writer: User, image: GeneratedImage) -> None:
    """One word is changed here and the other somewhere else: both stay."""
    obj = Sheet.objects.create(title="Foxes", paper="paper/x.txt", picture=image)
    form = sent(obj, writer, picture__alt="A fox")
    describing.describe(image, title="Reynard")
    assert form.is_valid(), form.errors
    form.save()
    image.refresh_from_db()
    assert (image.alt, image.title) == ("A fox", "Reynard")


@pytest.mark.django_db(transaction=True)
def test_saved_once_more_after_the_copy_came(writer: User, image: GeneratedImage) -> None:
    """The object that a form saved has the old file; a host that saves it again does not write that back."""
    obj = Sheet.objects.create(title="Foxes", paper="paper/x.txt")
    form = sent(obj, writer, paper__picture=str(image.pk))
    assert form.is_valid(), form.errors
    saved = form.save()
    copied = Sheet.objects.get().paper.name
    assert copied != "paper/x.txt"
    saved.title = "Published"
    saved.save()
    again = Sheet.objects.get()
    assert (again.title, again.paper.name) == ("Published", copied)


def test_what_the_host_says_after_the_save_counts(writer: User, image: GeneratedImage) -> None:
    """A later save of the same object keeps a value that the host's own code gave it."""
    obj = Sheet.objects.create(title="Foxes", paper="paper/x.txt")
    form = sent(obj, writer, title="Wolves")
    assert form.is_valid(), form.errors
    saved = form.save()
    saved.paper = "paper/other.txt"
    saved.picture = image
    saved.save()
    again = Sheet.objects.get()
    assert (again.paper.name, again.picture) == ("paper/other.txt", image)


@pytest.mark.parametrize("happens", ["deleted", "held back"])
@pytest.mark.parametrize("name", ["paper-picture", "picture"])
@pytest.mark.parametrize("adds", [True, False], ids=["add", "change"])
def test_what_is_gone_by_the_save(
    writer: User, image: GeneratedImage, name: str, adds: bool, happens: str
) -> None:
    """A picture that is taken away after the form was checked: all else is saved, and its person is told."""
    obj = Sheet(title="Foxes") if adds else Sheet.objects.create(title="Foxes", paper="paper/x.txt")
    form = sent(obj, writer, title="Wolves", **{name: str(image.pk)})
    told: list[str] = []
    for field in (*form._asides.values(), form.fields["picture"]):
        field.page.desk.tell = told.append
    assert form.is_valid(), form.errors
    if happens == "deleted":
        GeneratedImage.objects.filter(pk=image.pk).delete()
    else:
        GeneratedImage.objects.update(flagged=True)
    form.save()
    saved = Sheet.objects.get()
    assert (saved.title, saved.picture) == ("Wolves", None)
    assert saved.paper.name == ("" if adds else "paper/x.txt")
    assert [text.partition(":")[0] for text in told] == [
        f"The picture that you chose for “{name.partition('-')[0]}” was not put there"
    ]


@pytest.mark.parametrize("model", [Pressed, Bound])
def test_rights_for_the_kind_of_object_that_the_form_is_for(
    person: Callable[..., User], model: type[Sheet], django_capture_on_commit_callbacks: Any
) -> None:
    """A proxy and a child have permissions of their own, under names of their own."""
    name = model._meta.model_name
    user = person("petra", *EDITOR_MAY, f"add_{name}", f"change_{name}")
    form_class = modelform_factory(model, form=SheetForm, fields=("title", "paper", "picture"))
    obj = model.objects.create(title="Foxes", paper="paper/x.txt")
    values = {"picture-prompt": "a fox", "picture-order": "1"}
    shown = Form(f"<form>{form_class(instance=obj, user=user).as_p()}</form>").values
    data = QueryDict(mutable=True)
    data.update({**shown, **values})
    form = form_class(data, instance=obj, user=user)
    with django_capture_on_commit_callbacks(execute=True):
        assert form.is_valid(), form.errors
        form.save()
    with django_capture_on_commit_callbacks(execute=True):
        carry(Generation.objects.get())
    assert Slot.objects.get().note == ""
    assert Sheet.objects.get().picture is not None


def test_a_token_that_is_not_taken_is_dropped(writer: User) -> None:
    """It is told once; the form that comes back can be saved."""
    obj = Sheet.objects.create(title="Foxes", paper="paper/x.txt")
    form = sent(obj, writer, picture__slot="forged", title="Wolves")
    assert not form.is_valid()
    again = Form(f"<form>{form.as_p()}</form>").values
    data = QueryDict(mutable=True)
    data.update(again)
    second = SheetForm(data, instance=obj, user=writer)
    assert second.is_valid(), second.errors


def test_a_picture_that_may_stand_once(
    writer: User, image: GeneratedImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chosen picture is looked at as Django looks at any value: a second one is told of."""
    once = models.UniqueConstraint(fields=["picture"], name="picture_stands_once")
    monkeypatch.setattr(Sheet._meta, "constraints", [once])
    form = sent(Sheet.objects.create(title="Foxes"), writer, picture=str(image.pk))
    Sheet.objects.create(title="Wolves", picture=image)
    assert not form.is_valid()
    assert "already exists" in str(form.errors)


def test_a_picture_that_is_hidden_as_the_form_is_saved(writer: User, image: GeneratedImage) -> None:
    """Its words are not kept; the object is saved all the same."""
    obj = Sheet.objects.create(title="Foxes", picture=image)
    form = sent(obj, writer, title="Wolves", picture__alt="A fox")
    assert form.is_valid(), form.errors
    Generation.objects.update(hidden=True)
    form.save()
    assert Sheet.objects.get().title == "Wolves"
    assert GeneratedImage.objects.get().alt == ""
