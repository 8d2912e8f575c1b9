"""``python -m tests.browser.keep_pictures var/screenshots docs/images order status …``: as WEBP, each below 150 kB."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

LARGEST = 150_000


def small(image: Image.Image) -> bytes:
    """The best WEBP that is small enough."""
    for quality in range(86, 30, -4):
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() < LARGEST:
            break
    return buffer.getvalue()


def main(source: str, target: str, *names: str) -> None:
    for name in names:
        with Image.open(Path(source) / f"{name}.png") as image:
            (Path(target) / f"{name}.webp").write_bytes(small(image.convert("RGB")))


if __name__ == "__main__":
    main(*sys.argv[1:])
