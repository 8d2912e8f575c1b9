"""Once: a form sent twice is one row, and what is there already is told of before it is paid for again."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext, isolate_apps
from django.urls import reverse

from example_project.magazine.models import Article, Topic
from example_project.magazine.pictures import COVER
from seedream_django import budget, generate, orders
from seedream_django.alike import UNUSED
from seedream_django.exceptions import NotTaken, OverBudget
from seedream_django.models import Budget, GeneratedImage, Generation, Period, Slot, State
from seedream_django.models.uses import nothing_refers_to
from seedream_django.order_forms import OrderForm
from seedream_django.panels import InPlaceForm
from seedream_django.sandbox import Books

from .editor import Form
from .steps import carry, made, spot
from .test_fields import Browser, Desk, article, cover, desk  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PRICE = Decimal("0.035")
ADD = "admin:seedream_django_generation_add"


def press(client: Client, **values: str) -> Any:
    """Open the page to order, fill it in, and press its button."""
    opened = Form(client.get(reverse(ADD)).content.decode()).values
    return client.post(reverse(ADD), {**opened, "prompt": "a fox", **values})


def button(page: Any) -> dict[str, str]:
    """What the page's own button to order says besides the form."""
    found = re.search(r'<button type="submit"[^>]*name="anyway" value="(\w+)"', page.content.decode())
    assert found
    return {"anyway": found[1]}


def press_again(client: Client, page: Any, **values: str) -> Any:
    """Press the button of the form that came back, with these of its controls changed."""
    text = page.content.decode()
    typed = unescape(re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", text, re.S)[0])
    return client.post(reverse(ADD), {**Form(text).values, "prompt": typed, **button(page), **values})


# -- Which pictures are used ---------------------------------------------------------------------------------


def test_what_stands_somewhere_is_used(article: Article) -> None:  # noqa: F811
    """By any field of any model, or by a slot that it filled; what stands nowhere is unused."""
    cover, inset, topic, slot, free = made("a fox", results=5).images.order_by("position")
    Article.objects.update(cover=cover, inset=inset)
    Topic.objects.update(picture=topic)
    place = ContentType.objects.get_for_model(Article)
    Slot.objects.create(generation=slot.generation, content_type=place, field="cover", image=slot)
    assert list(GeneratedImage.objects.unused()) == [free]
    Article.objects.update(cover=None)
    assert set(GeneratedImage.objects.unused()) == {free, cover}


@pytest.mark.parametrize("column", ["state", "flagged", "hidden"])
def test_what_may_not_be_shown_is_not_unused(column: str) -> None:
    """An unfinished, a flagged and a cancelled picture are nobody's to take."""
    image = made("a fox").images.get()
    assert list(GeneratedImage.objects.unused()) == [image]
    if column == "hidden":
        Generation.objects.update(hidden=True)
    else:
        GeneratedImage.objects.update(**{column: {"state": "failed", "flagged": True}[column]})
    assert not GeneratedImage.objects.unused().exists()


@isolate_apps("example_project.magazine")
def test_every_kind_of_relation_is_a_place() -> None:
    """Foreign key, one to one and many to many, with a name to come back by or without; a child's row is none."""

    class Spread(models.Model):  # noqa: DJ008
        left = models.ForeignKey(GeneratedImage, models.CASCADE, related_name="+")
        right = models.OneToOneField(GeneratedImage, models.CASCADE, related_name="right")
        strip = models.ManyToManyField(GeneratedImage, related_name="+")
        byuuid = models.ForeignKey(
            GeneratedImage, models.CASCADE, to_field="image_uuid", related_name="+", db_constraint=False
        )

        class Meta:
            app_label = "magazine"

    class Framed(GeneratedImage):
        class Meta:
            app_label = "magazine"

    related = [field for field in Spread._meta.get_fields() if field.name != "id"]
    through = Spread.strip.through  # type: ignore[attr-defined]
    hidden = [field.remote_field for field in related if not field.many_to_many]
    hidden += [through._meta.get_field("generatedimage").remote_field, Framed._meta.pk.remote_field]
    real = GeneratedImage._meta.get_fields(include_hidden=True)

    class Model:
        class _meta:
            @staticmethod
            def get_fields(include_hidden: bool) -> Any:
                assert include_hidden
                return [*real, *hidden]

    sql = str(GeneratedImage.objects.filter(nothing_refers_to(Model, "default")).query)  # type: ignore[arg-type]
    sql = sql.replace("`", '"').replace('"U0"', "U0")  # as MariaDB quotes, and as Django 6 does
    for column in ("left_id", "right_id", "byuuid_id", "generatedimage_id"):
        assert f'U0."{column}" = ' in sql, sql
    assert '"byuuid_id" = ("seedream_django_generatedimage"."image_uuid")' in sql
    assert "generatedimage_ptr_id" not in sql


@pytest.mark.parametrize("whose", ["a person's", "everybody's"])
def test_one_query_by_the_digest(whose: str, editor: User, django_assert_num_queries: Any) -> None:
    """However many pictures there are, one query finds the unused, by an index of their order's digest."""
    user = editor if whose == "a person's" else None
    made("a fox", user=user, results=3)
    made("an owl", user=user)
    editor.has_perm("seedream_django.see_others_prompts")
    with django_assert_num_queries(1), CaptureQueriesContext(connection) as queries:
        assert len(orders.unused_like("a fox", user=user)) == 3
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert re.search(r"seedream_django_generation USING INDEX \w*digest", plan), plan


# -- Which orders are the same -------------------------------------------------------------------------------

SAME: list[dict[str, Any]] = [
    {},
    {"results": 4},
    {"size": "2048x2048"},
    {"output_format": "JPG", "output_quality": 95, "optimize_prompt_mode": "standard"},
    {"prompt": " a fox\r\n"},
]
OTHER: list[dict[str, Any]] = [
    {"prompt": "A fox"},
    {"size": "2848x1600"},
    {"output_format": "PNG"},
    {"output_quality": 80},
    {"optimize_prompt_mode": "fast"},
    {"sequence": 2},
]


@pytest.mark.parametrize("values", SAME, ids=str)
def test_the_same_order(values: dict[str, Any]) -> None:
    """How many, and what is so without a word, make no other order."""
    image = made("a fox").images.get()
    assert list(orders.unused_like(**{"prompt": "a fox", **values})) == [image]


@pytest.mark.parametrize("values", OTHER, ids=str)
def test_another_order(values: dict[str, Any]) -> None:
    """Another word, size, format, quality or mode asks for other pictures."""
    made("a fox")
    assert not orders.unused_like(**{"prompt": "a fox", **values}).exists()


def test_whose_they_are(editor: User, chief: User) -> None:
    """A person is told of those that this person may choose; the site's own code of all."""
    mine, theirs = (made("a fox", user=user).images.get() for user in (editor, chief))
    assert list(orders.unused_like("a fox", user=editor)) == [mine]
    assert set(orders.unused_like("a fox", user=chief)) == {mine, theirs}
    assert set(orders.unused_like("a fox")) == {mine, theirs}


def test_generate_never_takes_one_in_silence() -> None:
    """Whoever orders gets new pictures; only the caller decides otherwise."""
    made("a fox")
    assert generate("a fox").state == State.QUEUED


# -- The same form again -------------------------------------------------------------------------------------


def test_a_nonce_refused_over_budget_works_later(editor: User) -> None:
    """The form that was refused is sent again once the budget was raised: one row, with the same nonce."""
    limit = Budget.objects.create(limit=PRICE)
    for _ in range(2):
        with pytest.raises(OverBudget):
            orders.place("a fox", user=editor, nonce="n", results=2)
    assert not Generation.objects.exists()
    Budget.objects.filter(pk=limit.pk).update(limit=2 * PRICE)
    rows = {orders.place("a fox", user=editor, nonce="n", results=2).pk for _ in range(2)}
    assert len(rows) == 1
    assert Generation.objects.count() == 1


def test_the_last_of_the_budget_sent_twice(editor: User, browser: Browser) -> None:
    """The second of two clicks is shown the order that the first one placed, not that there is no money left."""
    Budget.objects.create(limit=PRICE)
    client = browser(editor)
    opened = Form(client.get(reverse(ADD)).content.decode()).values
    answers = [client.post(reverse(ADD), {**opened, "prompt": "a fox"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]


def test_another_number_is_another_row(editor: User) -> None:
    """The same nonce with four instead of two is not taken for the same order."""
    rows = {orders.place("a fox", user=editor, nonce="n", results=results).pk for results in (2, 4, 2)}
    assert len(rows) == 2


def test_sent_again_when_its_own_pictures_are_there(editor: User, browser: Browser, books: Books) -> None:
    """Going back and sending the same form again leads to the row: its own pictures are no reason to ask."""
    client = browser(editor)
    opened = Form(client.get(reverse(ADD)).content.decode()).values
    first = client.post(reverse(ADD), {**opened, "prompt": "a fox"})
    carry(Generation.objects.get())
    again = client.post(reverse(ADD), {**opened, "prompt": "a fox"})
    assert (again.status_code, again.headers["Location"]) == (302, first.headers["Location"])
    assert len(books.charges()) == 1


# -- The page to order ---------------------------------------------------------------------------------------


def test_told_before_paying(chief: User, browser: Browser) -> None:
    """Four unused ones: nothing is ordered, they are shown, and all that was typed is still there."""
    images = made("a fox & an owl", user=chief, results=4, width=2848, height=1600).images.all()
    typed = {"prompt": "a fox & an owl", "shape": "16:9", "results": "2"}
    page = press(browser(chief), **typed)
    text = page.content.decode()
    assert (page.status_code, Generation.objects.count()) == (200, 1)
    assert "4 unused pictures of exactly this order exist." in text
    assert "Nothing was ordered yet." in text
    for image in images:
        address = reverse("admin:seedream_django_generatedimage_change", args=[image.pk])
        assert f'href="{address}"' in text
        assert image.preview.url in text
    assert "a fox &amp; an owl</textarea>" in text
    assert Form(text).values["shape"] == "16:9"
    assert re.search(r"Generate anyway · <seedream-price[^>]*>\$0\.07<", text)


def test_generated_anyway(chief: User, browser: Browser, books: Books) -> None:
    """The second button orders, with another number too; a double click on it is one order."""
    made("a fox", user=chief)
    client = browser(chief)
    page = press(client)
    answers = [press_again(client, page, results="2") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    new = Generation.objects.exclude(images__isnull=False).get()
    assert answers[0].headers["Location"].endswith(f"?ordered={new.pk}")
    assert new.expected == 2
    carry(new)
    assert len(books.charges()) == 2


def test_a_changed_prompt_asks_anew(chief: User, browser: Browser) -> None:
    """That one knows of the foxes says nothing of the owls; an order without any is simply taken."""
    made("a fox", user=chief)
    made("an owl", user=chief)
    client = browser(chief)
    page = press_again(client, press(client), prompt="an owl")
    assert "1 unused picture of exactly this order exists." in page.content.decode()
    assert Generation.objects.count() == 2
    assert press_again(client, page, prompt="a wolf").status_code == 302


def test_not_asked_twice(chief: User, browser: Browser) -> None:
    """Who wants others all the same, and is refused for another reason, is not asked the same once more."""
    made("a fox", user=chief)
    limit = Budget.objects.create(limit=0)
    client = browser(chief)
    refused = press_again(client, press(client))
    text = refused.content.decode()
    assert "The budget has no room for this order" in text
    assert "Order less" not in text
    assert text.count("Nothing was ordered") == 1
    assert "unused" not in text
    Budget.objects.filter(pk=limit.pk).update(limit=1)
    again = client.post(reverse(ADD), {**Form(text).values, "prompt": "a fox"})
    assert again.status_code == 302


def test_not_asked_about_others(editor: User, chief: User, browser: Browser) -> None:
    """What somebody may not choose is not spoken of."""
    made("a fox", user=chief)
    assert press(browser(editor)).status_code == 302


def test_a_wrong_order_is_told_first(chief: User, browser: Browser) -> None:
    """What cannot be ordered is not asked about."""
    made("a fox", user=chief)
    assert "unused" not in press(browser(chief), results="21").content.decode()


def test_many_are_counted_up_to_a_few(chief: User) -> None:
    """A prompt that was ordered a thousand times costs one small query, and shows a few."""
    made("a fox", user=chief, results=UNUSED + 3)
    form = OrderForm({**order_of("a fox"), "output_format": "JPG", "output_quality": "95",
                      "optimize_prompt_mode": "standard", "resolution": "2K"}, user=chief)  # fmt: skip
    assert form.asks
    assert len(form.alike.unused_shown()) == UNUSED
    assert form.alike.unused_text() == f"More than {UNUSED} unused pictures of exactly this order exist."


def order_of(prompt: str, **values: str) -> dict[str, str]:
    return {"prompt": prompt, "shape": "1:1", "results": "1", **values}


def test_where_one_may_not_see_pictures(person: Callable[..., User], browser: Browser) -> None:
    """Whoever may only order is led to the order's page, which shows them."""
    otto = person("otto", "generate")
    generation = made("a fox", user=otto)
    page = press(browser(otto)).content.decode()
    assert f'href="{reverse("admin:seedream_django_generation_change", args=[generation.pk])}"' in page
    assert "/generatedimage/" not in page.partition('class="seedream-unused"')[2].partition("</ul>")[0]


# -- In place ------------------------------------------------------------------------------------------------


def test_in_place(chief: User, browser: Browser) -> None:
    """The answer is no order but what there is, each to be taken, and a button that orders all the same."""
    image = made("a fox", user=chief).images.get()
    client, data = browser(chief), {**order_of("a fox", results="4"), "spot": spot(chief), "nonce": "n"}
    answer = client.post(reverse("seedream_django:order"), data)
    assert (answer.status_code, Slot.objects.count(), Generation.objects.count()) == (409, 0, 1)
    fragment = answer.json()["unused"]
    assert "1 unused picture of exactly this order exists." in fragment
    assert f'data-image="{image.pk}"' in fragment
    assert "data-take" in fragment
    assert "$0.14" in fragment
    assert "<script" not in fragment
    assert "style=" not in fragment
    (known,) = re.findall(r'data-anyway="(\w+)"', fragment)
    assert client.post(reverse("seedream_django:order"), {**data, "anyway": known}).status_code == 201
    assert Generation.objects.count() == 2


def test_in_place_without_costs(editor: User, browser: Browser) -> None:
    """Who may not see costs is told what is unused, and no price."""
    made("<b>a fox</b>", user=editor)
    data = {**order_of("<b>a fox</b>"), "spot": spot(editor)}
    fragment = browser(editor).post(reverse("seedream_django:order"), data).json()["unused"]
    assert "$" not in fragment
    assert "<b>" not in fragment


def test_in_place_over_budget(editor: User, browser: Browser) -> None:
    """Over budget is an error like any other, with who can raise it."""
    Budget.objects.create(limit=PRICE)
    data = {**order_of("a fox", results="2"), "spot": spot(editor)}
    answer = browser(editor).post(reverse("seedream_django:order"), data)
    assert answer.status_code == 422
    assert "has room for 1 more picture. Order less, or ask" in answer.json()["errors"][""][0]


#: What the field adds to an order: its shape, its size, and a line of the prompt.
OF_A_COVER: Any = {"width": 2848, "height": 1600, "added": COVER.hint}


def test_told_when_saving(desk: Desk, editor: User) -> None:  # noqa: F811
    """Without JavaScript: the form comes back, the unused ones can be chosen, and nothing typed is lost."""
    images = made("a fox", user=editor, results=2, **OF_A_COVER).images.all()
    page = desk.save(cover__prompt="a fox", cover__order="1", title="New title")
    text = page.content.decode()
    assert page.status_code == 200
    assert "2 unused pictures of exactly this order exist. Choose one of them, which costs nothing" in text
    assert "Generate anyway when I save" in text
    assert "a fox</textarea>" in text
    assert "New title" in text
    for image in images:
        assert text.count(f'name="cover" value="{image.pk}"') == 1
    assert "cover-order" not in Form(text).values
    assert (Generation.objects.count(), cover()) == (1, None)
    sent = {**Form(text).values, "cover": str(images[0].pk), "cover-prompt": "a fox"}
    assert desk.client.post(desk.address, {**desk.values, **sent}).status_code == 302
    assert cover() == images[0]
    assert Generation.objects.count() == 1


def test_saved_and_generated_anyway(desk: Desk, editor: User, books: Books) -> None:  # noqa: F811
    """The tick of the form that came back orders; where the form is refused for something else it stays ticked."""
    made("a fox", user=editor, **OF_A_COVER)
    text = desk.save(cover__prompt="a fox", cover__order="1").content.decode()
    (known,) = re.findall(r'name="cover-order" value="(\w{64})"', text)
    refused = desk.save(cover__prompt="a fox", cover__order=known, title="").content.decode()
    assert "unused picture" not in refused
    assert Form(refused).values["cover-order"] == known
    assert desk.save(cover__prompt="a fox", cover__order=known).status_code == 302
    new = carry(Generation.objects.exclude(images__isnull=False).get())
    assert cover() == new.images.get()
    assert len(books.charges()) == 2


def test_saved_twice_when_its_own_picture_is_there(desk: Desk, books: Books) -> None:  # noqa: F811
    """The same form sent again after its picture came asks nothing, and pays nothing."""
    assert desk.save(cover__prompt="a fox", cover__order="1").status_code == 302
    carry(Generation.objects.get())
    Article.objects.update(cover=None)
    Slot.objects.update(image=None)
    assert desk.save(cover__prompt="a fox", cover__order="1").status_code == 302
    assert Generation.objects.count() == len(books.charges()) == 1


def test_over_budget_when_saving(desk: Desk) -> None:  # noqa: F811
    """No room is told in the field before anything is saved; sent again after it was raised, it is ordered."""
    limit = Budget.objects.create(limit=0)
    wish = {"cover__prompt": "a fox", "cover__order": "1", "title": "New title"}
    text = desk.save(**wish).content.decode()
    assert "has room for 0 more pictures. Ask an administrator to raise it. Nothing was charged." in text
    assert "New title" in text
    assert Article.objects.get().title == "Foxes"
    Budget.objects.filter(pk=limit.pk).update(limit=PRICE)
    for _ in range(2):
        # The second time the budget is used up, by this very order.
        assert desk.save(**wish).status_code == 302
    assert Generation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_over_budget_after_the_save(
    editor: User,
    article: Article,  # noqa: F811
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody else took the last of it in between: what was written is saved, and the person is told."""
    Budget.objects.create(limit=0)
    monkeypatch.setattr(budget, "check", lambda *args: None)

    class Now:
        """Transactions end by themselves here."""

        def __init__(self, execute: bool) -> None: ...
        def __enter__(self) -> None: ...
        def __exit__(self, *args: object) -> None: ...

    opened = Desk(browser(editor), article, Now)
    answer = opened.save(cover__prompt="a fox", cover__order="1", title="New title")
    assert answer.status_code == 302
    assert Article.objects.get().title == "New title"
    told = [str(message) for message in get_messages(answer.wsgi_request)]
    assert told[-1].startswith("Saved, but this picture was not ordered: “a fox”. The budget has no room")
    assert not Generation.objects.exists()


# -- Again ---------------------------------------------------------------------------------------------------


def test_again_over_budget(chief: User, browser: Browser) -> None:
    """The button of an order's page says what is left and who can raise it, and leads back to the page."""
    generation, client = made("a fox", user=chief), browser(chief)
    Budget.objects.create(limit=0)
    answer = client.post(reverse("seedream_django:again", args=[generation.pk]), {"count": "0"}, follow=True)
    assert answer.redirect_chain[0][0].endswith(f"/{generation.pk}/change/")
    assert "$0.00 is left, and it costs $0.035. Ask an administrator to raise it." in answer.content.decode()
    assert Generation.objects.count() == 1


def test_one_base_for_every_refusal(editor: User) -> None:
    """Whoever catches NotTaken has caught everything that ordering raises."""
    Budget.objects.create(limit=0)
    for values in ({"prompt": ""}, {"user": AnonymousUser()}, {"results": 2}):
        with pytest.raises(NotTaken):
            generate(**{"prompt": "a fox", **values})


# -- What is left --------------------------------------------------------------------------------------------

LEFT = [
    (Period.DAY, "$12.40 left today"),
    (Period.MONTH, "$12.40 left this month"),
    (Period.EVER, "$12.40 left"),
]


@pytest.mark.parametrize(("period", "words"), LEFT)
def test_what_is_left_stands_beside_the_button(
    period: str, words: str, chief: User, editor: User, browser: Browser
) -> None:
    """Of the tightest budget: dollars for those who may see costs, pictures for the others."""
    Budget.objects.create(limit=100, period=period)
    for user in (chief, editor):
        Budget.objects.create(user=user, limit=Decimal("12.40"), period=period)
    for address in (reverse(ADD), reverse("admin:magazine_article_add")):
        assert f">{words}<" in browser(chief).get(address).content.decode()
        page = browser(editor).get(address).content.decode()
        assert ">room for 354 more pictures<" in page
        assert "$" not in page


def test_what_is_reserved_is_not_left(chief: User) -> None:
    """It follows what was ordered, and costs two queries; without a budget there is nothing to say."""
    assert InPlaceForm(user=chief).room == ""
    Budget.objects.create(limit=10 * PRICE)
    orders.place("a fox", user=chief, results=9)
    with CaptureQueriesContext(connection) as queries:
        assert InPlaceForm(user=chief).room == "$0.035 left this month"
    assert len(queries) == 2


def test_a_check_reserves_nothing(editor: User) -> None:
    """It reads, makes no row, and says what reserving would say."""
    limit = Budget.objects.create(limit=2 * PRICE)
    budget.check(editor, 2 * PRICE, 2)
    with pytest.raises(OverBudget) as checked:
        budget.check(editor, 3 * PRICE, 3)
    assert not limit.periods.exists()
    with pytest.raises(OverBudget) as refused:
        orders.place("a fox", user=editor, results=3)
    assert str(checked.value) == str(refused.value)
