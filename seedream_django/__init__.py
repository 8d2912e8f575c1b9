"""AI pictures for Django, made by ByteDance's Seedream 5.0 Lite through the Runware API.

>>> from seedream_django import generate
>>> generate("a red fox in the snow", size="2848x1600", results=2, user=request.user)
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["generate"]


def __getattr__(name: str) -> Any:
    # Lazy: orders needs the app registry, and this module is imported before it is ready.
    if name == "generate":
        from .orders import generate

        return generate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
