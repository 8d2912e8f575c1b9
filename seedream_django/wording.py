"""Templates: prompts that are used again and again, found by name, with what changes filled in.

>>> template = wording.named("Hero photo")
>>> generate(wording.filled(template, {"subject": "a red fox"}), style="house")
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from . import gaps, prompts
from .exceptions import InvalidOrder
from .models import MOST, PromptTemplate

#: Templates that are offered at once.
OFFERED = 200


def offered() -> QuerySet[PromptTemplate]:
    """What may be chosen, by name; no more than anybody looks through."""
    return PromptTemplate.objects.filter(active=True).select_related("style")[:OFFERED]


def named(name: str) -> PromptTemplate:
    """The template of this name that is offered. Raises InvalidOrder."""
    rows = PromptTemplate.objects.filter(active=True)
    if template := rows.filter(name=name).select_related("style").first():
        return template
    names = list(rows.values_list("name", flat=True)[:OFFERED])
    near, there = difflib.get_close_matches(name, names, n=1), ", ".join(names)
    if near:
        text = _("There is no template “%(name)s”. Did you mean “%(near)s”? There are: %(there)s.")
    elif names:
        text = _("There is no template “%(name)s”. There are: %(there)s.")
    else:
        text = _("There is no template “%(name)s”, nor any other: an administrator can write one.")
    words = {"name": name, "near": "".join(near), "there": there}
    raise InvalidOrder({"template": [text % words]})


def filled(template: PromptTemplate, values: Mapping[str, Any]) -> str:
    """The prompt, with these words in its gaps. Raises InvalidOrder, whose ``errors`` name the gaps.

    Every gap is to be filled, and no other name may be given. What stands in a value is taken as it is, in one line:
    braces in it are no gaps.
    """
    if problem := template.problem():
        raise InvalidOrder({"template": [problem]})
    words = {name: prompts.one_line(str(value)) for name, value in values.items()}
    if errors := _problems(template, words):
        raise InvalidOrder(errors)
    prompt = gaps.filled(template.text, words).strip()
    if (count := len(prompts.with_lines(prompt, template.words))) > MOST:
        text = _("With these words the prompt has %(count)s characters, and it may have %(most)s at most.")
        raise InvalidOrder({"prompt": [text % {"count": count, "most": MOST}]})
    return prompt


def _problems(template: PromptTemplate, words: Mapping[str, str]) -> dict[str, list[str]]:
    names = template.gaps
    errors = {name: [_("Say what stands here.")] for name in names if not words.get(name)}
    for name in words:
        if name not in names:
            errors[name] = [_unknown(name, names)]
    return errors


def _unknown(name: str, names: list[str]) -> str:
    if not names:
        return _("This template has no gaps.")
    if near := difflib.get_close_matches(name, names, n=1):
        return _("There is no gap “%(name)s”. Did you mean “%(near)s”?") % {"name": name, "near": near[0]}
    return _("There is no gap “%(name)s”. There are: %(there)s.") % {"name": name, "there": ", ".join(names)}
