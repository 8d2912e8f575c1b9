from __future__ import annotations
import hashlib
from PIL import Image


def plain(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    digest = hashlib.sha256(f"{seed}:{prompt}".encode()).digest()
    tile = Image.frombytes("RGB", (3, 3), digest[:27])
    return tile.resize((width, height), Image.Resampling.NEAREST)


paint = plain
