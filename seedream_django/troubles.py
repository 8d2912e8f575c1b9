"""What can happen to a finished picture, for those who read it in another language.

Rows keep such a sentence in English, as a log does: the worker that writes it does not know who will read it.
``told`` finds the sentence again, with what was filled in, and says it in the language of the moment.
"""

from __future__ import annotations

import functools
import re

from django.utils.translation import gettext, gettext_noop

SENTENCES = (
    # runware: the address and what came from it
    gettext_noop("%(address)s is not an address that results may come from."),
    gettext_noop("%(host)s leads to an address that results may not come from."),
    gettext_noop("%(address)s could not be fetched (%(reason)s)."),
    gettext_noop("The picture's address is gone (HTTP status %(status)s)."),
    gettext_noop("The picture's address answered with HTTP status %(status)s."),
    gettext_noop("The picture's address answered with a page, not a picture."),
    gettext_noop("The picture's address came packed, which was not asked for."),
    gettext_noop("The picture's address is larger than %(size)s bytes."),
    gettext_noop("The picture's address came too slowly."),
    gettext_noop("The picture's address was cut short at %(size)s bytes."),
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
)


def told(kept: str) -> str:
    """The sentence that a row keeps, in the language of the moment; what is none of ours stays as it is."""
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(kept):
            return gettext(sentence) % found.groupdict()
    return kept


@functools.cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (text, re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(text)))) for text in SENTENCES
    ]
