"""The page for whoever decides about pictures: what waits for them, oldest first, one at a time."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Media, Script
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from .. import conf, review
from ..exceptions import NotAllowed
from ..models import GeneratedImage, Review
from ..paging import BACKWARDS, ORDER, Place
from ..people import may_review
from ..whereabouts import things_of
from .reviews import DECISIONS, decide, lacks_reason, reason_context
from .shown import preview

NAME = "seedream_django_generatedimage"
#: Of the next pictures so many are shown small; up to so many that wait are counted; so many places are named.
NEXT, COUNTED, PLACES = 8, 99, 3
MEDIA = Media(
    css={"all": ["seedream_django/review.css"]},
    js=[Script("seedream_django/review.js", type="module")],  # type: ignore[list-item]
)


def up_to(count: int) -> str:
    """A number that was counted no further than ``COUNTED``."""
    return f"{COUNTED}+" if count > COUNTED else str(count)


def count_for(user: Any) -> int:
    """How many pictures wait for this person; one more than ``COUNTED`` where there are more."""
    return review.waiting_for(user).order_by().values("pk")[: COUNTED + 1].count()


class Waiting:
    """What waits for one person, from one picture on; from the oldest where that one waits no more and is the last."""

    def __init__(self, request: HttpRequest, at: str) -> None:
        self.request, self.user = request, request.user
        self.rows = review.waiting_for(self.user).select_related("generation__user")
        self._start = _place_of(self.user, at)

    @cached_property
    def images(self) -> list[GeneratedImage]:
        oldest_first = self.rows.order_by(*BACKWARDS)
        found: list[GeneratedImage] = []
        if self._start is not None:
            # With the picture itself, if it still waits.
            onward = self._start._replace(pk=self._start.pk + 1).newer()
            found = list(oldest_first.filter(onward)[: NEXT + 1])
        return found or list(oldest_first[: NEXT + 1])

    @property
    def image(self) -> GeneratedImage | None:
        return self.images[0] if self.images else None

    @cached_property
    def count(self) -> int:
        return count_for(self.user)

    @property
    def waiting(self) -> str:
        return up_to(self.count)

    @property
    def following(self) -> GeneratedImage | None:
        """The one after it."""
        return self.images[1] if len(self.images) > 1 else None

    @cached_property
    def previous(self) -> GeneratedImage | None:
        if self.image is None:
            return None
        return self.rows.filter(Place.of(self.image).older()).order_by(*ORDER).first()

    @property
    def strip(self) -> list[tuple[GeneratedImage, Any]]:
        return [(image, preview(image, 96)) for image in self.images[1:]]

    @cached_property
    def places(self) -> list[tuple[Any, str]]:
        """Where it is wanted, as far as this person may see that: each thing, and what its field is called."""
        if self.image is None:
            return []
        slots = self.image.generation.slots.filter(settled_at__isnull=True).exclude(object_id="")
        found = list(slots.select_related("content_type").order_by("pk")[:PLACES])
        things = things_of(found, self.user, self.request) if found else []
        return [
            (thing, ", ".join(thing.label(slot) for slots in thing.unfilled.values() for slot in slots))
            for thing in things
        ]


def _place_of(user: Any, at: str) -> Place | None:
    """Where a picture is in the list, whether or not it still waits; None for what this person may not see."""
    if not (at.isascii() and at.isdecimal() and len(at) < 19):
        return None
    found = review.visible_to(user).filter(pk=at).only("created_at", "position").first()
    return Place.of(found) if found else None


class ReviewQueue:
    """The part of the pictures' admin that leads through what waits for a decision."""

    admin_site: Any
    opts: Any
    media: Any

    def get_urls(self) -> list[Any]:
        page = path(
            "review/", self.admin_site.admin_view(self.review_queue_view), name=f"{NAME}_review_queue"
        )
        return [page, *super().get_urls()]  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {**self._lead_on(request), **(extra_context or {})}
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response

    def _lead_on(self, request: HttpRequest) -> dict[str, Any]:
        """The way to this page and how many wait there; nothing for who does not decide, or has never to."""
        # What is left from before the settings were switched off is told on the whole list, and not on each search.
        if not may_review(request.user) or (request.GET and not conf.holds_back()):
            return {}
        count = count_for(request.user)
        return (
            {"review_page": self._queue_page(), "review_count": up_to(count)} if count or conf.REVIEW else {}
        )

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def review_queue_view(self, request: HttpRequest) -> HttpResponse:
        if not may_review(request.user):
            raise PermissionDenied
        missing = False
        if choice := DECISIONS.get(request.POST.get("decision", "")):
            image = self._sent(request)
            missing = choice == Review.REJECTED and lacks_reason(request, [image])
            if not missing:
                return self._decided(request, image, choice)
        return self._show(request, missing)

    def _show(self, request: HttpRequest, missing: bool) -> HttpResponse:
        waiting = Waiting(request, request.POST.get("picture") or request.GET.get("at", ""))
        context = {
            **self.admin_site.each_context(request),
            **reason_context([waiting.image] if waiting.image else [], missing),
            "title": _("Review"),
            "opts": self.opts,
            "original": _("Review"),
            "has_view_permission": True,
            "media": self.media + MEDIA,
            "page": waiting,
        }
        return TemplateResponse(request, "admin/seedream_django/generatedimage/review_queue.html", context)

    def _sent(self, request: HttpRequest) -> GeneratedImage:
        pk = request.POST.get("picture", "")
        wanted = review.visible_to(request.user).select_related("generation__user")
        image = wanted.filter(pk=pk).first() if pk.isascii() and pk.isdecimal() and len(pk) < 19 else None
        if image is None:
            raise Http404
        return image

    def _decided(self, request: HttpRequest, image: GeneratedImage, choice: Review) -> HttpResponse:
        """Decide, and lead on to the next one, at which the keyboard is then."""
        try:
            decide(request, [image], choice)
        except NotAllowed as error:
            messages.error(request, str(error))
        # The page finds the next by the place of this one.
        return redirect(f"{self._queue_page()}?at={image.pk}#review-picture")

    def _queue_page(self) -> str:
        return reverse(f"{self.admin_site.name}:{NAME}_review_queue")
