"""The live part of pages: how it stands with orders, as fragments that the server renders.

No view here calls the provider: they read rows.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from . import live, tasks
from .entry import for_editors, visible


@require_GET
@for_editors
def of_all(request: HttpRequest) -> HttpResponse:
    """The fragments of all orders that a page asks about, ``?order=`` each; so many queries as for one."""
    tasks.tend()
    told = live.asked_for(request, request.GET.getlist("order"))
    return TemplateResponse(request, "seedream_django/_live.html", {"orders": told})


@require_GET
@for_editors
def status(request: HttpRequest, pk: Any) -> HttpResponse:
    """The fragment of one."""
    tasks.tend()
    context = live.status_context(request, visible(request, pk))
    return TemplateResponse(request, "seedream_django/_status.html", context)
