"""``manage.py clerk``: takes orders and tells what the tables hold, for a test that is no part of the site."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from seedream_django import generate, tasks
from seedream_django.models import Budget, GeneratedImage, ImageState


class Command(BaseCommand):
    help = "Reads a JSON list [what, arguments …] a line, and answers with a line of JSON."

    def handle(self, **options: Any) -> None:
        for line in sys.stdin:
            what, *arguments = json.loads(line)
            print(json.dumps(getattr(self, what)(*arguments), default=str), flush=True)

    def allow(self, limit: str) -> None:
        """A budget of the whole installation, for good."""
        Budget.objects.create(period="ever", limit=Decimal(limit))

    def order(self, prompt: str, results: int) -> str:
        return str(generate(prompt, size="2048x2048", results=results).pk)

    def rows(self, model: str) -> list[dict[str, Any]]:
        return list(apps.get_model("seedream_django", model).objects.order_by("pk").values())

    def fetch_again(self) -> int:
        """The admin's action, for every picture that could not be kept; return for how many it was."""
        failed = GeneratedImage.objects.filter(state=ImageState.FAILED)
        return sum(tasks.fetch_again(image) for image in failed)
