"""The library as a page of the admin: a gallery, or a table of the same rows, without a number of pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin.options import ShowFacets
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms.widgets import Media
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from .. import collecting, library, paging
from .filters import Filter, WhenFilter
from .long import LongList
from .shown import STATUS_MEDIA

#: How the address names the end of the page before, and how the rows are laid out.
OLDER, NEWER, LAYOUT = "older", "newer", "layout"
#: What a list's address had before, in links that somebody has kept.
LEFT = "before"
#: The layouts; the first is the one that a person sees who has chosen none.
LAYOUTS = {"gallery": gettext_lazy("Gallery"), "table": gettext_lazy("Table")}
GALLERY_STYLES = Media(css={"all": ["seedream_django/handy.css", "seedream_django/gallery.css"]})
#: Where the layout that somebody chose is kept, in their session.
CHOSEN = "seedream_layout"


class GalleryList(ChangeList):
    """Django's list, of which the library finds the rows. Filters that know what is wanted say it to the library."""

    page: library.Page
    _at: dict[str, str]

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """The rows that may be seen, in the time that was chosen: what looks no further than its index goes."""
        # No filters, and in no link to another choice, which begins with the newest.
        at = {name: self.params.pop(name, "") for name in (OLDER, NEWER, LAYOUT, LEFT)}
        self._at = getattr(self, "_at", at)
        for name in at:
            self.filter_params.pop(name, None)
        words, self.query = self.query, ""
        try:
            return super().get_queryset(request, exclude_parameters)
        finally:
            self.query = words

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        return list(paging.ORDER)

    def get_results(self, request: HttpRequest) -> None:
        self.page = library.page(
            collecting.with_favourites(self.queryset, request.user),
            self._wanted(request),
            older=self._at[OLDER],
            newer=self._at[NEWER],
            size=self.list_per_page,
            among=self._among(request),
        )
        # A QuerySet, as forms for a list want it; nothing asks for its rows again.
        self.result_list = self.queryset.all()
        self.result_list._result_cache = self.page.images
        for image in self.page.images:
            # Where its heart leads back to: this page of the list.
            image.__dict__["came_from"] = request.GET.urlencode()
        self.result_count = self.full_result_count = len(self.page.images)
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(self.page.images)
        self.paginator = Paginator(self.page.images, self.list_per_page)

    def _wanted(self, request: HttpRequest) -> list[library.Wanted]:
        user: Any = request.user
        sees_all = user.has_perm("seedream_django.see_others_prompts")
        # The rows are one's own already; said once more, they are found by their index where they are few.
        own = [] if sees_all else [library.ordered_by(user, self.queryset.db)]
        chosen = [spec.wanted() for spec in self.filter_specs if isinstance(spec, Filter)]
        return [*own, *filter(None, chosen), *library.words(self.query, self.queryset.db)]

    def _among(self, request: HttpRequest) -> QuerySet[Any]:
        """All pictures of the time that was chosen: how many of them are looked through hangs on nothing else."""
        rows: QuerySet[Any] = self.model._default_manager.using(self.queryset.db)
        for spec in self.filter_specs:
            rows = spec.queryset(request, rows) if isinstance(spec, WhenFilter) else rows
        return rows

    @property
    def older(self) -> str:
        """Where the older ones are, or blank."""
        return self.get_query_string({OLDER: self.page.older}) if self.page.older else ""

    @property
    def newer(self) -> str:
        """The same of the newer ones."""
        return self.get_query_string({NEWER: self.page.newer}) if self.page.newer else ""

    @property
    def newest(self) -> str:
        """Where what was chosen begins."""
        return self.get_query_string()

    @property
    def layouts(self) -> list[tuple[str, Any, str]]:
        """Each by its name, what it is called, and this same page in it."""
        beside = {name: self._at[name] or None for name in (OLDER, NEWER)}
        return [
            (name, label, self.get_query_string({**beside, LAYOUT: name})) for name, label in LAYOUTS.items()
        ]


class Gallery(LongList):
    """The list of pictures: as a gallery or, for who likes it better, as a table."""

    search_help_text: ClassVar[Any] = gettext_lazy(
        "Words of the prompt, the title, the alternative text or a tag, or a picture's number."
    )
    list_per_page: int = 48
    show_facets = ShowFacets.NEVER
    sortable_by: Any = ()

    @property
    def media(self) -> Media:
        return super().media + GALLERY_STYLES + STATUS_MEDIA

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return GalleryList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if (layout := request.GET.get(LAYOUT)) in LAYOUTS and layout != _layout(request):
            request.session[CHOSEN] = layout
        context = {
            "layout": _layout(request),
            "layout_class": f"seedream-{_layout(request)}",
            "looked_through": library.LOOKED_THROUGH,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """For what is ticked alone: of a search nobody knows all, so that there is no “all of them”."""
        if request.POST.get("select_across", "0") != "0":
            sent: Any = request.POST.copy()
            sent["select_across"] = "0"
            request.POST = sent
        return super().response_action(request, *args, **kwargs)  # type: ignore[misc]

    def _edge(self, request: HttpRequest, changelist: Any) -> None:
        # The library's pages say for themselves what is beside them.
        return None


def _layout(request: HttpRequest) -> str:
    chosen: str = request.session.get(CHOSEN, "")
    return chosen if chosen in LAYOUTS else next(iter(LAYOUTS))
