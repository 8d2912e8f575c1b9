"""A form of the magazine's own, outside the admin."""

from __future__ import annotations

from django import forms

from seedream_django.forms import SeedreamFormMixin

from .models import Article
from .pictures import TEASER


class TeaserForm(SeedreamFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    seedream_fields = {"teaser": TEASER}

    class Meta:
        model = Article
        fields = ("teaser", "teaser_alt")
