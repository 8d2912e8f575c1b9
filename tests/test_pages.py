"""What the fields of one page share: however many they are, it is read as often as for one."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from PIL import Image

from example_project.magazine.models import Article, Topic
from seedream_django import content, orders
from seedream_django.forms import SeedreamFormMixin
from seedream_django.models import GeneratedImage, Generation, Slot
from seedream_django.offers import OFFERED
from seedream_django.pages import Page
from seedream_django.panels import InPlaceForm
from seedream_django.places import slot

from .editor import Form
from .steps import made

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PLACES = {
    "cover": slot(prompt_from="{title}. {summary}"),
    "inset": slot(ratio="5:1"),
    "teaser": slot(prompt_from="{title}", max_width=800),
}


class ArticleForm(SeedreamFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    seedream_fields = PLACES

    class Meta:
        model = Article
        fields = ("title", *PLACES)


def full(number: int, user: User, images: list[GeneratedImage]) -> Topic:
    """A topic with so many articles: each has pictures, waits for one, and has a text that is another by now."""
    topic = Topic.objects.create(name=f"Nature {number}", slug=f"nature-{number}")
    kind = ContentType.objects.get_for_model(Article)
    for index in range(number):
        values = {"cover": images[index % len(images)], "inset": images[(index + 1) % len(images)]}
        title = f"{number}-{index}"
        article = Article.objects.create(title=title, slug=title, topic=topic, **values)
        # Nobody opens the file.
        Article.objects.filter(pk=article.pk).update(teaser="t.jpg", teaser_width=8, teaser_height=5)
        place = {"content_type": kind, "object_id": str(article.pk), "user": user}
        old = {"image": article.cover, "settled_at": timezone.now(), "text_digest": content.digest("old")}
        assert article.cover
        Slot.objects.create(generation=article.cover.generation, field="cover", **old, **place)
        orders.place(f"a fox {title}", user=user, slot=Slot(field="teaser", **place))
    return topic


def shown(topic: Topic, user: User) -> tuple[str, int]:
    """The forms of all articles of a topic, and how many queries they took."""
    form: Any = type("Form", (ArticleForm,), {"seedream_page": Page(user)})
    formset: Any = forms.inlineformset_factory(Topic, Article, form=form, extra=1)
    topic = Topic.objects.get(pk=topic.pk)
    with CaptureQueriesContext(connection) as queries:
        html = str(formset(instance=topic))
    return html, len(queries)


@pytest.mark.parametrize("who", ["editor", "chief", "reader"])
def test_as_many_queries_for_one_as_for_twenty(who: str, editor: User, chief: User, person: Any) -> None:
    """Present pictures beyond the newest, pending orders, stale texts, references: read once for a page."""
    images = list(made("a fox", user=editor, results=6).images.all())
    made("owls", user=editor, results=OFFERED)
    user = {"editor": editor, "chief": chief, "reader": None}[who] or person("rita", "view_article")
    few, many = (full(number, editor, images) for number in (1, 20))
    shown(few, user)
    html, one = shown(few, User.objects.get(pk=user.pk))
    all_html, twenty = shown(many, User.objects.get(pk=user.pk))
    assert one == twenty
    # Whoever may not choose sees the pictures that are there, and no place where there is none.
    places = (2, 40) if who == "reader" else (6, 63)
    assert (html.count("seedream-shown"), all_html.count("seedream-shown")) == places
    if who != "reader":
        assert all_html.count("The text has changed since this picture was made.") == 20
        assert all_html.count("A picture is being made for this field") == 20
    assert Generation.objects.count() == 23


# -- What is written of a picture that stays -----------------------------------------------------------------


def sent(topic: Topic, user: User, **changed: str) -> Any:
    """The set of forms of a topic's articles, sent as a browser would, with these controls of the first changed."""
    form: Any = type("Form", (ArticleForm,), {"seedream_page": Page(user)})
    formset: Any = forms.inlineformset_factory(Topic, Article, form=form, extra=0)
    values = Form(str(formset(instance=topic)) + str(formset(instance=topic).management_form)).values
    values |= {f"articles-0-{name.replace('__', '-')}": value for name, value in changed.items()}
    return formset(values, instance=topic)


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({"inset__focal_x": "7", "inset__focal_y": "93"}, {"focal_x": 7, "focal_y": 93}),
        ({"inset__alt": "A fox sleeps"}, {"alt": "A fox sleeps"}),
        ({"inset__decorative": "1"}, {"decorative": True}),
    ],
    ids=["focal", "alt", "decorative"],
)
def test_words_are_the_only_change(changed: dict[str, str], kept: dict[str, Any], editor: User) -> None:
    """Where a picture stays and only its words or its focal point are others, an inline is saved for them."""
    images = list(made("a fox", user=editor, results=2).images.all())
    topic = full(1, editor, images)
    Article.objects.update(teaser="")
    assert sent(topic, editor).has_changed() is False
    formset = sent(topic, editor, **changed)
    assert formset.is_valid(), formset.errors
    formset.save()
    article = Article.objects.get()
    assert article.inset == images[1]
    assert article.inset is not None
    assert {name: getattr(article.inset, name) for name in kept} == kept


def test_words_are_about_one_picture(editor: User) -> None:
    """What was written of another picture than the one that is chosen is kept of none."""
    images = list(made("a fox", user=editor, results=2).images.all())
    topic = full(1, editor, images)
    Article.objects.update(teaser="")
    formset = sent(topic, editor, cover__about="999999", cover__alt="Words about another picture")
    assert formset.is_valid(), formset.errors
    formset.save()
    assert not GeneratedImage.objects.filter(alt="Words about another picture").exists()


# -- A form that comes back ----------------------------------------------------------------------------------


def test_what_was_given_comes_back(editor: User) -> None:
    """A form that is refused shows the words, the number, the pictures that were picked and the uploads again."""
    images = list(made("a fox", user=editor, results=2).images.all())
    out = BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "PNG")
    data = {
        "title": "",
        "cover-prompt": "an owl",
        "cover-results": "3",
        "cover-shape": "3:2",
        "cover-references-pick": [str(images[0].pk)],
        "cover-references-as": "style",
    }
    files = MultiValueDict(
        {"cover-references-files": [SimpleUploadedFile("mine.png", out.getvalue(), "image/png")]}
    )
    form = ArticleForm(data, files, user=editor)
    assert not form.is_valid()
    html = unescape(str(form["cover"]))
    assert ">\nan owl</textarea>" in html
    assert 'name="cover-results" value="3"' in html
    assert 'class="seedream-door seedream-panel" open' in html
    assert html.count('name="cover-references-item"') == 2
    assert "mine.png" in html
    assert html.count('name="cover-references-role" value="style"') == 2


@pytest.mark.parametrize(("use", "roles"), [("", []), ("guide", [""]), ("edit", ["edit"])])
def test_the_present_picture(use: str, roles: list[str], editor: User) -> None:
    """It is offered unused, and can be used as anything, a guide too: no two choices are sent alike."""
    image = made("a fox", user=editor).images.get()
    panel = InPlaceForm(user=editor, present=image, prefix="cover")
    html = str(panel["references"])
    (select,) = re.findall(r'<select[^>]*name="cover-references-use">(.*?)</select>', html)
    assert re.findall(r'value="(\w*)"', select) == ["", "guide", "edit", "subject", "style", "composition"]
    assert "selected" not in select
    (token,) = re.findall(r'name="cover-references-present" value="([^"]+)"', html)
    data = {
        "prompt": "an owl",
        "shape": "1:1",
        "results": "1",
        "references-use": use,
        "references-present": token,
    }
    sent = InPlaceForm({f"cover-{name}": value for name, value in data.items()}, user=editor, prefix="cover")
    assert sent.is_valid(), sent.errors
    assert [row.role for row in sent.order().get("references", [])] == roles
