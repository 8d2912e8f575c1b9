"""The templates that come with the app: shown with a sandbox picture each, used, or kept as one's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from .. import examples
from ..models import PromptTemplate
from .sayings import may
from .shown import page, with_gaps


def may_look(user: Any) -> bool:
    """Whoever orders, and whoever writes or sees templates."""
    return bool(
        user.has_perm("seedream_django.generate")
        or may(user, "view", "add", "change", kinds=("prompttemplate",))
    )


class ExamplePages:
    """The pages of examples, below the list of templates."""

    admin_site: Any

    def get_urls(self) -> list[Any]:
        view, name = self.admin_site.admin_view, "seedream_django_prompttemplate"
        return [
            path("examples/", view(self.examples_view), name=f"{name}_examples"),
            path("examples/<slug:key>/keep/", view(self.keep_view), name=f"{name}_keep"),
            # The view says for itself that it may be kept.
            path(
                "examples/<slug:key>/picture/",
                view(self.picture_view, cacheable=True),
                name=f"{name}_picture",
            ),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def _address(self, name: str, *args: Any) -> str:
        return reverse(f"{self.admin_site.name}:seedream_django_{name}", args=args)

    @method_decorator(require_safe)
    def examples_view(self, request: HttpRequest) -> HttpResponse:
        if not may_look(request.user):
            raise PermissionDenied
        names = [example.name for example in examples.everyone()]
        kept = set(PromptTemplate.objects.filter(name__in=names).values_list("name", flat=True))
        return page(
            self,
            request,
            "prompttemplate/examples.html",
            _("Examples"),
            may_view=may(request.user, "view", "change", kinds=("prompttemplate",)),
            may_use=request.user.has_perm("seedream_django.generate"),
            may_keep=may(request.user, "add", kinds=("prompttemplate",)),
            shown=[self._shown(example, example.name in kept) for example in examples.everyone()],
        )

    def _shown(self, example: examples.Example, is_kept: bool) -> dict[str, Any]:
        width, height = example.size
        return {
            "example": example,
            "text": with_gaps(example.said["text"]),
            "width": width,
            "height": height,
            "src": f"{self._address('prompttemplate_picture', example.slug)}?v={example.digest}",
            "use": f"{self._address('generation_add')}?template={example.key}",
            "keep": self._address("prompttemplate_keep", example.slug),
            "is_kept": is_kept,
        }

    @method_decorator(require_safe)
    def picture_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """One picture, painted if it must be: one a request, and none for who has it already."""
        if not may_look(request.user):
            raise PermissionDenied
        example = _example(key)
        etag = f'"{example.digest}"'
        answer = get_conditional_response(request, etag=etag)
        if not isinstance(answer, HttpResponseNotModified):
            answer = HttpResponse(examples.picture(example), content_type="image/webp")
        answer["ETag"], answer["Cache-Control"] = etag, f"private, max-age={examples.KEPT}"
        return answer

    @method_decorator(require_POST)
    def keep_view(self, request: HttpRequest, key: str) -> HttpResponse:
        if not may(request.user, "add", kinds=("prompttemplate",)):
            raise PermissionDenied
        example = _example(key)
        if examples.keep(example, user=request.user):
            messages.success(request, _("“%(name)s” is a template of yours now.") % {"name": example.name})
        else:
            messages.info(request, _("There is a template “%(name)s” already.") % {"name": example.name})
        return redirect(f"{self._address('prompttemplate_examples')}#{example.slug}")


def _example(key: str) -> examples.Example:
    example = examples.named(key)
    if example is None:
        raise Http404(_("There is no such example."))
    return example
