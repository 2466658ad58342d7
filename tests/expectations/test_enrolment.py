"""Each expectation of the gold tables about enrolment; all at once, for a checkpoint of gold takes its time."""

from __future__ import annotations

import psycopg

from tests.expectations.conftest import RunCheckpoint

BROKEN = {
    "school_daily_attendance expect_column_values_to_be_between(attendance_rate)": "set attendance_rate = 2",
    "school_daily_attendance expect_no_rows(after_as_of)": "set calendar_date = '2026-02-02' where recorded_count = 0",
    "school_daily_attendance expect_no_rows(records_of_silver)": "set records_on_non_school_days = 1",
    "school_attendance_monthly expect_column_values_to_be_between(attendance_rate)": "set attendance_rate = 2",
    "school_attendance_monthly expect_no_rows(missing_months)": "values ('UNKNOWN', '2025-11-01', 0)",
    "school_attendance_monthly expect_no_rows(school_days_of_each_day)": "set school_days = 2",
    "student_attendance_status expect_column_values_to_be_between(absence_rate)": "set absence_rate = 2",
    "student_attendance_status expect_no_rows(days_of_silver)": "set days_recorded = 2 where student_id = 'S1'",
    "early_warning expect_no_rows(enrolled_students_of_silver)": "set student_id = 'S3' where student_id = 'S2'",
}
SUSPECT = {
    "school_daily_attendance expect_column_values_to_be_between(attendance_coverage)": "set attendance_coverage = 1.5",
    "school_attendance_monthly expect_column_values_to_be_between(ada_rate)": "set ada_rate = 1.5",
    "school_attendance_monthly expect_column_values_to_be_between(attendance_coverage)": "set attendance_coverage = 2",
    "student_attendance_status expect_column_pair_values_a_to_be_greater_than_b(days_enrolled, days_recorded)": (
        "set days_enrolled = 0"
    ),
    "early_warning expect_no_rows(most_students_are_warned_of)": "set severity = 'warning' where student_id <> 'S1'",
}


def fired_by(school: psycopg.Connection, run: RunCheckpoint, damages: dict[str, str], severity: str) -> set[str]:
    """What is found when gold tables are damaged in these ways, each by an update or a row more."""
    for name, damage in damages.items():
        table = f"gold_candidate.{name.split()[0]}"
        school.execute(f"update {table} {damage}" if damage.startswith("set") else f"insert into {table} {damage}")
    findings = run("gold").findings
    assert all(finding.severity == severity for finding in findings)
    return {f"{finding.table.removeprefix('gold_candidate.')} {finding.expectation}" for finding in findings}


def test_every_promise_about_enrolment_fails_when_it_is_broken(school: psycopg.Connection, run: RunCheckpoint) -> None:
    assert fired_by(school, run, BROKEN, "critical") == BROKEN.keys()


def test_what_is_suspicious_about_enrolment_is_reported_and_passes(
    school: psycopg.Connection, run: RunCheckpoint
) -> None:
    school.execute(
        "insert into silver.student_memberships select 'N' || n, 'UNKNOWN', 'CLASS-01', 'ACTIVE', true, '2026-01-01',"
        " '9999-12-31' from generate_series(1, 20) as n;"
        " insert into gold_candidate.early_warning select 'N' || n, 'course', 'none'"
        " from generate_series(1, 20) as n"
    )
    assert fired_by(school, run, SUSPECT, "warning") == SUSPECT.keys()
