"""Places that wait for a picture: filled once, if still empty, for whom still may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db.models.signals import pre_save

from example_project.magazine.models import Article, Topic
from seedream_django import orders, slots
from seedream_django.models import GeneratedImage, Generation, Slot, State, after

from .steps import carry, made, turn

pytestmark = pytest.mark.django_db


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


def test_token(editor: User, chief: User) -> None:
    """The page's token leads to the slot, for the person who ordered and for nobody else."""
    slot = waiting(editor, None)
    token = slots.token(slot)
    assert slots.read(token, user=editor) == slot
    assert slots.read(token, user=chief) is None
    assert slots.read(token, user=None) is None
    slot.delete()
    assert slots.read(token, user=editor) is None


def test_forged_tokens(editor: User) -> None:
    """A token that we did not sign for this purpose is none."""
    slot = waiting(editor, None)
    good, claim = slots.token(slot), [slot.pk, str(editor.pk)]
    salted = [signing.dumps(wrong, salt=slots.SALT) for wrong in (5, [], [1, 2, 3], {"a": 1}, None)]
    for forged in (
        "",
        "x",
        good[:-1],
        good + "x",
        signing.dumps(claim),
        signing.dumps(claim, salt="x"),
        *salted,
    ):
        assert slots.read(forged, user=editor) is None


def test_old_tokens(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a week a form that was left open cannot fill a field any more."""
    token = slots.token(waiting(editor, None))
    later = after(slots.TOKEN_AGE.total_seconds() + 5).timestamp()
    monkeypatch.setattr("time.time", lambda: later)
    assert slots.read(token, user=editor) is None


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
