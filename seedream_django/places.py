"""What a field wants of its picture: a shape, a width, a line of the prompt, and the words that it begins with."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import translation

from . import parameters
from .gaps import names_in, pieces
from .prompts import CONTROLS

#: Of one value no more is looked at than this, mark-up and all: far more than a prompt holds.
LOOKED_AT = 20_000
#: How far the logarithms of two ratios may be apart: the provider's sizes are 0.0013 off their shape at most, and the
#: shapes most like one another, 4:3 and 3:2, are 0.118 apart.
SAME_SHAPE = 0.03
#: How far back the end of a word is looked for where a text is cut.
LONGEST_WORD = 100


@dataclass(frozen=True)
class Place:
    """Made by ``slot()``, which says what each of these is."""

    ratio: str = ""
    hint: str = ""
    max_width: int | None = None
    prompt_from: str = ""
    alt: str = ""
    title: str = ""

    @property
    def aspect(self) -> float | None:
        """Width divided by height, or None where any shape will do. Raises ValueError for what is no ratio."""
        return aspect_of(self.ratio) if self.ratio else None

    @property
    def shape(self) -> str:
        """The listed shape nearest to the ratio, or blank where the editor chooses."""
        if self.aspect is None:
            return ""
        # By the factor between them, so that 2:1 is as far from 1:1 as 1:2 is.
        wanted = log(self.aspect)
        return min(parameters.DIMENSIONS, key=lambda shape: abs(log(aspect_of(shape)) - wanted))

    @property
    def is_cropped(self) -> bool:
        """Whether no listed shape has this ratio, so that a part of the picture is cut off around its focal point."""
        return self.aspect is not None and abs(log(self.aspect) - log(aspect_of(self.shape))) > 0.002

    def fits(self, width: int, height: int) -> bool:
        """Whether a picture has the ratio, or the shape that is ordered for it. What has no pixels is not judged."""
        if self.aspect is None or not (width and height):
            return True
        wanted = (self.aspect, aspect_of(self.shape))
        return any(abs(log(width / height) - log(aspect)) < SAME_SHAPE for aspect in wanted)

    @property
    def resolution(self) -> str:
        """The smallest size that is as wide as the field will have it."""
        width = parameters.DIMENSIONS[self.shape or "1:1"]["2K"][0]
        return "3K" if self.max_width is not None and self.max_width > width else "2K"

    @property
    def names(self) -> list[str]:
        """The fields that the prompt begins with. Raises BadTemplate where the template is none."""
        return names_in(self.prompt_from)

    def prompt_for(self, instance: models.Model) -> str:
        """What the prompt begins with for this object: its fields' own values, as plain text, cut to its limit."""
        values = {name: value_of(instance, name) for name in self.names}
        return cut(fill(self.prompt_from, values), self.limit)

    @property
    def limit(self) -> int:
        """The characters of a prompt that leave room for the hint, which follows it."""
        maximum = int(parameters.BY_KEYWORD["prompt"].maximum or 0)
        return maximum - (len(self.hint) + 1 if self.hint else 0)

    def options(self) -> dict[str, Any]:
        """What the worker has to know of it, for a slot's row."""
        return {"ratio": self.ratio, "max_width": self.max_width} if self.ratio or self.max_width else {}


def slot(
    *,
    ratio: str = "",
    hint: str = "",
    max_width: int | None = None,
    prompt_from: str = "",
    alt: str = "",
    title: str = "",
) -> Place:
    """What the picture of one field is to be like.

    ``ratio``: width to height, such as ``"21:9"``; of others than the provider's the nearest shape is made, and cut.
    ``hint``: a line of the prompt, in words for the provider: ``"room for a title on the left"``.
    ``max_width``: of the copy in an ImageField, in pixels.
    ``prompt_from``: what the prompt begins with, from fields of the same object by name: ``"{title}. {summary}"``.
    ``alt``, ``title``: fields of the object that take the picture's words.

    What is wrong with one is told by the system checks.
    """
    return Place(ratio, hint, max_width, prompt_from, alt, title)


def aspect_of(ratio: str) -> float:
    """``"16:9"`` as width divided by height. Raises ValueError."""
    width, colon, height = ratio.partition(":")
    sides = float(width), float(height if colon else "nan")
    if not (0 < sides[0] < 1e6 and 0 < sides[1] < 1e6):
        raise ValueError(f"“{ratio}” is no ratio.")
    return sides[0] / sides[1]


# -- Handed to a page, and back ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spot:
    """One field of one kind of object on a page; ``pk`` is the object's, blank for one that is not saved.

    ``model`` declares the field; ``kind`` is the form's, a proxy or a child of it, which has permissions of its own.
    """

    model: type[models.Model]
    field: str
    pk: str
    place: Place
    kind: type[models.Model] | None = None

    def options(self) -> dict[str, Any]:
        """What the worker has to know of it, for a slot's row."""
        own = {"as": self.kind._meta.label_lower} if self.kind not in (None, self.model) else {}
        return {**self.place.options(), **own}

    @property
    def takes_files(self) -> bool:
        """Whether the field keeps a file of its own, and not a picture of ours."""
        return isinstance(self.model._meta.get_field(self.field), models.FileField)


#: Salt of what a page keeps of a spot, and how long it may be used: a form may lie open over a long weekend.
SALT = "seedream_django.spot"
TOKEN_AGE = datetime.timedelta(days=7)
#: Salt of what a form says of the picture that it showed, which may be kept even where it may not be chosen.
SALT_OF_WAS = "seedream_django.was"


def spot_of(instance: models.Model, field: str, place: Place) -> Spot:
    """Where on a page this is: the model is the one that declares the field, for a child its parent."""
    model = declares(type(instance), field)
    pk = "" if instance._state.adding or instance.pk is None else key_of(instance, field)
    return Spot(model, field, pk, place, type(instance))


def key_of(instance: models.Model, field: str) -> str:
    """By what key an object's field is known: that of the model that declares it. A child of two parents has two."""
    return str(getattr(instance, declares(type(instance), field)._meta.pk.attname))


def declares(model: type[models.Model], field: str) -> Any:
    """The model that declares the field: for a child model it is its parent."""
    return model._meta.get_field(field).model


def object_of(kind: type[models.Model] | None, model: Any, key: str, using: str | None = None) -> Any:
    """What has this key in the ``model`` that declares a field, as the ``kind`` that its form was for; or None.

    As ``model`` has it where there is no such kind, or it is none of that model's any more.
    """
    if kind is not None and issubclass(kind, model):
        # A child has the columns of all its parents, their keys among them.
        rows = kind._base_manager.using(using).filter(**{model._meta.pk.name: key})
    else:
        rows = model._base_manager.using(using).filter(pk=key)
    return rows.first()


def token_of(spot: Spot, user: Any) -> str:
    """What a page keeps of a spot: signed for its person, with what the field wants."""
    kind = (spot.kind or spot.model)._meta.label_lower
    kept = [str(user.pk), spot.model._meta.label_lower, spot.field, spot.pk, asdict(spot.place), kind]
    return signing.dumps(kept, salt=SALT, compress=True)


def signer_of(spot: Spot | None) -> signing.Signer:
    """For what a form says that it showed in one field of one object: nothing of another place may be kept there."""
    where = f":{spot.model._meta.label_lower}:{spot.field}:{spot.pk}" if spot is not None else ""
    return signing.Signer(salt=f"{SALT_OF_WAS}{where}")


def unsigned(text: str, spot: Spot | None) -> str:
    """The picture that a form showed in this place, or blank."""
    try:
        return signer_of(spot).unsign(text)
    except signing.BadSignature:
        return ""


def from_token(token: str, user: Any) -> Spot | None:
    """What ``token_of`` made this of; None if it is forged, old, somebody else's, or of a field that is gone."""
    try:
        who, label, field, pk, wants, kind = signing.loads(token, salt=SALT, max_age=TOKEN_AGE)
        model = apps.get_model(label)
        model._meta.get_field(field)
        spot = Spot(model, field, pk, Place(**wants), apps.get_model(kind))
    except (signing.BadSignature, ValueError, TypeError, LookupError, FieldDoesNotExist):
        return None
    return spot if user.pk is not None and who == str(user.pk) else None


# -- A prompt from the content -------------------------------------------------------------------------------


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with plain texts in the place of names; what is empty takes the words before it along."""
    kept: list[str] = []
    for text, name in pieces(template):
        value = plain(values.get(name, "")) if name else ""
        if name and not value:
            continue
        kept.append((text if kept else text.lstrip(" .,;:-–—")) + value)
    return "".join(kept).strip() if any(plain(value) for value in values.values()) else ""


#: A tag, or where a comment begins or ends. No mark-up is looked for across another "<", so that a text of a million
#: of them takes no longer than any other.
_MARKS = re.compile(r"<!--|-->|<[/!?]?([a-zA-Z][a-zA-Z0-9]*)(?![a-zA-Z0-9])[^<>]*>")
#: What stands between these is nobody's text.
_UNSEEN = ("script", "style")
#: What does not end a line; every other tag does.
_INLINE = re.compile(
    "a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|kbd|label|mark|q|s|samp|small|span|strike|strong|sub|sup|time"
    "|u|var|wbr"
)


def plain(text: str) -> str:
    """A text without mark-up, in one line for each paragraph."""
    seen = CONTROLS.sub("", html.unescape("".join(_seen(text[:LOOKED_AT]))))
    return "\n".join(filter(None, (" ".join(line.split()) for line in seen.splitlines())))


def _seen(text: str) -> Iterator[str]:
    """What stands outside of tags, comments and scripts, piece by piece."""
    end, until = 0, ""
    for mark in _MARKS.finditer(text):
        name, is_closing = (mark[1] or "").lower(), mark[0].startswith("</")
        if until:
            if mark[0].endswith("-->") if until == "-->" else is_closing and name == until:
                until, end = "", mark.end()
            continue
        if mark[0] == "-->":
            continue
        yield text[end : mark.start()] + ("" if not name or _INLINE.fullmatch(name) else "\n")
        end = mark.end()
        until = "-->" if not name else name if name in _UNSEEN and not is_closing else ""
    if not until:
        yield text[end:]


def cut(text: str, limit: int) -> str:
    """A text of at most ``limit`` characters, cut at the end of a word where one is near."""
    if len(text) <= limit:
        return text
    head = text[: limit + 1]
    space = max(head.rfind(" "), head.rfind("\n"))
    return head[: space if space > limit - LONGEST_WORD else limit].strip()


def value_of(instance: models.Model, name: str) -> str:
    """The value of one of the object's own columns as text; blank for anything else."""
    field: Any
    try:
        field = instance._meta.get_field(name)
    except FieldDoesNotExist:
        return ""
    if not is_text(field):
        return ""
    value = field.value_from_object(instance)
    if value is None:
        return ""
    # A choice by its name, as the form shows it, but in the project's language: the same text for everybody.
    with translation.override(settings.LANGUAGE_CODE):
        return str(dict(field.flatchoices).get(value, value) if field.choices else value)


def typed_value(model: type[models.Model], name: str, sent: Sequence[str]) -> str:
    """The same of what a form's control sends: the value of a column that is not saved yet."""
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return ""
    if not is_text(field):
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        # A choice of nothing is called “---------”, and says nothing.
        named = {str(value): str(label) for value, label in field.flatchoices if value not in (None, "")}
        return ", ".join(named.get(value, value) for value in sent)


def is_text(field: Any) -> bool:
    """Whether a field has a value of its own that can be written out: no relation, no file, no yes or no."""
    unfit = (models.FileField, models.BinaryField, models.JSONField, models.BooleanField)
    return isinstance(field, models.Field) and not field.is_relation and not isinstance(field, unfit)
