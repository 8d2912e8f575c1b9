"""Settings of the example magazine. For your own machine only: the key below is public."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent

# Database, queue, sandbox and pictures lie together: a test has its own, and a reset is one folder.
DATA = Path(os.environ.get("SEEDREAM_DEMO_DATA") or BASE_DIR / "var").resolve()
DATA.mkdir(parents=True, exist_ok=True)

SECRET_KEY = "insecure-example-key-for-this-machine-only"
DEBUG = os.environ.get("DEBUG", "1") not in {"0", "false", "no", ""}
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "huey.contrib.djhuey",
    "seedream_django",
    "example_project.magazine",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "example_project.csp.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "magazine.sqlite3",
        # Web server and workers write at once: take the lock at the start, wait for it, let readers read.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# "immediate" is said, because a dict with DEBUG=True would otherwise run tasks inside the request.
HUEY: dict[str, Any] = {
    "huey_class": "huey.SqliteHuey",
    "name": "magazine",
    "filename": str(DATA / "queue.sqlite3"),
    "immediate": False,
}

# With SANDBOX, pictures are drawn on this machine and cost nothing. For real ones:
# "API_KEY": os.environ["RUNWARE_API_KEY"] instead.
SEEDREAM: dict[str, Any] = {
    "SANDBOX": True,
    "SANDBOX_STATE": DATA / "sandbox.sqlite3",
    "SAFETY_CHECK": True,
    "SPOOL": DATA / "spool",
    "PRIVATE_STORAGE": "private",
}

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "seedream_django.models.storage.PrivateFolder",
        "OPTIONS": {"location": DATA / "private"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = DATA / "media"
MEDIA_URL = "media/"
STATIC_ROOT = DATA / "static"
STATIC_URL = "static/"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("ar", "العربية"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("ja", "日本語"),
    ("nl", "Nederlands"),
    ("pt-br", "Português (Brasil)"),
]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

LOGIN_URL = "admin:login"
