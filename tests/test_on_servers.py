"""The app on PostgreSQL and MariaDB: its migrations, and the tests of whatever asks a database for more than rows."""

from __future__ import annotations

import subprocess

import pytest

from .servers import ROOT, Servers, pytest_on

pytestmark = pytest.mark.server

#: Migrations run before them; the others' questions to the database are among these.
MODULES = ("fifty_at_once", "budget", "orders", "once", "limits", "pipeline", "storing", "money_admin",
           "references", "media", "hints", "reconcile", "library")  # fmt: skip
#: One asks SQLite how it would answer; the others count queries, which are as many everywhere.
ELSEWHERE = "not whole_ledger and not ten_thousand"


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_the_app_on(servers: Servers, kind: str) -> None:
    """Every test of these modules passes there too; to see one alone: python -m tests.servers mariadb tests/…"""
    modules = [f"tests/test_{name}.py" for name in MODULES]
    done = subprocess.run(
        pytest_on(servers[kind], "-q", "--color=no", "-k", ELSEWHERE, *modules),
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0
    assert " 6 deselected" in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]
