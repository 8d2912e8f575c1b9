"""The admin's log: who ordered, who decided; once each, from every door."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext_lazy

import seedream_django
from seedream_django import audit, orders
from seedream_django.models import Generation, Switch

pytestmark = pytest.mark.django_db


def entries() -> list[tuple[Any, ...]]:
    """Who did what to which object, in the order it was done."""
    rows = LogEntry.objects.order_by("pk")
    return [
        (row.user.get_username(), row.action_flag, row.object_id, row.get_change_message()) for row in rows
    ]


def test_an_order_is_noted_once(editor: User) -> None:
    """Each new order says who placed it; the same order sent again is the same row and no second entry."""
    first = orders.place("a fox", user=editor, nonce="n")
    again = orders.place("a fox", user=editor, nonce="n")
    assert again == first
    assert entries() == [("edda", ADDITION, str(first.pk), "Added.")]
    other = orders.place("an owl", user=editor, nonce="n")
    assert entries()[1:] == [("edda", ADDITION, str(other.pk), "Added.")]
    assert LogEntry.objects.latest("pk").object_repr == "an owl"


def test_every_door_notes_who_ordered(editor: User, capsys: pytest.CaptureFixture[str]) -> None:
    """The Python call, the command and “again” are noted like the admin's own page."""
    called = seedream_django.generate("a fox", user=editor)
    call_command("seedream_generate", "an owl", "--user", "edda")
    orders.again(called, user=editor)
    assert sorted(row[2] for row in entries()) == sorted(str(row.pk) for row in Generation.objects.all())
    assert len(entries()) == 3


def test_nobody_is_not_noted() -> None:
    """The site's own code has no history, nor has who is not logged in."""
    generation = seedream_django.generate("a fox")
    audit.decided(generation, None, "Written off.")
    audit.decided(generation, AnonymousUser(), "Written off.")
    assert entries() == []


def test_a_change_names_its_fields(editor: User) -> None:
    """It reads as the admin's own entries do; a key does for the person."""
    switch = Switch.objects.create(pk=1)
    audit.changed(switch, ["on", "reason"], editor)
    audit.changed(switch, ["reason"], editor.pk)
    assert entries() == [
        ("edda", CHANGE, "1", "Changed on and reason."),
        ("edda", CHANGE, "1", "Changed reason."),
    ]


def test_a_decision_is_kept_in_the_project_s_language(editor: User) -> None:
    """Whoever decides in French writes what everybody reads."""
    generation = orders.place("a fox")
    with translation.override("fr"):
        assert str(gettext_lazy("Yes")) == "Oui"
        audit.decided(generation, editor, gettext_lazy("Yes"))
    assert entries() == [("edda", CHANGE, str(generation.pk), "Yes")]


def test_without_the_admin(editor: User, settings: Any) -> None:
    """A project without the admin has no log, and orders as ever."""
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != "django.contrib.admin"]
    generation = orders.place("a fox", user=editor)
    audit.decided(generation, editor, "Written off.")
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "django.contrib.admin"]
    assert entries() == []


def test_an_order_that_is_not_taken_is_not_noted(editor: User) -> None:
    """The entry is part of the order's own transaction."""
    Switch.objects.create(pk=1, on=False)
    with pytest.raises(seedream_django.exceptions.SwitchedOff):
        orders.place("a fox", user=editor)
    assert entries() == []
