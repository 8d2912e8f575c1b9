"""Review: a candidate is kept apart, seen by whom it concerns, and for no page until it is approved."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.checks import run_checks
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.urls import reverse
from PIL import Image

from example_project.magazine.models import Article, Topic
from seedream_django import bulk, late, library, notices, orders, references, review, signals, slots, tasks
from seedream_django.admin import picture
from seedream_django.exceptions import InvalidOrder, NoStorage, NotAllowed
from seedream_django.models import (
    PRIVATE,
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    Review,
    Slot,
    State,
    after,
)
from seedream_django.models.images import REASON_LENGTH
from seedream_django.runware.replies import Result
from seedream_django.sandbox import Books
from seedream_django.templatetags.seedream import seedream_image

from .steps import carry, made, said, turn
from .test_notices import mailed_by
from .test_rescue import Away
from .test_review import DECIDE, DISK, LOOK, ORDER, PICTURE, PICTURES, body, bytes_of, private, public, told
from .test_storing import files_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]
Person = Callable[..., User]


@pytest.fixture(autouse=True)
def reviewed(settings: Any) -> None:
    settings.SEEDREAM |= {"REVIEW": "own"}


@pytest.fixture
def reviewer(person: Person) -> User:
    """May see everybody's pictures and decide about them; does not order."""
    return person("rita", "approve", "see_others_prompts", "view_generatedimage")


def candidate(user: User | None = None, prompt: str = "a fox", **values: Any) -> GeneratedImage:
    return made(prompt, user=user, **values).images.get()


@pytest.fixture
def article(db: None) -> Article:
    topic = Topic.objects.create(name="Nature", slug="nature")
    return Article.objects.create(title="Foxes", slug="foxes", topic=topic, summary="s", body="b")


def waiting_slot(article: Article, user: User) -> Slot:
    kind = ContentType.objects.get_for_model(Article)
    return Slot(content_type=kind, object_id=str(article.pk), field="cover", user=user)


# -- Kept apart ----------------------------------------------------------------------------------------------


def test_the_original_is_private(sandbox: Path, books: Books) -> None:
    """Its bytes are in the private folder alone; its small picture is a real one; it is whole, paid and settled."""
    image = candidate()
    assert (image.state, image.review, image.flagged, image.file.name) == (
        ImageState.STORED, Review.WAITING, None, "",
    )  # fmt: skip
    assert (image.is_held_back, image.is_blurred, image.file_url) == (True, False, "")
    data = bytes_of(image)
    assert len(data) == image.size
    (small,) = public(sandbox)
    assert small.name == f"{image.public_names()[1].rpartition('/')[2]}"
    with Image.open(small) as preview:
        assert max(preview.size) == 480
    assert data not in small.read_bytes()
    assert (len(books.charges()), image.generation.state) == (1, State.DONE)


def test_only_pictures_of_its_time(settings: Any, sandbox: Path) -> None:
    """What was made before the setting stays as it was; switched off it releases nothing, and one may still decide."""
    settings.SEEDREAM |= {"REVIEW": None}
    before = candidate(prompt="before")
    settings.SEEDREAM |= {"REVIEW": "own"}
    image = candidate(prompt="meanwhile")
    settings.SEEDREAM |= {"REVIEW": None}
    after_ = candidate(prompt="after")
    assert set(GeneratedImage.objects.shown()) == {before, after_}
    assert not review.decide(before, False, by=None)
    assert review.decide(image, True, by=None)
    turn()
    assert GeneratedImage.objects.shown().count() == 3


def test_the_setting_changes_while_it_is_made(settings: Any, sandbox: Path) -> None:
    """What it is, is on its row with its first word: its file and its preview go where that says."""
    generation = orders.place("a fox")
    good = settings.STORAGES
    away = {"BACKEND": f"{Away.__module__}.Away", "OPTIONS": {"location": str(sandbox / "media")}}
    settings.STORAGES = {**good, "default": away}
    turn(3)
    assert generation.images.get().state == ImageState.RECEIVED
    settings.SEEDREAM |= {"REVIEW": None}
    settings.STORAGES = good
    carry(generation)
    image = generation.images.get()
    assert (bool(image.private_file), image.review, image.is_held_back) == (True, Review.WAITING, True)


def test_no_order_where_it_could_not_be_kept(settings: Any) -> None:
    """Without the private storage nothing is paid for."""
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "gone"}
    with pytest.raises(NoStorage):
        orders.place("a fox")


@pytest.mark.parametrize(
    ("value", "found"), [(None, 0), ("own", 0), ("second", 0), (True, 1), ("both", 1), ([], 1)]
)
def test_a_wrong_value(value: Any, found: int, settings: Any) -> None:
    """It would hold back everything or nothing in silence: a check says what there is."""
    settings.SEEDREAM |= {"REVIEW": value}
    told_ = [message.id for message in run_checks() if 'SEEDREAM["REVIEW"]' in message.msg]
    assert told_ == ["seedream.E006"] * found


# -- The rule ------------------------------------------------------------------------------------------------


def everywhere(image: GeneratedImage, user: User) -> dict[str, bool]:
    """Each way by which a picture comes onto a page or into a place, and whether it is open."""
    rows, client = GeneratedImage.objects, Client()
    image = rows.get(pk=image.pk)

    def usable() -> bool:
        try:
            return bool(references.read([image], user=user) and references.read([image]))
        except InvalidOrder:
            return False

    return {
        "shown": image in rows.shown(),
        "choosable": image in rows.choosable_by(user),
        "released": image in rows.released(),
        "unused": image in rows.unused(),
        "uuid": rows.by_uuid(image.image_uuid) == image,
        "same again": image in orders.unused_like(image.generation.prompt, user=user),
        "tag": bool(seedream_image(image)),
        "tag by uuid": bool(seedream_image(str(image.image_uuid))),
        "json": client.get(f"/seedream/pictures/{image.image_uuid}.json").status_code == 200,
        "in a list": "<img" in picture(image),
        "reference": usable(),
        "address": bool(image.file_url),
    }


def test_nowhere_until_it_is_released(editor: User, settings: Any) -> None:
    """Waiting, rejected, approved and not yet moved: no way is open. Moved all are. So it is for who ordered it."""
    settings.SEEDREAM |= {"JSON": True}
    image = candidate(editor)
    for decision in (Review.WAITING, Review.REJECTED, Review.APPROVED):
        GeneratedImage.objects.update(review=decision)
        ways = everywhere(image, editor)
        assert [way for way, is_open in ways.items() if is_open] == [], decision
        with pytest.raises(ValueError, match="may not choose"):
            slots.choose(image, Topic(pk=1), Topic, "name", user=editor)
    turn()
    ways = everywhere(image, editor)
    assert [way for way, is_open in ways.items() if not is_open] == []


def test_the_rule_is_the_same_in_rows_and_queries(editor: User) -> None:
    """Of every mix of columns the property says what the queries say, of pictures and of slots."""
    image = candidate(editor)
    kind = ContentType.objects.get_for_model(Article)
    slot = Slot.objects.create(generation=image.generation, content_type=kind, object_id="1", field="cover")
    for flagged in (None, False, True):
        for decision in Review.values:
            for private_file in ("", "x"):
                columns = {"flagged": flagged, "review": decision, "private_file": private_file}
                GeneratedImage.objects.update(**columns)
                row = GeneratedImage.objects.get()
                free = not row.is_held_back
                assert free == GeneratedImage.objects.released().exists(), columns
                assert free == Slot.objects.waiting().filter(pk=slot.pk).exists(), columns
                assert row.is_blurred == (bool(flagged) and row.is_held_back)


def test_a_slot_waits_until_it_is_released(editor: User, reviewer: User, article: Article) -> None:
    """Whoever saved and left finds the place filled once somebody approved; until then the form says why not."""
    generation = carry(orders.place("a fox", user=editor, slot=waiting_slot(article, editor)))
    image = generation.images.get()
    article.refresh_from_db()
    assert (article.cover, slots.last_unfilled(article, "cover", editor)) == (None, generation)
    review.decide(image, False, by=reviewer, reason="No letters.")
    turn()
    assert slots.fill_waiting() == 0
    review.decide(image, True, by=reviewer)
    turn()
    article.refresh_from_db()
    assert (article.cover, slots.last_unfilled(article, "cover", editor)) == (image, None)


def test_a_run_says_what_its_place_waits_for(editor: User) -> None:
    image = candidate(editor)
    assert bulk._not_in_place(image.generation) == (bulk.ItemState.SKIPPED, bulk.CANDIDATE)
    GeneratedImage.objects.update(flagged=True)
    assert bulk._not_in_place(image.generation) == (bulk.ItemState.SKIPPED, bulk.HELD_BACK)


def test_found_by_what_was_decided(editor: User) -> None:
    images = [candidate(editor, f"a fox {number}") for number in range(3)]
    review.decide(images[1], False, by=None)
    review.decide(images[2], True, by=None)
    for decision, image in zip((Review.WAITING, Review.REJECTED, Review.APPROVED), images, strict=True):
        assert library.page(GeneratedImage.objects.all(), [library.decided(decision)]).images == [image]


# -- Deciding ------------------------------------------------------------------------------------------------


def test_approved_it_moves_and_keeps_its_preview(sandbox: Path, editor: User) -> None:
    """The same bytes, now public; the preview is the one that it had, and is not among what is removed."""
    image = candidate(editor)
    data, small = bytes_of(image), image.preview.name
    review.decide(image, True, by=None)
    turn()
    tasks.discard()
    image.refresh_from_db()
    assert (image.preview.name, image.private_file.name, image.is_held_back) == (small, "", False)
    assert Path(image.file.path).read_bytes() == data
    assert (private(sandbox), len(public(sandbox)), DiscardedFile.objects.count()) == ([], 2, 0)
    assert Path(image.preview.path).is_file()


def test_a_candidate_that_is_flagged_later(editor: User) -> None:
    """What the provider says afterwards counts: blurred from then on, and nobody is told of the decision before."""
    image = candidate(editor)
    review.decide(image, True, by=None)
    assert image.to_tell == editor
    turn()
    late.record(image.generation, [Result(image_uuid=image.image_uuid, url="", flagged=True)])
    image.refresh_from_db()
    assert (image.review, image.is_blurred, image.to_tell) == (Review.WAITING, True, None)


class Flagging(FileSystemStorage):
    """While the picture is saved, the provider says that it is flagged."""

    def _save(self, name: str, content: Any) -> str:
        image = GeneratedImage.objects.get()
        late.record(image.generation, [Result(image_uuid=image.image_uuid, url="", flagged=True)])
        return super()._save(name, content)


def test_flagged_while_it_moves(settings: Any, sandbox: Path) -> None:
    """It stays where it is, and of what was put for all to see nothing is left but its preview."""
    image, released = candidate(), []
    held = private(sandbox)
    review.decide(image, True, by=None)
    flagging = {"BACKEND": f"{__name__}.Flagging", "OPTIONS": {"location": str(sandbox / "media")}}
    settings.STORAGES = {**settings.STORAGES, "default": flagging}

    def listen(sender: Any, image: GeneratedImage, **kwargs: Any) -> None:
        released.append(image.pk)

    signals.image_released.connect(listen)
    try:
        turn()
    finally:
        signals.image_released.disconnect(listen)
    tasks.discard()
    image.refresh_from_db()
    assert (image.review, image.file.name, image.is_blurred) == (Review.WAITING, "", True)
    assert (private(sandbox), public(sandbox), released) == (held, [Path(image.preview.path)], [])
    settings.STORAGES = {**settings.STORAGES, "default": {**flagging, "BACKEND": DISK}}
    review.decide(image, True, by=None)
    turn()
    tasks.discard()
    image.refresh_from_db()
    assert (image.is_held_back, Path(image.file.path).is_file()) == (False, True)


def test_deleted_it_leaves_nothing(sandbox: Path) -> None:
    image = candidate()
    image.delete()
    tasks.discard()
    assert (private(sandbox), public(sandbox), files_in(sandbox / "spool")) == ([], [], [])


def test_given_up_it_leaves_nothing(sandbox: Path, settings: Any) -> None:
    """One that ends its workers while the private storage is away is given up, with what it has in either storage."""
    away = {"BACKEND": f"{Away.__module__}.Away", "OPTIONS": {"location": str(sandbox / "away")}}
    settings.STORAGES = {**settings.STORAGES, "apart": away}
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "apart"}
    generation = orders.place("a fox")
    turn(3)
    assert len(public(sandbox)) == 1
    GeneratedImage.objects.update(crashes=3)
    carry(generation)
    noted = set(DiscardedFile.objects.values_list("storage", "name"))
    assert {where for where, name in noted if "-private." in name} == {PRIVATE}
    tasks.discard()
    assert public(sandbox) == []


def test_the_reason_is_kept_and_told(editor: User, reviewer: User, browser: Browser) -> None:
    """On the row, in the history, on its order's page and its own; a later yes takes it from the row alone."""
    image, client = candidate(editor), browser(editor)
    assert review.decide(image, False, by=reviewer, reason="  The paw has\nsix toes. ")
    assert (image.reason, image.why_held_back) == ("The paw has six toes.", "Rejected: The paw has six toes.")
    for address in (
        reverse(ORDER, args=[image.generation_id]),
        reverse(PICTURE, args=[image.pk]),
        reverse(PICTURES),
    ):
        assert "The paw has six toes." in unescape(client.get(address).content.decode()), address
    assert review.decide(image, True, by=reviewer)
    assert image.reason == ""
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True).exclude(action_flag=1)) == [
        "Rejected it. The paw has six toes.", "Approved it.",
    ]  # fmt: skip


def test_a_long_reason_is_cut() -> None:
    image = candidate()
    review.decide(image, False, by=None, reason="x" * (2 * REASON_LENGTH))
    image.refresh_from_db()
    assert (len(image.reason), image.reason[-1]) == (REASON_LENGTH, "…")


def test_own_or_a_second_person(
    editor: User, reviewer: User, owner: User, person: Person, settings: Any
) -> None:
    """“own”: with the right about one's own. “second”: nobody about their own, flagged or not, nor a superuser."""
    approver = person("adam", "approve", "generate")
    mine = [candidate(each, f"a fox of {each}") for each in (approver, owner)]
    for image, by in zip(mine, (approver, owner), strict=True):
        assert review.decide(image, False, by=by)
    with pytest.raises(NotAllowed, match=r"You may not decide about this picture\. Ask rita"):
        review.decide(candidate(editor), True, by=editor)
    settings.SEEDREAM |= {"REVIEW": "second"}
    told_ = r"You ordered this picture, so somebody else decides about it: .*rita"
    GeneratedImage.objects.filter(pk=mine[0].pk).update(flagged=True)
    for image, by in zip(mine, (approver, owner), strict=True):
        with pytest.raises(NotAllowed, match=told_) as refused:
            review.decide(image, True, by=by)
        assert str(by) not in str(refused.value)
    assert review.decide(mine[0], True, by=owner)
    assert review.decide(mine[1], True, by=reviewer)
    # Nobody ordered it: nobody is too close.
    assert review.decide(candidate(None, "the site's"), True, by=owner)


def test_of_two_reviewers_one_decides(reviewer: User, owner: User) -> None:
    """A yes and a no at once: the second finds it decided, and neither its reason nor its name is on the row."""
    first, second = candidate(), GeneratedImage.objects.get()
    assert review.decide(first, True, by=reviewer)
    assert not review.decide(second, False, by=owner, reason="Too late.")
    row = GeneratedImage.objects.get()
    assert (row.review, row.reviewed_by, row.reason) == (Review.APPROVED, reviewer, "")
    assert LogEntry.objects.count() == 1


# -- Who sees it ---------------------------------------------------------------------------------------------


def test_who_may_look_at_the_original(
    editor: User, person: Person, reviewer: User, browser: Browser, settings: Any
) -> None:
    """Who ordered it and who sees others' prompts get its bytes; nobody else; deciding is another right."""
    image = candidate(editor)
    sees = person("sue", "see_others_prompts", "view_generatedimage")
    stranger = person("sam", "generate", "view_generatedimage")
    for user, look, decide in (
        (editor, 200, 403), (sees, 200, 403), (reviewer, 200, 200), (stranger, 403, 403),
        (person("adam", "approve"), 404, 404),
    ):  # fmt: skip
        client = browser(user)
        response = client.get(reverse(LOOK, args=[image.pk]))
        assert response.status_code == look, user
        if look == 200:
            assert body(response) == bytes_of(image)
            assert response.headers["Cache-Control"] == "private, no-store"
        assert client.get(reverse(DECIDE, args=[image.pk])).status_code == decide, user
    assert browser(None).get(reverse(LOOK, args=[image.pk])).status_code == 302
    settings.SEEDREAM |= {"REVIEW": "second"}
    own = candidate(editor, "a fox of rita")
    Generation.objects.filter(pk=own.generation_id).update(user=reviewer)
    assert browser(reviewer).get(reverse(DECIDE, args=[own.pk])).status_code == 403
    assert browser(reviewer).get(reverse(DECIDE, args=[image.pk])).status_code == 200


def test_said_in_words(editor: User, reviewer: User, browser: Browser) -> None:
    """Who ordered it sees it with its state and whom to ask, and nothing that puts it somewhere or takes it along."""
    image, client = candidate(editor), browser(editor)
    words = "1 picture waits for approval. Whether it may be used is for rita to decide."
    assert words in said(client, image.generation)
    page = unescape(client.get(reverse(PICTURE, args=[image.pk])).content.decode())
    assert "Waiting for approval. It cannot be chosen" in page
    assert reverse(LOOK, args=[image.pk]) in page
    assert reverse(DECIDE, args=[image.pk]) not in page
    assert "seedream-flagged" not in page
    assert "seedream_image &quot;" not in client.get(reverse(PICTURE, args=[image.pk])).content.decode()
    status = client.get(reverse("seedream_django:status", args=[image.generation_id])).content.decode()
    assert (image.preview_url in status, "data-image" in status, "seedream-flagged" in status) == (
        True,
        False,
        False,
    )
    listed = client.get(reverse(PICTURES)).content.decode()
    assert (image.preview_url in listed, "Waiting for approval" in listed) == (True, True)
    for address in (PICTURE, LOOK.replace("look", "download")):
        assert image.private_file.name not in client.get(reverse(address, args=[image.pk])).content.decode()
    assert client.get(reverse(LOOK.replace("look", "download"), args=[image.pk])).status_code == 404


def test_a_reason_is_asked_for(editor: User, reviewer: User, browser: Browser) -> None:
    """A candidate is not rejected without a word, on its page or in the list; what is flagged may be."""
    image, client = candidate(editor), browser(reviewer)
    page = client.post(reverse(DECIDE, args=[image.pk]), {"decision": "reject", "reason": "  "})
    assert (page.status_code, 'aria-invalid="true"' in page.content.decode()) == (200, True)
    data = {"action": "reject", "_selected_action": [image.pk], "confirmed": "1"}
    assert "Say why" in client.post(reverse(PICTURES), data).content.decode()
    assert GeneratedImage.objects.get().review == Review.WAITING
    assert told(client.post(reverse(PICTURES), {**data, "reason": "Blurred."})) == [
        "1 picture is rejected: it stays where it is, and is shown nowhere."
    ]
    assert GeneratedImage.objects.get().reason == "Blurred."


def test_in_the_list_one_s_own_are_left_out(
    owner: User, editor: User, browser: Browser, settings: Any
) -> None:
    settings.SEEDREAM |= {"REVIEW": "second"}
    own, theirs = candidate(owner, "a fox of olga"), candidate(editor, "a fox of edda")
    data = {"action": "approve", "_selected_action": [own.pk, theirs.pk], "confirmed": "1"}
    browser(owner).post(reverse(PICTURES), data)
    assert set(GeneratedImage.objects.filter(review=Review.APPROVED)) == {theirs}
    assert told(browser(owner).post(reverse(PICTURES), {**data, "_selected_action": [own.pk]})) == [
        "Nothing to do: about none of these you have to decide."
    ]


# -- Notices -------------------------------------------------------------------------------------------------


def test_who_ordered_it_is_told_once(editor: User, reviewer: User, browser: Browser) -> None:
    """On the next page of theirs, with the reason; what is alike is one message; nobody is told what they decided."""
    images = [candidate(editor, f"a fox {number}") for number in range(4)]
    for image in images[:2]:
        review.decide(image, True, by=reviewer)
    review.decide(images[2], False, by=reviewer, reason="Six <toes>.")
    editor.user_permissions.add(*reviewer.user_permissions.filter(codename="approve"))
    review.decide(images[3], True, by=User.objects.get(pk=editor.pk))
    assert told(browser(reviewer).get(reverse(PICTURES))) == []
    client = browser(User.objects.get(pk=editor.pk))
    page = client.get(reverse(PICTURES))
    first, second = (str(message) for message in page.context["messages"])
    assert "the picture was rejected. Six &lt;toes&gt;." in first
    assert f'href="{reverse(ORDER, args=[images[2].generation_id])}"' in first
    assert "2 pictures were approved." in second
    assert list(client.get(reverse(PICTURES)).context["messages"]) == []


def test_two_that_tell_at_once(editor: User, reviewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each decision is told once, also where one page had read more of them than the other."""
    images = [candidate(editor, f"a fox {number}") for number in range(2)]
    for image in images:
        review.decide(image, True, by=reviewer)
    untold = notices.verdicts.untold

    def overtaken(*args: Any) -> Any:
        rows = AsItWas(untold(*args).order_by("pk"))
        monkeypatch.undo()
        GeneratedImage.objects.filter(pk=images[0].pk).update(to_tell=None)
        return rows

    monkeypatch.setattr(notices.verdicts, "untold", overtaken)
    assert notices.verdicts.take(editor, notices.NEWS) == []
    (verdict,) = notices.verdicts.take(editor, notices.NEWS)
    assert verdict.images == [images[1]]
    assert notices.verdicts.take(editor, notices.NEWS) == []


class AsItWas(list[Any]):
    """Rows as a page has read them, whatever became of them."""

    def order_by(self, *names: str) -> AsItWas:
        return self


def test_told_by_mail(editor: User, reviewer: User, settings: Any, mailoutbox: list[Any]) -> None:
    """By the setting that the other notices have, after as long, once; a server that is down is tried again."""
    image = candidate(editor)
    User.objects.filter(pk=editor.pk).update(email="edda@example.org")
    review.decide(image, False, by=reviewer, reason="Six toes.")
    notices.mail()
    GeneratedImage.objects.update(reviewed_at=after(-notices.PATIENCE - 1))
    notices.mail()
    assert mailoutbox == []
    settings.SEEDREAM |= {"NOTICE_MAIL": True, "PUBLIC_URL": "https://www.example.org"}
    mailed_by(settings, "tests.test_notices.Broken")
    notices.mail()
    mailed_by(settings, "django.core.mail.backends.locmem.EmailBackend")
    notices.mail()
    notices.mail()
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["edda@example.org"], "AI pictures: 1 picture of yours was reviewed")
    assert "the picture was rejected. Six toes." in mail.body
    assert f"https://www.example.org{reverse(ORDER, args=[image.generation_id])}" in mail.body


def test_nothing_is_asked_where_nothing_waits(
    editor: User, settings: Any, django_assert_num_queries: Any, rf: Any
) -> None:
    """A site without review pays no query for it on its pages."""
    settings.SEEDREAM |= {"REVIEW": None}
    with django_assert_num_queries(0):
        assert list(notices.verdicts.untold(notices.NEWS, user=editor)) == []
