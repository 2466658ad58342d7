"""The calendar of the sample: the school year 2024-25 of a United States district, and its last day on file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

FIRST_DAY = date(2024, 8, 26)
LAST_DAY = date(2025, 3, 14)  # of what is recorded: the school year itself goes on
YEAR_END = date(2025, 6, 13)
SEMESTER_START = date(2025, 1, 6)
CLASS_CHANGE_DAYS = (date(2024, 11, 4), SEMESTER_START)
SNAPSHOT_DAYS = (FIRST_DAY, date(2024, 10, 21), date(2024, 11, 4), SEMESTER_START, date(2025, 2, 3), LAST_DAY)

_CLOSED = (
    (date(2024, 9, 2), date(2024, 9, 2), "holiday"),  # Labor Day
    (date(2024, 10, 14), date(2024, 10, 14), "holiday"),  # Columbus Day
    (date(2024, 11, 11), date(2024, 11, 11), "holiday"),  # Veterans Day
    (date(2024, 11, 27), date(2024, 11, 29), "break"),  # with Thanksgiving
    (date(2024, 12, 23), date(2025, 1, 3), "break"),  # with Christmas and New Year's Day
    (date(2025, 1, 20), date(2025, 1, 20), "holiday"),  # Martin Luther King Jr. Day
    (date(2025, 2, 17), date(2025, 2, 17), "holiday"),  # Presidents' Day
    (date(2025, 4, 14), date(2025, 4, 18), "break"),
    (date(2025, 5, 26), date(2025, 5, 26), "holiday"),  # Memorial Day
)


class SchoolDay(NamedTuple):
    """A school day: its date as files write it, the month of its file (`2024-09`), its day of the year from 1."""

    text: str
    month: str
    number: int


def later_files(files: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The files that come after each; the last one has none."""
    return {file: files[place:] for place, file in enumerate(files[:-1], start=1)}


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def day_type(day: date) -> str:
    """What the district plans for a day: instructional, weekend, holiday or break."""
    if day.isoweekday() > 5:
        return "weekend"
    return next((kind for first, last, kind in _CLOSED if first <= day <= last), "instructional")


CALENDAR = {
    day: SchoolDay(day.isoformat(), day.strftime("%Y-%m"), (day - FIRST_DAY).days + 1)
    for day in days_between(FIRST_DAY, LAST_DAY)
    if day_type(day) == "instructional"
}
SCHOOL_DAYS = tuple(CALENDAR)
MONTHS = tuple(dict.fromkeys(day.month for day in CALENDAR.values()))
LATER_MONTHS = later_files(MONTHS)
SCHOOL_DAYS_OF_MONTH = {
    month: tuple(day for day, known in CALENDAR.items() if known.month == month) for month in MONTHS
}
