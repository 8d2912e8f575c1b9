"""The one order that all ways are measured with."""

from __future__ import annotations

from typing import Any

from seedream_django.parameters import MODEL

PROMPT = "a red fox in the snow, at dawn, seen from far away"

#: It as a task on the wire, but for its UUID.
TASK: dict[str, Any] = {
    "taskType": "imageInference",
    "model": MODEL,
    "positivePrompt": PROMPT,
    "width": 2048,
    "height": 2048,
    "includeCost": True,
    "deliveryMethod": "async",
}
