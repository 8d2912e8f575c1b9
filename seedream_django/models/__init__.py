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
    State,
    after,
)
from .house import Beat, DiscardedFile, Switch, discard_files
from .places import Slot, SlotQuerySet
from .storage import can_keep, picture_storage

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
    "can_keep",
    "discard_files",
    "picture_storage",
]
