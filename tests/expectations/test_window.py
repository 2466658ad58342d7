"""Which rows a run looks at."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from expectations.table import tables_of
from tests.expectations.conftest import SCHOOL, RunCheckpoint

EARLY = "2025-12-01"
"""A record made long before its day: a warning of bronze.attendance."""


def counts(run: RunCheckpoint) -> list[int | None]:
    return [finding.count for finding in run("bronze").findings if finding.table == "bronze.attendance"]


def take_in(school: psycopg.Connection, load_id: int) -> None:
    """Silver has A3, in the facts and in what is made of them; it is one of two records of its student and day."""
    school.execute("update ops.silver_models set max_load_id = %s", [load_id])
    school.execute(
        "insert into silver.fact_attendance values"
        " ('A3', 'S1', '2026-01-08', 'CLASS-01', 'PRESENT', true, false, 1, '2026-01-08', %s)",
        [load_id],
    )
    school.execute(
        "insert into silver.class_days values ('UNKNOWN', 'CLASS-01', '2026-01-08', 1, 0);"
        " update silver.student_months set attendance_days = 2, present_days = 2 where student_id = 'S1'"
    )


def test_every_run_leaves_a_row_per_table(school: psycopg.Connection, run: RunCheckpoint) -> None:
    run("bronze", dag_run_id="first")
    rows = school.execute(
        "select checkpoint, table_name, max_load_id, outcome, dag_run_id from ops.checkpoint_runs"
    ).fetchall()
    assert len(rows) == len(tables_of("bronze", SCHOOL))
    assert set(rows) >= {
        ("checkpoint_bronze", "assessments", 3, "passed", "first"),
        ("checkpoint_bronze", "attendance", 2, "passed", "first"),
        ("checkpoint_bronze", "students", 1, "passed", "first"),
    }


@pytest.mark.usefixtures("school")
def test_a_run_looks_only_at_what_is_new(run: RunCheckpoint, add_attendance: Callable[..., int]) -> None:
    add_attendance("A3", created_at=EARLY)
    assert counts(run) == [1]
    assert counts(run) == []
    add_attendance("A4", created_at=EARLY)
    assert counts(run) == [1]


def test_a_failed_batch_is_looked_at_again_with_what_came_later(
    school: psycopg.Connection, run: RunCheckpoint, add_attendance: Callable[..., int]
) -> None:
    school.execute("update silver.fact_attendance set conflict_count = 1 where student_id = 'S1'")
    school.execute("delete from silver.fact_attendance where student_id = 'S2'")
    assert run("silver").failed
    school.execute(
        "insert into silver.fact_attendance values"
        " ('A2', 'S2', '2026-01-07', 'CLASS-01', 'ABSENT', false, false, 0, '2026-01-07', 2)"
    )
    take_in(school, add_attendance("A3"))
    (finding,) = run("silver").findings
    assert (finding.severity, finding.count) == ("warning", 2)


def test_a_batch_that_was_warned_of_is_not_looked_at_again(
    school: psycopg.Connection, run: RunCheckpoint, add_attendance: Callable[..., int]
) -> None:
    newest = add_attendance("A3", created_at=EARLY)
    run("bronze")
    row = school.execute("select outcome, max_load_id from ops.checkpoint_runs where table_name = 'attendance'")
    assert row.fetchone() == ("warned", newest)


def test_rows_of_a_load_that_is_not_committed_are_left_for_the_next_run(
    school: psycopg.Connection, run: RunCheckpoint, add_attendance: Callable[..., int]
) -> None:
    add_attendance("A3", created_at=EARLY)
    school.execute("update bronze.attendance set _load_id = 99 where attendance_id = 'A3'")
    assert counts(run) == []


def test_the_floor_is_that_of_the_table_not_of_the_batch(school: psycopg.Connection, run: RunCheckpoint) -> None:
    run("bronze")
    school.execute("delete from bronze.attendance")
    assert [finding.expectation for finding in run("bronze").findings] == ["expect_no_rows(row_floor)"]


def test_a_record_replaced_by_a_later_version_is_not_lost(
    school: psycopg.Connection, run: RunCheckpoint, add_attendance: Callable[..., int]
) -> None:
    moved = add_attendance("A1", day="2026-01-09", created_at="2026-01-09")
    school.execute(
        "update silver.fact_attendance set attendance_date = '2026-01-09', _load_id = %s where attendance_id = 'A1'",
        [moved],
    )
    school.execute("update ops.silver_models set max_load_id = %s", [moved])
    assert run("silver").findings == ()


def test_facts_that_silver_has_not_taken_in_yet_are_looked_at_once_it_has(
    school: psycopg.Connection, run: RunCheckpoint, add_attendance: Callable[..., int]
) -> None:
    load_id = add_attendance("A3")
    assert run("silver").findings == ()
    take_in(school, load_id)
    (finding,) = run("silver").findings
    assert (finding.severity, finding.count) == ("warning", 1)
