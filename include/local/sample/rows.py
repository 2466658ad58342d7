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


class PlatformEventRow(NamedTuple):
    """A record of a `platform_events` file. `data` and `metadata` are JSON as it stands in the file."""

    event_id: str
    learner_id: str
    event_type: str
    timestamp: str
    session_id: str
    data: str
    metadata: str
    version: str


class ProductEventRow(NamedTuple):
    """A line of an `ela_events` or `science_events` file."""

    id: str
    userId: str  # noqa: N815 - the products' own spelling
    verb: str
    object: str
    product: str
    timestamp: str


class MobileEventRow(NamedTuple):
    """A line of a `mobile_events` file."""

    event_name: str
    application_version_name: str
    arrival_timestamp: str
    device_locale_country: str
    device_platform_name: str
    event_timestamp: str
    session_id: str
    user_access_type: str
    user_id: str
    item_id: str
    item_type: str
    item_title: str


class WebEventRow(NamedTuple):
    """A line of a `web_events` file."""

    event_name: str
    event_timestamp: str
    user_id: str
    arrival_timestamp: str
    browser_name: str
    device_type: str
    session_id: str
    user_access_type: str
    country_code: str
    referrer: str
    item_id: str
    item_type: str
    item_title: str


class RewardEventRow(NamedTuple):
    """A line of a `reward_events` file."""

    event_time: str
    user_id: str
    event_type: str
    transaction_category: str
    miles_amount: str
    platform: str
    utm_source: str
    country: str


EventSource = Literal["platform_events", "product_events", "mobile_events", "web_events", "reward_events"]
SourceName = Literal["students", "schools", "learning_units", "school_days", "attendance", "assessments", EventSource]
EventRow = PlatformEventRow | ProductEventRow | MobileEventRow | WebEventRow | RewardEventRow
Row = StudentRow | SchoolRow | LearningUnitRow | SchoolDayRow | AttendanceRow | AssessmentRow | EventRow
Kind = Literal["plain", "late", "corrected", "duplicate", "bad"]
Delivery = tuple[str, Kind, Row]
"""The day, month or term in whose file a row arrives (`ela 2024-12` of a product), its kind, and the row."""
