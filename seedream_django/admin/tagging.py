"""The field in which tags are written, with those that were given before; and many pictures tagged at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from .. import collecting
from ..exceptions import NotAllowed
from ..models import LONGEST
from .shown import page, preview


class TagsInput(AdminTextInputWidget):
    """One line. The browser itself offers what it may become: the tags that are there, and one more."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = f"{(attrs or {}).get('id', name)}_offered"
        control = super().render(name, value, {**(attrs or {}), "list": options}, renderer)
        offers = format_html_join("", '<option value="{}"></option>', ((each,) for each in _longer(value)))
        return format_html('{}<datalist id="{}">{}</datalist>', control, options, offers)


def _longer(value: Any) -> list[str]:
    there = [each.strip() for each in collecting.COMMA.split(str(value or "")) if each.strip()]
    known = {each.casefold() for each in there}
    names = [name for _key, name in collecting.offered() if name.casefold() not in known]
    return [collecting.written([*there, name]) for name in names]


class TagsField(forms.CharField):
    """Tags in one line; cleans to a list of them."""

    widget = TagsInput

    def __init__(self, **options: Any) -> None:
        usual = {
            "label": pgettext_lazy("of pictures", "Tags"),
            "help_text": gettext_lazy("Words by which everybody finds it again, with commas between them."),
            "required": False,
            # What the page began with comes back with it: only what somebody changed is changed.
            "show_hidden_initial": True,
            # As many as there may be, as long as they may be.
            "max_length": collecting.MOST * (LONGEST + 2),
        }
        super().__init__(**{**usual, **options})
        self.widget.attrs["dir"] = "auto"

    def clean(self, value: Any) -> list[str]:
        return collecting.read(super().clean(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        before, after = collecting.COMMA.split(initial or ""), collecting.COMMA.split(data or "")
        return {each.strip() for each in before if each.strip()} != {
            each.strip() for each in after if each.strip()
        }


class AddForm(forms.Form):
    """Tags that several pictures get besides those that they have."""

    tagged = TagsField(
        help_text=gettext_lazy("Words with commas between them. Each picture keeps the tags that it has."),
        required=True,
        error_messages={"required": gettext_lazy("Write a word that can be seen.")},
        show_hidden_initial=False,
        widget=TagsInput(attrs={"autofocus": True}),
    )

    def clean_tagged(self) -> list[str]:
        names: list[str] = self.cleaned_data["tagged"]
        if not names:
            raise ValidationError(_("Write a word that can be seen."))
        return names


@admin.action(description=gettext_lazy("Tag the chosen pictures"), permissions=["change"])
def tag_chosen(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    """Ask for the tags, then add them to what each picture has."""
    images = list(queryset.select_related("generation"))
    if not images:
        messages.warning(request, _("There is no such picture, or it is somebody else's."))
        return None
    form = AddForm(request.POST if request.POST.get("confirmed") else None)
    if form.is_valid() and _add(request, images, form):
        return None
    return page(
        modeladmin,
        request,
        "generatedimage/tag.html",
        _("Tag the chosen pictures"),
        form=form,
        chosen=[(image, preview(image, 96, beside_name=True)) for image in images],
        offered=[tag_chosen.__name__],
        checkbox=ACTION_CHECKBOX_NAME,
        back=f"?{request.GET.urlencode()}",
    )


def _add(request: HttpRequest, images: list[Any], form: AddForm) -> bool:
    """Add what was written, and say so; what is in the way is told in the field."""
    try:
        count = collecting.add_tags(images, form.cleaned_data["tagged"], user=request.user)
    except ValidationError as error:
        form.add_error("tagged", error)
        return False
    except NotAllowed as error:
        form.add_error("tagged", str(error))
        return False
    words = ngettext(
        "%(count)s picture has these tags now.", "%(count)s pictures have these tags now.", count
    )
    messages.success(request, words % {"count": count})
    return True
