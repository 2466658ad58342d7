"""The calendar of the sample: the school year 2024-25 of a United States district, up to its last day on file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

FIRST_DAY = date(2024, 8, 26)
LAST_DAY = date(2025, 3, 14)
SEMESTER_START = date(2025, 1, 6)
CLASS_CHANGE_DAYS = (date(2024, 11, 4), SEMESTER_START)
SNAPSHOT_DAYS = (FIRST_DAY, date(2024, 10, 21), date(2024, 11, 4), SEMESTER_START, date(2025, 2, 3), LAST_DAY)

_CLOSED = (
    (date(2024, 9, 2), date(2024, 9, 2)),  # Labor Day
    (date(2024, 10, 14), date(2024, 10, 14)),  # Columbus Day
    (date(2024, 11, 11), date(2024, 11, 11)),  # Veterans Day
    (date(2024, 11, 27), date(2024, 11, 29)),  # Thanksgiving break
    (date(2024, 12, 23), date(2025, 1, 3)),  # winter break, with Christmas and New Year's Day
    (date(2025, 1, 20), date(2025, 1, 20)),  # Martin Luther King Jr. Day
    (date(2025, 2, 17), date(2025, 2, 17)),  # Presidents' Day
)


class SchoolDay(NamedTuple):
    """A school day: its date as files write it, the month of its file (`2024-09`), its day of the year from 1."""

    text: str
    month: str
    number: int


def later_files(files: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The files that come after each; the last one has none."""
    return {file: files[place:] for place, file in enumerate(files[:-1], start=1)}


def _is_school_day(day: date) -> bool:
    return day.isoweekday() <= 5 and not any(first <= day <= last for first, last in _CLOSED)


_ALL_DAYS = tuple(FIRST_DAY + timedelta(days=offset) for offset in range((LAST_DAY - FIRST_DAY).days + 1))
CALENDAR = {
    day: SchoolDay(day.isoformat(), day.strftime("%Y-%m"), (day - FIRST_DAY).days + 1)
    for day in _ALL_DAYS
    if _is_school_day(day)
}
SCHOOL_DAYS = tuple(CALENDAR)
MONTHS = tuple(dict.fromkeys(day.month for day in CALENDAR.values()))
LATER_MONTHS = later_files(MONTHS)
SCHOOL_DAYS_OF_MONTH = {
    month: tuple(day for day, known in CALENDAR.items() if known.month == month) for month in MONTHS
}
