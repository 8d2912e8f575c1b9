"""What the safety check flagged: kept apart, blurred, looked at by whom it concerns, decided about once, moved."""

from __future__ import annotations

import io
import itertools
import re
import stat
from collections.abc import Callable, Iterator
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from example_project.magazine.models import Article, Topic
from seedream_django import budget, late, orders, pictures, review, signals, slots, sweeping, tasks
from seedream_django.admin import picture
from seedream_django.exceptions import InvalidOrder, NoStorage, NotAllowed
from seedream_django.models import (
    PRIVATE,
    DiscardedFile,
    GeneratedImage,
    ImageState,
    LedgerEntry,
    Review,
    Slot,
    State,
    after,
    private_storage,
)
from seedream_django.moving import MANY
from seedream_django.runware.replies import Result
from seedream_django.sandbox import Books
from seedream_django.templatetags.seedream import seedream_image

from .steps import carry, made, said, turn
from .test_rescue import Away, AwayElsewhere
from .test_storing import files_in
from .worker import idle_queue, pending, work

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]
Person = Callable[..., User]

PICTURES = "admin:seedream_django_generatedimage_changelist"
PICTURE = "admin:seedream_django_generatedimage_change"
LOOK = "admin:seedream_django_generatedimage_look"
DECIDE = "admin:seedream_django_generatedimage_review"
ORDER = "admin:seedream_django_generation_change"
DISK = "django.core.files.storage.FileSystemStorage"
NSFW = "a fox sandbox:nsfw"


@pytest.fixture(autouse=True)
def checked(settings: Any) -> None:
    settings.SEEDREAM |= {"SAFETY_CHECK": True}


@pytest.fixture
def reviewer(person: Person) -> User:
    """May see everybody's pictures, and decide about what is flagged; does not order."""
    return person("rita", "approve", "see_others_prompts", "view_generatedimage")


def flagged(user: User | None = None, prompt: str = NSFW) -> GeneratedImage:
    """One flagged picture, kept."""
    return made(prompt, user=user).images.get()


def private(sandbox: Path) -> list[Path]:
    return [path for path in files_in(sandbox / "seedream-private") if ".seedream-spool" not in path.parts]


def public(sandbox: Path) -> list[Path]:
    return [path for path in files_in(sandbox / "media") if ".seedream-spool" not in path.parts]


def bytes_of(image: GeneratedImage) -> bytes:
    with private_storage().open(image.private_file.name) as file:
        return bytes(file.read())


def body(response: Any) -> bytes:
    """All of it; the test's client closes the file then."""
    return b"".join(response.streaming_content)


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def hidden(page: str) -> dict[str, str]:
    """What a page that asks sends along unseen: what it showed, and that it is the confirmation."""
    return dict(re.findall(r'<input type="hidden" name="(was-\d+|confirmed)" value="(\w+)">', page))


# -- Asking for the check ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "asked", "is_flagged"),
    [
        (True, {"checkContent": True}, True),
        (False, None, None),
        ("fast", {"checkContent": True, "mode": "fast"}, True),
        ("none", {"checkContent": False, "mode": "none"}, None),
    ],
)
def test_both_rows_of_the_page(setting: Any, asked: Any, is_flagged: bool | None, settings: Any) -> None:
    """``safety.checkContent`` and ``safety.mode`` are the setting's, go over the wire, and do there what they say."""
    settings.SEEDREAM |= {"SAFETY_CHECK": setting}
    generation = made(NSFW)
    assert (generation.parameters.get("safety"), generation.images.get().flagged) == (asked, is_flagged)
    for keyword in ("check_content", "safety_mode"):
        with pytest.raises(InvalidOrder, match=keyword):
            orders.place("a fox", **{keyword: None})


# -- Kept apart ----------------------------------------------------------------------------------------------


def test_the_public_storage_has_nothing_of_it(sandbox: Path, books: Books) -> None:
    """Its bytes and its small picture are in the private folder alone; it is whole, marked, paid and settled."""
    image = flagged()
    data = bytes_of(image)
    assert (image.state, image.review, image.file.name) == (ImageState.STORED, Review.WAITING, "")
    assert (image.size, image.is_held_back) == (len(data), True)
    assert [path.relative_to(sandbox / "seedream-private") for path in private(sandbox)] == [
        Path(image.private_file.name)
    ]
    (blur,) = public(sandbox)
    assert str(blur).endswith(image.preview.name)
    assert image.preview.name.endswith("-blurred.webp")
    assert data not in blur.read_bytes()
    assert blur.read_bytes() not in data
    assert LedgerEntry.objects.balance()["spent"] == image.cost
    assert (len(books.charges()), image.generation.state) == (1, State.DONE)
    assert not files_in(sandbox / "spool")


def test_the_folder_is_for_nobody_else(sandbox: Path) -> None:
    """Neither its files nor its folders, nor what is half-written in it, can be read by another user."""
    flagged()
    for path in [sandbox / "seedream-private", *(sandbox / "seedream-private").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_blur_shows_nothing(sandbox: Path) -> None:
    """A blurred preview has the picture's shape and a dozen patches of its colours: no edge is left, no outline."""
    path = sandbox / "sharp.png"
    sharp = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    sharp.paste((255, 255, 255, 255), (100, 0, 101, 200))
    sharp.paste((255, 0, 0, 255), (200, 0, 400, 200))
    sharp.save(path)
    with Image.open(io.BytesIO(pictures.blurred(path, 480, b"mark"))) as blur:
        assert (blur.size, blur.mode, blur.info["xmp"]) == ((400, 200), "RGB", b"mark")
        row = [blur.getpixel((x, 100))[0] for x in range(400)]  # type: ignore[index]
    steps = [abs(a - b) for a, b in itertools.pairwise(row)]
    assert max(steps) < 16
    assert max(row[60:140]) < 90


def test_no_page_has_a_word_of_where_it_lies(
    editor: User, owner: User, reviewer: User, browser: Browser, sandbox: Path
) -> None:
    """Before it is approved no page, for nobody, has the private name, or the public one that it may get."""
    image = flagged(editor)
    canaries = [image.private_file.name, image.public_names()[0], "seedream-private"]
    addresses = [
        reverse(ORDER, args=[image.generation_id]), reverse("seedream_django:status", args=[image.generation_id]),
        reverse("admin:seedream_django_generation_changelist"), reverse(PICTURES), reverse(PICTURE, args=[image.pk]),
        reverse("admin:magazine_article_add"),
    ]  # fmt: skip
    for user in (editor, owner, reviewer):
        for address in addresses:
            page = browser(user).get(address).content.decode()
            assert not [canary for canary in canaries if canary in page], (user, address)
    assert (seedream_image(image), image.file_url) == ("", "")
    assert "<img" not in picture(image)


def test_never_offered_until_it_has_moved(editor: User) -> None:
    """Waiting, rejected, approved and not yet moved: no choice, and unused nowhere. Moved it is both."""
    image = flagged(editor)
    rows, both = GeneratedImage.objects, []
    for decision in (Review.NONE, Review.WAITING, Review.REJECTED, Review.APPROVED):
        rows.update(review=decision)
        both += [*rows.choosable_by(editor), *rows.unused(), *rows.released(), *rows.shown()]
        assert rows.get().is_held_back
    assert both == []
    turn()
    image.refresh_from_db()
    assert not image.is_held_back
    assert list(rows.choosable_by(editor)) == list(rows.unused()) == list(rows.released()) == [image]


def test_flagged_before_there_were_decisions(editor: User, owner: User, browser: Browser) -> None:
    """A row of then, with a public file, is found by a migration and waits like any other; approved it is shown."""
    image = made("a fox", user=editor).images.get()
    GeneratedImage.objects.update(flagged=True)
    image.refresh_from_db()
    assert (image.decision, image.is_held_back) == (Review.WAITING, True)
    import_module("seedream_django.migrations.0005_flagged_waits").have_flagged_wait(
        apps, connection.schema_editor()
    )
    assert list(GeneratedImage.objects.to_review()) == [image]
    image.refresh_from_db()
    assert body(browser(owner).get(reverse(LOOK, args=[image.pk]))) == Path(image.file.path).read_bytes()
    assert review.decide(image, True, by=owner)
    assert (image.is_held_back, image.is_moving, bool(seedream_image(image))) == (False, False, True)


def test_told_only_later(editor: User) -> None:
    """A picture that a later answer calls flagged is held back from then on, and one that it does not stays so."""
    clear, image = made("a fox", user=editor).images.get(), flagged(editor)
    for picture_, said_ in ((clear, True), (image, None)):
        result = Result(image_uuid=picture_.image_uuid, url="", flagged=said_)
        late.record(picture_.generation, [result])
        picture_.refresh_from_db()
        assert (picture_.flagged, picture_.review, picture_.is_held_back) == (True, Review.WAITING, True)


# -- A private storage that is away --------------------------------------------------------------------------


@pytest.mark.parametrize("storage", [Away, AwayElsewhere])
def test_the_private_storage_is_away(storage: type, settings: Any, sandbox: Path, books: Books) -> None:
    """Its bytes wait in the spool and nothing is shown; once it is back they are kept there, paid once."""
    good, options = settings.STORAGES, {"location": str(sandbox / "away")}
    name = f"{storage.__module__}.{storage.__qualname__}"
    bad = {"BACKEND": name, "OPTIONS": options} if storage is Away else {"BACKEND": name}
    settings.STORAGES = {**good, "apart": bad}
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "apart"}
    generation = orders.place(NSFW)
    turn(4)
    image = generation.images.get()
    assert (image.state, image.trouble, len(files_in(sandbox / "spool"))) == (ImageState.RECEIVED, "store", 1)
    settings.STORAGES = {**good, "apart": {"BACKEND": DISK, "OPTIONS": options}}
    assert carry(generation).state == State.DONE
    image.refresh_from_db()
    assert (sandbox / "away" / image.private_file.name).stat().st_size == image.size
    assert (files_in(sandbox / "spool"), len(books.charges())) == ([], 1)
    assert not list((sandbox / "media").rglob("*.jpg"))


def test_no_order_without_a_private_storage(settings: Any) -> None:
    """Where the check is asked for and what it flags could not be kept, nothing is paid for; else nobody minds."""
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "gone"}
    with pytest.raises(NoStorage):
        orders.place("a fox")
    settings.SEEDREAM |= {"SAFETY_CHECK": False}
    assert made("a fox").state == State.DONE


def test_given_up_leaves_nothing(sandbox: Path, settings: Any) -> None:
    """A flagged picture that ends its workers is given up, and what it has in either storage is noted for removal."""
    away = {"BACKEND": f"{Away.__module__}.Away", "OPTIONS": {"location": str(sandbox / "away")}}
    settings.STORAGES = {**settings.STORAGES, "apart": away}
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "apart"}
    generation = orders.place(NSFW)
    turn(3)
    assert len(public(sandbox)) == 1
    GeneratedImage.objects.update(crashes=3)
    carry(generation)
    image = generation.images.get()
    assert (image.state, image.flagged, image.review) == (ImageState.FAILED, True, Review.WAITING)
    noted = set(DiscardedFile.objects.values_list("storage", "name"))
    assert {where for where, name in noted if "-private." in name} == {PRIVATE}
    assert {where for where, name in noted if "-blurred." in name} == {"default"}
    tasks.discard()
    assert public(sandbox) == []


# -- Deciding ------------------------------------------------------------------------------------------------


def test_decided_once(reviewer: User, owner: User) -> None:
    """Of two at once one decides; who, when and what is on the row and in the history; a no may become a yes."""
    first, second = flagged(), GeneratedImage.objects.get()
    assert review.decide(first, False, by=reviewer)
    assert not review.decide(second, False, by=owner)
    second.refresh_from_db()
    assert (second.review, second.reviewed_by, second.reviewed_at) == (
        Review.REJECTED,
        reviewer,
        first.reviewed_at,
    )
    turn(2)
    assert GeneratedImage.objects.get().private_file
    assert review.decide(second, True, by=owner)
    assert not review.decide(first, False, by=reviewer)
    assert GeneratedImage.objects.get().review == Review.APPROVED
    assert list(LogEntry.objects.order_by("pk").values_list("user__username", "change_message")) == [
        ("rita", "Rejected it, which the provider's safety check had flagged."),
        ("olga", "Approved it, which the provider's safety check had flagged."),
    ]


def test_nothing_to_decide(owner: User) -> None:
    """What is not flagged, or not kept yet, is nobody's to decide about."""
    clear, image = made("a fox").images.get(), flagged()
    assert not review.decide(clear, True, by=owner)
    GeneratedImage.objects.update(state=ImageState.RECEIVED)
    assert not review.decide(image, True, by=owner)
    assert not LogEntry.objects.exists()


def test_who_may_decide(editor: User, person: Person, reviewer: User) -> None:
    """With the right about one's own, with the other right about everybody's; the site's own code always."""
    approver = person("adam", "approve", "generate")
    own, theirs = flagged(approver, f"{NSFW} 1"), flagged(editor, f"{NSFW} 2")
    for image, by in ((own, editor), (theirs, editor), (theirs, approver)):
        with pytest.raises(NotAllowed, match="Ask rita"):
            review.decide(image, True, by=by)
    assert review.decide(own, False, by=approver)
    assert review.decide(theirs, False, by=reviewer)
    assert review.decide(own, True, by=None)
    assert (own.reviewed_by, own.review) == (None, Review.APPROVED)
    reviewer.is_active = False
    with pytest.raises(NotAllowed):
        review.decide(theirs, True, by=reviewer)


# -- Moving --------------------------------------------------------------------------------------------------


@pytest.fixture
def held(sandbox: Path) -> GeneratedImage:
    """A flagged picture, kept before there was a queue."""
    return flagged()


@pytest.fixture
def queue(settings: Any, held: GeneratedImage) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        yield huey


@pytest.mark.django_db(transaction=True)
def test_approved_it_moves(held: GeneratedImage, queue: Any, owner: User, sandbox: Path) -> None:
    """The decision wakes a worker: the same bytes, now public, with a real preview; what was private is removed."""
    image = held
    data, released = bytes_of(image), []

    def listen(sender: Any, image: GeneratedImage, **kwargs: Any) -> None:
        released.append((image.pk, image.is_held_back))

    signals.image_released.connect(listen)
    queue.flush()
    try:
        review.decide(image, True, by=owner)
        assert (pending(queue), released, image.is_moving) == (["move"], [], True)
        work(queue)
    finally:
        signals.image_released.disconnect(listen)
    work(queue)
    image.refresh_from_db()
    assert (released, image.private_file.name, image.flagged) == ([(image.pk, False)], "", True)
    assert (Path(image.file.path).read_bytes(), image.file.name.endswith(f"{image.image_uuid}.jpg")) == (
        data,
        True,
    )
    with Image.open(image.preview.path) as preview:
        assert max(preview.size) == 480
    assert (private(sandbox), len(public(sandbox)), DiscardedFile.objects.count()) == ([], 2, 0)
    assert f'src="{image.file.url}"' in str(seedream_image(image))


@pytest.mark.django_db(transaction=True)
def test_rejected_it_stays(held: GeneratedImage, queue: Any, owner: User, sandbox: Path) -> None:
    """Nobody is woken, nothing moves, and who deletes it has both files removed."""
    image = held
    queue.flush()
    review.decide(image, False, by=owner)
    assert pending(queue) == []
    sweeping.sweep()
    assert "move" not in work(queue)
    assert len(private(sandbox)) == 1
    image.delete()
    tasks.discard()
    assert (private(sandbox), public(sandbox)) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_the_sweep_finds_what_the_queue_forgot(held: GeneratedImage, queue: Any, owner: User) -> None:
    """The decision is on the row: a queue that lost it changes nothing."""
    image = held
    review.decide(image, True, by=owner)
    queue.flush()
    sweeping.sweep()
    assert "move" in work(queue)
    image.refresh_from_db()
    assert not image.is_held_back


def test_settings_that_changed_meanwhile(owner: User, settings: Any, sandbox: Path) -> None:
    """It moves to the name that it came with, whatever the folder, the slugs and the prompt are by then."""
    image = flagged()
    name, _preview = image.public_names()
    settings.SEEDREAM |= {"UPLOAD_TO": "elsewhere", "SLUG_NAMES": False}
    review.decide(image, True, by=owner)
    turn()
    image.refresh_from_db()
    assert (image.file.name, len(public(sandbox))) == (name, 2)


class NotWhatItWas(FileSystemStorage):
    """Somebody wrote over its files."""

    def _open(self, name: str, mode: str = "rb") -> Any:
        return ContentFile(b"something else")


@pytest.mark.parametrize(
    ("alias", "storage", "words"),
    [
        ("default", Away, "The storage did not take the file (ConnectionError)."),
        ("apart", AwayElsewhere, "The private storage did not give the file (AttributeError)."),
        ("apart", NotWhatItWas, "The private storage has another file than was saved there."),
    ],
)
def test_a_storage_away_while_it_moves(
    alias: str, storage: type, words: str, settings: Any, owner: User, browser: Browser, sandbox: Path
) -> None:
    """It stays where it is, is shown nowhere, and its page says why; it is tried again, later and later, and moves."""
    good = {
        **settings.STORAGES,
        "apart": {"BACKEND": DISK, "OPTIONS": {"location": str(sandbox / "apart")}},
    }
    settings.STORAGES = good
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "apart"}
    image = flagged()
    review.decide(image, True, by=owner)
    location = sandbox / ("media" if alias == "default" else "apart")
    options = {} if storage is AwayElsewhere else {"location": str(location)}
    settings.STORAGES = {
        **good, alias: {"BACKEND": f"{storage.__module__}.{storage.__qualname__}", "OPTIONS": options}
    }  # fmt: skip
    GeneratedImage.objects.update(attempts=MANY)
    for attempts in (1, 2):
        GeneratedImage.objects.update(look_at=after(0))
        turn()
        image.refresh_from_db()
        assert (image.error, image.attempts, image.is_held_back) == (words, attempts, True)
        assert image.look_at > after(0)
    assert words in unescape(browser(owner).get(reverse(PICTURE, args=[image.pk])).content.decode())
    settings.STORAGES = good
    GeneratedImage.objects.update(look_at=after(0))
    turn()
    image.refresh_from_db()
    assert (image.is_held_back, image.error) == (False, "")


def test_one_worker_moves_it(owner: User) -> None:
    """While one has it another leaves it alone; whose lease is over, it is taken from."""
    image = flagged()
    review.decide(image, True, by=owner)
    GeneratedImage.objects.update(lease_until=after(60))
    turn()
    assert GeneratedImage.objects.get().is_moving
    GeneratedImage.objects.update(lease_until=after(-1))
    turn()
    assert not GeneratedImage.objects.get().is_held_back


class Deleting(FileSystemStorage):
    """While the picture is saved, somebody deletes its row."""

    def _save(self, name: str, content: Any) -> str:
        GeneratedImage.objects.filter(review=Review.APPROVED).delete()
        return super()._save(name, content)


def test_deleted_while_it_moves(owner: User, settings: Any, sandbox: Path) -> None:
    """Nobody else knows the files by then: they are removed from both storages."""
    image = flagged()
    review.decide(image, True, by=owner)
    deleting = {"BACKEND": f"{__name__}.Deleting", "OPTIONS": {"location": str(sandbox / "media")}}
    settings.STORAGES = {**settings.STORAGES, "default": deleting}
    turn()
    tasks.discard()
    assert not GeneratedImage.objects.exists()
    assert (private(sandbox), public(sandbox), DiscardedFile.objects.count()) == ([], [], 0)


def test_deleted_after_a_worker_died_halfway(owner: User, sandbox: Path) -> None:
    """What it had copied already has names that no row has; deleting the row removes it all the same."""
    image = flagged()
    review.decide(image, True, by=owner)
    for name in image.public_names():
        storages["default"].save(name, ContentFile(b"half"))
    image.delete()
    tasks.discard()
    assert (private(sandbox), public(sandbox)) == ([], [])


def test_what_waits_for_it_is_filled(editor: User, owner: User) -> None:
    """A place that an order is for stays empty while its picture is held back, and is filled once it has moved."""
    topic = Topic.objects.create(name="Nature", slug="nature")
    article = Article.objects.create(title="Foxes", slug="foxes", topic=topic, summary="s", body="b")
    content_type = ContentType.objects.get_for_model(Article)
    slot = Slot(content_type=content_type, object_id=str(article.pk), field="cover", user=editor)
    generation = carry(orders.place(NSFW, user=editor, slot=slot))
    image = generation.images.get()
    # The decision may come long after the order.
    Slot.objects.update(created_at=after(-365 * 86400))
    for approve in (False, True):
        assert slots.fill_waiting() == 0
        article.refresh_from_db()
        assert article.cover is None
        review.decide(image, approve, by=owner)
    turn()
    article.refresh_from_db()
    assert article.cover == image


def test_filled_by_the_sweep_long_after(editor: User, owner: User) -> None:
    """A worker that dies between the move and telling of it leaves an old place empty: the sweep finds that, too."""
    topic = Topic.objects.create(name="Nature", slug="nature")
    article = Article.objects.create(title="Foxes", slug="foxes", topic=topic, summary="s", body="b")
    content_type = ContentType.objects.get_for_model(Article)
    slot = Slot(content_type=content_type, object_id=str(article.pk), field="cover", user=editor)
    image = carry(orders.place(NSFW, user=editor, slot=slot)).images.get()
    Slot.objects.update(created_at=after(-365 * 86400))
    review.decide(image, True, by=owner)
    name, preview = image.public_names()
    GeneratedImage.objects.update(file=name, preview=preview, private_file="")
    assert slots.fill_waiting() == 1
    article.refresh_from_db()
    assert article.cover == image


# -- Looking at it -------------------------------------------------------------------------------------------

RIGHTS = [
    # Who, and what each address answers of a picture of the editor's: its bytes, the page to decide.
    ((), 403),
    (("view_generatedimage", "change_generatedimage", "see_others_prompts", "see_costs", "generate"), 403),
    (("approve",), 404),
    (("approve", "view_generatedimage", "change_generatedimage"), 404),
    (("approve", "see_others_prompts"), 200),
]


@pytest.mark.parametrize(("may", "status"), RIGHTS)
def test_who_may_look(
    may: tuple[str, ...], status: int, editor: User, person: Person, browser: Browser
) -> None:
    """Only who decides, and only about what they may see; others get neither bytes nor a page."""
    image, client = flagged(editor), browser(person("somebody", *may))
    for name in (LOOK, DECIDE):
        response = client.get(reverse(name, args=[image.pk]))
        assert response.status_code == status
        if response.streaming:
            assert body(response) == bytes_of(image)
    assert client.post(reverse(DECIDE, args=[image.pk]), {"decision": "approve"}).status_code in (status, 302)
    assert (GeneratedImage.objects.get().review == Review.APPROVED) is (status == 200)


def test_nobody_looks_without_an_account(editor: User, browser: Browser, person: Person) -> None:
    """Neither the public, nor who ordered it, nor who is no member of the staff, whatever rights they have."""
    image = flagged(editor)
    outsider = person("otto", "approve", "see_others_prompts", is_staff=False)
    for client in (browser(None), browser(outsider)):
        for name in (LOOK, DECIDE):
            response = client.get(reverse(name, args=[image.pk]))
            assert (response.status_code, response.headers["Location"].partition("?")[0]) == (
                302,
                "/admin/login/",
            )
    assert browser(editor).get(reverse(LOOK, args=[image.pk])).status_code == 403


@pytest.mark.parametrize("format", ["JPG", "PNG", "WEBP"])
def test_its_bytes(format: str, reviewer: User, browser: Browser, editor: User) -> None:
    """From the site itself, as what we found it to be; nobody keeps it, guesses at it or asks for another by query."""
    image = made(NSFW, user=editor, output_format=format).images.get()
    other = flagged(editor, f"{NSFW} 2")
    response = browser(reviewer).get(
        reverse(LOOK, args=[image.pk]), {"name": other.private_file.name, "pk": other.pk}
    )
    assert body(response) == bytes_of(image)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        response.headers["Content-Type"]
        == {"JPG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}[format]
    )
    assert browser(reviewer).post(reverse(LOOK, args=[image.pk])).status_code == 405


def test_there_is_nothing_to_look_at(reviewer: User, browser: Browser, settings: Any, caplog: Any) -> None:
    """What was never flagged, or does not exist, is not there; a storage that is away is said to be, by no address."""
    clear, image, client = made("a fox").images.get(), flagged(), browser(reviewer)
    for key in (clear.pk, image.pk + 1, "x", "../1"):
        assert client.get(f"/admin/seedream_django/generatedimage/{key}/look/").status_code == 404
    settings.STORAGES = {
        **settings.STORAGES,
        "apart": {"BACKEND": f"{AwayElsewhere.__module__}.AwayElsewhere"},
    }
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "apart"}
    response = client.get(reverse(LOOK, args=[image.pk]))
    assert (response.status_code, response.content) == (503, b"This picture cannot be shown at the moment.")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert image.private_file.name not in caplog.text


# -- The pages -----------------------------------------------------------------------------------------------


def test_decided_on_its_page(reviewer: User, editor: User, browser: Browser, sandbox: Path) -> None:
    """Its own page leads to the one that decides, which says what each button does, and back to what became of it."""
    image, client = flagged(editor), browser(reviewer)
    decide = reverse(DECIDE, args=[image.pk])
    page = unescape(client.get(reverse(PICTURE, args=[image.pk])).content.decode())
    assert f'href="{decide}"' in page
    assert "waiting for a decision" in page
    assert "rita" in page
    page = client.get(decide).content.decode()
    assert f'src="{reverse(LOOK, args=[image.pk])}"' in page
    assert "csrfmiddlewaretoken" in page
    assert "it moves to the public storage and can be used" in page
    assert client.post(decide, {"decision": "perhaps"}).status_code == 200
    response = client.post(decide, {"decision": "reject"})
    assert response.headers["Location"] == reverse(PICTURE, args=[image.pk])
    assert told(response) == ["1 picture is rejected: it stays where it is, and is shown nowhere."]
    page = unescape(client.get(reverse(PICTURE, args=[image.pk])).content.decode())
    assert "and rejected" in page
    assert "Decided by rita" in page
    assert f'href="{decide}"' in page
    page = client.get(decide).content.decode()
    assert 'value="reject"' not in page
    was = hidden(page)
    response = client.post(decide, {**was, "decision": "approve"})
    assert "moves to the public storage" in told(response)[-1]
    assert (
        told(client.post(decide, {**was, "decision": "approve"}))[-1]
        == "Somebody else has decided about it meanwhile. “A fox sandbox”: the picture was approved."
    )
    turn()
    page = unescape(client.get(reverse(PICTURE, args=[image.pk])).content.decode())
    assert "Decided by rita" in page
    assert "seedream-flagged" not in page
    assert f'href="{decide}"' not in page


def test_a_page_that_somebody_else_was_faster_than(reviewer: User, editor: User, browser: Browser) -> None:
    """A yes holds for what its page showed: one that waited and was rejected since stays so, as is told."""
    image, client = flagged(editor), browser(reviewer)
    page = reverse(DECIDE, args=[image.pk])
    was = hidden(client.get(page).content.decode())
    listed = {"action": "approve", ACTION_CHECKBOX_NAME: [image.pk]}
    sent = hidden(client.post(reverse(PICTURES), listed).content.decode())
    assert was == {f"was-{image.pk}": "waiting"}
    assert review.decide(image, False, by=None, reason="Six toes.")
    words = (
        "Somebody else has decided about it meanwhile. “A fox sandbox”: the picture was rejected. Six toes."
    )
    assert told(client.post(page, {**was, "decision": "approve"}))[-1] == words
    assert told(client.post(reverse(PICTURES), {**sent, **listed}))[-1] == words
    image.refresh_from_db()
    assert (image.review, image.reason) == (Review.REJECTED, "Six toes.")
    assert LogEntry.objects.count() == 1
    # Asked again it says what it is now, and a yes to that holds.
    confirmation = unescape(client.post(reverse(PICTURES), listed).content.decode())
    assert "flagged by the provider's safety check, and rejected" in confirmation.lower()
    assert (
        "1 picture is approved"
        in told(client.post(reverse(PICTURES), {**hidden(confirmation), **listed}))[-1]
    )


def test_a_decision_over_what_was_seen(owner: User) -> None:
    """For code: only of what still is what was seen, a row from before there were decisions included."""
    image = flagged()
    GeneratedImage.objects.update(review=Review.NONE)
    assert review.decide(image, False, by=owner, seen=Review.WAITING)
    assert not review.decide(image, True, by=owner, seen=Review.WAITING)
    assert GeneratedImage.objects.get().review == Review.REJECTED
    assert review.decide(image, True, by=owner, seen=Review.REJECTED)


def test_a_decision_needs_its_token(reviewer: User, editor: User) -> None:
    """Another site's form decides nothing."""
    image, client = flagged(editor), Client(enforce_csrf_checks=True)
    client.force_login(reviewer)
    assert client.post(reverse(DECIDE, args=[image.pk]), {"decision": "approve"}).status_code == 403
    assert GeneratedImage.objects.get().review == Review.WAITING


@pytest.mark.parametrize(("name", "decision"), [("approve", Review.APPROVED), ("reject", Review.REJECTED)])
def test_several_at_once(name: str, decision: Review, reviewer: User, editor: User, browser: Browser) -> None:
    """The list asks first, says what it does, and does it; what is not flagged, or decided already, is left alone."""
    clear, client = made("a fox", user=editor).images.get(), browser(reviewer)
    images = [flagged(editor, f"{NSFW} {number}") for number in range(3)]
    review.decide(images[0], True, by=None)
    data = {"action": name, ACTION_CHECKBOX_NAME: [image.pk for image in (clear, *images)]}
    page = client.post(reverse(PICTURES), data).content.decode()
    assert page.count(f'name="{ACTION_CHECKBOX_NAME}"') == 2
    assert not GeneratedImage.objects.filter(reviewed_by=reviewer).exists()
    assert told(client.post(reverse(PICTURES), {**data, "confirmed": "1"}))[-1].startswith("2 pictures are")
    decided = GeneratedImage.objects.filter(reviewed_by=reviewer)
    assert {(image.pk, image.review) for image in decided} == {(image.pk, decision) for image in images[1:]}
    assert told(client.post(reverse(PICTURES), data))[-1].startswith("Nothing to do:") or name == "approve"


def test_others_cannot_decide_in_the_list(editor: User, browser: Browser) -> None:
    """Whoever may only look is offered no such action, and one that is sent all the same does nothing."""
    image, client = flagged(editor), browser(editor)
    page = unescape(client.get(reverse(PICTURES)).content.decode())
    assert 'value="approve"' not in page
    data = {"action": "approve", ACTION_CHECKBOX_NAME: [image.pk], "confirmed": "1"}
    client.post(reverse(PICTURES), data)
    assert GeneratedImage.objects.get().review == Review.WAITING


def test_others_are_told_whom_to_ask(editor: User, reviewer: User, browser: Browser) -> None:
    """Their pages blur it, say that it waits, and name who decides; nothing leads to where one decides."""
    image, client = flagged(editor), browser(editor)
    assert "Whether it may be used is for rita to decide." in said(client, image.generation)
    for address in (reverse(ORDER, args=[image.generation_id]), reverse(PICTURE, args=[image.pk])):
        page = unescape(client.get(address).content.decode())
        assert "rita" in page
        assert "waiting for a decision" in page
        assert reverse(DECIDE, args=[image.pk]) not in page
    order = (
        browser(reviewer).get(reverse("seedream_django:status", args=[image.generation_id])).content.decode()
    )
    assert reverse(DECIDE, args=[image.pk]) in order


def test_the_filter(reviewer: User, editor: User, browser: Browser) -> None:
    """The list finds what waits, was rejected, was approved."""
    client, made_ = browser(reviewer), made("a clear fox", user=editor)
    images = [flagged(editor, f"{NSFW} {number}") for number in range(3)]
    review.decide(images[1], False, by=None)
    review.decide(images[2], True, by=None)
    for value, image in zip(("waiting", "rejected", "approved"), images, strict=True):
        shown = client.get(reverse(PICTURES), {"review": value}).context["cl"].result_list
        assert [row.pk for row in shown] == [image.pk]
    assert len(client.get(reverse(PICTURES)).context["cl"].result_list) == 3 + made_.stored


def test_the_order_page_goes_on_until_it_has_moved(editor: User, reviewer: User, browser: Browser) -> None:
    """Somebody who watches sees the blur go: the page looks again while an approved picture is on its way."""
    image, client = flagged(editor), browser(editor)
    address = reverse("seedream_django:status", args=[image.generation_id])
    assert "data-next" not in client.get(address).content.decode()
    review.decide(image, True, by=reviewer)
    GeneratedImage.objects.update(lease_until=after(60))
    page = unescape(client.get(address).content.decode())
    assert 'data-next="1000"' in page
    assert "approved, and being moved" in page
    GeneratedImage.objects.update(lease_until=None)
    page = client.get(address).content.decode()
    assert "data-image=" in page
    assert "seedream-flagged" not in page


def test_money_is_settled_once(owner: User, books: Books) -> None:
    """Neither deciding nor moving costs or books anything."""
    image = flagged()
    before = LedgerEntry.objects.count()
    review.decide(image, True, by=owner)
    turn(2)
    budget.settle(image.generation)
    assert (LedgerEntry.objects.count(), len(books.charges())) == (before, 1)
