"""How values are written for people; what is not known is a dash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

UNKNOWN = "–"
Spelling = Callable[[Any], str]


def text(value: Any) -> str:
    """The value as it stands."""
    return UNKNOWN if pd.isna(value) else str(value)


def words(value: Any) -> str:
    """A label of gold in words: `at_risk` is at risk."""
    return text(value).replace("_", " ")


def whole(value: Any) -> str:
    """A number of things, with commas between thousands."""
    return UNKNOWN if pd.isna(value) else f"{value:,.0f}"


def decimal(value: Any) -> str:
    """A ratio or a mean, to two places."""
    return UNKNOWN if pd.isna(value) else f"{value:,.2f}"


def p_value(value: Any) -> str:
    """A p-value, to four places."""
    return UNKNOWN if pd.isna(value) else f"{value:.4f}"


def share(value: Any) -> str:
    """A share of 0..1 in percent."""
    return UNKNOWN if pd.isna(value) else f"{value:.1%}"


def day(value: Any) -> str:
    """A date as 2025-03-14."""
    return value.isoformat() if isinstance(value, date) else UNKNOWN


def month(value: Any) -> str:
    """The month of a date as Mar 2025."""
    return f"{value:%b %Y}" if isinstance(value, date) else UNKNOWN


def months_so_far(starts: pd.Series, is_complete: pd.Series) -> list[str]:
    """The months, with a star at those that are not over."""
    return [month(start) + ("" if over else "*") for start, over in zip(starts, is_complete, strict=True)]


def yes_or_no(value: Any) -> str:
    """A boolean in a word."""
    return UNKNOWN if pd.isna(value) else ("yes" if value else "no")
