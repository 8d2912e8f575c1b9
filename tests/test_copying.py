"""A picture's file, copied into a field that has a file of its own."""

from __future__ import annotations

import datetime
import io
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage, Storage
from django.core.management import call_command
from django.db.models.signals import pre_save
from django.utils import timezone
from PIL import Image

from seedream_django import conf, copying, marks, orders, pictures, review, signals, slots, sweeping, tasks
from seedream_django.models import (
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    Slot,
    State,
    after,
    picture_storage,
)
from seedream_django.troubles import told

from .album.models import Framed, Photo
from .steps import carry, turn
from .worker import idle_queue, pending, scheduled, work

pytestmark = [pytest.mark.django_db, pytest.mark.once]

#: Django measures a file whose size is not on its row, and there is none.
SIZE = {"width": 1, "height": 1}
LONG_AGO = datetime.timedelta(days=5)


@pytest.fixture
def keeper(person: Any) -> User:
    """May generate, and change photos."""
    return person("kim", "generate", "change_photo")


@pytest.fixture
def photo(db: None) -> Photo:
    return Photo.objects.create(title="Foxes")


@pytest.fixture
def image(keeper: User) -> GeneratedImage:
    return kept(keeper)


def kept(user: User | None, format: str = "JPG", size: tuple[int, int] = (640, 480)) -> GeneratedImage:
    """A picture as it is once it is stored: left red, right blue; as quick to make as a row."""
    number, folder = uuid.uuid4(), Path(conf.SPOOL)
    folder.mkdir(exist_ok=True)
    drawn, marked = folder / "drawn", folder / "marked"
    canvas = Image.new("RGB", size, "red")
    canvas.paste("blue", (size[0] // 2, 0, *size))
    canvas.save(drawn, {"JPG": "JPEG"}.get(format, format))
    marks.mark(drawn, marked)
    name = picture_storage().save(f"{number}.{format.lower()}", ContentFile(marked.read_bytes()))
    generation = Generation.objects.create(
        user=user, prompt="a red fox", state=State.DONE, expected=1, received=1, stored=1, door="field"
    )
    return GeneratedImage.objects.create(
        generation=generation, image_uuid=number, state=ImageState.STORED, file=name, format=format,
        width=size[0], height=size[1], sha256=copying.spool.sha256(marked), title="A red fox",
    )  # fmt: skip


def chosen(image: GeneratedImage, photo: Photo, field: str = "file", **values: Any) -> Slot:
    return slots.choose(image, photo, Photo, field, user=image.generation.user, **values)


def copied(slot: Slot) -> Slot:
    """What a worker does with it, as if its time had come."""
    now = timezone.now()
    Slot.objects.filter(pk=slot.pk).update(look_at=now)
    Slot.objects.filter(pk=slot.pk, lease_until__isnull=False).update(lease_until=now)
    copying.copy(slot.pk)
    tasks.discard()
    slot.refresh_from_db()
    return slot


def files_in(folder: Path, *images: GeneratedImage) -> set[str]:
    """Every file below a folder but the originals, half-written ones too."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return found - {str(image.file.name) for image in images}


def shelf(field: str = "file") -> Any:
    return Photo._meta.get_field(field)


def is_left(path: Path, number: int) -> bool:
    """Whether so many percent from the left there is red, which is the left half of the original."""
    with Image.open(path) as picture:
        red, _green, blue = picture.convert("RGB").getpixel((picture.width * number // 100, 5))  # type: ignore[misc]
    return bool(red > blue)


def test_the_album_is_migrated() -> None:
    """What is added to it here is written down: elsewhere than in SQLite its tables come after those they refer to."""
    call_command("makemigrations", "album", check=True, dry_run=True, verbosity=0)


# -- What the field gets -------------------------------------------------------------------------------------


def test_cut_capped_and_marked(image: GeneratedImage, photo: Photo, keeper: User, sandbox: Path) -> None:
    """One file in the field's own folder, of the field's ratio and width, with the mark; the history says who."""
    slot = copied(chosen(image, photo, options={"max_width": 300, "ratio": "3:1"}))
    photo.refresh_from_db()
    assert (slot.note, slot.error, slot.image) == ("", "", image)
    assert slot.settled_at
    path = Path(photo.file.path)
    assert pictures.inspect(path) == pictures.Facts("JPG", 300, 100)
    assert (photo.width, photo.height) == (300, 100)
    assert marks.is_marked(path)
    assert photo.file.name == f"photos/a-red-fox-{image.image_uuid.hex[:8]}-{slot.pk}.jpg"
    assert files_in(sandbox / "media", image) == {photo.file.name}
    assert oct(path.stat().st_mode & 0o777) == "0o644"
    entry = LogEntry.objects.get(object_id=str(photo.pk), user=keeper)
    assert entry.get_change_message() == "Changed file."


def test_as_it_is(image: GeneratedImage, photo: Photo) -> None:
    """Where the field wants neither ratio nor width its file is the original, byte by byte."""
    copied(chosen(image, photo, options={"max_width": 640}))
    photo.refresh_from_db()
    with image.file.open() as original, photo.file.open() as copy:
        assert original.read() == copy.read()


@pytest.mark.parametrize(
    ("of_the_slot", "of_the_picture", "reds"),
    [
        ((None, None), (50, 50), (True, False)),
        ((None, None), (0, 50), (True, True)),
        ((100, 50), (0, 0), (False, False)),
    ],
)
def test_around_the_focal_point(
    of_the_slot: Any, of_the_picture: Any, reds: Any, image: GeneratedImage, photo: Photo
) -> None:
    """The cut keeps the point that was set for this place, else the picture's own; at an edge it stays inside."""
    image.focal_x, image.focal_y = of_the_picture
    image.save()
    copied(chosen(image, photo, options={"ratio": "1:2"}, focal=of_the_slot))
    photo.refresh_from_db()
    assert (photo.width, photo.height) == (240, 480)
    assert (is_left(Path(photo.file.path), 10), is_left(Path(photo.file.path), 90)) == reds


def test_without_columns_for_its_size(image: GeneratedImage, photo: Photo) -> None:
    """A plain FileField that has NULL for nothing is filled as well."""
    assert copied(chosen(image, photo, "plain")).note == ""
    photo.refresh_from_db()
    assert photo.plain.name.startswith("plain/a-red-fox-")


def test_the_first_that_is_finished(keeper: User, photo: Photo, image: GeneratedImage) -> None:
    """An order for the place fills it with its first picture, which need not be chosen by anybody."""
    slot = Slot.objects.create(
        generation=image.generation, content_type=ContentType.objects.get_for_model(Photo), field="file",
        object_id=str(photo.pk), user=keeper,
    )  # fmt: skip
    assert copied(slot).image == image


def test_a_child_of_another_model(image: GeneratedImage, keeper: User) -> None:
    """A model that inherits the field has its file in the parent's column."""
    framed = Framed.objects.create(title="Foxes")
    slot = copied(slots.choose(image, framed, Photo, "file", user=keeper))
    framed.refresh_from_db()
    assert (slot.note, framed.file.name) == ("", slot.copied)


# -- What it is called ---------------------------------------------------------------------------------------


def test_a_site_that_names_its_files_itself(image: GeneratedImage, photo: Photo, sandbox: Path) -> None:
    """What ``upload_to`` says is kept as far as it can be; the present file of that name is left alone."""
    own = shelf("named").storage.save(f"covers/{photo.pk}.jpg", ContentFile(b"theirs"))
    Photo.objects.update(named=own)
    slot = copied(chosen(image, photo, "named", replaces=own))
    photo.refresh_from_db()
    assert photo.named.name == f"covers/{photo.pk}-{image.image_uuid.hex[:8]}-{slot.pk}.jpg"
    assert files_in(sandbox / "media", image) == {own, photo.named.name}


def test_a_name_that_is_there_already(image: GeneratedImage, photo: Photo, sandbox: Path) -> None:
    """Whatever else lies under the name, in a storage that two installations share, stays."""
    slot = chosen(image, photo)
    name = f"photos/a-red-fox-{image.image_uuid.hex[:8]}-{slot.pk}.jpg"
    shelf().storage.save(name, ContentFile(b"theirs"))
    copied(slot)
    photo.refresh_from_db()
    assert photo.file.name != name
    assert files_in(sandbox / "media", image) == {name, photo.file.name}
    assert (sandbox / "media" / name).read_bytes() == b"theirs"


def test_a_name_that_is_there_already_and_little_room(
    image: GeneratedImage, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What tells the copy apart takes its room from the words; where there is none the field stays as it is."""
    for fits in (True, False):
        slot = chosen(image, photo, "plain")
        name = f"plain/{image.image_uuid.hex[:8]}-{slot.pk}.jpg"
        monkeypatch.setattr(shelf("plain"), "max_length", len(name) + (9 if fits else 4))
        first = f"plain/{'a-red-fo' if fits else 'a-r'}-{image.image_uuid.hex[:8]}-{slot.pk}.jpg"
        shelf("plain").storage.save(first, ContentFile(b"theirs"))
        slot = copied(slot)
        assert len(slot.copied) <= (shelf("plain").max_length or 0)
        assert bool(slot.copied) == fits


def test_as_many_words_as_fit(image: GeneratedImage, photo: Photo) -> None:
    """A short column takes the words that it has room for; one that has none says so, and nothing is copied."""
    slot = copied(chosen(image, photo, "short"))
    photo.refresh_from_db()
    assert len(photo.short.name) <= 24
    assert photo.short.name.endswith(f"{image.image_uuid.hex[:8]}-{slot.pk}.jpg")
    assert copied(chosen(image, photo, "full")).note == "The field has no room for the name of a file."


def test_without_words(image: GeneratedImage, photo: Photo, settings: Any) -> None:
    """Where the site wants none in its addresses."""
    settings.SEEDREAM |= {"SLUG_NAMES": False}
    slot = copied(chosen(image, photo))
    assert slot.copied == f"photos/{image.image_uuid.hex[:8]}-{slot.pk}.jpg"


def test_a_format_that_the_field_takes(image: GeneratedImage, photo: Photo) -> None:
    """A field for PNG alone gets one, marked; a field for texts says what is wrong."""
    copied(chosen(image, photo, "png"))
    photo.refresh_from_db()
    assert photo.png.name.endswith(".png")
    assert pictures.inspect(Path(photo.png.path)).format == "PNG"
    assert marks.is_marked(Path(photo.png.path))
    assert copied(chosen(image, photo, "text")).note == "The field takes neither JPG nor PNG nor WEBP."


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_its_own_format(format: str, keeper: User, photo: Photo) -> None:
    """What can be stays what it is."""
    copied(chosen(kept(keeper, format), photo, options={"max_width": 100}))
    photo.refresh_from_db()
    assert pictures.inspect(Path(photo.file.path)) == pictures.Facts(format, 100, 75)
    assert marks.is_marked(Path(photo.file.path))


def test_what_the_site_asks_of_every_file(
    image: GeneratedImage, photo: Photo, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its validators are asked with the finished file, and their words are told."""

    def small(file: Any) -> None:
        if file.size > 10:
            raise ValidationError("Ten bytes at most.")

    monkeypatch.setattr(shelf(), "validators", [small])
    slot = copied(chosen(image, photo))
    assert slot.note == "The field does not take the file: Ten bytes at most."
    assert files_in(sandbox / "media", image) == set()


# -- Never over a newer value --------------------------------------------------------------------------------


def test_only_what_may_be_replaced(image: GeneratedImage, photo: Photo, sandbox: Path) -> None:
    """What the form showed is replaced, and its file left to the site; anything newer stays, and no copy is left."""
    Photo.objects.update(file="old.jpg", **SIZE)
    assert copied(chosen(image, photo, replaces="old.jpg")).note == ""
    slot = copied(chosen(image, photo, replaces="old.jpg"))
    assert (slot.note, slot.image) == ("The field has another picture by now.", None)
    assert copied(chosen(image, photo)).note == slot.note
    photo.refresh_from_db()
    assert files_in(sandbox / "media", image) == {photo.file.name}


def test_emptied_meanwhile(image: GeneratedImage, photo: Photo) -> None:
    """What was taken away since is no newer picture."""
    assert copied(chosen(image, photo, replaces="old.jpg")).note == ""


def between(monkeypatch: pytest.MonkeyPatch, step: str, happens: Callable[[], object]) -> None:
    """Something happens as the worker comes to this step of its work."""
    original = getattr(copying, step)

    def then(*args: Any) -> Any:
        happens()
        return original(*args)

    monkeypatch.setattr(copying, step, then)


@pytest.mark.parametrize("step", ["_save", "_finish", "_put"])
def test_changed_while_it_is_copied(
    step: str, image: GeneratedImage, photo: Photo, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However late a newer value comes, it stays, and the copy is removed."""
    between(monkeypatch, step, lambda: Photo.objects.update(file="newer.jpg", **SIZE))
    slot = copied(chosen(image, photo))
    assert (slot.note, Photo.objects.get().file.name) == (
        "The field has another picture by now.",
        "newer.jpg",
    )
    assert files_in(sandbox / "media", image) == set()
    assert not DiscardedFile.objects.exists()


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ("is_active", "The person who ordered it may not change the object any more."),
        ("permission", "The person who ordered it may not change the object any more."),
        ("person", "The person who ordered it may not change the object any more."),
        ("object", "The object is gone."),
    ],
)
@pytest.mark.parametrize("step", ["", "_finish"])
def test_no_longer_wanted(
    changes: str, note: str, step: str, image: GeneratedImage, photo: Photo, keeper: User, sandbox: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """It is asked before the work and again at its end; what was copied in vain is removed."""

    def change() -> None:
        {
            "is_active": lambda: User.objects.filter(pk=keeper.pk).update(is_active=False),
            "permission": keeper.user_permissions.clear,
            "person": keeper.delete,
            "object": photo.delete,
        }[changes]()

    slot = chosen(image, photo)
    if step:
        # The worker has read its person before.
        between(monkeypatch, "_save", change)
    else:
        change()
    slot = copied(slot)
    assert slot.note == note
    assert files_in(sandbox / "media", image) == set()


def test_a_later_choice(image: GeneratedImage, photo: Photo, keeper: User, sandbox: Path) -> None:
    """Of two pictures that were chosen one after the other the later one is put in place, whoever copies first."""
    later = kept(keeper)
    first, second = chosen(image, photo), chosen(later, photo)
    assert copied(first).note == "Another picture was chosen meanwhile."
    assert copied(second).image == later
    photo.refresh_from_db()
    assert files_in(sandbox / "media", image, later) == {photo.file.name}


def test_the_picture_is_deleted(image: GeneratedImage, photo: Photo, sandbox: Path) -> None:
    """Whoever chose it waits for nothing; the copy that a worker had begun is removed as well."""
    slot = chosen(image, photo)
    slot.step(copied=shelf().storage.save("photos/half.jpg", ContentFile(b"half")))
    GeneratedImage.objects.filter(pk=image.pk).delete()
    tasks.discard()
    assert not Slot.objects.exists()
    assert files_in(sandbox / "media", image) == set()


def test_what_was_filled_is_the_sites(image: GeneratedImage, photo: Photo, sandbox: Path) -> None:
    """A slot that goes takes no file along that it has put in place, though the field has another by now."""
    slot = copied(chosen(image, photo))
    Photo.objects.update(file="newer.jpg", **SIZE)
    slot.delete()
    tasks.discard()
    assert files_in(sandbox / "media", image) == {slot.copied}


def test_deleted_while_it_is_copied(
    image: GeneratedImage, photo: Photo, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker that has saved a file for a slot that is gone has it removed."""
    between(monkeypatch, "_finish", lambda: Slot.objects.all().delete())
    slot = chosen(image, photo)
    copying.copy(slot.pk)
    tasks.discard()
    assert files_in(sandbox / "media", image) == set()


# -- Kills ---------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """A worker ends here."""


STEPS = ("_fill", "_fetch", "_name", "_render", "_validate", "_save", "_finish", "_put")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed(
    step: str, when: str, image: GeneratedImage, photo: Photo, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a worker ends, the next one finds what is there: one file, in the field, and nothing else."""
    original = getattr(copying, step)

    def killed(*args: Any) -> Any:
        if when == "after":
            original(*args)
        raise Killed

    slot = chosen(image, photo)
    with monkeypatch.context() as patch:
        patch.setattr(copying, step, killed)
        if step not in ("_fill", "_finish", "_put"):
            # A worker that is killed tidies nothing up.
            patch.setattr(copying, "_remove", lambda *args: None)
        with pytest.raises(Killed):
            copying.copy(slot.pk)
    if (step, when) not in (("_finish", "after"), ("_fill", "after")):
        assert Slot.objects.waiting().get() == slot
        assert not Slot.objects.due().exists()
    slot = copied(slot)
    photo.refresh_from_db()
    assert (slot.note, slot.image, photo.file.name) == ("", image, slot.copied)
    assert files_in(sandbox / "media", image) == {photo.file.name}
    assert pictures.inspect(Path(photo.file.path)).width == 640
    assert LogEntry.objects.filter(object_id=str(photo.pk)).count() == 1


def test_half_of_it_under_its_name(image: GeneratedImage, photo: Photo, sandbox: Path) -> None:
    """A storage that was cut off as it wrote is given the whole file anew."""
    slot = chosen(image, photo)
    slot.step(copied=f"photos/x-{image.image_uuid.hex[:8]}-{slot.pk}.jpg")
    shelf().storage.save(slot.copied, ContentFile(b"half"))
    copied(slot)
    photo.refresh_from_db()
    assert files_in(sandbox / "media", image) == {photo.file.name} == {slot.copied}
    assert pictures.inspect(Path(photo.file.path)).width == 640


def test_another_picture_comes_first(keeper: User, photo: Photo, sandbox: Path) -> None:
    """A worker died over the second picture and then the first one came: what was copied of the other is removed."""
    late = kept(keeper)
    image = kept(keeper)
    GeneratedImage.objects.filter(pk=image.pk).update(generation=late.generation, position=1)
    GeneratedImage.objects.filter(pk=late.pk).update(state=ImageState.RECEIVED)
    slot = Slot.objects.create(
        generation=late.generation, content_type=ContentType.objects.get_for_model(Photo), field="file",
        object_id=str(photo.pk), user=keeper,
    )  # fmt: skip
    slot.step(
        copied=shelf().storage.save(f"photos/{image.image_uuid.hex[:8]}-{slot.pk}.jpg", ContentFile(b"x"))
    )
    GeneratedImage.objects.filter(pk=late.pk).update(state=ImageState.STORED)
    assert copied(slot).image == late
    photo.refresh_from_db()
    assert files_in(sandbox / "media", image, late) == {photo.file.name}


def test_one_that_kills_its_workers(
    image: GeneratedImage, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three it is given up, and says so."""
    slot = chosen(image, photo)

    def killed(*args: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(copying, "_render", killed)
        for _ in range(copying.MAX_CRASHES):
            with pytest.raises(Killed):
                copied(slot)
    assert copied(slot).note == "It ended the worker that opened it."


@pytest.mark.parametrize("step", ["_save", "_finish"])
def test_one_that_was_thought_dead(
    step: str, image: GeneratedImage, photo: Photo, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker has filled the field meanwhile: the slow one takes nothing away and adds nothing."""
    original = getattr(copying, step)
    slow = []

    def slept(*args: Any) -> Any:
        if not slow:
            slow.append(True)
            copied(Slot.objects.get())
        return original(*args)

    monkeypatch.setattr(copying, step, slept)
    slot = chosen(image, photo)
    copying.copy(slot.pk)
    tasks.discard()
    slot.refresh_from_db()
    photo.refresh_from_db()
    assert (slot.note, slot.attempts, photo.file.name) == ("", 2, slot.copied)
    assert files_in(sandbox / "media", image) == {photo.file.name}


def test_slow_and_in_vain(
    image: GeneratedImage, photo: Photo, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker has given it up meanwhile, and what it knew of was removed: the slow one's file goes, too."""
    original = copying._save

    def slept(*args: Any) -> Any:
        monkeypatch.undo()
        Photo.objects.update(file="newer.jpg", **SIZE)
        copied(Slot.objects.get())
        return original(*args)

    slot = chosen(image, photo)
    monkeypatch.setattr(copying, "_save", slept)
    copying.copy(slot.pk)
    tasks.discard()
    assert files_in(sandbox / "media", image) == set()


# -- Storages ------------------------------------------------------------------------------------------------


class Away(FileSystemStorage):
    """Takes nothing."""

    def _save(self, name: str, content: Any) -> str:
        raise ConnectionError("https://secret@bucket/?signature=x")


def test_the_storage_is_away(
    image: GeneratedImage, photo: Photo, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept and tried again, later each time, and says why in words without an address; then it is filled."""
    slot = chosen(image, photo)
    with monkeypatch.context() as patch:
        patch.setattr(shelf(), "storage", Away())
        first = copying.copy(slot.pk)
        slot.refresh_from_db()
        assert (slot.attempts, slot.crashes, slot.lease_until, slot.settled_at) == (1, 0, None, None)
        assert slot.error == "The storage did not take the file (ConnectionError)."
        assert told(slot.error) == slot.error
        assert copying.copy(slot.pk) is None, "not before its time"
        Slot.objects.update(look_at=timezone.now(), attempts=5)
        assert first
        assert (copying.copy(slot.pk) or 0) > 16 > first
    assert files_in(sandbox / "media", image) == set()
    assert copied(slot).note == ""
    photo.refresh_from_db()
    assert files_in(sandbox / "media", image) == {photo.file.name}


def test_away_for_too_long(
    image: GeneratedImage, photo: Photo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After STORE_DEADLINE, from the first failure on, it is given up with a note, and whoever listens is told."""
    monkeypatch.setattr(shelf(), "storage", Away())
    slot = copied(chosen(image, photo))
    assert slot.settled_at is None
    Slot.objects.update(trouble_since=after(-conf.STORE_DEADLINE - 1))
    assert copied(slot).note == "The storage did not take the file (ConnectionError)."


def test_the_original_is_away(image: GeneratedImage, photo: Photo, sandbox: Path) -> None:
    """A picture that cannot be read, or is another than was saved, is not copied."""
    path, hidden = Path(image.file.path), sandbox / "hidden"
    slot = chosen(image, photo)
    path.rename(hidden)
    words = "The storage of the pictures did not give the file (No such file or directory)."
    assert copied(slot).error == words == told(words)
    path.write_bytes(b"another")
    assert copied(slot).error == "The storage of the pictures has another file than was saved there."
    hidden.rename(path)
    slot = copied(slot)
    assert (slot.error, slot.note) == ("", "")


class Renaming(FileSystemStorage):
    """Gives every file another name than it was asked for."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        stem, dot, ending = name.rpartition(".")
        return super().get_available_name(f"{stem}_z7NAT0o{dot}{ending}", max_length)


@pytest.mark.parametrize("step", ["", "_finish", "_put"])
def test_a_storage_that_renames(
    step: str, image: GeneratedImage, photo: Photo, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The field gets the name that the storage gave, also after a kill."""
    monkeypatch.setattr(shelf(), "storage", Renaming())
    slot = chosen(image, photo)
    if step:

        def killed(*args: Any) -> Any:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(copying, step, killed)
            with pytest.raises(Killed):
                copying.copy(slot.pk)
    slot = copied(slot)
    photo.refresh_from_db()
    assert photo.file.name == slot.copied
    assert "_z7NAT0o" in slot.copied
    assert files_in(sandbox / "media", image) == {photo.file.name}


def test_a_storage_that_renames_and_a_slow_worker(
    image: GeneratedImage, photo: Photo, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the slow one saved under a name of its own is removed at once."""
    monkeypatch.setattr(shelf(), "storage", Renaming())
    original, slow = copying._save, []

    def slept(*args: Any) -> Any:
        if not slow:
            slow.append(True)
            copied(Slot.objects.get())
        return original(*args)

    monkeypatch.setattr(copying, "_save", slept)
    copying.copy(chosen(image, photo).pk)
    tasks.discard()
    photo.refresh_from_db()
    assert files_in(sandbox / "media", image) == {photo.file.name}


class Overwriting(InMemoryStorage):
    """As S3 without versions: no folder, and what has the name is replaced."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: Any) -> str:
        if self.exists(name):
            self.delete(name)
        return super()._save(name, content)


@pytest.mark.parametrize("storage", [InMemoryStorage, Overwriting])
@pytest.mark.parametrize("step", ["", "_finish"])
def test_a_storage_that_is_no_folder(
    storage: type[Storage], step: str, image: GeneratedImage, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given one whole file, once; what the site had under the name that it asks for is not overwritten."""
    own = storage()
    for field in ("named", "file"):
        monkeypatch.setattr(shelf(field), "storage", own)
    theirs = own.save(f"covers/{photo.pk}.jpg", ContentFile(b"theirs"))
    for field in ("named", "file"):
        slot = chosen(image, photo, field)
        if step:

            def killed(*args: Any) -> Any:
                raise Killed

            with monkeypatch.context() as patch:
                patch.setattr(copying, step, killed)
                with pytest.raises(Killed):
                    copying.copy(slot.pk)
        assert copied(slot).note == ""
    photo.refresh_from_db()
    assert set(own.listdir("covers")[1]) == {Path(name).name for name in (theirs, photo.named.name)}
    assert own.listdir("photos")[1] == [Path(photo.file.name).name]
    with own.open(theirs) as file:
        assert file.read() == b"theirs"
    with own.open(photo.file.name) as file, Image.open(io.BytesIO(file.read())) as picture:
        assert picture.size == (640, 480)


def test_a_disk_that_is_full(image: GeneratedImage, photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own, where half of it is written: kept as well, and told."""

    def full(*args: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        slot = copied(chosen(image, photo))
        assert (slot.error, slot.settled_at) == (
            "The storage did not take the file (No space left on device).",
            None,
        )
    assert copied(slot).note == ""


# -- The site's own code -------------------------------------------------------------------------------------


@pytest.fixture
def failing() -> Iterator[None]:
    """A receiver of the host's that refuses to save a photo."""

    def refuse(**kwargs: Any) -> None:
        raise RuntimeError("the search index is down")

    pre_save.connect(refuse, sender=Photo)
    yield
    pre_save.disconnect(refuse, sender=Photo)


def test_a_site_whose_save_fails(
    image: GeneratedImage, photo: Photo, sandbox: Path, caplog: pytest.LogCaptureFixture, request: Any
) -> None:
    """Nothing is changed, it is tried again, and the copy waits; filled later, there is still one."""
    slot = chosen(image, photo)
    request.getfixturevalue("failing")
    slot = copied(slot)
    assert (slot.error, slot.settled_at) == ("The site's own code failed (RuntimeError).", None)
    assert told(slot.error) == slot.error
    assert "Could not fill slot" in caplog.text
    photo.refresh_from_db()
    assert not photo.file
    assert files_in(sandbox / "media", image) == {slot.copied}


def test_given_up_with_a_copy(
    image: GeneratedImage, photo: Photo, sandbox: Path, failing: None, caplog: pytest.LogCaptureFixture
) -> None:
    """What is given up at last leaves no file."""
    slot = copied(chosen(image, photo))
    Slot.objects.update(trouble_since=timezone.now() - LONG_AGO)
    assert copied(slot).note == "The site's own code failed (RuntimeError)."
    assert files_in(sandbox / "media", image) == set()


# -- What is flagged -----------------------------------------------------------------------------------------


def test_flagged(settings: Any, photo: Photo, keeper: User, owner: User, sandbox: Path) -> None:
    """A flagged picture is never copied; approved and moved it fills the field, as any other."""
    settings.SEEDREAM |= {"SAFETY_CHECK": True}
    slot = Slot(content_type=ContentType.objects.get_for_model(Photo), field="file", user=keeper)
    generation = carry(orders.place("a fox sandbox:nsfw", user=keeper, slot=slot))
    slots.bind(slot, photo, Photo, "file")
    image = generation.images.get()
    with pytest.raises(ValueError, match="may not choose"):
        chosen(image, photo)
    assert copied(slot).settled_at is None
    before = files_in(sandbox / "media")
    assert review.decide(image, True, by=owner)
    assert copied(slot).settled_at is None, "it has not moved yet"
    turn(2)
    slot.refresh_from_db()
    photo.refresh_from_db()
    assert (slot.image, photo.file.name) == (image, slot.copied)
    assert photo.file.name in files_in(sandbox / "media") - before


# -- Who does it, and when -----------------------------------------------------------------------------------


@pytest.fixture
def huey(settings: Any, sandbox: Path) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        yield huey


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_it(huey: Any, image: GeneratedImage, photo: Photo) -> None:
    """A page that binds or chooses copies nothing: it wakes the queue. What fails is queued for later."""
    slot = chosen(image, photo)
    assert pending(huey) == ["fill"]
    assert not Photo.objects.get().file
    hidden = Path(image.file.path).rename(Path(image.file.path).with_suffix(".away"))
    assert set(work(huey)) == {"fill"}
    assert scheduled(huey) == ["fill"]
    hidden.rename(image.file.path)
    Slot.objects.update(look_at=timezone.now())
    huey.flush()
    sweeping.sweep()
    assert "fill" in pending(huey)
    work(huey)
    assert Photo.objects.get().file.name == Slot.objects.get(pk=slot.pk).copied


@pytest.mark.django_db(transaction=True)
def test_when_the_picture_comes(huey: Any, photo: Photo, keeper: User) -> None:
    """Bound before its picture is there it is woken once it is stored, and whoever listens is told of the end."""
    heard = []

    def listen(slot: Slot, **kwargs: Any) -> None:
        heard.append((slot.pk, slot.note, slot.image_id))

    signals.slot_settled.connect(listen)
    slot = Slot(content_type=ContentType.objects.get_for_model(Photo), field="file", user=keeper)
    generation = orders.place("a fox", user=keeper, slot=slot)
    slots.bind(slot, photo, Photo, "file")
    assert pending(huey) == ["submit"]
    assert work(huey)[-1] == "fill"
    assert heard == [(slot.pk, "", generation.images.get().pk)]
    assert Photo.objects.get().file
    assert work(huey) == []
    signals.slot_settled.disconnect(listen)


def test_in_immediate_mode(
    photo: Photo, image: GeneratedImage, django_capture_on_commit_callbacks: Any
) -> None:
    """Where tasks run inside their caller it is copied once the form's transaction has ended, and not within it."""
    with django_capture_on_commit_callbacks(execute=True):
        chosen(image, photo)
        assert not Photo.objects.get().file
    assert Photo.objects.get().file


def test_what_nobody_woke_is_found(photo: Photo, image: GeneratedImage) -> None:
    """A page that is looked at in immediate mode copies what waits; so does a sweep, by the queue."""
    chosen(image, photo)
    turn()
    assert Photo.objects.get().file


def test_the_sweep_looks_again_when_a_lease_ends(photo: Photo, image: GeneratedImage, huey: Any) -> None:
    """A worker that was killed over a copy is followed as soon as its lease is over, not up to a minute later."""
    slot = chosen(image, photo)
    slot.step(lease_until=after(20))
    sweeping._sweep_when_a_lease_ends()
    assert pending(huey) == ["sweep"]
