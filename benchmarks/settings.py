"""The example's settings for what is measured: a folder of its own, and the provider at the address that is given."""

from __future__ import annotations

import json
import os

from example_project.settings import *  # noqa: F403
from example_project.settings import INSTALLED_APPS, SEEDREAM

DEBUG = False
INSTALLED_APPS = [*INSTALLED_APPS, *filter(None, [os.environ.get("SEEDREAM_BENCH_APP")])]
SEEDREAM = {
    "SPOOL": SEEDREAM["SPOOL"],
    "API_KEY": "a-key-for-benchmarks",
    "SANDBOX": False,
    "ENDPOINT": os.environ.get("SEEDREAM_BENCH_ENDPOINT", "http://127.0.0.1:9/v1"),
    "PRIVATE_STORAGE": "private",
    **json.loads(os.environ.get("SEEDREAM_BENCH", "{}")),
}
