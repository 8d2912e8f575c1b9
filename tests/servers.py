"""PostgreSQL, MariaDB and Redis of one's own, for tests: from the machine's programs, with nothing of its servers.

Each has a new folder below ``/tmp`` that holds its data and its socket, is reached through that socket alone, and is
gone at the end. As a command it runs tests on one of the databases:

    python -m tests.servers mariadb tests/test_orders.py
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: What is installed where a program is missing: the Debian package that has it.
PACKAGES = {
    "initdb": "postgresql",
    "postgres": "postgresql",
    "mariadb-install-db": "mariadb-server",
    "mariadbd": "mariadb-server",
    "redis-server": "redis-server",
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
}
#: The one that Debian does not have.
NPM = "npm install --prefix var/azurite azurite"
#: Debian keeps some of them where no PATH leads; make keeps one here.
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/sbin",
    "/usr/local/sbin",
    f"{ROOT}/var/azurite/node_modules/.bin",
)


class NotHere(AssertionError):
    """A server that a test needs is not installed, or does not start."""


# -- Three servers -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def postgresql() -> Iterator[dict[str, Any]]:
    """A PostgreSQL, as an entry of ``DATABASES``."""
    initdb, postgres = program("initdb"), program("postgres")
    with own_folder() as folder:
        data = str(folder / "data")
        run(folder, initdb, "--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8",
            "--no-locale", "--no-sync")  # fmt: skip
        options = {
            "listen_addresses": "", "unix_socket_directories": folder, "max_connections": 200,
            "shared_buffers": "32MB", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
        }  # fmt: skip
        command = [postgres, "-D", data, *(f"--{name}={value}" for name, value in options.items())]
        database = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "postgres",
            "HOST": str(folder),
        }

        def begin() -> None:
            import psycopg

            psycopg.connect(host=str(folder), dbname="postgres", user="postgres").close()

        # Not SIGTERM, at which it waits for its clients.
        with running(folder, command, folder / ".s.PGSQL.5432", begin, stop=signal.SIGINT):
            yield database


@contextlib.contextmanager
def mariadb() -> Iterator[dict[str, Any]]:
    """A MariaDB, as an entry of ``DATABASES``."""
    install, mariadbd = program("mariadb-install-db"), program("mariadbd")
    with own_folder() as folder:
        data, path = folder / "data", folder / "socket"
        run(folder, install, "--no-defaults", f"--datadir={data}", "--skip-test-db",
            "--auth-root-authentication-method=normal")  # fmt: skip
        command = [
            mariadbd, "--no-defaults", f"--datadir={data}", f"--socket={path}", "--skip-networking",
            f"--pid-file={folder / 'pid'}", "--max-connections=200", "--character-set-server=utf8mb4",
            "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
        ]  # fmt: skip
        database = {
            "ENGINE": "django.db.backends.mysql", "NAME": "seedream", "USER": "root", "HOST": str(path),
            "OPTIONS": {"charset": "utf8mb4"},
        }  # fmt: skip

        def begin() -> None:
            speak_mariadb()
            import MySQLdb

            connection = MySQLdb.connect(unix_socket=str(path), user="root")
            connection.cursor().execute("CREATE DATABASE IF NOT EXISTS seedream CHARACTER SET utf8mb4")
            connection.close()

        with running(folder, command, path, begin):
            yield database


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis, as its URL."""
    server = program("redis-server")
    with own_folder() as folder:
        path = folder / "socket"
        command = [server, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]

        def begin() -> None:
            import redis

            with redis.Redis(unix_socket_path=str(path)) as connection:
                connection.ping()

        with running(folder, command, path, begin):
            yield f"unix://{path}"


class Servers(contextlib.ExitStack):
    """Those that were asked for, each started at the first time."""

    KINDS: dict[str, Callable[[], Any]] = {"postgresql": postgresql, "mariadb": mariadb, "redis": redis}

    def __init__(self) -> None:
        super().__init__()
        self._started: dict[str, Any] = {}
        # A run that is told to end ends as at a Ctrl-C: it stops its servers and removes their folders.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.callback(signal.signal, signal.SIGTERM, before)

    def __getitem__(self, kind: str) -> Any:
        """Where it is: for a database its entry of ``DATABASES``, for Redis its URL."""
        if kind not in self._started:
            self._started[kind] = self.enter_context(self.KINDS[kind]())
        return self._started[kind]


# -- Starting and stopping -----------------------------------------------------------------------------------


def program(name: str) -> str:
    """The newest of this name on the machine. Raises NotHere."""
    folders = [found for pattern in FOLDERS for found in sorted(glob.glob(pattern), key=_by_number)]
    # Debian's first: what else calls itself initdb may belong to another version than postgres.
    if found := shutil.which(name, path=os.pathsep.join([*reversed(folders), os.environ["PATH"]])):
        return found
    how = f"On Debian and Ubuntu: sudo apt install {PACKAGES[name]}" if name in PACKAGES else f"Type: {NPM}"
    raise NotHere(
        f"This test starts a server of its own and needs the program “{name}”, which this machine does not have. {how}"
    )


def _by_number(folder: str) -> list[int]:
    return [int(part) for part in folder.split("/") if part.isdigit()]


@contextlib.contextmanager
def own_folder(user: str = "nobody") -> Iterator[Path]:
    """A folder for one server that nobody else can look into, and so nobody else reaches its socket."""
    # Not $TMPDIR: the name of a socket has about a hundred letters at most, and the server's user must get there.
    folder = Path(tempfile.mkdtemp(prefix="seedream-server-", dir="/tmp"))
    try:
        if os.getuid() == 0:
            owner = pwd.getpwnam(user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder)


def _start(folder: Path, command: list[str], prefix: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """As the user whose folder it is: no database server runs as root."""
    owner = folder.stat()
    other: dict[str, Any] = {}
    if owner.st_uid != os.getuid():
        other = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": ()}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*prefix, *command], cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **other,
        )  # fmt: skip


def run(folder: Path, *command: str) -> None:
    process = _start(folder, list(command))
    try:
        process.wait(120)
    finally:
        _end(process)
    if process.returncode != 0:
        raise NotHere(f"{command[0]} failed:\n{_log(folder)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def running(
    folder: Path,
    command: list[str],
    path: Path,
    begin: Callable[[], None],
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    """The server, from when it has answered on its socket and ``begin`` has succeeded, until it has ended."""
    # Where there is setpriv, a server does not outlive a test run that was killed.
    prefix = ("setpriv", "--pdeathsig", stop.name[3:]) if shutil.which("setpriv") else ()
    process = _start(folder, command, prefix)
    try:
        _wait_until(path, begin, process, folder)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(30)
        finally:
            _end(process)


def _wait_until(
    path: Path, begin: Callable[[], None], process: subprocess.Popen[bytes], folder: Path
) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            # First without a client library: some leave a socket open when nobody answers.
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(path))
            return begin()
        except ImportError as error:
            raise NotHere(f'{error}: the tests on servers need the extra "server" of setup.cfg.') from None
        except Exception as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotHere(f"{process.args} does not answer: {error}\n{_log(folder)}") from None
            time.sleep(0.05)


def _log(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace")


# -- For settings --------------------------------------------------------------------------------------------


def database_given() -> dict[str, Any] | None:
    """The entry of ``DATABASES`` that ``SEEDREAM_TEST_DATABASE`` holds as JSON, if it does; ready to be used."""
    if not (given := os.environ.get("SEEDREAM_TEST_DATABASE")):
        return None
    database: dict[str, Any] = json.loads(given)
    if database["ENGINE"] == "django.db.backends.mysql":
        speak_mariadb()
    return database


def speak_mariadb() -> None:
    """Django wants mysqlclient; where that is not installed, PyMySQL stands in, which needs no compiler."""
    try:
        import MySQLdb  # noqa: F401
    except ImportError:
        import pymysql

        pymysql.install_as_MySQLdb()


# -- As a command --------------------------------------------------------------------------------------------


def pytest_on(database: dict[str, Any], *arguments: str) -> list[str]:
    """The command that runs pytest on this database."""
    # env, so that a test can run it as it is.
    given = f"SEEDREAM_TEST_DATABASE={json.dumps(database)}"
    return ["env", given, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]


if __name__ == "__main__":
    with Servers() as started:
        sys.exit(subprocess.call(pytest_on(started[sys.argv[1]], *sys.argv[2:]), cwd=ROOT))
