"""The templates that come with the app: whole, shown with sandbox pictures, used and kept."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from PIL import Image

from seedream_django import examples, sayings
from seedream_django.models import Generation, PromptTemplate, Style

pytestmark = [pytest.mark.django_db, pytest.mark.once]
Browser = Callable[..., Client]
Person = Callable[..., User]

PAGE = "admin:seedream_django_prompttemplate_examples"
PICTURE = "admin:seedream_django_prompttemplate_picture"
KEEP = "admin:seedream_django_prompttemplate_keep"
ORDER = "admin:seedream_django_generation_add"


def test_the_file_is_one_that_could_be_imported() -> None:
    """Nothing in it is wrong; each has what fills its gaps, and no two have one address."""
    whole = json.loads(examples.FILE.read_text(encoding="utf-8"))
    samples = whole.pop("samples")
    found = sayings.look(sayings.read(json.dumps(whole)))
    assert [(entry.place, entry.problems) for entry in found.wrong] == []
    assert len(whole["templates"]) == 12
    for entry in found.entries:
        if entry.kind == "templates":
            assert set(samples[entry.name]) == set(entry.row.gaps), entry.name
            assert len(entry.row.text) < 300
    everyone = examples.everyone()
    assert len({example.slug for example in everyone}) == len(everyone) == len(samples)
    assert len({example.prompt for example in everyone}) == 12


def test_pictures(editor: User, browser: Browser) -> None:
    """Each is drawn here, small, once; who has it already is not sent it again. Nothing is ordered."""
    client = browser(editor)
    shown = client.get(reverse(PAGE)).context["shown"]
    assert len(shown) == 12
    for each in shown:
        answer = client.get(each["src"])
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
        assert Image.open(io.BytesIO(answer.content)).size == (each["width"], each["height"])
        assert len(answer.content) < 60_000
        assert "private, max-age=" in answer.headers["Cache-Control"]
        again = client.get(each["src"], headers={"if-none-match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert not Generation.objects.exists()


def test_painted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second request for a picture paints nothing."""
    example, painted = examples.everyone()[3], []
    monkeypatch.setattr(examples, "_painted", lambda each: painted.append(each) or b"x")
    examples.kept.clear()
    assert [examples.picture(example) for _ in range(3)] == [b"x"] * 3
    assert painted == [example]
    examples.kept.clear()


def test_who_may_look(person: Person, browser: Browser, editor: User) -> None:
    """Whoever orders or writes templates; nobody else, not even at a picture. Only who may add keeps one."""
    slug = examples.everyone()[0].slug
    pages = [reverse(PAGE), reverse(PICTURE, args=[slug])]
    nobody = browser(person("nora"))
    assert [nobody.get(page).status_code for page in pages] == [403, 403]
    assert [browser(None).get(page).status_code for page in pages] == [302, 302]
    assert [browser(editor).get(page).status_code for page in pages] == [200, 200]
    assert "Keep as a template" not in browser(editor).get(pages[0]).content.decode()
    assert browser(editor).post(reverse(KEEP, args=[slug])).status_code == 403
    viewer = browser(person("vera", "view_prompttemplate"))
    assert "?template=" not in viewer.get(pages[0]).content.decode()
    for nonsense in ("nonsense", "1", "example-"):
        assert browser(editor).get(reverse(PICTURE, args=[nonsense])).status_code == 404
    adder = browser(person("adam", "add_prompttemplate"))
    assert adder.get(reverse(KEEP, args=[slug])).status_code == 405
    assert adder.post(reverse(KEEP, args=["nonsense"])).status_code == 404


def test_it_says_what_the_pictures_are(editor: User, browser: Browser) -> None:
    """Nobody takes a sandbox picture for what the provider makes."""
    assert (
        "The pictures are sandbox pictures: drawn on this machine"
        in browser(editor).get(reverse(PAGE)).content.decode()
    )


@pytest.mark.parametrize("is_there", [True, False])
def test_used(is_there: bool, editor: User, browser: Browser) -> None:
    """The order page begins with it: its style is chosen where the site has it, else its words are in the prompt."""
    if is_there:
        Style.objects.create(name="Watercolour", words="the site's own words")
    client, key = browser(editor), "example-childrens-book"
    page = client.get(f"{reverse(ORDER)}?template={key}")
    filling = page.context["form"].filling
    assert [gap.name for gap in filling.gaps] == ["animal", "action"]
    assert f'<option value="{key}" selected>' in page.content.decode()
    sent = {"wording-do": "use", "wording-template": key, "wording-for": key, "prompt": "", "style": ""}
    sent |= {"wording-gap-animal": "an owl", "wording-gap-action": "sleeping"}
    form = client.post(reverse(ORDER), sent).context["form"]
    prompt = "Storybook illustration: an owl sleeping, big and friendly, moonlight"
    words = "" if is_there else "\nwatercolour on rough paper, loose edges, white left free"
    assert (form["prompt"].value(), form["style"].value()) == (
        f"{prompt}{words}",
        "Watercolour" if is_there else "",
    )
    assert form["shape"].value() == "4:3"
    assert client.get(f"{reverse(ORDER)}?template=example-nonsense").context["form"].filling.chosen is None


def test_kept(person: Person, browser: Browser) -> None:
    """It becomes a template of the site's, once, with its style; one of that name stays as it is."""
    wanda = person("wanda", "add_prompttemplate", "add_style")
    client, slug = browser(wanda), "hero-photo"
    page = client.post(reverse(KEEP, args=[slug]), follow=True)
    assert "“Hero photo” is a template of yours now." in page.content.decode()
    template = PromptTemplate.objects.get()
    assert template.style is not None
    assert (template.name, template.style.name, template.created_by) == ("Hero photo", "Quiet light", wanda)
    PromptTemplate.objects.update(text="changed")
    page = client.post(reverse(KEEP, args=[slug]), follow=True)
    assert "There is a template “Hero photo” already." in page.content.decode()
    assert PromptTemplate.objects.get().text == "changed"


def test_kept_without_its_style(person: Person, browser: Browser) -> None:
    """Who may add no style keeps its words in the text; a style of that name is used, and not changed."""
    client = browser(person("adam", "add_prompttemplate"))
    client.post(reverse(KEEP, args=["hero-photo"]))
    template = PromptTemplate.objects.get()
    assert template.style is None
    assert template.text.endswith("\nsoft natural light, muted colours, fine film grain")
    Style.objects.create(name="Watercolour", words="the site's own")
    client.post(reverse(KEEP, args=["seasonal-greeting"]))
    template = PromptTemplate.objects.get(name="Seasonal greeting")
    assert template.style == Style.objects.get(words="the site's own")
