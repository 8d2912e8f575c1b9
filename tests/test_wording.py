"""Templates: prompts with gaps, found by name, filled, and used on the order page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from seedream_django import wording
from seedream_django.exceptions import InvalidOrder
from seedream_django.models import Generation, PromptTemplate, Style

pytestmark = [pytest.mark.django_db, pytest.mark.once]
Browser = Callable[..., Client]
Person = Callable[..., User]

ORDER = "admin:seedream_django_generation_add"
ADD = "admin:seedream_django_prompttemplate_add"
LIST = "admin:seedream_django_prompttemplate_changelist"
PAGE = "admin:seedream_django_prompttemplate_change"
MAY = ("view_prompttemplate", "add_prompttemplate", "change_prompttemplate", "delete_prompttemplate")
HERO = "{subject} in {season}, a wide photo"


@pytest.fixture
def soft(db: None) -> Style:
    return Style.objects.create(name="Soft", words="soft light")


@pytest.fixture
def hero(soft: Style) -> PromptTemplate:
    return PromptTemplate.objects.create(name="Hero", text=HERO, style=soft, shape="16:9")


@pytest.fixture
def plain(db: None) -> PromptTemplate:
    return PromptTemplate.objects.create(name="Plain", text="A quiet lake at dawn")


# -- What a template is --------------------------------------------------------------------------------------

WRONG: list[tuple[str, str]] = [
    ("a {subject", "The braces do not match: each gap"),
    ("a subject}", "The braces do not match: each gap"),
    ("a {}", "“{}” is not the name of a gap"),
    ("a {2}", "“{2}” is not the name of a gap"),
    ("a {_subject}", "“{_subject}” is not the name of a gap"),
    ("a {the subject}", "“{the subject}” is not the name of a gap"),
    ("a {subject.__class__}", "“{subject.__class__}” is not the name of a gap"),
    ("a {subject!r}", "“{subject!r}” has more than a name in it: write “{subject}”"),
    ("a {subject:>2000000000}", "has more than a name in it"),
    ("\x00\x08", "write what the prompt says"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    """One rule for braces, the one of fields' prompts, in words for whoever writes a template."""
    template = PromptTemplate(name="T", text=text)
    with pytest.raises(ValidationError) as caught:
        template.full_clean()
    assert list(caught.value.message_dict) == ["text"]
    assert said.lower() in " ".join(caught.value.message_dict["text"]).lower()


def test_too_much() -> None:
    """No more gaps than anybody fills, and with its style no more characters than a prompt may have."""
    many = " ".join(f"{{gap{number}}}" for number in range(21))
    with pytest.raises(ValidationError, match="It has 21 gaps"):
        PromptTemplate(name="T", text=many).full_clean()
    style = Style.objects.create(name="S", words="w" * 500)
    long = PromptTemplate(name="T", text="t" * 1499 + "{gap}", style=style)
    long.full_clean()
    long.text = f"t{long.text}"
    with pytest.raises(ValidationError, match="With its style it has 2001 characters"):
        long.full_clean()


def test_what_is_kept() -> None:
    """Names are one line; nothing turns the direction of what others read; doubled braces are braces."""
    template = PromptTemplate(name=" A\u202e \nname ", text=" {{a}} {größe}\r\nb\u2066 ", description="x\ty")
    template.full_clean()
    assert (template.name, template.text, template.description) == ("A name", "{{a}} {größe}\nb", "x y")
    assert template.gaps == ["größe"]
    assert wording.filled(template, {"größe": "big"}) == "{a} big\nb"


# -- By name, from code --------------------------------------------------------------------------------------


def test_filled(hero: PromptTemplate) -> None:
    """Each gap by its name; what stands in a value is taken as it is, in one line."""
    values = {"subject": "a {season} <b>fox</b>\n{0.__class__}", "season": " winter "}
    assert wording.filled(hero, values) == "a {season} <b>fox</b> {0.__class__} in winter, a wide photo"


def test_filled_wrongly(hero: PromptTemplate, plain: PromptTemplate) -> None:
    """A gap that is missing or empty, a name that there is not, words that are too many: all told at once."""
    with pytest.raises(InvalidOrder) as caught:
        wording.filled(hero, {"seasons": "winter", "subject": " "})
    assert caught.value.errors == {
        "subject": ["Say what stands here."],
        "season": ["Say what stands here."],
        "seasons": ["There is no gap “seasons”. Did you mean “season”?"],
    }
    with pytest.raises(InvalidOrder) as caught:
        wording.filled(hero, {"season": "winter", "subject": "x" * 2000})
    assert "2035 characters" in caught.value.errors["prompt"][0]
    with pytest.raises(InvalidOrder, match="This template has no gaps"):
        wording.filled(plain, {"subject": "x"})


def test_named(hero: PromptTemplate, plain: PromptTemplate) -> None:
    """By its whole name; what is nearly one is told its name, what is not offered is none."""
    assert wording.named("Hero") == hero
    PromptTemplate.objects.create(name="Old", text="x", active=False)
    for name, text in (
        ("Heroo", "Did you mean “Hero”? There are: Hero, Plain."),
        ("Old", "There are: Hero, Plain."),
    ):
        with pytest.raises(InvalidOrder, match=re.escape(text)):
            wording.named(name)
    PromptTemplate.objects.all().delete()
    with pytest.raises(InvalidOrder, match="nor any other"):
        wording.named("Hero")


# -- On the order page ---------------------------------------------------------------------------------------


def sent(**values: Any) -> dict[str, Any]:
    """What the order page sends, with the control's own parts by their short names."""
    ours = {
        f"wording-{name}": values.pop(name) for name in ("do", "template", "for", "filled") if name in values
    }
    gap_values = {f"wording-gap-{name}": value for name, value in values.pop("gaps", {}).items()}
    page = {
        "prompt": "",
        "style": "",
        "shape": "1:1",
        "resolution": "2K",
        "make": "variations",
        "results": "1",
    }
    page |= {
        "sequence": "4",
        "output_format": "JPG",
        "output_quality": "95",
        "optimize_prompt_mode": "standard",
    }
    return {**page, **values, **ours, **gap_values, "nonce": "n"}


def test_its_gaps_are_asked_for(editor: User, browser: Browser, hero: PromptTemplate) -> None:
    """The first press shows the gaps and leaves what was typed; the second fills prompt, style and shape."""
    client, key = browser(editor), str(hero.pk)
    page = client.post(reverse(ORDER), sent(do="use", template=key, results="3"))
    form = page.context["form"]
    assert [gap.label for gap in form.filling.gaps] == ["Subject", "Season"]
    assert (form["prompt"].value(), form["results"].value(), form.errors) == ("", "3", {})
    page = client.post(
        reverse(ORDER), sent(do="use", template=key, **{"for": key}, gaps={"subject": "a fox", "season": ""})
    )
    filling = page.context["form"].filling
    assert [gap.errors for gap in filling.gaps] == [[], ["Say what stands here."]]
    assert filling.gaps[0].value == "a fox"
    gap_values = {"subject": "a fox", "season": "winter"}
    page = client.post(
        reverse(ORDER),
        sent(do="use", template=key, **{"for": key}, gaps=gap_values, results="3", output_format="PNG"),
    )
    form = page.context["form"]
    shown = {name: form[name].value() for name in ("prompt", "style", "shape", "results", "output_format")}
    assert shown == {
        "prompt": "a fox in winter, a wide photo",
        "style": "Soft",
        "shape": "16:9",
        "results": "3",
        "output_format": "PNG",
    }
    assert "Filled in from “Hero”: the prompt, the style “Soft” and the shape 16:9." in page.content.decode()
    assert not Generation.objects.exists()


def test_gaps_that_were_filled_and_not_used(editor: User, browser: Browser, hero: PromptTemplate) -> None:
    """Who orders before the template filled in the prompt is told what is missing, and keeps what they wrote."""
    gap_values = {"subject": "a fox", "season": "winter"}
    page = browser(editor).post(
        reverse(ORDER), sent(template=str(hero.pk), **{"for": str(hero.pk)}, gaps=gap_values)
    )
    form = page.context["form"]
    assert form.errors == {
        "prompt": ["The template did not fill in the prompt yet: press “Use”, or write one."]
    }
    assert [gap.value for gap in form.filling.gaps] == ["a fox", "winter"]
    assert browser(editor).post(reverse(ORDER), sent()).context["form"].errors == {
        "prompt": ["This field is required."]
    }


def test_gaps_that_were_changed_afterwards(editor: User, browser: Browser, hero: PromptTemplate) -> None:
    """Who changes a gap and forgets “Use” pays for nothing; who keeps their own words, or leaves the template, may."""
    client, key = browser(editor), str(hero.pk)
    words = {"subject": "a barn", "season": "autumn"}
    told = {
        "prompt": ["What you wrote into the gaps is not in the prompt: press “Use”, or choose “No template”."]
    }

    def press(**values: Any) -> Any:
        data = sent(**{"template": key, "for": key, "gaps": words, **values})
        return client.post(reverse(ORDER), data | {"nonce": values.get("filled", "n")})

    used = press(do="use").context["form"]
    filled = {"prompt": used["prompt"].value(), "filled": used.filling.mark}
    form = press(**filled, gaps=words | {"season": "spring"}).context["form"]
    assert (form.errors, form.filling.gaps[1].value) == (told, "spring")
    assert press(prompt="a grey goose", filled="").context["form"].errors == told
    assert not Generation.objects.exists()
    kept = press(do="keep", prompt="a grey goose", filled="").context["form"].filling.mark
    assert press(prompt="a grey goose", filled=kept).status_code == 302
    assert press(prompt="a white goose", template="").status_code == 302
    assert {row.prompt for row in Generation.objects.all()} == {"a grey goose", "a white goose"}


def test_what_was_written_is_asked_about(editor: User, browser: Browser, plain: PromptTemplate) -> None:
    """Typed words stay until a second press; what a template filled in is replaced without a question."""
    client, key = browser(editor), str(plain.pk)
    mine = sent(do="use", template=key, prompt="my own words")
    page = client.post(reverse(ORDER), mine)
    assert page.context["form"]["prompt"].value() == "my own words"
    assert "You wrote a prompt already." in page.content.decode()
    page = client.post(reverse(ORDER), {**mine, "wording-do": "keep"})
    assert page.context["form"]["prompt"].value() == "my own words"
    assert "You wrote a prompt already." not in page.content.decode()
    page = client.post(reverse(ORDER), {**mine, "wording-do": "replace"})
    form = page.context["form"]
    assert form["prompt"].value() == plain.text
    other = PromptTemplate.objects.create(name="Other", text="Another lake")
    again = sent(do="use", template=str(other.pk), prompt=plain.text, filled=form.filling.mark)
    assert client.post(reverse(ORDER), again).context["form"]["prompt"].value() == "Another lake"
    changed = {**again, "prompt": f"{plain.text}!"}
    assert client.post(reverse(ORDER), changed).context["form"]["prompt"].value() == f"{plain.text}!"
    assert not Generation.objects.exists()


def test_ordering_from_it(editor: User, browser: Browser, hero: PromptTemplate) -> None:
    """What it filled in is ordered as if it had been typed; the template's own parts go nowhere."""
    key = str(hero.pk)
    order = sent(
        template=key, prompt="a fox in winter, a wide photo", style="Soft", shape="16:9", **{"for": key}
    )
    assert browser(editor).post(reverse(ORDER), order).status_code == 302
    generation = Generation.objects.get()
    assert generation.sent == "a fox in winter, a wide photo\nsoft light"
    assert (generation.width, generation.height) == (2848, 1600)


def test_an_address_that_begins_with_one(
    editor: User, browser: Browser, hero: PromptTemplate, plain: PromptTemplate
) -> None:
    """Without gaps it is filled at once, else the gaps are asked for; nonsense begins with nothing."""
    client = browser(editor)
    form = client.get(f"{reverse(ORDER)}?template={plain.pk}").context["form"]
    assert form["prompt"].value() == plain.text
    page = client.get(f"{reverse(ORDER)}?template={hero.pk}")
    assert page.context["form"]["prompt"].value() is None
    assert 'name="wording-gap-subject"' in page.content.decode()
    PromptTemplate.objects.filter(pk=plain.pk).update(active=False)
    for nonsense in (str(plain.pk), "9" * 40, "-1", "<b>", "1 OR 1=1", "¹"):
        page = client.get(reverse(ORDER), {"template": nonsense})
        assert page.status_code == 200
        assert page.context["form"].filling.chosen is None


def test_hostile_words(editor: User, browser: Browser, hero: PromptTemplate) -> None:
    """Mark-up in a template, in a gap and in a key is text; a button that there is not does nothing."""
    PromptTemplate.objects.filter(pk=hero.pk).update(
        name="<script>n</script>", text="<script>t</script> {subject}", description="<script>d</script>"
    )
    key = str(hero.pk)
    data = sent(do="use", template=key, **{"for": key}, gaps={"subject": '"><script>g</script>'}, prompt="x")
    page = browser(editor).post(reverse(ORDER), data).content.decode()
    assert not re.search(r"<script>[ntdg]", page)
    gone = browser(editor).post(reverse(ORDER), {**data, "wording-template": "777"})
    assert "This template is gone. Choose another." in gone.content.decode()
    wrong = browser(editor).post(reverse(ORDER), {**data, "wording-do": "order", "results": "99"})
    assert "results" in wrong.context["form"].errors
    assert not Generation.objects.exists()


def test_who_may_not_order_meets_no_template(person: Person, browser: Browser, hero: PromptTemplate) -> None:
    """The control is on the order page alone, which is for those who order."""
    data = sent(do="use", template=str(hero.pk))
    assert browser(person("vera", *MAY)).post(reverse(ORDER), data).status_code == 403


def test_queries(
    editor: User, browser: Browser, hero: PromptTemplate, django_assert_max_num_queries: Any
) -> None:
    """A hundred templates cost the order page no more queries than one."""
    client = browser(editor)
    client.get(reverse(ORDER))
    with django_assert_max_num_queries(40) as few:
        client.get(reverse(ORDER))
    PromptTemplate.objects.bulk_create(
        PromptTemplate(name=f"T{number}", text=HERO, style=hero.style) for number in range(300)
    )
    with django_assert_max_num_queries(len(few.captured_queries)):
        page = client.get(reverse(ORDER))
    assert len(page.context["form"].filling.choices) == wording.OFFERED
    last = PromptTemplate.objects.order_by("name").last()
    assert last is not None
    chosen = client.get(f"{reverse(ORDER)}?template={last.pk}").context["form"].filling
    assert (chosen.chosen, chosen.choices[0]) == (last, (str(last.pk), last.name))


# -- In the admin --------------------------------------------------------------------------------------------


def test_writing_one(person: Person, browser: Browser, soft: Style) -> None:
    """Who wrote it is kept; its page shows the prompt as it is sent, gaps as such, and how long it is."""
    writer = person("wanda", *MAY, "view_style")
    client = browser(writer)
    data = {"name": "Hero", "text": "{the_subject} & <b>", "style": soft.pk, "shape": "16:9", "active": "on"}
    assert client.post(reverse(ADD), data).status_code == 302
    template = PromptTemplate.objects.get()
    assert template.created_by == writer
    page = client.get(reverse(PAGE, args=[template.pk])).content.decode()
    assert '<span class="seedream-hole">The subject</span> &amp; &lt;b&gt;\nsoft light</blockquote>' in page
    assert "17 of 2000 characters, before the gaps are filled." in page
    Style.objects.update(active=False)
    # One that is not offered is not chosen with the template, and so not sent.
    page = client.get(reverse(PAGE, args=[template.pk])).content.decode()
    assert "&lt;b&gt;</blockquote>" in page
    assert "6 of 2000 characters, before the gaps are filled." in page
    other = person("otto", "change_prompttemplate")
    browser(other).post(reverse(PAGE, args=[template.pk]), {**data, "text": "x"})
    template.refresh_from_db()
    assert (template.text, template.created_by) == ("x", writer)


def test_rights(editor: User, person: Person, browser: Browser, hero: PromptTemplate) -> None:
    """Django's own permissions; “Use” for those who may order."""
    addresses = [reverse(LIST), reverse(ADD), reverse(PAGE, args=[hero.pk])]
    assert [browser(editor).get(address).status_code for address in addresses] == [403, 403, 403]
    assert f'"{reverse(LIST)}"' not in browser(editor).get(reverse(ORDER)).content.decode()
    viewer = person("vera", "view_prompttemplate")
    assert [browser(viewer).get(address).status_code for address in addresses] == [200, 403, 200]
    assert "?template=" not in browser(viewer).get(reverse(LIST)).content.decode()
    both = browser(person("bea", "view_prompttemplate", "generate"))
    assert f"?template={hero.pk}" in both.get(reverse(LIST)).content.decode()
    assert f'"{reverse(LIST)}"' in both.get(reverse(ORDER)).content.decode()


def test_the_list(owner: User, browser: Browser, hero: PromptTemplate, plain: PromptTemplate) -> None:
    """Found by words of name and text; a search of any length asks for a few words only."""
    client = browser(owner)
    found = client.get(reverse(LIST), {"q": "lake dawn"}).context["cl"].result_list
    assert list(found) == [plain]
    assert client.get(reverse(LIST), {"q": "hero " * 5000}).status_code in (200, 400)
    assert client.get(reverse(LIST), {"q": "\x00"}).status_code == 200
    PromptTemplate.objects.filter(pk=plain.pk).update(text="broken {")
    assert "The braces do not match" in client.get(reverse(PAGE, args=[plain.pk])).content.decode()


def test_what_nobody_looked_at(editor: User, browser: Browser, plain: PromptTemplate) -> None:
    """A text that was written past the form, such as by a fixture, breaks no page of those who order."""
    PromptTemplate.objects.filter(pk=plain.pk).update(text="broken {")
    with pytest.raises(InvalidOrder, match="The braces do not match"):
        wording.filled(PromptTemplate.objects.get(), {})
    for page in (
        browser(editor).get(f"{reverse(ORDER)}?template={plain.pk}"),
        browser(editor).post(reverse(ORDER), sent(do="use", template=str(plain.pk))),
    ):
        assert page.status_code == 200
        assert "The braces do not match" in page.content.decode()


# -- By command ----------------------------------------------------------------------------------------------


def test_the_command(hero: PromptTemplate, books: Any) -> None:
    """``--template`` and ``--set`` stand for the prompt, the style and the shape; what is said besides wins."""
    call_command("seedream_generate", "--template", "Hero", "--set", "subject=a=b", "--set", "season=winter")
    first = Generation.objects.get()
    assert (first.prompt, first.added) == ("a=b in winter, a wide photo", "soft light")
    assert (first.width, first.height) == (2848, 1600)
    Style.objects.create(name="Hard", words="hard light")
    more = ("--style", "Hard", "--size", "2048x2048")
    call_command("seedream_generate", "--template=Hero", "--set=subject=a", "--set=season=b", *more)
    last = Generation.objects.order_by("created_at").last()
    assert last is not None
    assert (last.added, last.width) == ("hard light", 2048)


WRONG_WORDS: list[tuple[tuple[str, ...], str]] = [
    (("--template", "Heroo"), "--template: There is no template “Heroo”. Did you mean “Hero”?"),
    (("--template", "Hero", "--set", "subject"), "--set: Write a gap, “=” and its words"),
    (("--template", "Hero", "--set", "subject=a"), "--set season: Say what stands here."),
    (
        ("--template", "Hero", "--set", "colour=a"),
        "--set colour: There is no gap “colour”. There are: subject, season.",
    ),
    (("a fox", "--template", "Hero"), "Write a prompt or --template, not both."),
    ((), "Write a prompt, or --template with the name of one."),
    (("a fox", "--set", "subject=a"), "--set is for --template."),
]


@pytest.mark.parametrize(("words", "said"), WRONG_WORDS)
def test_the_command_says_what_is_wrong(words: tuple[str, ...], said: str, hero: PromptTemplate) -> None:
    """One line, with the option's name; nothing is ordered."""
    with pytest.raises(CommandError, match=re.escape(said)):
        call_command("seedream_generate", *words)
    assert not Generation.objects.exists()
