"""The school days of each school: the calendar of the year, and once more what is left of it when it has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from include.local.sample.district import school_sizes
from include.local.sample.options import Options
from include.local.sample.rows import Delivery, SchoolDayRow
from include.local.sample.school_year import FIRST_DAY, YEAR_END, day_type, days_between

CALENDAR_STARTS = {  # the day of each file → the first day that it lists
    "2024-08-01": FIRST_DAY,
    "2025-02-10": date(2025, 2, 3),
}
SCHOOL_DAY_TYPES = frozenset({"instructional", "late_arrival", "make_up_day"})

# One school has days of its own. On one it opened late in the snow, and a day that it had planned without pupils
# then made up for the lost hours: a school day after all, of which there is attendance.
SCHOOL_WITH_OWN_DAYS = "SCH-02"
OWN_DAYS: Mapping[str, Mapping[date, tuple[str, str]]] = {  # by file: day → its type, since when that is known
    "2024-08-01": {
        date(2025, 2, 14): ("teacher_only_day", ""),
        date(2025, 3, 21): ("teacher_only_day", ""),
    },
    "2025-02-10": {
        date(2025, 2, 7): ("late_arrival", "2025-02-07T06:10:00"),
        date(2025, 2, 14): ("make_up_day", "2025-02-10T08:00:00"),
        date(2025, 3, 21): ("teacher_only_day", ""),
    },
}


def calendar_rows(options: Options) -> Iterator[Delivery]:
    """Every day that a file lists of every school, weekends too, with the day of the file."""
    schools = tuple(school_sizes(options))
    for file_day, first_day in CALENDAR_STARTS.items():
        for school_id in schools:
            own_days = OWN_DAYS[file_day] if school_id == SCHOOL_WITH_OWN_DAYS else {}
            for day in days_between(first_day, YEAR_END):
                kind, known_since = own_days.get(day, (day_type(day), ""))
                is_school_day = "true" if kind in SCHOOL_DAY_TYPES else "false"
                yield file_day, "plain", SchoolDayRow(school_id, day.isoformat(), is_school_day, kind, known_since)
