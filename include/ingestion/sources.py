"""The sources that there are. A new source is a value in this file, or in `event_sources`, and one dbt model."""

from __future__ import annotations

import csv
import re
from functools import cache

from include.ingestion.event_sources import EVENT_SOURCES
from include.ingestion.spec import FIRST_DATE, Column, Source, SpecError
from include.settings import REPOSITORY

ATTENDANCE_CODES = REPOSITORY / "include" / "dbt" / "seeds" / "attendance_codes.csv"
CODE = re.compile(r"[A-Z0-9_-]+")


@cache
def attendance_codes() -> tuple[str, ...]:
    """The codes of the seed `attendance_codes`, which dbt reads too."""
    with ATTENDANCE_CODES.open(encoding="utf-8", newline="") as lines:
        codes = tuple(row["code"] for row in csv.DictReader(lines))
    unfit = [code for code in codes if not CODE.fullmatch(code)]
    if unfit:
        # The cells of a file are upper-cased before they are compared.
        raise SpecError(f"{ATTENDANCE_CODES}: expected codes of A to Z, digits, - and _, not {', '.join(unfit)}")
    return codes


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

SCHOOLS = Source(
    table="schools",
    files=("schools*.csv",),
    strategy="full_load_upsert",
    key=("school_id",),
    newest_by="updated_at",
    columns=(
        Column("school_id", "text", required=True),
        Column("school_name", "text", required=True),
        Column("district", "text", optional=True),
        Column("school_type", "text", optional=True),
        Column("student_count", "int", optional=True, at_least=0),
        Column("free_reduced_lunch_pct", "numeric", optional=True, at_least=0, at_most=1),
        Column("updated_at", "timestamp", optional=True),
    ),
)

LEARNING_UNITS = Source(
    table="learning_units",
    files=("learning_units*.csv",),
    strategy="full_load_upsert",
    key=("unit_id",),
    newest_by="updated_at",
    columns=(
        Column("unit_id", "text", required=True),
        Column("unit_name", "text", required=True),
        Column("subject", "text", optional=True),
        Column("grade_level", "int", optional=True),
        Column("sequence_order", "int", optional=True),
        Column("updated_at", "timestamp", optional=True),
    ),
)

SCHOOL_DAYS = Source(
    table="school_days",
    files=("school_days*.csv",),
    strategy="full_load_upsert",
    key=("school_id", "calendar_date"),
    newest_by="updated_at",
    covers="calendar_date",
    columns=(
        Column("school_id", "text", required=True),
        Column("calendar_date", "date", required=True),
        Column("is_school_day", "bool", required=True),
        Column("day_type", "text", optional=True),
        Column("updated_at", "timestamp", optional=True),
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
        SCHOOLS,
        LEARNING_UNITS,
        SCHOOL_DAYS,
        ATTENDANCE,
        ASSESSMENTS,
        *EVENT_SOURCES,
    )
}
