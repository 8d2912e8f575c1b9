"""Draws docs/images/benchmarks.svg, and fills docs/benchmarks.md, from what the runs wrote below var/benchmarks.

    python -m benchmarks.plot [file]

Bars of ratios: shorter is better, and the line is what is to be reached. Each file of results may bring its own, under
``bars``: (what, ratio to the goal, words behind it).
"""

from __future__ import annotations

import json
import sys
from html import escape
from pathlib import Path

from . import page
from .results import FOLDER

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images" / "benchmarks.svg"

Bar = tuple[str, float, str]

#: A card of its own colour, so that it reads the same on a light page and a dark one.
CARD, INK, FAINT, GOOD, BAD = "#fbfbf9", "#22262b", "#c9ccd1", "#2f7d5b", "#b3502e"
WIDTH, ROW, LEFT, SCALE = 820, 34, 330, 260


def bars(folder: Path = FOLDER) -> list[Bar]:
    found: list[Bar] = []
    for path in sorted(folder.glob("*.json")):
        for what, ratio, words in json.loads(path.read_text()).get("bars", ()):
            found.append((str(what), float(ratio), str(words)))
    return found


def drawn(found: list[Bar]) -> str:
    height = 78 + ROW * len(found)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' font-family="system-ui, sans-serif" font-size="14" role="img">',
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{CARD}"/>',
        _text(20, 28, "What was measured, as a share of the goal (shorter is better)", weight="600"),
    ]
    for place, bar in enumerate(found):
        lines += _row(50 + ROW * place, *bar)
    goal = LEFT + SCALE
    lines.append(f'<path d="M{goal} 42V{height - 26}" stroke="{INK}" stroke-dasharray="4 3"/>')
    lines.append(_text(goal, height - 10, "the goal", anchor="middle"))
    return "\n".join([*lines, "</svg>\n"])


def _row(top: int, what: str, ratio: float, words: str) -> list[str]:
    length = round(min(ratio, 1.25) * SCALE, 1)
    colour = GOOD if ratio <= 1 else BAD
    return [
        _text(LEFT - 12, top + 16, what, anchor="end"),
        f'<rect x="{LEFT}" y="{top}" width="{SCALE}" height="22" fill="{FAINT}" opacity="0.45"/>',
        f'<rect x="{LEFT}" y="{top}" width="{max(length, 2)}" height="22" fill="{colour}"/>',
        _text(LEFT + max(length, SCALE) + 12, top + 16, words),
    ]


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "400") -> str:
    style = f'text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x}" y="{y}" fill="{INK}" {style}>{escape(words)}</text>'


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.write_text(drawn(bars()))
    if target == TARGET:
        page.write()
    print(target)


if __name__ == "__main__":
    main()
