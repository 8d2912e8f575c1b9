"""What an order asks for, before it is one: complete, checked, priced, and as the task that it will be."""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from . import conf, delivery, parameters, prompts, references
from .exceptions import InvalidOrder, SeedreamError
from .models import HOUSE, Style

#: What an order may decide, through any door.
KEYWORDS = (
    "prompt", "width", "height", "results", "sequence", "output_format", "output_quality", "optimize_prompt_mode",
    "references",
)  # fmt: skip

#: What code may set besides, for one order. The doors of people refuse it: delivery is the site's business.
DELIVERY = delivery.KEYWORDS

#: What an order may differ in and still ask for the same pictures: how many, and how they are delivered.
ASIDE = (
    "numberResults", "deliveryMethod", "outputType", "includeCost", "safety", "ttl", "webhookURL", "uploadEndpoint",
)  # fmt: skip

DEFAULT_SIZE = parameters.DIMENSIONS["1:1"]["2K"]


def clean(values: dict[str, Any], *, user: Any = None, code: bool = False) -> dict[str, Any]:
    """Return the complete order as ``{keyword: value}``; ``None`` means the default.

    ``references`` become unsaved rows; with ``user`` only of what this person may use. With ``code`` it may say how it
    is delivered. Raises InvalidOrder with everything that is wrong.
    """
    allowed = KEYWORDS + DELIVERY if code else KEYWORDS
    errors = {name: [_unknown(name)] for name in values if name not in allowed}
    if errors:
        raise InvalidOrder(errors)
    given = {name: value for name, value in values.items() if value is not None or name == "prompt"}
    order = {"results": 1, **given}
    if not given.keys() & {"width", "height"}:
        # Neither of the two is the default; one alone is missing the other.
        order |= {"width": DEFAULT_SIZE[0], "height": DEFAULT_SIZE[1]}
    if isinstance(order["prompt"], str):
        order["prompt"] = prompts.clean(order["prompt"])
    try:
        order["references"] = references.read(order.get("references") or (), user=user)
    except InvalidOrder as error:
        errors |= error.errors
        order["references"] = []
    for problem in _problems(order):
        keyword = parameters.BY_PATH[problem.parameter].keyword
        errors.setdefault(keyword, []).append(_(problem.text) % problem.params)
    if errors := errors or delivery.refused(order, order["results"] * order.get("sequence", 1)):
        raise InvalidOrder(errors)
    return order


def in_words(error: SeedreamError) -> str:
    """A refusal as an editor reads it: what is wrong under the label of its field."""
    if not isinstance(error, InvalidOrder):
        return str(error)
    labels = {name: _(row.label) for name, row in parameters.BY_KEYWORD.items()}
    return " ".join(f"{labels.get(name, name)}: {' '.join(texts)}" for name, texts in error.errors.items())


def estimate(results: int = 1, sequence: int = 1) -> Decimal:
    """What an order costs at most, in US dollars: of a sequence fewer may come, and each result is its own."""
    return Decimal(results * sequence) * Decimal(str(conf.PRICE))


def read_size(size: str | tuple[int, int]) -> dict[str, int]:
    """``"2848x1600"`` or a pair as ``{"width": …, "height": …}``. Raises InvalidOrder."""
    try:
        if isinstance(size, str):
            width, height = (int(side) for side in size.lower().replace("×", "x").split("x"))
        else:
            width, height = size
    except (TypeError, ValueError):
        raise InvalidOrder({"size": [_("Write a size as width x height, such as 2848x1600.")]}) from None
    return {"width": width, "height": height}


def words_of_style(name: str) -> str:
    """What a style that is offered adds to a prompt; of ``"house"``, our look. Raises InvalidOrder."""
    styles = dict(Style.objects.filter(active=True).values_list("name", "words"))
    if name in styles:
        return styles[name]
    if name == HOUSE:
        return _our_look()
    near, there = difflib.get_close_matches(name, styles, n=1), ", ".join(styles)
    if near:
        text = _("There is no style “%(name)s”. Did you mean “%(near)s”? There are: %(there)s.") % {
            "name": name,
            "near": near[0],
            "there": there,
        }
    elif styles:
        text = _("There is no style “%(name)s”. There are: %(there)s.") % {"name": name, "there": there}
    else:
        text = _("There is no style “%(name)s”, nor any other: an administrator can write one.") % {
            "name": name
        }
    raise InvalidOrder({"style": [text]})


def _our_look() -> str:
    """The words of what is our look wherever no other is: nobody who calls from code came by an address."""
    look = Style.objects.filter(active=True, house=True, host="").first()
    if look is None:
        text = _(
            "No style is our look: an administrator can choose one. One for a single address does not count here."
        )
        raise InvalidOrder({"style": [text]})
    return look.words


def task_for(order: dict[str, Any]) -> dict[str, Any]:
    """The task object of an order, without the UUID and the prompt, which have columns of their own."""
    values = {
        "task_type": parameters.TASK_TYPE,
        "model": parameters.MODEL,
        "include_cost": True,
        **conf.safety(),
        **{k: v for k, v in order.items() if k not in ("prompt", "references")},
        **delivery.chosen(order),
    }
    return parameters.build(values)


def digest_of(order: dict[str, Any]) -> str:
    """The same for every order that asks for the same pictures, however many and however delivered."""
    # Whoever says what is so without a word asks for nothing else: one form has all fields, another a few.
    said = {name: value for name, value in order.items() if value != parameters.BY_KEYWORD[name].default}
    task = {name: value for name, value in task_for(said).items() if name not in ASIDE}
    if order.get("references"):
        task["references"] = [references.identity(row) for row in order["references"]]
    return prompts.digest(task, order["prompt"])


def _problems(order: dict[str, Any]) -> list[parameters.Problem]:
    rows, prompt = order["references"], order["prompt"]
    told = (
        prompts.with_roles(prompt, [row.role for row in rows])
        if isinstance(prompt, str) and prompt
        else prompt
    )
    task = {
        **task_for(order),
        "positivePrompt": told,
        "taskUUID": "00000000-0000-4000-8000-000000000000",
    }
    if rows:
        task["inputs"] = {"referenceImages": [row.label or "picture" for row in rows]}
    problems = parameters.check(task)
    if not problems and conf.LISTED_SIZES_ONLY:
        problems = parameters.check_dimensions(order["width"], order["height"], exact=True)
    return problems


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, [*KEYWORDS, "size", "style"], n=1)
    if near:
        return _("There is no parameter “%(name)s”. Did you mean “%(near)s”?") % {
            "name": name,
            "near": near[0],
        }
    allowed = ", ".join(KEYWORDS)
    return _("There is no parameter “%(name)s”. There are: %(allowed)s.") % {"name": name, "allowed": allowed}
