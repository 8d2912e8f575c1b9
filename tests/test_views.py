"""Who may see and do what over HTTP, and that no view ever reaches the provider."""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from huey import MemoryHuey

from example_project.magazine.models import Topic
from seedream_django import orders, slots
from seedream_django.models import GeneratedImage, Generation, Slot, State, Switch, after
from seedream_django.sandbox import Books

from .gate import Gate
from .steps import carry, made, said, spot, turn

pytestmark = pytest.mark.django_db

Person = Callable[..., User]
Browser = Callable[[User | None], Client]

ORDER = {"prompt": "a fox", "shape": "1:1", "results": "1", "nonce": "n"}


@pytest.fixture
def people(person: Person, editor: User, chief: User, owner: User) -> dict[str, User | None]:
    """Everybody who may come to the door."""
    return {
        "anonymous": None,
        "inactive": person("ina", "generate", "add_article", is_active=False),
        "reader": person("rita", is_staff=False),
        "plain": person("paul"),
        "writer": person("wanda", "add_article", "change_article", "view_article"),
        "editor": editor,
        "chief": chief,
        "owner": owner,
    }


# -- The matrix ----------------------------------------------------------------------------------------------

#: For those who may neither order nor see orders, at our own addresses.
OUTSIDE = {"anonymous": 403, "inactive": 403, "reader": 404, "plain": 404, "writer": 404}

#: Address, method, whose row, and the status for an editor, for one who sees others' prompts, for the owner.
MATRIX = [
    ("seedream_django:status", "get", "mine", (200, 200, 200)),
    ("seedream_django:status", "get", "theirs", (404, 200, 200)),
    ("seedream_django:cancel", "post", "mine", (302, 404, 302)),
    ("seedream_django:cancel", "post", "theirs", (404, 404, 302)),
    ("seedream_django:show", "post", "mine", (302, 404, 302)),
    ("seedream_django:show", "post", "theirs", (404, 404, 302)),
    ("seedream_django:again", "post", "mine", (302, 302, 302)),
    ("seedream_django:again", "post", "theirs", (404, 302, 302)),
    ("admin:seedream_django_generation_changelist", "get", "", (200, 200, 200)),
    ("admin:seedream_django_generation_add", "get", "", (200, 200, 200)),
    ("admin:seedream_django_generation_change", "get", "mine", (200, 200, 200)),
    ("admin:seedream_django_generation_change", "get", "theirs", (404, 200, 200)),
    ("admin:seedream_django_generation_delete", "get", "mine", (200, 200, 200)),
    ("admin:seedream_django_generation_delete", "get", "theirs", (302, 200, 200)),
    ("admin:seedream_django_generation_history", "get", "theirs", (302, 200, 200)),
    ("admin:seedream_django_generatedimage_changelist", "get", "", (200, 200, 200)),
    ("admin:seedream_django_generatedimage_add", "get", "", (403, 403, 403)),
    ("admin:seedream_django_generatedimage_change", "get", "my picture", (200, 200, 200)),
    ("admin:seedream_django_generatedimage_change", "get", "their picture", (302, 200, 200)),
    ("admin:seedream_django_generatedimage_delete", "get", "their picture", (302, 200, 200)),
    ("admin:seedream_django_switch_changelist", "get", "", (403, 403, 302)),
    ("admin:seedream_django_switch_add", "get", "", (403, 403, 403)),
]


@pytest.mark.parametrize(("name", "method", "row", "allowed"), MATRIX, ids=[f"{m[0]}-{m[2]}" for m in MATRIX])
def test_matrix(
    name: str, method: str, row: str, allowed: tuple[int, int, int], people: Any, rows: Any, browser: Browser
) -> None:
    """Every address, for everybody: their own rows, others' rows, and nothing more than their rights."""
    found = {}
    for who, user in people.items():
        response = getattr(browser(user), method)(reverse(name, args=[rows[row]] if row else []))
        found[who] = response.status_code
        hidden = "secret of" if found[who] != 200 else "secret of theirs" if who == "editor" else "\0"
        assert hidden not in response.content.decode(), who
    assert tuple(found.pop(who) for who in ("editor", "chief", "owner")) == allowed
    if name.startswith("seedream_django"):
        assert found == OUTSIDE
    # The admin sends some away to its login or front page, and tells others 403 or 404.
    assert 200 not in found.values()


@pytest.fixture
def rows(people: Any, person: Person) -> dict[str, Any]:
    """An order of the editor's and one of somebody else's, with their pictures."""
    mine = made("secret of mine", user=people["editor"])
    theirs = made("secret of theirs", user=person("theo", "generate"))
    pictures = {"my picture": mine.images.get().pk, "their picture": theirs.images.get().pk}
    return {"mine": mine.pk, "theirs": theirs.pk, **pictures}


ORDERING = {
    "anonymous": 403, "inactive": 403, "reader": 403, "plain": 403, "writer": 422,
    "editor": 201, "chief": 201, "owner": 201,
}  # fmt: skip


def of(user: User | None) -> dict[str, str]:
    """The place beside which this person orders, as their page says it."""
    return {"spot": spot(user or User(pk=0))}


def test_who_may_order_in_place(people: Any, browser: Browser) -> None:
    """To order beside a field takes the right to generate and the right to change what the field is on."""
    # Different words: the same once more would be asked about.
    address = reverse("seedream_django:order")
    found = {
        who: browser(user).post(address, {**ORDER, **of(user), "prompt": who}) for who, user in people.items()
    }
    assert {who: response.status_code for who, response in found.items()} == ORDERING
    assert "You may not generate pictures" in found["writer"].json()["errors"][""][0]
    assert found["plain"].json() == {"errors": {"": ["You may not change this kind of object."]}}
    assert Generation.objects.count() == Slot.objects.count() == 3


@pytest.mark.parametrize("name", ["status", "cancel", "again"])
def test_no_such_row(name: str, owner: User, browser: Browser) -> None:
    """A number that nobody has is not found."""
    client, address = browser(owner), reverse(f"seedream_django:{name}", args=[uuid.uuid4()])
    assert (client.get if name == "status" else client.post)(address).status_code == 404


@pytest.mark.parametrize("name", ["status", "cancel", "again", "order"])
def test_wrong_method(name: str, owner: User, browser: Browser) -> None:
    """What spends or stops is never done by following a link."""
    generation, client = orders.place("a fox", user=owner), browser(owner)
    address = reverse(f"seedream_django:{name}", args=[] if name == "order" else [generation.pk])
    assert (client.post if name == "status" else client.get)(address).status_code == 405
    assert Generation.objects.count() == 1


def test_another_site_cannot_post(owner: User) -> None:
    """Every address that changes something wants the CSRF token."""
    generation, client = orders.place("a fox", user=owner), Client(enforce_csrf_checks=True)
    client.force_login(owner)
    for name in ("cancel", "again"):
        assert client.post(reverse(f"seedream_django:{name}", args=[generation.pk])).status_code == 403
    assert client.post(reverse("seedream_django:order"), {**ORDER, **of(owner)}).status_code == 403
    assert Generation.objects.get().state == State.QUEUED


def test_logged_out_meanwhile(editor: User, browser: Browser) -> None:
    """A page whose person was logged out gets a sentence, not a login page inside its fragment."""
    generation, client = orders.place("a fox", user=editor), browser(editor)
    User.objects.update(is_active=False)
    response = client.get(reverse("seedream_django:status", args=[generation.pk]))
    assert (response.status_code, response.content.decode()) == (
        403, "You are logged out. Log in again; your order is kept.",
    )  # fmt: skip
    assert "no-store" in response.headers["Cache-Control"]


def test_logged_out_on_a_whole_page(editor: User, browser: Browser) -> None:
    """A form of a page leads back to the page, which asks to log in, and not to a bare sentence."""
    generation = orders.place("a fox", user=editor)
    address = reverse("seedream_django:cancel", args=[generation.pk])
    response = browser(None).post(address, headers={"Accept": "text/html,*/*"})
    page = reverse("admin:seedream_django_generation_change", args=[generation.pk])
    assert (response.status_code, response.headers["Location"]) == (302, page)
    assert Generation.objects.get().state == State.QUEUED


def test_logged_out_before_an_order(browser: Browser) -> None:
    """Of an order that was not taken nobody says that it is kept."""
    response = browser(None).post(reverse("seedream_django:order"), {**ORDER, **of(None)})
    assert response.content.decode().startswith("You are logged out. Nothing was ordered.")
    assert not Generation.objects.exists()


# -- Ordering in place ---------------------------------------------------------------------------------------

FORGED = ["", "x", "a:b:c", "\x00", "★", "9" * 5000]


@pytest.mark.parametrize("token", FORGED, ids=str)
def test_places_that_are_none(token: str, owner: User, browser: Browser) -> None:
    """Only what a page of this person's said is a place for a picture."""
    response = browser(owner).post(reverse("seedream_django:order"), {**ORDER, "spot": token})
    assert response.status_code == 404
    assert not Generation.objects.exists()


def test_another_s_place(owner: User, editor: User, browser: Browser) -> None:
    """What a page gave to one person is of no use to another, nor a week later."""
    address = reverse("seedream_django:order")
    assert browser(owner).post(address, {**ORDER, **of(editor)}).status_code == 404
    with mock.patch("seedream_django.places.TOKEN_AGE", datetime.timedelta(0)):
        assert browser(editor).post(address, {**ORDER, **of(editor)}).status_code == 404
    assert not Generation.objects.exists()


BAD = [
    ({"prompt": ""}, {"prompt": "This field is required."}),
    ({"prompt": " \r\n "}, {"prompt": "This field is required."}),
    ({"prompt": "\x00"}, {"prompt": "This field is required."}),
    ({"prompt": "x" * 2001}, {"prompt": "at most 2000 characters (it has 2001)"}),
    ({"results": "0"}, {"results": "greater than or equal to 1"}),
    ({"results": "21"}, {"results": "less than or equal to 20"}),
    ({"results": "many"}, {"results": "Enter a whole number."}),
    ({"shape": "7:1"}, {"shape": "Select a valid choice."}),
    ({"shape": ""}, {"shape": "This field is required."}),
    ({"prompt": "", "results": "0"}, {"prompt": "required", "results": "equal to 1"}),
]


@pytest.mark.parametrize(("values", "named"), BAD, ids=lambda value: str(value)[:40])
def test_errors_by_field(values: Any, named: dict[str, str], editor: User, browser: Browser) -> None:
    """What is wrong is told for its field, before any row is made."""
    response = browser(editor).post(reverse("seedream_django:order"), {**ORDER, **of(editor), **values})
    errors = response.json()["errors"]
    assert (response.status_code, set(errors)) == (422, set(named))
    assert all(piece in " ".join(errors[field]) for field, piece in named.items())
    assert not Generation.objects.exists()


def test_switched_off_in_place(editor: User, browser: Browser) -> None:
    """The owner's reason comes to the field, too."""
    Switch.objects.create(pk=1, on=False, reason="Budget spent.")
    response = browser(editor).post(reverse("seedream_django:order"), {**ORDER, **of(editor)})
    errors = {"": ["Generating is switched off: Budget spent."]}
    assert (response.status_code, response.json()) == (422, {"errors": errors})


def test_order_in_place(editor: User, browser: Browser) -> None:
    """The answer says where to look, and holds a token for the place that only this person can use."""
    client = browser(editor)
    answer = client.post(reverse("seedream_django:order"), {**ORDER, **of(editor)}).json()
    generation, slot = Generation.objects.get(), Slot.objects.get()
    assert slots.read(answer["slot"], user=editor, model="magazine.article", field="cover") == slot
    assert (slot.field, slot.object_id, slot.generation) == ("cover", "", generation)
    assert (generation.user, generation.door) == (editor, "field")
    assert answer["src"] == f"/seedream/live/?order={generation.pk.hex}&in=field"
    assert client.get(answer["src"]).status_code == 200


def test_sent_twice_is_one_order(editor: User, browser: Browser, books: Books) -> None:
    """A double click, or a repeat after a lost answer, is one row; a changed prompt is another."""
    client, address = browser(editor), reverse("seedream_django:order")
    first, second = (client.post(address, {**ORDER, **of(editor)}).json() for _ in range(2))
    assert first["src"] == second["src"]
    assert (Generation.objects.count(), Slot.objects.count()) == (1, 1)
    client.post(address, {**ORDER, **of(editor), "prompt": "an owl"})
    assert Generation.objects.count() == 2
    turn(3)
    assert len(books.charges()) == 2


# -- The fragment --------------------------------------------------------------------------------------------


def places(client: Client, generation: Generation) -> list[str]:
    """The pictures that the fragment shows, by number, and a drawing for each that is still to come."""
    page = client.get(reverse("seedream_django:status", args=[generation.pk])).content.decode()
    return re.findall(r'viewBox="[^"]+"|data-image="\d+"', page)


def test_each_picture_has_its_place(editor: User, browser: Browser) -> None:
    """While some are still to come each keeps its place, in the shape that was ordered; at the end there are none."""
    row, client = orders.place("a fox", user=editor, results=3, width=2848, height=1600), browser(editor)
    empty = 'viewBox="0 0 2848 1600"'
    assert places(client, row) == [empty] * 3
    carry(row)
    last = row.images.get(position=2)
    row.images.exclude(pk=last.pk).delete()
    Generation.objects.update(state=State.RUNNING, stored=1, look_at=after(60))
    assert places(client, row) == [empty, empty, f'data-image="{last.pk}"']
    GeneratedImage.objects.update(position=7)
    assert places(client, row) == [f'data-image="{last.pk}"', empty, empty]
    Generation.objects.update(failed=1)
    assert places(client, row) == [f'data-image="{last.pk}"', empty]
    Generation.objects.update(state=State.DONE)
    assert places(client, row) == [f'data-image="{last.pk}"']


def test_pictures_stay_in_order_around_one_that_failed(editor: User, browser: Browser) -> None:
    """Of four the second does not come: at the end, and before, the others stand as they were numbered."""
    row, client = orders.place("a fox", user=editor, results=4), browser(editor)
    carry(row)
    row.images.get(position=1).delete()
    shown = [f'data-image="{image.pk}"' for image in row.images.order_by("position")]
    assert places(client, row) == shown
    Generation.objects.update(state=State.RUNNING, stored=3, failed=1, look_at=after(60))
    assert places(client, row) == shown
    row.images.get(position=2).delete()
    del shown[1]
    assert places(client, row) == [*shown, 'viewBox="0 0 2048 2048"']


def test_numbers_for_scripts_have_no_separators(editor: User, browser: Browser, settings: Any) -> None:
    """A project that writes 1,000 for people still tells the script 1000."""
    settings.USE_THOUSAND_SEPARATOR = True
    row, client = orders.place("a fox", user=editor), browser(editor)
    page = client.get(reverse("seedream_django:status", args=[row.pk])).content.decode()
    assert 'data-next="1000"' in page
    assert 'viewBox="0 0 2048 2048"' in page


LEADS = [
    ({}, "again"), ({"error_kind": "server"}, "again"), ({"error_kind": "safety"}, "change"),
    ({"error_kind": "validation"}, "change"), ({"error_kind": "timeout"}, ""), ({"state": State.LOST}, ""),
    ({"state": State.DONE, "hidden": True, "received": 1}, "show"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "lead"), LEADS, ids=str)
def test_which_button_leads_on(columns: dict[str, Any], lead: str, editor: User, browser: Browser) -> None:
    """What would be refused again is changed first; what may have been charged is not pressed in passing."""
    row = orders.place("a fox", user=editor)
    Generation.objects.update(**{"state": State.FAILED, **columns})
    page = browser(editor).get(reverse("seedream_django:status", args=[row.pk])).content.decode()
    buttons = {"again": 'id="seedream-again"', "change": f"?from={row.pk}", "show": 'id="seedream-show"'}
    leading = [tag for tag in re.findall(r"<(?:a|button)[^>]*>", page) if "seedream-lead" in tag]
    assert [name for name, mark in buttons.items() if any(mark in tag for tag in leading)] == [lead] * bool(
        lead
    )


def test_logged_out_is_told_in_plain_text(browser: Browser, editor: User) -> None:
    """So the scripts tell our sentence from an error page of Django's."""
    row = orders.place("a fox", user=editor)
    response = browser(None).get(reverse("seedream_django:status", args=[row.pk]))
    assert (response.status_code, response.headers["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert response.content.decode() == "You are logged out. Log in again; your order is kept."


# -- Cancel and again ----------------------------------------------------------------------------------------


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_cancel(editor: User, browser: Browser, books: Books) -> None:
    """Before it is sent a cancelled order costs nothing; after it, the person is told that it is paid."""
    client = browser(editor)
    early, late = orders.place("a", user=editor), orders.place("b", user=editor)
    address = "seedream_django:cancel"
    assert told(client.post(reverse(address, args=[early.pk]))) == [
        "Cancelled before it was sent. Nothing was charged."
    ]
    turn()
    response = client.post(reverse(address, args=[late.pk]))
    assert "it is paid for, and kept out of sight when it comes" in told(response)[-1]
    carry(late)
    assert (late.hidden, [c.task_uuid for c in books.charges()]) == (True, [str(late.pk)])
    assert b"<img" not in client.get(reverse("seedream_django:status", args=[late.pk])).content


def test_again(editor: User, browser: Browser) -> None:
    """Sent twice it is one new row; from the page that counts that one, it is the next."""
    first, client = made("sandbox:fails", user=editor), browser(editor)
    address = reverse("seedream_django:again", args=[first.pk])
    pages = {client.post(address, {"count": "0"}).headers["Location"] for _ in range(2)}
    assert len(pages) == 1
    assert Generation.objects.count() == 2
    assert Generation.objects.exclude(pk=first.pk).get().parent == first
    client.post(address, {"count": "1"})
    assert Generation.objects.count() == 3


def test_unused_ones_are_told_of_beside_the_button(
    editor: User, chief: User, owner: User, browser: Browser
) -> None:
    """Before the click that pays at once: how many more of exactly this a person may choose, besides what is shown."""
    first, failed = made("a fox", user=editor, results=2), orders.place("a fox", user=editor)
    Generation.objects.filter(pk=failed.pk).update(state=State.FAILED, error_kind="server")
    made("a fox", user=chief)
    told_at = {
        (user, row, place): re.findall(
            r'id="seedream-again" aria-describedby="seedream-unused">.*?id="seedream-unused">([^<]*)<',
            browser(user)
            .get(reverse("seedream_django:status", args=[row.pk]), {"in": place})
            .content.decode(),
        )
        for user, row, place in (
            (editor, first, ""),
            (editor, failed, ""),
            (owner, failed, ""),
            (owner, first, ""),
            (owner, first, "field"),
        )
    }
    assert told_at == {
        (editor, first, ""): [],
        (editor, failed, ""): ["2 more pictures of exactly this exist that nobody uses."],
        (owner, failed, ""): ["3 more pictures of exactly this exist that nobody uses."],
        (owner, first, ""): ["1 more picture of exactly this exists that nobody uses."],
        (owner, first, "field"): [],
    }
    Topic.objects.create(name="Foxes", slug="foxes", picture=first.images.all()[0])
    client, page = browser(editor), reverse("seedream_django:status", args=[failed.pk])
    assert "1 more picture of exactly this exists that nobody uses." in client.get(page).content.decode()
    Topic.objects.create(name="More", slug="more", picture=first.images.all()[1])
    assert "seedream-unused" not in client.get(page).content.decode()


def test_again_when_it_may_not_be(editor: User, browser: Browser, settings: Any) -> None:
    """Switched off, without the right, or no longer a valid order: told in words, nothing ordered."""
    first, client = made("a fox", user=editor, width=2001, height=1999), browser(editor)
    address = reverse("seedream_django:again", args=[first.pk])
    settings.SEEDREAM |= {"LISTED_SIZES_ONLY": True}
    assert told(client.post(address))[-1].startswith("Width: 2001 × 1999")
    Switch.objects.create(pk=1, on=False, reason="Budget spent.")
    assert told(client.post(address))[-1] == "Generating is switched off: Budget spent."
    editor.user_permissions.clear()
    assert "You may not generate pictures" in told(client.post(address))[-1]
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(wanted: str, editor: User, browser: Browser) -> None:
    """``next`` leads back to this site only."""
    generation = orders.place("a fox", user=editor)
    address = reverse("seedream_django:cancel", args=[generation.pk])
    assert "evil" not in browser(editor).post(address, {"next": wanted}).headers["Location"]
    assert browser(editor).post(address, {"next": "/topics/"}).headers["Location"] == "/topics/"


# -- The provider --------------------------------------------------------------------------------------------


def test_no_view_reaches_the_provider(gate: Gate, settings: Any, owner: User, browser: Browser) -> None:
    """With a queue that somebody else works off, every page and every order is rows alone."""
    settings.SEEDREAM |= {"HUEY": MemoryHuey("worked off elsewhere", immediate=False)}
    client = browser(owner)
    states = {state: Generation.objects.create(state=state, user=owner, prompt="p", parameters=orders.task_for(
        {"width": 2048, "height": 2048, "results": 1}), look_at=owner.date_joined) for state in State}  # fmt: skip
    for row in states.values():
        client.get(reverse("seedream_django:status", args=[row.pk]))
        client.get(reverse("admin:seedream_django_generation_change", args=[row.pk]))
        client.post(reverse("seedream_django:again", args=[row.pk]))
        client.post(reverse("seedream_django:cancel", args=[row.pk]))
    assert client.post(reverse("seedream_django:order"), {**ORDER, **of(owner)}).status_code == 201
    assert client.get(reverse("admin:seedream_django_generation_changelist")).status_code == 200
    assert gate.posts == []


def test_fragment_for_a_field(editor: User, browser: Browser) -> None:
    """Inside a form the fragment has no form of its own, and says which pictures can be used."""
    generation = made("a fox", user=editor, results=2)
    page = browser(editor).get(reverse("seedream_django:status", args=[generation.pk]), {"in": "field"})
    content = page.content.decode()
    assert "<form" not in content
    assert content.count("data-image=") == 2
    assert "data-next" not in content
    assert json.dumps(said(browser(editor), generation)) == '"2 pictures are ready."'


def test_what_was_cancelled_too_late_can_be_shown(editor: User, browser: Browser) -> None:
    """It is paid for: the page says so before the click, keeps it out of sight after it, and gives it back."""
    generation, client = orders.place("a fox", user=editor), browser(editor)
    address = reverse("seedream_django:status", args=[generation.pk])
    assert "Cancel and hide; it is paid for already" in client.get(address).content.decode()
    client.post(reverse("seedream_django:cancel", args=[generation.pk]))
    carry(generation)
    page = client.get(address).content.decode()
    assert "data-image" not in page
    assert "Show it after all" in page
    client.post(reverse("seedream_django:show", args=[generation.pk]))
    assert "data-image" in client.get(address).content.decode()
