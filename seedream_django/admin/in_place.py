"""“Generate” beside the fields of any ModelAdmin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.db import models
from django.forms import ModelChoiceField
from django.forms.widgets import Media
from django.http import HttpRequest, HttpResponse

from ..entry import host_of
from ..fields import GeneratedImageField
from ..forms import GeneratedImageChoiceField, SeedreamFormMixin
from ..models import GeneratedImage
from ..pages import Page
from ..places import Place
from .bulk import BulkActions
from .shown import PREVIEW_STYLES, Telling


class SeedreamAdminMixin(BulkActions, Telling):
    """For a ModelAdmin or an inline: puts “Generate” beside fields that keep a picture.

    ::

        class ArticleAdmin(SeedreamAdminMixin, admin.ModelAdmin):
            seedream_fields = {"cover": slot(ratio="16:9", prompt_from="{title}. {summary}")}

    A field is an ImageField, a FileField, or a ForeignKey to GeneratedImage. A GeneratedImageField has it without
    being named. The list offers pictures for what is chosen in it; ``list_editable`` stays what it is. Brings the
    styles of ``picture()`` with it.
    """

    seedream_fields: Mapping[str, Place] = {}
    model: Any
    parent_model: Any
    admin_site: Any
    readonly_fields: Any

    def get_seedream_fields(self, request: HttpRequest, obj: Any = None) -> Mapping[str, Place]:
        """What each field wants. May be overridden, like Django's own ``get_…`` methods."""
        plain = (field for field in self.model._meta.get_fields() if isinstance(field, GeneratedImageField))
        return {**{field.name: Place() for field in plain}, **self.seedream_fields}

    @property
    def media(self) -> Media:
        inherited: Media = super().media  # type: ignore[misc]
        # For a form's own controls its fields bring them; whoever sees nothing of ours gets nothing of ours.
        return inherited + PREVIEW_STYLES if self.readonly_fields else inherited

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if "media" in context:
            context["media"] += PREVIEW_STYLES
        return response

    # -- The form of an object

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if not self._is_ours(db_field):
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        # Not through formfield_for_foreignkey: its “add another” links would lead away from the form.
        kwargs.pop("widget", None)
        return models.Field.formfield(db_field, **{"form_class": GeneratedImageChoiceField, **kwargs})

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        return self._with_places(form, request, obj, lambda _key: copied(self, request))

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.form = self._with_places(
            formset.form, request, obj, partial(self._copied_row, request, formset)
        )
        return formset

    def _copied_row(self, request: HttpRequest, formset: Any, key: str) -> Any:
        """“Save as new”: the row of this key, if it is one that the form showed."""
        first = copied(self.admin_site._registry.get(self.parent_model), request)
        if first is None or not key or not self.has_view_or_change_permission(request, first):  # type: ignore[attr-defined]
            return None
        rows = formset(instance=first, queryset=self.get_queryset(request)).get_queryset()  # type: ignore[attr-defined]
        return next((row for row in rows if str(row.pk) == key), None)

    def _with_places(self, form: Any, request: HttpRequest, obj: Any, first: Callable[[str], Any]) -> Any:
        places = self.get_seedream_fields(request, obj)
        ours: dict[str, Any] = {"seedream_page": page_of(request)}
        if request.method == "POST" and "_saveasnew" in request.POST:
            ours["seedream_first"] = staticmethod(first)
        if issubclass(form, SeedreamFormMixin):
            return type(
                form.__name__, (form,), {"seedream_fields": {**places, **form.seedream_fields}, **ours}
            )
        return type(form.__name__, (SeedreamFormMixin, form), {"seedream_fields": places, **ours})

    def _is_ours(self, db_field: Any) -> bool:
        named = db_field.name in self.seedream_fields and db_field.related_model is GeneratedImage
        return named or isinstance(db_field, GeneratedImageField)

    # -- The list

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("formfield_callback", partial(self._plain_formfield, request=request))
        return super().get_changelist_form(request, **kwargs)  # type: ignore[misc]

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("formfield_callback", partial(self._plain_formfield, request=request))
        formset = super().get_changelist_formset(request, **kwargs)  # type: ignore[misc]
        formset.form = type(formset.form.__name__, (_KeepsItsPictures, formset.form), {})
        return formset

    def _plain_formfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """In a row of a list there is no room for a panel, nor for a choice among thousands."""
        if not self._is_ours(db_field):
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        choosable = GeneratedImage.objects.choosable_by(request.user)
        widget = _NumberInput(db_field.remote_field, self.admin_site)
        return _PictureNumber(
            choosable, required=not db_field.blank, widget=widget, label=db_field.verbose_name
        )


class _NumberInput(ForeignKeyRawIdWidget):
    """A picture's number, without its name, which would be a query for each row of a list."""

    def label_and_url_for_value(self, value: Any) -> tuple[str, str]:
        return "", ""


class _PictureNumber(ModelChoiceField):  # type: ignore[type-arg]
    """What a row of a list has already is kept without a look whether this person may choose it."""

    #: The object that the row is of, and where it has its picture.
    instance: Any = None
    attname = ""

    def to_python(self, value: Any) -> Any:
        # Its picture is read only where the list was sent: to show it would be a query for each row.
        if self._is_kept(value):
            return GeneratedImage.objects.filter(pk=value).first()
        return super().to_python(value)

    def validate(self, value: Any) -> None:
        return None if self._is_kept(getattr(value, "pk", None)) else super().validate(value)

    def _is_kept(self, pk: Any) -> bool:
        present = getattr(self.instance, self.attname, None) if self.attname else None
        return present is not None and str(pk) == str(present)


class _KeepsItsPictures:
    """For the form of a list's row."""

    fields: dict[str, Any]
    instance: models.Model

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, _PictureNumber):
                column: Any = self.instance._meta.get_field(name)
                field.instance, field.attname = self.instance, column.attname


def copied(model_admin: Any, request: HttpRequest) -> Any:
    """“Save as new”: the object whose page this is, if this person may see it; None otherwise."""
    match = request.resolver_match
    key = match.kwargs.get("object_id") if match else None
    if model_admin is None or key is None:
        return None
    if not hasattr(request, "seedream_copied"):
        column = request.POST.get(TO_FIELD_VAR, request.GET.get(TO_FIELD_VAR))
        obj = model_admin.get_object(request, unquote(key), column)
        allowed = obj is not None and model_admin.has_view_or_change_permission(request, obj)
        request.seedream_copied = obj if allowed else None  # type: ignore[attr-defined]
    return request.seedream_copied  # type: ignore[attr-defined]


def page_of(request: HttpRequest) -> Page:
    """What all places of the page share, its inlines' too."""
    page: Page | None = getattr(request, "seedream_page", None)
    if page is None:
        tell = partial(messages.error, request, fail_silently=True)
        page = Page(request.user, tell=tell, host=host_of(request))
        request.seedream_page = page  # type: ignore[attr-defined]
    return page
