"""The rows.

Models hold state and its legal steps; what concerns many rows is on the QuerySets. No network, no queue.
"""

from .bulk import PLANNED, WORKING, BulkItem, BulkRun, BulkState, ItemState
from .deleting import refuse_order, refuse_picture, why_not
from .generations import Asked, Generation, GenerationQuerySet, after
from .house import (
    FIELD,
    PRIVATE,
    Beat,
    Circuit,
    DiscardedFile,
    Finding,
    Switch,
    discard_files,
    discard_inbox,
)
from .images import UNDESCRIBED, GeneratedImage, GeneratedImageQuerySet, ImageState, Review
from .library import LONGEST, Favourite, Tag, Tagging, key_of, name_of
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
from .places import Slot, SlotQuerySet, discard_copy
from .references import Reference, ReferenceFile, Role, SentMedia, let_go, storage_of
from .states import CODE, FINAL, STEPS, State
from .storage import can_keep, inbox_name, picture_storage, private_storage
from .storyboards import Frame, Replacement
from .styles import HOUSE, MOST, PromptTemplate, Style
from .turns import Priority, Turn
from .uses import Use, Uses, in_one_of, keys_in, place_fields, places_of

__all__ = [
    "CODE",
    "FIELD",
    "FINAL",
    "HOUSE",
    "LONGEST",
    "MOST",
    "PLANNED",
    "PRIVATE",
    "STEPS",
    "UNDESCRIBED",
    "WORKING",
    "Asked",
    "Beat",
    "Budget",
    "BudgetPeriod",
    "BulkItem",
    "BulkRun",
    "BulkState",
    "Circuit",
    "DiscardedFile",
    "Favourite",
    "Finding",
    "Frame",
    "GeneratedImage",
    "GeneratedImageQuerySet",
    "Generation",
    "GenerationQuerySet",
    "ImageState",
    "ItemState",
    "Kind",
    "LedgerEntry",
    "MoneyField",
    "Period",
    "Priority",
    "PromptTemplate",
    "Reference",
    "ReferenceFile",
    "Replacement",
    "Review",
    "Role",
    "SentMedia",
    "Slot",
    "SlotQuerySet",
    "State",
    "Style",
    "Switch",
    "Tag",
    "Tagging",
    "Turn",
    "Use",
    "Uses",
    "after",
    "can_keep",
    "discard_copy",
    "discard_files",
    "discard_inbox",
    "dollars",
    "in_one_of",
    "inbox_name",
    "key_of",
    "keys_in",
    "let_go",
    "midnight",
    "name_of",
    "next_month",
    "picture_storage",
    "place_fields",
    "places_of",
    "private_storage",
    "refuse_order",
    "refuse_picture",
    "storage_of",
    "today",
    "why_not",
]
