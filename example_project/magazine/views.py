from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from .models import Article, ArticleQuerySet, Topic


def front(request: HttpRequest) -> HttpResponse:
    articles = list(_published()[:9])
    return _page(request, "front", lead=articles[0] if articles else None, articles=articles[1:])


def topic(request: HttpRequest, slug: str) -> HttpResponse:
    chosen = get_object_or_404(Topic, slug=slug)
    return _page(request, "topic", topic=chosen, articles=_published().filter(topic=chosen))


def article(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(_published(), slug=slug)
    return _page(request, "article", article=shown, more=_published().exclude(pk=shown.pk)[:3])


def _published() -> ArticleQuerySet:
    return Article.objects.published().for_pages()


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    return render(request, f"magazine/{name}.html", {"topics": Topic.objects.all(), **context})
