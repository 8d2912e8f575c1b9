"""The field in which a picture's tags are written, with those that were given before."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy

from .. import collecting
from ..models import LONGEST


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

    def __init__(self) -> None:
        super().__init__(
            label=pgettext_lazy("of pictures", "Tags"),
            help_text=gettext_lazy("Words by which everybody finds it again, with commas between them."),
            required=False,
            # What the page began with comes back with it: only what somebody changed is changed.
            show_hidden_initial=True,
            # As many as there may be, as long as they may be.
            max_length=collecting.MOST * (LONGEST + 2),
        )
        self.widget.attrs["dir"] = "auto"

    def clean(self, value: Any) -> list[str]:
        return collecting.read(super().clean(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        before, after = collecting.COMMA.split(initial or ""), collecting.COMMA.split(data or "")
        return {each.strip() for each in before if each.strip()} != {
            each.strip() for each in after if each.strip()
        }
