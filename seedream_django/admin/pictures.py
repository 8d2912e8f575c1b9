"""Finished pictures: look, name, describe, delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import actions, describing, library, origins
from ..models import GeneratedImage, ImageState, Review
from ..people import may_review
from ..troubles import told
from . import used
from .comparing import Compared, compare
from .details import Details
from .filters import (
    CostFilter,
    FavouriteFilter,
    PersonFilter,
    ReviewFilter,
    ShapeFilter,
    StateFilter,
    TagFilter,
    UsedFilter,
    WhenFilter,
    WordsFilter,
)
from .gallery import Gallery
from .handy import Handy
from .importing import Importing
from .review_queue import ReviewQueue
from .reviews import Reviewed, approve, reject
from .shown import pixels, preview
from .tagging import tag_chosen
from .words import WORDS, DescribeForm, to_point_at


def has_unsaved(images: Iterable[GeneratedImage]) -> bool:
    """Whether a picture is paid for and not yet in the storage: its row is all that is left of it."""
    return any(image.state == ImageState.RECEIVED for image in images)


#: Filters of what not everybody may see, by the right to see it.
FOR_SOME = {"see_others_prompts": PersonFilter, "see_costs": CostFilter}


@admin.register(GeneratedImage)
class GeneratedImageAdmin(
    Handy,
    Compared,
    Importing,
    Details,
    ReviewQueue,
    Reviewed,
    Gallery,
    admin.ModelAdmin,  # type: ignore[type-arg]
):
    """Finished pictures: look, name, describe, delete."""

    actions = (compare, tag_chosen, actions.fetch_again, approve, reject)
    form = DescribeForm
    fields = (
        "large",
        ("focal_x", "focal_y"),
        "title",
        "alt",
        "decorative",
        "tagged",
        "file_link",
        "facts",
        "ordered_with",
    )
    list_display = ("small", "named", "dimensions", "who", "created_at", "heart")
    list_display_links = ("small", "named")
    list_filter = (
        FavouriteFilter,
        TagFilter,
        PersonFilter,
        WhenFilter,
        ShapeFilter,
        UsedFilter,
        StateFilter,
        ReviewFilter,
        WordsFilter,
        CostFilter,
    )
    list_select_related = ("generation__user",)
    readonly_fields = (
        "large",
        "safety",
        "reviewed",
        "decide_link",
        "file_link",
        "facts",
        "written",
        "sent",
        "settings",
        "billed",
        "brought",
        "ordered_with",
    )
    search_fields = ("title", "alt")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        large, *others, ordered_with = self.fields
        if obj is None:
            return self.fields
        others += self.details_of(obj, request.user)
        # What was made elsewhere has no order.
        others += [] if obj.generation.is_imported else [ordered_with]
        if not obj.is_decided_about:
            return [large, *others]
        decides = may_review(request.user, obj.generation) and obj.decision != Review.APPROVED
        said = "safety" if obj.flagged else "reviewed"
        return [large, said, *(["decide_link"] if decides else []), *others]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Who ordered, what is hidden and what it cost are for those who may see that."""
        user: Any = request.user
        without = {each for right, each in FOR_SOME.items() if not user.has_perm(f"seedream_django.{right}")}
        return [each for each in super().get_list_filter(request) if each not in without]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.save(update_fields=[name for name in WORDS if name in form.fields])
        # A list that a site makes editable has forms of its own.
        if unread := getattr(form, "unread", ()):
            sentence = _(
                "You changed something else, so what is only proposed was not kept (%(fields)s). To keep it, save "
                "the picture once more without another change."
            )
            messages.warning(request, sentence % {"fields": ", ".join(unread)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[GeneratedImage]:
        rows = super().get_queryset(request)
        user: Any = request.user
        if user.has_perm("seedream_django.see_others_prompts"):
            return rows
        # Not “user = …”, for which SQLite would gather and sort all of theirs: the library asks the index itself.
        return rows.filter(library.ordered_by(user).fits, generation__hidden=False)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what it was made from, what was made from it, and where it can be changed by words."""
        user: Any = request.user
        obj = context["original"]
        order = f"{self.admin_site.name}:seedream_django_generation_add"
        may_edit = user.has_perm("seedream_django.generate") and origins.may_use(obj, user)
        context |= {
            "made_from": origins.shown(obj.generation.references.select_related("file"), user, origins.DEPTH),
            "branches": origins.made_from([obj], user, origins.DEPTH),
            "used_in": used.places_for(self.admin_site, request, [obj]),
            "copied_to": used.copies_for(self.admin_site, request, obj),
            "edit_page": f"{reverse(order)}?edit={obj.pk}" if may_edit else "",
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A picture that is paid for and not yet saved cannot be deleted, nor one of a running order, nor one that
        stands somewhere: then with the places, and not with what would go with it."""
        objects, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        reason = _("its order is still in work")
        working = [image for image in objs if has_unsaved([image]) or not image.generation.is_final]
        kept = [f"{image} ({reason})" for image in working]
        if places := used.places_for(self.admin_site, request, objs):
            # Django's own words name what this person perhaps may not see.
            return objects, counts, set(), [*places, *kept]
        return objects, counts, perms_needed, [*protected, *kept]

    @admin.display(description=gettext_lazy("Picture"))
    def small(self, image: GeneratedImage) -> str:
        return preview(image, 96)

    @admin.display(description=gettext_lazy("Picture"))
    def large(self, image: GeneratedImage) -> str:
        if not image.is_held_back:
            return to_point_at(image)
        if not image.is_blurred:
            told = _("It cannot be chosen, and is not shown on the site's pages.")
            where = reverse(f"{self.admin_site.name}:seedream_django_generatedimage_look", args=[image.pk])
            look = format_html('<a href="{}">{}</a>', where, _("Open the original"))
            words = '{}<p class="seedream-told">{}. {} {}</p>'
            return format_html(words, to_point_at(image), image.why_held_back.rstrip("."), told, look)
        told = _("It is blurred, cannot be chosen, and is not shown on the site's pages.")
        return format_html(
            '{}<p class="seedream-told">{}. {}</p>', preview(image, 480), image.why_held_back, told
        )

    @admin.display(description=gettext_lazy("Title"), ordering="title")
    def named(self, image: GeneratedImage) -> SafeString:
        why = image.why_held_back
        told = format_html('<span class="seedream-told">{}</span>', why) if why else ""
        if image.is_stored and not why and not describing.is_described(image):
            told = format_html(
                '<span class="seedream-hint seedream-missing">{}</span>', _("no alternative text yet")
            )
        return format_html('<bdi dir="auto">{}</bdi> {}', image, told)

    @admin.display(description=gettext_lazy("Size"))
    def dimensions(self, image: GeneratedImage) -> str:
        return format_html("{} {}", pixels(image), image.format) if image.width else "–"

    @admin.display(description=gettext_lazy("Who"), ordering="generation__user")
    def who(self, image: GeneratedImage) -> str:
        return str(image.generation.user or "–")

    @admin.display(description=gettext_lazy("File"))
    def file_link(self, image: GeneratedImage) -> str:
        if not (image.file or image.private_file):
            return told(image.error) or "–"
        # The file of one that is held back is nobody's to stumble on.
        if image.is_held_back or not (url := image.file_url):
            return " ".join(filter(None, (image.file.name or _("in the private storage"), told(image.error))))
        return format_html('<a href="{}">{}</a>', url, image.file.name)

    @admin.display(description=gettext_lazy("About it"))
    def facts(self, image: GeneratedImage) -> str:
        seed = _("seed %(seed)s") % {"seed": image.seed or "–"}
        size = filesizeformat(image.size)
        return format_html("{} · {} · {} · {}", pixels(image), image.format, size, seed)
