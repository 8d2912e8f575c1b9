"""What contributors are told and given: the guide's exercise, the commands, the forge's files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import translation

from seedream_django.models import State

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
RUN = (ROOT / ".ci" / "run").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PARTS = re.findall(r"^part_(\w+)\(\)", RUN, re.M)


def read_yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


# -- The five-minute change ----------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the exercise touches, to be spoilt."""
    for name in ("seedream_django", "example_project", "tests", "docs", ".ci"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [*ROOT.glob("*.md"), ROOT / "setup.cfg", ROOT / "LICENSE", ROOT / "Makefile"]:
        shutil.copy(path, tmp_path)
    return tmp_path


def exercise(language: str) -> str:
    """The one block of this language in the exercise."""
    section = GUIDE.partition("## A first change")[2].partition("\n## ")[0]
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", section, re.M | re.S)
    return block


def insert(path: Path, text: str, before: str) -> None:
    whole = path.read_text()
    assert whole.count(before) == 1
    path.write_text(whole.replace(before, text + before))


def outcomes(folder: Path) -> tuple[int, list[str]]:
    """How many of the exercise's tests pass, and which fail; run as the guide has one run them."""
    arguments = re.search(r"make test ARGS=\"(.*) -k '(.*)'\"", exercise("sh"))
    assert arguments
    command = [*arguments[1].split(), "-k", arguments[2], "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *command],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout + done.stderr
    return int(passed[1]), re.findall(r"^FAILED \S+::(\w+)", done.stdout, re.M)


def test_the_first_change_goes_as_the_guide_says(copy: Path) -> None:
    """All pass; with the row alone the named test fails; with the code all pass, and two more than before."""
    before, failed = outcomes(copy)
    assert failed == []
    (page,) = set(
        re.findall(r"`(docs/\S+\.md)`", GUIDE.partition("## A first change")[2].partition("\n## ")[0])
    )
    insert(copy / page, exercise("markdown"), "| `sandbox:refused` |")
    _, failed = outcomes(copy)
    assert failed == ["test_no_other_trigger_words"]
    assert "`test_no_other_trigger_words` fails" in GUIDE
    code = copy / "seedream_django" / "sandbox" / "triggers.py"
    insert(code, exercise("text"), '    Trigger(\n        "sandbox:refused"')
    assert outcomes(copy) == (before + 2, [])


# -- Commands ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", ".github/PULL_REQUEST_TEMPLATE.md", ".ci/run"]
)
def test_each_make_that_one_is_told_exists(name: str) -> None:
    """Every ``make …`` is a target, and an environment that it names is made by an extra that there is."""
    text = (ROOT / name).read_text()
    targets = re.findall(r"^([\w-]+):", MAKEFILE, re.M)
    assert set(re.findall(r"\bmake ([a-z][\w-]*)\b(?! [a-z])", text)) <= {*targets, "it"}
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = re.findall(r"\.venv\S*/ready-(\w+)", text + MAKEFILE)
    assert extras
    assert set(extras) <= set(config["options.extras_require"])


def test_make_help_names_each_target() -> None:
    """What ``make`` alone prints is all that there is, but for itself and what others are made of."""
    targets = set(re.search(r"^\.PHONY: (.*)", MAKEFILE, re.M)[1].split())  # type: ignore[index]
    told = set(re.findall(r"@echo 'make ([\w-]+)", MAKEFILE))
    assert targets - told <= {"help", "lint"}
    assert told <= targets


@pytest.mark.parametrize(
    "module", sorted((ROOT / "tests" / "browser").glob("*.py")), ids=lambda path: path.name
)
def test_the_readme_s_tests_need_no_browser(module: Path) -> None:
    """Without the extra "browser" every module can be collected: only functions import what it brings."""
    assert not re.search(r"^(?:from|import) (?:axe|playwright|unfold)", module.read_text(), re.M)


# -- The forge -----------------------------------------------------------------------------------------------


def test_the_forge_runs_the_parts_of_ci_run() -> None:
    """Its matrix has each part once, with nothing said twice, and so does ``.ci/run all``; a change must pass some."""
    (default,) = re.findall(r"ORDER=\(([a-z ]+)\)", RUN)
    job = read_yaml(".github/workflows/ci.yml")["jobs"]["run"]
    assert len(PARTS) == len(set(PARTS)) > 3
    assert sorted(default.split()) == sorted(job["strategy"]["matrix"]["part"]) == sorted(PARTS)
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run ${{ matrix.part }}"]
    assert {more["part"] for more in job["strategy"]["matrix"]["include"]} <= set(PARTS)
    (change,) = re.findall(r"CHANGE=\(([a-z ]+)\)", RUN)
    assert {"readme", "newest", "oldest", "databases", "style"} == set(change.split()) < set(PARTS)


def test_the_forge_runs_the_pythons_that_are_promised() -> None:
    """The classifiers' Pythons, from the oldest that may install it to the newest, each have a job."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    promised = re.findall(r":: (3\.\d+)$", config["metadata"]["classifiers"], re.M)
    job = read_yaml(".github/workflows/ci.yml")["jobs"]["run"]
    matrix = job["strategy"]["matrix"]
    (setup,) = (step["with"] for step in job["steps"] if "setup-python" in step.get("uses", ""))
    run = {*matrix["python"], *(more["python"] for more in matrix["include"])}
    run |= set(re.findall(r"3\.\d+", setup["python-version"]))
    assert run == set(promised)
    assert config["options"]["python_requires"] == f">={promised[0]}"


def test_the_form_for_mistakes_asks_for_what_one_needs() -> None:
    """Each state of an order as the admin says it, the checks, the versions; and it warns of the key first."""
    form = read_yaml(".github/ISSUE_TEMPLATE/bug.yml")["body"]
    fields = {field["id"]: field for field in form if "id" in field}
    with translation.override("en"):
        assert fields["state"]["attributes"]["options"][1:] == State.labels
    required = {name for name, field in fields.items() if field.get("validations", {}).get("required")}
    assert required >= {"what", "state", "check", "versions"}
    assert form[0]["attributes"]["value"].startswith("**Never paste your key**")


def test_each_hook_runs_a_tool_of_the_project() -> None:
    """No hook comes from a forge, and those that are programs are the environment's own."""
    for repository in read_yaml(".pre-commit-config.yaml")["repos"]:
        assert repository["repo"] in {"local", "meta"}
        for hook in repository["hooks"]:
            assert re.match(r"\.venv-test/bin/|sh \.ci/", hook.get("entry", "sh .ci/")), hook
