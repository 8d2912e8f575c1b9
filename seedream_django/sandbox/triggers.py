"""Words that make the sandbox fail as the provider does, each on request: in a prompt, or in a header.

``TRIGGERS`` is the table that the docs render. Several words act together. The header ``X-Sandbox`` acts on
every task of its request, polls too, as far as the word has something to do there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .books import Task

PREFIX = "sandbox:"
_WORD = re.compile(re.escape(PREFIX) + r"([a-z0-9]+(?:-[a-z0-9]+)*)", re.IGNORECASE)


@dataclass(frozen=True)
class Trigger:
    """One word.

    ``at`` tells when it acts: ``submit`` (before anything is accepted: never charged), ``accept`` (the
    acknowledgement), ``run`` (while it is polled), ``file`` (where the result is fetched) or ``deliver`` (what a
    server sends by itself). ``status`` and ``code`` are what a refusal or a failed result answers with;
    ``retry_after`` is a header's seconds. ``spoil`` is what becomes of the whole reply: ``cut`` (none), ``half`` or
    ``html``. ``times`` bounds how often it acts; ``None`` is always. ``charged`` tells whether what it spoils is in
    the books as paid for.
    """

    word: str
    at: str
    text: str
    status: int = 200
    code: str = ""
    message: str = ""
    times: int | None = None
    charged: bool = True
    retry_after: int | None = None
    spoil: str = ""


TRIGGERS: tuple[Trigger, ...] = (
    # Refused: never accepted, never charged.
    Trigger(
        "sandbox:badkey", "submit", "The whole request is refused as if the key were wrong.",
        401, "invalidApiKey", "Invalid API key.", charged=False,
    ),
    Trigger(
        "sandbox:nobalance", "submit",
        "The task is refused because the account is empty; so say the next two answers about the balance.",
        402, "insufficientCredits", "The account has not enough credits for this task.", charged=False,
    ),
    Trigger(
        "sandbox:forbidden", "submit", "The task is refused because the key may not use this model.",
        403, "forbidden", "This API key is not allowed to use this model.", charged=False,
    ),
    Trigger(
        "sandbox:refused", "submit", "The prompt is refused by the provider's safety rules before it runs.",
        400, "invalidProviderContent", "The provider's content rules reject this prompt.", charged=False,
    ),
    Trigger(
        "sandbox:429", "submit", "A task's first two submissions are rate limited, with Retry-After: 1.",
        429, "rateLimitExceeded", "Too many requests.", times=2, charged=False, retry_after=1,
    ),
    Trigger(
        "sandbox:429-bare", "submit", "A task's first two submissions are rate limited, without Retry-After.",
        429, "rateLimitExceeded", "Too many requests.", times=2, charged=False,
    ),
    Trigger(
        "sandbox:always429", "submit", "Every submission is rate limited, with Retry-After: 1.",
        429, "providerRateLimitExceeded", "The provider's rate limit was exceeded.", charged=False,
        retry_after=1,
    ),
    Trigger(
        "sandbox:down", "submit", "The provider is down: 503, and the task is not accepted.",
        503, "serviceUnavailable", "The service is temporarily unavailable.", charged=False,
    ),
    Trigger(
        "sandbox:cut", "submit", "The connection is cut without a reply, and the task is not accepted.",
        charged=False, spoil="cut",
    ),
    # Accepted, and something else.
    Trigger(
        "sandbox:503-after", "accept", "The task is accepted and paid for, but the request answers 503.",
        503, "serviceUnavailable", "The service is temporarily unavailable.",
    ),
    Trigger(
        "sandbox:cut-after", "accept",
        "The task is accepted and paid for, but the connection is cut without a reply.", spoil="cut",
    ),
    Trigger(
        "sandbox:cut-within", "accept",
        "The task is accepted and paid for, but the connection is cut within the reply.", spoil="half",
    ),
    Trigger(
        "sandbox:html-reply", "accept",
        "The task is accepted and paid for, but the request answers 502 with HTML.", spoil="html",
    ),
    Trigger("sandbox:slow", "run", "Each task takes 30 seconds."),
    Trigger("sandbox:stuck", "run", "The task is accepted and paid for, and polls as processing for ever."),
    Trigger(
        "sandbox:fails", "run", "Accepted, then every result fails at the provider, free of charge.",
        500, "inferenceError", "The provider failed to generate this image.", charged=False,
    ),
    Trigger(
        "sandbox:flagged-late", "run", "Accepted, then every result is refused as unsafe, free of charge.",
        400, "contentPolicyViolation", "The content policy rejects what was generated.", charged=False,
    ),
    Trigger(
        "sandbox:partial", "run", "The last of the results fails, free of charge; the others come.",
        500, "inferenceError", "The provider failed to generate this image.", charged=False,
    ),
    Trigger(
        "sandbox:fewer", "run",
        "A sequence brings all but its last two pictures, at least one; what does not come is free.",
    ),
    Trigger(
        "sandbox:late", "run",
        "The last of the results comes 30 seconds after the task looked complete, and is paid for.",
    ),
    Trigger("sandbox:nsfw", "run", "Where the safety check was asked for, the last of the results is flagged."),
    Trigger("sandbox:nullcost", "run", "Each result's cost is null, though it was asked for."),
    # The file.
    Trigger(
        "sandbox:html", "file", "The result's address answers 502 with HTML twice, then the picture.",
        502, times=2,
    ),
    Trigger("sandbox:html-always", "file", "The result's address always answers 502 with HTML.", 502),
    Trigger("sandbox:truncated", "file", "The result's file is cut in half, always."),
    Trigger(
        "sandbox:cut-file", "file",
        "The connection is cut half-way through the result's file twice, then it comes whole.", times=2,
    ),
    Trigger("sandbox:wrong-type", "file", "The result's file is HTML that is sent as a picture, always."),
    Trigger("sandbox:mislabelled", "file", "The result's file is the picture, but it is sent as HTML."),
    Trigger(
        "sandbox:bomb", "file", "The result's file is a small PNG that claims 30,000 × 30,000 pixels, always.",
    ),
    Trigger("sandbox:expired", "file", "The result's addresses always answer 404, fresh ones too.", 404),
    # What a server sends by itself.
    Trigger("sandbox:hook-twice", "deliver", "Each webhook is posted twice, though the first was answered."),
    Trigger("sandbox:hook-lost", "deliver", "No webhook is posted; polls tell all the same."),
    Trigger("sandbox:upload-lost", "deliver", "No file is put to the upload address."),
    Trigger("sandbox:upload-late", "deliver", "The file is put to the upload address 30 seconds later."),
    Trigger(
        "sandbox:upload-wrong", "deliver",
        "Half of the file is put to the upload address; the result's own address has it whole.",
    ),
)  # fmt: skip

BY_WORD = {trigger.word: trigger for trigger in TRIGGERS}


def in_header(value: str) -> str:
    """The header's words, spelt as in a prompt: the prefix may be left out, and commas are spaces."""
    words = value.replace(",", " ").lower().split()
    return " ".join(word if word.startswith(PREFIX) else f"{PREFIX}{word}" for word in words)


def of_task(task: Task) -> dict[str, Trigger]:
    """The triggers of an accepted task, by word: its prompt's and those of the header that it came with."""
    return find(f"{task.prompt} {task.words}")


def words_in(prompt: str) -> list[str]:
    """Every ``sandbox:…`` word of the prompt, in order, known or not."""
    return [PREFIX + name.lower() for name in _WORD.findall(prompt)]


def find(prompt: str) -> dict[str, Trigger]:
    """The triggers that this prompt names, by word."""
    return {word: BY_WORD[word] for word in words_in(prompt) if word in BY_WORD}


def unknown(prompt: str) -> list[str]:
    """Words that look like triggers and are none: a misspelt one must not pass for a success."""
    return [word for word in words_in(prompt) if word not in BY_WORD]
