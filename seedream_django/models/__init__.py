"""The rows.

Models hold state and its legal steps; what concerns many rows is on the QuerySets. No network, no queue.
"""

from .generations import (
    FINAL,
    STEPS,
    GeneratedImage,
    GeneratedImageQuerySet,
    Generation,
    GenerationQuerySet,
    ImageState,
    Slot,
    SlotQuerySet,
    State,
    after,
    picture_storage,
)
from .house import Beat, DiscardedFile, Switch, discard_files

__all__ = [
    "FINAL",
    "STEPS",
    "Beat",
    "DiscardedFile",
    "GeneratedImage",
    "GeneratedImageQuerySet",
    "Generation",
    "GenerationQuerySet",
    "ImageState",
    "Slot",
    "SlotQuerySet",
    "State",
    "Switch",
    "after",
    "discard_files",
    "picture_storage",
]
