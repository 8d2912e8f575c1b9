"""Paper: its grain, and a hand that never draws quite straight."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageFilter


def textured(picture: Image.Image, rng: random.Random, strength: float, fibre: int = 1) -> Image.Image:
    """Rough paper: a lit relief of noise, laid over the picture tile by tile."""
    side = 512
    dust = Image.frombytes("L", (side, side), rng.randbytes(side * side)).filter(
        ImageFilter.GaussianBlur(1.5 * fibre)
    )
    relief = dust.filter(ImageFilter.Kernel((3, 3), (-1, -1, 0, -1, 0, 1, 0, 1, 1), 1 / 2.4, 128))
    tile = Image.merge("RGB", [relief.point([round(128 + (v - 128) * strength) for v in range(256)])] * 3)
    for x in range(0, picture.width, side):
        for y in range(0, picture.height, side):
            part = picture.crop((x, y, min(x + side, picture.width), min(y + side, picture.height)))
            picture.paste(ImageChops.add(part, tile.crop((0, 0, *part.size)), 1, -128), (x, y))
    return picture


def wobbled(picture: Image.Image, rng: random.Random, reach: float) -> Image.Image:
    """Moved a little this way and that, as a hand does: a grid whose corners wander."""
    cells, (wide, tall) = 26, picture.size
    off = min(picture.size) * reach
    at = [
        [
            (wide * i / cells + rng.uniform(-off, off), tall * j / cells + rng.uniform(-off, off))
            for i in range(cells + 1)
        ]
        for j in range(cells + 1)
    ]
    mesh = []
    for j in range(cells):
        for i in range(cells):
            box = (wide * i // cells, tall * j // cells, wide * (i + 1) // cells, tall * (j + 1) // cells)
            corners = (*at[j][i], *at[j + 1][i], *at[j + 1][i + 1], *at[j][i + 1])
            mesh.append((box, corners))
    return picture.transform(picture.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
