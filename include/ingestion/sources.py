"""The sources that there are. A new source is a value in this file and one dbt model."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache

from include.ingestion.spec import Column, Source
from include.settings import REPOSITORY

ATTENDANCE_CODES = REPOSITORY / "include" / "dbt" / "seeds" / "attendance_codes.csv"
FIRST_DATE = date(2000, 1, 1)


@cache
def attendance_codes() -> tuple[str, ...]:
    """The codes of the seed `attendance_codes`, which dbt reads too."""
    with ATTENDANCE_CODES.open(encoding="utf-8", newline="") as lines:
        return tuple(row["code"] for row in csv.DictReader(lines))


STUDENTS = Source(
    table="students",
    files=("students*.csv",),
    strategy="full_load_upsert",
    key=("student_id",),
    newest_by="updated_at",
    columns=(
        Column("student_id", "text", required=True),
        Column("student_name", "text", optional=True),
        Column("class_id", "text", required=True),
        Column("grade_level", "int", required=True, above=0),
        Column("enrollment_status", "text", required=True, upper=True),
        Column("updated_at", "timestamp", required=True),
        Column("school_id", "text", optional=True),
        Column("ethnicity", "text", optional=True),
        Column("special_education", "bool", optional=True),
    ),
)

ATTENDANCE = Source(
    table="attendance",
    files=("attendance*.csv",),
    strategy="append_dedupe",
    key=("attendance_id",),
    newest_by="created_at",
    columns=(
        Column("attendance_id", "text", required=True),
        Column("student_id", "text", required=True),
        Column("attendance_date", "date", required=True, earliest=FIRST_DATE),
        Column("status", "text", required=True, upper=True, allowed=attendance_codes),
        Column("created_at", "timestamp", required=True),
    ),
)

ASSESSMENTS = Source(
    table="assessments",
    files=("assessments*.json", "assessments*.jsonl"),
    strategy="append_dedupe",
    key=("assessment_id",),
    newest_by="created_at",
    format="json",
    columns=(
        Column("assessment_id", "text", required=True),
        Column("student_id", "text", required=True),
        Column("subject", "text", required=True),
        Column("score", "numeric", required=True, at_least=0, at_most="max_score"),
        Column("max_score", "numeric", required=True, above=0),
        Column("assessment_date", "date", required=True, earliest=FIRST_DATE),
        Column("created_at", "timestamp", required=True),
    ),
)

SOURCES: dict[str, Source] = {
    source.table: source
    for source in (
        STUDENTS,
        ATTENDANCE,
        ASSESSMENTS,
    )
}
