"""A made-up district of any size, whose students are recorded each school day."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

LAST_DAY = date(2025, 5, 14)
"""Each history ends on the day before the measured ones, whatever its length: in the middle of a month."""

STUDENTS_OF_CLASS, STUDENTS_OF_SCHOOL = 25, 500
STATUSES = ("PRESENT",) * 46 + ("ABSENT", "EXCUSED", "TARDY", "HALF_DAY")


def school_days(count: int) -> Iterator[date]:
    """The last `count` days up to LAST_DAY that are Monday to Friday."""
    days: list[date] = []
    day = LAST_DAY
    while len(days) < count:
        if day.isoweekday() <= 5:
            days.append(day)
        day -= timedelta(days=1)
    return reversed(days)


@dataclass(frozen=True)
class District:
    """The files of a district of so many students."""

    raw_dir: Path
    students: int

    def write_roster(self, day: date) -> None:
        """The students, 25 to a class and 500 to a school."""
        with (self.raw_dir / f"students_{day}.csv").open("w") as file:
            file.write("student_id,student_name,class_id,grade_level,enrollment_status,updated_at,school_id\n")
            file.writelines(
                f"S{number},Name {number},CLASS-{number // STUDENTS_OF_CLASS},5,ACTIVE,{day}T07:00:00,"
                f"SCHOOL-{number // STUDENTS_OF_SCHOOL}\n"
                for number in range(self.students)
            )

    def write_days(self, name: str, days: Sequence[date]) -> None:
        """Attendance of every student on some days."""
        draw = random.Random(name)  # noqa: S311 - made-up data
        with (self.raw_dir / f"attendance_{name}.csv").open("w") as file:
            file.write("attendance_id,student_id,attendance_date,status,created_at\n")
            for day in days:
                statuses = draw.choices(STATUSES, k=self.students)
                file.writelines(
                    f"A{day:%Y%m%d}-{number},S{number},{day},{status},{day}T15:00:00\n"
                    for number, status in enumerate(statuses)
                )
