"""What somebody has to decide about: looking at it, deciding, and finding what waits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
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
from ..models.images import REASON_LENGTH
from ..people import may_review, reviewers, reviewers_of
from ..verdicts import Verdict
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
#: Of so many it is told what somebody else decided.
TOLD = 5
DECISIONS = {"approve": Review.APPROVED, "reject": Review.REJECTED}


@admin.action(description=gettext_lazy("Approve what waits for a decision"), permissions=["approve"])
def approve(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _ask_then_decide(modeladmin, request, queryset, "approve")


@admin.action(description=gettext_lazy("Reject what waits for a decision"), permissions=["approve"])
def reject(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _ask_then_decide(modeladmin, request, queryset, "reject")


class Reviewed:
    """The part of the pictures' admin that deals with candidates and with flagged ones."""

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
        """The picture itself, out of the private storage: a candidate for whoever may see its row, what is flagged for
        somebody who decides about it."""
        image = self._to_look_at(request, object_id)
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
        """One picture, what is flagged still blurred, with what each decision does."""
        image = self._to_decide(request, object_id)
        choice = DECISIONS.get(request.POST.get("decision", ""))
        missing = choice == Review.REJECTED and lacks_reason(request, [image])
        if choice is None or missing:
            title = _("Look at it and decide")
            return self.review_page(request, [image], title, list(DECISIONS), missing=missing)
        decide(request, [image], choice)
        return redirect(
            reverse(f"{self.admin_site.name}:seedream_django_generatedimage_change", args=[image.pk])
        )

    def review_page(
        self,
        request: HttpRequest,
        images: list[Any],
        title: str,
        offered: list[str],
        *,
        missing: bool = False,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **reason_context(images, missing),
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
        """What became of one that somebody has to decide about, and who decides or where."""
        said = [image.why_held_back or Review.APPROVED.label]
        if image.reviewed_at:
            when = date_format(local(image.reviewed_at), "SHORT_DATETIME_FORMAT")
            said.append(_("Decided by %(who)s, %(when)s") % {"who": _name(image.reviewed_by), "when": when})
        elif image.is_held_back:
            said.append(_("It may be used once it is approved. These people decide: %(people)s") % {
                "people": reviewers_of(image.generation, reviewers())
            })  # fmt: skip
        return format_html_join("", "<p>{}</p>", ((words,) for words in said))

    @admin.display(description=gettext_lazy("Review"))
    def reviewed(self, image: GeneratedImage) -> str:
        """The same of a candidate."""
        return str(self.safety(image))

    @admin.display(description=gettext_lazy("Decision"))
    def decide_link(self, image: GeneratedImage) -> str:
        url = reverse(f"{self.admin_site.name}:seedream_django_generatedimage_review", args=[image.pk])
        return format_html('<a href="{}" class="seedream-button">{}</a>', url, _("Look at it and decide"))

    def _to_decide(self, request: HttpRequest, object_id: str) -> GeneratedImage:
        """A picture that this person decides about. Raises PermissionDenied and Http404."""
        if not may_review(request.user):
            raise PermissionDenied
        image: GeneratedImage | None = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if image is None or not image.is_decided_about or not image.is_stored:
            raise Http404
        if not may_review(request.user, image.generation):
            raise PermissionDenied
        return image

    def _to_look_at(self, request: HttpRequest, object_id: str) -> GeneratedImage:
        """One that this person may look at before anybody approved it. Raises PermissionDenied and Http404."""
        image: GeneratedImage | None = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if image is not None and image.is_decided_about and not image.flagged and image.is_stored:
            return image
        if not may_review(request.user):
            raise PermissionDenied
        if image is None or not image.is_decided_about or not image.is_stored:
            raise Http404
        return image


def reason_context(images: list[GeneratedImage], missing: bool) -> dict[str, Any]:
    """What the control for a reason wants: whether it must be given, and was not."""
    return {
        "reasons": review.REASONS,
        "reason_length": REASON_LENGTH,
        "reason_needed": any(review.needs_reason(image) for image in images),
        "reason_missing": missing,
    }


def reason_in(request: HttpRequest) -> str:
    return " ".join(request.POST.get("reason", "").split())


def lacks_reason(request: HttpRequest, images: list[GeneratedImage]) -> bool:
    """Whether these are to be rejected without a word why."""
    return not reason_in(request) and any(review.needs_reason(image) for image in images)


def seen_as(image: GeneratedImage) -> str:
    """The name under which a form says which decision it showed."""
    return f"was-{image.pk}"


def _seen(request: HttpRequest, image: GeneratedImage) -> Review:
    """The decision that was shown: a form that does not say showed one that waits, as the queue does."""
    was_rejected = request.POST.get(seen_as(image)) == Review.REJECTED
    return Review.REJECTED if was_rejected else Review.WAITING


def _decided(keys: list[int]) -> Iterator[str]:
    """What somebody else decided about the first of these, and why."""
    decided = GeneratedImage.objects.filter(pk__in=keys, review__in=(Review.APPROVED, Review.REJECTED))
    for image in decided.select_related("generation").order_by("pk")[:TOLD]:
        verdict = Verdict(image.review, image.reason, [image])
        _level, template, words, _count = verdict.sentence()
        yield (template % {**words, "name": verdict.name}).rstrip()


def _name(user: Any) -> str:
    return str(user.get_full_name() or user) if user else _("the site")


def _ask_then_decide(modeladmin: Any, request: HttpRequest, queryset: Any, name: str) -> HttpResponse | None:
    choice = DECISIONS[name]
    rows = queryset.select_related("generation")
    mine = [image for image in rows if may_review(request.user, image.generation)]
    confirmed = bool(request.POST.get("confirmed"))
    # What somebody else decided about since it was shown is among them: that is told.
    shown = request.POST if confirmed else ()
    chosen = [image for image in mine if review.can_be(image, choice) or seen_as(image) in shown]
    if not chosen:
        messages.warning(request, _("Nothing to do: about none of these you have to decide."))
        return None
    missing = confirmed and choice == Review.REJECTED and lacks_reason(request, chosen)
    if missing or not confirmed:
        title = _("Approve") if name == "approve" else _("Reject")
        page: HttpResponse = modeladmin.review_page(request, chosen, title, [name], missing=missing)
        return page
    decide(request, chosen, choice)
    return None


def decide(request: HttpRequest, images: list[GeneratedImage], choice: Review) -> None:
    """Decide the same about all that are still what was shown, and say on the next page what came of it."""
    approve, why = choice == Review.APPROVED, reason_in(request)
    late = [
        image.pk
        for image in images
        if not review.decide(image, approve, by=request.user, reason=why, seen=_seen(request, image))
    ]
    done = len(images) - len(late)
    if late:
        messages.warning(
            request, " ".join([_("Somebody else has decided about it meanwhile."), *_decided(late)])
        )
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
