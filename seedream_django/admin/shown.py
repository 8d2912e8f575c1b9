"""What all our pages in the admin have in common: styles, lists, and how a picture is shown."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.widgets import url_params_from_lookup_dict
from django.forms.widgets import Media, Script
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from .. import gaps, notices
from ..models import GeneratedImage

#: The files of the live status element.
STATUS_MEDIA = Media(js=[Script("seedream_django/status.js", type="module")])  # type: ignore[list-item]

#: What a ``picture()`` on anybody's page looks like.
PREVIEW_STYLES = Media(css={"all": ["seedream_django/colours.css", "seedream_django/preview.css"]})

#: What our own pages look like, which also changes parts of the admin's.
STYLES = PREVIEW_STYLES + Media(css={"all": ["seedream_django/status.css", "seedream_django/pages.css"]})


class Telling:
    """Tells people on its pages what became of the pictures that their forms wait for."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        notices.tell(request)
        response: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        return response

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        notices.tell(request)
        response: HttpResponse = super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        return response


class Styled(Telling):
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
        exact = {each.parameter_name for each in filters if hasattr(each, "parameter_name")}
        columns = {_column(each) for each in filters if not hasattr(each, "parameter_name")}
        is_offered = lookup in exact or lookup.partition("__")[0] in columns
        return is_offered or self._is_a_host_s_choice(lookup, value)

    def _is_a_host_s_choice(self, lookup: str, value: str) -> bool:
        """Whether a field of the host's, which leads here to choose one, narrows its choice like this."""
        for choices in self.model._meta.related_fkey_lookups:
            narrowed = url_params_from_lookup_dict(choices() if callable(choices) else choices)
            if (lookup, value) in narrowed.items():
                return True
        return False


def _column(each: Any) -> str:
    """The column that a filter of a list is about: it is named, alone or with the filter's class."""
    return str(each if isinstance(each, str) else each[0])


class List(OwnFilters, Styled):
    """A list under its plain name, which says what to do when there is nothing in it."""

    opts: Any

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "may_generate": request.user.has_perm("seedream_django.generate"),
            **(extra_context or {}),
        }
        response: HttpResponse = super().changelist_view(request, context)
        return response


def page(
    model_admin: Any,
    request: HttpRequest,
    template: str,
    title: str,
    *,
    ends: str = "",
    may_view: bool = True,
    **context: Any,
) -> TemplateResponse:
    """A page of ours below a list; its path ends with ``ends``, after the list for whom that may be opened."""
    shown = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "original": ends or title,
        "has_view_permission": may_view,
        "media": model_admin.media,
        **context,
    }
    return TemplateResponse(request, f"admin/seedream_django/{template}", shown)


def picture(image: GeneratedImage, size: int = 96) -> SafeString | str:
    """The preview as an ``<img>`` of at most ``size`` CSS pixels; words for one that is held back."""
    if image.is_held_back:
        return format_html('<span class="seedream-told">{}</span>', image.why_held_back)
    return preview(image, size)


def preview(
    image: GeneratedImage, size: int, *, steady: bool = False, beside_name: bool = False
) -> SafeString | str:
    """The same for our own pages, whose styles blur what is flagged.

    With ``steady`` an address that is signed anew is no news to the live part of a page. With ``beside_name`` it says
    nothing that its name does not say already.
    """
    if not (src := image.preview_url):
        return "–"
    scale = size / max(image.width, image.height, 1)
    # In a list it is a link, which needs a name.
    name = "" if beside_name else str(image)
    alt = "" if beside_name and image.alt == str(image) else image.alt
    return format_html(
        '<span class="seedream-preview{}"><img src="{}" alt="{}" width="{}" height="{}" loading="lazy"{}></span>',
        " seedream-flagged" if image.is_blurred else "",
        src,
        (image.why_held_back if image.is_blurred else "") or alt or name,
        round(image.width * scale),
        round(image.height * scale),
        mark_safe(" data-tick") if steady else "",
    )


def pixels(sized: Any) -> SafeString:
    """Width and height of what has both, which stand from left to right in every language."""
    return format_html('<bdi dir="ltr">{} × {}</bdi>', sized.width, sized.height)


def with_gaps(text: str) -> SafeString:
    """A text with its gaps shown as such."""
    marked = '<span class="seedream-hole">{}</span>'
    parts = (
        (before, format_html(marked, capfirst(name.replace("_", " "))) if name else "")
        for before, name in gaps.pieces(text)
    )
    return format_html_join("", "{}{}", parts)
