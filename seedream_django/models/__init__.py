"""The rows.

Models hold state and its legal steps; what concerns many rows is on the QuerySets. No network, no queue.
"""

from .deleting import refuse_order, refuse_picture, why_not
from .generations import (
    FINAL,
    STEPS,
    Asked,
    Generation,
    GenerationQuerySet,
    State,
    after,
)
from .house import PRIVATE, Beat, Circuit, DiscardedFile, Finding, Switch, discard_files, discard_inbox
from .images import GeneratedImage, GeneratedImageQuerySet, ImageState, Review
from .money import (
    Budget,
    BudgetPeriod,
    Kind,
    LedgerEntry,
    MoneyField,
    Period,
    dollars,
    midnight,
    next_month,
    today,
)
from .places import Slot, SlotQuerySet
from .references import Reference, ReferenceFile, Role, SentMedia, let_go, storage_of
from .storage import can_keep, inbox_name, picture_storage, private_storage

__all__ = [
    "FINAL",
    "PRIVATE",
    "STEPS",
    "Asked",
    "Beat",
    "Budget",
    "BudgetPeriod",
    "Circuit",
    "DiscardedFile",
    "Finding",
    "GeneratedImage",
    "GeneratedImageQuerySet",
    "Generation",
    "GenerationQuerySet",
    "ImageState",
    "Kind",
    "LedgerEntry",
    "MoneyField",
    "Period",
    "Reference",
    "ReferenceFile",
    "Review",
    "Role",
    "SentMedia",
    "Slot",
    "SlotQuerySet",
    "State",
    "Switch",
    "after",
    "can_keep",
    "discard_files",
    "discard_inbox",
    "dollars",
    "inbox_name",
    "let_go",
    "midnight",
    "next_month",
    "picture_storage",
    "private_storage",
    "refuse_order",
    "refuse_picture",
    "storage_of",
    "today",
    "why_not",
]
