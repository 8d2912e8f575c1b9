"""Styles and templates as a file: what is written can be read, and nothing hostile gets further than an error."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from seedream_django import sayings
from seedream_django.models import PromptTemplate, Style
from seedream_django.sayings import BadDocument

pytestmark = [pytest.mark.django_db, pytest.mark.once]
Browser = Callable[..., Client]
Person = Callable[..., User]

IMPORT = "admin:seedream_django_prompttemplate_import"
EXPORT = "admin:seedream_django_prompttemplate_export"
LISTS = {kind: f"admin:seedream_django_{kind}_changelist" for kind in ("prompttemplate", "style")}
ALL = [f"{action}_{kind}" for action in ("view", "add", "change") for kind in LISTS]


def text_of(*templates: Any, styles: Any = (), **more: Any) -> str:
    return json.dumps({"seedream_django": 1, "styles": list(styles), "templates": list(templates), **more})


def problems(text: str | bytes, user: Any = None) -> list[str]:
    """What is wrong with the entries, by place."""
    found = sayings.look(sayings.read(text), user=user)
    return [f"{entry.place}: {' '.join(entry.problems)}" for entry in found.wrong]


@pytest.fixture
def rows(db: None) -> None:
    soft = Style.objects.create(name="Soft", words="soft light", house=True)
    Style.objects.create(name="Old", words="sepia", active=False)
    PromptTemplate.objects.create(name="Hero", text="{subject} & <b>\nwide", style=soft, shape="16:9")
    PromptTemplate.objects.create(name="Größe", text="an {{old}} {größe}", description="D", active=False)


# -- There and back ------------------------------------------------------------------------------------------


def test_there_and_back(rows: None) -> None:
    """What is written is read as the same; into an empty site it brings the same rows, but not whose look it is."""
    text = sayings.written(Style.objects.all(), PromptTemplate.objects.all())
    found = sayings.look(sayings.read(text))
    assert (len(found.same), found.todo, found.wrong) == (4, [], [])
    assert json.loads(text)["templates"][1] == {
        "name": "Hero", "text": "{subject} & <b>\nwide", "style": "Soft", "shape": "16:9",
    }  # fmt: skip
    PromptTemplate.objects.all().delete()
    Style.objects.all().delete()
    assert sayings.take(sayings.look(sayings.read(text))) == 4
    hero = PromptTemplate.objects.get(name="Hero")
    assert hero.style is not None
    assert (hero.text, hero.shape, hero.style.words, hero.style.house) == (
        "{subject} & <b>\nwide", "16:9", "soft light", False,
    )  # fmt: skip
    assert not PromptTemplate.objects.get(name="Größe").active
    assert sayings.written(Style.objects.all(), PromptTemplate.objects.all()) == text


def test_what_changes(rows: None) -> None:
    """What is left out of an entry stays as it is; what is in no entry is not touched."""
    entries = [{"name": "Hero", "text": "new {subject}", "style": ""}, {"name": "New", "text": "x"}]
    found = sayings.look(sayings.read(text_of(*entries, styles=[{"name": "Soft", "words": "soft light"}])))
    assert [entry.name for entry in found.new] == ["New"]
    assert [(entry.name, list(entry.changes)) for entry in found.changed] == [("Hero", ["text", "style"])]
    assert [entry.name for entry in found.same] == ["Soft"]
    assert PromptTemplate.objects.get(name="Hero").style is not None
    assert sayings.take(found) == 2
    hero = PromptTemplate.objects.get(name="Hero")
    assert (hero.text, hero.style, hero.shape) == ("new {subject}", None, "16:9")
    assert (PromptTemplate.objects.count(), Style.objects.get(name="Soft").house) == (3, True)


def test_more_than_a_file_holds(db: None) -> None:
    """What could not be read again is not written."""
    few = [Style(name=f"S{number}", words="w") for number in range(500)]
    assert len(sayings.read(sayings.written(few))) == 500
    with pytest.raises(BadDocument, match="256 KB and 500 entries"):
        sayings.written([*few, Style(name="S", words="w")])
    with pytest.raises(BadDocument, match="Choose fewer"):
        sayings.written((), [PromptTemplate(name=f"T{number}", text="t" * 2000) for number in range(140)])


# -- Hostile -------------------------------------------------------------------------------------------------

BAD: list[tuple[str | bytes, str]] = [
    ("", "This is no JSON: line 1, column 1."),
    ("{", "This is no JSON"),
    ('{"seedream_django": 1,\n "styles": [}', "line 2, column"),
    (b"\xff\xfe\x00", "no text in UTF-8"),
    ("\ud800", "no text in UTF-8"),
    ("[" * 100_000, "brackets go too deep"),
    ('{"a":' * 40_000, "brackets go too deep"),
    (f'{{"seedream_django": {"9" * 5000}}}', "A number in it is too long."),
    ('{"seedream_django": 1e999}', "reads version 1"),
    ('{"seedream_django": NaN}', "“NaN” is no number"),
    ('{"seedream_django": true}', "reads version 1"),
    ('{"seedream_django": 2}', "reads version 1"),
    ('{"seedream_django": [[]]}', "reads version 1"),
    ("[]", "This is no file of styles and templates"),
    ("null", "This is no file of styles and templates"),
    ('"seedream_django"', "This is no file of styles and templates"),
    ('{"styles": []}', "This is no file of styles and templates"),
    (text_of(template=[]), "There is no “template”. Did you mean “templates”?"),
    (text_of(**{"<b>" * 100: 1}), "…”. There are: styles, templates."),
    ('{"seedream_django": 1, "styles": {}}', "“styles” must be a list."),
    ('{"seedream_django": 1, "styles": [], "styles": []}', "“styles” is said twice"),
    ('{"seedream_django": 1, "styles": [{"name": "A", "name": "B"}]}', "“name” is said twice"),
    (text_of(*[{}] * 501), "There are too many entries."),
    (" " * (256 * 1024 + 1), "The file is too large."),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_no_such_document(text: str | bytes, said: str) -> None:
    """One sentence for what cannot be read as a whole, whatever it is."""
    with pytest.raises(BadDocument) as caught:
        sayings.read(text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200


WRONG: list[tuple[Any, str]] = [
    (1, "Template 1: It must be an object in braces."),
    ([], "Template 1: It must be an object in braces."),
    ({}, "Template 1: “name” is missing. “text” is missing."),
    ({"name": 1, "text": None}, "Template 1: “name” must be a text. “text” must be a text."),
    ({"name": "A", "text": {"a": []}}, "“text” must be a text."),
    ({"name": "A", "text": "x", "active": 1}, "“active” must be true or false."),
    ({"name": "A", "text": "x", "active": "true"}, "“active” must be true or false."),
    ({"name": "A", "text": "x", "shapes": "1:1"}, "There is no “shapes”. Did you mean “shape”?"),
    ({"name": "A", "text": "x", "id": "1"}, "There is no “id”."),
    ({"name": "A", "text": "x", "created_by": "1"}, "There is no “created_by”."),
    ({"name": "A", "text": "x", "shape": "5:4"}, "Shape: Value '5:4' is not a valid choice."),
    ({"name": "A", "text": "x", "shape": "<b>\ud800" * 9000}, "is not a valid"),
    ({"name": "A", "text": "{a.b}"}, "Text: “{a.b}” is not the name of a gap"),
    ({"name": "A", "text": "\x00\x01"}, "Text: Write what the prompt says."),
    ({"name": "\u202e\x00", "text": "x"}, "Name: This field cannot be blank."),
    ({"name": "n" * 61, "text": "x"}, "Name: Ensure this value has at most 60 characters"),
    ({"name": "A", "text": "t" * 2001}, "Text: It has more than 2000 characters."),
    ({"name": "A", "text": "x", "style": "Nobody's"}, "There is no style “Nobody's”"),
    ({"name": "HERO", "text": "x"}, "“Hero” is there already, with other capitals."),
]


@pytest.mark.parametrize(("entry", "said"), WRONG)
def test_wrong_entries(entry: Any, said: str, rows: None) -> None:
    """Each is told by its place and left out; the others are taken in, and nothing else happens."""
    text = text_of(entry, {"name": "Good", "text": "good"})
    (told,) = problems(text)
    assert told.startswith("Template 1: ")
    assert said in told or "shape" in entry
    assert len(told) < 300
    told.encode()
    assert sayings.take(sayings.look(sayings.read(text))) == 1
    assert sorted(PromptTemplate.objects.values_list("name", flat=True)) == ["Good", "Größe", "Hero"]


def test_thousands_of_keys(db: None) -> None:
    """A file full of keys is refused at once, and of those that nobody knows one is told."""
    keys = [f"{number:x}" for number in range(23_000)]
    since = time.perf_counter()
    with pytest.raises(BadDocument, match="is said twice"):
        sayings.read("{" + ",".join(f'"{key}":1' for key in [*keys, keys[-1]]) + "}")
    (entry,) = sayings.read(text_of(dict.fromkeys(keys, 1)))
    # Each held against each took eighteen seconds, each explained one more.
    assert time.perf_counter() - since < 1
    assert entry.problems[0].startswith("There is no “0”.")
    assert len(entry.problems) == 3


def test_wrong_styles(rows: None) -> None:
    """What would be our look, a reserved name, two of one name: none is taken in, nor what names one of them."""
    styles = [
        {"name": "A", "words": "w", "house": True},
        {"name": "House", "words": "w"},
        {"name": "B", "words": "w"},
        {"name": "b", "words": "v"},
        {"name": "C", "words": "\x00"},
        {"name": "D", "words": "w" * 501},
    ]
    template = {"name": "T", "text": "t", "style": "A"}
    told = problems(text_of(template, styles=styles))
    assert [line.partition(":")[0] for line in told] == [
        "Style 1",
        "Style 2",
        "Style 4",
        "Style 5",
        "Style 6",
        "Template 1",
    ]
    assert "There is no “house”." in told[0]
    assert "It has the same name as “Style 3”." in told[2]
    assert "neither here nor in this file, or it is wrong there" in told[5]


def test_words_are_words(rows: None) -> None:
    """Surrogates, NULs and what turns the direction of a text around never reach a row."""
    hostile = "a\ud800\x00\u202eb"
    text = text_of(
        {"name": f"T{hostile}", "text": hostile, "description": hostile, "style": f"S{hostile}"},
        styles=[{"name": f"S{hostile}", "words": hostile}],
    )
    assert problems(text) == []
    assert sayings.take(sayings.look(sayings.read(text))) == 2
    template = PromptTemplate.objects.select_related("style").get(name="Tab")
    assert template.style is not None
    assert {template.text, template.description, template.style.words} == {"ab"}


def test_queries(django_assert_max_num_queries: Any) -> None:
    """Five hundred entries are looked at in as many queries as one."""
    styles = [{"name": f"S{number}", "words": "w"} for number in range(200)]
    templates = [{"name": f"T{number}", "text": "{a}", "style": f"S{number % 200}"} for number in range(300)]
    entries = sayings.read(text_of(*templates, styles=styles))
    with django_assert_max_num_queries(2):
        found = sayings.look(entries)
    assert len(found.new) == 500
    assert sayings.take(found) == 500
    with django_assert_max_num_queries(2):
        again = sayings.look(sayings.read(text_of(*templates, styles=styles)))
    assert len(again.same) == 500


# -- In the admin --------------------------------------------------------------------------------------------


def test_a_look_and_then_a_press(person: Person, browser: Browser) -> None:
    """A file is looked at first; the second press takes in what was seen, and the history says who did it."""
    wanda = person("wanda", *ALL)
    client = browser(wanda)
    text = text_of({"name": "<b>T</b>", "text": "{a}", "style": "S"}, 7, styles=[{"name": "S", "words": "w"}])
    file = SimpleUploadedFile("x.json", b"\xef\xbb\xbf" + text.replace(" ", "\r\n").encode())
    page = client.post(reverse(IMPORT), {"file": file})
    told, found = page.content.decode(), page.context["found"]
    assert "<b>T</b>" not in told
    assert "&lt;b&gt;T&lt;/b&gt;" in told
    assert "Template 2: It must be an object in braces." in told
    assert "Take in 2 entries" in told
    for entry in found.new:
        assert f">{escape(entry.text)}</blockquote>" in told
    assert not Style.objects.exists()
    sent = {"document": page.context["text"], "digest": found.digest}
    # As a browser sends a text.
    sent["document"] = sent["document"].replace("\r\n", "\n").replace("\n", "\r\n")
    assert client.post(reverse(IMPORT), sent).status_code == 302
    template = PromptTemplate.objects.get()
    assert template.style is not None
    assert (template.name, template.style.name, template.created_by) == ("<b>T</b>", "S", wanda)
    assert LogEntry.objects.filter(user=wanda).count() == 2
    again = client.post(reverse(IMPORT), {"document": text})
    assert "There is nothing in it to take in." in again.content.decode()


def test_it_changed_meanwhile(person: Person, browser: Browser) -> None:
    """What was pressed for is done, or nothing: somebody else's change in between is shown first."""
    client = browser(person("wanda", *ALL))
    text = text_of({"name": "T", "text": "new"})
    seen = client.post(reverse(IMPORT), {"document": text}).context["found"].digest
    PromptTemplate.objects.create(name="T", text="somebody else's")
    page = client.post(reverse(IMPORT), {"document": text, "digest": seen})
    assert "Something changed since you looked." in page.content.decode()
    assert [entry.name for entry in page.context["found"].changed] == ["T"]
    assert "<del>somebody else&#x27;s</del>\n<ins>new</ins>" in page.content.decode()
    assert PromptTemplate.objects.get().text == "somebody else's"
    # Also where the same field was another's meanwhile: what was seen to go is not what would go.
    seen = page.context["found"].digest
    PromptTemplate.objects.update(text="a third one's")
    page = client.post(reverse(IMPORT), {"document": text, "digest": seen})
    assert "Something changed since you looked." in page.content.decode()
    assert PromptTemplate.objects.get().text == "a third one's"


def test_rights(rows: None, editor: User, person: Person, browser: Browser) -> None:
    """What one may not add or change is told and left out; who may do neither does not come in."""
    assert browser(editor).get(reverse(IMPORT)).status_code == 403
    assert browser(editor).post(reverse(IMPORT), {"document": text_of()}).status_code == 403
    adder = person("adam", "add_prompttemplate")
    text = text_of(
        {"name": "Hero", "text": "mine"},
        {"name": "New", "text": "x", "style": "Fresh"},
        {"name": "Newer", "text": "x", "style": "Soft"},
        styles=[{"name": "Fresh", "words": "w"}, {"name": "Soft", "words": "changed"}],
    )
    told = problems(text, adder)
    assert told == [
        "Style 1: You may not add any.",
        "Style 2: You may not change it.",
        "Template 1: You may not change it.",
        "Template 2: There is no style “Fresh”, neither here nor in this file, or it is wrong there.",
    ]
    page = browser(adder).post(reverse(IMPORT), {"document": text})
    sent = {"document": text, "digest": page.context["found"].digest}
    assert browser(adder).post(reverse(IMPORT), sent).status_code == 302
    assert sorted(PromptTemplate.objects.values_list("name", flat=True)) == ["Größe", "Hero", "Newer"]
    assert Style.objects.get(name="Soft").words == "soft light"


def test_what_is_wrong_is_shown(person: Person, browser: Browser) -> None:
    """A bad file is told in one sentence, and what was pasted stands there to be mended."""
    client = browser(person("wanda", *ALL))
    page = client.post(reverse(IMPORT), {"document": '{"</textarea><script>'}).content.decode()
    assert "This is no JSON" in page
    assert "</textarea><script>" not in page
    assert "&lt;/textarea&gt;&lt;script&gt;" in page
    big = SimpleUploadedFile("x.json", b" " * 300_000)
    assert "The file is too large." in client.post(reverse(IMPORT), {"file": big}).content.decode()
    assert "This is no JSON" in client.post(reverse(IMPORT), {}).content.decode()


def test_export(rows: None, editor: User, person: Person, browser: Browser, owner: User) -> None:
    """Only what one may see: all of it by the link, what is chosen by the action."""
    assert browser(editor).get(reverse(EXPORT)).status_code == 403
    answer = browser(owner).get(reverse(EXPORT))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="seedream-templates.json"'
    whole = json.loads(answer.content)
    assert [len(whole[kind]) for kind in ("styles", "templates")] == [2, 2]
    only = json.loads(browser(person("vera", "view_prompttemplate")).get(reverse(EXPORT)).content)
    assert (only["styles"], len(only["templates"])) == ([], 2)
    assert browser(owner).post(reverse(EXPORT)).status_code == 405
    hero = PromptTemplate.objects.get(name="Hero")
    chosen = {"action": "export_chosen", "_selected_action": [hero.pk]}
    told = json.loads(browser(owner).post(reverse(LISTS["prompttemplate"]), chosen).content)
    assert ([row["name"] for row in told["styles"]], [row["name"] for row in told["templates"]]) == (
        ["Soft"],
        ["Hero"],
    )
    style = {"action": "export_chosen", "_selected_action": [Style.objects.get(name="Old").pk]}
    told = json.loads(browser(owner).post(reverse(LISTS["style"]), style).content)
    assert told["styles"] == [{"name": "Old", "words": "sepia", "active": False}]


def test_export_of_too_much(owner: User, browser: Browser) -> None:
    """More than a file holds is told, not cut off."""
    PromptTemplate.objects.bulk_create(PromptTemplate(name=f"T{n}", text="t") for n in range(501))
    page = browser(owner).get(reverse(EXPORT), follow=True)
    assert "This is more than one file holds." in page.content.decode()


def test_the_lists_lead_there(owner: User, browser: Browser, editor: User) -> None:
    """Below both lists; an empty one says what it is for, and not that there are no pictures."""
    for kind in LISTS:
        page = browser(owner).get(reverse(LISTS[kind])).content.decode()
        assert reverse(IMPORT) in page
        assert "There are no pictures yet." not in page
