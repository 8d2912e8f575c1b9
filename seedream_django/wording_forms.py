"""The control that fills a prompt from a template: choose one, say what stands in its gaps, and use it.

Works by submit buttons alone, as the references do: the form comes back with what was chosen, and orders nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from . import examples, prompts, wording
from .exceptions import InvalidOrder
from .models import PromptTemplate
from .offers import is_key

#: What the buttons say: fill the prompt; also where one is written already; leave what is written.
USE, REPLACE, KEEP = "use", "replace", "keep"
#: Characters of a gap that are shown again.
LONGEST = 2000


@dataclass
class Gap:
    """One gap as the page shows it."""

    name: str
    control: str
    value: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return str(capfirst(self.name.replace("_", " ")))


class Filling:
    """What was sent of the control, or what the page begins with, and what becomes of the form."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, begins: str = "", name: str = "wording"
    ) -> None:
        self.name, self._data = name, data or {}
        self.does = self._sent("do") if self._sent("do") in (USE, REPLACE, KEEP) else ""
        self.key = self._sent("template") if data is not None else begins
        self.errors: list[str] = []
        #: What would stand in place of what is written, where the page has to ask.
        self.asks_for = ""
        #: Whether the form's prompt was filled just now, and what else was.
        self.told = ""
        self.mark = self._sent("filled")

    def _sent(self, part: str) -> str:
        return str(self._data.get(f"{self.name}-{part}") or "")

    # -- What there is

    @cached_property
    def offered(self) -> list[PromptTemplate]:
        return list(wording.offered())

    @cached_property
    def chosen(self) -> PromptTemplate | None:
        """The template that is chosen, if it may be: an example, or one beyond those that are offered at once, too."""
        if not is_key(self.key):
            return examples.template(self.key)
        found = [template for template in self.offered if str(template.pk) == self.key]
        rows = PromptTemplate.objects.filter(active=True, pk=self.key).select_related("style")
        return found[0] if found else rows.first() if len(self.offered) == wording.OFFERED else None

    @property
    def choices(self) -> list[tuple[str, str]]:
        found = [(str(template.pk), template.name) for template in self.offered]
        if self.chosen is not None and self.key not in dict(found):
            found.insert(0, (self.key, self.chosen.name))
        return found

    @cached_property
    def gaps(self) -> list[Gap]:
        """The gaps of what is chosen, with what was typed into gaps of the same name."""
        names = self.chosen.gaps if self.chosen else []
        return [Gap(name, f"{self.name}-gap-{name}", self._sent(f"gap-{name}")[:LONGEST]) for name in names]

    @property
    def is_open(self) -> bool:
        return bool(self.does or self.chosen)

    # -- What becomes of the form

    def initial(self) -> dict[str, str]:
        """What a form begins with that an address leads to: nothing is asked, so all is filled."""
        if self.chosen is None or self.gaps:
            return {}
        return self._filled() or {}

    def fill(self, present: Mapping[str, Any]) -> dict[str, str]:
        """The values of the form's fields that change; ``present`` are those that were sent."""
        if self.does == KEEP and self.chosen is not None and (kept := self._filled()):
            # Asked and answered.
            self.mark = _mark(kept["prompt"])
        if self.does not in (USE, REPLACE):
            return {}
        if self.chosen is None:
            self.errors = (
                [_("Choose a template.")] if not self.key else [_("This template is gone. Choose another.")]
            )
            return {}
        if self.gaps and self._sent("for") != self.key:
            return {}
        values = self._filled()
        if (
            values
            and self.does == USE
            and self._is_written(str(present.get("prompt") or ""), values["prompt"])
        ):
            self.asks_for = values["prompt"]
            return {}
        if values:
            self.mark, self.told = _mark(values["prompt"]), self._in_words(values)
        return values or {}

    def _filled(self) -> dict[str, str] | None:
        assert self.chosen is not None
        try:
            prompt = wording.filled(self.chosen, {gap.name: gap.value for gap in self.gaps})
        except InvalidOrder as error:
            for gap in self.gaps:
                gap.errors = error.errors.get(gap.name, [])
            self.errors = [*error.errors.get("template", ()), *error.errors.get("prompt", ())]
            return None
        style = self.chosen.style
        chosen = {
            "style": style.name if style is not None and style.active else "",
            "shape": self.chosen.shape,
        }
        return {"prompt": prompt, **{name: value for name, value in chosen.items() if value}}

    def _is_written(self, present: str, wanted: str) -> bool:
        """Whether somebody wrote what stands there: not this very text, nor what a template filled in before."""
        present = prompts.clean(present)
        return bool(present) and present != wanted and _mark(present) != self.mark

    def _in_words(self, values: Mapping[str, str]) -> str:
        assert self.chosen is not None
        words = {"name": self.chosen.name, "style": values.get("style"), "shape": values.get("shape")}
        if "style" in values and "shape" in values:
            return (
                _("Filled in from “%(name)s”: the prompt, the style “%(style)s” and the shape %(shape)s.")
                % words
            )
        if "style" in values:
            return _("Filled in from “%(name)s”: the prompt and the style “%(style)s”.") % words
        if "shape" in values:
            return _("Filled in from “%(name)s”: the prompt and the shape %(shape)s.") % words
        return _("Filled in from “%(name)s”: the prompt.") % words

    @property
    def is_left_out(self) -> bool:
        """Whether gaps have words that the prompt was not filled in with, though nobody took the template back."""
        if self.chosen is None or self.does or not any(gap.value.strip() for gap in self.gaps):
            return False
        values = self._filled()
        return values is None or _mark(values["prompt"]) != self.mark

    @property
    def first(self) -> str:
        """The gap where the keyboard is to be: the first that is wrong, or of a template that was just chosen."""
        wrong = [gap.name for gap in self.gaps if gap.errors]
        shown = self.does == USE and not (self.told or self.asks_for or self.errors)
        return (wrong or [gap.name for gap in self.gaps if shown] or [""])[0]


def _mark(prompt: str) -> str:
    """By what a text that was filled in is known again, as long as nobody changes it."""
    return hashlib.sha256(prompt.encode()).hexdigest()[:32]
