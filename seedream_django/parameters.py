"""The provider's parameter page for Seedream 5.0 Lite, as data.

The form's fields, the payload, the validation on both sides of the wire and the reference page in the docs
all come from ``PAGE``. Nothing here knows Django: texts are marked with a local no-op, so that ``makemessages``
finds them, and are translated where they are shown.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

MODEL = "bytedance:seedream@5.0-lite"
TASK_TYPE = "imageInference"

#: US dollars for one picture, 2K and 3K alike, as seen in live replies. ``SEEDREAM["PRICE"]`` overrides it.
PRICE = Decimal("0.035")


def gettext_noop(text: str) -> str:
    return text


_ = gettext_noop


# -- Sizes ---------------------------------------------------------------------------------------------------

#: What an editor is offered: shape -> resolution -> (width, height) in pixels. The provider's recommendation.
DIMENSIONS: dict[str, dict[str, tuple[int, int]]] = {
    "1:1": {"2K": (2048, 2048), "3K": (3072, 3072)},
    "4:3": {"2K": (2304, 1728), "3K": (3456, 2592)},
    "3:4": {"2K": (1728, 2304), "3K": (2592, 3456)},
    "16:9": {"2K": (2848, 1600), "3K": (4096, 2304)},
    "9:16": {"2K": (1600, 2848), "3K": (2304, 4096)},
    "3:2": {"2K": (2496, 1664), "3K": (3744, 2496)},
    "2:3": {"2K": (1664, 2496), "3K": (2496, 3744)},
    "21:9": {"2K": (3136, 1344), "3K": (4704, 2016)},
}
RESOLUTIONS = ("2K", "3K")

#: What code may ask for besides: any pair inside this window (pixels; the longer side divided by the shorter).
MIN_PIXELS, MAX_PIXELS = 3_686_400, 10_404_496
MAX_ASPECT = 16

#: References and frames of a sequence share one allowance.
MAX_REFERENCES_PLUS_SEQUENCE = 15

#: What one reference may be: PNG, JPG or WEBP, at most so many bytes and pixels, each side longer than MIN_SIDE, and
#: an aspect inside MAX_ASPECT.
REFERENCE_BYTES = 10 * 1024 * 1024
REFERENCE_PIXELS = 36_000_000
REFERENCE_MIN_SIDE = 14


# -- The page ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """One value that the page does not allow.

    ``code`` is the provider's; ``text % params`` is a sentence for people; ``limits`` is what the provider adds
    to its error object (``min``, ``max``, ``allowedValues``).
    """

    parameter: str
    code: str
    text: str
    params: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.params


@dataclass(frozen=True)
class Parameter:
    """One row of the page.

    ``path`` is the dotted place in the task object, ``keyword`` the name in Python and in forms. ``minimum`` and
    ``maximum`` bound a number's value, a text's length and a list's count. ``type`` is one of ``string``,
    ``uuid``, ``uri``, ``integer``, ``boolean``, ``object`` and ``strings``. ``pair`` is the path of the
    parameter that it only makes sense with. ``door`` tells who decides it: the editor (``form``), the site
    (``settings``) or this app itself (``app``).
    """

    path: str
    keyword: str
    type: str
    door: str
    label: str
    help: str
    required: bool = False
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    pair: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    def check(self, value: Any) -> Problem | None:
        """Tell what is wrong with ``value``, or ``None``. The type first, then the choices, then the bounds."""
        if not _TYPES[self.type](value):
            text = _TYPE_TEXTS[self.type]
            return self._problem("invalid", text)
        if self.choices and value not in self.choices:
            allowed = ", ".join(self.choices)
            return self._problem(
                "invalid",
                _("Choose one of: %(allowed)s."),
                {"allowed": allowed},
                allowedValues=list(self.choices),
            )
        return self._check_bounds(value)

    def missing(self) -> Problem:
        return self._problem("missing", _("This value is required."))

    def _check_bounds(self, value: Any) -> Problem | None:
        if self.minimum is None and self.maximum is None:
            return None
        size = value if self.type == "integer" else len(value)
        low = self.minimum if self.minimum is not None else size
        high = self.maximum if self.maximum is not None else size
        if low <= size <= high:
            return None
        limits = {k: v for k, v in (("min", self.minimum), ("max", self.maximum)) if v is not None}
        return self._problem("invalid", self._bounds_text(), {"size": size, **limits}, **limits)

    def _bounds_text(self) -> str:
        if self.maximum is None:
            return _("Must be at least %(min)s; it is %(size)s.")
        return {
            "integer": _("Must be from %(min)s to %(max)s; it is %(size)s."),
            "string": _("Must be %(min)s to %(max)s characters long; it has %(size)s."),
            "strings": _("Must be %(min)s to %(max)s items; there are %(size)s."),
        }[self.type]

    def _problem(
        self, prefix: str, text: str, params: Mapping[str, Any] | None = None, **limits: Any
    ) -> Problem:
        suffix = "Count" if self.type == "strings" and limits else ""
        code = f"{prefix}{self.name[0].upper()}{self.name[1:]}{suffix}"
        return Problem(self.path, code, text, params or {}, limits)


def _is_uuid4(value: Any) -> bool:
    try:
        return (
            isinstance(value, str)
            and uuid.UUID(value).version == 4
            and str(uuid.UUID(value)) == value.lower()
        )
    except ValueError:
        return False


_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "uuid": _is_uuid4,
    "uri": lambda v: isinstance(v, str) and re.fullmatch(r"https?://[^\s/]+\S*", v) is not None,
    # Python writes no number of more than 4,300 digits into a message.
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool) and abs(v) < 10**4000,
    "boolean": lambda v: isinstance(v, bool),
    "object": lambda v: isinstance(v, Mapping),
    "strings": lambda v: isinstance(v, (list, tuple)) and all(isinstance(i, str) and i for i in v),
}
_TYPE_TEXTS = {
    "string": _("Must be text."),
    "uuid": _("Must be a UUID of version 4."),
    "uri": _("Must be a web address."),
    "integer": _("Must be a whole number."),
    "boolean": _("Must be true or false."),
    "object": _("Must be an object."),
    "strings": _("Must be a list of texts."),
}

PAGE: tuple[Parameter, ...] = (
    # API options: how the task is carried out and delivered.
    Parameter(
        "taskType", "task_type", "string", "app", _("Task type"), _("The kind of task."),
        required=True, choices=(TASK_TYPE,),
    ),
    Parameter(
        "taskUUID", "task_uuid", "uuid", "app", _("Task UUID"),
        _("Identifies the task for good: the same one is never charged twice."), required=True,
    ),
    Parameter(
        "outputType", "output_type", "string", "settings", _("Output type"),
        _("How the picture's bytes come: by address or inside the reply."),
        default="URL", choices=("URL", "base64Data", "dataURI"),
    ),
    Parameter(
        "outputFormat", "output_format", "string", "form", _("File format"),
        _("JPG is small, PNG is exact, WEBP is smallest."), default="JPG", choices=("JPG", "PNG", "WEBP"),
    ),
    Parameter(
        "outputQuality", "output_quality", "integer", "form", _("Quality"),
        _("Higher keeps more detail and makes a larger file."), default=95, minimum=20, maximum=99,
    ),
    Parameter(
        "webhookURL", "webhook_url", "uri", "settings", _("Webhook address"),
        _("Where the provider posts each finished result."),
    ),
    Parameter(
        "deliveryMethod", "delivery_method", "string", "settings", _("Delivery"),
        _("Hold the line until the picture is there, or acknowledge and be asked."),
        default="sync", choices=("sync", "async"),
    ),
    Parameter(
        "uploadEndpoint", "upload_endpoint", "uri", "settings", _("Upload address"),
        _("Where the provider puts the finished file itself, by HTTP PUT."),
    ),
    Parameter("safety", "safety", "object", "settings", _("Safety"), _("How pictures are checked for safety.")),
    Parameter(
        "safety.checkContent", "check_content", "boolean", "settings", _("Check content"),
        _("Check each picture; alone it means the fast mode."), default=False,
    ),
    Parameter(
        "safety.mode", "safety_mode", "string", "settings", _("Safety mode"),
        _("No check, or a single one."), default="none", choices=("none", "fast"),
    ),
    Parameter(
        "ttl", "ttl", "integer", "settings", _("Lifetime of the address"),
        _("Seconds that a result's address lives; only with the output type URL."), minimum=60,
    ),
    Parameter(
        "includeCost", "include_cost", "boolean", "app", _("Include cost"),
        _("Have each result say what it cost."), default=False,
    ),
    Parameter(
        "numberResults", "results", "integer", "form", _("Number of pictures"),
        _("Each has its own seed: variations of the same prompt."), default=1, minimum=1, maximum=20,
    ),
    # Inputs.
    Parameter("inputs", "inputs", "object", "app", _("Inputs"), _("The task's input resources.")),
    Parameter(
        "inputs.referenceImages", "references", "strings", "form", _("References"),
        _("Pictures that guide this one, in order: UUID, address, data URI or base64."), minimum=1, maximum=14,
    ),
    # Generation parameters.
    Parameter(
        "model", "model", "string", "app", _("Model"), _("The model that makes the picture."),
        required=True, choices=(MODEL,),
    ),
    Parameter(
        "positivePrompt", "prompt", "string", "form", _("Prompt"),
        _("Describe what the picture shows."), required=True, minimum=1, maximum=2000,
    ),
    Parameter(
        "width", "width", "integer", "form", _("Width"), _("In pixels; goes with the height."),
        required=True, pair="height",
    ),
    Parameter(
        "height", "height", "integer", "form", _("Height"), _("In pixels; goes with the width."),
        required=True, pair="width",
    ),
    # Provider settings.
    Parameter(
        "providerSettings", "provider_settings", "object", "app", _("Provider settings"),
        _("What only this provider knows."),
    ),
    Parameter(
        "providerSettings.bytedance", "bytedance", "object", "app", "ByteDance",
        _("What only this provider knows."),
    ),
    Parameter(
        "providerSettings.bytedance.maxSequentialImages", "sequence", "integer", "form", _("Sequence"),
        _("Up to this many pictures that belong together; fewer may come."), minimum=1, maximum=15,
    ),
    Parameter(
        "providerSettings.bytedance.optimizePromptMode", "optimize_prompt_mode", "string", "form",
        _("Prompt optimisation"), _("Standard gives the better picture, fast the quicker one."),
        default="standard", choices=("standard", "fast"),
    ),
)  # fmt: skip

BY_PATH = {p.path: p for p in PAGE}
BY_KEYWORD = {p.keyword: p for p in PAGE}


# -- Checking and building a task ----------------------------------------------------------------------------


def check(task: Mapping[str, Any]) -> list[Problem]:
    """Tell everything that the page does not allow in ``task``, a task object as it goes over the wire."""
    values = dict(_flatten(task))
    problems = [_unsupported(path) for path in values if path not in BY_PATH]
    for parameter in PAGE:
        if parameter.path in values:
            problems += filter(None, [parameter.check(values[parameter.path])])
        elif parameter.required:
            problems.append(parameter.missing())
    wrong = {p.parameter for p in problems}
    if not wrong & {"width", "height"}:
        problems += check_dimensions(values["width"], values["height"])
    return problems + _check_allowance(values, wrong)


def check_dimensions(width: int, height: int, *, exact: bool = False) -> list[Problem]:
    """Tell whether the pair is outside the provider's window or, with ``exact``, not in its list."""
    pair = {"width": width, "height": height}
    if exact and (width, height) not in LISTED:
        return [
            Problem(
                "width", "unsupportedDimensions", _("%(width)s × %(height)s is not a size on the list."), pair
            )
        ]
    if not 1 <= width <= MAX_PIXELS or not 1 <= height <= MAX_PIXELS:
        return [Problem("width", "unsupportedDimensions", _("Width and height must be sizes in pixels."))]
    if width > MAX_ASPECT * height or height > MAX_ASPECT * width:
        text = _("The aspect of %(width)s × %(height)s is outside 1:16 to 16:1.")
        return [Problem("width", "unsupportedDimensions", text, pair)]
    if not MIN_PIXELS <= width * height <= MAX_PIXELS:
        text = _("%(width)s × %(height)s has %(pixels)s pixels; it must be %(min)s to %(max)s.")
        limits = {"min": MIN_PIXELS, "max": MAX_PIXELS}
        return [
            Problem(
                "width", "unsupportedDimensions", text, {**pair, "pixels": width * height, **limits}, limits
            )
        ]
    return []


def build(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn ``{keyword: value}`` into a task object; ``None`` and what is unknown to the page are left out."""
    task: dict[str, Any] = {}
    for keyword, value in values.items():
        if value is None or keyword not in BY_KEYWORD:
            continue
        *parents, name = BY_KEYWORD[keyword].path.split(".")
        place = task
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return task


def read(task: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a task object back into ``{keyword: value}``."""
    return {BY_PATH[path].keyword: value for path, value in _flatten(task) if path in BY_PATH}


LISTED = {pair for by_resolution in DIMENSIONS.values() for pair in by_resolution.values()}


def shape_of(width: int, height: int) -> str:
    """Name the listed shape nearest to this pair, such as ``16:9``."""

    def distance(shape: str) -> float:
        listed = DIMENSIONS[shape]["2K"]
        return abs(listed[0] / listed[1] - width / height)

    return min(DIMENSIONS, key=distance)


def _flatten(task: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in task.items():
        # A name with a dot in it is no path: quoted, it is nothing that the page knows.
        path = f'{prefix}"{name}"' if "." in name else f"{prefix}{name}"
        yield path, value
        if isinstance(value, Mapping) and path in BY_PATH and BY_PATH[path].type == "object":
            yield from _flatten(value, f"{path}.")


def _unsupported(path: str) -> Problem:
    return Problem(
        path, "unsupportedParameter", _("The model has no parameter “%(parameter)s”."), {"parameter": path}
    )


def _check_allowance(values: Mapping[str, Any], wrong: set[str]) -> list[Problem]:
    paths = ("inputs.referenceImages", "providerSettings.bytedance.maxSequentialImages")
    if wrong & set(paths) or not all(path in values for path in paths):
        return []
    total = len(values[paths[0]]) + values[paths[1]]
    if total <= MAX_REFERENCES_PLUS_SEQUENCE:
        return []
    text = _("References and sequence together may be %(max)s at most; they are %(size)s.")
    limits = {"max": MAX_REFERENCES_PLUS_SEQUENCE}
    return [Problem(paths[1], "invalidMaxSequentialImages", text, {"size": total, **limits}, limits)]
