"""References as an editor gives them: what is taken, what is refused and how, and that nothing given is lost."""

from __future__ import annotations

import base64
import io
import re
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict
from PIL import Image

from seedream_django.models import Generation, ReferenceFile
from seedream_django.order_forms import OrderForm
from seedream_django.reference_forms import MOST

from .steps import made

pytestmark = pytest.mark.django_db

Person = Callable[..., User]
Browser = Callable[[User | None], Client]
ADD = "admin:seedream_django_generation_add"

ORDER = {
    "prompt": "make it evening", "shape": "16:9", "resolution": "2K", "make": "variations", "results": "1",
    "sequence": "4", "output_format": "JPG", "output_quality": "95", "optimize_prompt_mode": "standard",
    "nonce": "n", "references-page": "1",
}  # fmt: skip


def drawn(colour: str = "red", size: tuple[int, int] = (64, 48), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def upload(name: str = "fox.png", **drawing: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, drawn(**drawing))


def sent(user: Any, *, files: Any = (), **values: Any) -> OrderForm:
    """The form as it was sent; lists become controls of one name."""
    data = QueryDict(mutable=True)
    for name, value in {**ORDER, **values}.items():
        name = name.replace("references_", "references-")
        data.setlist(name, value if isinstance(value, list) else [value])
    return OrderForm(data, MultiValueDict({"references-files": list(files)}), user=user)


def shown(form: OrderForm) -> list[tuple[str, str, str]]:
    """What a page shows of what was given: the token, the name and the role of each."""
    html = str(form["references"])
    tokens = re.findall(r'name="references-item" value="([^"]+)"', html)
    names = [unescape(name) for name in re.findall(r"<bdi data-name>(.*?)</bdi>", html)]
    selects = re.findall(r'name="references-role".*?</select>', html, re.DOTALL)
    roles = [re.findall(r'<option value="(\w*)" selected', select)[0] for select in selects]
    return list(zip(tokens, names, roles, strict=True))


def resent(form: OrderForm, **values: Any) -> OrderForm:
    """The same page, sent once more as it came back."""
    rows = shown(form)
    tokens, roles = [token for token, _name, _role in rows], [role for _token, _name, role in rows]
    return sent(form.user, **{"references_item": tokens, "references_role": roles, **values})


def names(form: OrderForm) -> list[str]:
    return [name for _token, name, _role in shown(form)]


# -- What is taken -------------------------------------------------------------------------------------------


def test_every_kind(editor: User) -> None:
    """Files, earlier pictures, an address, UUIDs and a data URI, in this order, each as the row of an order."""
    image = made("a fox", user=editor).images.get()
    known = uuid.uuid4()
    data_uri = f"data:image/png;base64,{base64.b64encode(drawn('blue')).decode()}"
    lines = f"https://pictures.example/a.jpg?key=1\r\n\r\n {known} \n{data_uri}"
    form = sent(editor, files=[upload()], references_pick=[str(image.pk)], references_addresses=lines)
    assert form.is_valid(), form.errors
    generation = form.place(door="admin")
    assert generation
    rows = list(generation.references.all())
    assert [row.position for row in rows] == [0, 1, 2, 3, 4]
    assert [bool(row.file) for row in rows] == [True, False, False, False, True]
    assert (rows[1].image, rows[2].url, rows[3].media_uuid) == (
        image,
        "https://pictures.example/a.jpg?key=1",
        known,
    )
    assert [row.label for row in rows][:3] == ["fox.png", str(image), "https://pictures.example/a.jpg"]
    assert {file.user for file in ReferenceFile.objects.all()} == {editor}


def test_roles_and_order(editor: User) -> None:
    """A page that comes back is put in order and told what each is for; the order has it so."""
    page = sent(editor, files=[upload("a.png"), upload("b.png", colour="blue")], references_do="add")
    assert names(page) == ["a.png", "b.png"]
    page = resent(page, references_do="up-2", references_role=["style", "edit"])
    assert [(name, role) for _token, name, role in shown(page)] == [("b.png", "edit"), ("a.png", "style")]
    form = resent(page)
    assert form.is_valid(), form.errors
    generation = form.place(door="admin")
    assert generation
    assert [(row.label, row.role) for row in generation.references.all()] == [
        ("b.png", "edit"),
        ("a.png", "style"),
    ]
    assert Generation.objects.count() == 1


MOVES = [
    ("up-1", "abc"), ("up-2", "bac"), ("up-3", "acb"), ("down-1", "bac"), ("down-3", "abc"), ("remove-2", "ac"),
    ("up-0", "abc"), ("up-4", "abc"), ("remove-99", "abc"), ("remove-x", "abc"), ("remove--1", "abc"), ("", "abc"),
]  # fmt: skip


@pytest.mark.parametrize(("does", "left"), MOVES)
def test_moves(does: str, left: str, editor: User) -> None:
    """Up, down and away, at the ends too; what no button says changes nothing."""
    files = [
        upload(name, colour=colour) for name, colour in zip("abc", ("red", "green", "blue"), strict=True)
    ]
    page = resent(sent(editor, files=files, references_do="add"), references_do=does)
    assert "".join(names(page)) == left


def test_what_is_arranged_is_not_ordered(editor: User) -> None:
    """A page that is sent to choose a picture orders nothing, and says nothing of a prompt that is not written yet."""
    form = sent(editor, files=[upload()], prompt="", results="", references_do="add")
    assert (form.arranges, form.errors, form.asks, form.shows_references) == (True, {}, False, True)


# -- Nothing given is lost -----------------------------------------------------------------------------------


def test_a_refusal_loses_nothing(editor: User) -> None:
    """After a wrong prompt the upload, the pick, the address, their order and roles are there, and ordered then."""
    image = made("a fox", user=editor).images.get()
    form = sent(
        editor, prompt="", files=[upload()], references_pick=[str(image.pk)],
        references_addresses="https://pictures.example/a.jpg",
    )  # fmt: skip
    assert list(form.errors) == ["prompt"]
    again = resent(form, references_role=["style", "edit", "subject"], prompt="x" * 2001)
    assert list(again.errors) == ["prompt"]
    last = resent(again)
    assert last.is_valid(), last.errors
    assert [row.role for row in last.order()["references"]] == ["style", "edit", "subject"]
    assert ReferenceFile.objects.count() == 1


WRONG = [
    (upload("note.png"), drawn(size=(14, 200)), "“note.png”: It has 14 × 200 pixels; each side of a reference must"),
    (upload("note.png"), b"", "“note.png”: it is broken, or no picture in PNG, JPG or WEBP."),
    (upload("note.png"), b"<svg onload=alert(1)>", "“note.png”: it is broken, or no picture"),
    (upload("note.png"), drawn(kind="GIF"), "“note.png”: it is broken, or no picture"),
    (upload("note.png"), drawn(size=(20, 400)), "“note.png”: The aspect of 20 × 400 is outside 1:16 to 16:1."),
    (upload("note.png"), drawn() + b"\0" * (10 << 20), "“note.png”: It has 10.0 MB; a reference may have 10 at most."),
    (upload("note.png"), drawn(size=(6001, 6000)), "“note.png”: It has 6001 × 6000 pixels; a reference may have 36"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "content", "words"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_wrong_files(file: Any, content: bytes, words: str, editor: User) -> None:
    """Each is told by its name, with what is wrong with it, in its field; the good one beside it stays."""
    form = sent(editor, files=[SimpleUploadedFile("note.png", content), upload("good.png")])
    assert list(form.errors) == ["references"]
    assert form.errors["references"][0].startswith(words)
    assert names(form) == ["good.png"]
    assert ReferenceFile.objects.count() == 1


LINES = [
    ("http://pictures.example/a.jpg", "an address must begin with https://"),
    ("https://user:pass@pictures.example/a.jpg", "an address must begin with https://"),
    ("javascript:alert(1)", "it is no address"),
    ("file:///etc/passwd", "an address must begin with https://"),
    ("data:image/png;base64,AAAA", "it is broken, or no picture"),
    ("fox.jpg", "it is no address (https://…), no UUID and no picture"),
    ("https://pictures.example/" + "a" * 2000, "an address must begin with https://"),
]


@pytest.mark.parametrize(("line", "words"), LINES, ids=lambda value: value[:30])
def test_wrong_lines(line: str, words: str, editor: User) -> None:
    """A line that cannot be used is told, and stays where it was written, to be mended; the good one is taken."""
    form = sent(editor, references_addresses=f"{line}\nhttps://pictures.example/good.jpg?key=secret")
    (told,) = form.errors["references"]
    assert words in told
    assert len(told) < 250
    html = str(form["references"])
    assert f"{line}</textarea>" in unescape(html)
    assert names(form) == ["https://pictures.example/good.jpg"]
    assert "secret" not in html


def test_more_than_an_order_may_have(editor: User) -> None:
    """Fourteen are kept; what is over is told by name, and not stored."""
    colours = [f"#0000{n:02x}" for n in range(16)]
    files = [upload(f"{n}.png", colour=colour) for n, colour in enumerate(colours)]
    form = sent(editor, files=files)
    assert len(shown(form)) == ReferenceFile.objects.count() == MOST
    assert [text[:22] for text in form.errors["references"]] == [
        "“14.png” was not taken",
        "“15.png” was not taken",
    ]
    assert 'type="file"' not in str(form["references"])


def test_the_same_file_twice_is_kept_once(editor: User) -> None:
    """A page that is sent twice, by a reload or a second click, does not fill the storage."""
    for _ in range(3):
        sent(editor, files=[upload()], references_do="add").is_valid()
    assert ReferenceFile.objects.count() == 1


# -- Who ------------------------------------------------------------------------------------------------------


def test_nobody_elses(editor: User, person: Person) -> None:
    """A token works for the person that it was made for: taken over by another it gives nothing away."""
    page = sent(editor, files=[upload("secret.png")], references_do="add")
    other = sent(person("otto", "generate"), references_item=[shown(page)[0][0]], references_role=["edit"])
    assert other.errors["references"] == [
        "One of the pictures was given too long ago or by somebody else. Give it again."
    ]
    assert "secret" not in str(other["references"])
    assert other.is_valid() is False


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00", "x" * 5000])
def test_forged(token: str, editor: User) -> None:
    """What nobody signed is refused in words."""
    form = sent(editor, references_item=[token], references_role=["edit"])
    assert "Give it again." in form.errors["references"][0]


def test_others_pictures(editor: User, person: Person) -> None:
    """A picture of somebody else's is neither offered nor taken, by number or by UUID."""
    image = made("secret", user=person("theo", "generate")).images.get()
    assert "secret" not in str(OrderForm(user=editor)["references"]).casefold()
    assert names(sent(editor, references_pick=[str(image.pk)], references_do="add")) == []
    told = sent(editor, references_addresses=str(image.image_uuid)).errors["references"][0]
    assert "this picture cannot be used" in told


@pytest.mark.parametrize("pk", ["", "x", "²", "9" * 40, "-1", "1 OR 1=1"])
def test_picks_that_are_none(pk: str, editor: User) -> None:
    """What a tile never says is passed over."""
    assert sent(editor, references_pick=[pk]).is_valid()
