"""Telling a person what became of the pictures that a saved form waits for, and what others decided about theirs: on a
page of the admin, or by mail.

Each slot is told of once. What several slots did for one object is put together: an inline gallery of ten is one
message.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils import timezone, translation
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import conf, verdicts
from .diagnosis import diagnose
from .entry import list_page
from .models import Slot, State, after
from .whereabouts import Thing, things_of

logger = logging.getLogger(__name__)

#: Messages on one page; of what else there is the number is told.
SHOWN = 5
#: Slots that are read for one page or one mail.
READ = 500
#: What is older than this is no news any more, in seconds.
NEWS = 30 * 24 * 60 * 60
#: Seconds that somebody has to see it on a page before it is mailed.
PATIENCE = 2 * 60
#: Seconds for which a mail server that takes nothing is tried again.
MAILED_FOR = 24 * 60 * 60
#: A note that its person has written, by choosing another picture.
BY_HAND = "Another picture was chosen meanwhile."
#: Mails that fail, after which the other persons wait for the next run.
FAILURES = 3


# -- What there is to tell -----------------------------------------------------------------------------------


def _untold(since: float, until: float = 0, user: Any = None) -> list[Any]:
    """Slots of saved objects that nobody told of, settled or in vain between these seconds ago."""
    rows = Slot.objects.filter(told_at__isnull=True, mailed_at__isnull=True).exclude(object_id="")
    # A bulk run has a page of its own, which tells of all its objects.
    rows = rows.exclude(generation__door="bulk")
    rows = rows.exclude(note=BY_HAND)
    moments = (after(-since), after(-until))
    settled = rows.filter(settled_at__range=moments)
    # What was cancelled its person cancelled. What comes after such an end is told of as well: see slots.fill.
    ended = Q(generation__state__in=(State.FAILED, State.LOST), generation__stored=0)
    in_vain = rows.filter(ended, settled_at__isnull=True, generation__finished_at__range=moments)
    # Of another's order, in this one's place, the words are not for them.
    in_vain = in_vain.filter(user=F("generation__user"))
    if user is None:
        return [settled, in_vain]
    # By the orders of this person, which an index has: of slots there are more than were ever settled.
    return [settled.filter(user=user), in_vain.filter(generation__user=user)]


def _take(found: list[Any], column: str) -> list[Slot]:
    """Those of the slots that nobody else tells of at this moment."""
    first, *others = (rows.select_related("generation", "content_type") for rows in found)
    rows = list(first.union(*others, all=True).order_by("created_at", "id")[:READ])
    if not rows:
        return []
    now = timezone.now()
    keys = [slot.pk for slot in rows]
    mine = Slot.objects.filter(pk__in=keys, told_at__isnull=True, mailed_at__isnull=True)
    if mine.update(**{column: now}) < len(rows):
        taken = set(Slot.objects.filter(pk__in=keys, **{column: now}).values_list("pk", flat=True))
        rows = [slot for slot in rows if slot.pk in taken]
    for slot in rows:
        setattr(slot, column, now)
    return rows


# -- On a page -----------------------------------------------------------------------------------------------


def tell(request: HttpRequest) -> None:
    """Tell who looks at this page of the admin, in messages, what became of their pictures since."""
    user: Any = request.user
    if not _is_looked_at(request) or not user.is_active or user.pk is None:
        return
    slots = _take(_untold(NEWS, user=user), "told_at")
    things = list(things_of(slots, user, request))
    things.sort(key=lambda thing: not thing.unfilled)
    said = [(_linked(thing), *each) for thing in things for each in _sentences(thing)]
    said += [(verdict.linked, *verdict.sentence()) for verdict in verdicts.take(user, NEWS)]
    for name, level, template, values, _count in said[:SHOWN]:
        messages.add_message(request, level, _as_html(template, {**values, "name": name}))
    if rest := sum(count for *_others, count in said[SHOWN:]):
        words = ngettext(
            "And there is news of %(count)s more picture.",
            "And there is news of %(count)s more pictures.",
            rest,
        )
        page = list_page() if user.has_perm("seedream_django.view_generation") else ""
        text = words % {"count": rest}
        messages.info(request, format_html('<a href="{}">{}</a>', page, text) if page else text)


def _is_looked_at(request: HttpRequest) -> bool:
    """Whether a person sees the next messages on this page: no script asks for it, and it is no popup."""
    if request.method != "GET" or not hasattr(request, "_messages") or "_popup" in request.GET:
        return False
    headers = request.headers
    if "XMLHttpRequest" in headers.get("X-Requested-With", "") or "prefetch" in headers.get(
        "Sec-Purpose", ""
    ):
        return False
    return headers.get("Sec-Fetch-Dest", "document") != "empty" and request.accepts("text/html")


def _linked(thing: Thing) -> SafeString:
    # A name may be in a language that is written the other way.
    name = format_html("<bdi>{}</bdi>", thing.name)
    return format_html('<a href="{}">{}</a>', thing.path, name) if thing.path else name


def _as_html(template: str, values: dict[str, Any]) -> SafeString:
    escaped = {name: conditional_escape(value) for name, value in values.items()}
    return mark_safe(conditional_escape(template) % escaped)


# -- In words ------------------------------------------------------------------------------------------------

Sentence = tuple[int, str, dict[str, Any], int]


def _sentences(thing: Thing) -> Iterator[Sentence]:
    """What became of an object's pictures: the level, a text with places for names, the names, how many pictures."""
    for reason, slots in thing.unfilled.items():
        count = len(slots)
        template = ngettext(
            "“%(name)s”: the picture for “%(field)s” was not put in place. %(reason)s",
            "“%(name)s”: %(count)s pictures were not put in place. %(reason)s",
            count,
        )
        words = {"field": thing.label(slots[0]), "count": count, "reason": _why(reason, slots[0])}
        yield messages.WARNING, template, words, count
    if thing.filled:
        count = len(thing.filled)
        template = ngettext(
            "“%(name)s”: the picture is in place in “%(field)s”.",
            "“%(name)s”: %(count)s pictures are in place.",
            count,
        )
        yield messages.SUCCESS, template, {"field": thing.label(thing.filled[0]), "count": count}, count


def _why(note: str, slot: Slot) -> str:
    """Why it was not filled, and what to do."""
    if note:
        kept = _("The picture is kept, and can be chosen.") if slot.generation.stored else ""
        return " ".join(filter(None, (_(note), kept)))
    return str(diagnose(slot.generation))


# -- By mail -------------------------------------------------------------------------------------------------


def to_mail() -> list[Any]:
    """Persons who were not told on a page in time, by their keys; in no order."""
    if not conf.NOTICE_MAIL:
        return []
    keys: set[Any] = set()
    for rows in _untold(MAILED_FOR, PATIENCE):
        keys |= set(rows.filter(user__isnull=False).values_list("user", flat=True).distinct())
    keys |= set(verdicts.untold(MAILED_FOR, PATIENCE).values_list("to_tell", flat=True).distinct())
    persons = [
        person for person in get_user_model()._default_manager.filter(pk__in=keys) if _address_of(person)
    ]
    # So that a few whose mail never goes out do not keep it from the others for ever.
    random.shuffle(persons)
    return persons


def mail() -> None:
    """Mail each of them, once, everything that they were not told. What is not sent is tried by the next run."""
    failures = 0
    for person in to_mail():
        failures += not _mail_to(person)
        if failures == FAILURES:
            return


def _mail_to(person: Any) -> bool:
    slots = _take(_untold(MAILED_FOR, PATIENCE, user=person), "mailed_at")
    decided = verdicts.take(person, MAILED_FOR, PATIENCE)
    if not slots and not decided:
        return True
    try:
        with translation.override(settings.LANGUAGE_CODE), timezone.override(None):
            subject = _subject(slots) if slots else _subject_of_verdicts(decided)
            body = _body(things_of(slots, person), decided)
            send_mail(subject, body, None, [_address_of(person)])
    except Exception:
        # Every mail backend has errors of its own.
        logger.exception("The mail about pictures was not sent.")
        for slot in slots[:1]:
            keys = [each.pk for each in slots]
            Slot.objects.filter(pk__in=keys, mailed_at=slot.mailed_at).update(mailed_at=None)
        verdicts.give_back(decided, person)
        return False
    return True


def _address_of(person: Any) -> str:
    return str(getattr(person, person.get_email_field_name(), "") or "") if person.is_active else ""


def _address(path: str) -> list[str]:
    """The whole address of a page, where the site says its own."""
    if not path or not conf.PUBLIC_URL:
        return []
    return [f"{conf.PUBLIC_URL.rstrip('/')}{path.removeprefix(get_script_prefix().rstrip('/'))}"]


def _subject(slots: Iterable[Slot]) -> str:
    filled = [bool(slot.settled_at and not slot.note) for slot in slots]
    if count := filled.count(False):
        words = ngettext(
            "AI pictures: %(count)s picture was not put in place",
            "AI pictures: %(count)s pictures were not put in place",
            count,
        )
    else:
        count = len(filled)
        words = ngettext(
            "AI pictures: %(count)s picture is in place",
            "AI pictures: %(count)s pictures are in place",
            count,
        )
    return words % {"count": count}


def _subject_of_verdicts(decided: Iterable[verdicts.Verdict]) -> str:
    count = sum(len(verdict.images) for verdict in decided)
    words = ngettext(
        "AI pictures: %(count)s picture of yours was reviewed",
        "AI pictures: %(count)s pictures of yours were reviewed",
        count,
    )
    return words % {"count": count}


def _body(things: Iterable[Thing], decided: Iterable[verdicts.Verdict]) -> str:
    lines: list[str] = []
    for thing in things:
        for _level, template, values, _count in _sentences(thing):
            lines.append(template % {**values, "name": thing.name})
        lines += [*_address(thing.path), ""]
    for verdict in decided:
        _level, template, values, _count = verdict.sentence()
        lines += [template % {**values, "name": verdict.name}, *_address(verdict.path), ""]
    return "\n".join([*lines, _("You get this mail because you ordered these pictures.")])
