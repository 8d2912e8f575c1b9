"""What a site without templates of ours asks of one picture: its file, its words, its focal point.

Where ``JSON`` is on, for everybody. Of what no page may show there is nothing.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from . import conf, describing
from .models import GeneratedImage

#: Seconds for which a cache may answer without asking.
FRESH = 60


@require_safe
def picture(request: HttpRequest, image_uuid: uuid.UUID) -> Any:
    """One picture by its image UUID."""
    rows = GeneratedImage.objects.select_related("generation")
    image = rows.by_uuid(image_uuid) if conf.JSON else None
    if image is None or not image.file_url:
        raise Http404
    body = json.dumps(_told(request, image), ensure_ascii=False).encode()
    # Of the whole answer: an address that is signed anew must reach whoever had the old one.
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={FRESH}"}
    response = HttpResponse(body, content_type="application/json", headers=headers)
    return get_conditional_response(request, etag=etag, response=response)


def _told(request: HttpRequest, image: GeneratedImage) -> dict[str, Any]:
    preview = image.preview_url
    return {
        "uuid": str(image.image_uuid),
        # Every picture is given the beginning of its prompt, which is no reader's.
        "title": image.title if describing.is_written(image) else "",
        "alt": "" if image.decorative else image.alt,
        "decorative": image.decorative,
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "url": request.build_absolute_uri(image.file_url),
        "preview": request.build_absolute_uri(preview) if preview else "",
        "focal_point": {"x": image.focal_x, "y": image.focal_y},
        "made_with_ai": True,
    }
