"""Which record stands, and where its student was on its date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.dbt.reference.bronze import Bronze, Row, Rows, grouped, newest_of_each, school_year
from tests.dbt.reference.roster import is_missing_on, roster_gaps, version_on
from tests.dbt.reference.rounding import percentage

NOWHERE = {"school_id": None, "class_id": None, "grade_level": None}


class Places:
    """Where each student was on a day."""

    def __init__(self, bronze: Bronze, versions: Rows) -> None:
        self.students = {row["student_id"] for row in bronze.students_history}
        self.gaps = grouped(roster_gaps(bronze), "student_id")
        self.versions = grouped(versions, "student_id")

    def of(self, student_id: str, day: date) -> Row:
        """School, class, grade and status on the day; whether the student is unknown."""
        version = self._version(student_id, day)
        place = {name: version[name] for name in NOWHERE} if version else NOWHERE
        is_orphan = student_id not in self.students
        return {**place, "enrollment_status": self._status(version, day), "is_orphan": is_orphan}

    def _version(self, student_id: str, day: date) -> Row | None:
        versions = self.versions.get((student_id,), [])
        if not versions or is_missing_on(self.gaps.get((student_id,), []), day):
            return None
        # A fact before the first version takes the first.
        return versions[0] if day < versions[0]["valid_from"] else version_on(versions, day)

    def _status(self, version: Row | None, day: date) -> str | None:
        """A version of a later school year says what class it was, but not that the student was enrolled."""
        if version is None or school_year(version["valid_from"]) > school_year(day):
            return None
        return str(version["enrollment_status"])


def fact_attendance(bronze: Bronze, codes: dict[str, Row], versions: Rows) -> Rows:
    """`codes` are the rows of the seed attendance_codes by their code, `versions` those of dim_student_versions."""
    places = Places(bronze, versions)
    records = newest_of_each(bronze.attendance, "created_at", "attendance_id")
    facts = []
    for (student_id, day), same_day in grouped(records, "student_id", "attendance_date").items():
        stands = record_that_stands(same_day, codes)
        names = ("attendance_id", "student_id", "attendance_date", "status", "created_at", "_load_id")
        facts.append(
            {name: stands[name] for name in names}
            | codes[stands["status"]]
            | places.of(student_id, day)
            | {"conflict_count": len(same_day) - 1}
        )
    return facts


def record_that_stands(same_day: Rows, codes: dict[str, Row]) -> Row:
    """The newest; then present before absent; then the lowest id."""
    newest = max(record["created_at"] for record in same_day)
    records = [record for record in same_day if record["created_at"] == newest]
    present = [record for record in records if codes[record["status"]]["is_present"]]
    return min(present or records, key=lambda record: record["attendance_id"].encode())


def fact_assessments(bronze: Bronze, versions: Rows) -> Rows:
    places = Places(bronze, versions)
    names = (
        "assessment_id",
        "student_id",
        "subject",
        "assessment_date",
        "score",
        "max_score",
        "created_at",
        "_load_id",
    )
    return [
        {name: row[name] for name in names}
        | {"score_percentage": percentage(Decimal(row["score"]), Decimal(row["max_score"]))}
        | places.of(row["student_id"], row["assessment_date"])
        for row in newest_of_each(bronze.assessments, "created_at", "assessment_id")
    ]
