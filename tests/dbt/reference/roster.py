"""Who was on the roster, with what in the row: gaps, versions, students, memberships."""

from __future__ import annotations

import hashlib
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.dbt.reference.bronze import Bronze, Row, Rows, grouped, newest_of_each, oldest_first, school_year

FOREVER = date(9999, 12, 31)
ENROLLED = ("ACTIVE", "SUSPENDED")
ATTRIBUTES = (
    "student_name",
    "school_id",
    "class_id",
    "grade_level",
    "enrollment_status",
    "ethnicity",
    "special_education",
)


def is_missing_on(gaps: Rows, day: date) -> bool:
    """Whether the day lies in a gap; `returned_on` is the first day after it."""
    return any(gap["missing_from"] <= day and (gap["returned_on"] is None or day < gap["returned_on"]) for gap in gaps)


def roster_gaps(bronze: Bronze) -> Rows:
    """The gaps of at least one day; of two that begin on the same day the one that ends later."""
    gaps = {}
    for row in sorted(bronze.students_presence, key=lambda row: row["returned_on"] or FOREVER):
        if row["returned_on"] is None or row["returned_on"] > row["missing_from"]:
            gaps[row["student_id"], row["missing_from"]] = row["returned_on"]
    return [
        {"student_id": student_id, "missing_from": missing_from, "returned_on": returned_on}
        for (student_id, missing_from), returned_on in gaps.items()
    ]


def dim_student_versions(bronze: Bronze, zone: str) -> Rows:
    """`zone`: where days begin."""
    gaps = grouped(roster_gaps(bronze), "student_id")
    dated = [{**row, "date": row["updated_at"].astimezone(ZoneInfo(zone)).date()} for row in bronze.students_history]
    history = grouped(dated, "student_id")
    return [
        version for student, rows in history.items() for version in versions_of_student(rows, gaps.get(student, []))
    ]


def versions_of_student(history: Rows, gaps: Rows) -> Rows:
    """Walks the days on which anything can change, and begins a version when the row or the presence changes."""
    versions: Rows = []
    before = None
    for day in days_of_change(history, gaps):
        row = None if is_missing_on(gaps, day) else row_of_day(history, day)
        if row == before:
            continue
        if before is not None:
            versions[-1]["valid_to"] = day
        if row is not None:
            versions.append(begun(history[0]["student_id"], row, day, len(versions) + 1))
        before = row
    for version in versions:
        version["is_current"] = version["valid_to"] == FOREVER
    return versions


def days_of_change(history: Rows, gaps: Rows) -> list[date]:
    """The dates that the rows and gaps of a student name; between two of them every day is like the first."""
    dates = {row["date"] for row in history}
    return sorted(dates | {gap[end] for gap in gaps for end in ("missing_from", "returned_on") if gap[end]})


def row_of_day(history: Rows, day: date) -> Row | None:
    """What the student's row said at the end of the day; nothing before the first one."""
    known = [row for row in history if row["date"] <= day]
    if not known:
        return None
    row = oldest_first(known, "updated_at")[-1]
    return {name: row[name] for name in ATTRIBUTES} | {"school_id": row["school_id"] or "UNKNOWN"}


def begun(student_id: str, row: Row, day: date, number: int) -> Row:
    key = hashlib.md5(f"{student_id}|{day}".encode(), usedforsecurity=False).hexdigest()
    return {
        "student_version_key": key,
        "student_id": student_id,
        **row,
        "valid_from": day,
        "valid_to": FOREVER,
        "version_number": number,
    }


def dim_students(bronze: Bronze) -> Rows:
    gaps = grouped(roster_gaps(bronze), "student_id")
    return [
        student(row, [gap["missing_from"] for gap in gaps.get((row["student_id"],), []) if gap["returned_on"] is None])
        for row in newest_of_each(bronze.students_history, "updated_at", "student_id")
    ]


def student(newest: Row, missing_since: list[date]) -> Row:
    names = ("student_id", *ATTRIBUTES, "updated_at")
    return {name: newest[name] for name in names} | {
        "student_name": newest["student_name"] or "Unknown",
        "school_id": newest["school_id"] or "UNKNOWN",
        "is_active": newest["enrollment_status"] == "ACTIVE" and not missing_since,
        "is_missing": bool(missing_since),
        "missing_since": min(missing_since, default=None),
    }


def version_on(versions: Rows, day: date) -> Row | None:
    """The version of a student that holds on a day."""
    return next((version for version in versions if version["valid_from"] <= day < version["valid_to"]), None)


def student_memberships(versions: Rows, gaps: Rows, facts: list[tuple[str, date]]) -> Rows:
    """The versions as days of membership; `facts` are the students and dates of all records."""
    gaps_of, record_dates = grouped(gaps, "student_id"), dates_by_student(facts)
    return [
        membership(version, begin, end)
        for version in versions
        for begin, end in spans_without(
            gaps_of.get((version["student_id"],), []),
            first_day(version, record_dates.get(version["student_id"], [])),
            version["valid_to"],
        )
    ]


def dates_by_student(facts: list[tuple[str, date]]) -> dict[str, list[date]]:
    found: dict[str, list[date]] = {}
    for student_id, day in facts:
        found.setdefault(student_id, []).append(day)
    return found


def first_day(version: Row, record_dates: list[date]) -> date:
    """A first version reaches back to the student's first record of the same school year."""
    begin: date = version["valid_from"]
    if version["version_number"] > 1:
        return begin
    return min([begin, *(day for day in record_dates if school_year(day) == school_year(begin))])


def spans_without(gaps: Rows, begin: date, end: date) -> list[tuple[date, date]]:
    """The days from `begin` up to, and without, `end` that lie in no gap, as spans."""
    named = {gap[edge] for gap in gaps for edge in ("missing_from", "returned_on") if gap[edge]}
    edges = sorted({begin, end} | {day for day in named if begin < day < end})
    return [(day, until) for day, until in pairwise(edges) if not is_missing_on(gaps, day)]


def membership(version: Row, member_from: date, member_until: date) -> Row:
    names = ("student_id", "version_number", "school_id", "class_id", "grade_level", "enrollment_status")
    return {name: version[name] for name in names} | {
        "is_enrolled": version["enrollment_status"] in ENROLLED,
        "member_from": member_from,
        "member_until": member_until,
    }


def member_on(memberships: Rows, day: date) -> Row | None:
    """The membership of a student on a day."""
    return next((member for member in memberships if member["member_from"] <= day < member["member_until"]), None)
