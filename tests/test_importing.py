"""Pictures that were made elsewhere: taken in once, kept as they came, never paid for, never asked about."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from example_project.magazine.models import Article, Topic
from seedream_django import files, importing, marks, media, retention, review, tasks, timing
from seedream_django.diagnosis import diagnose, why_not_again
from seedream_django.exceptions import Known, NotAllowed, NotImported, StorageAway
from seedream_django.models import (
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    LedgerEntry,
    Reference,
    Slot,
    State,
    inbox_name,
    private_storage,
)
from seedream_django.retention import Whose
from seedream_django.sandbox import Books

from .album.models import Framed, Photo
from .steps import made, past, turn
from .test_marks import drawing, saved
from .test_provenance import WHOLE, in_jpeg, manifest

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

PAGE = "admin:seedream_django_generatedimage_import"
FOX = saved(drawing(size=(90, 60)), "JPEG", xmp=WHOLE)
SIGNED = in_jpeg(manifest())
PHOTO = in_jpeg(manifest("Camera", "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"))
MUTE = saved(drawing(), "PNG")


def take(data: bytes = FOX, name: str = "fox.jpg", **values: Any) -> GeneratedImage:
    return importing.take(io.BytesIO(data), name=name, **values)


def stored(image: GeneratedImage) -> GeneratedImage:
    for _ in range(4):
        turn()
        image.refresh_from_db()
        if image.state != ImageState.RECEIVED:
            break
    return image


@pytest.fixture
def keeper(person: Callable[..., User]) -> User:
    """An editor who may bring pictures along."""
    return person("kim", "generate", "view_generatedimage", "change_generatedimage", "add_generatedimage")


# -- Taking in -----------------------------------------------------------------------------------------------


def test_a_picture_joins_the_library(keeper: User, books: Books) -> None:
    """With what its file says; found like any other, shown like any other, and never an order."""
    image = stored(take(by=keeper))
    assert image.is_stored
    assert (image.width, image.height, image.format, image.title) == (90, 60, "JPG", "Fox")
    assert image.generation.prompt == "a fox\nin the snow"
    assert image.found["tool"] == "Brush 3"
    assert image.found["name"] == "fox.jpg"
    assert image.generation.state == State.IMPORTED
    assert image.generation.stored == 1
    assert image in GeneratedImage.objects.shown()
    assert image in GeneratedImage.objects.choosable_by(keeper)
    assert LogEntry.objects.get().user == keeper
    assert not LedgerEntry.objects.exists()
    assert image.generation.cost is None
    assert not books.tasks()


@pytest.mark.parametrize(("data", "changes"), [(FOX, False), (SIGNED, False), (MUTE, True)])
def test_its_bytes(data: bytes, changes: bool) -> None:
    """What says that it is AI's, or is signed, stays byte for byte; what does not is marked, pixels apart."""
    image = stored(take(data, is_ai=True))
    with image.file.open() as file:
        kept = file.read()
    assert (kept != data) == changes
    assert image.sha256_received == hashlib.sha256(data).hexdigest()
    assert image.sha256 == hashlib.sha256(kept).hexdigest()
    with Image.open(io.BytesIO(kept)) as now, Image.open(io.BytesIO(data)) as before:
        assert now.tobytes() == before.tobytes()


def test_its_preview_names_no_other_program() -> None:
    """Seedream did not make it."""
    with stored(take(MUTE, is_ai=True)).preview.open() as file, Image.open(file) as preview:
        assert b"trainedAlgorithmicMedia" in preview.info["xmp"]
        assert b"Seedream" not in preview.info["xmp"]
    with made().images.get().preview.open() as file, Image.open(file) as preview:
        assert marks.TOOL.encode() in preview.info["xmp"]


def test_it_waits_for_approval_where_all_do(settings: Any) -> None:
    settings.SEEDREAM |= {"REVIEW": "own"}
    image = stored(take())
    assert image.is_stored
    assert image.is_held_back
    assert image.private_file
    assert review.decide(image, True, by=None)
    turn(2)
    image.refresh_from_db()
    assert not image.is_held_back
    assert image in GeneratedImage.objects.shown()


def test_one_that_failed_before_waits_as_well(settings: Any, monkeypatch: Any) -> None:
    """It is given now, where each new picture waits."""
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "save", _away)
        with pytest.raises(StorageAway):
            take()
    settings.SEEDREAM |= {"REVIEW": "own"}
    image = stored(take())
    assert image.is_stored
    assert image.is_held_back


def test_nobody_looks_before_the_file_is_there(monkeypatch: Any) -> None:
    """A worker that came upon half of it would give it up for good."""
    seen = []
    put = importing._put
    monkeypatch.setattr(
        importing, "_put", lambda *args: (seen.append(GeneratedImage.objects.to_store().count()), put(*args))
    )
    take()
    assert seen == [0]
    assert GeneratedImage.objects.to_store().count() == 1


def test_a_large_one_is_no_reference_that_the_provider_knows() -> None:
    image = stored(take())
    GeneratedImage.objects.filter(pk=image.pk).update(size=20_000_000)
    image.refresh_from_db()
    row = Reference(image=image, sha256=image.sha256, generation=image.generation)
    assert media._known_as(row)[0] != image.image_uuid


def test_it_is_beside_no_order(browser: Browser, owner: User) -> None:
    """What is under way in the studio is what was ordered; and of an import nothing is ordered once more."""
    image, _ordered = stored(take(by=owner)), made()
    page = browser(owner).get(reverse("admin:seedream_django_generation_add")).content.decode()
    assert str(image.generation_id) not in page
    listed = browser(owner).get(
        reverse("admin:seedream_django_generatedimage_changelist"), {"state": "imported"}
    )
    assert list(listed.context["cl"].result_list) == [image]
    assert why_not_again(image.generation)


def test_a_name_where_nothing_else_is_said() -> None:
    assert take(MUTE, r"C:\pictures\night train.png", is_ai=True).title == "Night train"


def test_the_inbox_is_empty_afterwards() -> None:
    image = take()
    name = inbox_name(image.generation_id)
    assert private_storage().exists(name)
    stored(image)
    files.remove_discarded(10)
    assert not private_storage().exists(name)
    assert not DiscardedFile.objects.exists()


# -- What is left out ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PHOTO, "says that it is a photograph"),
        (MUTE, "does not say that AI made it"),
        (b"GIF89a", "no picture in PNG, JPG or WEBP"),
        (FOX[:50], "broken"),
    ],
)
def test_what_is_left_out(data: bytes, words: str) -> None:
    with pytest.raises(NotImported, match=words):
        take(data)
    assert not Generation.objects.exists()


def test_a_photo_is_no_picture_of_ai_s_whoever_says_so() -> None:
    with pytest.raises(NotImported, match="photograph"):
        take(PHOTO, is_ai=True)


def test_too_large(settings: Any) -> None:
    settings.SEEDREAM |= {"MAX_BYTES": 1 << 20}
    with pytest.raises(NotImported, match="1 MB at most"):
        take(FOX + b"\0" * (1 << 20))


def test_who_may_not(editor: User) -> None:
    with pytest.raises(NotAllowed):
        take(by=editor)
    assert not Generation.objects.exists()


# -- Once ----------------------------------------------------------------------------------------------------


def test_the_same_bytes_are_one_picture() -> None:
    image = stored(take())
    with pytest.raises(Known) as known:
        take(name="another.jpg")
    assert known.value.image == image
    assert Generation.objects.count() == 1


def test_a_file_of_ours_is_known(keeper: User) -> None:
    """What somebody took along from the library and brings back is no second picture."""
    image = made().images.get()
    with image.file.open() as file, pytest.raises(Known) as known:
        take(file.read(), name="download.jpg", by=keeper)
    assert known.value.image == image
    assert GeneratedImage.objects.count() == 1


def test_again_after_it_was_deleted() -> None:
    stored(take()).delete()
    files.remove_discarded(10)
    assert stored(take()).is_stored
    assert Generation.objects.count() == 2


def test_what_died_between_row_and_file_goes_on(monkeypatch: Any) -> None:
    """The row is there, its file is not: it fails in its time, and given once more it is saved."""
    with monkeypatch.context() as patch:
        patch.setattr(importing, "_put", _killed)
        with pytest.raises(KeyboardInterrupt):
            take()
    image = GeneratedImage.objects.get()
    past(image, "created_at")
    assert stored(image).state == ImageState.RECEIVED
    assert "not there any more" in image.error
    past(image, "trouble_since")
    assert stored(image).state == ImageState.FAILED
    assert take() == image
    assert stored(image).is_stored
    assert image.error == ""


def _killed(*args: Any) -> None:
    raise KeyboardInterrupt


def test_a_file_that_is_broken_further_in_fails_at_once(books: Books) -> None:
    """Its header was fine; there is nobody who has another, and nobody is asked."""
    image = stored(take(FOX[:-400]))
    assert image.state == ImageState.FAILED
    assert image.generation.state == State.IMPORTED
    assert not books.tasks()


def test_a_storage_that_is_away_is_told(monkeypatch: Any) -> None:
    """At once, where the private one takes nothing; later, where the pictures' own does not: then it waits."""
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "save", _away)
        with pytest.raises(StorageAway):
            take()
    image = GeneratedImage.objects.get()
    assert image.state == ImageState.FAILED
    assert "could not be saved" in str(diagnose(image.generation))
    assert take() == image
    image.generation.refresh_from_db()
    assert "is being saved" in str(diagnose(image.generation))
    with monkeypatch.context() as patch:
        patch.setattr(files, "put", _away)
        assert stored(image).state == ImageState.RECEIVED
    assert stored(image).is_stored


def _away(*args: Any, **kwargs: Any) -> None:
    raise StorageAway("The storage did not take the file (away).")


# -- What it is not ------------------------------------------------------------------------------------------


def test_it_says_nothing_of_how_long_orders_take() -> None:
    stored(take())
    assert timing.usual(1, 90, 60) is None


def test_it_is_in_no_list_of_orders(browser: Browser, owner: User) -> None:
    stored(take(by=owner))
    page = browser(owner).get(reverse("admin:seedream_django_generation_changelist"))
    assert page.context["cl"].result_count == 0


def test_redacted_with_all_that_its_file_said() -> None:
    image = stored(take())
    retention.redact(Whose(orders=[image.generation_id]))
    image.refresh_from_db()
    assert image.title == ""
    assert image.found == {"redacted": True}
    assert image.generation.prompt == ""
    assert image.tool == ""


# -- The page ------------------------------------------------------------------------------------------------


def sent(client: Client, *given: tuple[str, bytes], **values: Any) -> Any:
    uploads = [SimpleUploadedFile(name, data) for name, data in given]
    return client.post(reverse(PAGE), {"pictures": uploads, **values})


def test_each_file_for_itself(browser: Browser, keeper: User) -> None:
    """What is taken in, what is there, what is left out and why; and the list of pictures leads there."""
    stored(take(SIGNED, by=keeper))
    answer = sent(
        browser(keeper), ("fox.jpg", FOX), ("again.jpg", SIGNED), ("photo.jpg", PHOTO), ("mute.png", MUTE)
    )
    outcome = answer.context["outcome"]
    assert [image.title for _name, image in outcome.taken] == ["Fox"]
    assert [name for name, _image in outcome.known] == ["again.jpg"]
    assert [name for name, _why in outcome.refused] == ["photo.jpg", "mute.png"]
    assert b"photo.jpg" in answer.content
    assert b"a fox" in answer.content
    listed = browser(keeper).get(reverse("admin:seedream_django_generatedimage_changelist")).content.decode()
    assert 'href="import/"' in listed


def test_one_without_a_title_goes_by_its_file(browser: Browser, keeper: User) -> None:
    """Until its picture is saved it has no title: the page names the file, and no number."""
    untitled = saved(drawing(), "JPEG", xmp=re.sub(rb"<dc:title>.*?</dc:title>", b"", WHOLE, flags=re.S))
    answer = sent(browser(keeper), ("walk.jpg", untitled))
    ((_name, image),) = answer.context["outcome"].taken
    assert image.title == ""
    assert f'/{image.pk}/change/"><bdi>walk.jpg</bdi></a>' in answer.content.decode()


def test_said_by_a_person(browser: Browser, keeper: User) -> None:
    answer = sent(browser(keeper), ("mute.png", MUTE), is_ai="on")
    assert len(answer.context["outcome"].taken) == 1
    assert answer.context["form"].initial == {"is_ai": True}


def test_what_is_somebody_else_s_stays_theirs(browser: Browser, keeper: User, owner: User) -> None:
    """That it is there is told; where, and what it is, is not."""
    stored(take(by=owner))
    outcome = sent(browser(keeper), ("mine.jpg", FOX)).context["outcome"]
    assert outcome.refused == [("mine.jpg", "It is in the library already.")]


def test_nothing_and_too_many(browser: Browser, keeper: User) -> None:
    client = browser(keeper)
    assert "pictures" in client.post(reverse(PAGE), {}).context["form"].errors
    many = sent(client, *[(f"{number}.png", MUTE) for number in range(21)])
    assert many.context["form"].errors["pictures"] == ["These are 21 files; 20 go at once."]
    assert not Generation.objects.exists()


def test_no_trace_for_those_without_the_right(browser: Browser, editor: User) -> None:
    client = browser(editor)
    assert client.get(reverse(PAGE)).status_code == 403
    assert sent(client, ("fox.jpg", FOX)).status_code == 403
    listed = client.get(reverse("admin:seedream_django_generatedimage_changelist")).content.decode()
    assert 'href="import/"' not in listed


def test_its_page_says_where_it_comes_from(browser: Browser, keeper: User) -> None:
    """What its file says, and nothing of an order, a cost or more like it."""
    image = stored(take(by=keeper, where={"place": "magazine.Article:1:photo"}))
    page = browser(keeper).get(reverse("admin:seedream_django_generatedimage_change", args=[image.pk]))
    text = page.content.decode()
    for words in ("made by AI", "Brush 3", "Ada", "fox.jpg", "magazine.Article:1:photo", "kim"):
        assert words in text
    assert "field-ordered_with" not in text
    assert "seedream-more" not in text


def test_its_words_can_be_ordered(browser: Browser, keeper: User) -> None:
    """Its shape becomes one that the provider makes."""
    image = stored(take(by=keeper))
    page = reverse("admin:seedream_django_generation_add")
    answer = browser(keeper).get(f"{page}?from={image.generation_id}")
    assert answer.status_code == 200
    assert "in the snow" in answer.content.decode()


# -- The command ---------------------------------------------------------------------------------------------


def run(*args: str) -> list[str]:
    out = io.StringIO()
    call_command("seedream_import", *args, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    there = tmp_path / "there"
    (there / "deeper").mkdir(parents=True)
    (there / "fox.jpg").write_bytes(FOX)
    (there / "deeper" / "mute.png").write_bytes(MUTE)
    (there / "notes.txt").write_text("not a picture")
    return there


def test_a_folder(folder: Path) -> None:
    """First looked at; then taken in; then known."""
    looked = run(str(folder), "--dry-run")
    assert looked[1].startswith("fox.jpg: 90 × 60 JPG, Brush 3")
    assert looked[-1] == "1 would be taken in, 0 there already, 1 left out."
    assert not Generation.objects.exists()
    assert run(str(folder))[-1] == "1 taken in, 0 there already, 1 left out."
    turn(2)
    assert run(str(folder), "--made-by-ai")[-1] == "1 taken in, 1 there already, 0 left out."


def test_the_files_of_a_field(owner: User) -> None:
    """Each of them once; a copy of a picture of ours is no other picture."""
    topic = Topic.objects.create(name="Animals", slug="animals")
    article = Article.objects.create(title="One", slug="one", topic=topic)
    article.teaser.save("fox.jpg", ContentFile(FOX))
    Article.objects.create(title="None", slug="none", topic=topic)
    assert run("magazine.Article.teaser", "--user", "olga")[-1] == "1 taken in, 0 there already, 0 left out."
    image = GeneratedImage.objects.get()
    assert image.found["place"] == f"magazine.Article:{article.pk}:teaser"
    assert image.generation.user == owner
    assert stored(image).is_stored
    with article.teaser.open() as file:
        assert file.read() == FOX


def test_a_copy_of_ours_in_a_child(owner: User) -> None:
    """Where a parent declares the field, places are known by the parent."""
    framed = Framed.objects.create(title="One")
    framed.file.save("fox.jpg", ContentFile(FOX))
    kind = ContentType.objects.get_for_model(Photo)
    Slot.objects.create(
        generation=made("a fox"),
        content_type=kind,
        object_id=str(framed.pk),
        field="file",
        copied=framed.file.name,
        settled_at=timezone.now(),
    )
    assert run("album.Framed.file")[-1] == "0 taken in, 0 there already, 0 left out."


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nowhere.Thing.photo"], "no file, no folder, and no field"),
        (["magazine.Article.title"], "no field with files"),
        (["magazine.Article.cover", "--user", "nobody"], "no user"),
        (["magazine.Article.cover", "--user", "edda"], "may not bring"),
    ],
)
def test_what_it_refuses(args: list[str], words: str, editor: User) -> None:
    with pytest.raises(CommandError, match=words):
        run(*args)


def test_a_limit(folder: Path) -> None:
    assert run(str(folder), "--made-by-ai", "--limit", "1")[-1] == "1 taken in, 0 there already, 0 left out."


def test_a_storage_that_is_away_ends_it(folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(Storage, "save", _away)
    with pytest.raises(CommandError, match="Run it again later"):
        run(str(folder))


def test_a_worker_is_woken(settings: Any, monkeypatch: Any, django_capture_on_commit_callbacks: Any) -> None:
    """Once it is committed, and not before."""
    woken: list[Any] = []
    monkeypatch.setattr(tasks.store, "enqueue", lambda pk, **kwargs: woken.append(pk))
    with django_capture_on_commit_callbacks(execute=True):
        image = take()
        assert not woken
    assert woken == [image.pk]
