"""Styles: saved words that follow a prompt, written in the admin, chosen by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from seedream_django import generate, orders
from seedream_django.exceptions import InvalidOrder
from seedream_django.models import Generation, Style

from .steps import carry

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]

ADD = "admin:seedream_django_style_add"
LIST = "admin:seedream_django_style_changelist"
PAGE = "admin:seedream_django_style_change"
MAY = ("view_style", "add_style", "change_style", "delete_style")


@pytest.fixture
def style(db: None) -> Style:
    return Style.objects.create(name="Winter", words="soft light,\nmuted colours")


# -- In the admin --------------------------------------------------------------------------------------------


def test_writing_one(person: Callable[..., User], browser: Browser) -> None:
    """A name and words; afterwards the page shows a whole prompt as it is sent, and the history who wrote it."""
    writer = person("wanda", *MAY)
    client = browser(writer)
    assert "Example" not in client.get(reverse(ADD)).content.decode()
    data = {"name": "Winter", "words": "soft <b>light</b>\r\nmuted colours", "active": "on"}
    assert client.post(reverse(ADD), data).status_code == 302
    style = Style.objects.get()
    page = client.get(reverse(PAGE, args=[style.pk])).content.decode()
    assert "A red fox in the snow, seen from afar\nsoft &lt;b&gt;light&lt;/b&gt;\nmuted colours<" in page
    assert LogEntry.objects.get().user == writer
    assert "Winter" in client.get(reverse(LIST)).content.decode()


def test_one_of_a_name(style: Style, owner: User, browser: Browser) -> None:
    """Two of one name could not be told apart."""
    response = browser(owner).post(reverse(ADD), {"name": "Winter", "words": "snow", "active": "on"})
    assert list(response.context["adminform"].form.errors) == ["name"]


def test_rights(style: Style, editor: User, person: Callable[..., User], browser: Browser) -> None:
    """Django's own permissions: who has none meets no trace, who may look changes nothing."""
    addresses = [reverse(LIST), reverse(ADD), reverse(PAGE, args=[style.pk])]
    assert [browser(editor).get(address).status_code for address in addresses] == [403, 403, 403]
    assert reverse(LIST) not in browser(editor).get(reverse("admin:index")).content.decode()
    viewer = person("vera", "view_style")
    assert [browser(viewer).get(address).status_code for address in addresses] == [200, 403, 200]
    assert browser(viewer).post(addresses[2], {"name": "Mine", "words": "mine"}).status_code == 403
    assert Style.objects.get().name == "Winter"


# -- By name -------------------------------------------------------------------------------------------------


def test_generate(style: Style) -> None:
    """Its words follow the prompt, and are kept apart from it: changing the style changes no order."""
    generation = generate("a fox", style="Winter")
    style.delete()
    generation.refresh_from_db()
    assert (generation.prompt, generation.added) == ("a fox", style.words)
    assert generation.sent == "a fox\nsoft light,\nmuted colours"


def test_unused_like(style: Style) -> None:
    """The same words in the same style are the same order; without it they are another."""
    image = carry(generate("a fox", style="Winter")).images.get()
    assert orders.unused_like("a fox", style="Winter").get() == image
    assert not orders.unused_like("a fox").exists()


UNKNOWN: list[tuple[str, str]] = [
    ("Wintre", "There is no style “Wintre”. Did you mean “Winter”? There are: Harbour, Winter."),
    ("Summer days", "There is no style “Summer days”. There are: Harbour, Winter."),
    ("", "There is no style “”. There are: Harbour, Winter."),
]


@pytest.mark.parametrize(("name", "text"), UNKNOWN)
def test_no_such_style(name: str, text: str, style: Style) -> None:
    """A name that is none is refused with those that are; nothing is ordered."""
    Style.objects.create(name="Harbour", words="evening")
    Style.objects.create(name="Summer", words="noon", active=False)
    for call in (generate, orders.unused_like):
        with pytest.raises(InvalidOrder) as caught:
            call("a fox", style=name)
        assert caught.value.errors == {"style": [text]}
    assert not Generation.objects.exists()


def test_no_style_at_all() -> None:
    """Where nobody wrote one yet the refusal says who can."""
    with pytest.raises(InvalidOrder, match="nor any other: an administrator can write one"):
        generate("a fox", style="Winter")


def test_a_keyword_nearly(style: Style) -> None:
    """A misspelt keyword is told its name."""
    keyword: dict[str, Any] = {"styles": "Winter"}
    with pytest.raises(InvalidOrder, match="Did you mean “style”"):
        generate("a fox", **keyword)


# -- Our look ------------------------------------------------------------------------------------------------

ORDER = "admin:seedream_django_generation_add"
HOSTS = {"www.example.com": "Lead", "shop.example.com": "Teal", "testserver": "Teal"}


@pytest.fixture
def looks(style: Style, settings: Any) -> None:
    settings.ALLOWED_HOSTS = [*HOSTS]
    Style.objects.create(name="Teal", words="teal", house=True)
    Style.objects.create(name="Lead", words="red", house=True, host="www.example.com")
    Style.objects.create(name="Old", words="sepia", house=True, host="testserver", active=False)


@pytest.mark.parametrize(("host", "name"), HOSTS.items())
def test_forms_begin_with_it(host: str, name: str, looks: None, editor: User, browser: Browser) -> None:
    """That of the very address, else the one for all; forms say whose it is, and “No style” is still there."""
    page = browser(editor).get(reverse(ORDER), headers={"host": f"{host}:8000"})
    text = page.content.decode()
    assert f'<option value="{name}" selected>Our look: {name}</option>' in text
    assert text.count("Our look") == 1
    assert '<option value="">No style</option>' in text
    assert page.context["form"].fields["style"].choices[2][0] != name


def test_beside_a_field(looks: None, editor: User, browser: Browser) -> None:
    """The panel of a field begins with it as well, and saving the form without an order orders nothing."""
    text = browser(editor).get(reverse("admin:magazine_article_add")).content.decode()
    assert '<option value="Teal" selected>Our look: Teal</option>' in text


def test_taken_away(looks: None, editor: User, browser: Browser) -> None:
    """Whoever chooses none gets none; an order that is used again begins as it was; an edit keeps its picture."""
    client = browser(editor)
    old = generate("a fox", user=editor)
    assert client.get(f"{reverse(ORDER)}?from={old.pk}").context["form"]["style"].value() == ""
    image = carry(old).images.get()
    assert client.get(f"{reverse(ORDER)}?edit={image.pk}").context["form"]["style"].value() == ""
    form = client.post(reverse(ORDER), {"prompt": "", "style": ""}).context["form"]
    assert form["style"].value() == ""


def test_never_in_silence(looks: None) -> None:
    """Code gets it only where it asks for it: the one that is for no single address."""
    assert generate("a fox").added == ""
    assert generate("a fox", style="house").added == "teal"
    assert not orders.unused_like("a fox", style="house").exists()
    Style.objects.filter(name="Teal").delete()
    with pytest.raises(InvalidOrder, match="No style is our look"):
        generate("a fox", style="house")
    Style.objects.create(name="house", words="of before it was reserved")
    assert generate("a fox", style="house").added == "of before it was reserved"


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"name": "Second", "house": "on"}, {"house": "“Teal” is our look there already."}),
    (
        {"name": "Third", "house": "on", "host": "WWW.example.com"},
        {"house": "“Lead” is our look there already."},
    ),
    ({"name": "Fourth", "host": "a.example.com"}, {"host": "Only our look is for one address."}),
    ({"name": "HOUSE"}, {"name": "“HOUSE” stands for our look"}),
    *(
        ({"name": "Fifth", "house": "on", "host": host}, {"host": "Write the host alone"})
        for host in ("https://a.example.com", "a.example.com:8000", "a.example.com/de", "a b", "-")
    ),
]


@pytest.mark.parametrize(("values", "said"), WRONG)
def test_one_for_each_address(
    values: dict[str, Any], said: dict[str, str], looks: None, owner: User, browser: Browser
) -> None:
    """What would be two looks for one address, or one for no address, is refused with the reason."""
    response = browser(owner).post(reverse(ADD), {"words": "w", "active": "on", **values})
    errors = response.context["adminform"].form.errors
    assert list(errors) == list(said)
    assert all(text in errors[name][0] for name, text in said.items())


def test_it_moves(looks: None, owner: User, browser: Browser) -> None:
    """Taken from one, it is another's; saving it again with itself is no second one."""
    client, house = browser(owner), Style.objects.get(name="Teal")
    page, data = reverse(PAGE, args=[house.pk]), {"name": "Teal", "words": "teal", "active": "on"}
    assert client.post(page, {**data, "house": "on"}).status_code == 302
    assert client.post(page, data).status_code == 302
    new = {"name": "New", "words": "w", "active": "on", "house": "on"}
    assert client.post(reverse(ADD), new).status_code == 302
    assert "everywhere else" in client.get(reverse(LIST)).content.decode()
