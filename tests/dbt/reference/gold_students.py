"""What gold says of each student's attendance in a school year, and whom it warns of."""

from __future__ import annotations

from datetime import date

from tests.dbt.reference.aggregates import longest_run, on_school_days
from tests.dbt.reference.bronze import Row, Rows, grouped, school_year
from tests.dbt.reference.calendars import Calendars
from tests.dbt.reference.roster import member_on
from tests.dbt.reference.rounding import rate


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
