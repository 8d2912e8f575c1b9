from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from .forms import TeaserForm
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
    # One whose picture is still being made is not shown yet.
    photos = shown.photos.exclude(image="").with_origin()
    more = _published().exclude(pk=shown.pk)[:3]
    return _page(request, "article", article=shown, photos=photos, more=more)


@login_required
@permission_required("magazine.change_article", raise_exception=True)
def teaser(request: HttpRequest, slug: str) -> HttpResponse:
    """A form outside the admin, with the same “Generate” beside its field."""
    changed = get_object_or_404(Article, slug=slug)
    form = TeaserForm(request.POST or None, request.FILES or None, instance=changed, user=request.user)
    if form.is_valid():
        form.save()
        return redirect(changed)
    return _page(request, "teaser", article=changed, form=form)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "not_found", status=404, more=_published()[:3])


def _published() -> ArticleQuerySet:
    return Article.objects.published().for_pages()


def _page(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    context = {"topics": Topic.objects.all(), **context}
    return render(request, f"magazine/{name}.html", context, status=status)
