"""Shares, percentages and means as people round them: halves away from zero, and the rounding last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import overload

Number = int | Decimal | Fraction


@overload
def rounded(number: Number, places: int) -> Decimal: ...
@overload
def rounded(number: Number | None, places: int) -> Decimal | None: ...
def rounded(number: Number | None, places: int) -> Decimal | None:
    """The number to so many places; nothing of nothing."""
    if number is None:
        return None
    size = Decimal(int(abs(Fraction(number)) * 10**places + Fraction(1, 2))).scaleb(-places)
    return size if number >= 0 else -size


def ratio(numerator: Number, denominator: Number) -> Fraction | None:
    """Unrounded; nothing when there is nothing to divide by."""
    return Fraction(numerator) / Fraction(denominator) if denominator else None


def rate(numerator: Number, denominator: Number) -> Decimal | None:
    """A share to four places; nothing when there is nothing to divide by."""
    return rounded(ratio(numerator, denominator), 4)


def percentage(part: Decimal, whole: Decimal) -> Decimal:
    return rounded(100 * Fraction(part) / Fraction(whole), 2)


def percent(part: Number, whole: Number) -> Decimal | None:
    """The percentage, when there is a whole."""
    return rounded(ratio(100 * part, whole), 2)


def mean(values: Sequence[Number]) -> Decimal | None:
    """The mean to two places; nothing when there are no values."""
    return rounded(sum(map(Fraction, values), Fraction(0)) / len(values), 2) if values else None


def at_least(number: Number, labels: Iterable[tuple[Number, str]]) -> str:
    """The label of the first edge that the number reaches."""
    return next(label for edge, label in labels if number >= edge)
