"""Made-up bronze: a few hundred students whose histories, gaps and records hold what a roster can do, at random.

Students do not touch each other, so one build tries as many histories as there are students.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from tests.dbt.world import insert

MADE_UP = re.compile(r"[RQ]\d{4}|K\d")
"""The ids of students and of classes."""
LOADS = (1, 1, 1, 2, 3, 4, 5, 6)
"""The loads with which a row may come."""
TIMES = (time(0), time(8), time(23, 59, 59))
Row = dict[str, Any]

SCHOOLS = ("N1", "N2", "N3", None)
CODES = ("PRESENT", "ABSENT", "EXCUSED", "TARDY", "HALF_DAY")
FIRST, LAST = date(2024, 6, 10), date(2025, 2, 20)


class RandomSchool:
    """The rows of each bronze table, the same for the same seed."""

    def __init__(self, seed: int, students: int = 300) -> None:
        self.chance = random.Random(seed)
        self.students = [f"R{number:04}" for number in range(students)]
        histories = distinct(self._of_each(self.students, self._history))
        loads = sorted(((row["student_id"], row["_load_id"]) for row in histories), reverse=True)
        self.known_since: dict[str, int] = dict(loads)
        self.tables: dict[str, list[Row]] = {
            "students_history": histories,
            "students_presence": self._of_each(self.students, self._gaps),
            # Of one in thirty no roster ever spoke.
            "attendance": self._of_each(self._recorded(), self._attendance),
            "assessments": self._of_each(self._recorded(), self._assessments),
            "schools_history": list(self._schools()),
            "school_days_history": list(self._school_days()),
            "school_days_presence": [],
            "learning_units_history": list(self._units()),
        }
        self.tables["school_days_presence"] = list(self._gone_days())

    def fill(self, connection: psycopg.Connection) -> None:
        for table, rows in self.tables.items():
            insert(connection, table, distinct(rows))

    def _of_each(self, students: list[str], made: Callable[[str], Iterator[Row]]) -> list[Row]:
        return [row for student_id in students for row in made(student_id)]

    def _recorded(self) -> list[str]:
        return [*self.students, *(f"Q{number:04}" for number in range(len(self.students) // 30))]

    def _load_id(self) -> int:
        return self.chance.choice(LOADS)

    def _day(self, first: date = FIRST, last: date = LAST) -> date:
        return first + timedelta(days=self.chance.randint(0, (last - first).days))

    def _history(self, student_id: str) -> Iterator[Row]:
        """Versions in any order of loads; they crowd on a few days, and differ in a few columns or in none."""
        days = [self._day() for _ in range(self.chance.randint(1, 4))]
        attributes = self._attributes()
        for _ in range(self.chance.choice((1, 1, 2, 3, 5, 8))):
            for name, value in self._attributes().items():
                if self.chance.random() < 0.25:
                    attributes[name] = value
            moment = datetime.combine(self.chance.choice(days), self.chance.choice(TIMES), UTC)
            yield {"student_id": student_id, **attributes, "updated_at": moment, "_load_id": self._load_id()}

    def _attributes(self) -> Row:
        choice = self.chance.choice
        return {
            "student_name": choice(("Ann", "Bo", None)),
            "school_id": choice(SCHOOLS),
            "class_id": f"K{self.chance.randint(1, 8)}",
            "grade_level": self.chance.randint(4, 5),
            "enrollment_status": choice(("ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED", "WITHDRAWN")),
            "ethnicity": choice(("x", "y", None)),
            "special_education": choice((True, False, None)),
        }

    def _gaps(self, student_id: str) -> Iterator[Row]:
        """Up to four gaps, one behind the other, some of no day or without a day between; the last may last."""
        # Who is missing was known before.
        load_id, day = self.known_since[student_id] + 1, self._day()
        for _ in range(self.chance.choice((0, 0, 0, 1, 2, 4))):
            until = day + timedelta(days=self.chance.choice((0, 0, 1, 5, 30)))
            returned = load_id + self.chance.choice((0, 1))
            is_open = returned > LOADS[-1] or self.chance.random() < 0.2
            yield {
                "student_id": student_id,
                "missing_from": day,
                "returned_on": None if is_open else until,
                "missing_load_id": load_id,
                "returned_load_id": None if is_open else returned,
            }
            load_id, day = returned + 1, until + timedelta(days=self.chance.choice((0, 1, 20)))
            if is_open or load_id > LOADS[-1]:
                return

    def _attendance(self, student_id: str) -> Iterator[Row]:
        """Most days of a few weeks, and now and then a correction, or a second id on the same day."""
        absence, stays = self.chance.choice((0.0, 0.05, 0.1, 0.2, 0.6, 1.0)), self.chance.choice((0.0, 0.7))
        status, number = "PRESENT", 0
        for day in self._recorded_days():
            if self.chance.random() >= stays:
                status = self.chance.choice(CODES[1:]) if self.chance.random() < absence else "PRESENT"
            number += 1
            yield from self._record(f"{student_id}-{number}", student_id, day, status)
            if self.chance.random() < 0.03:
                number += 1
                yield from self._record(f"{student_id}-{number}", student_id, day, self.chance.choice(CODES))

    def _record(self, attendance_id: str, student_id: str, day: date, status: str) -> Iterator[Row]:
        row = {"attendance_id": attendance_id, "student_id": student_id, "attendance_date": day, "status": status}
        written = datetime.combine(day, time(15), UTC)
        yield {**row, "created_at": written, "_load_id": self._load_id()}
        if self.chance.random() < 0.05:
            # A correction, which may move it to the next day, where another record may be.
            moved = {"attendance_date": day + timedelta(days=self.chance.choice((0, 0, 1)))}
            other = {"status": self.chance.choice([code for code in CODES if code != status])}
            later = written + timedelta(days=self.chance.choice((0, 1, 40)))
            yield {**row, **moved, **other, "created_at": later, "_load_id": self._load_id()}

    def _recorded_days(self) -> Iterator[date]:
        for _ in range(self.chance.choice((0, 1, 1, 2))):
            day = self._day()
            for _ in range(self.chance.choice((3, 15, 45))):
                day += timedelta(days=1)
                is_weekend = day.isoweekday() > 5
                if day <= LAST and self.chance.random() < (0.1 if is_weekend else 0.9):
                    yield day

    def _assessments(self, student_id: str) -> Iterator[Row]:
        for number in range(self.chance.choice((0, 0, 1, 3, 8))):
            day, most = self._day(), self.chance.choice((3, 60, 100))
            row = {
                "assessment_id": f"{student_id}-{number}",
                "student_id": student_id,
                "subject": self.chance.choice(("Math", "English")),
                "assessment_date": day,
                "max_score": most,
            }
            for late in (0, *[self.chance.choice((0, 5))] * (self.chance.random() < 0.1)):
                score = Decimal(self.chance.randint(0, most * 2)) / 2
                written = datetime.combine(day, time(9 + late), UTC)
                yield {**row, "score": score, "created_at": written, "_load_id": self._load_id()}

    def _schools(self) -> Iterator[Row]:
        for school_id, pct in (("N1", "0.75"), ("N2", "0.3999"), ("N2", "0.40"), ("N5", None)):
            yield {
                "school_id": school_id,
                "school_name": f"School {pct}",
                "free_reduced_lunch_pct": pct and Decimal(pct),
                # A version without a time is the oldest.
                "updated_at": None if pct == "0.3999" else datetime(2024, 8, 1, tzinfo=UTC),
                "_load_id": 3 if pct == "0.3999" else 1,
            }

    def _school_days(self) -> Iterator[Row]:
        """N1 lists a school year with holes, N4 a single day, N2 two versions of a month."""
        written = datetime(2024, 8, 1, tzinfo=UTC)
        listed = [("N1", date(2024, 8, 12) + timedelta(days=day)) for day in range(200)]
        listed += [("N2", date(2024, 7, 1) + timedelta(days=day)) for day in range(31)] + [("N4", date(2024, 9, 2))]
        for school_id, day in listed:
            if self.chance.random() < 0.1:
                continue
            row = {
                "school_id": school_id,
                "calendar_date": day,
                "day_type": self.chance.choice(("regular", "exam", None)),
            }
            is_open = day.isoweekday() < 6 and self.chance.random() < 0.9
            yield {**row, "is_school_day": is_open, "updated_at": written, "_load_id": self._load_id()}
            if self.chance.random() < 0.1:
                later = written + timedelta(days=self.chance.choice((0, 1)))
                yield {**row, "is_school_day": not is_open, "updated_at": later, "_load_id": self._load_id()}

    def _gone_days(self) -> Iterator[Row]:
        for school_id, day in sorted({(row["school_id"], row["calendar_date"]) for row in self._listed()}):
            if self.chance.random() < 0.1:
                load_id, is_back = self._load_id(), self.chance.random() < 0.5
                yield {
                    "school_id": school_id,
                    "calendar_date": day,
                    "missing_from": date(2025, 1, 1),
                    "returned_on": date(2025, 1, 2) if is_back else None,
                    "missing_load_id": load_id,
                    "returned_load_id": load_id + 1 if is_back else None,
                }

    def _listed(self) -> list[Row]:
        return self.tables["school_days_history"]

    def _units(self) -> Iterator[Row]:
        for number in range(3):
            moment = None if number else datetime(2024, 8, 1, tzinfo=UTC)
            yield {"unit_id": f"U{number}", "unit_name": f"Unit {number}", "updated_at": moment, "_load_id": 1}


def distinct(rows: list[Row]) -> list[Row]:
    """Each content once: bronze has no row twice."""
    return list({repr({**row, "_load_id": None}): row for row in rows}.values())
