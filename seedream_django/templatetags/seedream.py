"""Pictures on pages. A tag never spends, never asks the provider, and never breaks a page."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django import template
from django.db.models.fields.files import FieldFile
from django.forms.utils import flatatt
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .. import pictures, places, references
from ..models import GeneratedImage, ImageState

logger = logging.getLogger(__name__)

register = template.Library()


#: What an ``<img>`` has and an ``<svg>`` has not.
OF_IMG = ("alt", "src", "loading", "srcset", "sizes", "decoding")

Box = tuple[int, int, int, int]


@register.simple_tag
def seedream_image(
    image: GeneratedImage | str | uuid.UUID | None, ratio: str = "", **attributes: Any
) -> SafeString | str:
    """``{% seedream_image article.cover class="cover" %}``: an ``<img>`` with width, height, alt, lazy.

    With ``ratio="5:4"`` an ``<svg>`` of the part that has this shape, around the focal point. A picture that only
    decorates has no alternative text. Nothing for a picture that is missing, not finished, or flagged by the
    provider's safety check and not yet approved. Keywords become attributes, and ``alt`` or ``loading`` given here
    win. One row, no query, no call to the storage but for the address.

    In place of a picture its image UUID may stand, ``{% seedream_image "6f1f…" %}``: that is one query, and nothing
    for one that is hidden as well.
    """
    if isinstance(image, str | uuid.UUID):
        image = GeneratedImage.objects.by_uuid(image)
    if not isinstance(image, GeneratedImage) or image.state != ImageState.STORED or image.is_held_back:
        return ""
    if not (src := image.file_url):
        return ""
    given = {"src": src, "alt": "" if image.decorative else image.alt, **attributes}
    if (box := _part(image, ratio)) is not None:
        return _svg(image, box, given)
    size = {"width": image.width, "height": image.height, "loading": "lazy"}
    return format_html("<img{}>", flatatt({**size, **given}))


def _part(image: GeneratedImage, ratio: str) -> Box | None:
    """The part of the picture that has this ratio; None for the whole of it."""
    if not ratio or not image.width or not image.height:
        return None
    try:
        aspect = places.aspect_of(str(ratio))
    except ValueError:
        logger.warning("A template asks for the ratio %r, which is none: the whole picture is shown.", ratio)
        return None
    box = pictures.cut(image.width, image.height, aspect, (image.focal_x, image.focal_y))
    return None if box == (0, 0, image.width, image.height) else box


def _svg(image: GeneratedImage, box: Box, given: dict[str, Any]) -> SafeString:
    # Not an <img> with object-position: a strict policy forbids style attributes, and no file has this part alone.
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    alt = str(given["alt"] or "").strip()
    said = {"role": "img", "aria-label": alt} if alt else {"aria-hidden": "true"}
    outer = {"width": wide, "height": high, "focusable": "false", **said}
    outer |= {name: value for name, value in given.items() if name not in OF_IMG}
    outer |= {"viewBox": f"{left} {top} {wide} {high}", "preserveAspectRatio": "xMidYMid meet"}
    inner = {"href": given["src"], "width": image.width, "height": image.height}
    return format_html("<svg{}><image{}></image></svg>", flatatt(outer), flatatt(inner))


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
