"""Made-up raw files, morning by morning: what schools send late, corrected, split, twice, back-dated or not at all."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

FIRST_MORNING = date(2025, 1, 13)
LONG_ID = "A-with-more-characters-than-the-first-mornings-allow"
FIELD_BYTES = 40
"""A limit under which a LONG_ID is rejected, and nothing else."""
CODES = ("PRESENT", "PRESENT", "PRESENT", "ABSENT", "EXCUSED", "TARDY", "HALF_DAY")
STUDENT = "student_id,student_name,school_id,class_id,grade_level,enrollment_status,updated_at"
ATTENDANCE = "attendance_id,student_id,attendance_date,status,created_at"
SCHOOL_DAYS = "school_id,calendar_date,is_school_day,day_type"


class RandomFiles:
    """Writes the files of each morning into a raw folder, the same for the same seed."""

    def __init__(self, raw_dir: Path, seed: int) -> None:
        self.raw_dir, self.chance = raw_dir, random.Random(seed)
        self.ids = [f"S{number:02}" for number in range(40)]
        self.rows = {student_id: self._student(datetime(2024, 8, 20, 8)) for student_id in self.ids}
        self.present = set(self.ids[:30])
        self.sent: dict[str, list[str]] = {"attendance": [], "assessments": []}
        self.held_back: list[str] = []

    def write(self, number: int) -> None:
        """The files of a morning, three weeks after the one before, with the records of the week before it."""
        day = FIRST_MORNING + timedelta(weeks=3 * number)
        self._roster(day)
        self._records(day)
        self._assessments(day)
        self._calendar(day, weeks=6 if number else 30)
        if self.chance.random() < 0.5:
            name = self.chance.choice(("North", "South"))
            self._csv(
                f"schools_{day}", "school_id,school_name", [f"N1,{name}", f"N3,{name}"][: self.chance.randint(1, 2)]
            )

    def _student(self, at: datetime) -> str:
        choice = self.chance.choice
        school, klass, grade = choice(("N1", "N2", "")), f"C{self.chance.randint(1, 4)}", self.chance.randint(4, 5)
        status = choice(("ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED", "WITHDRAWN"))
        return f"{choice(('Ann', 'Bo', ''))},{school},{klass},{grade},{status},{at.isoformat()}"

    def _roster(self, day: date) -> None:
        """Who is on the roster that day: some left, some are back, some moved, today, long ago, or at the same time."""
        for student_id in self.ids:
            if self.chance.random() < 0.1:
                self.present ^= {student_id}
            if self.chance.random() < 0.15:
                before = datetime.fromisoformat(self.rows[student_id].rpartition(",")[2])
                today = datetime.combine(day, time(7))
                long_ago = today - timedelta(days=self.chance.randint(1, 200))
                self.rows[student_id] = self._student(self.chance.choice((today, today, long_ago, before)))
        rows = [f"{student_id},{self.rows[student_id]}" for student_id in sorted(self.present)]
        self.chance.shuffle(rows)
        if self.chance.random() < 0.3:
            # A snapshot that comes late: it adds to the history, and nobody is missing because of it.
            old = day - timedelta(days=self.chance.choice((3, 10)))
            self._csv(
                f"students_{old}_late",
                STUDENT,
                [f"{student}," + self._student(datetime.combine(old, time(6))) for student in self.ids[:5]],
            )
        cut = self.chance.choice((0, 0, len(rows) // 2))
        for part, some in enumerate((rows[:cut], rows[cut:])):
            if some:
                self._csv(f"students_{day}_{part}", STUDENT, some)

    def _records(self, day: date) -> None:
        """The records of the week before, over several files; some are held back, corrected, or sent again."""
        new = list(self._week(day)) + self._corrections(day)
        self.chance.shuffle(new)
        late = len(new) // 5
        rows, self.held_back = self.held_back + new[late:], new[:late]
        again = self.chance.sample(self.sent["attendance"], k=len(self.sent["attendance"]) // 4)
        cut = self.chance.randint(0, len(rows))
        for part, some in enumerate((rows[:cut], rows[cut:] + again[::2], again[1::2])):
            if some:
                self._csv(f"attendance_{day}_{part}", ATTENDANCE, self.chance.sample(some, k=len(some)))
        self.sent["attendance"] += rows

    def _week(self, day: date) -> Iterator[str]:
        for back in (7, 6, 5, 4, 3, 2):
            for student_id in (*self.ids, "S98"):
                if self.chance.random() < (0.6 if back > 2 else 0.05):
                    taken = day - timedelta(days=back)
                    number = self.chance.choice(("A", "A", "A", "A", "B"))
                    prefix = LONG_ID if self.chance.random() < 0.02 else "A"
                    status = self.chance.choice(CODES)
                    yield f"{prefix}-{student_id}-{taken}-{number},{student_id},{taken},{status},{taken}T15:00:00"

    def _corrections(self, day: date) -> list[str]:
        """Later versions of records, or others of the same time; some say another day, or another student."""
        found = []
        for row in self.chance.sample(self.sent["attendance"], k=min(25, len(self.sent["attendance"]))):
            attendance_id, student_id, taken, _, created = row.split(",")
            moved = date.fromisoformat(taken) + timedelta(days=self.chance.choice((0, 0, 0, 1, -1)))
            student = self.chance.choice((student_id, student_id, student_id, self.chance.choice(self.ids)))
            at = self.chance.choice((f"{day}T06:00:00", created))
            found.append(f"{attendance_id},{student},{moved},{self.chance.choice(CODES)},{at}")
        return found

    def _assessments(self, day: date) -> None:
        rows = [self._assessment(day) for _ in range(25)]
        rows += self.chance.sample(self.sent["assessments"], k=len(self.sent["assessments"]) // 3)
        (self.raw_dir / f"assessments_{day}.jsonl").write_text("".join(f"{row}\n" for row in rows))
        self.sent["assessments"] += rows

    def _assessment(self, day: date) -> str:
        taken = day - timedelta(days=self.chance.randint(1, 60))
        record = {
            "assessment_id": f"X{self.chance.randint(1, 60)}",
            "student_id": self.chance.choice((*self.ids, "S99")),
            "subject": "Math",
            "score": self.chance.randint(0, 30),
            "max_score": 30,
            "assessment_date": taken.isoformat(),
            "created_at": f"{self.chance.choice((taken, day))}T10:00:00",
        }
        return json.dumps(record)

    def _calendar(self, day: date, weeks: int) -> None:
        """The days of some weeks before and after; of those that are not in it any more nothing is known."""
        rows = []
        for school_id in ("N1", "N3"):
            for number in range(-7 * weeks, 7 * 6):
                listed = day + timedelta(days=number)
                is_open = listed.isoweekday() < 6 and self.chance.random() < 0.85
                if self.chance.random() < 0.97:
                    rows.append(f"{school_id},{listed},{str(is_open).lower()},{self.chance.choice(('regular', ''))}")
        self._csv(f"school_days_{day}", SCHOOL_DAYS, rows)

    def _csv(self, name: str, header: str, rows: list[str]) -> None:
        (self.raw_dir / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")
