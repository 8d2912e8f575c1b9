"""Keeping pictures together: favourites of one's own, and tags that all share."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from . import audit
from .exceptions import NotAllowed
from .library import Wanted
from .models import LONGEST, Favourite, GeneratedImage, Tag, Tagging, key_of, name_of
from .people import people_with

#: Tags of one picture.
MOST = 20
#: Tags that are offered: those that were given most often, among the last so many times that any was given.
OFFERED, LATELY = 30, 2_000
#: Pictures that get another tag at a time.
AT_ONCE = 500
#: Of those that have no room for a tag so many are named.
NAMED = 5
#: What separates tags that are written in one line, in the scripts of several languages.
COMMA = re.compile("[,\n;\u060c\u3001\uff0c\uff1b]")


def favour(image: GeneratedImage, user: Any, wanted: bool = True) -> bool:
    """Make a picture one of this person's favourites, or none any more; tell whether that changed anything.

    Raises NotAllowed for a picture whose row this person may not see.
    """
    if not GeneratedImage.objects.visible_to(user).filter(pk=image.pk).exists():
        raise NotAllowed(_("You may not see this picture. Ask %(people)s.") % {"people": _people()})
    if wanted:
        return Favourite.objects.get_or_create(user_id=user.pk, image=image)[1]
    return bool(Favourite.objects.filter(user_id=user.pk, image=image).delete()[0])


def with_favourites(rows: Any, user: Any) -> Any:
    """These pictures; in their query each gets ``is_favourite``: whether it is one of this person's."""
    theirs = Favourite.objects.using(rows.db).filter(user_id=user.pk, image=OuterRef("pk"))
    return rows.annotate(is_favourite=Exists(theirs))


def is_favourite(image: GeneratedImage, user: Any) -> bool:
    """Whether it is one of this person's."""
    return Favourite.objects.filter(user_id=user.pk, image=image).exists()


def names_of(image: GeneratedImage) -> list[str]:
    """Its tags, in order."""
    return list(Tag.objects.filter(images=image).values_list("name", flat=True))


def written(names: Iterable[str]) -> str:
    """Tags in one line, as ``read`` takes them."""
    return ", ".join(names)


def read(text: str) -> list[str]:
    """The tags that somebody wrote in one line, each once. Raises ValidationError where one is too long, or there are
    too many."""
    return checked(COMMA.split(text))


def merged(image: GeneratedImage, before: Iterable[str], after: Iterable[str]) -> list[str]:
    """The tags that a picture has now, changed as somebody changed those that their page began with.

    So nobody takes away what another gave while the page was open. Raises ValidationError as ``read`` does.
    """
    old, new = ({key_of(name): name for name in names} for names in (before, after))
    now = {key_of(name): name for name in names_of(image)}
    kept = {key: name for key, name in now.items() if key in new or key not in old}
    return checked(
        [*kept.values(), *(name for key, name in new.items() if key not in old and key not in now)]
    )


def tag(image: GeneratedImage, names: Iterable[str], *, user: Any = None) -> bool:
    """Give a picture these tags and no others; tell whether that changed anything.

    A tag is made when it is first given. Without ``user`` the site's own code gives them. Raises ValidationError as
    ``read`` does, and NotAllowed for a picture whose words this person may not change.
    """
    if user is not None and not may_tag(image, user):
        raise NotAllowed(_("You may not tag this picture. Ask %(people)s.") % {"people": _people()})
    wanted = {key_of(name): name for name in checked(names)}
    with transaction.atomic():
        # Of two at once the second waits, and then says what stays.
        GeneratedImage.objects.select_for_update().get(pk=image.pk)
        there = dict(Tagging.objects.filter(image=image).values_list("tag__key", "pk"))
        gone = [pk for key, pk in there.items() if key not in wanted]
        # In one order for everybody: of two who give the same new ones crosswise, each would wait for the other.
        new = [wanted[key] for key in sorted(wanted.keys() - there)]
        if gone:
            Tagging.objects.filter(pk__in=gone).delete()
        if new:
            Tagging.objects.bulk_create([Tagging(tag=_tag(name), image=image) for name in new])
        if (gone or new) and user is not None:
            audit.changed(image, [gettext_noop("tags")], user)
    return bool(gone or new)


def add_tags(images: Iterable[GeneratedImage], names: Iterable[str], *, user: Any = None) -> int:
    """Give these pictures these tags besides those that they have; tell how many have them now.

    Those that this person may not see stay as they are. Raises ValidationError as ``read`` does and where one of them
    would have too many, and NotAllowed for somebody who may change no picture's words: then none is changed.
    """
    if user is not None and not _may_tag(user):
        raise NotAllowed(_("You may not tag this picture. Ask %(people)s.") % {"people": _people()})
    wanted = {key_of(name): name for name in checked(names)}
    with transaction.atomic():
        rows = _locked(images, user)
        there = _keys_of(rows)
        if full := [image for image in rows if len(there[image.pk] | wanted.keys()) > MOST]:
            raise ValidationError(_no_room(full))
        lacking = [(image, key) for image in rows for key in sorted(wanted) if key not in there[image.pk]]
        # In one order for everybody, as in ``tag``, and once all pictures are held.
        tags = {key: _tag(wanted[key]) for key in sorted({key for _image, key in lacking})}
        Tagging.objects.bulk_create(
            [Tagging(tag=tags[key], image=image) for image, key in lacking], AT_ONCE, ignore_conflicts=True
        )
        if lacking and user is not None:
            changed = list({image.pk: image for image, _key in lacking}.values())
            audit.all_changed(changed, [gettext_noop("tags")], user)
    return len(rows)


def other_of(tag: Tag, name: str) -> Tag | None:
    """Another tag that is called this already, however it is spelt."""
    return Tag.objects.filter(key=key_of(name)).exclude(pk=tag.pk).first()


def rename(tag: Tag, name: str) -> Tag:
    """Call a tag something else. Where there is a tag of that name its pictures get that one, and it goes.

    Returns the tag that there is then. Raises ValidationError for what is no name of one.
    """
    if len(names := checked([name])) != 1:
        raise ValidationError(_("Write a word that can be seen."))
    with transaction.atomic():
        other = other_of(tag, names[0])
        if other is None:
            tag.name = names[0]
            tag.save()
            return tag
        rows = Tagging.objects.filter(tag=tag).order_by("pk")
        while some := dict(rows.values_list("image_id", "pk")[:AT_ONCE]):
            there = Tagging.objects.filter(tag=other, image__in=list(some)).values_list("image_id", flat=True)
            twice = [some.pop(image) for image in list(there)]
            Tagging.objects.filter(pk__in=twice).delete()
            Tagging.objects.filter(pk__in=list(some.values())).update(tag=other)
        Tag.objects.filter(pk=tag.pk).delete()
    return other


def may_tag(image: GeneratedImage, user: Any) -> bool:
    """Whether this person may change the words of this picture."""
    return _may_tag(user) and GeneratedImage.objects.visible_to(user).filter(pk=image.pk).exists()


def offered() -> list[tuple[int, str]]:
    """The tags that were given most often lately, by name: the key and the name of each. One query."""
    last = Tagging.objects.order_by("-pk").values_list("tag_id", "tag__name")[:LATELY]
    found = [tag for tag, _count in Counter(last).most_common(OFFERED)]
    return sorted(found, key=lambda tag: tag[1].casefold())


def favourites_of(user: Any, using: str = "") -> Wanted:
    """What the library looks for: pictures that this person likes."""
    return _kept(Favourite.objects.using(using or None).filter(user=user))


def tagged(tag: Tag | int, using: str = "") -> Wanted:
    """The same of pictures that have this tag, whose key is enough."""
    return _kept(Tagging.objects.using(using or None).filter(tag=tag))


def _kept(rows: Any) -> Wanted:
    # Not a join, for which SQLite would gather and sort all of them.
    return Wanted(
        Q(Exists(rows.filter(image=OuterRef("pk")))), rows.values_list("image_id", flat=True), few=True
    )


def _may_tag(user: Any) -> bool:
    return bool(user.is_active and user.has_perm("seedream_django.change_generatedimage"))


def _locked(images: Iterable[GeneratedImage], user: Any) -> list[GeneratedImage]:
    """Those of them that there are, and that this person may see, held until they are tagged, in one order for all."""
    keys = sorted({image.pk for image in images})
    seen = GeneratedImage.objects.all() if user is None else GeneratedImage.objects.visible_to(user)
    rows: list[GeneratedImage] = []
    for first in range(0, len(keys), AT_ONCE):
        # Not a join, of which the orders would be held as well.
        some = seen.filter(pk__in=keys[first : first + AT_ONCE]).order_by()
        rows += GeneratedImage.objects.select_for_update().filter(pk__in=some.values("pk")).order_by("pk")
    return rows


def _keys_of(images: list[GeneratedImage]) -> defaultdict[int, set[str]]:
    """The keys of the tags that each has."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for first in range(0, len(images), AT_ONCE):
        rows = Tagging.objects.filter(image__in=images[first : first + AT_ONCE])
        for image, key in rows.values_list("image_id", "tag__key"):
            found[image].add(key)
    return found


def _too_many() -> str:
    words = ngettext("A picture has %(count)s tag at most.", "A picture has %(count)s tags at most.", MOST)
    return words % {"count": MOST}


def _no_room(full: list[GeneratedImage]) -> str:
    """Which have no room for what was written."""
    names = ", ".join(f"“{image}”" for image in full[:NAMED])
    said = [_too_many(), _("These have no room for it: %(names)s.") % {"names": names}]
    if (left := len(full) - NAMED) > 0:
        said.append(ngettext("And %(count)s more.", "And %(count)s more.", left) % {"count": left})
    return " ".join(said)


def _tag(name: str) -> Tag:
    # Two that give a new one at once give the same.
    return Tag.objects.get_or_create(key=key_of(name), defaults={"name": name})[0]


def checked(names: Iterable[str]) -> list[str]:
    """These names as they are kept, each once. Raises ValidationError as ``read`` does."""
    by_key = {key_of(name): name for name in filter(None, map(name_of, names))}
    found = list(by_key.values())
    if len(found) > MOST:
        raise ValidationError(_too_many())
    for name in found:
        if len(name) > LONGEST:
            words = _("“%(name)s” is too long: a tag has %(count)s characters at most.")
            raise ValidationError(words % {"name": f"{name[:LONGEST]}…", "count": LONGEST})
        if COMMA.search(name):
            # It would come back from a form as two.
            raise ValidationError(_("“%(name)s” has a comma in it.") % {"name": name})
    return found


def _people() -> str:
    return people_with("seedream_django.see_others_prompts", "seedream_django.change_generatedimage")
