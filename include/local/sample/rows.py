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


SourceName = Literal["students", "attendance", "assessments"]
Row = StudentRow | AttendanceRow | AssessmentRow
Kind = Literal["plain", "late", "corrected", "duplicate", "bad"]
Delivery = tuple[str, Kind, Row]
"""The day, month or term in whose file a row arrives, what is special about the row, and the row."""
