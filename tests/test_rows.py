"""The table of doors: each example goes to the wire, each row comes back as a stored picture, each proof exists."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import re
import shlex
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import BaseCommand, call_command, load_command_class
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from PIL import Image

import seedream_django
from seedream_django import conf, marks, orders, parameters, sandbox
from seedream_django.exceptions import InvalidOrder
from seedream_django.models import GeneratedImage, Generation, LedgerEntry, State
from seedream_django.order_forms import OrderForm
from seedream_django.parameters import BY_PATH, PAGE

from . import facts
from .gate import KEY, Gate
from .steps import made
from .test_delivery import worked

ROOT = Path(__file__).resolve().parent.parent
ROWS = run_path(str(ROOT / "docs" / "rows.py"))["ROWS"]
BY_ROW = {row.path: row for row in ROWS}
ADD = "admin:seedream_django_generation_add"
#: What an editor's form sends when nothing is touched.
UNTOUCHED = {
    "prompt": "a red fox",
    "shape": "1:1",
    "resolution": "2K",
    "results": "1",
    "output_format": "JPG",
    "output_quality": "95",
    "optimize_prompt_mode": "standard",
}


def at(task: Any, path: str) -> Any:
    """What is at a dotted path of a task object; ``...`` where there is nothing."""
    for name in path.split("."):
        task = task.get(name, ...) if isinstance(task, dict) else ...
    return task


# -- The table -----------------------------------------------------------------------------------------------


def test_every_row_of_the_page_has_its_line() -> None:
    """All of them, in the page's order, and none twice."""
    assert [row.path for row in ROWS] == [row.path for row in PAGE]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_every_door_that_is_named_is_there(row: Any) -> None:
    """A form's field, an option of the command, a keyword of an order, a setting: by the names in the examples."""
    parser = load_command_class("seedream_django", "seedream_generate").create_parser("manage.py", "x")
    usual = set(BaseCommand().create_parser("manage.py", "x")._option_string_actions)
    options = {word for word in shlex.split(row.command) if word.startswith("--")}
    assert set(row.admin) <= set(OrderForm.base_fields)
    assert options <= set(parser._option_string_actions) - usual
    assert set(keywords(row.python)[1]) <= {*orders.KEYWORDS, *orders.DELIVERY, "size"}
    assert set(settings_of(row.setting)) <= set(conf.DEFAULTS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_every_row_says_who_sets_it_and_is_proved_on_both_sides(row: Any) -> None:
    """Where no door sets it the row says what the app does; and every test that it names is a function there is."""
    assert bool(row.app) != bool(row.admin or row.command or row.python or row.setting)
    assert row.ours
    assert row.theirs
    for name in (*row.ours, *row.theirs):
        file, _, function = name.partition("::")
        assert function in functions_of(ROOT / "tests" / file), name


def test_each_row_has_its_call_on_the_page_of_python() -> None:
    """Each example of Python is a call of its own there, and there is no other."""
    page = (ROOT / "docs" / "reference" / "python.md").read_text()
    shown = set(re.findall(r'^generate\("a red fox"(?:, (.*))?\)(?:  # .*)?$', page, re.M))
    assert shown - {""} == {row.python for row in ROWS} - {"", '"a red fox"'}


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def keywords(python: str) -> tuple[list[Any], dict[str, Any]]:
    """An example of Python as the arguments that ``generate`` would get."""
    call: Callable[..., Any] = lambda *args, **kwargs: (list(args), kwargs)  # noqa: E731
    return eval(f"call({python})", {"call": call, "Path": Path})  # type: ignore[no-any-return]


def settings_of(example: str) -> dict[str, Any]:
    return dict(eval(f"{{{example}}}"))


# -- From each door to the wire ------------------------------------------------------------------------------


def in_admin(row: Any, owner: User) -> None:
    client = Client()
    client.force_login(owner)
    values: dict[str, Any] = {**UNTOUCHED, **row.admin}
    if "references" in values:
        photo = Path(values.pop("references"))
        values["references-files"] = SimpleUploadedFile(photo.name, photo.read_bytes())
    page = client.post(reverse(ADD), values)
    assert page.status_code == 302, page.content.decode()


def by_command(row: Any, owner: User) -> None:
    words = shlex.split(row.command)
    prompt = [] if words[0] == "a red fox" else ["a red fox"]
    call_command("seedream_generate", *prompt, *words, stdout=io.StringIO())


def in_python(row: Any, owner: User) -> None:
    args, values = keywords(row.python)
    seedream_django.generate(*(args or ["a red fox"]), **values)


def by_setting(row: Any, owner: User) -> None:
    seedream_django.generate("a red fox")


WAYS = {"admin": in_admin, "command": by_command, "python": in_python, "setting": by_setting}
EXAMPLES = [(row.path, way) for row in ROWS for way in WAYS if getattr(row, way)]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "way"), EXAMPLES, ids=lambda value: str(value))
def test_to_the_wire(
    path: str,
    way: str,
    gate: Gate,
    owner: User,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each example of the table, done as it is written, is what the provider is then asked for; and it is stored."""
    row = BY_ROW[path]
    monkeypatch.chdir(tmp_path)
    for name, colour in (("photo.jpg", "teal"), ("drawing.png", "ivory")):
        Image.new("RGB", (300, 200), colour).save(name)
    # With a queue that waits, as in production: inside a request nothing holds the line.
    settings.SEEDREAM |= {**settings_of(row.setting), "HUEY": "tests.test_pipeline.waiting_queue"}
    WAYS[way](row, owner)
    generation = worked(Generation.objects.get())
    (task,) = (task for task in gate.posts if task["taskType"] == "imageInference")
    assert parameters.check(task) == []
    assert at(task, path) == (at(task, path) if row.sends is ... else row.sends) != ...
    assert generation.stored == generation.expected > 0


ALWAYS = [row for row in ROWS if not any(getattr(row, way) for way in WAYS)]


@pytest.mark.django_db
@pytest.mark.parametrize("row", ALWAYS, ids=lambda row: row.path)
def test_by_itself(row: Any, gate: Gate) -> None:
    """What nobody sets is as the table says in a plain order: this value, or left out."""
    made()
    sent = at(gate.posts[0], row.path)
    if row.sends is not ...:
        assert sent == row.sends
    elif row.path != "taskUUID":
        assert sent is ...


@pytest.mark.django_db
def test_the_number_of_the_order_is_the_task_s(gate: Gate) -> None:
    """The row's key, a UUID of version 4, is what the provider knows the task by, in every question too."""
    generation = made()
    assert uuid.UUID(str(generation.pk)).version == 4
    assert {task["taskUUID"] for task in gate.posts} == {str(generation.pk)}


# -- Back into a stored picture ------------------------------------------------------------------------------

PILLOW = {"JPG": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}


def stored_bytes(image: GeneratedImage) -> bytes:
    with storages["default"].open(image.file.name) as file:
        return bytes(file.read())


def served(gate: Gate, image: GeneratedImage) -> bytes:
    """The bytes that the provider has of this picture."""
    (path,) = {path for path in gate.fetched if str(image.image_uuid) in path}
    with httpx.Client(transport=httpx.WSGITransport(app=gate.app), base_url="http://sandbox") as client:
        return client.get(path).content


@pytest.mark.django_db
@pytest.mark.parametrize("format", ["JPG", "PNG", "WEBP"])
def test_what_came_is_what_is_stored(format: str, gate: Gate, tmp_path: Path) -> None:
    """By content it is the format that was ordered; without our mark it is, byte for byte, what the provider sent."""
    image = made(output_format=format).images.get()
    came, kept = served(gate, image), stored_bytes(image)
    assert image.sha256_received == hashlib.sha256(came).hexdigest()
    assert image.sha256 == hashlib.sha256(kept).hexdigest()
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.format == PILLOW[format]
    assert kept != came
    source, marked = tmp_path / "came", tmp_path / "kept"
    source.write_bytes(came)
    marked.write_bytes(kept)
    assert (marks.is_marked(source), marks.is_marked(marked)) == (False, True)
    assert picture_of(kept) == picture_of(came)


def picture_of(data: bytes) -> list[bytes]:
    """Every segment or chunk of a file that is not about metadata: nothing of it may have been encoded anew."""
    split = {b"\xff\xd8\xff": jpeg_segments, b"\x89PN": png_chunks, b"RIF": webp_chunks}[data[:3]]
    return list(split(data))


def jpeg_segments(data: bytes) -> Iterator[bytes]:
    place = 2
    while data[place + 1] != 0xDA:
        length = 2 + int.from_bytes(data[place + 2 : place + 4])
        # APP1 is where the mark is.
        if data[place + 1] != 0xE1:
            yield data[place : place + length]
        place += length
    yield data[place:]


def png_chunks(data: bytes) -> Iterator[bytes]:
    place = 8
    while place < len(data):
        length = 12 + int.from_bytes(data[place : place + 4])
        if data[place + 4 : place + 8] != b"iTXt":
            yield data[place : place + length]
        place += length


def webp_chunks(data: bytes) -> Iterator[bytes]:
    place = 12
    while place < len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        # VP8X only says which other chunks there are.
        if data[place : place + 4] not in (b"XMP ", b"VP8X"):
            yield data[place : place + 8 + size]
        place += 8 + size + size % 2


@pytest.mark.django_db
def test_quality_changes_the_stored_file(gate: Gate) -> None:
    """The lower the quality, the smaller the file of a painted picture; the row says how large it is."""
    sizes = []
    for quality in (20, 60, 99):
        image = made("a red fox in a forest", output_quality=quality).images.get()
        assert image.size == len(stored_bytes(image))
        sizes.append(len(served(gate, image)))
    assert [task["outputQuality"] for task in gate.posts if "outputQuality" in task] == [20, 60, 99]
    assert sizes == sorted(set(sizes))


@pytest.mark.django_db
@pytest.mark.parametrize("size", ["3136x1344", "2560x1440", (1600, 2848), "2500 × 2500"], ids=str)
def test_the_size_is_the_file_s(size: Any, gate: Gate) -> None:
    """Width and height go out as a pair, from the list or inside the window, and are the stored file's own."""
    image = made(**orders.read_size(size)).images.get()
    with Image.open(io.BytesIO(stored_bytes(image))) as picture:
        assert (
            picture.size == (gate.posts[0]["width"], gate.posts[0]["height"]) == (image.width, image.height)
        )


@pytest.mark.django_db
@pytest.mark.parametrize("results", [1, 20])
def test_so_many_results_are_stored(results: int, gate: Gate) -> None:
    """One task, so many pictures, each with a seed and a number of its own."""
    generation = made(results=results)
    images = list(generation.images.stored().order_by("position"))
    assert [task["numberResults"] for task in gate.posts if "numberResults" in task] == [results]
    assert [image.position for image in images] == list(range(results))
    assert len({image.seed for image in images}) == len({image.image_uuid for image in images}) == results


@pytest.mark.django_db
def test_a_sequence_is_stored_in_its_order(gate: Gate) -> None:
    """All frames are pictures of one order, in the order in which they came, each paid once."""
    generation = made("a fox walks home", sequence=4)
    images = list(generation.images.stored().order_by("position"))
    assert (generation.expected, generation.stored) == (4, 4)
    assert [image.position for image in images] == [0, 1, 2, 3]
    came = [str(image.image_uuid) for image in images]
    assert came == [sandbox_uuid(generation, position) for position in range(4)]


@pytest.mark.django_db
def test_fewer_of_a_sequence_is_a_success(gate: Gate) -> None:
    """The model ends it early: what came is stored in its order and paid, and the rest of the price is given back."""
    generation = made("a fox walks home sandbox:fewer", sequence=4)
    images = list(generation.images.stored().order_by("position"))
    assert (generation.state, generation.stored, generation.failed) == (State.DONE, 2, 0)
    assert [image.position for image in images] == [0, 1]
    sums = LedgerEntry.objects.aggregate(reserved=Sum("reserved"), spent=Sum("spent"))
    assert sums == {"reserved": 0, "spent": 2 * orders.estimate()}


@pytest.mark.django_db
def test_references_and_a_sequence_share_fifteen(gate: Gate) -> None:
    """At the edge both go out together; one more is refused before there is a row, and names the sequence."""
    generation = made(references=[gradient()] * 14, sequence=1)
    (task,) = (task for task in gate.posts if task["taskType"] == "imageInference")
    assert len(at(task, "inputs.referenceImages")) == 14
    assert at(task, "providerSettings.bytedance.maxSequentialImages") == generation.stored == 1
    with pytest.raises(InvalidOrder) as refused:
        orders.place("a red fox", references=[gradient()] * 14, sequence=2)
    assert list(refused.value.errors) == ["sequence"]
    assert Generation.objects.count() == 1


def sandbox_uuid(generation: Generation, position: int) -> str:
    return sandbox.provider.image_uuid(str(generation.pk), position)


# -- On the sandbox's side -----------------------------------------------------------------------------------


@pytest.fixture
def app(tmp_path: Path) -> sandbox.App:
    """The sandbox without our app around it."""
    return sandbox.create_app(tmp_path / "alone.sqlite3", key=KEY, latency=0, plain=True)


@pytest.fixture
def provider(app: sandbox.App) -> Iterator[httpx.Client]:
    """Who speaks to it knows the page, and nothing of ours."""
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(
        transport=httpx.WSGITransport(app=app), base_url="http://sandbox", headers=headers
    ) as it:
        yield it


def gradient() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "PNG")
    return out.getvalue()


def task_with(path: str, value: Any) -> dict[str, Any]:
    """A right task, but for this value at this path."""
    task: dict[str, Any] = {
        "taskType": facts.TASK_TYPE,
        "taskUUID": str(uuid.uuid4()),
        "model": facts.MODEL,
        "positivePrompt": "a red fox",
        "width": 2048,
        "height": 2048,
        "deliveryMethod": "sync",
    }
    *parents, name = path.split(".")
    place = task
    for parent in parents:
        place = place.setdefault(parent, {})
    place[name] = value
    return task


PIXEL = "data:image/png;base64," + base64.b64encode(gradient()).decode()


def sized(row: dict[str, Any], size: int) -> Any:
    """A value of a bounded row that has this size."""
    values: dict[str, Any] = {"integer": size, "string": "x" * size, "array of strings": [PIXEL] * size}
    return values[row["type"]]


def within(row: dict[str, Any]) -> list[Any]:
    """Values that a row of the page allows: each end of its bounds, each choice, and one where there is neither."""
    ends = [sized(row, row[bound]) for bound in ("min", "max") if bound in row]
    kinds = {"URI": "https://example.com/there", "UUID v4": str(uuid.uuid4())}
    named = [row["value"]] if "value" in row else row.get("choices", [])
    other = {"boolean": [True, False], "object": [{}], "integer": [2048]}.get(row["type"], [])
    return [*ends, *named] or [kinds[row["format"]] if "format" in row else other[0]]


def beyond(row: dict[str, Any]) -> list[Any]:
    """Values that it does not: beyond each bound, another word, another type, nothing."""
    ends = [sized(row, row[bound] + step) for bound, step in (("min", -1), ("max", 1)) if bound in row]
    named = ["other"] if {"choices", "value", "format"} & set(row) else []
    return [*ends, *named, NOT[row["type"]], None]


#: For each type of the page something that is not of it.
NOT = {"string": 5, "integer": "5", "boolean": "true", "array of strings": "a", "object": "fast"}
SERVED = [(path, value) for path, row in facts.ROWS.items() for value in within(row)]
BEYOND = [(path, value) for path, row in facts.ROWS.items() for value in beyond(row)]


def short(value: Any) -> str:
    return f"{len(value)} of them" if isinstance(value, list) else str(value)[:40]


@pytest.mark.parametrize(("path", "value"), SERVED, ids=short)
def test_served(path: str, value: Any, provider: httpx.Client) -> None:
    """Each choice and each bound of each row is taken, and what comes is a picture."""
    task = task_with(path, value)
    reply = provider.post("/v1", json=[task])
    assert reply.status_code == 200, reply.text
    if task["deliveryMethod"] == "async":
        question = {"taskType": "getResponse", "taskUUID": task["taskUUID"]}
        reply = provider.post("/v1", json=[question])
    items = reply.json()["data"]
    assert {item["taskUUID"] for item in items} == {task["taskUUID"]}
    assert len({item["imageUUID"] for item in items}) == len(items)
    for item in items:
        with Image.open(io.BytesIO(bytes_of(item, provider))) as picture:
            assert picture.size == (2048, 2048)


def bytes_of(item: dict[str, Any], provider: httpx.Client) -> bytes:
    if "imageURL" in item:
        return provider.get(item["imageURL"]).content
    text = item.get("imageBase64Data") or item["imageDataURI"].partition(",")[2]
    return base64.b64decode(text, validate=True)


@pytest.mark.parametrize(("path", "value"), BEYOND, ids=short)
def test_refused(path: str, value: Any, app: sandbox.App, provider: httpx.Client) -> None:
    """What the page does not allow is a 400 that names its parameter and says why, and nothing is charged."""
    reply = provider.post("/v1", json=[task_with(path, value)])
    (error,) = reply.json()["errors"]
    assert reply.status_code == 400
    named = error["parameter"]
    assert path in (named if isinstance(named, list) else [named])
    assert error["code"]
    assert error["message"]
    assert (app.books.accepted(), app.books.charges()) == ([], [])


def test_every_row_of_the_page_is_tried() -> None:
    """None is without a value that the sandbox must serve, and one that it must refuse."""
    assert {path for path, _value in SERVED} == {path for path, _value in BEYOND} == set(BY_PATH)
