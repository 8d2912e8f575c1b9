"""A picture's words: what is proposed to whoever describes it, and keeping what they say.

A proposal is made from what was asked for, and says nothing of what is seen. So it only ever stands in a field, where
a person reads it, changes it and saves it; nothing here saves one by itself. Of a picture that changes another one the
prompt says only what is to be done ("make it evening"): there the words of that other one are proposed, in a title
with what was done to it, or none.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import translation
from django.utils.translation import gettext as _

from . import audit, prompts
from .exceptions import NotAllowed
from .models import GeneratedImage, Generation, Reference, Role
from .people import people_with

#: More than this is read out in one breath by no screen reader.
ALT_LENGTH = 125
TITLE_LENGTH = 80
#: What a proposal tells of the object that a picture is for.
ABOUT_LENGTH = 50
#: And the title of an edit of that of the picture that it changes, which a search is to find: whole, nearly always.
EDITED_LENGTH, EDIT_LENGTH = 120, 160


def is_described(image: GeneratedImage) -> bool:
    """Whether somebody said what it shows, or that it only decorates."""
    return image.decorative or bool(image.alt.strip())


# -- Proposals -----------------------------------------------------------------------------------------------


def proposed_alt(source: GeneratedImage | Generation, about: str = "") -> str:
    """An alternative text to begin with, in the language of whoever reads it; ``about`` is the object's title.

    Blank where there is nothing to make it from: the prompt was taken away, or nobody described what it changes.
    """
    if edits := edits_of(source):
        return next((each.image.alt for each in edits if each.image and each.image.alt.strip()), "")
    return _proposed(source, about, _("Picture for “%(title)s”: %(what)s"), ALT_LENGTH)


def proposed_title(source: GeneratedImage | Generation, about: str = "") -> str:
    """The same for a title. That of a picture that changes another one begins as that one's does, and goes on
    otherwise: in a list they are told apart, and a search for the one finds the other."""
    if edits := edits_of(source):
        about = next((each.image.title for each in edits if each.image and is_written(each.image)), "")
        words = _proposed(source, about, _("%(title)s: %(what)s"), EDIT_LENGTH, EDITED_LENGTH)
        return about and (words or about)
    return _proposed(source, about, _("%(title)s: %(what)s"), TITLE_LENGTH)


def edits(path: str = "references") -> Prefetch[Any]:
    """For ``prefetch_related``, where proposals are made for many: which pictures their orders change."""
    rows = Reference.objects.filter(role=Role.EDIT).select_related("image__generation")
    return Prefetch(path, queryset=rows, to_attr="_edits")


def edits_of(source: GeneratedImage | Generation) -> list[Reference]:
    """The pictures that its order changes by instruction."""
    generation = source.generation if isinstance(source, GeneratedImage) else source
    if generation._state.adding:
        return []
    prefetch_related_objects([generation], edits())
    found: list[Reference] = vars(generation)["_edits"]
    return found


def is_written(image: GeneratedImage) -> bool:
    """Whether its title is somebody's words, and not the beginning of its prompt that every picture is given.

    Nor what the file of one that was made elsewhere brought along, which nobody has read.
    """
    generation = image.generation
    given = {
        "",
        prompts.title(generation.prompt),
        prompts.title(generation.sent),
        image.found.get("proposed"),
    }
    return image.title not in given


def _proposed(
    source: GeneratedImage | Generation,
    about: str,
    pattern: str,
    length: int,
    about_length: int = ABOUT_LENGTH,
) -> str:
    generation = source.generation if isinstance(source, GeneratedImage) else source
    # As it was written: what a field or a style adds is said to the provider, and is no description.
    prompt = generation.prompt.strip()
    about = prompts.shortened(" ".join(about.split()), about_length)
    what = prompts.title(prompt, length - 1)
    begins = about.rstrip("…").casefold().split()
    # A prompt that was filled from the object's own title says it already.
    if what.casefold().split()[: len(begins)] == begins or not what:
        return what
    room = length - len(pattern % {"title": about, "what": ""})
    return pattern % {"title": about, "what": prompts.title(prompt, room - 1)}


# -- What somebody says --------------------------------------------------------------------------------------


def describe(
    image: GeneratedImage,
    *,
    title: str | None = None,
    alt: str | None = None,
    decorative: bool | None = None,
    user: Any = None,
) -> bool:
    """Keep the words that a person gave for a picture; tell whether anything changed.

    What is ``None`` stays as it is. A picture that only decorates has no alternative text. Without ``user`` the site's
    own code describes it. Raises NotAllowed for a picture that this person may not choose.
    """
    if user is not None and not GeneratedImage.objects.choosable_by(user).filter(pk=image.pk).exists():
        raise NotAllowed(_refusal())
    words = _said(image, title, alt, decorative)
    with transaction.atomic():
        now = GeneratedImage.objects.select_for_update().get(pk=image.pk)
        changed = [name for name, value in words.items() if getattr(now, name) != value]
        if changed:
            GeneratedImage.objects.filter(pk=image.pk).update(**{name: words[name] for name in changed})
            audit.changed(image, _labels(changed), user)
    for name, value in words.items():
        setattr(image, name, value)
    return bool(changed)


def _said(
    image: GeneratedImage, title: str | None, alt: str | None, decorative: bool | None
) -> dict[str, Any]:
    words: dict[str, Any] = {}
    if title is not None:
        words["title"] = _fitting(title, "title")
    if alt is not None:
        words["alt"] = _fitting(alt, "alt")
    if decorative is None and words.get("alt"):
        decorative = False
    if decorative is not None:
        words["decorative"] = decorative
    if words.get("decorative", image.decorative):
        words["alt"] = ""
    return words


def _fitting(text: str, column: str) -> str:
    """In one line, and no longer than its column; a form says so before."""
    field: Any = GeneratedImage._meta.get_field(column)
    longest = field.max_length
    return " ".join(text.split())[:longest]


def _labels(names: list[str]) -> list[str]:
    # As the admin keeps them: in English, and translated for whoever reads.
    with translation.override(None):
        fields: list[Any] = [GeneratedImage._meta.get_field(name) for name in names]
        return [str(field.verbose_name) for field in fields]


def _refusal() -> str:
    people = people_with("seedream_django.see_others_prompts", "seedream_django.change_generatedimage")
    return _(
        "Its words were not kept: you may not choose this picture. It is somebody else's, hidden, or waits for a "
        "decision. Ask %(people)s."
    ) % {"people": people}
