"""The studio: the page where orders are placed, with what this person has under way beside the form."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from example_project.magazine.models import Article, Topic
from seedream_django import orders, parameters
from seedream_django.admin import elsewhere
from seedream_django.admin.studio import BESIDE
from seedream_django.models import Generation, Style
from seedream_django.order_forms import PRESETS

from .editor import Form
from .steps import carry, made

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ADD = "admin:seedream_django_generation_add"


def opened(client: Client, query: str = "") -> str:
    return client.get(reverse(ADD) + query).content.decode()


def press(client: Client, query: str = "", **values: str) -> Any:
    """Open the page, change something, and press a button of it."""
    return client.post(reverse(ADD) + query, {**Form(opened(client, query)).values, **values})


def beside(page: str) -> list[str]:
    """The prompts of the orders beside the form."""
    return re.findall(r'<article><h3><a href="[^"]+"><bdi dir="auto">([^<]*)</bdi>', page)


# -- After an order --------------------------------------------------------------------------------------------


def test_everything_is_kept_after_an_order(editor: User, browser: Any) -> None:
    """The page that follows has all that was decided; the same again is told of, and not ordered."""
    client = browser(editor)
    sent = {
        "prompt": "a fox\n& an owl",
        "shape": "3:2",
        "resolution": "3K",
        "make": "sequence",
        "sequence": "3",
    }
    sent |= {"output_format": "PNG", "output_quality": "80"}
    answer = press(client, **sent)
    page = client.get(answer.headers["Location"]).content.decode()
    assert {name: Form(page).values.get(name) for name in sent if name != "prompt"} == {
        name: value for name, value in sent.items() if name != "prompt"
    }
    assert ">\na fox\n&amp; an owl</textarea>" in page
    again = press(client, "?" + answer.headers["Location"].partition("?")[2], prompt=sent["prompt"])
    assert again.status_code == 200
    assert "Exactly this is being made already." in again.content.decode()
    assert Generation.objects.count() == 1


def test_what_a_style_adds_is_said(editor: User, browser: Any) -> None:
    """Before it is paid, beside the choice; and afterwards, on the order's page, as it was sent."""
    Style.objects.create(name="Soft", words="Muted <colours>,\nfilm grain.")
    # In a template a dictionary's own “values” would give way to it.
    Style.objects.create(name="values", words="Stark.")
    client = browser(editor)
    assert "Muted &lt;colours&gt;,<br>film grain." in opened(client)
    answer = press(client, prompt="a fox", style="Soft")
    order = Generation.objects.get()
    page = client.get(reverse("admin:seedream_django_generation_change", args=[order.pk])).content.decode()
    assert "As it was sent" in page
    assert "a fox\nMuted &lt;colours&gt;,\nfilm grain." in page.replace("<br>", "\n")
    plain = client.get(
        reverse("admin:seedream_django_generation_change", args=[made("an owl", user=editor).pk])
    )
    assert "As it was sent" not in plain.content.decode()
    assert answer.status_code == 302


def test_where_a_picture_is_changed(editor: User, browser: Any) -> None:
    """The page asks what to change, not what it shows; the picture stands by the prompt, which has the keyboard."""
    image = made("a fox", user=editor).images.get()
    page = opened(browser(editor), f"?edit={image.pk}")
    assert "Say what is to change; what you do not name stays as it is." in page
    assert "Describe what the picture shows." not in page
    assert re.search(r'<textarea name="prompt"[^>]* autofocus', page)
    assert page.index('id="made-from"') < page.index('id="from-template"')
    plain = opened(browser(editor))
    assert "Describe what the picture shows." in plain
    assert plain.index('id="made-from"') > plain.index('id="from-template"')
    assert not re.search(r'<textarea name="prompt"[^>]* autofocus', plain)


def test_nobody_begins_with_what_somebody_else_ordered(editor: User, person: Any, browser: Any) -> None:
    """The address of the page after an order says nothing to others."""
    order = orders.place("a secret fox", user=editor)
    page = opened(browser(person("otto", "generate")), f"?ordered={order.pk}")
    assert "secret" not in page
    assert "gone, or you may not use it" in page


# -- Beside the form -------------------------------------------------------------------------------------------


def test_the_latest_orders_stand_beside_the_form(editor: User, browser: Any) -> None:
    """Those of this person, the newest first and no more than a few; each leads to its own page."""
    for number in range(BESIDE + 2):
        orders.place(f"fox {number}", user=editor)
    page = opened(browser(editor))
    assert beside(page) == [f"fox {number}" for number in range(BESIDE + 1, 1, -1)]
    newest = Generation.objects.latest("created_at")
    assert f'<a href="{reverse("admin:seedream_django_generation_change", args=[newest.pk])}"' in page
    assert page.count("&amp;in=studio") == BESIDE


def test_nothing_of_others_and_nothing_hidden(editor: User, chief: User, browser: Any) -> None:
    """Not even for those who may see others' prompts: what somebody else makes is in the list, and not here."""
    orders.place("somebody else's fox", user=editor)
    orders.place("my hidden owl", user=chief)
    Generation.objects.filter(user=chief).update(hidden=True)
    assert beside(opened(browser(chief))) == []
    assert "What you order appears here" in opened(browser(chief))


def test_as_many_queries_for_one_as_for_six(editor: User, browser: Any) -> None:
    """The page asks the database as often, however many orders with however many pictures are beside the form."""
    client, counts = browser(editor), []
    for number in range(BESIDE):
        made(f"fox {number}", user=editor, results=1 + number % 3)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            opened(client)
        counts.append(len(queries))
    assert len(set(counts[1:])) == 1, counts


def test_no_amount_beside_the_form_without_the_right(chief: User, browser: Any) -> None:
    """Who may not see costs sees none in the studio, nor in what is fetched anew."""
    order = made("a fox", user=chief)
    fragment = f"{reverse('seedream_django:live')}?order={order.pk.hex}&in=studio"
    client = browser(chief)
    assert "$" in opened(client)
    assert "$" in client.get(fragment).content.decode()
    chief.user_permissions.remove(Permission.objects.get(codename="see_costs"))
    assert "$" not in opened(client)
    assert "$" not in client.get(fragment).content.decode()


def test_the_fragment_is_the_first_paint(editor: User, browser: Any) -> None:
    """What is fetched anew is what the page showed: the same template, told the same."""
    order = carry(orders.place("a story", user=editor, sequence=3))
    client = browser(editor)
    fragment = client.get(
        f"{reverse('seedream_django:live')}?order={order.pk.hex}&in=studio"
    ).content.decode()
    inside = fragment[fragment.index('<div class="seedream-body') : fragment.rindex("</div>")]
    assert inside.strip() in opened(client)
    assert '<ol class="seedream-pictures">' in inside
    assert re.findall(r'"seedream-place">(\d)<', inside) == ["1", "2", "3"][: order.stored]


# -- More ------------------------------------------------------------------------------------------------------


def test_more_says_what_is_set(editor: User, browser: Any) -> None:
    """Folded as long as everything in it is as nobody has to say; else open, and its line says what is not."""
    page = opened(browser(editor))
    assert '<details class="seedream-more"><summary>More</summary>' in page
    order = orders.place("a fox", user=editor, output_format="PNG", optimize_prompt_mode="fast")
    page = opened(browser(editor), f"?from={order.pk}")
    assert '<details class="seedream-more" open><summary>More' in page
    assert "File format: PNG · Prompt optimisation: Fast" in page


def test_the_keyboard_is_at_what_is_wrong(editor: User, browser: Any) -> None:
    """Of a page that is shown again the first wrong control has the keyboard, and nothing else."""
    client = browser(editor)
    page = press(client, prompt=" ", results="0").content.decode()
    assert re.findall(r"<(\w+) [^>]*\bautofocus\b", page) == ["textarea"]
    page = press(client, prompt="a fox", results="0").content.decode()
    assert re.findall(r'<input [^>]*name="(\w+)"[^>]*\bautofocus\b', page) == ["results"]


# -- Sets ------------------------------------------------------------------------------------------------------


def test_as_last_time(editor: User, browser: Any) -> None:
    """All of the last order but its words and what it was made from; nothing is ordered, what is typed stays."""
    orders.place("an old fox", user=editor, width=3744, height=2496, sequence=3, output_format="PNG")
    answer = press(browser(editor), prompt="a new owl", preset="last", output_quality="30")
    form = answer.context["form"]
    found = {name: str(form[name].value()) for name in ("prompt", "shape", "resolution", "make", "sequence")}
    assert found == {
        "prompt": "a new owl", "shape": "3:2", "resolution": "3K", "make": "sequence", "sequence": "3",
    }  # fmt: skip
    assert [str(form[name].value()) for name in form.more] == ["PNG", "95", "standard"]
    assert "All below is set" in answer.content.decode()
    assert (form.errors, Generation.objects.count()) == ({}, 1)


@pytest.mark.parametrize("preset", PRESETS)
def test_sets_can_be_ordered(preset: str, editor: User, browser: Any) -> None:
    """Each set that is there for everybody makes a page from which one can order at once."""
    client = browser(editor)
    page = press(client, prompt="a fox", preset=preset).content.decode()
    assert client.post(reverse(ADD), {**Form(page).values, "prompt": "a fox"}).status_code == 302
    order = Generation.objects.get()
    wanted = PRESETS[preset][1]
    assert (order.width, order.height) == parameters.DIMENSIONS[wanted.get("shape", "1:1")][
        wanted.get("resolution", "2K")
    ]


def test_a_set_that_nobody_knows(editor: User, browser: Any) -> None:
    """Changes nothing and orders nothing; whoever never ordered is not offered what they did last time."""
    client = browser(editor)
    assert 'value="last"' not in opened(client)
    for preset in ("nonsense", "last"):
        page = press(client, prompt="a fox", shape="9:16", preset=preset)
        assert page.context["form"]["shape"].value() == "9:16"
    assert not Generation.objects.exists()


# -- Pictures in the site's own models -------------------------------------------------------------------------


def article(title: str, **values: Any) -> Article:
    topic, _new = Topic.objects.get_or_create(name="Nature", slug="nature")
    made_of = {"teaser": ContentFile(picture(), "teaser.png"), **values}
    return Article.objects.create(title=title, slug=title.lower().replace(" ", "-"), topic=topic, **made_of)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


WHERE = "magazine.article.teaser"


def search(client: Client, words: str = "", where: str = WHERE, **values: str) -> Any:
    sent = {"references-where": where, "references-words": words, "references-do": "find"}
    return press(client, prompt="a fox", **{**sent, **values})


def hits(page: Any) -> list[str]:
    return re.findall(r'data-hit>.*?<span dir="auto">([^<]*)<', page.content.decode())


def test_pictures_of_the_site(editor: User, browser: Any) -> None:
    """Found by the words that the host's own admin searches, the newest first; those without a picture are none."""
    for title in ("Foxes at dusk", "Owls at dusk", "Otters"):
        article(title)
    article("Empty at dusk", teaser="")
    client = browser(editor)
    assert "Articles: teaser" in opened(client)
    assert hits(search(client)) == ["Otters", "Owls at dusk", "Foxes at dusk"]
    assert hits(search(client, "dusk")) == ["Owls at dusk", "Foxes at dusk"]
    assert "Nothing was found there." in search(client, "nowhere").content.decode()
    assert not Generation.objects.exists()


def test_one_of_them_is_what_it_is_made_from(editor: User, browser: Any) -> None:
    """What was ticked is in the list with its role and is sent; the file stays where it is."""
    found = article("Foxes")
    client = browser(editor)
    (token,) = re.findall(r'name="references-found" value="([^"]+)"', search(client).content.decode())
    page = press(client, prompt="a fox", **{"references-found": token, "references-do": "add"})
    values = {**Form(page.content.decode()).values, "prompt": "a fox", "references-role": "edit"}
    assert client.post(reverse(ADD), values).status_code == 302
    row = Generation.objects.get().references.get()
    assert (row.place, row.name, row.role) == (WHERE, found.teaser.name, "edit")


def test_enter_in_the_search_searches(editor: User, browser: Any) -> None:
    """A browser without scripts takes Enter there for the button that costs money."""
    article("Foxes")
    for words in ("fox", ""):
        # Also where only the place was chosen.
        page = search(browser(editor), words, **{"references-do": "", "enter": "1"})
        assert hits(page) == ["Foxes"]
    assert not Generation.objects.exists()
    values = {**Form(page.content.decode()).values, "prompt": "a fox", "enter": "1"}
    assert browser(editor).post(reverse(ADD), values).status_code == 302


def test_only_what_one_may_look_at(editor: User, person: Any, browser: Any, monkeypatch: Any) -> None:
    """By the permissions of the host's admin, and its own choice of rows; a token is nobody else's."""
    article("Foxes")
    article("Secret foxes")
    other = browser(person("otto", "generate"))
    assert "Pictures of this site" not in opened(other)
    assert hits(search(other)) == []
    (token, _other) = re.findall(
        r'name="references-found" value="([^"]+)"', search(browser(editor)).content.decode()
    )
    page = press(other, prompt="a fox", **{"references-found": token})
    assert "this picture cannot be used" in page.content.decode().lower()
    host = admin.site._registry[Article]
    rows = host.get_queryset
    monkeypatch.setattr(
        host, "get_queryset", lambda request: rows(request).exclude(title__startswith="Secret")
    )
    assert hits(search(browser(editor))) == ["Foxes"]
    monkeypatch.setattr(host, "fieldsets", [(None, {"fields": ["title"]})])
    assert "Articles: teaser" not in opened(browser(editor))
    assert hits(search(browser(editor))) == []
    # In its list they are shown; an admin that can say nothing of an empty object shows what its list does.
    monkeypatch.setattr(host, "list_display", ("title", "teaser"))
    monkeypatch.setattr(host, "get_fieldsets", lambda request, obj: obj.topic.name)
    assert hits(search(browser(editor))) == ["Foxes"]
    for where in ("magazine.article.title", "auth.user.password", "seedream_django.generatedimage.file", "x"):
        assert hits(search(browser(editor), where=where)) == []
    assert not Generation.objects.exists()


def test_a_search_is_bounded(editor: User, browser: Any, monkeypatch: Any) -> None:
    """As many queries for three as for thirty; no more than a few are shown, and only the newest looked through."""
    client, counts = browser(editor), []
    there = [article(f"Fox {number}") for number in range(3)]
    for number in range(3, 33):
        with CaptureQueriesContext(connection) as queries:
            found = hits(search(client, "fox"))
        counts.append(len(queries)) if number in (3, 32) else None
        article(f"Fox {number}", teaser=there[0].teaser.name)
    assert counts[0] == counts[1]
    assert len(found) == elsewhere.SHOWN
    assert hits(search(client, "Fox 4")) == ["Fox 24", "Fox 14", "Fox 4"]
    monkeypatch.setattr(elsewhere, "LOOKED_THROUGH", 5)
    assert hits(search(client, "Fox 4")) == []
    assert hits(search(client, "Fox 30")) == ["Fox 30"]
    # Without words as well: few pictures in a large table are not looked for to its end.
    assert hits(search(client)) == [f"Fox {number}" for number in range(32, 27, -1)]
