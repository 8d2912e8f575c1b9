"""The editor is told what became of the pictures that a saved form waits for: once, on a page or by mail."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from example_project.magazine.models import Article, Topic
from seedream_django import notices, orders, slots, sweeping, whereabouts
from seedream_django.models import BulkRun, Generation, Slot, State, after

from .steps import carry
from .test_alerts import mailed_by
from .worker import idle_queue, pending, work

pytestmark = [pytest.mark.django_db, pytest.mark.once]

#: A page of ours that anybody with a right to see orders may look at.
PAGE = "/admin/seedream_django/generation/"


@pytest.fixture
def article(db: None) -> Article:
    return written("Foxes")


def written(title: str) -> Article:
    topic, _new = Topic.objects.get_or_create(name="Nature", slug="nature")
    slug = f"article-{Article.objects.count()}"
    return Article.objects.create(title=title, slug=slug, topic=topic, summary="s", body="b")


def waiting(user: User | None, article: Article, field: str = "cover", prompt: str = "a fox") -> Slot:
    kind = ContentType.objects.get_for_model(Article)
    slot = Slot(content_type=kind, object_id=str(article.pk), field=field, user=user)
    orders.place(prompt, user=user, slot=slot)
    return slot


def filled(user: User, article: Article, field: str = "cover") -> Slot:
    slot = waiting(user, article, field)
    carry(slot.generation)
    slot.refresh_from_db()
    assert slot.settled_at
    assert slot.note == ""
    return slot


def told(client: Client, page: str = PAGE, **headers: str) -> list[tuple[str, str]]:
    """The messages of a page: how grave, and what."""
    answer = client.get(page, headers=headers)
    return [(each.level_tag, str(each)) for each in get_messages(answer.wsgi_request)]


# -- On a page -----------------------------------------------------------------------------------------------


def test_told_once(editor: User, article: Article, browser: Callable[..., Client]) -> None:
    """The next page says that the picture is in place, and leads there; the page after that says nothing."""
    slot = filled(editor, article)
    client = browser(editor)
    address = reverse("admin:magazine_article_change", args=[article.pk])
    said = f'“<a href="{address}"><bdi>Foxes</bdi></a>”: the picture is in place in “cover”.'
    assert told(client) == [("success", said)]
    assert told(client) == []
    slot.refresh_from_db()
    assert slot.told_at is not None


def test_on_a_form_as_well(editor: User, article: Article, browser: Callable[..., Client]) -> None:
    """A page with a form tells it too."""
    slot = filled(editor, article)
    page = reverse("admin:seedream_django_generatedimage_change", args=[slot.image_id])
    assert len(told(browser(editor), page)) == 1


def test_on_the_page_that_orders_as_well(
    editor: User, article: Article, browser: Callable[..., Client]
) -> None:
    """Where the next picture is ordered, too: once, and not in its window of its own."""
    filled(editor, article)
    client, page = browser(editor), reverse("admin:seedream_django_generation_add")
    assert told(client, f"{page}?_popup=1") == []
    assert len(told(client, page)) == 1
    assert told(client, page) == []


def test_on_the_page_of_an_order_and_of_a_run_as_well(
    editor: User, article: Article, browser: Callable[..., Client]
) -> None:
    """Where somebody watches what they ordered, they are told of what came before."""
    slot = filled(editor, article)
    client = browser(editor)
    page = reverse("admin:seedream_django_generation_change", args=[slot.generation_id])
    assert len(told(client, page)) == 1
    assert told(client, page) == []
    Slot.objects.update(told_at=None)
    editor.user_permissions.add(Permission.objects.get(codename="bulk"))
    model = ContentType.objects.get_for_model(Article)
    run = BulkRun.objects.create(
        user=editor, content_type=model, field="cover", prompt="{title}", shape="3:2"
    )
    assert len(told(client, reverse("admin:seedream_django_bulkrun_change", args=[run.pk]))) == 1


def test_nobody_else_is_told(
    editor: User, chief: User, article: Article, browser: Callable[..., Client]
) -> None:
    """What a person ordered is news for that person alone."""
    filled(editor, article)
    assert told(browser(chief)) == []
    assert len(told(browser(editor))) == 1


@pytest.mark.parametrize(
    ("page", "headers"),
    [
        (f"{PAGE}?_popup=1", {}),
        (PAGE, {"x-requested-with": "XMLHttpRequest"}),
        (PAGE, {"accept": "application/json"}),
        (PAGE, {"sec-fetch-dest": "empty"}),
        (PAGE, {"sec-purpose": "prefetch;prerender"}),
    ],
)
def test_what_nobody_looks_at_consumes_nothing(
    page: str, headers: dict[str, str], editor: User, article: Article, browser: Callable[..., Client]
) -> None:
    """A popup, a script and a page that is fetched ahead leave the message for a page that is read."""
    filled(editor, article)
    client = browser(editor)
    assert told(client, page, **headers) == []
    assert len(told(client)) == 1


def test_given_up(editor: User, article: Article, browser: Callable[..., Client]) -> None:
    """What was not put in place says why, and that the picture is kept."""
    slot, other = waiting(editor, article), waiting(editor, article)
    carry(other.generation)
    carry(slot.generation)
    Slot.objects.filter(note="").update(told_at=after(0))
    ((level, text),) = told(browser(editor))
    assert level == "warning"
    assert text.endswith(
        "the picture for “cover” was not put in place. The field has another picture by now. "
        "The picture is kept, and can be chosen."
    )


def test_an_order_that_came_to_nothing(
    editor: User, article: Article, browser: Callable[..., Client]
) -> None:
    """A refused order is told with what it cost and what to do; what comes after all is told as well."""
    slot = waiting(editor, article, prompt="a fox sandbox:fails")
    assert carry(slot.generation).state == State.FAILED
    client = browser(editor)
    ((level, text),) = told(client)
    assert level == "warning"
    assert "The provider reported no charge." in text
    assert told(client) == []


def test_names_of_objects_are_text(editor: User, browser: Callable[..., Client]) -> None:
    """Mark-up in a name is shown, not obeyed; what turns a text around or breaks its line is left out."""
    filled(editor, written("<script>alert(1)</script>\u202e\x00\nend %(name)s" + "x" * 200))
    ((_level, text),) = told(browser(editor))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; end %(name)s" in text
    assert not {"<script", "\u202e"} & set(text.split())
    assert len(text) < 300


def test_no_name_without_the_right(editor: User, article: Article, browser: Callable[..., Client]) -> None:
    """Who may not see articles any more hears of a picture, not of which article by name, and is led nowhere."""
    filled(editor, article)
    theirs = editor.user_permissions.filter(codename__in=("view_generation", "generate"))
    editor.user_permissions.set(list(theirs))
    ((_level, text),) = told(browser(editor))
    assert text == "“<bdi>Article</bdi>”: the picture is in place in “cover”."


def test_much_at_once(editor: User, browser: Callable[..., Client]) -> None:
    """Two fields of one object are one message; of nine objects five are told, what failed first, and a number."""
    articles = [written(f"Article {number}") for number in range(8)]
    filled(editor, articles[0], "inset")
    for article in articles:
        filled(editor, article)
    Slot.objects.filter(object_id=str(articles[7].pk)).update(note="The object is gone.", image=None)
    said = told(browser(editor))
    assert [level for level, _text in said] == ["warning", *["success"] * 4, "info"]
    assert "2 pictures are in place." in said[1][1]
    orders = reverse("admin:seedream_django_generation_changelist")
    assert said[-1][1] == f'<a href="{orders}">And there is news of 3 more pictures.</a>'


class ArticleInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Article


def test_an_inline_s_objects_are_one(
    editor: User, browser: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten objects that are edited on another's page are one message, which leads to that page; so is what is gone."""
    monkeypatch.setattr(admin.site._registry[Topic], "inlines", [ArticleInline])
    articles = [written(f"Article {number}") for number in range(10)]
    for article in articles:
        filled(editor, article)
    for article in articles[8:]:
        article.delete()
    said = told(browser(editor))
    topic = Topic.objects.get()
    address = reverse("admin:magazine_topic_change", args=[topic.pk])
    assert said == [
        ("success", f'“<a href="{address}"><bdi>Nature</bdi></a>”: 8 pictures are in place.'),
        ("success", "“<bdi>Article</bdi>”: 2 pictures are in place."),
    ]


def test_a_generic_inline_s_objects(editor: User, article: Article) -> None:
    """Of a generic relation the object counts that it leads to, if it is one of this model."""
    kind = ContentType.objects.get_for_model(Article)
    child = LogEntry(content_type=kind, object_id=str(article.pk))
    inline = SimpleNamespace(model=LogEntry, ct_field="content_type", ct_fk_field="object_id")
    assert whereabouts._up(child, Article, inline) == whereabouts.Home(Article, "pk", str(article.pk))
    assert whereabouts._up(child, Topic, inline) is None


def test_a_model_without_a_page(editor: User, article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no admin shows is told of by its name, without a link; so it is where there is no admin at all."""
    slot = filled(editor, article)
    monkeypatch.delitem(admin.site._registry, Article)
    (thing,) = whereabouts.things_of([slot], editor)
    assert (thing.name, thing.path) == ("Foxes", "")
    monkeypatch.setattr("django.apps.apps.is_installed", lambda name: False)
    (thing,) = whereabouts.things_of([slot], editor)
    assert (thing.name, thing.path) == ("Foxes", "")


def test_a_model_that_is_gone(editor: User, article: Article, browser: Callable[..., Client]) -> None:
    """A slot of an app that was uninstalled is told of all the same."""
    slot = filled(editor, article)
    Slot.objects.filter(pk=slot.pk).update(content_type=ContentType.objects.create(app_label="x", model="y"))
    assert told(browser(editor)) == [
        ("success", "“<bdi>An object</bdi>”: the picture is in place in “cover”.")
    ]


def test_a_key_of_another_kind(editor: User, article: Article, browser: Callable[..., Client]) -> None:
    """A model that got other keys since breaks no page."""
    slot = filled(editor, article)
    Slot.objects.filter(pk=slot.pk).update(object_id="5b1cd3c1-0000")
    assert told(browser(editor)) == [("success", "“<bdi>Article</bdi>”: the picture is in place in “cover”.")]


def test_an_object_whose_page_cannot_be_reached(
    editor: User, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the admin is in no urls.py there is nothing to lead to."""
    site = admin.AdminSite(name="nowhere")
    site.register(Article)
    monkeypatch.setattr(whereabouts, "_site", lambda request: site)
    monkeypatch.setattr(whereabouts, "reverse", lambda *args, **kwargs: reverse("no-such-name"))
    (thing,) = whereabouts.things_of([filled(editor, article)], editor)
    assert (thing.name, thing.path) == ("Foxes", "")


def test_on_the_host_s_own_pages(editor: User, article: Article, browser: Callable[..., Client]) -> None:
    """A list and a form of the site's own models tell it, once the model's admin has our mixin."""
    for page in ("/admin/magazine/article/", f"/admin/magazine/article/{article.pk}/change/"):
        slot = filled(editor, article)
        assert len(told(browser(editor), page)) == 1
        Article.objects.filter(pk=article.pk).update(cover=None)
        slot.delete()


def test_told_again_when_it_comes_after_all(
    editor: User, article: Article, browser: Callable[..., Client]
) -> None:
    """Who was told that nothing came is told when the field is filled in the end."""
    slot = filled(editor, article)
    client = browser(editor)
    told(client)
    Slot.objects.filter(pk=slot.pk).update(settled_at=None)
    Article.objects.update(cover=None)
    slots.fill(Slot.objects.get(pk=slot.pk))
    assert len(told(client)) == 1


def test_nobody_is_logged_in(rf: Any) -> None:
    """A page that anybody may see tells nobody anything."""
    request = rf.get("/")
    request.user, request._messages = AnonymousUser(), Messages()
    notices.tell(request)
    assert request._messages.said == []


def test_two_tabs(editor: User, article: Article, rf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two pages that are opened at once one tells of it."""
    slot = filled(editor, article)
    found = notices._untold(notices.NEWS, user=editor)
    monkeypatch.setattr(notices, "_untold", lambda *args, **kwargs: found)
    first = notices._take(found, "told_at")
    stale = [rows.none() if rows is not found[0] else Slot.objects.filter(pk=slot.pk) for rows in found]
    assert [each.pk for each in first] == [slot.pk]
    assert notices._take(stale, "told_at") == []


def test_one_query_when_there_is_nothing(
    editor: User, rf: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    """A page on which nothing is told costs one query; one with twelve messages no more than with one."""
    request = rf.get(PAGE)
    request.user, request._messages = editor, Messages()
    with django_assert_num_queries(1):
        notices.tell(request)
    for number in range(12):
        filled(editor, written(f"Article {number}"))
    request.user = User.objects.get(pk=editor.pk)
    with django_assert_max_num_queries(7):
        notices.tell(request)
    assert len(request._messages.said) == notices.SHOWN + 1


class Messages:
    """Where messages go of a request that no middleware saw."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def add(self, level: int, message: Any, extra_tags: str = "") -> None:
        self.said.append(message)


# -- By mail -------------------------------------------------------------------------------------------------


@pytest.fixture
def mailing(settings: Any) -> None:
    mailed_by(settings, "django.core.mail.backends.locmem.EmailBackend")
    settings.SEEDREAM = {
        **settings.SEEDREAM,
        "NOTICE_MAIL": True,
        "PUBLIC_URL": "https://www.example.org/mag/",
    }
    User.objects.update(email="")


@pytest.fixture
def reader(editor: User, mailing: None) -> User:
    """An editor with an address."""
    User.objects.filter(pk=editor.pk).update(email="edda@example.org")
    editor.refresh_from_db()
    return editor


def aged(seconds: float = 200) -> None:
    """As if this long ago whatever was settled had been."""
    Slot.objects.filter(settled_at__isnull=False).update(settled_at=after(-seconds))


def test_mailed_once(reader: User, article: Article, browser: Callable[..., Client]) -> None:
    """One mail with all there is to tell, plain, with an address; no second, and no message on a page."""
    filled(reader, article)
    slot = waiting(reader, written("Otters"), prompt="secret words sandbox:fails")
    carry(slot.generation)
    Generation.objects.filter(pk=slot.generation_id).update(finished_at=after(-200))
    aged()
    notices.mail()
    notices.mail()
    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("AI pictures: 1 picture was not put in place", ["edda@example.org"])
    address = f"https://www.example.org/mag/admin/magazine/article/{article.pk}/change/"
    assert f"“Foxes”: the picture is in place in “cover”.\n{address}\n" in sent.body
    assert "“Otters”: the picture for “cover” was not put in place." in sent.body
    assert "secret words" not in sent.body
    assert told(browser(reader)) == []


def test_not_mailed(reader: User, article: Article, settings: Any, browser: Callable[..., Client]) -> None:
    """Not by default, not before there was time to see it, not what was told on a page, not what is old."""
    filled(reader, article)
    notices.mail()
    aged(notices.MAILED_FOR + 5)
    notices.mail()
    aged()
    settings.SEEDREAM = {**settings.SEEDREAM, "NOTICE_MAIL": False}
    notices.mail()
    settings.SEEDREAM = {**settings.SEEDREAM, "NOTICE_MAIL": True}
    told(browser(reader))
    notices.mail()
    assert mail.outbox == []


@pytest.mark.parametrize("values", [{"email": ""}, {"is_active": False}])
def test_nobody_to_mail(reader: User, article: Article, values: dict[str, Any]) -> None:
    """Somebody without an address, or whose account was closed, is not mailed."""
    filled(reader, article)
    User.objects.update(**values)
    aged()
    notices.mail()
    assert mail.outbox == []


def test_a_mail_server_that_is_down(reader: User, article: Article, settings: Any) -> None:
    """What was not sent is sent by a later sweep, once."""
    filled(reader, article)
    aged()
    mailed_by(settings, "tests.test_notices.Broken")
    notices.mail()
    assert not Slot.objects.filter(mailed_at__isnull=False).exists()
    mailed_by(settings, "django.core.mail.backends.locmem.EmailBackend")
    notices.mail()
    notices.mail()
    assert len(mail.outbox) == 1


class Broken:
    """A mail backend whose server is away."""

    tried = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def send_messages(self, messages: Any) -> int:
        Broken.tried += 1
        raise OSError("No mail server.")


def test_a_server_that_is_down_is_not_asked_for_each(
    reader: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three failures the others wait for the next sweep, which asks them in another order."""
    for number in range(5):
        user = User.objects.create_user(f"u{number}", f"u{number}@example.org", is_superuser=True)
        filled(user, written(f"Article {number}"))
    aged()
    mailed_by(settings, "tests.test_notices.Broken")
    monkeypatch.setattr(Broken, "tried", 0)
    notices.mail()
    assert Broken.tried == notices.FAILURES


def test_in_the_project_s_language(reader: User, article: Article, settings: Any) -> None:
    """A worker has no language of its own: the mail is in the project's, whatever the thread last spoke."""
    filled(reader, article)
    aged()
    settings.SEEDREAM = {**settings.SEEDREAM, "PUBLIC_URL": ""}
    with translation.override("de"):
        notices.mail()
    assert mail.outbox[0].subject == "AI pictures: 1 picture is in place"
    # And leads nowhere where nobody knows what this site is called.
    assert "/admin/" not in mail.outbox[0].body
    assert notices._mail_to(reader)


@pytest.mark.django_db(transaction=True)
def test_the_sweep_has_it_mailed(reader: User, article: Article, settings: Any) -> None:
    """The sweep queues one task that mails, and none when there is nothing to mail."""
    filled(reader, article)
    with idle_queue(settings) as huey:
        sweeping._wake_mailing()
        assert pending(huey) == []
        aged()
        sweeping._wake_mailing()
        assert pending(huey) == ["mail"]
        work(huey)
        assert len(mail.outbox) == 1
        sweeping._wake_mailing()
        assert pending(huey) == []
