"""``manage.py demo``: from nothing to a magazine with its pictures, served until Ctrl-C."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.urls import reverse
from django.utils import timezone
from tqdm import tqdm

from example_project import processes
from example_project.magazine import articles, people
from example_project.magazine.models import Article
from seedream_django import sweeping
from seedream_django.models import FINAL, UNDESCRIBED, Beat, GeneratedImage, Generation, Slot

HOST = "127.0.0.1"
#: The shape of what ``--prompt`` asks for: the lead's.
SIZE = "3136x1344"
#: One story is left without a cover, for whoever tries this; and something to ask for.
TRY, SAY = "the-owl-who-keeps-the-hours", "An owl on a branch in the moonlight"


class Command(BaseCommand):
    help = "Shows the app at work: a small magazine, its queue, and pictures for its pages."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where the magazine is served (8000)")
        parser.add_argument("--prompt", default="", help="make a picture of this, and put it on a page")
        parser.add_argument("--empty", action="store_true", help="order no pictures for the pages")

    def handle(self, *, port: int, prompt: str, empty: bool, **options: Any) -> None:
        self._check(port)
        try:
            self._prepare()
            with processes.Processes(settings.DATA) as running:
                self._start(running, port)
                picture = self._make_picture(running, prompt) if prompt else None
                ordered = {} if empty else _order()
                self._tell(port, picture)
                self._show_progress(running, ordered)
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

    def _make_picture(self, running: processes.Processes, prompt: str) -> GeneratedImage | None:
        """Through the app's own command, in a process of its own: what anybody would type."""
        self._say(f"Making a picture: {prompt}")
        options = ("--size", SIZE, "--user", "editor", "--wait", "--anyway")
        command = _manage("seedream_generate", *options, "--", prompt)
        if running.run(command, _environment()):
            self.stderr.write(
                "No picture this time: the line above says why. The magazine is served all the same."
            )
            return None
        picture = GeneratedImage.objects.stored().filter(generation__door="command").latest("stored_at")
        _put_on_a_page(picture)
        return picture

    def _tell(self, port: int, picture: GeneratedImage | None) -> None:
        site = f"http://{HOST}:{port}"
        lines = [""]
        if picture:
            lines += [f"The picture    {picture.file.path}"]
            shown = Article.objects.filter(cover=picture).first()
            lines += [f"Its article    {site}{shown.get_absolute_url()}"] if shown else []
        lines += [f"The magazine   {site}/", f"The admin      {site}{reverse('admin:index')}"]
        lines += [f"Log in         editor / {people.PASSWORD}   (sees everything: owner / {people.PASSWORD})"]
        bare = Article.objects.filter(slug=TRY, cover=None).first()
        if bare:
            page = f"{site}{reverse('admin:magazine_article_change', args=[bare.pk])}"
            lines += ["", f"Try it         1. Open “{bare}”, which has no cover yet: {page}"]
            lines += [
                f"               2. Under Cover choose Generate a picture. In place of its words type: {SAY}"
            ]
            lines += ["               3. Click Generate, then Save and continue editing, then View on site."]
        self._say("\n".join([*lines, "", "Ctrl-C stops everything."]))

    def _show_progress(self, running: processes.Processes, ordered: dict[UUID, str]) -> None:
        """One line, until every picture that was ordered has come to its end, and to its page."""
        layout = "{desc}: {n_fmt} of {total_fmt} |{bar:24}| {elapsed}  (reload a page to see them come)"
        quiet = not ordered or not sys.stderr.isatty()
        done = 0
        with tqdm(total=len(ordered), desc="Pictures", bar_format=layout, disable=quiet) as bar:
            while done < len(ordered) or Slot.objects.waiting().filter(generation__in=ordered).exists():
                running.check()
                time.sleep(0.3)
                _describe(ordered)
                news = Generation.objects.filter(pk__in=ordered, state__in=FINAL).count() - done
                bar.update(news)
                done += news
        if ordered:
            stored = GeneratedImage.objects.stored().filter(generation__in=ordered).count()
            self._say(f"{stored} of {len(ordered)} pictures are on their pages.")

    def _say(self, text: str) -> None:
        # At once, also into a pipe: other processes write between these lines.
        self.stdout.write(text)
        self.stdout.flush()


def _worker_answers() -> Callable[[], bool]:
    """Queue the house's own sweep, which leaves a sign of life, and look for it."""
    asked = timezone.now()
    sweeping.sweep.enqueue()
    return lambda: (Beat.last("worker") or asked) > asked


def _order() -> dict[UUID, str]:
    """Order what the pages lack; return what each unfinished order's picture shows, for its alternative text."""
    editor = User.objects.get(username="editor")
    ordered = [(articles.order(shot, editor), shot.alt) for shot in articles.shots()]
    return {generation.pk: alt for generation, alt in ordered if not generation.is_final}


def _describe(ordered: dict[UUID, str]) -> None:
    """What an editor does by hand: say what each picture shows."""
    for image in GeneratedImage.objects.stored().filter(UNDESCRIBED, generation__in=ordered):
        GeneratedImage.objects.filter(pk=image.pk).update(alt=ordered[image.generation_id])


def _put_on_a_page(picture: GeneratedImage) -> None:
    """As the cover of the first article that has none: the lead's, the first time."""
    article = Article.objects.filter(cover=None).first()
    if article:
        Article.objects.filter(pk=article.pk, cover=None).update(cover=picture)


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "SEEDREAM_DEMO_DATA": str(settings.DATA), "PYTHONUNBUFFERED": "1"}
