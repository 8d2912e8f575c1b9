"""A file is whole and private, or there is none."""

from __future__ import annotations

import hashlib
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from seedream_django.exceptions import BadPicture, Expired, PictureError
from seedream_django.runware.download import Download, Response, save

URL = "https://im.runware.ai/a.jpg?sig=secret"


def response(chunks: Iterable[bytes] = (b"picture",), status: int = 200, **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, chunks)


def save_it(answer: Response, path: Path, max_bytes: int = 1000, seconds: float = 10) -> Download:
    return save(answer, URL, path, max_bytes, time.monotonic() + seconds)


def test_size_and_hash_are_of_what_was_written(tmp_path: Path) -> None:
    """What the row will say of the file is what lies on disk."""
    path = tmp_path / "a"
    download = save_it(response([b"pic", b"", b"ture"], Content_Length="7"), path)
    assert path.read_bytes() == b"picture"
    assert download == Download(7, hashlib.sha256(b"picture").hexdigest())


def test_the_file_is_for_this_user_only(tmp_path: Path) -> None:
    """A picture waits for its check, perhaps in a shared folder: others must not read it."""
    save_it(response(), tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    """Two workers at one path: the second one fails and leaves the first one's file alone."""
    (tmp_path / "a").write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        save_it(response(), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"theirs"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A link laid in a shared folder must not turn the download into somebody's file."""
    (tmp_path / "a").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        save_it(response(), tmp_path / "a")
    assert not (tmp_path / "victim").exists()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (response(status=404), Expired),
        (response(status=410), Expired),
        (response(status=403), Expired),
        (response(status=500), PictureError),
        (response(status=206), PictureError),
        (response(status=302), PictureError),
        (response(Content_Type="TEXT/HTML; charset=utf-8"), PictureError),
        (response(Content_Encoding="gzip"), PictureError),
        (response(Content_Length="1001"), BadPicture),
        (response([b"x" * 600, b"x" * 600]), BadPicture),
        (response(Content_Length="8"), PictureError),
        (response(Content_Length="6"), PictureError),
        (response([]), PictureError),
        (response([], Content_Length="0"), PictureError),
    ],
)
def test_what_is_not_the_picture_leaves_no_file(
    answer: Response, kind: type[PictureError], tmp_path: Path
) -> None:
    """Each with its own error, none with the signature in its text."""
    with pytest.raises(PictureError) as caught:
        save_it(answer, tmp_path / "a")
    assert type(caught.value) is kind
    assert "secret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", ["abc", "-1", "²", "9" * 30, ""])
def test_a_strange_length_is_no_length(length: str, tmp_path: Path) -> None:
    """It is not believed and not a reason to lose the picture."""
    assert save_it(response(Content_Length=length), tmp_path / "a").size == 7


def test_a_body_that_trickles_is_given_up(tmp_path: Path) -> None:
    """The cap on the time holds even where no socket knows it."""

    def trickle() -> Iterator[bytes]:
        while True:
            yield b"x"

    with pytest.raises(PictureError, match="too slowly"):
        save_it(response(trickle()), tmp_path / "a", max_bytes=10**12, seconds=0.05)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [PictureError("cut"), KeyboardInterrupt(), MemoryError()])
def test_whatever_ends_it_no_file_stays(error: BaseException, tmp_path: Path) -> None:
    """Cut, killed politely, or out of memory."""

    def breaking() -> Iterator[bytes]:
        yield b"pic"
        raise error

    with pytest.raises(type(error)):
        save_it(response(breaking()), tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_our_own_disk_s_trouble_is_told_as_such(tmp_path: Path) -> None:
    """A missing folder is no fault of the picture: a plain OSError, so that the row waits for the disk."""
    with pytest.raises(FileNotFoundError):
        save_it(response(), tmp_path / "missing" / "a")
