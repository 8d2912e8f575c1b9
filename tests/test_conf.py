"""One dict of settings over one table of defaults, read at access."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from seedream_django import conf


def test_read_at_access(settings: Any) -> None:
    """A changed setting counts at once; what is not set has its default."""
    assert conf.PREVIEW_SIZE == 480
    settings.SEEDREAM = {"PREVIEW_SIZE": 100}
    assert conf.PREVIEW_SIZE == 100
    assert conf.STORAGE == "default"


def test_without_any_setting(settings: Any) -> None:
    """The app works without a SEEDREAM at all."""
    del settings.SEEDREAM
    assert conf.POLL_INTERVAL == 1.0
    assert conf.sandboxed()


def test_no_such_setting() -> None:
    """A misspelt name in our own code is an error, not None."""
    with pytest.raises(AttributeError, match="STORRAGE"):
        _ = conf.STORRAGE


@pytest.mark.parametrize(
    ("key", "wanted", "sandboxed"),
    [("", None, True), ("k", None, False), ("", False, False), ("k", True, True), ("k", False, False)],
)
def test_sandboxed(key: str, wanted: bool | None, sandboxed: bool, settings: Any) -> None:
    """Without a key pictures come from the sandbox; unless somebody says what they want."""
    settings.SEEDREAM = {"API_KEY": key, "SANDBOX": wanted}
    assert conf.sandboxed() is sandboxed


def test_where_the_sandbox_keeps_its_books(settings: Any, tmp_path: Path) -> None:
    """Web process and worker find the same file: the given one, in BASE_DIR, or in the temporary folder."""
    settings.SEEDREAM = {"SANDBOX_STATE": str(tmp_path / "s")}
    assert conf.sandbox_state() == tmp_path / "s"
    settings.SEEDREAM = {}
    settings.BASE_DIR = str(tmp_path)
    assert conf.sandbox_state() == tmp_path / "seedream-sandbox.sqlite3"
    del settings.BASE_DIR
    assert conf.sandbox_state() == Path(tempfile.gettempdir()) / "seedream-sandbox.sqlite3"


def test_every_default_is_explained() -> None:
    """The table is what the docs show: each setting has a comment above it."""
    lines = Path(conf.__file__).read_text().splitlines()
    for name in conf.DEFAULTS:
        (number,) = [n for n, line in enumerate(lines) if line.startswith(f'    "{name}":')]
        assert lines[number - 1].startswith("    # "), name
