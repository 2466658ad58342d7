"""Whose attendance has not come the morning after a school day, by name.

Other tests run gold as of the Saturday behind it, on which nobody is missed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg

from expectations.report import Finding
from include.orchestration.run_note import note_text
from include.warehouse.summaries import named_findings
from tests.expectations.conftest import RunCheckpoint

FRIDAY = date(2026, 1, 30)
SCHOOLS = "no attendance has arrived for the day of the report (as_of), a school day, from these schools"
CLASSES = "their school has sent attendance for as_of, these classes have not"


def named(run: RunCheckpoint, as_of: date) -> list[Finding]:
    return [finding for finding in run("gold", as_of=as_of).findings if finding.names_something]


def record_a_class_of_friday(school: psycopg.Connection) -> None:
    """CLASS-01 records on Friday; CLASS-02 of the same school has an active member, CLASS-03 a suspended one."""
    school.execute(
        "update gold_candidate.school_daily_attendance"
        " set recorded_count = 2, attendance_rate = 1"
        " where calendar_date = '2026-01-30';"
        " insert into silver.class_days values ('UNKNOWN', 'CLASS-01', '2026-01-30', 2, 0);"
        " insert into silver.class_days values ('UNKNOWN', 'CLASS-02', '2026-01-30', 0, 1);"
        " insert into silver.student_memberships values"
        " ('S4', 'UNKNOWN', 'CLASS-02', 'ACTIVE', true, '2026-01-30', '2026-01-31'),"
        " ('S5', 'UNKNOWN', 'CLASS-03', 'SUSPENDED', true, '2026-01-01', '9999-12-31'),"
        " ('S6', 'UNKNOWN', 'CLASS-04', 'ACTIVE', true, '2026-01-01', '2026-01-30'),"
        " ('S7', 'N', 'CLASS-05', 'ACTIVE', true, '2026-01-01', '9999-12-31')"
    )


def test_a_school_without_attendance_on_a_school_day_is_named_in_report_pages_summary_and_note(
    school: psycopg.Connection, run: RunCheckpoint, home: Path
) -> None:
    (finding,) = named(run, FRIDAY)
    assert (finding.severity, finding.count, finding.explanation) == ("warning", 1, f"{SCHOOLS}: UNKNOWN")
    assert named_findings(school, "a run") == [finding.explanation]
    (page,) = (home / "data_docs" / "validations" / "gold_candidate" / "school_daily_attendance").rglob("*.html")
    assert finding.explanation in page.read_text()
    assert f"- {finding.explanation}" in note_text("success", [], {"named_findings": [finding.explanation]})


def test_a_class_with_active_members_is_named_when_only_others_of_its_school_have_come(
    school: psycopg.Connection, run: RunCheckpoint
) -> None:
    record_a_class_of_friday(school)
    (finding,) = named(run, FRIDAY)
    assert (finding.severity, finding.count) == ("warning", 1)
    assert finding.explanation == f"{CLASSES}: CLASS-02 of UNKNOWN"


def test_the_first_ten_are_named_in_order_each_on_its_line_and_the_others_counted(
    school: psycopg.Connection, run: RunCheckpoint
) -> None:
    school.execute(
        "insert into gold_candidate.school_daily_attendance"
        " select chr(64 + n) || E'\\n1', '2026-01-30', 1, 0, 0, null, 0 from generate_series(16, 1, -1) as n"
    )
    (finding,) = named(run, FRIDAY)
    assert finding.count == 17
    assert finding.explanation == f"{SCHOOLS}: A 1, B 1, C 1, D 1, E 1, F 1, G 1, H 1, I 1, J 1 and 7 more"


def test_a_school_without_members_is_not_missed_and_a_later_try_counts(
    school: psycopg.Connection, run: RunCheckpoint
) -> None:
    assert named(run, FRIDAY)
    school.execute("update gold_candidate.school_daily_attendance set membership = 0, attendance_coverage = null")
    assert named(run, FRIDAY) == []
    assert named_findings(school, "a run") == []
