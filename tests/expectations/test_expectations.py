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
    "silver.dim_schools, unknown": (
        "silver",
        "delete from silver.dim_schools where school_id = 'UNKNOWN'",
        "without_unknown",
    ),
    "silver.dim_schools, of a student": (
        "silver",
        "update silver.dim_students set school_id = 'X' where student_id = 'S1'",
        "schools_of_students_lost",
    ),
    "silver.dim_learning_units": ("silver", "delete from silver.dim_learning_units", "row_floor"),
    "silver.dim_dates": ("silver", "delete from silver.dim_dates", "row_floor"),
    "silver.dim_dates, a hole": ("silver", "delete from silver.dim_dates where calendar_date = '2026-02-03'", "holes"),
    "silver.dim_dates, too short": (
        "silver",
        "update silver.fact_attendance set attendance_date = '2025-07-31' where student_id = 'S1'",
        "facts_outside",
    ),
    "silver.dim_school_days": ("silver", "delete from silver.dim_school_days", "row_floor"),
    "silver.dim_school_days, a day": (
        "silver",
        "delete from silver.dim_school_days where school_id = 'N' and calendar_date = '2026-02-03'",
        "days_lost",
    ),
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
    "gold chronically absent": (
        "gold",
        "update gold_candidate.class_summary set chronically_absent_students = 3",
        "chronically_absent_students",
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
    "distant day": (
        "bronze",
        "update bronze.school_days set _ingested_at = '2023-12-31' where calendar_date = '2026-01-07'",
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
    "unit to come": (
        "silver",
        "delete from silver.dim_learning_units where unit_id = 'U1'",
        "units_not_in_silver",
        1,
    ),
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
    "school on every day": (
        "silver",
        "update silver.dim_school_days set is_school_day = true where calendar_date <= '2026-07-31'",
        "unlikely_calendars",
        1,
    ),
    "orphan": ("silver", "update silver.fact_attendance set is_orphan = true, class_id = null", "is_orphan", 2),
    "conflict": (
        "silver",
        "update silver.fact_attendance set conflict_count = 1 where student_id = 'S1'",
        "conflict_count",
        1,
    ),
    "gap": ("silver", "update silver.fact_attendance set class_id = null", "inside_presence_gap", 2),
    "student to come": (
        "silver",
        "delete from silver.dim_students where student_id = 'S1'",
        "students_not_in_silver",
        1,
    ),
}


# Of the tables about enrolment: done to them all together, for a run of gold takes its time.
BROKEN_ENROLMENT = {
    "school_daily_attendance expect_column_values_to_be_between(attendance_rate)": "set attendance_rate = 2",
    "school_daily_attendance expect_no_rows(present_and_absent)": "set absent_count = 2",
    "school_daily_attendance expect_no_rows(days_attended)": "set days_attended = 2",
    "school_daily_attendance expect_no_rows(after_as_of)": "set calendar_date = '2026-02-02' where recorded_count = 0",
    "school_daily_attendance expect_no_rows(records_of_silver)": "set records_on_non_school_days = 1",
    "school_attendance_monthly expect_column_values_to_be_between(attendance_rate)": "set attendance_rate = 2",
    "school_attendance_monthly expect_no_rows(averages_below_0)": "set average_daily_attendance = -1",
    "school_attendance_monthly expect_no_rows(missing_months)": "values ('UNKNOWN', '2025-11-01', 0)",
    "school_attendance_monthly expect_no_rows(school_days_of_each_day)": "set school_days = 2",
    "student_attendance_status expect_column_values_to_be_between(absence_rate)": "set absence_rate = 2",
    "student_attendance_status expect_no_rows(judged_without_a_record)": "values ('S2', 2024, 9, 0, 0, null, 'severe')",
    "student_attendance_status expect_no_rows(more_absent_than_recorded)": "set longest_absence_streak = 2",
    "student_attendance_status expect_no_rows(days_of_silver)": "set days_recorded = 2 where student_id = 'S1'",
    "early_warning expect_no_rows(enrolled_students_of_silver)": "set student_id = 'S3' where student_id = 'S2'",
    "early_warning expect_no_rows(without_a_reason)": "set reason = ''",
}
SUSPECT_ENROLMENT = {
    "school_daily_attendance expect_column_values_to_be_between(attendance_coverage)": "set attendance_coverage = 1.5",
    "school_attendance_monthly expect_column_values_to_be_between(ada_rate)": "set ada_rate = 1.5",
    "school_attendance_monthly expect_column_values_to_be_between(attendance_coverage)": "set attendance_coverage = 2",
    "student_attendance_status expect_column_pair_values_a_to_be_greater_than_b(days_enrolled, days_recorded)": (
        "set days_enrolled = 0"
    ),
    "early_warning expect_no_rows(most_students_are_warned_of)": "set severity = 'warning' where student_id <> 'S1'",
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


def fired_by(school: psycopg.Connection, run: RunCheckpoint, damages: dict[str, str], severity: str) -> set[str]:
    """What is found when gold tables are damaged in these ways, each by an update or a row more."""
    for name, damage in damages.items():
        table = f"gold_candidate.{name.split()[0]}"
        school.execute(f"update {table} {damage}" if damage.startswith("set") else f"insert into {table} {damage}")
    findings = run("gold").findings
    assert all(finding.severity == severity for finding in findings)
    return {f"{finding.table.removeprefix('gold_candidate.')} {finding.expectation}" for finding in findings}


def test_every_promise_about_enrolment_fails_when_it_is_broken(school: psycopg.Connection, run: RunCheckpoint) -> None:
    assert fired_by(school, run, BROKEN_ENROLMENT, "critical") == BROKEN_ENROLMENT.keys()


def test_what_is_suspicious_about_enrolment_is_reported_and_passes(
    school: psycopg.Connection, run: RunCheckpoint
) -> None:
    school.execute(
        "insert into silver.student_memberships select 'N' || n, 'UNKNOWN', 'CLASS-01', 'ACTIVE', true, '2026-01-01',"
        " '9999-12-31' from generate_series(1, 20) as n;"
        " insert into gold_candidate.early_warning select 'N' || n, 'course', 'none', 'Why.'"
        " from generate_series(1, 20) as n"
    )
    assert fired_by(school, run, SUSPECT_ENROLMENT, "warning") == SUSPECT_ENROLMENT.keys()
