"""A place for a picture on an article: choose, keep, clear, order, and save before the picture is ready."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import models, transaction
from django.forms import modelformset_factory
from django.test import Client
from django.test.utils import isolate_apps
from django.urls import reverse

from example_project.magazine.models import Article, Topic
from seedream_django import fields, orders
from seedream_django.models import Budget, GeneratedImage, Generation, Slot, State, Switch
from seedream_django.sandbox import Books

from .editor import Form
from .steps import carry, made, past, turn

pytestmark = pytest.mark.django_db

Browser = Callable[[User | None], Client]
Commit = Any

ADD = "admin:magazine_article_add"
TEXTS = {"title": "Foxes", "slug": "foxes", "summary": "s", "body": "b", "author": "A"}


@pytest.fixture
def article(db: None) -> Article:
    topic = Topic.objects.create(name="Nature", slug="nature")
    return Article.objects.create(**TEXTS, topic=topic)


class Desk:
    """An article's form in the admin, as it was opened."""

    def __init__(self, client: Client, article: Article | None, commit: Commit) -> None:
        self.client, self.commit = client, commit
        name = "admin:magazine_article_change" if article else ADD
        self.address = reverse(name, args=[article.pk] if article else [])
        page = client.get(self.address)
        assert page.status_code == 200
        topic = str(Topic.objects.get().pk)
        self.spot = re.findall(r'data-spot="([^"]+)"', page.content.decode())[0]
        self.values = {**Form(page.content.decode()).values, **TEXTS, "topic": topic}

    def save(self, **values: str) -> Any:
        """Send the form with these of its controls changed, and let the transaction end."""
        changed = {name.replace("__", "-"): value for name, value in values.items()}
        with self.commit(execute=True):
            return self.client.post(self.address, {**self.values, **changed})

    def order(self, **values: str) -> str:
        """Press "Generate" beside the field; the token goes into the form."""
        place = {"spot": self.spot, "shape": "1:1", "results": "1"}
        data = {**place, "prompt": "a fox", "nonce": self.values["cover-nonce"], **values}
        answer = self.client.post(reverse("seedream_django:order"), data)
        assert answer.status_code == 201, answer.content
        token: str = answer.json()["slot"]
        return token


@pytest.fixture
def desk(
    editor: User, article: Article, browser: Browser, django_capture_on_commit_callbacks: Commit
) -> Desk:
    return Desk(browser(editor), article, django_capture_on_commit_callbacks)


def cover() -> GeneratedImage | None:
    return Article.objects.get().cover


# -- Choosing ------------------------------------------------------------------------------------------------


def test_choose_keep_and_clear(desk: Desk, editor: User, article: Article) -> None:
    """A finished picture is chosen, kept by the next save, and taken away again."""
    image = made("a fox", user=editor).images.get()
    assert desk.save(cover=str(image.pk)).status_code == 302
    assert cover() == image
    again = Desk(desk.client, article, desk.commit)
    assert again.values["cover"] == str(image.pk)
    again.save(title="Other")
    assert (cover(), Article.objects.get().title) == (image, "Other")
    again.save(cover="")
    assert cover() is None


def test_a_picture_that_one_may_keep_but_not_choose(
    editor: User, article: Article, browser: Browser, desk: Desk
) -> None:
    """Somebody else's cover stays when the text is changed; it cannot be put anywhere anew."""
    theirs = made("theirs").images.get()
    Article.objects.update(cover=theirs)
    opened = Desk(desk.client, article, desk.commit)
    assert opened.save(title="Other").status_code == 302
    assert cover() == theirs
    Article.objects.update(cover=None)
    page = desk.save(cover=str(theirs.pk)).content.decode()
    assert "This picture cannot be chosen: it is not finished, or it is not yours." in page
    assert theirs.preview.url not in page
    assert cover() is None


def test_a_refused_choice_takes_nothing_away(
    editor: User, article: Article, browser: Browser, desk: Desk
) -> None:
    """The form comes back with the picture that was there, so that saving it again does not lose that."""
    mine, theirs = made("mine", user=editor).images.get(), made("theirs").images.get()
    Article.objects.update(cover=mine)
    opened = Desk(desk.client, article, desk.commit)
    page = opened.save(cover=str(theirs.pk)).content.decode()
    assert "This picture cannot be chosen" in page
    assert Form(page).values["cover"] == str(mine.pk)
    assert opened.save(cover="").status_code == 302
    assert cover() is None


NOT_CHOOSABLE = ["0", "-1", "abc", "1.5", "²", "٣٣٣", "9" * 40, "9" * 5000, "1\x00", "' OR 1=1 --", "None"]


@pytest.mark.parametrize("value", NOT_CHOOSABLE)
def test_values_that_are_no_picture(value: str, desk: Desk) -> None:
    """Whatever is sent as a picture's number is refused in the field."""
    assert "This picture cannot be chosen" in desk.save(cover=value).content.decode()
    assert cover() is None


@pytest.mark.parametrize("state", ["received", "failed"])
def test_unfinished_pictures(state: str, desk: Desk, editor: User) -> None:
    """A picture without a complete file cannot be chosen; nor one that was cancelled."""
    image = made("a fox", user=editor).images.get()
    GeneratedImage.objects.update(state=state)
    assert "This picture cannot be chosen" in desk.save(cover=str(image.pk)).content.decode()
    GeneratedImage.objects.update(state="stored")
    Generation.objects.update(hidden=True)
    assert "This picture cannot be chosen" in desk.save(cover=str(image.pk)).content.decode()


def test_a_forged_present_picture(desk: Desk) -> None:
    """What the form showed is signed: nobody makes somebody else's picture "the present one"."""
    theirs = made("theirs").images.get()
    page = desk.save(cover=str(theirs.pk), cover__was=str(theirs.pk)).content.decode()
    assert "This picture cannot be chosen" in page
    assert theirs.preview.url not in page


def test_a_present_picture_of_another_place(desk: Desk, article: Article) -> None:
    """What one article's form showed is kept there alone: no other article, old or new, gets it."""
    theirs = made("theirs").images.get()
    other = Article.objects.create(**{**TEXTS, "slug": "other"}, topic=article.topic, cover=theirs)
    was = Desk(desk.client, other, desk.commit).values["cover-was"]
    for place in (desk, Desk(desk.client, None, desk.commit)):
        page = place.save(cover=str(theirs.pk), cover__was=was, slug="new").content.decode()
        assert "This picture cannot be chosen" in page
        assert theirs.preview.url not in page
    assert list(Article.objects.filter(cover=theirs)) == [other]


def test_an_address_that_names_a_picture(desk: Desk, editor: User) -> None:
    """A new article may begin with a picture that its editor may choose; any other is neither shown nor kept."""
    theirs, flagged, own = (made("a fox", user=user).images.get() for user in (None, editor, editor))
    GeneratedImage.objects.filter(pk=flagged.pk).update(flagged=True)
    for image in (theirs, flagged, own):
        address = f"{reverse(ADD)}?cover={image.pk}"
        page = desk.client.get(address).content.decode()
        assert (image.preview.url in page) is (image == own)
        sent = {**Form(page).values, **TEXTS, "topic": desk.values["topic"], "slug": f"a-{image.pk}"}
        desk.client.post(address, {**sent, "cover": str(image.pk)})
    assert list(Article.objects.exclude(cover=None).values_list("cover", flat=True)) == [own.pk]


# -- Save first, picture later -------------------------------------------------------------------------------


def test_saved_before_it_is_ready(desk: Desk, editor: User) -> None:
    """The form is saved, the picture comes later and goes into the field, with an entry in the history."""
    token = desk.order()
    assert desk.save(cover__slot=token).status_code == 302
    assert cover() is None
    carry(Generation.objects.get())
    assert cover() == GeneratedImage.objects.get()
    articles = LogEntry.objects.filter(content_type__model="article")
    entries = articles.order_by("pk").values_list("user", "change_message")
    assert [user for user, _ in entries] == [editor.pk] * 2
    assert '"cover"' in entries[1][1]


def test_saved_after_it_is_ready(desk: Desk) -> None:
    """The picture was there before the save: the save itself fills the field."""
    token = desk.order()
    carry(Generation.objects.get())
    desk.save(cover__slot=token)
    assert cover() == GeneratedImage.objects.get()


def test_a_stale_form_keeps_the_picture(desk: Desk, article: Article) -> None:
    """A form opened before the field was filled, and saved after it, does not take the picture away."""
    opened = Desk(desk.client, article, desk.commit)
    desk.save(cover__slot=desk.order())
    carry(Generation.objects.get())
    image = cover()
    assert image
    assert opened.save(title="Later").status_code == 302
    assert (cover(), Article.objects.get().title) == (image, "Later")


def test_somebody_chose_another_meanwhile(desk: Desk, editor: User) -> None:
    """The ordered picture does not go over one that was chosen while it was made; it is kept for later."""
    chosen = made("an owl", user=editor).images.get()
    desk.save(cover__slot=desk.order())
    desk.save(cover=str(chosen.pk))
    carry(Generation.objects.exclude(pk=chosen.generation_id).get())
    assert cover() == chosen
    assert GeneratedImage.objects.choosable_by(editor).count() == 2


def test_add_form(desk: Desk, article: Article) -> None:
    """An article that does not exist yet gets its picture, too."""
    adding = Desk(desk.client, None, desk.commit)
    token = adding.order()
    assert adding.save(cover__slot=token, slug="new").status_code == 302
    carry(Generation.objects.get())
    assert Article.objects.get(slug="new").cover == GeneratedImage.objects.get()
    assert Article.objects.get(pk=article.pk).cover is None


def test_add_form_that_is_never_saved(desk: Desk) -> None:
    """The picture is made and kept; nobody's field is touched."""
    desk.order()
    carry(Generation.objects.get())
    assert (cover(), Slot.objects.get().object_id) == (None, "")


def test_tokens_of_others(desk: Desk, chief: User, browser: Browser, article: Article) -> None:
    """A token that is forged, or that somebody else ordered, is refused in the field."""
    theirs = Desk(browser(chief), article, desk.commit).order()
    for token in (theirs, "forged", theirs[:-2]):
        page = desk.save(cover__slot=token).content.decode()
        assert "The order in this field is too old or not yours. Choose or order the picture again." in page
    assert Slot.objects.get().object_id == ""


# -- Without JavaScript --------------------------------------------------------------------------------------


def test_an_order_is_shown_as_long_as_it_fills_nothing(desk: Desk, article: Article) -> None:
    """After a form that was refused, after leaving, and after a failure: the page says how it stands."""
    token = desk.order(prompt="a fox sandbox:fails")
    generation = Generation.objects.get()
    live = f"{reverse('seedream_django:live')}?order={generation.pk.hex}&amp;in=field"
    refused = desk.save(cover__slot=token, title="").content.decode()
    assert f'src="{live}"' in refused
    assert "A picture is being made for this field." in refused
    assert desk.save(cover__slot=token).status_code == 302
    carry(generation)
    page = desk.client.get(desk.address).content.decode()
    assert f'src="{live}"' in page
    assert "The last order for this field:" in page


def test_ordered_by_the_save(desk: Desk, books: Books) -> None:
    """With the tick the order is placed when the article is saved, once, and fills the field later."""
    for _ in range(2):
        assert desk.save(cover__prompt="a fox", cover__order="1").status_code == 302
    generation, slot = Generation.objects.get(), Slot.objects.get()
    assert (generation.prompt, generation.door) == ("a fox", "field")
    assert slot.object_id == str(Article.objects.get().pk)
    carry(generation)
    assert cover() == generation.images.get()
    assert len(books.charges()) == 1


def test_a_prompt_without_the_tick(desk: Desk) -> None:
    """A prompt that was written and not ordered is told, and stays in the form, with all the rest."""
    page = desk.save(cover__prompt="a fox & an owl", title="New title").content.decode()
    assert "You wrote a prompt, but it was not ordered." in page
    assert "a fox &amp; an owl</textarea>" in page
    assert "New title" in page
    assert not Generation.objects.exists()


BAD = [
    ({"cover__prompt": "x" * 2001}, "at most 2000 characters (it has 2001)"),
    ({"cover__results": "21"}, "less than or equal to 20"),
    ({"cover__results": "0"}, "greater than or equal to 1"),
    ({"cover__style": "Nobody's"}, "Select a valid choice"),
]


@pytest.mark.parametrize(("values", "words"), BAD)
def test_bad_orders_on_save(values: dict[str, str], words: str, desk: Desk) -> None:
    """What cannot be ordered is told in the field; nothing is saved, nothing typed is lost."""
    typed = {"cover__prompt": "a fox", "cover__order": "1", **values}
    page = unescape(desk.save(**typed, title="New title").content.decode())
    assert words in page
    assert f"{typed['cover__prompt']}</textarea>" in page
    assert "New title" in page
    assert not Generation.objects.exists()
    assert Article.objects.get().title == "Foxes"


def test_switched_off_on_save(desk: Desk) -> None:
    """The owner's reason, in the field."""
    Switch.objects.create(pk=1, on=False, reason="Budget spent.")
    page = desk.save(cover__prompt="a fox", cover__order="1").content.decode()
    assert "Budget spent." in page
    assert "a fox</textarea>" in page


def test_a_picture_and_an_order_at_once(desk: Desk, editor: User) -> None:
    """One place, one wish: to choose and to order at once is told."""
    image = made("a fox", user=editor).images.get()
    page = desk.save(cover=str(image.pk), cover__prompt="an owl", cover__order="1").content.decode()
    assert "You chose a picture and ordered another." in page
    assert cover() is None


def test_without_the_right_to_generate(desk: Desk, editor: User) -> None:
    """Who may write but not generate can choose and keep, and is offered no order; sent anyway, it is refused."""
    editor.user_permissions.remove(*editor.user_permissions.filter(codename="generate"))
    page = desk.client.get(desk.address).content.decode()
    assert "cover-prompt" not in page
    desk.save(cover__prompt="a fox", cover__order="1")
    assert not Generation.objects.exists()


# -- Formsets ------------------------------------------------------------------------------------------------


def test_formset(editor: User, article: Article, django_capture_on_commit_callbacks: Commit) -> None:
    """Each form of a set has its own controls: one chooses, one orders, one is left alone."""
    rows = [article] + [
        Article.objects.create(**{**TEXTS, "slug": f"f{n}"}, topic=article.topic) for n in (1, 2)
    ]
    image = made("a fox", user=editor).images.get()
    formset_class = modelformset_factory(Article, fields=("title", "cover"), extra=0)
    formset_class.form.base_fields["cover"].for_user(editor)
    data: dict[str, Any] = {"form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "3"}
    for n, row in enumerate(rows):
        data |= {f"form-{n}-id": str(row.pk), f"form-{n}-title": f"T{n}", f"form-{n}-cover": ""}
    data |= {"form-0-cover": str(image.pk), "form-1-cover-prompt": "an owl", "form-1-cover-order": "1"}
    data |= {"form-1-cover-shape": "16:9", "form-1-cover-results": "1"}
    formset = formset_class(data, queryset=Article.objects.order_by("pk"))
    assert formset.is_valid(), formset.errors
    with django_capture_on_commit_callbacks(execute=True):
        formset.save()
    carry(Generation.objects.get(prompt="an owl"))
    covers = list(Article.objects.order_by("pk").values_list("cover__generation__prompt", flat=True))
    assert covers == ["a fox", "an owl", None]


def test_formset_reads_the_pictures_once(
    editor: User, article: Article, django_assert_num_queries: Any
) -> None:
    """Ten forms on a page offer the same pictures and styles and tell of the same budget, each read once.

    And what the pictures change, whose words they are proposed.
    """
    made("a fox", user=editor, results=2)
    formset_class = modelformset_factory(Article, fields=("cover",), extra=10)
    formset_class.form.base_fields["cover"].for_user(editor)
    editor.has_perm("seedream_django.generate")
    Budget.objects.create(limit=1)
    with django_assert_num_queries(5):
        page = formset_class(queryset=Article.objects.none()).as_p()
    assert page.count('type="radio" name="form-3-cover" value=') == 3


# -- The model field -----------------------------------------------------------------------------------------


def test_migrations_know_only_django() -> None:
    """The field deconstructs to Django's own, so that migrations outlive this app."""
    _, path, args, kwargs = Article._meta.get_field("cover").deconstruct()
    assert (path, args) == ("django.db.models.ForeignKey", [])
    assert kwargs["to"] == "seedream_django.generatedimage"
    assert (kwargs["null"], kwargs["blank"], kwargs["on_delete"]) == (True, True, models.SET_NULL)


@isolate_apps("example_project.magazine")
def test_fields_of_other_shapes() -> None:
    """Required, protected and related by name, as any foreign key; two on one model."""

    class Spread(models.Model):  # noqa: DJ008
        left = fields.GeneratedImageField()
        right = fields.GeneratedImageField(
            on_delete=models.PROTECT, null=False, blank=False, related_name="r"
        )

        class Meta:
            app_label = "magazine"

    left, right = (Spread._meta.get_field(name).formfield() for name in ("left", "right"))
    assert (left.required, right.required) == (False, True)
    assert (left.name, right.name) == ("left", "right")
    assert left.model == "magazine.spread"


def test_the_picture_of_a_field_is_not_deleted(article: Article) -> None:
    """Nobody's page gets a hole by a click elsewhere: it is taken out there first, and then may go."""
    image = made("a fox").images.get()
    Article.objects.update(cover=image)
    with pytest.raises(models.ProtectedError, match="Take it out there first"), transaction.atomic():
        image.delete()
    assert cover() == image
    Article.objects.update(cover=None)
    image.delete()
    assert cover() is None


def test_an_order_that_is_refused_after_the_save(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off in the last moment: the article is saved all the same, and the log says what was not ordered."""
    checked = orders.clean

    def off_in_the_last_moment(order: dict[str, Any], **values: Any) -> dict[str, Any]:
        Switch.objects.get_or_create(pk=1, defaults={"on": False})
        return checked(order, **values)

    monkeypatch.setattr(orders, "clean", off_in_the_last_moment)
    desk.save(cover__prompt="a fox", cover__order="1", title="Saved")
    assert Article.objects.get().title == "Saved"
    assert "was not taken" in caplog.text
    assert not Generation.objects.filter(state=State.DONE).exists()


def test_time_runs_for_nobody(desk: Desk) -> None:
    """An order whose form is saved a day later still fills the field."""
    token = desk.order()
    generation = carry(Generation.objects.get())
    past(generation, "created_at", "finished_at")
    turn()
    desk.save(cover__slot=token)
    assert cover() == generation.images.get()
