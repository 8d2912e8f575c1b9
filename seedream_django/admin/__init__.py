"""The editor's and the owner's side in Django admin."""

from .budgets import BudgetAdmin
from .examining import FindingAdmin
from .house import SwitchAdmin
from .money import LedgerEntryAdmin
from .orders import GenerationAdmin
from .pictures import GeneratedImageAdmin
from .shown import SeedreamAdminMixin, picture

__all__ = [
    "BudgetAdmin",
    "FindingAdmin",
    "GeneratedImageAdmin",
    "GenerationAdmin",
    "LedgerEntryAdmin",
    "SeedreamAdminMixin",
    "SwitchAdmin",
    "picture",
]
