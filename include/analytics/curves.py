"""Curves for a terminal, made of block characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TextIO

from include.analytics.spelling import Spelling

BLOCKS = " ▁▂▃▄▅▆▇█"
EIGHTHS = len(BLOCKS) - 1
HEIGHT, WIDTH, MARGIN = 6, 72, 12
"""Lines and columns of a curve, and the columns left of it."""


@dataclass(frozen=True)
class Curve:
    """A row of values, None where one is not known. `ends`: what the first and the last are of; `low`: the bottom."""

    title: str
    values: Sequence[float | None]
    ends: tuple[str, str]
    spelling: Spelling
    low: float = 0.0


def can_draw(stream: TextIO) -> bool:
    """Whether what is written there can hold block characters."""
    try:
        BLOCKS.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def drawn(curve: Curve, columns: int) -> str:
    """The curve in so many columns of text, with its low and the highest value drawn; empty when no value is known."""
    width = max(10, min(WIDTH, columns - MARGIN))
    heights = _fitted(curve.values, width) if curve.values else []
    known = [height for height in heights if height is not None]
    if not known:
        return ""
    top = max(*known, curve.low) or 1.0
    rows = [_row(heights, curve.low, top, line) for line in reversed(range(HEIGHT))]
    labels = {0: curve.spelling(top), HEIGHT - 1: curve.spelling(curve.low)}
    first, last = curve.ends
    return "\n".join(
        [
            curve.title,
            *(f"{labels.get(place, ''):>{MARGIN - 3}} │{row}" for place, row in enumerate(rows)),
            f"{'':{MARGIN - 1}}{first}{last:>{max(len(last) + 1, len(heights) - len(first))}}",
        ]
    )


def _row(heights: Sequence[float | None], low: float, top: float, line: int) -> str:
    eighths = HEIGHT * EIGHTHS / ((top - low) or 1.0)
    filled = (0 if value is None else round((value - low) * eighths) - line * EIGHTHS for value in heights)
    return "".join(BLOCKS[min(max(part, 0), EIGHTHS)] for part in filled).rstrip()


def _fitted(values: Sequence[float | None], width: int) -> list[float | None]:
    """The values stretched, or the mean of neighbours, so that they fill the width."""
    if len(values) <= width:
        return [value for value in values for _ in range(width // len(values))]
    edges = [round(place * len(values) / width) for place in range(width + 1)]
    return [_mean(values[start:end]) for start, end in pairwise(edges)]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
