"""What the sample's files hold: the rows of each source, and what can be special about one."""

from __future__ import annotations

from typing import Literal, NamedTuple


class StudentRow(NamedTuple):
    """A line of a `students` file."""

    student_id: str
    student_name: str
    class_id: str
    grade_level: int
    enrollment_status: str
    updated_at: str
    school_id: str
    ethnicity: str
    special_education: str


class SchoolRow(NamedTuple):
    """A line of a `schools` file."""

    school_id: str
    school_name: str
    district: str
    school_type: str
    student_count: int
    free_reduced_lunch_pct: str
    updated_at: str


class LearningUnitRow(NamedTuple):
    """A line of a `learning_units` file."""

    unit_id: str
    unit_name: str
    subject: str
    grade_level: int
    sequence_order: int
    updated_at: str


class SchoolDayRow(NamedTuple):
    """A line of a `school_days` file. `updated_at` is empty while the day is as the year was planned."""

    school_id: str
    calendar_date: str
    is_school_day: str
    day_type: str
    updated_at: str


class AttendanceRow(NamedTuple):
    """A line of an `attendance` file."""

    attendance_id: str
    student_id: str
    attendance_date: str
    status: str
    created_at: str


class AssessmentRow(NamedTuple):
    """An object of an `assessments` file."""

    assessment_id: str
    student_id: str
    subject: str
    score: float
    max_score: int
    assessment_date: str
    created_at: str


SourceName = Literal["students", "schools", "learning_units", "school_days", "attendance", "assessments"]
Row = StudentRow | SchoolRow | LearningUnitRow | SchoolDayRow | AttendanceRow | AssessmentRow
Kind = Literal["plain", "late", "corrected", "duplicate", "bad"]
Delivery = tuple[str, Kind, Row]
"""The day, month or term in whose file a row arrives, what is special about the row, and the row."""
