"""The site's own word on a prompt, before it is ordered: refused, changed, or sent as it is.

``SEEDREAM["MODERATE"]`` names the function that decides. ``patterns`` is one that may be named there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from . import conf, parameters, prompts
from .exceptions import InvalidOrder, Moderated

logger = logging.getLogger(__name__)


def check(order: Mapping[str, Any], *, user: Any) -> str:
    """What is sent instead of the order's prompt; blank where it goes as it was written.

    Raises Moderated. A function that fails says neither yes nor no, so that nothing is ordered.
    """
    if not conf.MODERATE:
        return ""
    written = order["prompt"]
    try:
        copy = {**order, "references": list(order.get("references", ()))}
        sent = hook()(written, user=user, order=copy)
        if not isinstance(sent, str | None):
            raise TypeError(f"MODERATE returned {type(sent).__name__}, which is neither a text nor None.")
    except InvalidOrder as refusal:
        raise _with_words(refusal) from None
    except Exception:
        logger.exception("The moderation failed, so an order was not taken.")
        text = _("The site could not check this prompt, so it was not ordered, and nothing is charged.")
        todo = _("Try again in a moment. If it stays so, tell an administrator: the log says why.")
        raise Moderated(f"{text} {todo}") from None
    roles = [row.role for row in order.get("references", ())]
    return "" if sent in (None, written) else _sendable(sent or "", roles)


def hook() -> Callable[..., Any]:
    """The function that the settings name. Raises ImportError, or TypeError for what cannot be called."""
    function: Any = import_string(conf.MODERATE) if isinstance(conf.MODERATE, str) else conf.MODERATE
    if not callable(function):
        raise TypeError(f"MODERATE is of type {type(function).__name__}, which cannot be called.")
    found: Callable[..., Any] = function
    return found


def _with_words(refusal: InvalidOrder) -> InvalidOrder:
    if any(text.strip() for texts in refusal.errors.values() for text in texts):
        return refusal
    return Moderated(_("This site does not order pictures from this prompt. Write another."))


def _sendable(sent: str, roles: Sequence[str]) -> str:
    """A changed prompt has to fit the provider like any other, with what is said of its references."""
    sent = prompts.clean(sent)
    problem = parameters.BY_KEYWORD["prompt"].check(prompts.with_roles(sent, roles) if sent else sent)
    if problem is None:
        return sent
    text = _("The site changes this prompt before it is sent, and what comes out does not fit: %(problem)s")
    raise Moderated(text % {"problem": _(problem.text) % problem.params})


# -- A list of patterns --------------------------------------------------------------------------------------


def patterns(prompt: str, *, user: Any, order: Mapping[str, Any]) -> str:
    """Go through ``SEEDREAM["MODERATION_PATTERNS"]`` from first to last. Raises Moderated.

    ``(regular expression, words)`` refuses with these words; ``(regular expression, None, replacement)`` replaces
    what it finds. Capital or small makes no difference.
    """
    for expression, words, *replacement in conf.MODERATION_PATTERNS:
        pattern = re.compile(expression, re.IGNORECASE)
        if replacement:
            prompt = pattern.sub(replacement[0], prompt)
        elif pattern.search(prompt):
            raise Moderated(str(words))
    return prompt


def problem_of(rule: Any) -> str:
    """What is wrong with one rule of the list, or blank."""
    if not isinstance(rule, list | tuple) or len(rule) not in (2, 3) or not isinstance(rule[0], str):
        return "it is neither (pattern, words) nor (pattern, None, replacement)"
    expression, words, *replacement = rule
    if not replacement and not str(words or "").strip():
        return "it has no words for the editor"
    if replacement and (words is not None or not isinstance(replacement[0], str)):
        return "the second of three is None, the third a text"
    try:
        # Reads the replacement, too, although there is nothing to replace.
        re.compile(expression, re.IGNORECASE).sub(replacement[0] if replacement else "", "")
    except re.error as error:
        return f"it is no regular expression: {error}"
    return ""
