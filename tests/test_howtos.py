"""The pages on references, sequences and delivery: their Python and their commands, done as they are written."""

from __future__ import annotations

import inspect
import io
import re
import shlex
import sys
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from PIL import Image

from example_project.magazine import models as magazine
from seedream_django import delivery, orders, parameters, place_checks, places, prompts, references
from seedream_django.models import GeneratedImage, Generation, Role

from .gate import Gate
from .steps import carry, made
from .tutorial import Section

pytestmark = pytest.mark.django_db

HOWTO = Path(__file__).resolve().parent.parent / "docs" / "howto"
PAGES = ("references", "sequences", "delivery")


def page(name: str) -> Section:
    return Section((HOWTO / f"{name}.md").read_text())


@pytest.fixture
def reader(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: User) -> dict[str, Any]:
    """What whoever reads these pages has: two files, a person, an upload, a field with a file, a picture."""
    monkeypatch.chdir(tmp_path)
    Image.effect_noise((640, 480), 60).convert("RGB").save("teapot.jpg")
    Image.new("RGB", (300, 200), "#e8e2d0").save("sketch.png")
    image = made("a fox at noon", user=editor).images.get()
    photo = SimpleUploadedFile("mine.jpg", Path("teapot.jpg").read_bytes())
    gate.posts.clear()
    return {
        "Path": Path,
        "b64encode": b64encode,
        "request": SimpleNamespace(user=editor, FILES={"photo": photo}),
        "article": SimpleNamespace(photo=image.file),
        "image": image,
    }


def done() -> list[Generation]:
    """Every order, carried to its end; each has at least one picture."""
    rows = [carry(generation) for generation in Generation.objects.order_by("created_at")]
    assert all(row.stored for row in rows), [row.error_message for row in rows]
    return rows


def follow(section: Section, reader: dict[str, Any], settings: Any) -> dict[str, Any]:
    """Each block of Python in its order, in one namespace; the orders of each are carried to their ends."""
    for language, code in section.blocks:
        if language == "python":
            exec(compile(code, "page", "exec"), reader)
            settings.SEEDREAM |= reader.pop("SEEDREAM", {})
            done()
    return reader


@pytest.mark.parametrize("name", PAGES)
def test_the_commands(name: str, reader: dict[str, Any]) -> None:
    """Each line of the shell orders what it says, and the pictures come."""
    lines = "\n".join(code for language, code in page(name).blocks if language == "sh").replace("\\\n", " ")
    words = [shlex.split(line)[2:] for line in lines.splitlines() if "seedream_generate" in line]
    assert words
    for command, *arguments in words:
        call_command(command, *arguments, "--anyway", stdout=io.StringIO(), stderr=io.StringIO())
    assert len(done()) == 1 + len(words)


# -- References ----------------------------------------------------------------------------------------------


def test_references(reader: dict[str, Any], settings: Any, gate: Gate) -> None:
    """One from a file, one with roles, one that changes a picture and knows which."""
    follow(page("references"), reader, settings)
    orders = [task for task in gate.posts if task["taskType"] == "imageInference"]
    assert [len(task["inputs"]["referenceImages"]) for task in orders] == [1, 2, 1]
    assert orders[1]["positivePrompt"].endswith(
        "\nTake the subject from image 1. Take the style from image 2."
    )
    assert orders[2]["positivePrompt"] == "make it evening\nImage 1 is the picture to change."
    # The teapot was sent for the first order, and remembered for the second.
    assert orders[0]["inputs"]["referenceImages"][0] == orders[1]["inputs"]["referenceImages"][0]
    assert sum(task["taskType"] == "mediaStorage" for task in gate.posts) == 3
    assert reader["evening"].parent == reader["image"].generation
    page_of_an_edit = Client()
    page_of_an_edit.force_login(reader["request"].user)
    assert "make it evening, remove the car" in page_of_an_edit.get(reader["link"]).content.decode()


def test_each_way_to_give_one(reader: dict[str, Any]) -> None:
    """Every line of the page's table is taken, and what has the same bytes is the same reference."""
    text = page("references").text
    ways = re.findall(r"^\| [a-z][^|]*? \| `([^`|]+)` \|$", text.partition("## What each is for")[0], re.M)
    rows = [references.read([eval(way, reader)], user=reader["request"].user)[0] for way in ways]
    assert len(rows) == 8
    by_content = [row.sha256 for row in rows]
    assert by_content[0] == by_content[1] == by_content[6] == by_content[7] != ""
    assert rows[2].name == reader["image"].file.name
    assert rows[3].image == rows[4].image == reader["image"]
    assert rows[5].url == "https://www.example.org/teapot.jpg"


def test_what_each_is_for() -> None:
    """The roles of the page are those there are, with the words that the model is told."""
    told = dict(re.findall(r'^\| `"(\w+)"` \| (.*) \|$', page("references").text, re.M))
    assert told == {role: words.format(1) for role, words in prompts.ROLES.items()}
    assert set(told) == set(Role.values) - {""}


def test_limits() -> None:
    """The numbers of the page are the code's."""
    text = page("references").text
    assert (
        f"{parameters.REFERENCE_BYTES >> 20} MB and {parameters.REFERENCE_PIXELS // 10**6} megapixels" in text
    )
    assert (
        f"more than {parameters.REFERENCE_MIN_SIDE} pixels; none more than {parameters.MAX_ASPECT} times"
        in text
    )
    assert f"| {parameters.BY_KEYWORD['references'].maximum}; with a" in text
    assert f"they are {parameters.MAX_REFERENCES_PLUS_SEQUENCE} together" in text


# -- Sequences -----------------------------------------------------------------------------------------------


def test_sequences(reader: dict[str, Any], settings: Any, gate: Gate) -> None:
    """The pictures of a story are its scenes in their order."""
    follow(page("sequences"), reader, settings)
    scenes = list(reader["scenes"])
    assert [scene.position for scene in scenes] == list(range(len(scenes)))
    assert set(scenes) == set(GeneratedImage.objects.filter(generation=reader["story"]))
    assert gate.posts[0]["providerSettings"]["bytedance"]["maxSequentialImages"] == 4


# -- Delivery ------------------------------------------------------------------------------------------------


def test_delivery(reader: dict[str, Any], settings: Any, gate: Gate) -> None:
    """The settings hold for every order, and code's word for one goes before them."""
    follow(page("delivery"), reader, settings)
    assert made("an owl").stored == 1
    one, other = (task for task in gate.posts if task["taskType"] == "imageInference")
    assert (one["outputType"], one["ttl"]) == ("URL", 3600)
    assert other["outputType"] == "dataURI"
    assert other["uploadEndpoint"].endswith("?signature=made-for-this-file")
    assert "uploadEndpoint" not in one


def test_what_the_page_on_delivery_names() -> None:
    """Each row of its table is a setting and a keyword that code may give."""
    rows = re.findall(r"^\| [^|]+ \| `(\w+)` \| `(\w+)=.*` \|$", page("delivery").text, re.M)
    assert [keyword for _setting, keyword in rows] == list(orders.DELIVERY)
    assert [setting for setting, _keyword in rows] == list(delivery.SETTINGS)


# -- Fields --------------------------------------------------------------------------------------------------


def test_fields(
    editor: User, monkeypatch: pytest.MonkeyPatch, rf: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """Its admin finds no fault, its view orders and goes on, its plain form takes what was chosen."""
    monkeypatch.setitem(sys.modules, "magazine.models", magazine)
    said: dict[str, Any] = {"__name__": "fields"}
    text = page("fields").text.partition("## A user model of your own")[0]
    for language, code in Section(text).blocks:
        if language == "python":
            exec(compile(code, "fields.md", "exec"), said)
    site = admin.AdminSite("fields")
    site.register(magazine.Article, said["ArticleAdmin"])
    assert list(place_checks.check_places()) == []
    topic = magazine.Topic.objects.create(name="Nature", slug="nature")
    article = magazine.Article.objects.create(title="Foxes", slug="foxes", topic=topic)
    request = rf.post("/", {"teaser-prompt": "a fox", "teaser-order": "1", "teaser-results": "1"})
    request.user = editor
    with django_capture_on_commit_callbacks(execute=True):
        assert said["teaser"](request, "foxes").url == article.get_absolute_url()
    with django_capture_on_commit_callbacks(execute=True):
        (generation,) = done()
    article.refresh_from_db()
    assert (article.teaser_width, article.teaser_height) == (800, 640)
    image = generation.images.get()
    request.POST = {"picture": str(image.pk)}
    assert said["picked"](request) == image
    photo = magazine.Photo.objects.create(article=article)
    assert [each.made_with_ai for each in said["photos"].filter(pk=photo.pk)] == [False]


def test_the_table_of_slot() -> None:
    """Every word that it takes, and no other."""
    rows = " ".join(re.findall(r"^\| (`\w+=.*?) \|", page("fields").text, re.M))
    assert set(re.findall(r"`(\w+)=", rows)) == set(inspect.signature(places.slot).parameters)
