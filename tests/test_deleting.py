"""Cancelling and deleting: what was paid for, or may have been, is never gone by a click; its money never at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.db import models, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape

from example_project.magazine.models import Article, Topic
from seedream_django import lost, orders, pipeline
from seedream_django.models import (
    FINAL,
    Budget,
    BudgetPeriod,
    GeneratedImage,
    Generation,
    ImageState,
    LedgerEntry,
    Period,
    Slot,
    State,
    Switch,
    Uses,
    after,
    places_of,
    uses,
)
from seedream_django.sandbox import Books

from .gate import Gate, unavailable
from .steps import carry, made, past, turn
from .test_lost import lost_order

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

EACH = Decimal("0.035")
LIST = "admin:seedream_django_generation_changelist"
DELETE = "admin:seedream_django_generation_delete"


def spent() -> dict[str, Decimal]:
    return LedgerEntry.objects.balance()


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def refused(delete: Callable[[], object], words: str) -> None:
    """Nothing goes, and the error says this."""
    with pytest.raises(ProtectedError, match=words), transaction.atomic():
        delete()


# -- Deleting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in State if state not in FINAL])
def test_what_is_in_work_cannot_be_deleted(state: State) -> None:
    """Neither alone, nor with others, nor by code that read it before it was sent; the error says what to do."""
    generation, done = orders.place("a fox"), made("an owl")
    read = Generation.objects.get(pk=done.pk)
    Generation.objects.update(state=state)
    for delete in (generation.delete, read.delete, Generation.objects.all().delete):
        refused(delete, "still in work; cancel it and wait for its end")
    assert Generation.objects.count() == 2


@pytest.mark.parametrize("state", FINAL)
def test_what_has_ended_can_be_deleted(state: State) -> None:
    """Whatever its end; a lost one of which no money is reserved, too."""
    generation = Generation.objects.create(state=state, prompt="a fox")
    generation.delete()
    assert not Generation.objects.exists()


def test_what_is_lost_is_decided_first(owner: User, browser: Browser) -> None:
    """As long as its money is reserved the row stays, in the admin with words; then it goes, and the money not."""
    generation, client = lost_order(owner), browser(owner)
    refused(generation.delete, "on its page decide first")
    page = client.post(reverse(DELETE, args=[generation.pk]), {"post": "yes"}).content.decode()
    assert "its price is still reserved; on its page decide first what is to be done" in page
    lost.write_off(generation, by=owner)
    client.post(reverse(DELETE, args=[generation.pk]), {"post": "yes"})
    assert not Generation.objects.exists()
    assert spent() == {"reserved": 0, "spent": EACH, "unconfirmed": EACH}


def doubtful(gate: Gate, **values: Any) -> Generation:
    """An order that was sent once, and of which nobody knows yet whether the provider took it."""
    gate.spoil["imageInference"] = [unavailable]
    generation = orders.place("a fox", **values)
    pipeline.submit(generation.pk)
    Generation.objects.update(state=State.QUEUED)
    generation.refresh_from_db()
    assert generation.doubtful_since
    return generation


def test_what_was_cancelled_in_doubt_stays_while_it_is_looked_for(
    gate: Gate, owner: User, browser: Browser
) -> None:
    """A picture may still come of it, and be charged: the row that takes it in stays; after that time it may go."""
    generation, client = doubtful(gate, user=owner), browser(owner)
    orders.cancel(generation)
    until = date_format(timezone.localtime(generation.watch_until), "SHORT_DATETIME_FORMAT")
    words = f"may still come, and is paid for then; it is looked for until {until}"
    for delete in (generation.delete, Generation.objects.all().delete):
        refused(delete, re.escape(words))
    page = client.post(reverse(DELETE, args=[generation.pk]), {"post": "yes"}).content.decode()
    assert words in page
    past(generation, "watch_until")
    generation.delete()
    assert not Generation.objects.exists()


def test_a_failure_in_doubt_stays_while_it_is_looked_for(gate: Gate) -> None:
    """Sent twice, refused the second time: nobody knows whether the first is charged."""
    generation = doubtful(gate)
    assert generation.finish(State.FAILED, error_kind="auth")
    refused(generation.delete, "it is looked for until")


def test_what_came_short_stays_while_it_is_looked_for() -> None:
    """Of four one is missing: while it may come late the order stays; one of which all are told of goes at once."""
    whole, short = made("an owl", results=4), made("a fox", results=4)
    late = {"watch_until": after(600)}
    Generation.objects.filter(pk=whole.pk).update(received=3, failed=1, **late)
    Generation.objects.filter(pk=short.pk).update(received=3, failed=0, **late)
    refused(short.delete, "it is looked for until")
    whole.delete()
    assert Generation.objects.get() == short


def test_what_was_cancelled_unsent_can_be_deleted() -> None:
    """Nothing was sent, so nothing can come."""
    generation = orders.place("a fox")
    assert orders.cancel(generation)
    generation.delete()
    assert not Generation.objects.exists()


def test_what_is_not_saved_yet_cannot_be_deleted() -> None:
    """A paid picture without a file is only its row: that stays, and its order with it; given up, it may go."""
    generation = made("a fox", results=2)
    image = generation.images.all()[0]
    GeneratedImage.objects.filter(pk=image.pk).update(state=ImageState.RECEIVED)
    for delete in (image.delete, generation.images.all().delete):
        refused(delete, "paid for and not yet saved")
    refused(generation.delete, "paid for and not yet saved")
    assert GeneratedImage.objects.count() == 2
    GeneratedImage.objects.filter(pk=image.pk).update(state=ImageState.FAILED)
    generation.delete()
    assert not GeneratedImage.objects.exists()


def test_the_ledger_outlives_the_rows(editor: User, sandbox: Path) -> None:
    """Order, pictures and person are deleted: who spent what on what is still known, and budgets still count it."""
    Budget.objects.create(period=Period.EVER, limit=1)
    generation = made("a red fox", user=editor, results=2)
    before, number = spent(), generation.pk
    generation.delete()
    editor.delete()
    assert spent() == before == {"reserved": 0, "spent": 2 * EACH, "unconfirmed": 0}
    assert BudgetPeriod.objects.get().spent == 2 * EACH
    entries = LedgerEntry.objects.of(number)
    assert {(entry.who, entry.user, entry.prompt) for entry in entries} == {("edda", None, "a red fox")}
    assert entries.exclude(image_uuid=None).count() == 2


def test_a_deleted_picture_keeps_its_cost(owner: User) -> None:
    """The order goes on saying what it cost, and so does the ledger."""
    generation = made("a fox", user=owner, results=2)
    generation.images.all()[0].delete()
    generation.refresh_from_db()
    assert (generation.cost, spent()["spent"]) == (2 * EACH, 2 * EACH)


def test_others_can_be_deleted_while_it_works(editor: User) -> None:
    """The person who ordered, the object that waits for it and the order that it was made from: it stays without."""
    topic = Topic.objects.create(name="Foxes", slug="foxes")
    article = Article.objects.create(title="A fox", topic=topic, slug="a-fox")
    first = made("a fox", user=editor)
    slot = Slot(
        content_type=ContentType.objects.get_for_model(Article), object_id=str(article.pk), field="cover"
    )
    second = orders.place("a fox", user=editor, parent=first, slot=slot)
    article.delete()
    first.delete()
    editor.delete()
    second.refresh_from_db()
    assert (second.user, second.parent) == (None, None)
    assert carry(second).state == State.DONE


# -- What stands somewhere -----------------------------------------------------------------------------------


@pytest.fixture
def stands(editor: User) -> SimpleNamespace:
    """A picture that is an article's cover and its inset, and a topic's picture; another that stands nowhere."""
    order = made("a fox", user=editor, results=2)
    used, free = order.images.order_by("position")
    topic = Topic.objects.create(name="Foxes & co", slug="foxes", picture=used)
    article = Article.objects.create(title="The <red> fox", topic=topic, slug="a", cover=used, inset=used)
    return SimpleNamespace(order=order, used=used, free=free, topic=topic, article=article)


PLACES = (
    "it stands in: Topic “Foxes & co” (picture), Article “The <red> fox” (cover), "
    "Article “The <red> fox” (picture in the text). Take it out there first"
)


def test_what_stands_somewhere_cannot_be_deleted(stands: SimpleNamespace) -> None:
    """Neither it, nor it with others, nor its order; the error names the places, and the rows are in it."""
    deletes = (
        stands.used.delete, stands.order.delete, GeneratedImage.objects.all().delete,
        Generation.objects.all().delete, GeneratedImage.objects.filter(pk=stands.used.pk).delete,
    )  # fmt: skip
    for delete in deletes:
        with pytest.raises(ProtectedError) as caught, transaction.atomic():
            delete()
        assert set(re.findall(r"\w+ “[^”]+” \([^)]+\)", str(caught.value))) == set(
            re.findall(r"\w+ “[^”]+” \([^)]+\)", PLACES)
        )
        assert set(caught.value.protected_objects) == {stands.topic, stands.article}
    assert GeneratedImage.objects.count() == 2
    stands.free.delete()
    assert GeneratedImage.objects.get() == stands.used


def test_taken_out_it_can_be_deleted(stands: SimpleNamespace) -> None:
    """Place by place; the last one lets it go, and its order."""
    Topic.objects.update(picture=None)
    Article.objects.update(cover=None)
    refused(stands.order.delete, "stands in: Article “The <red> fox” \\(picture in the text\\)")
    Article.objects.update(inset=None)
    stands.order.delete()
    assert not GeneratedImage.objects.exists()


def test_what_it_stands_in_can_be_deleted(stands: SimpleNamespace) -> None:
    """An object goes without asking, and its picture stays, then free."""
    stands.article.delete()
    stands.topic.delete()
    assert places_of([stands.used]) == Uses()
    stands.used.delete()


def test_our_own_rows_are_no_places(editor: User) -> None:
    """What another was made from, and what filled a slot that is empty by now, may go."""
    topic = Topic.objects.create(name="Foxes", slug="foxes")
    slot = Slot(
        content_type=ContentType.objects.get_for_model(Topic), object_id=str(topic.pk), field="picture"
    )
    image = made("a fox", user=editor, slot=slot).images.get()
    made("in snow", user=editor, references=[image])
    assert Slot.objects.get().image == image
    refused(image.delete, "stands in: Topic")
    Topic.objects.update(picture=None)
    image.delete()


def test_places_take_as_many_queries_for_a_hundred(
    stands: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    """One query for each field that could have one; the first twenty are named, of more there is a number."""
    fields = len(list(uses._places_in(GeneratedImage, "default")))
    for number in range(30):
        Article.objects.create(title=f"A{number}", topic=stands.topic, slug=f"n{number}", cover=stands.used)
    with django_assert_num_queries(fields):
        places = places_of(GeneratedImage.objects.all(), limit=33)
    assert (len(places.named), places.more) == (33, 0)
    with django_assert_num_queries(fields + 2):
        places = places_of([stands.used, stands.free])
    assert (len(places.named), places.more) == (20, 13)
    assert str(places).endswith(", and 13 more places")
    with django_assert_num_queries(0):
        assert not places_of([])


def test_a_many_to_many_field_is_a_place(editor: User) -> None:
    """Each object is named once, however many it has, and not by its table's rows: as people are in groups."""
    groups = [Group.objects.create(name=name) for name in ("a", "b", "c")]
    editor.groups.set(groups[:2])
    for asked_of in (groups, Group.objects.all()):
        (use,) = places_of(asked_of).named
        assert (use.row, str(use), use.number) == (editor, "User “edda” (groups)", f"User #{editor.pk}")
    assert not places_of(groups[2:])
    assert set(Group.objects.filter(uses.something_refers_to(Group, "default"))) == set(groups[:2])


def test_what_nothing_could_refer_to_is_nowhere() -> None:
    """Without any field of a host's that could, the condition fits nothing, and not everything."""
    Switch.objects.create(pk=1)
    assert not Switch.objects.filter(uses.something_refers_to(Switch, "default")).exists()
    assert not places_of(Switch.objects.all())


# -- What stands somewhere, in the admin ---------------------------------------------------------------------

PICTURE_DELETE = "admin:seedream_django_generatedimage_delete"
PICTURE_PAGE = "admin:seedream_django_generatedimage_change"
PICTURE_LIST = "admin:seedream_django_generatedimage_changelist"


def asked(client: Client, stands: SimpleNamespace) -> dict[str, str]:
    """What each page says that is to delete the picture that stands somewhere, and that nothing went."""
    both = {
        "action": "delete_selected",
        ACTION_CHECKBOX_NAME: [stands.used.pk, stands.free.pk],
        "post": "yes",
    }
    order = {"action": "delete_selected", ACTION_CHECKBOX_NAME: stands.order.pk, "post": "yes"}
    answers = {
        "picture": client.post(reverse(PICTURE_DELETE, args=[stands.used.pk]), {"post": "yes"}),
        "asked": client.get(reverse(PICTURE_DELETE, args=[stands.used.pk])),
        "pictures": client.post(reverse(PICTURE_LIST), both),
        "order": client.post(reverse(DELETE, args=[stands.order.pk]), {"post": "yes"}),
        "orders": client.post(reverse(LIST), order),
    }
    assert GeneratedImage.objects.count() == 2
    assert {answer.status_code for answer in answers.values()} == {200}
    return {name: answer.content.decode() for name, answer in answers.items()}


def test_the_delete_page_lists_the_places(stands: SimpleNamespace, owner: User, browser: Browser) -> None:
    """Each with a link to where it can be taken out, and no button to delete it nonetheless."""
    for name, page in asked(browser(owner), stands).items():
        for row in (stands.topic, stands.article):
            link = reverse(f"admin:magazine_{row._meta.model_name}_change", args=[row.pk])
            assert f'<a href="{link}"><bdi dir="auto">{escape(str(row))}</bdi></a>' in page, name
        assert "taken out there first" in page, name
        assert 'name="post"' not in page, name


def test_places_that_one_may_not_see_have_no_name(
    stands: SimpleNamespace, editor: User, browser: Browser
) -> None:
    """Their kind and number tell what is in the way; who may see articles alone reads the names of those."""
    editor.user_permissions.remove(*Permission.objects.filter(codename__endswith="_topic"))
    for name, page in asked(browser(editor), stands).items():
        assert (f"Topic #{stands.topic.pk} (picture)" in page, "Foxes &amp; co" in page) == (True, False), (
            name
        )
        assert "The &lt;red&gt; fox" in page, name
    editor.user_permissions.remove(*Permission.objects.filter(codename__endswith="_article"))
    for name, page in asked(browser(editor), stands).items():
        assert f"Article #{stands.article.pk} (cover)" in page, name
        assert "red&gt;" not in page, name


def test_a_list_that_shows_each_their_own_hides_the_others(
    stands: SimpleNamespace, editor: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may see articles, but not this one in the admin's own list, does not read its name here either."""
    nothing = lambda request: Article.objects.exclude(pk=stands.article.pk)  # noqa: E731
    monkeypatch.setattr(admin.site.get_model_admin(Article), "get_queryset", nothing)
    page = browser(editor).get(reverse(PICTURE_PAGE, args=[stands.used.pk])).content.decode()
    assert f"Article #{stands.article.pk} (cover)" in page
    assert "red&gt;" not in page


def test_a_host_that_protects_its_picture_keeps_its_name(
    stands: SimpleNamespace, editor: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django's own refusal, and its list of what would go with it, name what one may not see: ours stands there."""
    monkeypatch.setattr(Topic._meta.get_field("picture").remote_field, "on_delete", models.PROTECT)
    monkeypatch.setattr(Article._meta.get_field("cover").remote_field, "on_delete", models.CASCADE)
    rights = Permission.objects.filter(content_type__app_label="magazine")
    editor.user_permissions.remove(*rights)
    for name, page in asked(browser(editor), stands).items():
        assert ("red&gt;" in page, "Foxes &amp;" in page) == (False, False), name
        assert (f"Topic #{stands.topic.pk}" in page, f"Article #{stands.article.pk}" in page) == (
            True,
            True,
        ), name


def test_a_picture_s_page_says_where_it_is_used(
    stands: SimpleNamespace, owner: User, browser: Browser
) -> None:
    """With links; where there is none, nothing is said."""
    client = browser(owner)
    page = client.get(reverse(PICTURE_PAGE, args=[stands.used.pk])).content.decode()
    assert "Used in" in page
    link = reverse("admin:magazine_article_change", args=[stands.article.pk])
    assert page.count(f'<a href="{link}">') == 2
    assert "Used in" not in client.get(reverse(PICTURE_PAGE, args=[stands.free.pk])).content.decode()


def test_a_copy_is_named_and_refuses_nothing(stands: SimpleNamespace, owner: User, browser: Browser) -> None:
    """A file field's copy is the host's own: the page says where it is as long as it is there."""
    kind = ContentType.objects.get_for_model(Article)
    values = {
        "generation": stands.order,
        "content_type": kind,
        "image": stands.free,
        "object_id": stands.article.pk,
    }
    Slot.objects.create(**values, field="caption", copied="articles/fox.jpg")
    Slot.objects.create(**values, field="gone", copied="articles/fox.jpg")
    Slot.objects.create(**{**values, "object_id": "999"}, field="caption", copied="articles/fox.jpg")
    client, words = browser(owner), "(caption), as a copy of its own"
    address = reverse(PICTURE_PAGE, args=[stands.free.pk])
    assert "Used in" not in client.get(address).content.decode()
    Article.objects.update(caption="articles/fox.jpg")
    assert client.get(address).content.decode().count(words) == 1
    client.post(reverse(PICTURE_DELETE, args=[stands.free.pk]), {"post": "yes"})
    assert GeneratedImage.objects.get() == stands.used


# -- Cancelling ----------------------------------------------------------------------------------------------


def test_cancelled_before_the_claim_costs_nothing(gate: Gate, books: Books) -> None:
    """The row and its money end together: nothing reserved, nothing sent, nothing charged."""
    Budget.objects.create(period=Period.EVER, limit=1)
    generation = orders.place("a fox", results=2)
    assert BudgetPeriod.objects.get().reserved == 2 * EACH
    assert orders.cancel(generation)
    assert not orders.cancel(generation)
    turn(3)
    assert (gate.posts, books.charges()) == ([], [])
    assert spent() == {"reserved": 0, "spent": 0, "unconfirmed": 0}
    assert BudgetPeriod.objects.get().reserved == 0


def test_cancelled_after_the_claim_is_paid_and_kept(books: Books) -> None:
    """Too late: its money stays reserved until it comes, and is then spent; the picture is there, out of sight."""
    generation = orders.place("a fox")
    turn()
    assert not orders.cancel(generation)
    assert spent()["reserved"] == EACH
    carry(generation)
    assert (generation.state, generation.hidden, generation.stored) == (State.DONE, True, 1)
    assert Path(generation.images.get().file.path).exists()
    assert spent() == {"reserved": 0, "spent": EACH, "unconfirmed": 0}


@pytest.mark.parametrize("first", ["cancel", "claim"])
def test_cancel_and_claim_at_once(first: str, gate: Gate, books: Books) -> None:
    """Each read the row before the other moved it: one wins, and the money goes with the winner."""
    generation = orders.place("a fox")
    worker, person = Generation.objects.get(), Generation.objects.get()
    if first == "cancel":
        assert orders.cancel(person)
        assert not pipeline._claim(worker, 60)
    else:
        assert pipeline._claim(worker, 60)
        assert not orders.cancel(person)
    generation.refresh_from_db()
    expected = {"cancel": (State.CANCELLED, 0), "claim": (State.SUBMITTING, EACH)}
    assert (generation.state, spent()["reserved"]) == expected[first]
    assert generation.hidden


def test_hidden_instead_of_deleted(editor: User, chief: User, owner: User, browser: Browser) -> None:
    """In the list: what waits is stopped for nothing, what was sent is hidden, others' orders are left alone."""
    sent, theirs = orders.place("sent", user=editor), orders.place("theirs", user=owner)
    turn()
    waits, done = orders.place("waits", user=editor), made("done", user=editor)
    Generation.objects.filter(pk__in=[waits.pk]).update(state=State.QUEUED)
    Generation.objects.filter(pk__in=[sent.pk, theirs.pk]).update(state=State.RUNNING)
    data = {"action": "cancel", ACTION_CHECKBOX_NAME: [row.pk for row in (sent, waits, done, theirs)]}
    chief_sees = browser(chief).post(reverse(LIST), data)
    assert told(chief_sees) == ["Nothing to do: all of these have ended, or are somebody else's."]
    assert told(browser(editor).post(reverse(LIST), data)) == [
        "1 order was cancelled before it was sent. Nothing was charged.",
        "1 order had been sent already: it is paid for, and kept out of sight when it comes.",
    ]
    rows = dict(Generation.objects.values_list("pk", "hidden"))
    assert rows == {sent.pk: True, waits.pk: True, done.pk: False, theirs.pk: False}


def test_the_delete_page_leads_to_cancelling(owner: User, browser: Browser) -> None:
    """What is in work is not deleted; the page says what to do instead, and that it stays out of sight."""
    generation = orders.place("a fox", user=owner)
    turn()
    page = browser(owner).get(reverse(DELETE, args=[generation.pk])).content.decode()
    assert "still in work; cancel it and wait for its end. What comes of it stays hidden" in page
