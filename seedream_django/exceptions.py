"""Everything that can go wrong, as one tree.

::

    SeedreamError
    ├── NotTaken                                 the order was refused: there is no row, and no charge
    │   ├── InvalidOrder      (ValueError)       a value that cannot be ordered; names its field
    │   │   └── Moderated     the site's moderation refused the prompt
    │   ├── NotAllowed        (PermissionError)  this person may not do this
    │   ├── OrderedMeanwhile  (RuntimeError)     somebody else ordered the same again since this person looked
    │   ├── OverBudget        (RuntimeError)     a budget has no room for this order
    │   └── SwitchedOff       (RuntimeError)     an owner has switched generating off
    │       └── NoStorage     it is off by itself: what is ordered could not be kept
    ├── NotImported           (ValueError)       a file from elsewhere that is not taken into the library; says why
    │   └── Known             it is there already, as its image
    ├── ProviderError         (RuntimeError)     the provider's answer, or the lack of one
    │   ├── Refused           outcome "refused": final, nothing ran, nothing was charged
    │   ├── NotRun            outcome "not_run": nothing ran; the same task may be sent again
    │   └── Unclear           outcome "unclear": perhaps it runs and is paid; ask, never resend blindly
    └── PictureError          (OSError)          a result could not be fetched or is not a picture
        ├── ForbiddenAddress  the address is not the provider's; it was not opened
        ├── Expired           the address is gone: ask the provider for a new one
        ├── BadPicture        what came is broken, too large or not a picture
        └── StorageAway       the storage did not take the file
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class SeedreamError(Exception):
    """Root of every error that this app raises."""


class NotTaken(SeedreamError):
    """An order that was refused: there is no row, and nothing is charged. The message is for who ordered."""


class InvalidOrder(NotTaken, ValueError):
    """One or more values that cannot be ordered.

    ``errors`` maps the keyword of ``generate()`` (which is also the name of the form's field) to its
    messages, each a sentence for the person who typed the value.
    """

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {field: list(messages) for field, messages in errors.items()}
        super().__init__("; ".join(f"{field}: {' '.join(m)}" for field, m in self.errors.items()))


class Moderated(InvalidOrder):
    """The site's moderation refused the prompt, with these words for whoever wrote it."""

    def __init__(self, words: str) -> None:
        super().__init__({"prompt": [str(words)]})


class NotAllowed(NotTaken, PermissionError):
    """This person may not do this."""


class OrderedMeanwhile(NotTaken, RuntimeError):
    """Somebody else ordered the same again since this person looked; it would cost once more."""


class OverBudget(NotTaken, RuntimeError):
    """A budget has no room for this order; the message says what is left and who can raise it."""


class SwitchedOff(NotTaken, RuntimeError):
    """An owner has switched generating off; the message carries the owner's reason."""


class NoStorage(SwitchedOff):
    """It is off by itself: the storage cannot be loaded, so that what is ordered could not be kept."""


class NotImported(SeedreamError, ValueError):
    """A file that is not taken into the library; the message says why, and what to do about it."""


class Known(NotImported):
    """The library has this file already: ``image`` is its picture, a ``GeneratedImage``."""

    def __init__(self, message: str, image: Any) -> None:
        super().__init__(message)
        self.image = image


class ProviderError(SeedreamError, RuntimeError):
    """What the provider answered, or that it did not.

    ``kind`` is the class of the error that decisions are made by (``validation``, ``auth``, ``quota``,
    ``safety``, ``rate_limit``, ``provider``, ``server``, ``network``); ``code`` and ``message`` are the
    provider's own words, kept raw because its codes are still being standardised. ``retry_after`` is in
    seconds. No part of a request (key, URL, prompt) is ever in the text.
    """

    outcome: ClassVar[str] = "unclear"

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        code: str = "",
        parameter: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.code = code
        self.parameter = parameter
        self.status = status
        self.retry_after = retry_after


class Refused(ProviderError):
    """Final: the provider said no before it ran anything. Nothing was charged."""

    outcome = "refused"


class NotRun(ProviderError):
    """Nothing ran (no connection, a rate limit): the same task may be sent again."""

    outcome = "not_run"


class Unclear(ProviderError):
    """Perhaps it runs and is paid (time-out, 5xx, a cut connection): ask, never resend blindly."""

    outcome = "unclear"


class PictureError(SeedreamError, OSError):
    """A result that could not be fetched, read or kept."""


class ForbiddenAddress(PictureError):
    """The address is not one that results may come from. No connection was made."""


class Expired(PictureError):
    """The address answers that it is gone."""


class BadPicture(PictureError):
    """The bytes are broken, too large, or no picture of a format that was asked for."""


class StorageAway(PictureError):
    """The storage did not take the file; the message names the error's class, never its text."""
