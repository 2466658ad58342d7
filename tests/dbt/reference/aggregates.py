"""What silver keeps of the facts by class and day, and by student and month."""

from __future__ import annotations

from datetime import date
from itertools import groupby, takewhile

from tests.dbt.reference.bronze import Row, Rows, grouped, school_year
from tests.dbt.reference.calendars import Calendars


def class_days(attendance: Rows, assessments: Rows) -> Rows:
    """A row for each class and day with records; those of nobody's class are not in it."""
    taken = [{**row, "calendar_date": row["attendance_date"], "is_attendance": True} for row in attendance]
    tested = [{**row, "calendar_date": row["assessment_date"], "is_attendance": False} for row in assessments]
    records = [row for row in taken + tested if row["class_id"] is not None]
    return [
        dict(zip(("school_id", "class_id", "calendar_date"), key, strict=True)) | class_day(of_day)
        for key, of_day in grouped(records, "school_id", "class_id", "calendar_date").items()
    ]


def class_day(records: Rows) -> Row:
    taken = [row for row in records if row["is_attendance"]]
    tested = [row for row in records if not row["is_attendance"]]
    return {
        "students_with_attendance": len(taken),
        "present_count": sum(row["is_present"] for row in taken),
        "absent_count": sum(not row["is_present"] for row in taken),
        "days_absent": sum(row["day_fraction_absent"] for row in taken),
        "students_with_assessment": len({row["student_id"] for row in tested}),
        "assessment_count": len(tested),
        "score_percentage_sum": sum(row["score_percentage"] for row in tested),
        "guest_count": len({row["student_id"] for row in records if row["enrollment_status"] != "ACTIVE"}),
    }


def student_months(attendance: Rows, assessments: Rows, calendars: Calendars) -> Rows:
    """A row for each student and month with records, of known students or not."""
    taken = grouped([in_month(row, row["attendance_date"]) for row in attendance], "student_id", "month_start")
    tested = grouped([in_month(row, row["assessment_date"]) for row in assessments], "student_id", "month_start")
    return [
        {"student_id": student_id, "month_start": month, "school_year": school_year(month)}
        | student_month(taken.get((student_id, month), []), tested.get((student_id, month), []), calendars)
        for student_id, month in taken.keys() | tested.keys()
    ]


def in_month(row: Row, day: date) -> Row:
    return {**row, "month_start": day.replace(day=1), "day": day}


def student_month(taken: Rows, tested: Rows, calendars: Calendars) -> Row:
    taken_on, tested_on = [row["day"] for row in taken], [row["day"] for row in tested]
    scores = [row["score_percentage"] for row in tested]
    return {
        "attendance_days": len(taken),
        "present_days": sum(row["is_present"] for row in taken),
        "absent_days": sum(not row["is_present"] for row in taken),
        "first_attendance_date": min(taken_on, default=None),
        "last_attendance_date": max(taken_on, default=None),
        "assessment_count": len(tested),
        "score_percentage_sum": sum(scores),
        "min_score_percentage": min(scores, default=None),
        "max_score_percentage": max(scores, default=None),
        "first_assessment_date": min(tested_on, default=None),
        "last_assessment_date": max(tested_on, default=None),
        "last_record_date": max(taken_on + tested_on),
    } | school_days_of(on_school_days(taken, calendars))


def on_school_days(attendance: Rows, calendars: Calendars) -> Rows:
    """The records of school days in order of their dates, by the calendar of the record's school."""
    recorded = [
        row for row in attendance if calendars.is_school_day(row["school_id"] or "UNKNOWN", row["attendance_date"])
    ]
    return sorted(recorded, key=lambda row: row["attendance_date"])


def school_days_of(recorded: Rows) -> Row:
    absences = [not row["is_present"] for row in recorded]
    return {
        "days_recorded": len(recorded),
        "days_absent": sum(row["day_fraction_absent"] for row in recorded),
        "days_absent_excused": sum(row["day_fraction_absent"] for row in recorded if row["is_excused"]),
        "leading_absences": len(list(takewhile(bool, absences))),
        "trailing_absences": len(list(takewhile(bool, reversed(absences)))),
        "longest_absences": longest_run(absences),
    }


def longest_run(absences: list[bool]) -> int:
    """The most absences in a row; a day that was not recorded is not in the list, so it is skipped."""
    return max((len(list(run)) for is_absent, run in groupby(absences) if is_absent), default=0)
