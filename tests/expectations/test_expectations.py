"""Each expectation on a school in which just that does not hold."""

from __future__ import annotations

import psycopg
import pytest

from expectations.table import Layer
from tests.expectations.conftest import RunCheckpoint

BROKEN = {
    "bronze.students": ("bronze", "delete from bronze.students", "row_floor"),
    "bronze.attendance": ("bronze", "delete from bronze.attendance", "row_floor"),
    "bronze.assessments": ("bronze", "delete from bronze.assessments", "row_floor"),
    "bronze.schools": ("bronze", "delete from bronze.schools", "row_floor"),
    "bronze.learning_units": ("bronze", "delete from bronze.learning_units", "row_floor"),
    "bronze.school_days": ("bronze", "delete from bronze.school_days", "row_floor"),
    "silver.dim_students": ("silver", "delete from silver.dim_students", "row_floor"),
    "silver.dim_students, most": (
        "silver",
        "insert into bronze.students (student_id, class_id, grade_level, enrollment_status, updated_at,"
        " _load_id, _ingested_at, _source_file, _source_line) select 'N' || n, 'CLASS-01', 1, 'ACTIVE',"
        " now(), 1, now(), 'f', n from generate_series(1, 9) as n",
        "most_students_lost",
    ),
    "silver.dim_student_versions": (
        "silver",
        "update silver.dim_student_versions set valid_to = valid_from",
        "empty_interval",
    ),
    "silver.dim_schools": ("silver", "delete from silver.dim_schools", "row_floor"),
    "silver.dim_schools, of a student": (
        "silver",
        "update silver.dim_students set school_id = 'X' where student_id = 'S1'",
        "schools_of_students_lost",
    ),
    "silver.dim_learning_units": ("silver", "delete from silver.dim_learning_units", "row_floor"),
    "silver.dim_dates": ("silver", "delete from silver.dim_dates", "row_floor"),
    "silver.dim_dates, too short": (
        "silver",
        "update silver.fact_attendance set attendance_date = '2025-07-31' where student_id = 'S1'",
        "facts_outside",
    ),
    "silver.dim_school_days": ("silver", "delete from silver.dim_school_days", "row_floor"),
    "silver.fact_attendance": ("silver", "delete from silver.fact_attendance where student_id = 'S1'", "lost_records"),
    "silver.fact_assessments": (
        "silver",
        "update silver.fact_assessments set score_percentage = 101",
        "score_percentage",
    ),
    "silver.fact_assessments, lost": (
        "silver",
        "update silver.fact_assessments set assessment_id = 'E9'",
        "lost_records",
    ),
    "silver.class_days": ("silver", "update silver.class_days set students_with_attendance = 3", "attendance_of_facts"),
    "silver.class_days, tests": ("silver", "update silver.class_days set assessment_count = 2", "assessments_of_facts"),
    "silver.student_months": ("silver", "update silver.student_months set present_days = 1", "attendance_of_facts"),
    "gold rate": ("gold", "update gold_candidate.class_daily_performance set attendance_rate = 1.5", "attendance_rate"),
    "gold class size": (
        "gold",
        "update gold_candidate.class_daily_performance set total_students = 1",
        "total_students, students_with_attendance",
    ),
    "gold present and absent": (
        "gold",
        "update gold_candidate.class_daily_performance set absent_count = 0",
        "present_and_absent",
    ),
    "gold empty": ("gold", "delete from gold_candidate.class_daily_performance", "student_days_of_silver"),
    "gold after as_of": (
        "gold",
        "update gold_candidate.class_daily_performance set calendar_date = '2026-02-01'",
        "after_as_of",
    ),
    "gold assessments": (
        "gold",
        "update gold_candidate.class_daily_performance set assessment_count = 5",
        "assessments_of_silver",
    ),
    "gold students": ("gold", "delete from gold_candidate.student_performance_summary", "students_of_silver"),
    "gold student days": (
        "gold",
        "update gold_candidate.student_performance_summary set total_attendance_days = 7, present_days = 7",
        "student_days_of_silver",
    ),
    "gold scores": (
        "gold",
        "update gold_candidate.student_performance_summary set avg_score = 99 where student_id = 'S1'",
        "score_order",
    ),
    "gold class counts": (
        "gold",
        "update gold_candidate.class_summary set active_students = 9",
        "total_students, active_students",
    ),
    "gold counted twice": (
        "gold",
        "update gold_candidate.class_summary set total_students = 3",
        "students_counted_twice",
    ),
}

SUSPECT = {
    "class_id": ("bronze", "update bronze.students set class_id = 'Room 7' where student_id = 'S1'", "class_id", 1),
    "enrollment_status": ("bronze", "update bronze.students set enrollment_status = 'AWAY'", "enrollment_status", 2),
    "grade_level": ("bronze", "update bronze.students set grade_level = 14", "grade_level", 2),
    "clock": ("bronze", "update bronze.students set updated_at = '2999-01-01'", "updated_in_the_future", 2),
    "weekend": ("bronze", "update bronze.attendance set attendance_date = '2026-01-04'", "weekend_share", 2),
    "recorded early": ("bronze", "update bronze.attendance set created_at = '2025-12-01'", "recorded_before", 2),
    "school without students": ("bronze", "update bronze.schools set student_count = 0", "without_students", 1),
    "school twice": (
        "bronze",
        "insert into bronze.schools (school_id, school_name, district, _load_id, _ingested_at, _source_file,"
        " _source_line, _row_hash) values ('N2', 'NORTH', 'Valley', 4, now(), 'f', 3, default)",
        "one_name_twice",
        1,
    ),
    "clock of a school": ("bronze", "update bronze.schools set updated_at = '2999-01-01'", "updated_in_the_future", 1),
    "grade of a unit": ("bronze", "update bronze.learning_units set grade_level = 14", "grade_level", 2),
    "place of a unit": ("bronze", "update bronze.learning_units set sequence_order = 1", "one_place_twice", 1),
    "clock of a unit": ("bronze", "update bronze.learning_units set updated_at = '2999-01-01'", "updated_in", 2),
    "school on a weekend": ("bronze", "update bronze.school_days set is_school_day = true", "weekend_share", 1),
    "no school at all": ("bronze", "update bronze.school_days set is_school_day = false", "without_school_days", 1),
    "old day": (
        "bronze",
        "update bronze.school_days set calendar_date = '1999-12-31' where calendar_date = '2026-01-07'",
        "far_off_days",
        1,
    ),
    "calendar of nobody": ("bronze", "update bronze.school_days set school_id = 'X'", "unknown_schools", 1),
    "clock of a day": ("bronze", "update bronze.school_days set updated_at = '2999-01-01'", "updated_in", 3),
    "school of nobody": (
        "silver",
        "update silver.dim_student_versions set school_id = 'X' where student_id = 'S1';"
        " insert into silver.dim_schools values ('X', 'Unknown');"
        " insert into silver.dim_school_days select 'X', calendar_date, true, 'weekday' from silver.dim_dates",
        "unnamed_schools",
        1,
    ),
    "school without a level of poverty": (
        "silver",
        "insert into bronze.schools (school_id, school_name, _load_id, _ingested_at, _source_file, _source_line)"
        " values ('S', 'South', 4, now(), 'f', 3); insert into silver.dim_schools values ('S', 'South');"
        " insert into silver.dim_school_days select 'S', calendar_date, true, 'weekday' from silver.dim_dates",
        "without_poverty_level",
        1,
    ),
    "unit to come": ("silver", "delete from silver.dim_learning_units where unit_id = 'U1'", "units_not_in_silver", 1),
    "date of long ago": (
        "silver",
        "insert into silver.dim_dates select '2005-08-01'::date + n, false, 2005 from generate_series(0, 7304) as n;"
        " insert into silver.dim_school_days select school_id, calendar_date, false, 'weekend'"
        " from silver.dim_schools cross join silver.dim_dates where school_year = 2005",
        "far_off_school_years",
        1,
    ),
    "half a calendar": (
        "silver",
        "update silver.dim_school_days set is_school_day = false"
        " where calendar_date between '2026-01-16' and '2026-07-31'",
        "unlikely_calendars",
        1,
    ),
    "orphan": ("silver", "update silver.fact_attendance set is_orphan = true", "is_orphan", 2),
    "conflict": (
        "silver",
        "update silver.fact_attendance set conflict_count = 1 where student_id = 'S1'",
        "conflict_count",
        1,
    ),
    "gap": (
        "silver",
        "update silver.fact_attendance set class_id = null; update silver.class_days set students_with_attendance = 0",
        "inside_presence_gap",
        2,
    ),
    "student to come": (
        "silver",
        "delete from silver.dim_students where student_id = 'S1'",
        "students_not_in_silver",
        1,
    ),
}


@pytest.mark.parametrize(("layer", "damage", "expectation"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_promise_fails(
    school: psycopg.Connection, run: RunCheckpoint, layer: Layer, damage: str, expectation: str
) -> None:
    school.execute(damage)
    report = run(layer)
    assert report.failed
    assert any(expectation in finding.expectation for finding in report.findings if finding.severity == "critical")


@pytest.mark.parametrize(("layer", "damage", "expectation", "count"), SUSPECT.values(), ids=SUSPECT.keys())
def test_a_suspicion_is_reported_with_its_count_and_passes(
    school: psycopg.Connection, run: RunCheckpoint, layer: Layer, damage: str, expectation: str, count: int
) -> None:
    school.execute(damage)
    report = run(layer)
    assert not report.failed
    (finding,) = [finding for finding in report.findings if expectation in finding.expectation]
    assert (finding.severity, finding.count) == ("warning", count)
