"""The docs name what the code has, and say of it what the code says."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from runpy import run_path

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import BaseCommand, get_commands, load_command_class
from django.dispatch import Signal

import seedream_django
from seedream_django import (
    checks,
    conf,
    delivery_checks,
    exceptions,
    orders,
    parameters,
    place_checks,
    signals,
    storage_checks,
)
from seedream_django.models import BulkItem, BulkRun, GeneratedImage, Generation
from seedream_django.sandbox.triggers import TRIGGERS, Trigger
from seedream_django.templatetags.seedream import register

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def rows_of(name: str) -> dict[str, list[str]]:
    """Every table row of a page by its first cell, the other cells as they are written."""
    rows = {}
    for line in text_of(name).splitlines():
        if line.startswith("| `"):
            first, *others = (cell.strip() for cell in line.strip("|").split(" | "))
            rows[first.strip("`| ")] = [cell.strip("| ") for cell in others]
    return rows


def reference(page: str) -> str:
    return f"docs/reference/{page}.md"


SETTINGS = rows_of(reference("settings"))


# -- Settings ------------------------------------------------------------------------------------------------


def test_the_settings_are_those_of_the_code() -> None:
    """Each has its row, in the code's order, and none is promised that there is not."""
    assert list(SETTINGS) == list(conf.DEFAULTS)


@pytest.mark.parametrize("name", conf.DEFAULTS)
def test_a_default_is_the_code_s(name: str) -> None:
    """The default as written, read as Python, is the default; and a meaning stands beside it."""
    default, meaning = SETTINGS[name]
    written = eval(default.strip("`"), {"Decimal": Decimal})
    assert (type(written), written) == (type(conf.DEFAULTS[name]), conf.DEFAULTS[name])
    assert meaning.endswith(".")


def test_settings_that_other_pages_name_exist() -> None:
    """``SEEDREAM["…"]`` in a page is a setting."""
    for name in NAMES:
        assert set(re.findall(r'SEEDREAM\["(\w+)"\]', text_of(name))) <= set(conf.DEFAULTS), name


# -- The reference -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", parameters.DIMENSIONS)
def test_each_size_is_named(shape: str) -> None:
    """The sixteen sizes, by shape."""
    sizes = parameters.DIMENSIONS[shape]
    named = rows_of(reference("parameters"))[shape]
    assert named == [f"{sizes[r][0]}x{sizes[r][1]}" for r in parameters.RESOLUTIONS]


def test_the_tables_of_parameters_are_fresh() -> None:
    """They are what the code would write today."""
    page = text_of(reference("parameters"))
    script = run_path(str(ROOT / "docs" / "parameters.py"))
    assert script["written"](page, *script["words_of_the_app"]()) == page, script["STALE"]


def test_stale_tables_are_told_and_renewed(tmp_path: Path) -> None:
    """A check says what to run and writes nothing; what it names writes the tables, and then the check passes."""
    folder = tmp_path / "docs"
    page = folder / "reference" / "parameters.md"
    page.parent.mkdir(parents=True)
    for name in ("parameters.py", "rows.py"):
        shutil.copy(ROOT / "docs" / name, folder)
    stale = text_of(reference("parameters")).replace("default `95`", "default `94`")
    page.write_text(stale)

    def script(*arguments: str) -> str:
        command = [sys.executable, "docs/parameters.py", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        ).stderr

    assert "run “python docs/parameters.py”" in script("--check")
    assert page.read_text() == stale
    assert script() == ""
    assert page.read_text() == text_of(reference("parameters"))
    assert script("--check") == ""


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.word)
def test_each_trigger_word(trigger: Trigger) -> None:
    """When it acts, what it does, whether it is in the sandbox's books as paid."""
    charged = "yes" if trigger.charged else "no"
    assert rows_of(reference("sandbox"))[trigger.word] == [trigger.at, trigger.text, charged]


def test_no_other_trigger_words() -> None:
    """A word that a page names works, but for the one that the contributor's exercise adds."""
    known = {trigger.word for trigger in TRIGGERS}
    for name in set(NAMES) - {"CONTRIBUTING.md"}:
        assert set(re.findall(r"sandbox:[a-z0-9]+(?:-[a-z0-9]+)*", text_of(name))) <= known, name


def commands() -> list[str]:
    return [name for name, app in get_commands().items() if app == "seedream_django"]


@pytest.mark.parametrize("command", commands())
def test_each_command_and_its_options(command: str) -> None:
    """The command has its section, with every option that it adds."""
    section = text_of(reference("commands")).partition(f"## `{command}`")[2].partition("\n#")[0]
    assert section
    parser = load_command_class("seedream_django", command).create_parser("manage.py", command)
    usual = BaseCommand().create_parser("manage.py", command)
    common = {option for action in usual._actions for option in action.option_strings}
    own = {option for action in parser._actions for option in action.option_strings} - common
    assert own == set(re.findall(r"`(--[a-z-]+)", section))


def code_s_words() -> dict[str, list[str]]:
    """What people type or catch, by the page that must have it."""
    errors = [
        e for _, e in inspect.getmembers(exceptions, inspect.isclass) if e.__module__ == exceptions.__name__
    ]
    states = [
        *Generation._meta.get_field("state").flatchoices,
        *GeneratedImage._meta.get_field("state").flatchoices,
        *filter(all, GeneratedImage._meta.get_field("review").flatchoices),
        *BulkRun._meta.get_field("state").flatchoices,
        *BulkItem._meta.get_field("state").flatchoices,
    ]
    return {
        "permissions": [f"seedream_django.{codename}" for codename, _ in Generation._meta.permissions],
        "signals": [name for name, value in vars(signals).items() if isinstance(value, Signal)],
        "checks": re.findall(r"seedream\.[EWI]\d{3}", source_of_checks()),
        "tags": [*register.tags, *register.filters],
        "commands": commands(),
        "errors": [error.__name__ for error in errors],
        "python": [*orders.KEYWORDS, "size", "user", "key"],
        "states": [value for value, _ in states],
    }


def source_of_checks() -> str:
    return "".join(map(inspect.getsource, (checks, storage_checks, delivery_checks, place_checks)))


WORDS = [(page, word) for page, words in code_s_words().items() for word in words]


@pytest.mark.parametrize(("page", "word"), WORDS, ids=lambda value: str(value))
def test_everything_that_one_types_or_catches_is_in_the_reference(page: str, word: str) -> None:
    """Permissions, signals, checks, tags, commands, errors, keywords and states, each by its name on its page."""
    found = rf"[`{{][^`\n]*(?<!\w){re.escape(word)}(?!\w)[^`\n]*[`}}]|── {word}\b|^{word}$"
    assert re.search(found, text_of(reference(page)), re.M)


@pytest.mark.parametrize("name", ["README.md", *(n for n in NAMES if n.startswith("docs/reference/"))])
def test_no_permission_signal_state_or_check_is_promised_that_there_is_not(name: str) -> None:
    """What a page lists in a table of these is in the code."""
    page = Path(name).stem
    first = re.findall(r"^\| `([\w.]+)`", text_of(name), re.M)
    if page in ("signals", "states"):
        assert set(first) == set(code_s_words()[page])
    if page == "checks":
        assert first == sorted(set(code_s_words()[page]))
    if page in ("permissions", "README"):
        assert set(first) <= {*code_s_words()["permissions"], *django_s_permissions()}


def django_s_permissions() -> Iterator[str]:
    for model in apps.get_app_config("seedream_django").get_models():
        yield from (f"seedream_django.{a}_{model._meta.model_name}" for a in model._meta.default_permissions)


@pytest.mark.parametrize("name", NAMES)
def test_no_page_names_a_check_tag_or_command_that_there_is_not(name: str) -> None:
    """Ids of checks, template tags, and commands with their options, wherever they are written."""
    text = text_of(name)
    assert set(re.findall(r"seedream\.[EWI]\d+", text)) <= set(code_s_words()["checks"])
    assert set(re.findall(r"{% (seedream\w+)", text)) <= set(code_s_words()["tags"])
    for command, rest in re.findall(r"manage\.py (seedream_\w+)([^`\n]*)", text):
        parser = load_command_class("seedream_django", command).create_parser("manage.py", command)
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= set(parser._option_string_actions), command


@pytest.mark.parametrize("name", NAMES)
def test_dotted_names_lead_somewhere(name: str) -> None:
    """``seedream_django.….…`` in a page is a module, something in one, a permission, a model or a task."""
    permissions = {*code_s_words()["permissions"], *django_s_permissions()}
    models = {f"seedream_django.{m.__name__}" for m in apps.get_app_config("seedream_django").get_models()}
    for dotted in re.findall(r"(?<![\w.@/-])seedream_django\.[A-Za-z]\w*(?:\.\w+)*", text_of(name)):
        assert dotted in permissions | models or leads_somewhere(dotted), dotted


def leads_somewhere(dotted: str) -> bool:
    """Whether a module or something in a module has this name."""
    module, _, attribute = dotted.rpartition(".")
    try:
        import_module(dotted)
    except ImportError:
        return hasattr(import_module(module), attribute)
    return True


@pytest.mark.django_db
def test_the_usual_groups_have_permissions_that_there_are() -> None:
    """Both lists of the page, and the code on another that makes the groups, name the same and existing ones."""
    rows = re.findall(r"^\| (?:Editors|Chief editors) \| (.*) \|$", text_of(reference("permissions")), re.M)
    editors, chiefs = (re.findall(r"`(\w+)`", row) for row in rows)
    known = set(
        Permission.objects.filter(content_type__app_label="seedream_django").values_list(
            "codename", flat=True
        )
    )
    assert {*editors, *chiefs} <= known
    (code,) = (code for code in python_of("docs/howto/existing-project.md") if "EDITORS = " in code)
    made: dict[str, list[str]] = {}
    exec(code.partition("\nfor ")[0], made)
    assert (made["EDITORS"], made["CHIEFS"]) == (editors, [*editors, *chiefs])


@pytest.mark.django_db
def test_the_usual_groups_leave_no_permission_out() -> None:
    """What is the app's own, what styles, templates and budgets have: one of the three groups has it."""
    rows = re.findall(
        r"^\| (?:Editors|Chief editors|Owners) \| (.*) \|$", text_of(reference("permissions")), re.M
    )
    given = {codename for row in rows for codename in re.findall(r"`(\w+)`", row)}
    ours = Permission.objects.filter(content_type__app_label="seedream_django")
    codenames = set(ours.values_list("codename", flat=True))
    djangos = {name for name in codenames if re.match(r"(add|change|delete|view)_", name)}
    wanted = {name for name in djangos if name.endswith(("_style", "_prompttemplate", "_budget"))} | (
        codenames - djangos
    )
    assert sorted(wanted - given) == []


def test_each_kind_has_something() -> None:
    """The list above did not come out empty by a change of the code's shape."""
    assert all(code_s_words().values())


def test_the_errors_are_drawn_as_in_the_code() -> None:
    """The tree of the docs is the tree of the docstring."""
    tree = re.search(r"    SeedreamError\n(?:    .+\n)+", exceptions.__doc__ or "")
    assert tree
    assert inspect.cleandoc(tree[0]) in inspect.cleandoc(text_of(reference("errors")))


def test_every_page_is_in_the_contents() -> None:
    """One reaches each from the index, in its table of contents and by a link."""
    index = text_of("docs/index.md")
    listed = re.findall(
        r"^[\w/-]+$", "\n".join(re.findall(r"^```{toctree}(.*?)^```", index, re.M | re.S)), re.M
    )
    for name in (n.removeprefix("docs/").removesuffix(".md") for n in NAMES if n.startswith("docs/")):
        assert name == "index" or name in listed, name
        assert name == "index" or f"]({name}.md)" in index, name


def test_the_import_contract_s_layers_are_drawn() -> None:
    """Every room of the app is in the design, with what it is for; and so are the layers of setup.cfg."""
    design = text_of("docs/design.md")
    folder = Path(seedream_django.__file__).parent
    rooms = {
        path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    for room in rooms - {"__init__", "migrations"}:
        assert f"`{room}`" in design, room
    # Read as configuration: in an sdist setuptools has written the file anew, with other indents.
    config = ConfigParser()
    config.read_string(text_of("setup.cfg"))
    layers = config["importlinter:contract:layers"]["layers"].strip()
    assert re.sub(r"[()]", "", layers) in design


# -- Every page ----------------------------------------------------------------------------------------------


def test_the_readme_is_short() -> None:
    """One reads it to the end."""
    assert len(text_of("README.md").splitlines()) < 150


def test_the_changelog_begins_with_this_version() -> None:
    """Its top entry is the version that the package says it is."""
    assert re.findall(r"^## (\S+)", text_of("CHANGELOG.md"), re.M)[0] == seedream_django.__version__


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    """Files and pictures beside the page exist, and headings that a link jumps to."""
    for target in re.findall(r"\]\(([^)]+)\)", text_of(name)):
        path, _, heading = target.partition("#")
        if path.startswith("https://"):
            continue
        page = (ROOT / name).parent / path if path else ROOT / name
        assert page.exists(), target
        assert not heading or heading in headings(page), target


def headings(page: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("name", NAMES)
def test_no_page_knows_a_machine(name: str) -> None:
    """No page names a path that only somebody's own machine has, or a private address."""
    found = re.findall(r"(?<![\w.~<>)/-])/(?:home|root|tmp|work|Users|mnt|opt|var)\b\S*", text_of(name))
    assert not found
    assert not re.search(r"\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d+){2,3}\b", text_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_wrapped(name: str) -> None:
    """Prose is wrapped; tables, pictures and code may be wider."""
    prose = re.sub(r"```.*?```", "", text_of(name), flags=re.S).splitlines()
    assert not [line for line in prose if len(line) > 120 and line[:1] not in ("|", "!")]


@pytest.mark.parametrize("image", sorted((ROOT / "docs" / "images").iterdir()), ids=lambda path: path.name)
def test_pictures_are_small_and_used(image: Path) -> None:
    """A page with pictures loads at once, and no picture lies about."""
    assert image.stat().st_size < 150_000
    assert any(image.name in page.read_text() for page in PAGES)


def python_of(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text_of(name), re.S)


@pytest.mark.parametrize("name", NAMES)
def test_python_in_pages_is_python(name: str) -> None:
    """Each block compiles, and what it imports from the app is there."""
    for code in python_of(name):
        compile(code, name, "exec")
        for module, imported in re.findall(r"from (seedream_django[\w.]*) import (\w+)", code):
            assert hasattr(import_module(module), imported), f"{module}.{imported}"


def test_the_checks_docstring_lists_its_ids() -> None:
    """The module's own table names each id that it raises."""
    raised = re.findall(r'id="(seedream\.\w+)"', source_of_checks())
    documented = checks.__doc__ or ""
    assert set(raised) <= set(re.findall(r"seedream\.\w+", documented))
