"""Orders: a page to place one, a page to watch it, and the list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import actions, library, notices, origins
from ..diagnosis import ago, local, money
from ..live import status_context
from ..models import GeneratedImage, Generation, State, why_not
from . import figures, used
from .line import QueuePages
from .long import BeforeFilter, LongList, PeopleFilter
from .shown import STATUS_MEDIA, pixels, preview
from .storyboard import StoryboardPages
from .studio import StudioPage, is_popup

#: Previews of one generation in the list.
IN_LIST = 4


def _ordered(generation: Generation) -> str:
    if generation.frames == 1:
        return str(generation.expected)
    return _("a sequence of up to %(count)s") % {"count": generation.expected}


#: What became of a lost order, where that is known.
LOST_AND: dict[str, Any] = {
    "written_off": gettext_lazy("lost, written off"),
    "came": gettext_lazy("lost, came late"),
    "free": gettext_lazy("lost, not charged"),
}


def _fate(generation: Any) -> str:
    """What became of a lost order; blank as long as nobody knows or decided, and for what is not lost."""
    if generation.state != State.LOST or generation.hidden or generation.held:
        return ""
    if generation.written_off:
        return "written_off"
    return "came" if generation.received else "free" if generation.failed else ""


class DecisionFilter(admin.SimpleListFilter):
    """The lost orders that money is still set aside for: what the page Money counts, and no other."""

    title = gettext_lazy("decision")
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("lost, to be decided"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(state=State.LOST, held__gt=0) if self.value() == "open" else queryset


class Ordered(ChangeList):
    """Without pictures that were made elsewhere: these were never ordered, and are in the library."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> Any:
        return super().get_queryset(*args, **kwargs).exclude(state=State.IMPORTED)


@admin.register(Generation)
class GenerationAdmin(StudioPage, StoryboardPages, QueuePages, LongList, admin.ModelAdmin):  # type: ignore[type-arg]
    """Orders: a page to place one, a page to watch it, and the list."""

    actions = (actions.try_again, actions.more_like_this, actions.cancel)
    date_hierarchy = None
    list_display_links = ("pictures", "short_prompt")
    list_per_page = 50
    list_select_related = ("user",)
    search_fields = ("prompt",)
    search_help_text = gettext_lazy(
        "Words of the prompt, or an order's number. Words are looked for in the newest 10,000 of what is chosen "
        "beside."
    )
    show_full_result_count = False

    # -- Rights

    def has_generate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("seedream_django.generate")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_generate_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Whoever may order may see what became of it; the queryset leaves out other people's.
        return self.has_generate_permission(request) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # What was ordered stays as it was ordered.
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        previews = GeneratedImage.objects.only(
            "generation_id",
            "preview",
            "state",
            "position",
            "alt",
            "title",
            "width",
            "height",
            "error",
            "flagged",
            "review",
            "reason",
            "private_file",
        )
        rows: Any = super().get_queryset(request)
        visible: QuerySet[Generation] = rows.visible_to(request.user)
        return figures.with_money(visible.prefetch_related(Prefetch("images", queryset=previews)))  # type: ignore[no-any-return]

    # -- The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Ordered

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the number that an order has at the provider, in the ledger and in its address, as well."""
        if number := library.number_of(search_term.strip()):
            return queryset.filter(pk=number), False
        return super().get_search_results(request, queryset, search_term)

    def get_list_filter(self, request: HttpRequest) -> Any:
        if request.user.has_perm("seedream_django.see_others_prompts"):
            return ("state", DecisionFilter, ("user", PeopleFilter), BeforeFilter)
        return ("state", DecisionFilter, BeforeFilter)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns: list[Any] = ["pictures", "short_prompt", "how_it_stands", "user", "ordered"]
        return [*columns, "money"] if request.user.has_perm("seedream_django.see_costs") else columns

    @admin.display(description=gettext_lazy("Pictures"))
    def pictures(self, generation: Generation) -> str:
        if generation.hidden or not (images := generation.shown_images()):
            return "–"
        previews = format_html_join("", "{}", ((preview(image, 64),) for image in images[:IN_LIST]))
        more = format_html("<span>+{}</span>", len(images) - IN_LIST) if len(images) > IN_LIST else ""
        return format_html('<span class="seedream-few">{}{}</span>', previews, more)

    @admin.display(description=gettext_lazy("Prompt"), ordering="prompt")
    def short_prompt(self, generation: Generation) -> SafeString:
        # An Arabic prompt runs its own way in an English list.
        return format_html('<bdi dir="auto">{}</bdi>', generation)

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def how_it_stands(self, generation: Any) -> SafeString:
        tone = "bad" if generation.state in actions.ENDED_BADLY else "good" if generation.is_final else "busy"
        if generation.hidden or (generation.state == State.DONE and generation.is_short):
            tone = "warn"
        words = LOST_AND[fate] if (fate := _fate(generation)) else generation.summary()
        return format_html('<span class="seedream-tag seedream-tag-{}">{}</span>', tone, words)

    @admin.display(description=gettext_lazy("Ordered"), ordering="created_at")
    def ordered(self, generation: Generation) -> SafeString:
        moment = local(generation.created_at)
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            moment.isoformat(),
            date_format(moment, "DATETIME_FORMAT"),
            ago(generation.created_at),
        )

    @admin.display(description=gettext_lazy("Cost"), ordering="cost")
    def money(self, generation: Generation) -> str:
        if generation.cost is not None:
            return money(generation.cost)
        return f"≈ {money(generation.estimate)}" if not generation.is_final or generation.stored else "–"

    # -- Watching one

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        generation = self.get_object(request, object_id)
        if generation is None:
            raise Http404(_("There is no such order, or it is somebody else's."))
        if not self.has_view_permission(request, generation):
            raise PermissionDenied
        notices.tell(request)
        context = {
            **self.admin_site.each_context(request),
            **status_context(request, generation),
            "title": _("Ordered pictures"),
            "opts": self.opts,
            "original": generation,
            "has_view_permission": True,
            "is_popup": is_popup(request),
            "media": self.media + STATUS_MEDIA,
            "facts": self._facts(generation, request),
            "made_from": origins.shown(generation.references.select_related("file"), request.user),
            "storyboard": self.storyboard_link(generation),
            "branches": origins.made_from(generation.images.all(), request.user),
            "has_delete_permission": self.has_delete_permission(request, generation) and generation.is_final,
        }
        return TemplateResponse(request, "admin/seedream_django/generation/status.html", context)

    def _facts(self, generation: Generation, request: HttpRequest) -> list[tuple[Any, Any]]:
        task = generation.parameters
        facts = [
            # What a field or a style added; what moderation made of it is told above.
            (_("As it was sent"), "" if generation.prompt_sent or not generation.added else generation.sent),
            (_("Size"), pixels(generation)),
            (_("Pictures ordered"), _ordered(generation)),
            (_("File format"), task.get("outputFormat", "JPG")),
            (_("Ordered by"), generation.user or _("the site")),
            (_("Ordered"), generation.created_at),
            (_("Finished"), generation.finished_at),
            (_("Number at the provider"), generation.pk),
        ]
        if request.user.has_perm("seedream_django.see_costs"):
            facts.insert(3, (_("Price"), money(generation.estimate)))
        return [(label, value) for label, value in facts if value not in (None, "")]

    # -- Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What is still in work, or lost and undecided, cannot be deleted: it is, or may be, paid for. Neither can one
        whose pictures stand somewhere."""
        objects, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        kept = [f"{row} ({reason})" for row in objs if (reason := why_not(row))]
        images = GeneratedImage.objects.filter(generation__in=[row.pk for row in objs])
        if places := used.places_for(self.admin_site, request, images):
            # Django's own words name what this person perhaps may not see.
            return objects, counts, set(), [*places, *kept]
        return objects, counts, perms_needed, [*protected, *kept]
