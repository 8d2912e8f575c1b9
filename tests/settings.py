"""The example project's settings, with nothing shared between tests and nothing of the machine's."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# Before the import: the example keeps its files where this says.
os.environ["SEEDREAM_DEMO_DATA"] = tempfile.mkdtemp(prefix="seedream-tests-")
atexit.register(shutil.rmtree, os.environ["SEEDREAM_DEMO_DATA"], ignore_errors=True)

from huey import MemoryHuey  # noqa: E402

from example_project.settings import *  # noqa: E402, F403
from example_project.settings import DATA, DATABASES, INSTALLED_APPS, SEEDREAM  # noqa: E402

from .servers import database_given  # noqa: E402

ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.album"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A file, not memory: threads and other processes then see what they would see in production.
DATABASES["default"]["TEST"] = {"NAME": DATA / "test.sqlite3"}
# Unless they are run on another database: python -m tests.servers postgresql
DATABASES["default"] = database_given() or DATABASES["default"]
HUEY = MemoryHuey("tests", immediate=True)
SEEDREAM = {**SEEDREAM, "SANDBOX_LATENCY": 0, "SAFETY_CHECK": False}
