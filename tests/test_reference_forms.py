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
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from PIL import Image

from seedream_django import library, origins, reference_views, references
from seedream_django.models import (
    GeneratedImage,
    Generation,
    ReferenceFile,
    Role,
    Style,
    picture_storage,
    private_storage,
)
from seedream_django.order_forms import OrderForm
from seedream_django.reference_widgets import MOST

from .steps import made

pytestmark = pytest.mark.django_db

Person = Callable[..., User]
Browser = Callable[[User | None], Client]
ADD = "admin:seedream_django_generation_add"

ORDER = {
    "prompt": "make it evening", "shape": "16:9", "resolution": "2K", "make": "variations", "results": "1",
    "sequence": "4", "output_format": "JPG", "output_quality": "95", "optimize_prompt_mode": "standard",
    "nonce": "n",
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


def placed(form: OrderForm) -> Generation:
    assert form.is_valid(), form.errors
    generation = form.place(door="admin")
    assert generation, form.errors
    return generation


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


@pytest.mark.parametrize("roles", [[], ["style"]], ids=["none", "of the first alone"])
def test_no_picture_goes_missing_with_its_role(roles: list[str], editor: User) -> None:
    """What is sent without a role is made from all the same, for what it was given before."""
    page = sent(editor, files=[upload("a.png"), upload("b.png", colour="blue")], references_do="add")
    page = resent(page, references_do="add", references_role=["subject", "edit"])
    rows = placed(resent(page, references_role=roles)).references.all()
    assert [(row.label, row.role) for row in rows] == [
        ("a.png", roles[0] if roles else "subject"),
        ("b.png", "edit"),
    ]


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
    (upload("note.png"), b"", "“note.png”: It is broken, or no picture in PNG, JPG or WEBP."),
    (upload("note.png"), b"<svg onload=alert(1)>", "“note.png”: It is broken, or no picture"),
    (upload("note.png"), drawn(kind="GIF"), "“note.png”: It is broken, or no picture"),
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
    ("http://pictures.example/a.jpg", "An address must begin with https://"),
    ("https://user:pass@pictures.example/a.jpg", "An address must begin with https://"),
    ("javascript:alert(1)", "It is no address"),
    ("file:///etc/passwd", "An address must begin with https://"),
    ("data:image/png;base64,AAAA", "It is broken, or no picture"),
    ("fox.jpg", "It is no address (https://…), no UUID and no picture"),
    ("https://pictures.example/" + "a" * 2000, "An address must begin with https://"),
]


@pytest.mark.parametrize(("line", "words"), LINES, ids=lambda value: value[:30])
def test_wrong_lines(line: str, words: str, editor: User) -> None:
    """A line that cannot be used is told, and stays where it was written, to be mended; the good one is taken."""
    form = sent(editor, references_addresses=f"{line}\nhttps://pictures.example/good.jpg?key=secret")
    (told,) = form.errors["references"]
    assert words.lower() in told.lower()
    assert len(told) < 250
    html = str(form["references"])
    assert f"{line}</textarea>" in unescape(html)
    assert names(form) == ["https://pictures.example/good.jpg"]
    assert "secret" not in html


def test_more_lines_than_anybody_reads(editor: User) -> None:
    """Fifty thousand lines are as much work as fourteen; the rest is told of once, and stays to be mended."""
    form = sent(editor, references_addresses="\n".join(["x"] * 50_000))
    told = form.errors["references"]
    assert len(told) == 15
    assert "was not taken" in told[-1]
    assert form["references"].as_widget().count("\nx") == 50_000


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


def test_lines_that_find_no_room_stay_where_they_were_written(editor: User) -> None:
    """All of each, though nothing more can be given: one that is taken away makes room."""
    lines = [f"https://pictures.example/{number}.jpg?key={number}" for number in range(MOST + 1)]
    html = str(sent(editor, references_addresses="\n".join(lines))["references"])
    assert f"{lines[-1]}</textarea>" in unescape(html)
    assert 'type="file"' not in html


def test_the_same_file_twice_is_kept_once(editor: User) -> None:
    """A page that is sent twice, by a reload or a second click, does not fill the storage."""
    for _ in range(3):
        sent(editor, files=[upload()], references_do="add").is_valid()
    assert ReferenceFile.objects.count() == 1


# -- Earlier pictures ----------------------------------------------------------------------------------------


def earlier(form: OrderForm) -> list[str]:
    return re.findall(r'name="references-pick" value="(\d+)"', str(form["references"]))


def onwards(form: OrderForm, **values: Any) -> dict[str, Any]:
    """What the page holds of a search, as a browser sends it with the next button; ``turn`` presses one of two."""
    html = str(form["references"])
    kept = {
        name: unescape(re.findall(rf'name="references-{name}" value="([^"]*)"', html)[0])
        for name in ("page", "sought", "seek")
    }
    if turn := values.pop("turn", ""):
        values["references_do"] = unescape(re.findall(rf'-do" value="({turn}-[^"]+)"', html)[0])
    return {**{f"references_{name}": value for name, value in kept.items()}, **values}


def many(user: User, count: int, **values: Any) -> list[str]:
    """The numbers of so many pictures of one more order, the newest first."""
    images = made(user=user, results=count, **values).images.order_by("-created_at", "position")
    return [str(image.pk) for image in images]


@pytest.fixture
def foxes(editor: User) -> list[str]:
    """The numbers of 13 pictures, two of which are of foxes: by its prompt the oldest, by its title the fourth."""
    (fox,) = many(editor, 1, prompt="last month's fox")
    others = many(editor, 12, prompt="a lighthouse")
    GeneratedImage.objects.filter(pk=others[3]).update(title="No fox in sight")
    return [*others, fox]


@pytest.mark.parametrize("does", [{"references_do": "seek"}, {"enter": "1"}], ids=["the button", "Enter"])
def test_earlier_pictures_by_words(does: dict[str, str], editor: User, foxes: list[str]) -> None:
    """By prompt, title and number, however old; what was typed stays. Enter without a script orders nothing either."""
    assert foxes[-1] not in earlier(OrderForm(user=editor))
    form = sent(editor, references_seek="fox", **does)
    assert (form.arranges, form.errors) == (True, {})
    assert earlier(form) == [foxes[3], foxes[-1]]
    assert form.fields["references"].widget.news == "Pictures that were found: 2"
    assert 'name="references-seek" value="fox"' in str(form["references"])
    number = GeneratedImage.objects.get(pk=foxes[5]).image_uuid
    assert earlier(sent(editor, **onwards(form, references_seek=str(number), **does))) == [foxes[5]]
    # The same words once more: whoever presses Enter elsewhere orders.
    assert not sent(editor, **onwards(form, enter="1")).arranges


def test_no_earlier_picture_has_these_words(editor: User, foxes: list[str]) -> None:
    """That is said, and the search is still there; blank words show the newest again."""
    form = sent(editor, references_seek="<unicorn>", references_do="seek")
    html = str(form["references"])
    assert "Nothing was found there." in html
    assert 'name="references-seek" value="&lt;unicorn&gt;"' in html
    again = sent(editor, **onwards(form, references_seek=" ", references_do="seek"))
    assert earlier(again) == foxes[:11]
    assert "Nothing was found there." not in str(again["references"])


def test_pages_of_what_was_searched(editor: User, foxes: list[str]) -> None:
    """Older and newer ones are of the words that were searched for, whatever was typed since; adding stays there."""
    page = sent(editor, references_seek="lighthouse", references_do="seek")
    assert earlier(page) == foxes[:11]
    page = sent(editor, **onwards(page, references_seek="otter", turn="older"))
    assert earlier(page) == [foxes[11]]
    html = str(page["references"])
    assert 'name="references-seek" value="otter"' in html
    assert "Older pictures" not in html
    assert "data-focus" in html.partition("Newer pictures")[0][-60:]
    added = sent(editor, **onwards(page, references_do="add", references_pick=[foxes[11]]))
    assert (len(names(added)), earlier(added)) == (1, [])
    page = sent(editor, **onwards(added, turn="newer"))
    assert earlier(page) == foxes[:11]
    assert "Newer pictures" not in str(page["references"])
    # Whoever searches begins with the newest.
    assert earlier(sent(editor, **onwards(added, references_seek="fox", references_do="seek")))[0] == foxes[3]


@pytest.mark.parametrize(
    "page", ["2", "older-x", "older-\x00", "newer-", "older-2024-13-01,0,1", "-", "x" * 5000]
)
def test_pages_that_there_are_not(page: str, editor: User, foxes: list[str]) -> None:
    """What no button says begins with the newest."""
    for values in ({"references_page": page}, {"references_do": page}):
        assert earlier(sent(editor, **values)) == foxes[:11]


def test_ticks_outlive_a_search(editor: User, foxes: list[str]) -> None:
    """What is ticked when somebody searches or turns a page is taken, as by any button, and not offered twice."""
    form = sent(editor, references_pick=[foxes[3]], references_seek="fox", references_do="seek")
    assert len(names(form)) == 1
    assert earlier(form) == [foxes[-1]]
    generation = placed(resent(form, **onwards(form, references_pick=[foxes[-1]])))
    assert [str(row.image_id) for row in generation.references.all()] == [foxes[3], foxes[-1]]


def test_search_finds_nobody_elses(editor: User, person: Person) -> None:
    """By no word and no number, for whoever may not use others' pictures."""
    (secret,) = many(person("theo", "generate"), 1, prompt="a secret fox")
    (own,) = many(editor, 1, prompt="a fox")
    number = str(GeneratedImage.objects.get(pk=secret).image_uuid)
    for words, found in (("fox", [own]), ("secret", []), (number, [])):
        assert earlier(sent(editor, references_seek=words, references_do="seek")) == found


def test_a_search_is_bounded(
    editor: User, foxes: list[str], monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    """Where not all were looked through that is said, and the older ones go on from there, in few queries."""
    monkeypatch.setattr(library, "LOOKED_THROUGH", 5)
    monkeypatch.setattr(library, "THEIRS", 0)
    with django_assert_max_num_queries(14):
        form = sent(editor, references_seek="fox", references_do="seek")
        html = str(form["references"])
    assert earlier(form) == [foxes[3]]
    assert "5 pictures were looked through; there may be more among the others." in html
    form = sent(editor, **onwards(form, turn="older"))
    assert earlier(form) == []
    assert "Nothing was found there. 5 pictures were looked through" in str(form["references"])
    form = sent(editor, **onwards(form, turn="older"))
    assert earlier(form) == [foxes[-1]]
    assert "looked through" not in str(form["references"])


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
    ordered = sent(editor, references_pick=[str(image.pk)])
    assert ordered.errors["references"][0].startswith("This picture cannot be used")
    told = sent(editor, references_addresses=str(image.image_uuid)).errors["references"][0]
    assert "This picture cannot be used" in told


@pytest.mark.parametrize("pk", ["", "x", "²", "9" * 40, "-1", "1 OR 1=1"])
def test_picks_that_are_none(pk: str, editor: User) -> None:
    """What a tile never says is passed over."""
    assert sent(editor, references_pick=[pk]).is_valid()


# -- Tokens --------------------------------------------------------------------------------------------------


def test_a_field_s_present_file(editor: User, person: Person) -> None:
    """A token names the object's field: what is there when it is used is meant, by whom it was made for alone."""
    image = made("a fox", user=editor).images.get()
    token = references.token_of(image.file, editor)
    assert references.from_token(token, editor) == image.file
    GeneratedImage.objects.filter(pk=image.pk).update(file="another.jpg")
    found = references.from_token(token, editor)
    assert found
    assert found.name == "another.jpg"
    assert references.from_token(token, person("otto")) is None
    assert references.from_token(token, None) is None
    GeneratedImage.objects.filter(pk=image.pk).update(file="")
    assert references.from_token(token, editor) is None
    GeneratedImage.objects.all().delete()
    assert references.from_token(token, editor) is None


def test_tokens_grow_old(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither kind works for ever."""
    image = made("a fox", user=editor).images.get()
    (row,) = references.read([image], user=editor)
    tokens = [references.token_of(source, editor) for source in (image.file, row)]
    assert all(references.from_token(token, editor) for token in tokens)
    for name in ("TOKEN_AGE", "FIELD_TOKEN_AGE"):
        monkeypatch.setattr(references, name, -getattr(references, name))
    assert [references.from_token(token, editor) for token in tokens] == [None, None]


def test_begin_with_a_file_of_the_site(editor: User, browser: Browser, person: Person) -> None:
    """The order page begins with it as the picture to change, in the shape nearest to its own."""
    image = made("a fox", user=editor, width=1600, height=2848).images.get()
    address = f"{reverse(ADD)}?from={references.token_of(image.file, editor)}"
    form = browser(editor).get(address).context["form"]
    (row,) = form.initial["references"]
    assert (row.place, row.name) == ("seedream_django.generatedimage.file", image.file.name)
    assert (row.role, form.initial["shape"], form.initial["resolution"]) == (Role.EDIT, "9:16", "2K")
    form = resent(form, prompt="make it evening")
    assert form.is_valid(), form.errors
    assert form.place(door="admin")
    page = browser(person("otto", "generate")).get(address)
    assert page.context["form"].initial.get("references") is None
    assert "is gone, or you may not use it" in page.content.decode()


def test_begin_with_a_file_that_its_storage_does_not_give(
    editor: User, browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Storages have errors of their own: the page says that it cannot begin with it, and nothing of the address."""
    image = made("a fox", user=editor).images.get()

    def away(*args: Any, **kwargs: Any) -> None:
        raise LookupError("https://bucket.example/a.jpg?Signature=canary")

    monkeypatch.setattr(image.file.storage, "path", away)
    page = browser(editor).get(f"{reverse(ADD)}?from={references.token_of(image.file, editor)}")
    assert (page.status_code, "references" in page.context["form"].initial) == (200, False)
    assert "is gone, or you may not use it" in page.content.decode()
    assert "canary" not in page.content.decode() + caplog.text


def test_begin_with_a_file_that_is_gone(editor: User, browser: Browser) -> None:
    """Where the site's own disk does not have it, that is said on the page, before anything is ordered."""
    image = made("a fox", user=editor).images.get()
    link = f"{reverse(ADD)}?from={references.token_of(image.file, editor)}"
    image.file.storage.delete(image.file.name)
    page = browser(editor).get(link)
    assert (page.status_code, "references" in page.context["form"].initial) == (200, False)
    assert "is gone, or you may not use it" in page.content.decode()


def test_begin_with_a_file_that_is_elsewhere(
    editor: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A storage behind a network is not asked while somebody waits for the page: a worker looks at the file."""
    image = made("a fox", user=editor, width=1664, height=2496).images.get()

    def elsewhere(*args: Any) -> None:
        raise NotImplementedError

    def asked(*args: Any) -> None:
        raise AssertionError("The storage was asked in a request.")

    with monkeypatch.context() as patch:
        patch.setattr(image.file.storage, "path", elsewhere)
        for name in ("open", "exists", "size"):
            patch.setattr(image.file.storage, name, asked)
        page = browser(editor).get(f"{reverse(ADD)}?from={references.token_of(image.file, editor)}")
    (row,) = page.context["form"].initial["references"]
    assert (row.name, row.role) == (image.file.name, "edit")


# -- Edit this picture ---------------------------------------------------------------------------------------


def test_edit_this_picture(editor: User, browser: Browser) -> None:
    """From a picture's page or its order's: the picture to change, a fitting shape, a child that knows its parent."""
    first = made("a fox", user=editor, width=1664, height=2496)
    image, client = first.images.get(), browser(editor)
    link = f'href="{reverse(ADD)}?edit={image.pk}"'
    for name, pk in (("generation", first.pk), ("generatedimage", image.pk)):
        page = client.get(reverse(f"admin:seedream_django_{name}_change", args=[pk])).content.decode()
        assert link in page
        assert "Edit this picture" in page
    page = client.get(f"{reverse(ADD)}?edit={image.pk}")
    form = page.context["form"]
    assert (form["shape"].value(), form["prompt"].value()) == ("2:3", None)
    assert "Say what to change" in page.content.decode()
    assert '<details class="seedream-more" open>' in page.content.decode()
    child = placed(resent(form, prompt="make it evening"))
    assert (child.parent, child.references.get().role) == (first, Role.EDIT)
    for name, pk in (("generation", first.pk), ("generatedimage", image.pk)):
        page = client.get(reverse(f"admin:seedream_django_{name}_change", args=[pk])).content.decode()
        assert "What was made from it" in page
        assert "make it evening" in page
    page = client.get(reverse("admin:seedream_django_generation_change", args=[child.pk])).content.decode()
    assert "Made from" in page
    assert "The picture to change" in page


def test_a_page_that_comes_back_still_says_what_to_write(
    editor: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a refusal the roles that were sent decide what the prompt asks for; no storage is read for it again."""
    image = made("a fox", user=editor).images.get()
    client, address = browser(editor), f"{reverse(ADD)}?from={references.token_of(image.file, editor)}"
    ((token, _name, _role),) = shown(client.get(address).context["form"])

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a storage was read")

    monkeypatch.setattr(picture_storage(), "open", refuse)
    for role, asks in (("edit", True), ("style", False)):
        sent_ = {**ORDER, "prompt": "", "references-item": token, "references-role": role}
        page = client.post(address, sent_)
        assert list(page.context["form"].errors) == ["prompt"]
        assert ("Say what to change" in page.content.decode()) is asks


def test_not_everybody_edits(editor: User, person: Person, browser: Browser) -> None:
    """Whoever may not order, or not use the picture, is offered nothing; a number by hand leads nowhere."""
    image = made("a secret fox", user=editor).images.get()
    reader = person("rita", "view_generatedimage", "see_others_prompts")
    page = browser(reader).get(reverse("admin:seedream_django_generatedimage_change", args=[image.pk]))
    assert page.status_code == 200
    assert "Edit this picture" not in page.content.decode()
    for pk in (image.pk, "x", "9" * 30):
        page = browser(person(f"otto{pk}", "generate")).get(f"{reverse(ADD)}?edit={pk}")
        assert page.status_code == 200
        assert "secret" not in page.content.decode()


def test_change_and_order_again_keeps_what_it_was_made_from(editor: User) -> None:
    """References, their roles and the sequence of an order are in the form that begins with it."""
    files = [upload("a.png"), upload("b.png", colour="blue")]
    form = sent(editor, files=files, make="sequence", sequence="3")
    old = placed(form)
    old.references.filter(label="b.png").update(role=Role.STYLE)
    form = OrderForm(user=editor, initial=OrderForm.initial_from(old))
    assert [(name, role) for _token, name, role in shown(form)] == [("a.png", ""), ("b.png", "style")]
    assert (form["make"].value(), form["sequence"].value()) == ("sequence", 3)


@pytest.mark.parametrize(
    ("added", "style", "left"),
    [
        ("soft light, muted", "Muted", ""),
        ("soft light", "Light", ""),
        ("no text\nsoft light", "Light", "no text"),
        ("no text\nsoft light, muted\ngrain", "Grain", "no text"),
        ("very soft light", "", "very soft light"),
        ("of a style that is gone", "", "of a style that is gone"),
        ("sepia", "", "sepia"),
        ("", "", ""),
    ],
)
def test_change_and_order_again_knows_its_style(added: str, style: str, left: str, editor: User) -> None:
    """By whole lines, the longest of several: words of one style that are a part of another's mix up nothing."""
    for name, words in {"Light": "soft light", "Muted": "soft light, muted", "Wide": "muted"}.items():
        Style.objects.create(name=name, words=words)
    Style.objects.create(name="Grain", words="soft light, muted\ngrain")
    Style.objects.create(name="Old", words="sepia", active=False)
    # As a fixture may have it, past every form.
    Style.objects.create(name="Nothing", words="")
    old = Generation(prompt="a fox", added=added, parameters={"width": 2048, "height": 2048})
    old.save()
    initial = OrderForm.initial_from(old)
    assert (initial["style"], initial["prompt"]) == (style, "\n".join(filter(None, ("a fox", left))))


# -- A sequence ----------------------------------------------------------------------------------------------

COUNTS = [
    ({"make": "variations", "results": "3", "sequence": "99"}, {"results": 3}),
    ({"make": "sequence", "results": "", "sequence": "15"}, {"results": 1, "sequence": 15}),
    ({"make": "", "results": "2", "sequence": ""}, {"results": 2}),
]


@pytest.mark.parametrize(("values", "order"), COUNTS, ids=["variations", "sequence", "neither"])
def test_one_or_the_other(values: dict[str, str], order: dict[str, int], editor: User) -> None:
    """The number of the way that was chosen counts; what stands in the other is nobody's mistake."""
    form = sent(editor, **values)
    assert form.is_valid(), form.errors
    assert {name: form.order()[name] for name in ("results", "sequence") if name in form.order()} == order


BAD_COUNTS = [
    ({"sequence": ""}, "sequence", "This field is required."),
    ({"sequence": "0"}, "sequence", "greater than or equal to 1"),
    ({"sequence": "16"}, "sequence", "less than or equal to 15"),
    ({"make": "both"}, "make", "Select a valid choice"),
    (
        {"sequence": "15", "references_addresses": "https://pictures.example/a.jpg"},
        "sequence",
        "may have 14 at most",
    ),
]


@pytest.mark.parametrize(("values", "name", "words"), BAD_COUNTS, ids=range(len(BAD_COUNTS)))
def test_bad_counts(values: dict[str, str], name: str, words: str, editor: User) -> None:
    """Each is told beside its own number, and once."""
    form = sent(editor, **{"make": "sequence", **values})
    assert list(form.errors) == [name]
    (told,) = form.errors[name]
    assert words in told


def test_what_a_sequence_costs(chief: User) -> None:
    """The button says what it costs at most; the budget is asked for as much."""
    form = sent(chief, make="sequence", sequence="5")
    assert form.price_text == "up to $0.175"
    assert str(placed(form).estimate) == "0.175"


def test_a_sequence_that_has_fewer(chief: User, browser: Browser) -> None:
    """Fewer is no failure: the page numbers the pictures, and says that nothing is charged for the rest."""
    row = made("a fox, short", user=chief, sequence=4)
    Generation.objects.filter(pk=row.pk).update(stored=3, received=3, failed=0)
    row.images.filter(position=3).delete()
    row.refresh_from_db()
    page = (
        browser(chief).get(reverse("admin:seedream_django_generation_change", args=[row.pk])).content.decode()
    )
    assert "3 pictures are ready." in page
    assert "Fewer came than you allowed; nothing is charged for the others." in page
    assert re.findall(r'<span class="seedream-place">(.*?)</span>', page) == ["1 of 3", "2 of 3", "3 of 3"]
    assert "a sequence of up to 4" in page
    assert row.summary() == "3 pictures"
    Generation.objects.filter(pk=row.pk).update(failed=1)
    row.refresh_from_db()
    assert row.summary() == "3 of 4"


# -- What is private -----------------------------------------------------------------------------------------


def test_small_pictures_of_what_was_given(
    editor: User, chief: User, person: Person, browser: Browser
) -> None:
    """Whoever gave a file sees it small; so does who may see an order made from it; nobody else, and no cache."""
    form = sent(editor, files=[upload(size=(1200, 900))])
    assert form.is_valid()
    file = ReferenceFile.objects.get()
    address = origins.file_preview(file)
    answer = browser(editor).get(address)
    assert (answer.status_code, answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        200,
        "image/webp",
        "nosniff",
    )
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    with Image.open(io.BytesIO(answer.content)) as small:
        assert small.size == (reference_views.SIZE, reference_views.SIZE * 3 // 4)
    others = [None, person("otto", "generate"), person("ina", "generate", is_active=False), chief]
    assert {browser(user).get(address).status_code for user in others} == {404}
    form.place(door="admin")
    assert browser(chief).get(address).status_code == 200
    assert browser(person("rita", "generate")).get(address).status_code == 404
    assert browser(editor).post(address).status_code == 405


def test_small_pictures_that_there_are_not(editor: User, browser: Browser, caplog: Any) -> None:
    """A file that is gone, broken behind its header or too large to decode here is not found; its name is shown."""
    sent(editor, files=[upload(size=(640, 480))]).is_valid()
    file = ReferenceFile.objects.get()
    address = origins.file_preview(file)
    storage = private_storage()
    with storage.open(file.file.name, "wb") as stream:
        stream.write(drawn(size=(640, 480))[:300])
    assert browser(editor).get(address).status_code == 404
    storage.delete(file.file.name)
    assert browser(editor).get(address).status_code == 404
    assert "fox" not in caplog.text
    ReferenceFile.objects.update(width=6000, height=6000)
    file.refresh_from_db()
    assert origins.file_preview(file) == ""
    assert browser(editor).get(address).status_code == 404
    file.format = "JPG"
    assert origins.file_preview(file) == address


def test_addresses_are_shown_without_their_query(editor: User, browser: Browser) -> None:
    """A signed address is a key: no page shows more of it than where it leads."""
    form = sent(editor, references_addresses="https://pictures.example/a.jpg?Signature=canary#canary")
    child = placed(form)
    page = reverse("admin:seedream_django_generation_change", args=[child.pk])
    for address in (
        page,
        page.replace("/change/", "/history/"),
        reverse("admin:seedream_django_generation_changelist"),
    ):
        html = browser(editor).get(address).content.decode()
        assert ("https://pictures.example/a.jpg" in html) is address.endswith("/change/")
        assert "canary" not in html


# -- Queries -------------------------------------------------------------------------------------------------


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_as_many_queries_for_one_as_for_fourteen(editor: User, browser: Browser) -> None:
    """Neither the form nor the page of an order asks the database for each reference."""
    image = made("a fox", user=editor, results=7)
    images = [str(row.pk) for row in image.images.all()]
    client, found = browser(editor), []
    for count in (1, 7):
        files = [upload(f"{n}.png", colour=f"#0000{n:02x}") for n in range(count)]
        row = placed(sent(editor, nonce=str(count), files=files, references_pick=images[:count]))
        assert row.references.count() == count * 2
        page = reverse("admin:seedream_django_generation_change", args=[row.pk])
        form = f"{reverse(ADD)}?from={row.pk}"
        queries(client, page)
        found.append((queries(client, page), queries(client, form)))
    assert found[0] == found[1]
