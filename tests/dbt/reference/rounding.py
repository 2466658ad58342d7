"""Shares, percentages and means as people round them: halves away from zero, and the rounding last."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal | Fraction


def rounded(number: Fraction, places: int) -> Decimal:
    """The number, which is not negative, to so many places."""
    return Decimal(int(number * 10**places + Fraction(1, 2))).scaleb(-places)


def rate(numerator: Number, denominator: Number) -> Decimal | None:
    """A share to four places; nothing when there is nothing to divide by."""
    return rounded(Fraction(numerator) / Fraction(denominator), 4) if denominator else None


def percentage(part: Decimal, whole: Decimal) -> Decimal:
    return rounded(100 * Fraction(part) / Fraction(whole), 2)


def mean(values: Sequence[Decimal]) -> Decimal | None:
    """The mean to two places; nothing when there are no values."""
    return rounded(sum(map(Fraction, values), Fraction(0)) / len(values), 2) if values else None
