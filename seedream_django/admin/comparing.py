"""Two pictures beside each other, or one over the other with a slider, and in what they differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Media, Script
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from ..diagnosis import local, money
from ..models import GeneratedImage
from .details import settings_of
from .shown import page, pixels

MEDIA = Media(
    css={"all": ["seedream_django/compare.css"]},
    js=[Script("seedream_django/compare.js", type="module")],  # type: ignore[list-item]
)
#: How the address names each of the two.
PICTURE = "picture"


@admin.action(description=gettext_lazy("Compare two pictures"), permissions=["view"])
def compare(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    """Lead to both, the older one first."""
    chosen = list(queryset.order_by("created_at", "position", "pk").values_list("pk", flat=True))
    if len(chosen) == 2:
        return redirect(modeladmin.compare_page(*chosen))
    sentence = ngettext(
        "Two pictures can be compared. You chose %(count)s.",
        "Two pictures can be compared. You chose %(count)s.",
        len(chosen),
    )
    messages.warning(request, sentence % {"count": len(chosen)})
    return None


class Compared:
    """The part of the pictures' admin that compares two."""

    admin_site: Any
    media: Any

    def get_urls(self) -> list[Any]:
        view, name = self.admin_site.admin_view, "seedream_django_generatedimage"
        return [path("compare/", view(self.compare_view), name=f"{name}_compare"), *super().get_urls()]  # type: ignore[misc]

    def compare_page(self, one: Any, other: Any) -> str:
        page = reverse(f"{self.admin_site.name}:seedream_django_generatedimage_compare")
        return f"{page}?{urlencode([(PICTURE, one), (PICTURE, other)])}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        image = context["original"]
        nearest = _nearest(context["made_from"], context["branches"])
        context["compare_page"] = self.compare_page(nearest, image.pk) if nearest else ""
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc, no-any-return]

    @method_decorator(require_safe)
    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """The two that the address names, if this person may see both."""
        if not self.has_view_or_change_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        wanted = request.GET.getlist(PICTURE)
        if len(set(wanted)) != 2 or not all(each.isdecimal() and len(each) < 19 for each in wanted):
            raise Http404
        rows = self.get_queryset(request).select_related("generation")  # type: ignore[attr-defined]
        rows = rows.prefetch_related("generation__references")
        found = rows.in_bulk(set(map(int, wanted)))
        if len(found) != 2:
            raise Http404(_("There is no such picture, or it is somebody else's."))
        images = [found[int(each)] for each in dict.fromkeys(wanted)]
        costs = request.user.has_perm("seedream_django.see_costs")
        facts = list(_facts(images[0], images[1], costs))
        return page(
            self,
            request,
            "generatedimage/compare.html",
            _("Compare two pictures"),
            ends=_("Compare"),
            media=self.media + MEDIA,
            images=images,
            facts=[row for row in facts if row[1] != row[2]],
            same=", ".join(str(label) for label, one, other in facts if one == other),
        )


def _nearest(made_from: Any, branches: Any) -> Any:
    """What a picture was made from, if this person may see it; else the newest that was made from it; or None."""
    for each in made_from:
        if each.page:
            return each.row.image_id
    for branch in branches:
        for image in branch.order.shown_images():
            return image.pk
    return None


def _facts(one: GeneratedImage, other: GeneratedImage, costs: bool) -> Iterator[tuple[Any, str, str]]:
    """What is told of both, each by its name; what neither has is left out."""
    told, beside = dict(_told(one, costs)), dict(_told(other, costs))
    for label in dict.fromkeys([*told, *beside]):
        yield label, told.get(label, "–"), beside.get(label, "–")


def _told(image: GeneratedImage, costs: bool) -> Iterator[tuple[str, str]]:
    order = image.generation
    redacted = order.redacted_at is not None
    yield _("Prompt"), str(order) if redacted else order.prompt
    if order.sent != order.prompt and not redacted:
        yield _("As it was sent"), order.sent
    if rows := order.references.all():
        yield _("Made from"), "\n".join(str(row) or _("(redacted)") for row in rows)
    yield _("Size"), pixels(image)
    yield from ((str(label), str(value)) for label, value in settings_of(order))
    # Also where the order left it to the provider.
    yield _("File format"), image.format or "–"
    yield _("Seed"), str(image.seed or "–")
    if costs:
        yield _("Cost"), "–" if image.cost is None else money(image.cost)
    yield _("Made on"), date_format(local(image.created_at), "SHORT_DATETIME_FORMAT")
