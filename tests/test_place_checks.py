"""What the checks say of ``seedream_fields``: each says what to write, and is silent when all is well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from example_project.magazine.models import Article, Topic
from seedream_django import place_checks
from seedream_django.admin import SeedreamAdminMixin
from seedream_django.forms import SeedreamFormMixin
from seedream_django.places import Place, slot

from .album.models import Framed, Photo


@pytest.fixture
def site() -> Iterator[admin.AdminSite]:
    """A site of the admin beside the project's own, forgotten after the test."""
    site = admin.AdminSite(name="second")
    yield site
    admin.sites.all_sites.discard(site)


def said(site: admin.AdminSite, model: Any, places: Any, **attrs: Any) -> list[tuple[str | None, str]]:
    admin_class = type(
        "TheAdmin", (SeedreamAdminMixin, admin.ModelAdmin), {"seedream_fields": places, **attrs}
    )
    site.register(model, admin_class)
    found = place_checks.check_places()
    assert all(message.hint for message in found)
    assert {message.obj for message in found} <= {admin_class}
    return [(message.id, message.msg) for message in found]


def ids(*args: Any, **attrs: Any) -> list[str | None]:
    return [found for found, _text in said(*args, **attrs)]


def test_the_example_is_well() -> None:
    """The project's own admin has nothing to be told."""
    assert place_checks.check_places() == []


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (
            Article,
            {"cover": slot(ratio="21:9", hint="room", prompt_from="{title}. {summary}", alt="caption")},
        ),
        (Article, {"cover": slot(prompt_from="{published_at}: {slug} {{not a name}}", title="title")}),
        (Photo, {name: slot(max_width=1920) for name in ("file", "plain", "png", "named")}),
        (Framed, {"file": slot(prompt_from="{title} {frame}"), "picture": Place()}),
        (Topic, {}),
    ],
)
def test_well(site: admin.AdminSite, model: Any, fields: Any) -> None:
    """Every kind of field that can keep a picture, a parent's too, and every word that slot() takes."""
    assert said(site, model, fields) == []


@pytest.mark.parametrize(
    ("model", "fields", "id", "words"),
    [
        (Article, ["cover"], "E018", "must be a dict"),
        (Article, {"covr": slot()}, "E018", "has no field of this name"),
        (Article, {"topic_id": slot()}, "E018", "has no field of this name"),
        (Article, {None: slot()}, "E018", "has no field of this name"),
        (Topic, {"articles": slot()}, "E018", "has no field of this name"),
        (Article, {"topic": slot()}, "E018", "keeps no picture"),
        (Article, {"title": slot()}, "E018", "keeps no picture"),
        (Article, {"cover": "16:9"}, "E018", "must be made by slot()"),
        (Article, {"cover": {"ratio": "16:9"}}, "E018", "must be made by slot()"),
        (Article, {"cover": slot(ratio="wide")}, "E019", "is no ratio"),
        (Article, {"cover": slot(ratio="16:0")}, "E019", "is no ratio"),
        (Article, {"cover": slot(ratio="nan:1")}, "E019", "is no ratio"),
        (Article, {"cover": slot(ratio="16/9")}, "E019", "is no ratio"),
        (Article, {"cover": slot(ratio=16 / 9)}, "E019", "ratio=1.7777777777777777 must be a text."),  # type: ignore[arg-type]
        (Article, {"cover": slot(ratio=0)}, "E019", "ratio=0 must be a text."),  # type: ignore[arg-type]
        (Article, {"cover": slot(prompt_from="{title!r}")}, "E020", "more than a name in it: write “{title}”."),
        (Article, {"cover": slot(prompt_from="title}")}, "E020", "cannot be read: The braces do not match:"),
        (Photo, {"file": slot(max_width=0)}, "E019", "is no number of pixels"),
        (Photo, {"file": slot(max_width=True)}, "E019", "is no number of pixels"),
        (Photo, {"file": slot(max_width="1920")}, "E019", "is no number of pixels"),  # type: ignore[arg-type]
        (Article, {"cover": slot(max_width=1920)}, "E019", "is of a copy"),
        (Article, {"cover": slot(hint="x" * 2000)}, "E019", "leaves no room"),
        (Article, {"cover": slot(hint=5)}, "E019", "hint must be a text"),  # type: ignore[arg-type]
        (Article, {"cover": slot(prompt_from=["title"])}, "E019", "must be a text"),  # type: ignore[arg-type]
        (Article, {"cover": slot(prompt_from="{title.__class__}")}, "E020", "cannot be read"),
        (Article, {"cover": slot(prompt_from="{title:>99}")}, "E020", "cannot be read"),
        (Article, {"cover": slot(prompt_from="{title")}, "E020", "cannot be read"),
        (Article, {"cover": slot(prompt_from="a fox")}, "E020", "names no field"),
        (Article, {"cover": slot(prompt_from="{titel}")}, "E020", "has no such field"),
        (Article, {"cover": slot(prompt_from="{topic}")}, "E020", "no text of its own"),
        (Article, {"cover": slot(prompt_from="{topic_id}")}, "E020", "has no such field"),
        (Article, {"cover": slot(prompt_from="{get_absolute_url}")}, "E020", "has no such field"),
        (Article, {"cover": slot(prompt_from="{pk}")}, "E020", "has no such field"),
        (Photo, {"file": slot(prompt_from="{plain}")}, "E020", "no text of its own"),
        (Article, {"cover": slot(alt="alt")}, "E021", "has no such field"),
        (Article, {"cover": slot(title="topic")}, "E021", "takes no free text"),
        (Framed, {"file": slot(alt="frame")}, "E021", "has room for 20 letters"),
        (Photo, {"text": slot()}, "W029", "takes no jpg, webp or png, only txt"),
    ],
)  # fmt: skip
def test_what_is_wrong(site: admin.AdminSite, model: Any, fields: Any, id: str, words: str) -> None:
    """One message for each mistake, under its id, with what is there."""
    ((found, text),) = said(site, model, fields)
    assert found == f"seedream.{id}"
    assert words in text


@pytest.mark.parametrize(
    "attrs",
    [
        {"readonly_fields": ("cover",)},
        {"exclude": ("cover",)},
        {"fields": ("title", ("summary", "body"))},
        {"fieldsets": ((None, {"fields": ("title", "summary")}),)},
        {"readonly_fields": ("title",)},
        {"fields": ("cover", "summary")},
    ],
)
def test_not_in_the_form(site: admin.AdminSite, attrs: dict[str, Any]) -> None:
    """A field that nobody sees, or whose text the button cannot find, is a warning."""
    assert ids(site, Article, {"cover": slot(prompt_from="{title}")}, **attrs) == ["seedream.W030"]


def test_in_nested_rows_of_the_form(site: admin.AdminSite) -> None:
    """Fields side by side are in the form."""
    fieldsets = ((None, {"fields": (("title", "cover"), "summary")}),)
    assert ids(site, Article, {"cover": slot(prompt_from="{title}")}, fieldsets=fieldsets) == []


def test_inlines(site: admin.AdminSite) -> None:
    """An inline is looked at as well, once, however many pages have it; what is none is left to the admin's own."""
    fields = {"covr": slot()}
    inline = type(
        "Articles",
        (SeedreamAdminMixin, admin.TabularInline),
        {"model": Article, "seedream_fields": fields},
    )
    site.register(Topic, type("TopicAdmin", (admin.ModelAdmin,), {"inlines": [inline, "nonsense"]}))
    (message,) = place_checks.check_places()
    assert (message.id, message.obj) == ("seedream.E018", inline)
    assert message.hint == "Did you mean “cover”?"


def test_the_command_says_it(site: admin.AdminSite) -> None:
    """It is one of Django's system checks."""
    site.register(
        Article, type("TheAdmin", (SeedreamAdminMixin, admin.ModelAdmin), {"seedream_fields": {"x": slot()}})
    )
    with pytest.raises(SystemCheckError, match=r"seedream\.E018"):
        call_command("check", tags=["admin"])


def test_a_form_is_told_where_it_is_defined() -> None:
    """The author of a form outside the admin sees the class, the line and what to write as soon as it is imported."""
    with pytest.raises(ImproperlyConfigured) as caught:

        class ArticleForm(SeedreamFormMixin, forms.ModelForm):  # type: ignore[type-arg]
            seedream_fields = {"cover": slot(prompt_from="{title.__class__}")}

            class Meta:
                model = Article
                fields = ("title", "cover")

    said = str(caught.value)
    assert "test_place_checks." in said
    assert 'ArticleForm: seedream_fields["cover"]: prompt_from=' in said
    assert 'prompt_from="{title}. {summary}"' in said


def test_a_form_that_is_well() -> None:
    """A form, and a mixin without a model, are defined in peace."""

    class Mixin(SeedreamFormMixin):
        seedream_fields = {"cover": slot(prompt_from="{title}")}

    class ArticleForm(Mixin, forms.ModelForm):  # type: ignore[type-arg]
        class Meta:
            model = Article
            fields = ("title", "cover")

    assert "cover" in ArticleForm(user=None).fields


class Forgotten(admin.ModelAdmin):  # type: ignore[type-arg]
    seedream_fields = {"cover": slot()}


class Behind(admin.ModelAdmin, SeedreamAdminMixin):  # type: ignore[type-arg]
    seedream_fields = {"cover": slot()}


@pytest.mark.parametrize(("admin_class", "why"), [(Forgotten, "not the mixin"), (Behind, "comes after")])
def test_a_mixin_that_nobody_reads(admin_class: Any, why: str, site: admin.AdminSite) -> None:
    """Forgotten, or behind Django's own class, it would do nothing and say nothing."""
    site.register(Article, admin_class)
    (found,) = place_checks.check_places()
    assert (found.id, found.obj) == ("seedream.W031", admin_class)
    assert why in found.msg
    assert f"class {admin_class.__name__}(SeedreamAdminMixin, admin.ModelAdmin)" in str(found.hint)
