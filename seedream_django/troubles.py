"""What can go wrong, in the reader's language: with an order by kind of error, with a picture by the row's own words.

Rows keep such a sentence in English, as a log does: the worker that writes it does not know who will read it.
``told`` finds the sentence again, with what was filled in, and says it in the language of the moment.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from django.utils.translation import gettext, gettext_lazy, gettext_noop

from . import pictures

SENTENCES = (
    # runware: the address and what came from it
    gettext_noop("%(address)s is not an address that results may come from."),
    gettext_noop("%(host)s leads to an address that results may not come from."),
    gettext_noop("%(address)s could not be fetched (%(reason)s)."),
    gettext_noop("%(address)s leads on and on."),
    gettext_noop("The picture's address is gone (HTTP status %(status)s)."),
    gettext_noop("The picture's address answered with HTTP status %(status)s."),
    gettext_noop("The picture's address answered with a page, not a picture."),
    gettext_noop("The picture came packed, which was not asked for."),
    gettext_noop("The picture is larger than %(size)s bytes."),
    gettext_noop("The picture came too slowly."),
    gettext_noop("The picture was cut short at %(size)s bytes."),
    gettext_noop("The provider does not hand out the picture's bytes."),
    # moving: the way out of the private storage
    gettext_noop("The private storage did not give the file (%(reason)s)."),
    gettext_noop("The private storage did not take the file (%(reason)s)."),
    gettext_noop("The file that was given is not there any more."),
    gettext_noop("The private storage has another file than was saved there."),
    # bundles: a sequence as one file
    gettext_noop("The storage did not give the file (%(reason)s)."),
    gettext_noop("The storage has another file than was saved there."),
    # pictures and marks: the file
    gettext_noop("The file is broken or not a picture."),
    gettext_noop("The picture claims %(width)s × %(height)s pixels."),
    gettext_noop("The file is no JPEG, PNG or WEBP."),
    gettext_noop("The file became shorter while it was read."),
    gettext_noop("The file is cut short."),
    gettext_noop("The JPEG has no picture, or is broken before it."),
    gettext_noop("The PNG does not begin with its header."),
    gettext_noop("The PNG is broken or cut short."),
    gettext_noop("The WEBP is cut short."),
    gettext_noop("The WEBP is broken or cut short."),
    gettext_noop("The WEBP does not begin with a picture."),
    gettext_noop("The WEBP has no key frame."),
    gettext_noop("The WEBP has no lossless picture."),
    # storing: our own side
    gettext_noop("The storage did not take the file (%(reason)s)."),
    gettext_noop("The folder for half-written files belongs to somebody else, or others may write to it."),
    gettext_noop("Its bytes wait on the machine %(host)s."),
    gettext_noop("It ended the worker that opened it."),
    gettext_noop("It was tried for too long."),
    # slots and copying: a place that is filled later
    gettext_noop("The object is gone."),
    gettext_noop("The field is gone."),
    gettext_noop("The person who ordered it may not change the object any more."),
    gettext_noop("Another picture was chosen meanwhile."),
    gettext_noop("The field has another picture by now."),
    gettext_noop("The field has no room for the name of a file."),
    gettext_noop("The field takes neither JPG nor PNG nor WEBP."),
    gettext_noop("The field does not take the file: %(reason)s"),
    gettext_noop("The storage of the pictures did not give the file (%(reason)s)."),
    gettext_noop("The storage of the pictures has another file than was saved there."),
    gettext_noop("The mark could not be put into the file."),
    gettext_noop("The site's own code failed (%(reason)s)."),
)

#: The same of what an order is made from.
ABOUT_REFERENCES = (
    gettext_noop("Reference %(number)s (%(name)s): %(what)s"),
    gettext_noop("it was deleted meanwhile."),
    gettext_noop("it is broken, or no picture in PNG, JPG or WEBP."),
    gettext_noop("its address is not public."),
    gettext_noop("the site has no such field any more."),
    gettext_noop("A reference could not be read from its storage (%(reason)s)."),
    *pictures.REFERENCE_TEXTS,
)


def told(kept: str) -> str:
    """The sentence that a row keeps, in the language of the moment; what is none of ours stays as it is."""
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(kept):
            # What is filled in may be such a sentence as well.
            return gettext(sentence) % {name: told(part) for name, part in found.groupdict().items()}
    return kept


@functools.cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (text, re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(text))))
        for text in (*SENTENCES, *ABOUT_REFERENCES)
    ]


# -- Reasons and advice, by kind of error --------------------------------------------------------------------

REASONS: dict[str, Any] = {
    "auth": gettext_lazy("The provider did not accept the site's key."),
    "quota": gettext_lazy("The site's account at the provider has no balance left."),
    "safety": gettext_lazy("The provider's safety check refused this picture."),
    "validation": gettext_lazy("The provider refused the order."),
    "rate_limit": gettext_lazy("The provider is busy."),
    "network": gettext_lazy("The provider cannot be reached."),
    "provider": gettext_lazy("The provider failed to make the picture."),
    "server": gettext_lazy("The provider has trouble."),
    "storing": gettext_lazy("The picture was made, but it could not be saved."),
    "deadline": gettext_lazy("It waited too long: no worker took it."),
    "timeout": gettext_lazy("The provider did not finish in time."),
    "reference": gettext_lazy("A picture that this one is to be made from cannot be used."),
}

#: Where what stops everybody is another matter than what ended one order.
_STOPPED: dict[str, Any] = {
    "provider": gettext_lazy("The provider fails at one order after another."),
    "storage": gettext_lazy("The storage does not take any pictures at the moment."),
}

#: What the owner does about it.
OWNER_ADVICE: dict[str, Any] = {
    "auth": gettext_lazy(
        'Check the key (SEEDREAM["API_KEY"]) and what it may do at the provider; after a change restart web '
        "server and worker."
    ),
    "quota": gettext_lazy("Top up the account at the provider."),
    "network": gettext_lazy(
        "See whether the server reaches the internet, and what the provider says of itself."
    ),
    "server": gettext_lazy("Wait, and see what the provider says of itself."),
    "provider": gettext_lazy("Look at the latest failures, and see what the provider says of itself."),
    "storage": gettext_lazy(
        "See whether the disk is full or the storage's access was changed: the pictures that could not be saved "
        "yet say why."
    ),
}


def why_stopped(circuit: Any) -> str:
    """What stands in the way of all new orders, in a sentence."""
    kind = circuit.error_kind
    return str(_STOPPED.get(kind) or REASONS.get(kind) or REASONS["server"])


def words_about(circuit: Any) -> str:
    """The provider's own words, or the storage's in the reader's language."""
    return told(circuit.error_message)


def owner_advice(circuit: Any) -> str:
    """What the owner does about it."""
    return str(OWNER_ADVICE.get(circuit.error_kind, OWNER_ADVICE["server"]))


ADVICE: dict[str, Any] = {
    "auth": gettext_lazy(
        'Ask an administrator to check the key (SEEDREAM["API_KEY"]) and what it may do, then try again.'
    ),
    "quota": gettext_lazy("Ask an owner to top up the account, then try again."),
    "safety": gettext_lazy(
        "That is final for these words. Change the prompt and order again; the prompt is kept."
    ),
    "validation": gettext_lazy("Change what the provider names and order again; the prompt is kept."),
    "rate_limit": gettext_lazy("Try again in a few minutes; the prompt is kept."),
    "network": gettext_lazy(
        "Try again later, or ask an administrator whether the server reaches the internet."
    ),
    "provider": gettext_lazy("Try again; the prompt is kept."),
    "server": gettext_lazy("Try again in a few minutes; the prompt is kept."),
    "storing": gettext_lazy("Tell an administrator; the picture may still be fetched."),
    "deadline": gettext_lazy(
        "Ask an administrator to start the worker (“manage.py run_huey”), then try again."
    ),
    "timeout": gettext_lazy("Ask an owner before you order it again."),
    "reference": gettext_lazy("Give another one, or none, and order again; the prompt is kept."),
}

#: Where the provider's own words help the one who wrote the prompt.
_QUOTED = {"safety", "validation", "provider", "storing"}
#: Where they are our own.
_OURS = {"reference"}


def reason(generation: Any) -> str:
    """Why an order ended as it did, with the provider's words where they help."""
    what = str(REASONS.get(generation.error_kind, REASONS["server"]))
    if generation.error_kind in _OURS and generation.error_message:
        return f"{what} {told(generation.error_message)}"
    if generation.error_kind in _QUOTED and generation.error_message:
        return gettext("%(reason)s It says: “%(words)s”") % {
            "reason": what,
            "words": told(generation.error_message),
        }
    return what
