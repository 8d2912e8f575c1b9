"""The editor's side in Django admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.forms.widgets import Media, Script
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import actions
from .diagnosis import ago, local, money
from .fields import GeneratedImageField
from .forms import OrderForm
from .models import GeneratedImage, Generation, ImageState, State, Switch, why_not
from .troubles import told
from .views import status_context

#: Previews of one generation in the list.
IN_LIST = 4

#: What is told of a blurred picture.
FLAGGED = gettext_lazy("Flagged by the provider's safety check")

#: The files of the live status element.
STATUS_MEDIA = Media(js=[Script("seedream_django/status.js", type="module")])  # type: ignore[list-item]

#: What a ``picture()`` on anybody's page looks like.
PREVIEW_STYLES = Media(css={"all": ["seedream_django/colours.css", "seedream_django/preview.css"]})

#: What our own pages look like, which also changes parts of the admin's.
STYLES = PREVIEW_STYLES + Media(css={"all": ["seedream_django/status.css", "seedream_django/pages.css"]})


class _Styled:
    @property
    def media(self) -> Media:
        inherited: Media = super().media  # type: ignore[misc]
        return inherited + STYLES


class _List(_Styled):
    """A list under its plain name, which says what to do when there is nothing in it."""

    opts: Any

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "may_generate": request.user.has_perm("seedream_django.generate"),
            **(extra_context or {}),
        }
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response


class SeedreamAdminMixin:
    """For a ModelAdmin or inline with a GeneratedImageField: offers each person their own pictures.

    Brings the styles of ``picture()`` with it, for a list that shows one.
    """

    @property
    def media(self) -> Media:
        inherited: Media = super().media  # type: ignore[misc]
        return inherited + PREVIEW_STYLES

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if not isinstance(db_field, GeneratedImageField):
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        # Not through formfield_for_foreignkey: its “add another” links would lead away from the form.
        formfield = db_field.formfield(**kwargs)
        formfield.for_user(request.user)
        return formfield


def picture(image: GeneratedImage, size: int = 96) -> SafeString | str:
    """The preview as an ``<img>`` of at most ``size`` CSS pixels; words for one that is flagged."""
    if image.flagged:
        return format_html('<span class="seedream-told">{}</span>', FLAGGED)
    return _preview(image, size)


def _preview(image: GeneratedImage, size: int) -> SafeString | str:
    """The same for our own pages, whose styles blur what is flagged."""
    if not (src := image.preview_url):
        return "–"
    scale = size / max(image.width, image.height, 1)
    return format_html(
        '<span class="seedream-preview{}"><img src="{}" alt="{}" width="{}" height="{}" loading="lazy"></span>',
        " seedream-flagged" if image.flagged else "",
        src,
        FLAGGED if image.flagged else image.alt or image.title,
        round(image.width * scale),
        round(image.height * scale),
    )


def _is_popup(request: HttpRequest) -> bool:
    """Whether the page is a window of its own, without the admin's frame; an order's form keeps its address."""
    return IS_POPUP_VAR in request.GET


def _has_unsaved(images: Iterable[GeneratedImage]) -> bool:
    """Whether a picture is paid for and not yet in the storage: its row is all that is left of it."""
    return any(image.state == ImageState.RECEIVED for image in images)


@admin.register(Generation)
class GenerationAdmin(_List, admin.ModelAdmin):  # type: ignore[type-arg]
    """Orders: a page to place one, a page to watch it, and the list."""

    actions = (actions.try_again, actions.more_like_this, actions.cancel)
    date_hierarchy = None
    list_display_links = ("pictures", "short_prompt")
    list_per_page = 50
    list_select_related = ("user",)
    search_fields = ("prompt",)
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
        )
        rows: Any = super().get_queryset(request)
        visible: QuerySet[Generation] = rows.visible_to(request.user)
        return visible.prefetch_related(Prefetch("images", queryset=previews))

    # -- The list

    def get_list_filter(self, request: HttpRequest) -> Any:
        if request.user.has_perm("seedream_django.see_others_prompts"):
            return ("state", ("user", admin.RelatedOnlyFieldListFilter))
        return ("state",)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns: list[Any] = ["pictures", "short_prompt", "how_it_stands", "user", "ordered"]
        return [*columns, "money"] if request.user.has_perm("seedream_django.see_costs") else columns

    @admin.display(description=gettext_lazy("Pictures"))
    def pictures(self, generation: Generation) -> str:
        if generation.hidden or not (images := generation.shown_images()):
            return "–"
        previews = format_html_join("", "{}", ((_preview(image, 64),) for image in images[:IN_LIST]))
        more = format_html("<span>+{}</span>", len(images) - IN_LIST) if len(images) > IN_LIST else ""
        return format_html('<span class="seedream-few">{}{}</span>', previews, more)

    @admin.display(description=gettext_lazy("Prompt"), ordering="prompt")
    def short_prompt(self, generation: Generation) -> SafeString:
        # An Arabic prompt runs its own way in an English list.
        return format_html('<bdi dir="auto">{}</bdi>', generation)

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def how_it_stands(self, generation: Generation) -> SafeString:
        tone = "bad" if generation.state in actions.ENDED_BADLY else "good" if generation.is_final else "busy"
        if generation.hidden or (generation.state == State.DONE and generation.stored < generation.expected):
            tone = "warn"
        return format_html('<span class="seedream-tag seedream-tag-{}">{}</span>', tone, generation.summary())

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

    # -- Placing one: outside the transaction that the admin opens around its own add page.

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = OrderForm(request.POST or None, user=request.user, initial=self._initial(request))
        generation = form.place(door="admin") if form.is_valid() else None
        if generation is not None:
            self.log_addition(request, generation, [{"added": {}}])
            page = reverse(f"{self.admin_site.name}:seedream_django_generation_change", args=[generation.pk])
            return redirect(f"{page}?{IS_POPUP_VAR}=1" if _is_popup(request) else page)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Generate pictures"),
            "opts": self.opts,
            "form": form,
            "errors": form.errors,
            "add": True,
            "has_view_permission": self.has_view_permission(request),
            "media": self.media + form.media,
            "switch": Switch.current(),
            "is_popup": _is_popup(request),
        }
        return TemplateResponse(request, "admin/seedream_django/generation/order.html", context)

    def _initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the prompt and the parameters of ``?from=``, if this person may see that one."""
        old = self.get_object(request, request.GET.get("from", ""))
        return OrderForm.initial_from(old) if old else {}

    # -- Watching one

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        generation = self.get_object(request, object_id)
        if generation is None:
            raise Http404(_("There is no such order, or it is somebody else's."))
        if not self.has_view_permission(request, generation):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **status_context(request, generation),
            "title": _("Ordered pictures"),
            "opts": self.opts,
            "original": generation,
            "has_view_permission": True,
            "is_popup": _is_popup(request),
            "media": self.media + STATUS_MEDIA,
            "facts": self._facts(generation, request),
            "has_delete_permission": self.has_delete_permission(request, generation) and generation.is_final,
        }
        return TemplateResponse(request, "admin/seedream_django/generation/status.html", context)

    def _facts(self, generation: Generation, request: HttpRequest) -> list[tuple[Any, Any]]:
        task = generation.parameters
        facts = [
            (_("Size"), f"{generation.width} × {generation.height}"),
            (_("Pictures ordered"), generation.expected),
            (_("File format"), task.get("outputFormat", "JPG")),
            (_("Ordered by"), generation.user or _("the site")),
            (_("Ordered"), generation.created_at),
            (_("Finished"), generation.finished_at),
            (_("Number at the provider"), generation.pk),
        ]
        if request.user.has_perm("seedream_django.see_costs"):
            facts.insert(2, (_("Price"), money(generation.estimate)))
        return [(label, value) for label, value in facts if value not in (None, "")]

    # -- Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What is still in work, or lost and undecided, cannot be deleted: it is, or may be, paid for."""
        objects, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        kept = [f"{row} ({reason})" for row in objs if (reason := why_not(row))]
        return objects, counts, perms_needed, [*protected, *kept]


@admin.register(GeneratedImage)
class GeneratedImageAdmin(_List, admin.ModelAdmin):  # type: ignore[type-arg]
    """Finished pictures: look, name, describe, delete."""

    actions = (actions.fetch_again,)
    fields = ("large", "title", "alt", "file_link", "facts", "made_from")
    list_display = ("small", "named", "dimensions", "who", "created_at")
    list_display_links = ("small", "named")
    list_per_page = 50
    list_select_related = ("generation__user",)
    readonly_fields = ("large", "file_link", "facts", "made_from")
    search_fields = ("title", "alt")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[GeneratedImage]:
        rows = super().get_queryset(request)
        user: Any = request.user
        if user.has_perm("seedream_django.see_others_prompts"):
            return rows
        return rows.filter(generation__user=user, generation__hidden=False)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A picture that is paid for and not yet saved cannot be deleted, nor one of a running generation."""
        objects, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        reason = _("its order is still in work")
        working = [image for image in objs if _has_unsaved([image]) or not image.generation.is_final]
        return objects, counts, perms_needed, [*protected, *(f"{image} ({reason})" for image in working)]

    @admin.display(description=gettext_lazy("Picture"))
    def small(self, image: GeneratedImage) -> str:
        return _preview(image, 96)

    @admin.display(description=gettext_lazy("Picture"))
    def large(self, image: GeneratedImage) -> str:
        if not image.flagged:
            return _preview(image, 480)
        told = _("It is blurred, cannot be chosen, and is not shown on the site's pages.")
        return format_html('{}<p class="seedream-told">{}. {}</p>', _preview(image, 480), FLAGGED, told)

    @admin.display(description=gettext_lazy("Title"), ordering="title")
    def named(self, image: GeneratedImage) -> SafeString:
        told = format_html('<span class="seedream-told">{}</span>', FLAGGED) if image.flagged else ""
        return format_html('<bdi dir="auto">{}</bdi>{}', image, told)

    @admin.display(description=gettext_lazy("Size"))
    def dimensions(self, image: GeneratedImage) -> str:
        return f"{image.width} × {image.height} {image.format}" if image.width else "–"

    @admin.display(description=gettext_lazy("Who"), ordering="generation__user")
    def who(self, image: GeneratedImage) -> str:
        return str(image.generation.user or "–")

    @admin.display(description=gettext_lazy("File"))
    def file_link(self, image: GeneratedImage) -> str:
        if not image.file:
            return told(image.error) or "–"
        # The file of a flagged one is nobody's to stumble on.
        if image.flagged or not (url := image.file_url):
            return str(image.file.name)
        return format_html('<a href="{}">{}</a>', url, image.file.name)

    @admin.display(description=gettext_lazy("About it"))
    def facts(self, image: GeneratedImage) -> str:
        seed = _("seed %(seed)s") % {"seed": image.seed or "–"}
        return f"{image.width} × {image.height} · {image.format} · {filesizeformat(image.size)} · {seed}"

    @admin.display(description=gettext_lazy("Made from"))
    def made_from(self, image: GeneratedImage) -> str:
        url = reverse(f"{self.admin_site.name}:seedream_django_generation_change", args=[image.generation_id])
        return format_html('<a href="{}">{}</a>', url, image.generation)


@admin.register(Switch)
class SwitchAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The owner's off switch: one row, no list."""

    fields = ("on", "reason", "changed_by", "changed_at")
    readonly_fields = ("changed_by", "changed_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        switch, _created = Switch.objects.get_or_create(pk=1)
        return redirect(reverse(f"{self.admin_site.name}:seedream_django_switch_change", args=[switch.pk]))

    def save_model(self, request: HttpRequest, obj: Switch, form: Any, change: bool) -> None:
        user: Any = request.user
        obj.changed_by = user
        super().save_model(request, obj, form, change)
        if not obj.on:
            messages.warning(
                request,
                _("Nothing that waits is sent while it is off. What was sent already is kept when it comes."),
            )
