"""A small school as bronze rows: three loads, and every edge of the silver and gold models at least once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

Row = dict[str, object]

AS_OF = date(2025, 1, 31)
CUT = date(2025, 1, 9)
ZONE = "America/Chicago"
"""Where days begin: its clocks go back and forth."""


def day(month_and_day: str) -> date:
    """`01-06` as a date of the year 2025."""
    return date.fromisoformat(f"2025-{month_and_day}")


def morning(month_and_day: str) -> datetime:
    return datetime.combine(day(month_and_day), datetime.min.time(), UTC).replace(hour=8)


def student(
    load_id: int, student_id: str, name: str | None, place: tuple[str | None, str], on: str, status: str = "ACTIVE"
) -> Row:
    school_id, class_id = place
    return {
        "student_id": student_id,
        "student_name": name,
        "school_id": school_id,
        "class_id": class_id,
        "grade_level": 5,
        "enrollment_status": status,
        "updated_at": morning(on),
        "_load_id": load_id,
    }


def attendance(
    load_id: int, attendance_id: str, student_id: str, on: str, status: str, created: str | None = None
) -> Row:
    return {
        "attendance_id": attendance_id,
        "student_id": student_id,
        "attendance_date": day(on),
        "status": status,
        "created_at": morning(created or on),
        "_load_id": load_id,
    }


def assessment(load_id: int, assessment_id: str, student_id: str, on: str, score: int, max_score: int) -> Row:
    return {
        "assessment_id": assessment_id,
        "student_id": student_id,
        "subject": "Math",
        "score": score,
        "max_score": max_score,
        "assessment_date": day(on),
        "created_at": morning(on),
        "_load_id": load_id,
    }


STUDENTS_HISTORY = (
    student(1, "S1", "Ada", ("SCH1", "C1"), "01-06"),
    student(1, "S2", None, (None, "C1"), "01-06"),
    student(1, "S3", "Cy", ("SCH1", "C1"), "01-06", "SUSPENDED"),
    student(1, "S5", "Eve", ("SCH1", "C1"), "01-06"),
    student(2, "S1", "Ada", ("SCH1", "C2"), "01-10"),
    student(3, "S1", "Ada", ("SCH1", "C2"), "01-13"),  # nothing but updated_at has changed
    student(3, "S4", "Dan", ("SCH2", "C2"), "01-14"),
)
STUDENTS_PRESENCE = (
    {
        "student_id": "S2",
        "missing_from": day("01-09"),
        "returned_on": day("01-13"),
        "missing_load_id": 2,
        "returned_load_id": 3,
    },
)
ATTENDANCE = (
    attendance(1, "A01", "S1", "01-03", "PRESENT"),  # before the first version
    attendance(1, "A02", "S1", "01-09", "ABSENT"),
    attendance(2, "A02", "S1", "01-09", "TARDY", created="01-10"),  # a correction
    attendance(1, "A03", "S1", "01-10", "PRESENT"),  # the day of the change of class
    attendance(1, "A04", "S2", "01-09", "ABSENT"),  # missing from the roster
    attendance(1, "A05", "S2", "01-13", "EXCUSED"),
    attendance(1, "A06", "S2", "01-13", "HALF_DAY"),  # the same day: present before absent
    attendance(1, "A07", "S3", "01-09", "EXCUSED"),
    attendance(1, "A08", "S9", "01-09", "PRESENT"),  # an orphan
    attendance(1, "A09", "S4", "01-13", "PRESENT"),  # an orphan until load 3
    attendance(1, "A10", "S1", "02-03", "ABSENT"),  # after AS_OF
)
ASSESSMENTS = (
    assessment(1, "X1", "S1", "01-09", 45, 60),
    assessment(1, "X2", "S3", "01-09", 1, 3),
    assessment(1, "X3", "S2", "01-10", 8, 10),  # missing from the roster
    assessment(1, "X4", "S5", "01-14", 0, 10),
    assessment(1, "X5", "S9", "01-09", 1, 2),  # an orphan
    assessment(1, "X6", "S1", "02-01", 1, 2),  # after AS_OF
)


def insert(connection: psycopg.Connection, table: str, rows: Iterable[Row]) -> None:
    """Put rows into a bronze table, with the metadata that every row but those of presence has."""
    complete = [
        {**row, **(metadata(table, line) if "_load_id" in row else {})} for line, row in enumerate(rows, start=2)
    ]
    for columns, alike in groupby(complete, key=tuple):
        with connection.cursor() as cursor:
            cursor.executemany(
                sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier("bronze", table),
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                    sql.SQL(", ").join(sql.Placeholder() * len(columns)),
                ),
                [list(row.values()) for row in alike],
            )


def metadata(table: str, line: int) -> Row:
    return {
        "_ingested_at": morning("01-01"),
        "_source_file": f"{table}.csv",
        "_source_line": line,
        "_extra": Jsonb({}),
    }


def fill(connection: psycopg.Connection) -> None:
    insert(connection, "students_history", STUDENTS_HISTORY)
    insert(connection, "students_presence", STUDENTS_PRESENCE)
    insert(connection, "attendance", ATTENDANCE)
    insert(connection, "assessments", ASSESSMENTS)
