"""The time of one day of a learner, which only moves on, and the ids of what happens on it."""

from __future__ import annotations

from datetime import date
from random import Random

from include.local.sample.draws import between, weighted
from include.local.sample.school_year import FIRST_DAY, YEAR_END

# Of a hundred sessions, how many begin in the hour: lessons, then homework; later in the day without school.
SCHOOL_HOURS = (
    *((7, 3), (8, 9), (9, 12), (10, 13), (11, 9), (12, 5), (13, 12), (14, 10)),
    *((15, 5), (16, 6), (17, 5), (18, 4), (19, 4), (20, 3)),
)
FREE_HOURS = ((9, 4), (10, 9), (11, 12), (12, 8), (13, 9), (14, 12), (15, 12), (16, 11), (17, 9), (18, 7), (19, 7))
LATEST = 23.75 * 3600
YEAR_DAYS = (YEAR_END - FIRST_DAY).days


class Day:
    """A day of one learner: its date, its month and term, how much of the year has passed (0..1), its numbers."""

    def __init__(self, user_id: str, day: date, is_school_day: bool, random: Random) -> None:
        self.user_id, self.date, self.random = user_id, day, random
        self.text = day.isoformat()
        self.month = self.text[:7]
        self.term = "2024-12" if self.month < "2025" else "2025-03"
        self.number = (day - FIRST_DAY).days + 1
        self.progress = self.number / YEAR_DAYS
        self.hours = SCHOOL_HOURS if is_school_day else FREE_HOURS
        self.second = 0.0
        self._ids = 0

    def begin_session(self) -> bool:
        """Let a session begin at a likely hour, after the one before; False when the day is too late for it."""
        begin = 3600 * (weighted(self.random.random(), self.hours) + self.random.random())
        self.second = max(begin, self.second + between(self.random, 600, 5400))
        return not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether it is so late that nothing more begins: no session reaches into the next day."""
        return self.second > LATEST

    def later(self, least: float, most: float) -> str:
        """A time some seconds later, in ISO 8601 with milliseconds, UTC."""
        self.second = min(self.second + between(self.random, least, most), 86398.0)
        return self.time(self.second)

    def time(self, second: float) -> str:
        """A time of this day."""
        minutes, thousandths = divmod(int(second * 1000), 60_000)
        hours, minute = divmod(minutes, 60)
        seconds, fraction = divmod(thousandths, 1000)
        return f"{self.text}T{hours:02d}:{minute:02d}:{seconds:02d}.{fraction:03d}Z"

    def new_id(self) -> str:
        """An id that nothing else of the learner has: learner, day of the year, place in the day."""
        self._ids += 1
        return f"{self.user_id}-{self.number:03d}-{self._ids:03d}"
