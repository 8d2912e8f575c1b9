"""``manage.py demo``: from nothing to a picture on an article's page, served until Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.urls import reverse
from django.utils import timezone

from example_project import processes
from example_project.magazine import articles, people
from example_project.magazine.models import Article
from seedream_django import tasks
from seedream_django.models import Beat, GeneratedImage

HOST = "127.0.0.1"
PROMPT = "A red fox in the snow beside a small white weather station, first light, watercolour"
SIZE = "2848x1600"


class Command(BaseCommand):
    help = "Shows the app at work: a small magazine, its queue, and a first picture."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where the magazine is served (8000)")
        parser.add_argument(
            "--prompt", default="", help="make a picture of this; without it, one is made once"
        )

    def handle(self, *, port: int, prompt: str, **options: Any) -> None:
        self._check(port)
        try:
            self._prepare()
            with processes.Processes(settings.DATA) as running:
                self._start(running, port)
                self._make_picture(running, prompt)
                self._tell(port)
                running.watch()
        except KeyboardInterrupt:
            self._say("\nStopped. Everything is kept: the same command goes on from here.")
        except processes.Died as error:
            raise CommandError(str(error)) from error

    def _check(self, port: int) -> None:
        if not 1 <= port <= 65535:
            raise CommandError(f"There is no port {port}. Choose one from 1024 to 65535: make demo PORT=8001")
        if not processes.is_free(HOST, port):
            free = next((p for p in range(port + 1, 65536) if processes.is_free(HOST, p)), 8001)
            raise CommandError(
                f"Port {port} is taken. Choose another: make demo PORT={free}"
                f" (or: python manage.py demo --port {free})"
            )

    def _prepare(self) -> None:
        self._say("Preparing the database …")
        call_command("migrate", verbosity=0)
        people.make()
        articles.seed()

    def _start(self, running: processes.Processes, port: int) -> None:
        self._say("Starting the worker and the web server …")
        running.start("worker", _manage("run_huey", "-m", "1", "-w", "3"), _environment())
        running.start("web server", _manage("runserver", "--noreload", f"{HOST}:{port}"), _environment())
        running.wait_until("web server", lambda: processes.answers(HOST, port))
        running.wait_until("worker", _worker_answers())

    def _make_picture(self, running: processes.Processes, prompt: str) -> None:
        """Through the app's own command, in a process of its own: what anybody would type."""
        if not prompt and GeneratedImage.objects.stored().exists():
            return
        prompt = prompt or PROMPT
        self._say(f"Making a picture: {prompt}")
        options = ("--size", SIZE, "--user", "editor", "--wait")
        command = _manage("seedream_generate", *options, "--", prompt)
        if running.run(command, _environment()):
            self.stderr.write(
                "No picture this time: the line above says why. The magazine is served all the same."
            )
            return
        self._put_on_a_page()

    def _put_on_a_page(self) -> None:
        """As the cover of the first article that has none: the lead's, the first time."""
        article = Article.objects.filter(cover=None).first()
        if article:
            Article.objects.filter(pk=article.pk, cover=None).update(cover=_newest())

    def _tell(self, port: int) -> None:
        site = f"http://{HOST}:{port}"
        lines = ["", f"The magazine   {site}/", f"The admin      {site}{reverse('admin:index')}"]
        lines += [f"Log in         editor / {people.PASSWORD}   (sees everything: owner / {people.PASSWORD})"]
        image = _newest()
        if image:
            shown = Article.objects.filter(cover=image).first()
            lines[1:1] = [f"The picture    {image.file.path}"]
            lines[2:2] = [f"Its article    {site}{shown.get_absolute_url()}"] if shown else []
        self._say("\n".join([*lines, "", "Ctrl-C stops everything."]))

    def _say(self, text: str) -> None:
        # At once, also into a pipe: other processes write between these lines.
        self.stdout.write(text)
        self.stdout.flush()


def _worker_answers() -> Callable[[], bool]:
    """Queue the house's own sweep, which leaves a sign of life, and look for it."""
    asked = timezone.now()
    tasks.sweep.enqueue()
    return lambda: (Beat.last("worker") or asked) > asked


def _newest() -> GeneratedImage | None:
    return GeneratedImage.objects.stored().order_by("-stored_at", "-pk").first()


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "SEEDREAM_DEMO_DATA": str(settings.DATA), "PYTHONUNBUFFERED": "1"}
