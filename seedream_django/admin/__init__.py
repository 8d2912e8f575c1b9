"""The editor's and the owner's side in Django admin."""

from .budgets import BudgetAdmin
from .house import SwitchAdmin
from .money import LedgerEntryAdmin
from .orders import GenerationAdmin
from .pictures import GeneratedImageAdmin
from .shown import SeedreamAdminMixin, picture

__all__ = [
    "BudgetAdmin",
    "GeneratedImageAdmin",
    "GenerationAdmin",
    "LedgerEntryAdmin",
    "SeedreamAdminMixin",
    "SwitchAdmin",
    "picture",
]
