"""What all our pages in the admin have in common: styles, lists, and how a picture is shown."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.widgets import url_params_from_lookup_dict
from django.forms.widgets import Media, Script
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from ..fields import GeneratedImageField
from ..models import GeneratedImage

#: The files of the live status element.
STATUS_MEDIA = Media(js=[Script("seedream_django/status.js", type="module")])  # type: ignore[list-item]

#: What a ``picture()`` on anybody's page looks like.
PREVIEW_STYLES = Media(css={"all": ["seedream_django/colours.css", "seedream_django/preview.css"]})

#: What our own pages look like, which also changes parts of the admin's.
STYLES = PREVIEW_STYLES + Media(css={"all": ["seedream_django/status.css", "seedream_django/pages.css"]})


class Styled:
    @property
    def media(self) -> Media:
        inherited: Media = super().media  # type: ignore[misc]
        return inherited + STYLES


class OnlyLookedAt:
    """What nobody adds, changes or deletes here, whatever their rights."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OwnFilters:
    """For a list with columns that not everybody may see: its address filters by what the list offers, no more.

    Without it Django takes a lookup of any column, and the number of rows tells what is in it.
    """

    model: Any

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        if not super().lookup_allowed(lookup, value, request):  # type: ignore[misc]
            return False
        filters: Any = self.get_list_filter(request)  # type: ignore[attr-defined]
        offered = {_parameter(each) for each in filters}
        return lookup.partition("__")[0] in offered or self._is_a_host_s_choice(lookup, value)

    def _is_a_host_s_choice(self, lookup: str, value: str) -> bool:
        """Whether a field of the host's, which leads here to choose one, narrows its choice like this."""
        for choices in self.model._meta.related_fkey_lookups:
            narrowed = url_params_from_lookup_dict(choices() if callable(choices) else choices)
            if (lookup, value) in narrowed.items():
                return True
        return False


def _parameter(each: Any) -> str:
    """What a filter of a list is called in the address."""
    name = each if isinstance(each, str) else each[0] if isinstance(each, tuple) else each.parameter_name
    return str(name)


class List(OwnFilters, Styled):
    """A list under its plain name, which says what to do when there is nothing in it."""

    opts: Any

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "may_generate": request.user.has_perm("seedream_django.generate"),
            **(extra_context or {}),
        }
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response


class SeedreamAdminMixin:
    """For a ModelAdmin or inline with a GeneratedImageField: offers each person their own pictures.

    Brings the styles of ``picture()`` with it, for a list that shows one.
    """

    @property
    def media(self) -> Media:
        inherited: Media = super().media  # type: ignore[misc]
        return inherited + PREVIEW_STYLES

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if not isinstance(db_field, GeneratedImageField):
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        # Not through formfield_for_foreignkey: its “add another” links would lead away from the form.
        formfield = db_field.formfield(**kwargs)
        formfield.for_user(request.user, tell=partial(messages.error, request, fail_silently=True))
        return formfield


def picture(image: GeneratedImage, size: int = 96) -> SafeString | str:
    """The preview as an ``<img>`` of at most ``size`` CSS pixels; words for one that is held back."""
    if image.is_held_back:
        return format_html('<span class="seedream-told">{}</span>', image.why_held_back)
    return preview(image, size)


def preview(image: GeneratedImage, size: int) -> SafeString | str:
    """The same for our own pages, whose styles blur what is held back."""
    if not (src := image.preview_url):
        return "–"
    scale = size / max(image.width, image.height, 1)
    return format_html(
        '<span class="seedream-preview{}"><img src="{}" alt="{}" width="{}" height="{}" loading="lazy"></span>',
        " seedream-flagged" if image.is_held_back else "",
        src,
        image.why_held_back or image.alt or image.title,
        round(image.width * scale),
        round(image.height * scale),
    )
