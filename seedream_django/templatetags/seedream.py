"""Pictures on pages. A tag never spends, never asks the provider, and never breaks a page."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models.fields.files import FieldFile
from django.forms.utils import flatatt
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .. import references
from ..models import GeneratedImage, ImageState

register = template.Library()


@register.simple_tag
def seedream_image(image: GeneratedImage | None, **attributes: Any) -> SafeString | str:
    """``{% seedream_image article.cover class="cover" %}``: an ``<img>`` with width, height, alt, lazy.

    Nothing for a picture that is missing, not finished, or flagged by the provider's safety check and not yet
    approved. Keywords become attributes, and ``alt`` or ``loading`` given here win. One row, no query, no call to
    the storage but for the address.
    """
    if not isinstance(image, GeneratedImage) or image.state != ImageState.STORED or image.is_held_back:
        return ""
    if not (src := image.file_url):
        return ""
    defaults = {"src": src, "width": image.width, "height": image.height, "alt": image.alt, "loading": "lazy"}
    return format_html("<img{}>", flatatt({**defaults, **attributes}))


@register.simple_tag(takes_context=True)
def seedream_edit_url(context: dict[str, Any], source: GeneratedImage | FieldFile | None) -> str:
    """``<a href="{% seedream_edit_url article.photo %}">``: where this picture is changed by an instruction.

    ``source`` is a picture or the file of any model's field; the address is for whoever looks, and good for a day.
    Blank where there is nothing to change, or for those who may not order.
    """
    user = getattr(context.get("request"), "user", None)
    if not source or user is None or not user.has_perm("seedream_django.generate"):
        return ""
    try:
        page = reverse("admin:seedream_django_generation_add")
    except NoReverseMatch:
        return ""
    if isinstance(source, GeneratedImage):
        return f"{page}?edit={source.pk}"
    return f"{page}?from={references.token_of(source, user)}"
