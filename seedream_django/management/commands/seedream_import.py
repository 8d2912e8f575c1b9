"""``manage.py seedream_import``: pictures that were made elsewhere join the library."""

from __future__ import annotations

import contextlib
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import DatabaseError, models

from ... import importing, places
from ...exceptions import Known, NotImported, StorageAway
from ...importing import Look
from ...models import Slot

#: Objects whose fields are read at a time.
BATCH = 200
ENDINGS = (".jpg", ".jpeg", ".png", ".webp")


class Found(NamedTuple):
    """One file: what it is called for people, how it is opened, and where it was found."""

    name: str
    opened: AbstractContextManager[BinaryIO]
    where: dict[str, Any]


class Command(BaseCommand):
    help = "Take pictures that AI made elsewhere into the library: files, folders, or the files of a field."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "sources", nargs="+", metavar="SOURCE",
            help="A file, a folder, or the field of a model, such as magazine.Article.photo.",
        )  # fmt: skip
        parser.add_argument(
            "--user", metavar="NAME", help="In this person's name, with this person's rights."
        )
        parser.add_argument(
            "--made-by-ai", action="store_true",
            help="AI made all of them, also those whose files do not say so. Without it they are left out.",
        )  # fmt: skip
        parser.add_argument("--limit", type=int, metavar="N", help="Stop after so many that are taken in.")
        parser.add_argument("--dry-run", action="store_true", help="Change nothing; say what would be.")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        by = _user(options["user"]) if options["user"] else None
        if by is not None and not importing.may_import(by):
            raise CommandError(f"“{by}” may not bring pictures along.")
        counts = dict.fromkeys(("taken", "known", "left"), 0)
        for found in _all(options["sources"]):
            if options["limit"] is not None and counts["taken"] >= options["limit"]:
                break
            counts[self._take(found, by, options)] += 1
        verb = "would be taken in" if options["dry_run"] else "taken in"
        self.stdout.write(
            f"{counts['taken']} {verb}, {counts['known']} there already, {counts['left']} left out."
        )

    def _take(self, found: Found, by: Any, options: dict[str, Any]) -> str:
        """Take one in, or only look at it; tell what became of it."""
        is_ai = options["made_by_ai"]
        try:
            with found.opened as file:
                if options["dry_run"]:
                    seen = importing.look(file, found.name)
                    importing.check(seen, is_ai=is_ai)
                    self.stdout.write(f"{found.name}: {_told(seen)}")
                else:
                    importing.take(file, name=found.name, by=by, is_ai=is_ai, where=found.where)
        except Known:
            return "known"
        except NotImported as refused:
            self.stdout.write(f"{found.name}: {refused}")
            return "left"
        except StorageAway as error:
            raise CommandError(f"{error} Run it again later: what is there is not taken in twice.") from None
        except DatabaseError:
            raise
        except Exception as error:
            # The field's storage, which has errors of its own, and their texts may carry signed addresses.
            self.stdout.write(f"{found.name}: it cannot be read ({type(error).__name__}).")
            return "left"
        return "taken"


def _told(seen: Look) -> str:
    facts = f"{seen.facts.width} × {seen.facts.height} {seen.facts.format}"
    return ", ".join(filter(None, [facts, seen.said.tool, seen.said.source, seen.said.prompt[:60]]))


def _all(sources: list[str]) -> Iterator[Found]:
    for source in sources:
        path = Path(source)
        if path.is_dir():
            for each in sorted(path.rglob("*")):
                if each.suffix.lower() in ENDINGS and each.is_file():
                    yield Found(each.name, _opened(each), {})
        elif path.is_file():
            yield Found(path.name, _opened(path), {})
        else:
            yield from _of_field(source)


def _of_field(source: str) -> Iterator[Found]:
    """The files of a field, without those that are copies of pictures of ours. Raises CommandError."""
    label, _dot, name = source.rpartition(".")
    try:
        model = apps.get_model(label)
        field = model._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        raise CommandError(
            f"“{source}” is no file, no folder, and no field such as magazine.Article.photo."
        ) from None
    if not isinstance(field, models.FileField):
        raise CommandError(f"“{source}” is no field with files.")
    rows = model._base_manager.exclude(**{name: ""}).exclude(**{f"{name}__isnull": True}).order_by("pk")
    kind = ContentType.objects.get_for_model(places.declares(model, name))
    last: Any = None
    while page := list((rows if last is None else rows.filter(pk__gt=last))[:BATCH]):
        last = page[-1].pk
        files = [getattr(row, name) for row in page]
        slots = Slot.objects.filter(content_type=kind, field=name, copied__in=[file.name for file in files])
        ours = set(slots.values_list("copied", flat=True))
        for row, file in zip(page, files, strict=True):
            if file.name not in ours:
                yield Found(file.name, _opened_in(file), {"place": f"{model._meta.label}:{row.pk}:{name}"})


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Once its turn has come: a folder may have more files than a process may have open."""
    with path.open("rb") as opened:
        yield opened


@contextlib.contextmanager
def _opened_in(file: Any) -> Iterator[BinaryIO]:
    with file.storage.open(file.name) as opened:
        yield opened


def _user(username: str) -> Any:
    model: Any = get_user_model()
    try:
        return model.objects.get_by_natural_key(username)
    except model.DoesNotExist:
        raise CommandError(f"There is no user “{username}”.") from None
