"""What the provider's safety check flagged: looking at it, deciding about it, and finding what waits."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from .. import review
from ..diagnosis import local
from ..models import GeneratedImage, Review, picture_storage, private_storage
from ..people import may_review, people_to_review
from .shown import preview

logger = logging.getLogger(__name__)

#: What a browser is told of a file: by what we found in it, never by its name.
TYPES = {"JPG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
#: For one pair of eyes: nobody keeps it, guesses at it, or shows it inside another page.
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
DECISIONS = {"approve": Review.APPROVED, "reject": Review.REJECTED}


@admin.action(description=gettext_lazy("Approve what was flagged"), permissions=["approve"])
def approve(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _ask_then_decide(modeladmin, request, queryset, "approve")


@admin.action(description=gettext_lazy("Reject what was flagged"), permissions=["approve"])
def reject(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _ask_then_decide(modeladmin, request, queryset, "reject")


class Reviewed:
    """The part of the pictures' admin that deals with flagged ones."""

    admin_site: Any
    opts: Any
    media: Any

    def get_urls(self) -> list[Any]:
        view, name = self.admin_site.admin_view, "seedream_django_generatedimage"
        return [
            # The view says for itself what may be kept: nothing.
            path("<path:object_id>/look/", view(self.look_view, cacheable=True), name=f"{name}_look"),
            path("<path:object_id>/review/", view(self.review_view), name=f"{name}_review"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return may_review(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Who decides must find what waits.
        return may_review(request.user) or super().has_view_permission(request, obj)  # type: ignore[misc]

    @method_decorator(require_safe)
    def look_view(self, request: HttpRequest, object_id: str) -> Any:
        """The picture itself, out of the private storage, for somebody who decides about it."""
        image = self._flagged(request, object_id)
        held = bool(image.private_file)
        storage, name = (
            (private_storage(), image.private_file.name) if held else (picture_storage(), image.file.name)
        )
        try:
            file = storage.open(name or "")
        except Exception as error:
            # Every storage has errors of its own, and their texts may carry signed addresses.
            logger.warning("A private picture could not be opened (%s).", type(error).__name__)
            text = _("This picture cannot be shown at the moment.")
            return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8", headers=HEADERS)
        return FileResponse(file, content_type=TYPES[image.format], headers=HEADERS)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def review_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """One flagged picture, still blurred, with what each decision does."""
        image = self._flagged(request, object_id)
        choice = DECISIONS.get(request.POST.get("decision", ""))
        if choice is None:
            return self.review_page(request, [image], _("Look at it and decide"), list(DECISIONS))
        _decide(request, [image], choice)
        return redirect(
            reverse(f"{self.admin_site.name}:seedream_django_generatedimage_change", args=[image.pk])
        )

    def review_page(
        self, request: HttpRequest, images: list[Any], title: str, offered: list[str]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": images[0] if len(offered) > 1 else title,
            "has_view_permission": True,
            "media": self.media,
            "chosen": [(image, preview(image, 480 if len(offered) > 1 else 160)) for image in images],
            "single": images[0] if len(offered) > 1 else None,
            "offered": [name for name in offered if any(review.can_be(i, DECISIONS[name]) for i in images)],
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/seedream_django/generatedimage/review.html", context)

    @admin.display(description=gettext_lazy("Safety check"))
    def safety(self, image: GeneratedImage) -> str:
        """What became of a flagged one, and who decides or where."""
        said = [image.why_held_back or Review.APPROVED.label]
        if image.reviewed_at:
            when = date_format(local(image.reviewed_at), "SHORT_DATETIME_FORMAT")
            said.append(_("Decided by %(who)s, %(when)s") % {"who": _name(image.reviewed_by), "when": when})
        elif image.is_held_back:
            said.append(_("It may be used once it is approved. These people decide: %(people)s") % {
                "people": people_to_review()
            })  # fmt: skip
        return format_html_join("", "<p>{}</p>", ((words,) for words in said))

    @admin.display(description=gettext_lazy("Decision"))
    def decide_link(self, image: GeneratedImage) -> str:
        url = reverse(f"{self.admin_site.name}:seedream_django_generatedimage_review", args=[image.pk])
        return format_html('<a href="{}" class="seedream-button">{}</a>', url, _("Look at it and decide"))

    def _flagged(self, request: HttpRequest, object_id: str) -> GeneratedImage:
        """A flagged picture that this person decides about. Raises PermissionDenied and Http404."""
        if not may_review(request.user):
            raise PermissionDenied
        image: GeneratedImage | None = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if image is None or not image.flagged or not image.is_stored:
            raise Http404
        return image


def _name(user: Any) -> str:
    return str(user.get_full_name() or user) if user else _("the site")


def _ask_then_decide(modeladmin: Any, request: HttpRequest, queryset: Any, name: str) -> HttpResponse | None:
    choice = DECISIONS[name]
    chosen = [image for image in queryset if review.can_be(image, choice)]
    if not chosen:
        messages.warning(request, _("Nothing to do: none of these is flagged and still to be decided about."))
        return None
    if not request.POST.get("confirmed"):
        title = _("Approve") if name == "approve" else _("Reject")
        page: HttpResponse = modeladmin.review_page(request, chosen, title, [name])
        return page
    _decide(request, chosen, choice)
    return None


def _decide(request: HttpRequest, images: list[GeneratedImage], choice: Review) -> None:
    done = sum(review.decide(image, choice == Review.APPROVED, by=request.user) for image in images)
    if done < len(images):
        messages.warning(request, _("Somebody else has decided about it meanwhile."))
    if not done:
        return
    if choice == Review.REJECTED:
        sentence = ngettext(
            "%(count)s picture is rejected: it stays where it is, and is shown nowhere.",
            "%(count)s pictures are rejected: they stay where they are, and are shown nowhere.",
            done,
        )
    else:
        sentence = ngettext(
            "%(count)s picture is approved: it moves to the public storage, and can be used once it is there.",
            "%(count)s pictures are approved: they move to the public storage, and can be used once they are there.",
            done,
        )
    messages.success(request, sentence % {"count": done})
