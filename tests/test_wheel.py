"""What one installs: both packages are built, looked into, and tried in a bare environment outside the repository."""

from __future__ import annotations

import email
import fnmatch
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import seedream_django

from .editor import ADD, Editor
from .mysite import Site

pytestmark = [pytest.mark.package, pytest.mark.once]

ROOT = Path(__file__).resolve().parent.parent
WHEELHOUSE = ROOT / "var" / "wheelhouse"
LIST = "/admin/seedream_django/generation/"
Files = dict[str, str]


# -- Building ------------------------------------------------------------------------------------------------


def offline() -> dict[str, str]:
    """An environment in which pip, and what calls it, knows the wheelhouse and no index."""
    missing = f"{WHEELHOUSE} is missing. Run: {sys.executable} .ci/wheelhouse   (make release-check does)"
    assert any(WHEELHOUSE.glob("*.whl")), missing
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    # As an address, because pip takes a space for the end of a path.
    return {
        **env,
        "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELHOUSE.as_uri(), "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }  # fmt: skip


def run(*command: str | Path, **options: Any) -> str:
    """What the command printed; it must succeed."""
    done = subprocess.run(
        command, env=offline(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=300, **options,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def git_files(*options: str) -> set[str]:
    listed = run("git", "-c", "core.quotePath=off", "ls-files", "-z", *options, cwd=ROOT)
    return set(filter(None, listed.split("\0")))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as a clone of it would be, with what is not committed yet: no ``build/`` from earlier."""
    folder = tmp_path_factory.mktemp("sources") / "a clone"
    for name in git_files("--cached", "--others", "--exclude-standard"):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def dist(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel that is built from it; in the folder that SEEDREAM_DIST names, or a temporary one."""
    folder = Path(os.environ.get("SEEDREAM_DIST") or tmp_path_factory.mktemp("dist")).resolve()
    run(sys.executable, "-m", "build", "--outdir", folder, clone)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return dist / f"seedream_django-{seedream_django.__version__}-py3-none-any.whl"


@pytest.fixture(scope="module")
def sdist(dist: Path) -> Path:
    return dist / f"seedream_django-{seedream_django.__version__}.tar.gz"


# -- Looking into them ---------------------------------------------------------------------------------------


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def in_wheel(path: Path) -> Files:
    """The digest of every file, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: digest(archive.read(name)) for name in archive.namelist()}


def in_sdist(path: Path) -> Files:
    found = {}
    with tarfile.open(path) as archive:
        for member in archive:
            if file := archive.extractfile(member):
                found[member.name.partition("/")[2]] = digest(file.read())
    return found


def in_git(under: str = "") -> Files:
    return {
        name: digest((ROOT / name).read_bytes())
        for name in git_files("--cached")
        if name.startswith(under) and (ROOT / name).exists()
    }


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_the_wheel_is_the_app_and_nothing_else(wheel: Path) -> None:
    """Each file that git tracks of the app, byte for byte; no tests, no example, no docs, nothing untracked."""
    about = f"seedream_django-{seedream_django.__version__}.dist-info/"
    files = in_wheel(wheel)
    assert {name: files[name] for name in files if not name.startswith(about)} == in_git("seedream_django/")
    assert {name.removeprefix(about) for name in files if name.startswith(about)} == {
        "METADATA", "RECORD", "WHEEL", "licenses/LICENSE", "top_level.txt",
    }  # fmt: skip


@pytest.mark.parametrize(
    "kind",
    ["templates/*.html", "static/*.css", "static/*.js", "migrations/0001_*.py", "py.typed", "examples.json"],
)
def test_the_wheel_has_files_of_each_kind(wheel: Path, kind: str) -> None:
    """The comparison above did not come out even because there was nothing to compare."""
    assert fnmatch.filter(in_wheel(wheel), f"seedream_django/{kind}")


def test_each_catalogue_is_there_compiled(wheel: Path) -> None:
    """Whoever installs has no gettext: no ``.po`` without its ``.mo``, and no ``.mo`` that nobody can mend."""
    names = in_wheel(wheel)
    sources = {name.removesuffix(".po") for name in names if name.endswith(".po")}
    assert sources == {name.removesuffix(".mo") for name in names if name.endswith(".mo")}


def test_the_sdist_is_the_repository(sdist: Path) -> None:
    """What git tracks, byte for byte, and beside it what setuptools writes; nothing made while working."""
    files = in_sdist(sdist)
    written = {name for name in files if name == "PKG-INFO" or ".egg-info/" in name}
    # setuptools adds a section to the sdist's setup.cfg.
    ours, gits = ({**each, "setup.cfg": ""} for each in (files, in_git()))
    assert {name: ours[name] for name in ours if name not in written} == gits
    assert sdist.stat().st_size < 10_000_000


def test_the_sdist_is_enough_to_test(sdist: Path, tmp_path: Path) -> None:
    """Unpacked where there is no git, every test module is found, and the pages agree with the code beside them."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    pytest_ = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert re.search(r"^\d+/\d+ tests collected", run(*pytest_, "--collect-only", "tests", cwd=folder), re.M)
    assert re.search(r"^\d+ passed", run(*pytest_, "tests/test_docs.py", cwd=folder), re.M)


def test_a_clone_installs_as_the_wheel_does(clone: Path, wheel: Path, tmp_path: Path) -> None:
    """``pip install "path/to/a clone"`` gives the same files, and none that an earlier version had and built."""
    gone = clone / "build" / "lib" / "seedream_django" / "migrations" / "0002_gone.py"
    gone.parent.mkdir(parents=True)
    gone.touch()
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, clone)
    (other,) = tmp_path.glob("*.whl")
    assert in_wheel(other) == in_wheel(wheel)


def test_the_metadata_is_fit_for_an_index(dist: Path, wheel: Path, sdist: Path) -> None:
    """twine finds nothing to say, each classifier exists, and the README is the page."""
    from trove_classifiers import classifiers

    assert set(dist.glob("seedream_django-*")) == {wheel, sdist}
    said = run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", wheel, sdist)
    assert said.count("PASSED") == 2
    about = metadata(wheel)
    assert set(about.get_all("Classifier", [])) <= set(classifiers)
    assert about["License-Expression"] == "BSD-3-Clause"
    assert about.get_payload(decode=True) == (ROOT / "README.md").read_bytes()


# -- A bare environment --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("bare") / "an environment"
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", wheel)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def site(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("new") / "my site", python=python)
    yield site
    site.close()


@pytest.fixture(scope="module")
def owner(site: Site) -> Iterator[Editor]:
    """Logged in, with the web server and the consumer running."""
    site.start("manage.py", "runserver", "--noreload", f"127.0.0.1:{site.port}")
    site.start(*site.consumer, "-w", "1")
    editor = Editor(site.port, site.log)
    with editor.browser:
        editor.log_in()
        yield editor


@pytest.fixture
def open_page(owner: Editor) -> Callable[[str], str]:
    def open_(path: str) -> str:
        answer = owner.browser.get(path)
        assert answer.status_code == 200, (path, owner.log())
        return answer.text

    return open_


def test_the_environment_is_bare(site: Site) -> None:
    """The app in use is the installed one, and only what it asks for is there with it."""
    where = site.run("-c", "import seedream_django; print(seedream_django.__file__)")
    assert Path(where.strip()).is_relative_to(site.python.parent.parent)
    pip = (site.python, "-m", "pip")
    listed = run(*pip, "list", "--format=freeze", "--not-required").split()
    names = {line.partition("==")[0].replace("_", "-") for line in listed}
    # Python 3.11 gives every environment setuptools.
    assert names - {"pip", "setuptools"} == {"seedream-django"}
    assert "No broken requirements" in run(*pip, "check")


def test_the_checks_are_silent(site: Site) -> None:
    """With the README's lines in a fresh project there is nothing to mend, and no migration to make."""
    assert site.run("manage.py", "check") == "System check identified no issues (0 silenced).\n"
    assert site.run("manage.py", "makemigrations", "--check", "--dry-run") == "No changes detected\n"


def test_the_command_makes_a_picture(site: Site, owner: Editor) -> None:
    """``seedream_generate … --wait`` and a consumer: the file that it names is a whole picture of that size."""
    said = site.run(
        "manage.py", "seedream_generate", "A red fox in the snow", "--size", "2848x1600", "--wait"
    )
    path = Path(said.splitlines()[-1])
    assert path.is_relative_to(site.folder / "media")
    with Image.open(path) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("JPEG", (2848, 1600))
    assert "Traceback" not in site.log()


def test_the_pages_of_the_admin_render(site: Site, owner: Editor, open_page: Callable[[str], str]) -> None:
    """Their templates were installed: the list, the order, the live status, the pictures, the switch."""
    page = owner.send(ADD, prompt="A lighthouse at dusk")
    assert owner.wait_for_the_picture(page).headers["content-type"] == "image/jpeg"
    assert "A lighthouse at dusk" in open_page(page.url.path)
    assert "A lighthouse at dusk" in open_page(LIST)
    for model in re.findall(r'href="(/admin/seedream_django/\w+/)"', open_page("/admin/seedream_django/")):
        open_page(model)
    assert "Traceback" not in site.log()


def test_each_language_speaks(site: Site, wheel: Path) -> None:
    """Django finds the catalogues where they were installed: the app has another name in each."""
    languages = {name.split("/")[2] for name in in_wheel(wheel) if name.endswith(".mo")}
    code = (
        "from django.utils.translation import override\n"
        "from django.apps import apps\n"
        f"for language in {['en', *sorted(languages)]}:\n"
        "    with override(language): print(apps.get_app_config('seedream_django').verbose_name)\n"
    )
    words = site.run("manage.py", "shell", "--verbosity", "0", "-c", code).splitlines()
    assert len(set(words)) == len(words) == 1 + len(languages) > 2


def test_static_files_are_found(site: Site, owner: Editor, open_page: Callable[[str], str]) -> None:
    """Each is found by Django's finders in the installed app, and those of the order page are served."""
    prefix = "seedream_django/static/"
    names = sorted(name.removeprefix(prefix) for name in in_git(prefix))
    found = site.run("manage.py", "findstatic", "--first", "--verbosity", "0", *names).splitlines()
    assert [Path(line).is_relative_to(site.python.parent.parent) for line in found] == [True] * len(names)
    served = re.findall(r'(?:href|src)="(/static/seedream_django/[^"]+)"', open_page(ADD))
    assert {".css", ".js"} <= {Path(address).suffix for address in served}
    for address in served:
        open_page(address)
