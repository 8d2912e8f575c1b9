from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from .models import Article, ArticleQuerySet, Topic

#: The places of the front page; magazine.css says the shape of each.
PLACES = 13


def front(request: HttpRequest) -> HttpResponse:
    return _page(request, "front", articles=_published()[:PLACES])


def topic(request: HttpRequest, slug: str) -> HttpResponse:
    chosen = get_object_or_404(Topic.objects.select_related("picture"), slug=slug)
    return _page(request, "topic", topic=chosen, articles=_published().filter(topic=chosen))


def article(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(_published().select_related("inset"), slug=slug)
    return _page(request, "article", article=shown, more=_published().exclude(pk=shown.pk)[:3])


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "not_found", status=404, more=_published()[:3])


def _published() -> ArticleQuerySet:
    return Article.objects.published().for_pages()


def _page(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    context = {"topics": Topic.objects.all(), **context}
    return render(request, f"magazine/{name}.html", context, status=status)
