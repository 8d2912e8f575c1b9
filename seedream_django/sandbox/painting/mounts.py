"""Small prints of the references, mounted in the lower left corner in their order: what the picture was made from."""

from __future__ import annotations

import random
from collections.abc import Sequence

from PIL import Image, ImageFilter

#: How many prints hang in a row.
_ROW = 7

_MOUNT = (247, 244, 237)


def hang(picture: Image.Image, prints: Sequence[Image.Image], room: int, rng: random.Random) -> None:
    """Mount the prints in the corner, in place. ``room``: how many pixels of the lower edge are free."""
    across = len(prints) if len(prints) <= _ROW else (len(prints) + 1) // 2
    most = (picture.width * picture.height) ** 0.5 * (0.17 if len(prints) < 4 else 0.12)
    side = int(min(most, room / (across * 1.04 + 0.4)))
    if side < 6:
        return
    rows, edge = (len(prints) + across - 1) // across, round(side * 0.2)
    for number, one in enumerate(prints):
        low = picture.height - edge - (rows - 1 - number // across) * side * 1.04
        card = _card(one, side)
        _mount(
            picture, card, (round(edge + number % across * side * 1.04), round(low)), rng.uniform(-2.4, 2.4)
        )


def _card(one: Image.Image, side: int) -> Image.Image:
    """A whole print on its card, which is at most ``side`` pixels wide and high."""
    rim = max(1, round(side * 0.05))
    most = max(2, side - 2 * rim)
    share = min(most / max(one.size), most * 0.8 / (one.width * one.height) ** 0.5)
    size = (max(1, round(one.width * share)), max(1, round(one.height * share)))
    card = Image.new("RGB", (size[0] + 2 * rim, size[1] + 2 * rim), _MOUNT)
    card.paste(one.resize(size, Image.Resampling.LANCZOS), (rim, rim))
    return card


def _mount(picture: Image.Image, card: Image.Image, at: tuple[int, int], turn: float) -> None:
    """The card with its lower left corner there, a little askew, and the shadow that it throws."""
    gap = max(4, round(max(card.size) * 0.12))
    full = (card.width + 2 * gap, card.height + 2 * gap)
    sheet, shape = Image.new("RGB", full, _MOUNT), Image.new("L", full)
    sheet.paste(card, (gap, gap))
    shape.paste(255, (gap, gap, gap + card.width, gap + card.height))
    sheet, shape = (
        image.rotate(turn, Image.Resampling.BICUBIC, fillcolor=ground)
        for image, ground in ((sheet, _MOUNT), (shape, 0))
    )
    shade = shape.filter(ImageFilter.GaussianBlur(gap * 0.3)).point([v * 130 // 255 for v in range(256)])
    x, y = at[0] - gap, at[1] - card.height - gap
    picture.paste((18, 14, 20), (x + round(gap * 0.1), y + round(gap * 0.25)), shade)
    picture.paste(sheet, (x, y), shape)
