"""What an order is made from: everything that may be given, what is refused before it costs, and what is kept."""

from __future__ import annotations

import base64
import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from seedream_django import orders, parameters, references, retention, sweeping, tasks
from seedream_django.exceptions import InvalidOrder
from seedream_django.models import (
    DiscardedFile,
    Generation,
    ReferenceFile,
    Role,
    State,
    after,
    private_storage,
)
from seedream_django.models.references import LEFT_AFTER, storage_of

from .steps import made

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def drawn(colour: str = "teal", size: tuple[int, int] = (64, 48), format: str = "PNG") -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, format)
    return out.getvalue()


def errors_of(*items: Any, user: Any = None) -> list[str]:
    with pytest.raises(InvalidOrder) as refused:
        references.read(items, user=user)
    return refused.value.errors["references"]


# -- What may be given ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("how", ["bytes", "path", "file", "upload", "data URI", "base64"])
def test_bytes_in_every_form(how: str, format: str, tmp_path: Path) -> None:
    """The same picture, however it is given, is the same reference: by content."""
    picture = drawn(format=format, size=(300, 200))
    (tmp_path / "p").write_bytes(picture)
    text = base64.b64encode(picture).decode()
    given: dict[str, Any] = {
        "bytes": picture,
        "path": tmp_path / "p",
        "file": ContentFile(picture, name="p"),
        "upload": SimpleUploadedFile("p", picture),
        "data URI": f"data:image/x;base64,{text}",
        "base64": text,
    }
    (row,) = references.read([given[how]])
    (same,) = references.read([picture])
    assert references.identity(row) == references.identity(same)
    assert not ReferenceFile.objects.exists(), "reading keeps nothing"


def test_names_of_what_is_elsewhere() -> None:
    """Addresses and UUIDs stay what they are; an address is called without its query, which may be a secret."""
    known = uuid.uuid4()
    address, named = references.read(["https://example.com/a.jpg?token=hush", str(known)])
    assert address.url == "https://example.com/a.jpg?token=hush"
    assert str(address) == "https://example.com/a.jpg"
    assert named.media_uuid == known


def test_an_earlier_picture() -> None:
    """By itself or by its UUID, it is the picture; as what is to be changed it makes the order a child."""
    image = made("a harbour").images.get()
    for given in (image, str(image.image_uuid)):
        order = orders.place("make it night", references=[(given, "edit")])
        assert order.references.get().image == image
        assert order.references.get().sha256 == image.sha256
        assert order.parent == image.generation


def test_the_file_that_a_field_has() -> None:
    """Any file field's present file: it stays where it is, and its storage is found again by the field's name."""
    image = made("a harbour").images.get()
    (row,) = references.read([image.preview])
    assert (row.place, row.name) == ("seedream_django.generatedimage.preview", image.preview.name)
    assert storage_of(row.place).exists(row.name)
    for wrong in ("seedream_django.generatedimage.title", "nowhere.at.all", "nonsense", ""):
        with pytest.raises(LookupError):
            storage_of(wrong)


def test_roles_and_order() -> None:
    """They come in the order given; the model is told in words what each is for, after the prompt."""
    order = orders.place(
        "a cat", references=[drawn("red"), (drawn("blue"), "style"), (drawn("green"), Role.SUBJECT)]
    )
    assert list(order.references.values_list("position", "role")) == [(0, ""), (1, "style"), (2, "subject")]
    assert order.prompt == "a cat"


# -- What is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"no picture", "broken, or no picture"),
        (drawn()[:20], "broken, or no picture"),
        (b"", "broken, or no picture"),
        (drawn(size=(14, 300)), "more than 14"),
        (drawn(size=(20, 400)), "outside 1:16"),
        (drawn(size=(6100, 6100), format="JPEG"), "36 megapixels"),
        (drawn() + b"\0" * parameters.REFERENCE_BYTES, "10 at most"),
        (drawn(format="GIF"), "no picture in PNG, JPG or WEBP"),
        ("http://example.com/a.jpg", "must begin with https://"),
        ("https://user:secret@example.com/a.jpg", "must begin with https://"),
        ("ftp://example.com/a.jpg", "must begin with https://"),
        ("photo.jpg", "no address"),
        ("data:image/png;base64,####", "no picture as base64"),
        (Path("/nowhere/photo.jpg"), "cannot be read"),
        (7, "“int” is nothing that a reference can be"),
        ((drawn(), "backdrop"), "There are: edit, subject, style, composition"),
    ],
)  # fmt: skip
def test_refused_in_words(given: Any, says: str) -> None:
    """Each says what is wrong with it in a sentence, without what is secret, and nothing is kept."""
    (text,) = errors_of(given)
    assert text[0] == text[0].upper()
    assert says.lower() in text.lower()
    assert "secret" not in text
    assert not ReferenceFile.objects.exists()


def test_everything_wrong_at_once() -> None:
    """Of several each is told, by its number."""
    assert [text.partition(":")[0] for text in errors_of(b"x", drawn(), "y")] == [
        "Reference 1",
        "Reference 3",
    ]


def test_too_many() -> None:
    """Fourteen are the most; with a sequence fifteen together."""
    pictures = [drawn(size=(20 + n, 20)) for n in range(15)]
    with pytest.raises(InvalidOrder, match="1 to 14 items; there are 15"):
        orders.place("a cat", references=pictures)
    with pytest.raises(InvalidOrder, match="15 at most; they are 16"):
        orders.place("a cat", references=pictures[:14], sequence=2)
    assert not Generation.objects.exists()
    assert not ReferenceFile.objects.exists()
    assert orders.place("a cat", references=pictures[:13], sequence=2).references.count() == 13


def test_the_prompt_with_its_roles_must_fit() -> None:
    """What is said of the roles counts, so nothing is cut in silence."""
    orders.place("x" * 2000, references=[drawn()])
    with pytest.raises(InvalidOrder) as refused:
        orders.place("x" * 2000, references=[(drawn(), "style")])
    assert "prompt" in refused.value.errors


def test_only_what_this_person_may_use(person: Callable[..., Any]) -> None:
    """Somebody else's picture or file is refused; one's own, and for those who see all, any, is taken."""
    owner, other = person("owner", "generate"), person("other", "generate")
    image = made("a harbour", user=owner).images.get()
    file = references.keep(ContentFile(drawn(), name="a.png"), user=owner)
    assert [row.image or row.file for row in references.read([image, file], user=owner)] == [image, file]
    first, second, third = errors_of(image, file, str(image.image_uuid), user=other)
    assert "not yours" in first
    assert "not yours" in second
    assert "not yours" in third


# -- What is kept --------------------------------------------------------------------------------------------


def test_kept_where_nobody_serves_it(sandbox: Path) -> None:
    """In the private storage under a name that nobody guesses, complete, with its facts on the row."""
    picture = drawn(size=(300, 200), format="JPEG")
    file = orders.place("a cat", references=[picture]).references.get().file
    assert file is not None
    assert file.file.name.startswith("references/20")
    assert "cat" not in file.file.name
    with private_storage().open(file.file.name) as kept:
        assert kept.read() == picture
    assert (file.format, file.width, file.height, file.size) == ("JPG", 300, 200, len(picture))
    assert not list((sandbox / "media").rglob("*")) if (sandbox / "media").exists() else True
    (there,) = (path for path in (sandbox / "seedream-private").rglob("*") if path.is_file())
    assert there.stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match="no address"):
        private_storage().url(file.file.name)


def test_the_same_bytes_once(person: Callable[..., Any]) -> None:
    """From the same person they are the same row and the same file; from another they are another's."""
    one, two = person("one", "generate"), person("two", "generate")
    kept = [references.keep(ContentFile(drawn(), name="a.png"), user=user) for user in (one, one, two)]
    assert kept[0] == kept[1] != kept[2]


def test_a_refused_order_keeps_what_was_given_for_a_day(sandbox: Path) -> None:
    """What was kept for an order that never came is removed a day later, its file too; what is used stays."""
    used = orders.place("a cat", references=[drawn("red")]).references.get().file
    left = references.keep(ContentFile(drawn("blue"), name="b.png"))
    sweeping.sweep()
    assert ReferenceFile.objects.count() == 2
    ReferenceFile.objects.update(created_at=after(-LEFT_AFTER - 60))
    references.clear()
    tasks.discard()
    assert ReferenceFile.objects.get() == used
    assert not private_storage().exists(left.file.name)
    assert not DiscardedFile.objects.exists()


def test_gone_with_its_order() -> None:
    """When the last order is deleted that was made from it, a file is let go, and removed a day later."""
    order = made("a cat", references=[drawn()])
    file = order.references.get().file
    assert file is not None
    ReferenceFile.objects.update(created_at=after(-100 * LEFT_AFTER))
    order.delete()
    file.refresh_from_db()
    assert file.created_at > after(-60)
    ReferenceFile.objects.update(created_at=after(-LEFT_AFTER - 60))
    references.clear()
    assert not ReferenceFile.objects.exists()


def test_redacted_with_the_prompt() -> None:
    """Names, addresses and files go with the prompt; that there were so many, and for what, stays."""
    order = made("a cat", references=[(SimpleUploadedFile("anna.png", drawn()), "subject")])
    retention.redact(retention.Whose(orders=[order.pk]))
    row = order.references.get()
    assert (row.label, row.file, row.sha256, row.role) == ("", None, "", "subject")


class Away(Storage):
    """A storage that takes nothing, and says more than it should."""

    def _save(self, name: str, content: Any) -> str:
        raise OSError("PUT https://bucket.example.com/?X-Amz-Signature=hush")

    def exists(self, name: str) -> bool:
        return False


def test_the_private_storage_is_away(settings: Any) -> None:
    """The order is refused in words, with nothing of the storage's own; what is half there is removed a day later."""
    settings.STORAGES = {**settings.STORAGES, "away": {"BACKEND": f"{__name__}.Away"}}
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "away"}
    with pytest.raises(InvalidOrder, match=r"could not be kept just now \(OSError\)") as refused:
        orders.place("a cat", references=[drawn()])
    assert "hush" not in repr(refused.value)
    assert not Generation.objects.exists()
    assert not ReferenceFile.objects.complete().exists()
    ReferenceFile.objects.update(created_at=after(-LEFT_AFTER - 60))
    references.clear()
    assert DiscardedFile.objects.count() == 1


# -- Again ---------------------------------------------------------------------------------------------------


def test_again_takes_them_along() -> None:
    """The same order once more is made from the same, in the same order and roles."""
    image = made("a harbour").images.get()
    first = made("a cat", references=[(image, "style"), drawn()])
    second = orders.again(first)
    facts = ("position", "role", "image", "file", "sha256", "label")
    assert list(second.references.values_list(*facts)) == list(first.references.values_list(*facts))
    assert second.digest == first.digest


def test_again_without_its_source() -> None:
    """One whose source was deleted is said by name, before anything is ordered."""
    image = made("a harbour").images.get()
    first = made("a cat", references=[image])
    image.delete()
    assert first.references.get().label == "A harbour", "its name stays"
    with pytest.raises(InvalidOrder, match="“A harbour” was deleted meanwhile"):
        orders.again(first)


def test_the_digest_knows_them() -> None:
    """The same words with another reference, another role or another order of them ask for other pictures."""
    red, blue = drawn("red"), drawn("blue")
    sets: list[list[Any]] = [[], [red], [blue], [red, blue], [blue, red], [(red, "style")]]
    digests = {orders.digest_of(orders.clean({"prompt": "a cat", "references": given})) for given in sets}
    assert len(digests) == len(sets)
    again = orders.digest_of(
        orders.clean({"prompt": "a cat", "references": [ContentFile(red, name="x.png")]})
    )
    assert again in digests


def test_unused_alike_by_references() -> None:
    """Pictures of exactly this are found by what they were made from as well."""
    made("a cat", references=[drawn("red")])
    assert orders.unused_like("a cat", references=[drawn("red")]).count() == 1
    assert not orders.unused_like("a cat", references=[drawn("blue")]).exists()
    assert not orders.unused_like("a cat").exists()


def test_nothing_given_is_served(sandbox: Path) -> None:
    """In the folder that the site serves there are the pictures that were made, and nothing that was given."""
    order = made("a cat", references=[drawn()])
    assert order.state == State.DONE
    assert len([path for path in (sandbox / "media").rglob("*") if path.is_file()]) == 2


# -- Given once more ------------------------------------------------------------------------------------------


def test_read_once_given_to_two_orders() -> None:
    """What was read may be given to several orders; its bytes are kept once."""
    rows = references.read([drawn()])
    first, second = orders.place("a cat", references=rows), orders.place("a dog", references=rows)
    assert first.references.get().file == second.references.get().file == ReferenceFile.objects.get()


@pytest.mark.parametrize("what", ["file", "reference"])
def test_one_alone(what: str) -> None:
    """A single one needs no list."""
    file = references.keep(ContentFile(drawn(), name="a.png"))
    source = file if what == "file" else references.read([file])[0]
    (row,) = references.read(source)
    assert row.file == file


def test_given_again_where_its_file_is_gone() -> None:
    """Bytes that the private storage has lost are kept anew when they are given again, for the old orders, too."""
    old = references.keep(ContentFile(drawn(), name="anna.png"))
    private_storage().delete(str(old.file.name))
    new = references.keep(ContentFile(drawn(), name="anna.png"))
    assert new == old
    with private_storage().open(new.file.name) as kept:
        assert kept.read() == drawn()


def test_the_same_again_looks_at_its_pictures_again() -> None:
    """A picture that was flagged since is not used once more by ordering the same again."""
    image = made("a harbour").images.get()
    order = made("at night", references=[image])
    type(image).objects.update(flagged=True, review="waiting")
    with pytest.raises(InvalidOrder, match="cannot be used"):
        orders.again(order)


def test_another_person_s_reference(person: Callable[..., User], editor: User) -> None:
    """A reference of an order is for those who may see the order."""
    row = orders.place("a cat", user=editor, references=[drawn()]).references.get()
    assert references.read([row], user=editor)
    with pytest.raises(InvalidOrder, match="not yours"):
        references.read([row], user=person("anna", "generate"))


def test_ordered_from_while_it_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was left for a day, and that somebody orders from just now, stays."""
    file = references.keep(ContentFile(drawn(), name="a.png"))
    ReferenceFile.objects.update(created_at=after(-LEFT_AFTER - 60))
    left, taken = ReferenceFile.objects.left, []

    def meanwhile() -> Any:
        found = list(left())
        taken.append(orders.place("a cat", references=[file]))
        return found

    monkeypatch.setattr(ReferenceFile.objects, "left", meanwhile)
    references.clear()
    assert taken[0].references.get().file == file
    assert not DiscardedFile.objects.exists()


def test_cleared_while_it_is_ordered_from() -> None:
    """Where the sweep was quicker nothing is ordered, and the words say which is to be given again."""
    file = references.keep(ContentFile(drawn(), name="anna.png"))
    rows = references.read([file])
    ReferenceFile.objects.update(created_at=after(-LEFT_AFTER - 60))
    references.clear()
    with pytest.raises(InvalidOrder, match=r"“anna\.png” was deleted meanwhile"):
        references.keep_all(rows)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("https://example.com/bär.jpg?größe=1", "https://example.com/b%C3%A4r.jpg?gr%C3%B6%C3%9Fe=1"),
        ("https://münchen.example.com/a.jpg", "https://xn--mnchen-3ya.example.com/a.jpg"),
        ("HTTPS://example.com/a.jpg#top", "https://example.com/a.jpg"),
        ("https://example.com/a%20b.jpg", "https://example.com/a%20b.jpg"),
    ],
)
def test_addresses_as_people_write_them(given: str, asked: str) -> None:
    """Letters of other alphabets and what follows a # are no reason to refuse an address."""
    assert references.read([given])[0].url == asked
