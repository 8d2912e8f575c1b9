"""A sequence as a strip: its frames in order, one of them made anew, an earlier one put back, all of it as a file."""

from __future__ import annotations

import logging
import tempfile
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Media
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import bundles, conf, describing, storyboards, tasks
from ..exceptions import NotAllowed
from ..frame_forms import FrameForm
from ..models import GeneratedImage, Generation, Replacement, Switch
from ..offers import is_key
from .shown import STATUS_MEDIA, preview
from .storyboard_page import SMALL, WAITS, Panel, form_for, may_describe, panels_of, waiting_of

logger = logging.getLogger(__name__)

NAME = "seedream_django_generation"
TEMPLATES = "admin/seedream_django/generation"
MEDIA = Media(css={"all": ["seedream_django/storyboard.css"]})
#: What the live part of the page is asked for beside the numbers of frames: what is told of the file.
ZIP = "zip"


class StoryboardPages:
    """The strip and its doors, for the admin of orders."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/storyboard/", wrap(self.storyboard_view), name=f"{NAME}_storyboard"),
            path("<uuid:pk>/storyboard/state/", wrap(self.strip_state_view), name=f"{NAME}_storyboard_state"),
            path("<uuid:pk>/storyboard.zip", wrap(self.zip_view), name=f"{NAME}_storyboard_zip"),
            path("<uuid:pk>/storyboard/<int:number>/", wrap(self.frame_view), name=f"{NAME}_frame"),
            path("<uuid:pk>/storyboard/<int:number>/put/", wrap(self.put_view), name=f"{NAME}_frame_put"),
            path(
                "<uuid:pk>/storyboard/<int:number>/caption/",
                wrap(self.caption_view),
                name=f"{NAME}_frame_caption",
            ),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def storyboard_link(self, generation: Generation) -> str:
        """The strip of a sequence, or of the one for a frame of which this was ordered; else blank."""
        if storyboards.is_sequence(generation):
            return self._strip(generation.pk) if generation.received and not generation.hidden else ""
        found = Replacement.objects.filter(pk=generation.pk).values_list("frame__sequence", "frame__number")
        return "".join(self._strip(pk, number) for pk, number in found)

    # -- Looking

    @method_decorator(require_safe)
    def storyboard_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The frames in order."""
        return self._strip_page(request, self._sequence(request, pk))

    @method_decorator(require_safe)
    def strip_state_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The parts of the page that change: the frames that are asked for, and what is told of the file."""
        generation = self._sequence(request, pk)
        tasks.tend()
        asked = request.GET.getlist("order")
        panels = panels_of(storyboards.frames(generation, user=request.user), request.user)
        context = {
            **self._strip_context(request, generation, panels),
            "asked": [panel for panel in panels if str(panel.shot.number) in asked],
            "zip": ZIP in asked,
        }
        return TemplateResponse(request, f"{TEMPLATES}/storyboard_state.html", context)

    @method_decorator(require_safe)
    def zip_view(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """All that this person may see, in order, with captions."""
        generation = self._sequence(request, pk)
        # On disk: an answer that breaks off would be half a file.
        out = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 – the response closes it
        try:
            count = bundles.write(out, generation, user=request.user)
        except OSError as error:
            out.close()
            logger.warning("A storyboard could not be written (%s).", error)
            messages.error(request, _("These pictures cannot be fetched at the moment. Try again later."))
            return redirect(self._strip(generation.pk))
        if not count:
            out.close()
            messages.warning(request, _("There is no picture to be taken along."))
            return redirect(self._strip(generation.pk))
        out.seek(0)
        return FileResponse(
            out,
            as_attachment=True,
            filename=bundles.file_name(generation),
            content_type="application/zip",
            headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"},
        )

    # -- Changing

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def frame_view(self, request: HttpRequest, pk: Any, number: int) -> HttpResponse:
        """One frame: what shall be other, what it is made from, what it costs."""
        generation = self._sequence(request, pk)
        if not request.user.has_perm("seedream_django.generate"):
            raise PermissionDenied
        shots = storyboards.frames(generation, user=request.user)
        # Who writes while somebody else puts a picture there keeps the words.
        if not 0 < number <= len(shots) or (shots[number - 1].is_hidden and request.method != "POST"):
            raise Http404
        form = FrameForm(
            request.POST or None, user=request.user, generation=generation, shots=shots, number=number
        )
        wanted = form.is_valid() and not form.asks
        if wanted and form.replace() is not None:
            messages.success(request, _ordered() % {"number": number})
            return redirect(self._strip(generation.pk, number))
        context = {
            **self._frame_context(request, generation, _("Replace frame %(number)s") % {"number": number}),
            "form": form,
            "errors": form.errors,
            "media": self.media + MEDIA + form.media,  # type: ignore[attr-defined]
            "number": number,
            "sources": _sources(form, number),
            "is_reviewed": bool(conf.REVIEW),
            "waits": WAITS,
            "waiting": waiting_of(shots[number - 1], request.user),
            "switch": Switch.current(),
            "strip": self._strip(generation.pk, number),
        }
        return TemplateResponse(request, f"{TEMPLATES}/frame.html", context)

    @method_decorator(require_POST)
    def put_view(self, request: HttpRequest, pk: Any, number: int) -> HttpResponse:
        """An earlier picture, or an offer, into the frame."""
        generation = self._sequence(request, pk)
        key = request.POST.get("image", "")
        image = GeneratedImage.objects.filter(pk=key).first() if is_key(key) else None
        if image is None:
            raise Http404
        try:
            storyboards.put(generation, number, image, user=request.user)
        except NotAllowed:
            raise PermissionDenied from None
        except ValueError:
            # Perhaps somebody else's: nobody is told that there is one.
            raise Http404 from None
        return redirect(self._strip(generation.pk, number))

    @method_decorator(require_POST)
    def caption_view(self, request: HttpRequest, pk: Any, number: int) -> HttpResponse:
        """What is said of the picture in a frame, or of one that stood there when it was written."""
        generation = self._sequence(request, pk)
        if not may_describe(request.user):
            raise PermissionDenied
        shot = storyboards.frame(generation, number, user=request.user)
        own = [*filter(None, [shot.image]), *shot.earlier, *shot.offers] if shot else []
        image = next((each for each in own if str(each.pk) == request.POST.get("image")), None)
        if shot is None or image is None:
            raise Http404
        if image != shot.image:
            messages.warning(request, _("Another picture was chosen meanwhile."))
        form = form_for(image, number, request.POST)
        if not form.is_valid():
            return self._strip_page(request, generation, form, number)
        try:
            describing.describe(image, user=request.user, **form.cleaned_data)
        except NotAllowed as error:
            messages.error(request, str(error))
            return self._strip_page(request, generation, form, number)
        return redirect(self._strip(generation.pk, number))

    # -- Pages

    def _strip_page(
        self, request: HttpRequest, generation: Generation, form: Any = None, number: int = 0
    ) -> HttpResponse:
        user: Any = request.user
        shots = storyboards.frames(generation, user=user)
        if any(shot.tries or shot.coming for shot in shots):
            # Where nothing runs by itself, whoever looks does the work.
            tasks.tend()
            shots = storyboards.frames(generation, user=user)
        context = {
            **self._frame_context(request, generation, _("Storyboard")),
            **self._strip_context(request, generation, panels_of(shots, user, form, number)),
            "media": self.media + MEDIA + STATUS_MEDIA,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, f"{TEMPLATES}/storyboard.html", context)

    def _strip_context(
        self, request: HttpRequest, generation: Generation, panels: list[Panel]
    ) -> dict[str, Any]:
        """What the whole page and its live part have in common."""
        user: Any = request.user
        return {
            "opts": self.opts,
            "generation": generation,
            "panels": panels,
            "waits": WAITS,
            "next": max((panel.next for panel in panels), default=0),
            "may_generate": user.has_perm("seedream_django.generate"),
            "is_usable": any(panel.shot.is_shown for panel in panels),
            "not_in_zip": [panel.not_in_zip for panel in panels if panel.not_in_zip],
        }

    def _frame_context(self, request: HttpRequest, generation: Generation, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": generation,
            "generation": generation,
            "has_view_permission": True,
        }

    def _sequence(self, request: HttpRequest, pk: Any) -> Generation:
        """A sequence that this person may see. Raises PermissionDenied and Http404."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        rows = Generation.objects.visible_to(request.user).filter(pk=pk, hidden=False)
        generation = rows.select_related("user").first()
        if generation is None or not storyboards.is_sequence(generation):
            raise Http404(_("There is no such order, or it is somebody else's."))
        return generation

    def _strip(self, pk: Any, number: int = 0) -> str:
        page = reverse(f"{self.admin_site.name}:{NAME}_storyboard", args=[pk])
        return f"{page}#frame-{number}" if number else page


def _ordered() -> str:
    if conf.REVIEW:
        return _("Ordered. The new picture takes the place of frame %(number)s once it is approved.")
    return _("Ordered. The new picture takes the place of frame %(number)s once it is there.")


def _sources(form: FrameForm, number: int) -> list[tuple[str, Any]]:
    """What it is made from, with words for each."""
    around = form.around
    told = [
        (_("Frame %(number)s, before it") % {"number": number - 1}, around.before),
        (_("Frame %(number)s, after it") % {"number": number + 1}, around.after),
        (_("Frame %(number)s, as it is now") % {"number": number}, around.present),
    ]
    return [(words, preview(image, SMALL)) for words, image in told if image is not None]
