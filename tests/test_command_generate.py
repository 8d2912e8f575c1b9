"""``seedream_generate``: file names out, or one clear line and a code that is not zero."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import translation
from huey import MemoryHuey
from PIL import Image

from seedream_django import provider
from seedream_django.management.commands.seedream_generate import Command
from seedream_django.models import Budget, GeneratedImage, Generation, State, Style, Switch
from seedream_django.sandbox import Books

from .gate import Gate
from .steps import made, turn

pytestmark = pytest.mark.django_db


def run(*args: str, **options: Any) -> tuple[list[str], str]:
    """The lines it printed, and what it said beside them."""
    out, err = io.StringIO(), io.StringIO()
    call_command("seedream_generate", *args, stdout=out, stderr=err, **options)
    return out.getvalue().splitlines(), err.getvalue()


def test_order_only(books: Books) -> None:
    """Without --wait the row's number is printed, and a worker goes on."""
    lines, _ = run("a red fox")
    generation = Generation.objects.get()
    assert lines == [str(generation.pk)]
    assert (generation.door, generation.user, generation.state) == ("command", None, State.QUEUED)


def test_wait(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    """With --wait a bar is shown, and the files are printed, one a line."""
    options = ("--size", "2848x1600", "--results", "2", "--format", "WEBP", "--quality", "60", "--wait")
    lines, _ = run("a red fox", *options)
    assert len(lines) == 2
    for line in lines:
        assert Path(line).name.startswith("a-red-fox-")
        assert Path(line).suffix == ".webp"
        assert Path(line).stat().st_size
    assert "Generating" in capsys.readouterr().err
    assert [c.images for c in books.charges()] == [2]
    task = Generation.objects.get().parameters
    assert (task["width"], task["height"], task["outputQuality"]) == (2848, 1600, 60)


def test_wait_for_what_nobody_approved(settings: Any) -> None:
    """A candidate has no file to name: its number is printed, and what it waits for."""
    settings.SEEDREAM |= {"REVIEW": "own"}
    lines, _ = run("a red fox", "--wait")
    image = GeneratedImage.objects.get()
    assert lines == [f"{image.image_uuid}: Waiting for approval"]


def test_a_style(books: Books) -> None:
    """Its words follow the prompt, as from any other door; what was made without it is not the same."""
    Style.objects.create(name="Winter", words="soft light")
    plain = made("a red fox")
    run("a red fox", "--style", "Winter")
    generation = Generation.objects.exclude(pk=plain.pk).get()
    assert (generation.prompt, generation.sent) == ("a red fox", "a red fox\nsoft light")
    for _ in range(12):
        turn()
    with pytest.raises(CommandError, match="Unused pictures of exactly this order: 1"):
        run("a red fox", "--style", "Winter")


@pytest.mark.parametrize("name", ["Wintre", "Ocean", ""])
def test_a_style_that_there_is_not(name: str) -> None:
    """The line says which there are; nothing is ordered."""
    Style.objects.create(name="Winter", words="soft light")
    Style.objects.create(name="Noon", words="no shade")
    Style.objects.create(name="Old", words="sepia", active=False)
    with pytest.raises(CommandError, match=f"--style: There is no style “{name}”.* There are: Noon, Winter."):
        run("a red fox", "--style", name)
    assert not Generation.objects.exists()


def test_some_came() -> None:
    """Of four three came: their files are printed, and what became of the fourth is said beside them."""
    lines, said = run("sandbox:partial", "--results", "4", "--wait")
    assert len(lines) == 3
    assert "3 of 4 pictures came." in said
    assert "Cost: $0.105." in said


def test_a_sequence_is_printed_in_its_order() -> None:
    """The files of the scenes come one a line, the first scene first."""
    lines, _ = run("a fox walks home", "--sequence", "3", "--wait")
    images = Generation.objects.get().images.order_by("position")
    assert lines == [image.file.path for image in images]
    assert len(lines) == 3


def drawn(name: str, colour: str) -> Path:
    path = Path(name)
    Image.new("RGB", (300, 200), colour).save(path)
    return path


def test_references(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files, an earlier picture by its UUID and one of the provider's, in order, with roles or without."""
    monkeypatch.chdir(tmp_path)
    paths = [drawn("a.png", "teal"), drawn("style=b.png", "ivory")]
    image = made("an owl").images.get()
    uploaded = str(provider.client().keep(paths[0].read_bytes(), "image/png"))
    given = ("style=a.png", "./style=b.png", f"subject={image.image_uuid}", uploaded)
    run("a fox", "--wait", *(word for source in given for word in ("--reference", source)))
    generation = Generation.objects.get(door="command")
    rows = list(generation.references.all())
    assert [row.role for row in rows] == ["style", "", "subject", ""]
    assert [row.label for row in rows[:2]] == ["a.png", "style=b.png"]
    assert (rows[2].image, str(rows[3].media_uuid)) == (image, uploaded)
    (task,) = (task for task in gate.posts if task["taskUUID"] == str(generation.pk) and "inputs" in task)
    assert len(task["inputs"]["referenceImages"]) == 4
    assert task["positivePrompt"] == "a fox\nTake the style from image 1. Take the subject from image 3."


def test_editing(gate: Gate, editor: User, person: Callable[..., User]) -> None:
    """What changes a picture knows which; nobody changes a picture that they may not see."""
    image = made("an owl", user=editor).images.get()
    lines, _ = run("make it evening", "--edit", str(image.image_uuid), "--user", "edda", "--wait")
    generation = Generation.objects.get(door="command")
    assert (generation.parent, len(lines)) == (image.generation, 1)
    (task,) = (task for task in gate.posts if "inputs" in task)
    assert task["positivePrompt"] == "make it evening\nImage 1 is the picture to change."
    person("ella", "generate")
    with pytest.raises(CommandError, match=r"^--edit: This picture cannot be changed: .* it is not yours\.$"):
        run("make it noon", "--edit", str(image.image_uuid), "--user", "ella")


def test_what_is_wrong_with_references_is_told_by_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a picture to change, which has an option of its own, they are counted as they were given."""
    monkeypatch.chdir(tmp_path)
    drawn("a.png", "teal")
    Path("text.jpg").write_text("no picture")
    uuid = str(made("an owl").images.get().image_uuid)
    with pytest.raises(CommandError, match=r"^--reference: Reference 2: it is broken, or no picture"):
        run("a fox", "--edit", uuid, "--reference", "a.png", "--reference", "text.jpg")
    with pytest.raises(CommandError, match=r"^--reference: There is no role “sytle”\. There are: edit, "):
        run("a fox", "--reference", "sytle=a.png")
    with pytest.raises(CommandError, match=r"^--reference: .* 14 .*15"):
        run("a fox", *["--reference", "a.png"] * 15)
    with pytest.raises(CommandError, match=r"^--sequence: .* 15 at most; they are 16"):
        run("a fox", "--reference", "a.png", "--sequence", "15")


def test_delivery(gate: Gate) -> None:
    """Who has a shell of the site may say of one order how it is delivered."""
    options = ("--ttl", "60", "--delivery-method", "async", "--output-type", "URL")
    lines, _ = run("a fox", *options, "--webhook-url", "https://example.com/made", "--wait")
    task = gate.posts[0]
    assert (task["ttl"], task["deliveryMethod"], task["outputType"]) == (60, "async", "URL")
    assert task["webhookURL"] == "https://example.com/made"
    assert len(lines) == 1


def test_the_help_is_in_groups() -> None:
    """By what an option is about; every option says in a line what it takes."""
    parser = Command().create_parser("manage.py", "seedream_generate")
    titles = [group.title for group in parser._action_groups]
    assert titles[2:] == [
        "the pictures",
        "instead of a prompt",
        "what they are made from",
        "how they are delivered, if not as the settings say",
        "the order",
    ]
    for group in parser._action_groups[2:]:
        for action in group._group_actions:
            assert (action.help or "").endswith("."), action.option_strings
            assert action.nargs == 0 or action.metavar, action.option_strings


def test_it_speaks_english() -> None:
    """On a site in German too: no line is half in one language, half in the other."""
    with translation.override("de"):
        with pytest.raises(CommandError, match=r"^prompt: Must be 1 to 2000 characters long; it has 0\.$"):
            run("")
        _, said = run("sandbox:partial", "--results", "4", "--wait")
    assert "3 of 4 pictures came." in said


NOBODY = "00000000-0000-4000-8000-000000000000"
WRONG = [
    ("", (), "prompt: Must be 1 to 2000 characters long; it has 0."),
    ("x" * 2001, (), "prompt: Must be 1 to 2000 characters long; it has 2001."),
    ("a fox", ("--results", "0"), "--results: Must be from 1 to 20; it is 0."),
    ("a fox", ("--results", "21"), "--results: Must be from 1 to 20; it is 21."),
    ("a fox", ("--results", "many"), "argument --results: invalid int value: 'many'"),
    ("a fox", ("--size", "large"), "--size: Write a size as width x height, such as 2848x1600."),
    ("a fox", ("--size", "100x100"), "--size: "),
    ("a fox", ("--format", "GIF"), "--format: Choose one of: JPG, PNG, WEBP."),
    ("a fox", ("--quality", "5"), "--quality: Must be from 20 to 99; it is 5."),
    ("a fox", ("--sequence", "16"), "--sequence: Must be from 1 to 15; it is 16."),
    ("a fox", ("--optimize", "slow"), "--optimize: Choose one of: standard, fast."),
    ("a fox", ("--ttl", "59"), "--ttl: Must be at least 60; it is 59."),
    ("a fox", ("--output-type", "file"), "--output-type: Choose one of: URL, base64Data, dataURI."),
    ("a fox", ("--delivery-method", "later"), "--delivery-method: Choose one of: sync, async."),
    ("a fox", ("--webhook-url", "here"), "--webhook-url: Must be a web address."),
    (
        "a fox",
        ("--upload-endpoint", "https://example.com/a?token=1"),
        "--upload-endpoint: It is kept with the order",
    ),
    ("a fox", ("--reference", "gone.jpg"), "--reference: The file cannot be read (No such file"),
    (
        "a fox",
        ("--reference", "style=gone.jpg"),
        "--reference: The file cannot be read (No such file",
    ),
    (
        "a fox",
        ("--reference", "http://example.com/a.jpg"),
        "--reference: An address must begin with https",
    ),
    ("a fox", ("--edit", "fox"), "--edit: There is no picture with the UUID “fox”."),
    ("a fox", ("--edit", NOBODY), f"--edit: There is no picture with the UUID “{NOBODY}”."),
    ("a fox", ("--user", "nobody"), "There is no user “nobody”."),
]


@pytest.mark.parametrize(("prompt", "options", "words"), WRONG, ids=[w[2][:40] for w in WRONG])
def test_bad_input(prompt: str, options: tuple[str, ...], words: str) -> None:
    """What cannot be ordered is one line that names its option, before any row is made."""
    with pytest.raises(CommandError) as caught:
        run(prompt, *options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.returncode
    assert not Generation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_from_the_shell(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """In a terminal that is one line on stderr, nothing on stdout, and a code that is not zero."""
    settings.DEBUG = True
    # Another test may have read the URLs without DEBUG, when they serve no files.
    settings.SILENCED_SYSTEM_CHECKS = ["seedream.W008"]
    with pytest.raises(SystemExit) as caught:
        Command().run_from_argv(["manage.py", "seedream_generate", "a fox", "--results", "21"])
    out, err = capsys.readouterr()
    assert (out, err.strip()) == ("", "CommandError: --results: Must be from 1 to 20; it is 21.")
    assert caught.value.code == 1


def test_for_a_person(editor: User, person: Callable[..., User]) -> None:
    """In a person's name that person's rights count, and the row is theirs."""
    run("a fox", "--user", "edda")
    assert Generation.objects.get().user == editor
    person("plain")
    with pytest.raises(CommandError, match="You may not generate pictures"):
        run("a fox", "--user", "plain")
    assert Generation.objects.count() == 1


FAILS = [
    ("sandbox:refused", "The provider's safety check refused this picture."),
    ("sandbox:nobalance", "Ask an owner to top up the account, then try again."),
    ("sandbox:badkey", "The provider did not accept the site's key. Nothing was charged."),
    ("sandbox:flagged-late", "The provider reported no charge."),
]


@pytest.mark.parametrize(("prompt", "words"), FAILS)
def test_failures(prompt: str, words: str) -> None:
    """What the provider refuses ends the command with the words that an editor reads."""
    with pytest.raises(CommandError) as caught:
        run(prompt, "--wait")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert Generation.objects.get().state == State.FAILED


def test_switched_off() -> None:
    """The owner's reason, and no row."""
    Switch.objects.create(pk=1, on=False, reason="Budget spent.")
    with pytest.raises(CommandError, match=r"^Generating is switched off: Budget spent\.$"):
        run("a fox")
    assert not Generation.objects.exists()


def test_over_budget(editor: User) -> None:
    """One line that says what is left and who can raise it, in English, and no row."""
    Budget.objects.create(limit="0.05")
    with pytest.raises(
        CommandError, match=r"^The budget has no room .* \$0\.05 is left, and it costs \$0\.07\."
    ):
        run("a fox", "--results", "2")
    with pytest.raises(CommandError, match=r"has room for 1 more picture\. Order less, or ask"):
        run("a fox", "--results", "2", "--user", "edda")
    assert not Generation.objects.exists()


def test_unused_ones_are_told_of(editor: User, books: Books) -> None:
    """Before anything is paid for, with the newest by name; nothing is ordered until one says that more is wanted."""
    lines, said = run("a fox", "--results", "2", "--wait", "--user", "edda")
    assert "Unused" not in said
    with pytest.raises(CommandError) as caught:
        run("a fox", "--wait", "--format", "JPG")
    told = re.fullmatch(
        r"Nothing was ordered\. Unused pictures of exactly this order: 2\. "
        r"With --anyway others are made\. The newest: (\S+)",
        str(caught.value),
    )
    assert told
    assert told[1] in lines
    assert caught.value.returncode == 1
    assert (len(books.charges()), Generation.objects.count()) == (1, 1)
    again, said = run("a fox", "--wait", "--format", "JPG", "--anyway")
    assert "Unused pictures of exactly this order: 2. Others are made all the same. The newest: " in said
    assert len(again) == 1
    assert not set(again) & set(lines)
    assert "Unused" not in run("an owl", "--anyway")[1]


def test_unused_ones_of_others_are_not_told(editor: User, person: Callable[..., User]) -> None:
    """In a person's name only what that person may choose stands in the way; without the right, nothing is said."""
    run("a fox", "--wait", "--user", "edda")
    person("ella", "generate")
    run("a fox", "--wait", "--user", "ella")
    assert Generation.objects.count() == 2
    editor.user_permissions.clear()
    with pytest.raises(CommandError, match=r"^You may not generate pictures"):
        run("a fox", "--user", "edda")


def test_stops_waiting() -> None:
    """After its time it stops waiting, and says that the order goes on."""
    with pytest.raises(CommandError, match="It goes on; stopped waiting"):
        run("sandbox:stuck", "--wait", "--timeout", "0.1")
    assert not Generation.objects.get().is_final


def test_no_worker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no worker runs it does not wait for ever, and says what to start."""
    settings.SEEDREAM |= {"HUEY": MemoryHuey("nobody", immediate=False)}
    monkeypatch.setattr("seedream_django.diagnosis.PATIENCE", datetime.timedelta(0))
    with pytest.raises(CommandError, match=r"No worker is running.*manage\.py run_huey"):
        run("a fox", "--wait")
    assert Generation.objects.get().state == State.QUEUED
