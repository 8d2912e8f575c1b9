"""The editor's and the owner's side in Django admin."""

from .budgets import BudgetAdmin
from .bulk import BulkRunAdmin
from .examining import FindingAdmin
from .house import SwitchAdmin
from .in_place import SeedreamAdminMixin
from .money import LedgerEntryAdmin
from .orders import GenerationAdmin
from .pictures import GeneratedImageAdmin
from .shown import picture
from .styles import StyleAdmin
from .tags import TagAdmin
from .templates import PromptTemplateAdmin

__all__ = [
    "BudgetAdmin",
    "BulkRunAdmin",
    "FindingAdmin",
    "GeneratedImageAdmin",
    "GenerationAdmin",
    "LedgerEntryAdmin",
    "PromptTemplateAdmin",
    "SeedreamAdminMixin",
    "StyleAdmin",
    "SwitchAdmin",
    "TagAdmin",
    "picture",
]
