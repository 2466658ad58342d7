"""What gold says of each student: performance up to as_of, and attendance in a school year."""

from __future__ import annotations

from datetime import date

from tests.dbt.reference.aggregates import longest_run, on_school_days
from tests.dbt.reference.bronze import Row, Rows, grouped, school_year
from tests.dbt.reference.calendars import Calendars
from tests.dbt.reference.roster import member_on
from tests.dbt.reference.rounding import mean, rate


def student_performance_summary(attendance: Rows, assessments: Rows, versions: Rows, as_of: date) -> Rows:
    """A row for each student with a version on or before as_of."""
    taken, tested = grouped(attendance, "student_id"), grouped(assessments, "student_id")
    begun = grouped([row for row in versions if row["valid_from"] <= as_of], "student_id")
    return [
        attributes(max(rows, key=lambda row: row["valid_from"]), as_of)
        | performance(taken.get(student, []), tested.get(student, []))
        for student, rows in begun.items()
    ]


def attributes(version: Row, as_of: date) -> Row:
    names = ("student_id", "school_id", "class_id", "grade_level", "enrollment_status")
    return {name: version[name] for name in names} | {
        "student_name": version["student_name"] or "Unknown",
        "is_active": version["enrollment_status"] == "ACTIVE" and as_of < version["valid_to"],
    }


def performance(taken: Rows, tested: Rows) -> Row:
    present = sum(row["is_present"] for row in taken)
    scores = [row["score_percentage"] for row in tested]
    dates = [row["attendance_date"] for row in taken]
    return {
        "total_attendance_days": len(taken),
        "present_days": present,
        "absent_days": len(taken) - present,
        "attendance_rate": rate(present, len(taken)),
        "total_assessments": len(tested),
        "avg_score": mean(scores),
        "min_score_percentage": min(scores, default=None),
        "max_score_percentage": max(scores, default=None),
        "first_attendance_date": min(dates, default=None),
        "last_attendance_date": max(dates, default=None),
        "last_assessment_date": max((row["assessment_date"] for row in tested), default=None),
    }


def student_attendance_status(
    attendance: Rows, memberships: Rows, calendars: Calendars, rules: Rows, dates: list[date]
) -> Rows:
    """A row for each student and school year with an enrolled day or a record.

    `dates` are the days up to as_of, `attendance` the records up to it of known students, `rules` the rows of the
    chronic absence rule that was chosen.
    """
    taken = grouped(
        [{**row, "school_year": school_year(row["attendance_date"])} for row in attendance], "student_id", "school_year"
    )
    enrolled = enrolled_days(memberships, dates)
    return [
        {"student_id": student_id, "school_year": year}
        | status(
            on_school_days(taken.get((student_id, year), []), calendars),
            sum(calendars.is_school_day(school_id, day) for school_id, day in enrolled.get((student_id, year), [])),
            rule_of(rules, year),
        )
        for student_id, year in taken.keys() | enrolled.keys()
    ]


def enrolled_days(memberships: Rows, dates: list[date]) -> dict[tuple[str, int], list[tuple[str, date]]]:
    """The schools and days on which each student was enrolled, by student and school year."""
    found: dict[tuple[str, int], list[tuple[str, date]]] = {}
    for (student_id,), rows in grouped(memberships, "student_id").items():
        for day in dates:
            member = member_on(rows, day)
            if member and member["is_enrolled"]:
                found.setdefault((student_id, school_year(day)), []).append((member["school_id"], day))
    return found


def rule_of(rules: Rows, year: int) -> Row:
    """The newest rule that holds in the school year."""
    return max((rule for rule in rules if rule["school_year_from"] <= year), key=lambda rule: rule["school_year_from"])


def status(recorded: Rows, days_enrolled: int, rule: Row) -> Row:
    absent = sum(row["day_fraction_absent"] for row in recorded)
    is_enough = len(recorded) >= rule["minimum_days_recorded"]
    return {
        "days_enrolled": days_enrolled,
        "days_recorded": len(recorded),
        "coverage": rate(len(recorded), days_enrolled),
        "days_absent": absent,
        "days_absent_excused": sum(row["day_fraction_absent"] for row in recorded if row["is_excused"]),
        "absence_rate": rate(absent, len(recorded)),
        "rule_id": rule["rule_id"],
        "is_chronically_absent": is_chronic(absent, len(recorded), rule) if is_enough else None,
        "band": band(absent, len(recorded), rule) if is_enough else "not_enough_data",
        "longest_absence_streak": longest_run([not row["is_present"] for row in recorded]) if recorded else None,
    }


def is_chronic(absent: int, recorded: int, rule: Row) -> bool:
    edge = rule["threshold"] * recorded
    return bool(absent >= edge if rule["is_inclusive"] else absent > edge)


def band(absent: int, recorded: int, rule: Row) -> str:
    if absent >= rule["severe_from"] * recorded:
        return "severe"
    if is_chronic(absent, recorded, rule):
        return "chronic"
    return "at_risk" if absent >= rule["at_risk_from"] * recorded else "satisfactory"
