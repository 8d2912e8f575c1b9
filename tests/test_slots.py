"""Places that wait for a picture: filled once, if still empty, for whom still may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import connection, transaction
from django.db.models.signals import pre_save

from example_project.magazine.models import Article, Topic
from seedream_django import orders, signals, slots
from seedream_django.models import GeneratedImage, Generation, Slot, State, after
from seedream_django.troubles import told

from .album.models import Framed, Photo
from .steps import carry, made, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def article(db: None) -> Article:
    topic = Topic.objects.create(name="Nature", slug="nature")
    return Article.objects.create(title="Foxes", slug="foxes", topic=topic, summary="s", body="b")


def waiting(user: User | None, article: Article | None, prompt: str = "a fox") -> Slot:
    """An order for the cover of this article, or of one that is not saved yet."""
    content_type = ContentType.objects.get_for_model(Article)
    object_id = str(article.pk) if article else ""
    slot = Slot(content_type=content_type, object_id=object_id, field="cover", user=user)
    orders.place(prompt, user=user, slot=slot)
    return slot


# -- Tokens --------------------------------------------------------------------------------------------------


COVER: Any = {"model": Article, "field": "cover"}


def test_token(editor: User, chief: User) -> None:
    """The page's token leads to the slot, for the person who ordered and for nobody else."""
    slot = waiting(editor, None)
    token = slots.token(slot)
    assert slots.read(token, user=editor, **COVER) == slot
    assert slots.read(token, user=chief, **COVER) is None
    assert slots.read(token, user=None, **COVER) is None
    slot.delete()
    assert slots.read(token, user=editor, **COVER) is None


def test_a_token_is_for_one_field(editor: User) -> None:
    """Another field of the same object, another model's of that name, and what is no field: it fills none of them."""
    token = slots.token(waiting(editor, None))
    assert slots.read(token, user=editor, model="magazine.article", field="cover")
    for model, field in (
        (Article, "inset"),
        (Topic, "picture"),
        (Topic, "cover"),
        ("magazine.article", "title"),
        ("magazine.gone", "cover"),
        ("nonsense", "cover"),
    ):
        assert slots.read(token, user=editor, model=model, field=field) is None


def test_a_token_for_an_inherited_field(person: Any) -> None:
    """A child's form and its parent's have the same column: a token of one is good in the other, and in a proxy."""
    user = person("kim", "generate")
    slot = Slot(content_type=ContentType.objects.get_for_model(Photo), field="file", user=user)
    orders.place("a fox", user=user, slot=slot)
    for model in (Photo, Framed):
        assert slots.read(slots.token(slot), user=user, model=model, field="file") == slot


def test_a_token_is_for_one_object(editor: User, article: Article) -> None:
    """Made on an object's page it fills no other; a copy that is being added takes it, as “save as new” does."""
    slot = waiting(editor, None)
    other = Article.objects.create(title="Owls", slug="owls", topic=article.topic, summary="s", body="b")
    token = slots.token(slot, object_pk=article.pk)
    assert slots.read(token, user=editor, instance=article, **COVER) == slot
    assert slots.read(token, user=editor, instance=other, **COVER) is None
    assert slots.read(token, user=editor, instance=Article(), **COVER) == slot
    for unsaved in ("", None):
        token = slots.token(slot, object_pk=unsaved)
        assert slots.read(token, user=editor, instance=other, **COVER) == slot


def test_forged_tokens(editor: User) -> None:
    """A token that we did not sign for this purpose is none."""
    slot = waiting(editor, None)
    good = slots.token(slot)
    claim = [slot.pk, str(editor.pk), "magazine.article", "cover", ""]
    assert slots.read(signing.dumps(claim, salt=slots.SALT), user=editor, **COVER) == slot
    wrong = (5, [], [1, 2, 3], claim[:2], {"a": 1}, None)
    for forged in (
        "",
        "x",
        good[:-1],
        good + "x",
        signing.dumps(claim),
        signing.dumps(claim, salt="x"),
        *(signing.dumps(one, salt=slots.SALT) for one in wrong),
    ):
        assert slots.read(forged, user=editor, **COVER) is None


def test_old_tokens(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a week a form that was left open cannot fill a field any more."""
    token = slots.token(waiting(editor, None))
    later = after(slots.TOKEN_AGE.total_seconds() + 5).timestamp()
    monkeypatch.setattr("time.time", lambda: later)
    assert slots.read(token, user=editor, **COVER) is None


# -- Filling -------------------------------------------------------------------------------------------------


def test_filled_when_the_picture_is_there(editor: User, article: Article) -> None:
    """The field gets the first picture; the admin's history says who and what."""
    slot = waiting(editor, article)
    carry(slot.generation)
    article.refresh_from_db()
    slot.refresh_from_db()
    assert article.cover == slot.image == slot.generation.images.get()
    assert slot.settled_at
    entry = LogEntry.objects.get(object_id=str(article.pk))
    assert (entry.user, entry.get_change_message()) == (editor, "Changed cover.")


def test_the_first_of_several(editor: User, article: Article) -> None:
    """Of several pictures one is put in place, once."""
    slot = waiting(editor, article)
    Generation.objects.update(expected=3, parameters={**slot.generation.parameters, "numberResults": 3})
    carry(Generation.objects.get())
    article.refresh_from_db()
    assert GeneratedImage.objects.count() == 3
    assert article.cover in GeneratedImage.objects.all()
    assert LogEntry.objects.filter(object_id=str(article.pk)).count() == 1


def test_flagged_is_passed_over(editor: User, article: Article) -> None:
    """A picture that the provider's safety check flagged fills no place; the next one that is not does."""
    slot = waiting(editor, None)
    Generation.objects.update(expected=2, parameters={**slot.generation.parameters, "numberResults": 2})
    carry(Generation.objects.get())
    flagged, clear = GeneratedImage.objects.order_by("position")
    Slot.objects.update(object_id=str(article.pk))
    slot.refresh_from_db()
    GeneratedImage.objects.update(flagged=True)
    assert not slots.fill(slot)
    GeneratedImage.objects.filter(pk=clear.pk).update(flagged=None)
    assert slots.fill(slot)
    article.refresh_from_db()
    assert article.cover == clear != flagged


def test_never_over_another_picture(editor: User, article: Article) -> None:
    """Somebody chose a picture meanwhile: it stays, and the slot says why it was not filled."""
    other = made("an owl").images.get()
    slot = waiting(editor, article)
    Article.objects.update(cover=other)
    carry(slot.generation)
    article.refresh_from_db()
    slot.refresh_from_db()
    assert (article.cover, slot.image) == (other, None)
    assert slot.note == "The field has another picture by now."
    assert not LogEntry.objects.filter(object_id=str(article.pk)).exists()


def test_not_when_the_right_was_lost(editor: User, article: Article) -> None:
    """Who may not change the article any more does not change it through a picture."""
    slot = waiting(editor, article)
    editor.user_permissions.clear()
    check_unfilled(slot, article, "The person who ordered it may not change the object any more.")


def test_not_for_somebody_inactive(editor: User, article: Article) -> None:
    """Nor does a person whose account was closed."""
    slot = waiting(editor, article)
    User.objects.filter(pk=editor.pk).update(is_active=False)
    check_unfilled(slot, article, "The person who ordered it may not change the object any more.")


def check_unfilled(slot: Slot, article: Article, why: str) -> None:
    carry(slot.generation)
    article.refresh_from_db()
    slot.refresh_from_db()
    assert (article.cover, slot.image, slot.note) == (None, None, why)
    assert slot.generation.state == State.DONE


def test_object_deleted(editor: User, article: Article) -> None:
    """The article is gone: the picture is kept, the slot says so, and nothing fails."""
    slot = waiting(editor, article)
    article.delete()
    carry(slot.generation)
    slot.refresh_from_db()
    assert (slot.note, slot.generation.stored) == ("The object is gone.", 1)


def test_a_model_that_is_gone(editor: User) -> None:
    """So it is when the model itself was uninstalled."""
    slot = waiting(editor, None)
    gone = ContentType.objects.create(app_label="gone", model="thing")
    Slot.objects.update(content_type=gone, object_id="1")
    carry(slot.generation)
    slot.refresh_from_db()
    assert slot.note == "The object is gone."


def test_not_for_a_hidden_picture(editor: User, article: Article) -> None:
    """What was cancelled fills nothing when it comes after all."""
    slot = waiting(editor, article)
    turn()
    slot.generation.refresh_from_db()
    slot.generation.cancel()
    carry(slot.generation)
    article.refresh_from_db()
    assert article.cover is None


def test_filled_for_the_site(article: Article) -> None:
    """An order by code, without a person, needs no one's rights and writes no one's history."""
    carry(waiting(None, article).generation)
    article.refresh_from_db()
    assert article.cover
    assert not LogEntry.objects.exists()


def test_filled_once(editor: User, article: Article) -> None:
    """What was emptied after it was filled stays empty, whoever looks again."""
    slot = waiting(editor, article)
    carry(slot.generation)
    Article.objects.update(cover=None)
    assert not slots.fill(slot)
    assert slots.fill_waiting() == 0
    article.refresh_from_db()
    assert article.cover is None


def test_again_takes_the_place_over(editor: User, article: Article) -> None:
    """What failed and is ordered again fills the same place."""
    slot = waiting(editor, article, "sandbox:fails")
    carry(slot.generation)
    new = orders.again(slot.generation, user=editor)
    Generation.objects.filter(pk=new.pk).update(prompt="a fox")
    carry(new)
    article.refresh_from_db()
    assert article.cover is not None
    assert article.cover.generation == new


# -- The host's own code -------------------------------------------------------------------------------------


@pytest.fixture
def failing() -> Iterator[None]:
    """A receiver of the host's that refuses to save the article titled "Broken"."""

    def refuse(instance: Article, **kwargs: Any) -> None:
        if instance.title == "Broken":
            raise RuntimeError("the search index is down")

    pre_save.connect(refuse, sender=Article)
    yield
    pre_save.disconnect(refuse, sender=Article)


def test_a_host_whose_save_fails(
    failing: Any, editor: User, article: Article, caplog: pytest.LogCaptureFixture
) -> None:
    """The picture is stored all the same, other places are filled, and this one is tried again."""
    slot, topic = waiting(editor, article), article.topic
    other = Article.objects.create(title="Owls", slug="owls", topic=topic, summary="s", body="b")
    kind = {"content_type": slot.content_type, "field": "cover", "user": editor}
    Slot.objects.create(generation=slot.generation, object_id=str(other.pk), **kind)
    Article.objects.filter(pk=article.pk).update(title="Broken")
    carry(slot.generation)
    other.refresh_from_db()
    article.refresh_from_db()
    assert (slot.generation.state, bool(other.cover), article.cover) == (State.DONE, True, None)
    assert "Could not fill slot" in caplog.text
    Article.objects.filter(pk=article.pk).update(title="Mended")
    assert slots.fill_waiting() == 1


def test_what_is_flagged_holds_up_nobody(editor: User, article: Article) -> None:
    """A place whose only picture is flagged is not looked at again and again, before those that can be filled."""
    flagged, clear = waiting(editor, None), waiting(editor, None)
    carry(flagged.generation)
    carry(clear.generation)
    flagged.generation.images.update(flagged=True)
    Slot.objects.update(object_id=str(article.pk))
    assert list(Slot.objects.waiting()) == [clear]
    assert slots.fill_waiting(1) == 1
    article.refresh_from_db()
    assert article.cover == clear.generation.images.get()


def test_saved_before_it_is_ready(editor: User, article: Article) -> None:
    """A slot of an unsaved object waits; bound to its object it is filled."""
    slot = waiting(editor, None)
    carry(slot.generation)
    assert slots.fill_waiting() == 0
    slots.bind(slot, article, Article, "cover")
    article.refresh_from_db()
    assert article.cover == slot.generation.images.get()


def test_bound_to_one_object(editor: User, article: Article) -> None:
    """The same token in a second form does not take the picture to another object, nor to another field."""
    slot = waiting(editor, None)
    other = Article.objects.create(title="Owls", slug="owls", topic=article.topic, summary="s", body="b")
    slots.bind(slot, article, Article, "title")
    assert Slot.objects.get().object_id == ""
    slots.bind(slot, article, Article, "cover")
    slots.bind(slot, other, Article, "cover")
    carry(slot.generation)
    other.refresh_from_db()
    assert Slot.objects.get().object_id == str(article.pk)
    assert other.cover is None


# -- What may be replaced ------------------------------------------------------------------------------------


def test_replaced_only_by_whoever_saw_it(editor: User, article: Article) -> None:
    """What the form showed as it was saved may be replaced; what came since stays."""
    old, newer = made("an owl", user=editor).images.get(), made("a hare", user=editor).images.get()
    for now, expected in ((old, None), (newer, newer)):
        Article.objects.update(cover=now)
        slot = waiting(editor, None)
        carry(slot.generation)
        slots.bind(slot, article, Article, "cover", replaces=str(old.pk), focal=(10, 90))
        slot.refresh_from_db()
        article.refresh_from_db()
        assert article.cover == (expected or slot.generation.images.get())
        assert (slot.focal_x, slot.focal_y) == (10, 90)
    assert slot.note == "The field has another picture by now."
    assert told(slot.note) == slot.note


def test_nothing_is_not_replaced(editor: User, article: Article) -> None:
    """A form that showed no picture, or nonsense, replaces none."""
    old = made("an owl", user=editor).images.get()
    Article.objects.update(cover=old)
    for replaces in ("", "x", "-1", "0"):
        slot = waiting(editor, None)
        slots.bind(slot, article, Article, "cover", replaces=replaces)
        carry(slot.generation)
        article.refresh_from_db()
        assert article.cover == old


def test_the_chosen_one(editor: User, article: Article) -> None:
    """Of several pictures of an order the one that was chosen fills it, and not the first."""
    slot = waiting(editor, None)
    Generation.objects.update(expected=2, parameters={**slot.generation.parameters, "numberResults": 2})
    carry(slot.generation)
    _first, second = slot.generation.images.order_by("position")
    Slot.objects.update(chosen=second, object_id=str(article.pk))
    assert slots.fill_waiting() == 1
    article.refresh_from_db()
    assert article.cover == second


def test_what_somebody_may_not_choose(editor: User, person: Any) -> None:
    """Another's picture, a cancelled one, nobody's choice: refused before there is a row."""
    photo = Photo.objects.create(title="Foxes")
    mine, theirs = (
        made("a fox", user=editor).images.get(),
        made("an owl", user=person("otto", "generate")).images.get(),
    )
    for image, user in ((theirs, editor), (mine, None), (mine, AnonymousUser())):
        with pytest.raises(ValueError, match="may not choose"):
            slots.choose(image, photo, Photo, "file", user=user)
    Generation.objects.filter(pk=mine.generation_id).update(hidden=True)
    with pytest.raises(ValueError, match="may not choose"):
        slots.choose(mine, photo, Photo, "file", user=editor)
    assert not Slot.objects.exists()


def test_a_choice_is_not_ordered_once_more(editor: User) -> None:
    """“Try again” takes over what still waits for a picture, and not what has one."""
    image = made("a fox", user=editor).images.get()
    slots.choose(image, Photo.objects.create(title="Foxes"), Photo, "file", user=editor)
    new = orders.again(image.generation, user=editor)
    assert not new.slots.exists()


def test_the_person_is_gone(editor: User, article: Article, person: Any) -> None:
    """What a page ordered is put nowhere once nobody answers for it."""
    otto = person("otto", "generate", "change_article")
    slot = waiting(otto, article)
    Generation.objects.update(door="field")
    otto.delete()
    carry(slot.generation)
    slot.refresh_from_db()
    assert slot.note == "The person who ordered it may not change the object any more."


def test_a_field_that_is_gone(editor: User, article: Article) -> None:
    """The model has no such field any more: the slot says so, and is not tried every minute."""
    slot = waiting(editor, article)
    Slot.objects.update(field="gone")
    carry(slot.generation)
    slot.refresh_from_db()
    assert (slot.note, slot.host_field, slot.is_copied) == ("The field is gone.", None, False)


def test_who_listens_is_told_once(
    editor: User, article: Article, django_capture_on_commit_callbacks: Any
) -> None:
    """Of what was filled and of what was given up, on commit."""
    heard: list[Any] = []

    def listen(slot: Slot, **kwargs: Any) -> None:
        heard.append((slot.pk, slot.note))

    signals.slot_settled.connect(listen)
    first, second = waiting(editor, article), waiting(editor, article)
    with django_capture_on_commit_callbacks(execute=True):
        carry(first.generation)
        carry(second.generation)
        assert heard == []
    slots.fill(first)
    signals.slot_settled.disconnect(listen)
    assert {pk for pk, _note in heard} == {first.pk, second.pk}
    assert sorted(note for _pk, note in heard) == ["", "The field has another picture by now."]


# -- A form that was read before -----------------------------------------------------------------------------


def test_read_again(editor: User, article: Article) -> None:
    """The columns as they are now, and no others: neither is a related object kept, nor a file opened."""
    image = made("a fox", user=editor).images.get()
    assert article.cover is None
    Article.objects.update(cover=image, title="Newer")
    slots.reread(article, ["cover", "inset"])
    assert (article.cover, article.inset, article.title) == (image, None, "Foxes")
    photo = Photo.objects.create(title="Foxes")
    Photo.objects.update(file="there/is/none.jpg", width=3, height=4, title="Newer")
    slots.reread(photo, ["file"])
    assert (photo.file.name, photo.width, photo.height, photo.title) == ("there/is/none.jpg", 3, 4, "Foxes")
    photo.save()
    assert Photo.objects.values_list("file", "width").get() == ("there/is/none.jpg", 3)


def test_nothing_to_read_again(django_assert_num_queries: Any) -> None:
    """What is not saved has no row; what is deleted keeps what it had."""
    photo = Photo(pk=5, title="Foxes", plain="a.jpg")
    with django_assert_num_queries(0):
        slots.reread(photo, ["plain"])
    photo.save()
    Photo.objects.all().delete()
    photo.pk = 5
    with django_assert_num_queries(1):
        slots.reread(photo, ["plain"])
    assert photo.plain.name == "a.jpg"


@pytest.mark.django_db(transaction=True)
def test_read_under_a_lock(editor: User) -> None:
    """Until the form's transaction ends nobody fills what it has read again, and then what it wrote is seen."""
    photo = Photo.objects.create(title="Foxes")
    locked, done, order = threading.Event(), threading.Event(), []

    def fill() -> None:
        try:
            assert locked.wait(10)
            with transaction.atomic():
                free = Photo.objects.filter(pk=photo.pk, plain="")
                order.append(("filled", free.update(plain="filled.jpg")))
        finally:
            connection.close()
            done.set()

    thread = threading.Thread(target=fill)
    thread.start()
    with transaction.atomic():
        slots.reread(photo, ["plain"])
        locked.set()
        assert not done.wait(0.3)
        photo.plain = "by hand.jpg"
        photo.save()
        order.append(("saved", 1))
    thread.join(10)
    assert order == [("saved", 1), ("filled", 0)]
    assert Photo.objects.get().plain.name == "by hand.jpg"


# -- What an editor who comes back is told -------------------------------------------------------------------


def test_the_last_order_that_has_not_filled_its_place(editor: User, person: Any, article: Article) -> None:
    """Under way or failed it is told, to those who may see it; filled, cancelled or long ago it is not."""
    assert slots.last_unfilled(article, "cover", editor) is None
    generation = waiting(editor, article, "a fox sandbox:fails").generation
    assert slots.last_unfilled(article, "cover", editor) == generation
    assert carry(generation).state == State.FAILED
    assert slots.last_unfilled(article, "cover", editor) == generation
    assert slots.last_unfilled(article, "cover", person("otto", "generate")) is None
    assert slots.last_unfilled(Article(), "cover", editor) is None
    Slot.objects.update(created_at=after(-10 * 24 * 60 * 60))
    assert slots.last_unfilled(article, "cover", editor) is None
    carry(waiting(editor, article).generation)
    assert slots.last_unfilled(article, "cover", editor) is None


def test_ten_rows_of_an_inline(editor: User, article: Article, django_assert_max_num_queries: Any) -> None:
    """What each of many objects waits for in each of its fields, in as many queries as for one."""
    articles = [article]
    for number in range(9):
        values = {"title": f"{number}", "slug": f"s{number}", "topic": article.topic}
        articles.append(Article.objects.create(**values, summary="s", body="b"))
    expected = {}
    for one in articles[:4]:
        waiting(editor, one)
        expected[one.pk, "cover"] = waiting(editor, one).generation
    Slot.objects.filter(object_id=str(articles[0].pk)).update(field="inset")
    expected[articles[0].pk, "inset"] = expected.pop((articles[0].pk, "cover"))
    with django_assert_max_num_queries(2 + 6):  # six for what the person may see
        found = slots.pending_for([*articles, Article()], ["cover", "inset"], editor)
    assert found == expected
    assert slots.pending_of(article, ["cover", "inset"], editor) == {"inset": expected[article.pk, "inset"]}
    assert slots.pending_of(None, ["cover"], editor) == slots.pending_for(articles, ["cover"], None) == {}
    assert slots.pending_for([], ["cover"], editor) == {}


def test_what_is_being_copied_is_told(editor: User, person: Any) -> None:
    """A picture that is there and not yet in its field is still under way, for as long as it is tried."""
    photo = Photo.objects.create(title="Foxes")
    image = made("a fox", user=editor).images.get()
    slot = slots.choose(image, photo, Photo, "file", user=editor)
    assert slots.last_unfilled(photo, "file", editor) == image.generation
    Slot.objects.update(created_at=after(-2 * 24 * 60 * 60))
    assert slots.last_unfilled(photo, "file", editor) is None
    slot.step(attempts=1)
    assert slots.last_unfilled(photo, "file", editor) == image.generation
    Slot.objects.update(settled_at=after(0))
    assert slots.last_unfilled(photo, "file", editor) is None
