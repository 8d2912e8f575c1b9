"""The editor's side in Django admin."""

from .house import SwitchAdmin
from .orders import GenerationAdmin
from .pictures import GeneratedImageAdmin
from .shown import SeedreamAdminMixin, picture

__all__ = ["GeneratedImageAdmin", "GenerationAdmin", "SeedreamAdminMixin", "SwitchAdmin", "picture"]
