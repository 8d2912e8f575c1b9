"""The page by which pictures that were made elsewhere join the library."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from .. import conf, importing
from ..exceptions import Known, NotImported, StorageAway
from ..models import GeneratedImage

#: Files in one go: each is read in the request.
AT_ONCE = 20


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files: Django's own field takes one."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        sent = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(each, initial) for each in sent or [None]]


class ImportForm(forms.Form):
    pictures = FilesField(
        label=gettext_lazy("Files"),
        widget=FilesInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    is_ai = forms.BooleanField(
        label=gettext_lazy("AI made all of these"),
        help_text=gettext_lazy(
            "Say so of files that do not say it themselves. They get the mark “made by AI”. Pictures that nobody says "
            "it of are left out: this is a library of pictures that AI made."
        ),
        required=False,
    )

    def clean_pictures(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["pictures"]
        if len(files) > AT_ONCE:
            raise forms.ValidationError(
                _("These are %(count)s files; %(most)s go at once."),
                params={"count": len(files), "most": AT_ONCE},
            )
        return files


@dataclass
class Outcome:
    """What became of the files that were sent."""

    taken: list[tuple[str, GeneratedImage]] = field(default_factory=list)
    known: list[tuple[str, GeneratedImage]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


class Importing:
    """The part of the pictures' admin that takes in what was made elsewhere."""

    admin_site: Any
    opts: Any
    media: Any

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.import_view)
        return [
            path("import/", view, name="seedream_django_generatedimage_import"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_import": importing.may_import(request.user), **(extra_context or {})}
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def import_view(self, request: HttpRequest) -> HttpResponse:
        """A form; then what became of each file, and the form once more for those that are left out."""
        if not importing.may_import(request.user):
            raise PermissionDenied
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form, outcome = ImportForm(*sent), None
        if form.is_valid():
            outcome = _take_all(form.cleaned_data["pictures"], request.user, form.cleaned_data["is_ai"])
            form = ImportForm(initial={"is_ai": form.cleaned_data["is_ai"]})
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bring pictures along"),
            "opts": self.opts,
            "media": self.media,
            # What the path ends with.
            "original": _("Bring along"),
            "has_view_permission": self.has_view_permission(request),  # type: ignore[attr-defined]
            "form": form,
            "outcome": outcome,
            "most": AT_ONCE,
            "megabytes": conf.MAX_BYTES >> 20,
        }
        return TemplateResponse(request, "admin/seedream_django/generatedimage/import.html", context)


def _take_all(files: Iterable[Any], user: Any, is_ai: bool) -> Outcome:
    """Each for itself: one that is broken keeps none of the others."""
    outcome = Outcome()
    for file in files:
        try:
            image = importing.take(file, name=file.name, by=user, is_ai=is_ai)
            if image.generation.user_id == user.pk:
                outcome.taken.append((file.name, image))
            else:
                outcome.refused.append((file.name, _("It is in the library already.")))
        except Known as known:
            mine = GeneratedImage.objects.visible_to(user).filter(pk=known.image.pk).first()
            if mine is None:
                outcome.refused.append((file.name, str(known)))
            else:
                outcome.known.append((file.name, mine))
        except NotImported as refused:
            outcome.refused.append((file.name, str(refused)))
        except StorageAway:
            words = _("The storage takes nothing at the moment. Nothing is lost: give it once more later.")
            outcome.refused.append((file.name, words))
    return outcome
