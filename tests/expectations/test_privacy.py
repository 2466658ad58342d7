"""What never stands in results, pages, reports and logs: a value of a row, a password."""

from __future__ import annotations

import logging
import re
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from expectations.gx.results_store import describe
from expectations.report import CheckpointError
from expectations.table import EVENT_SOURCES
from tests.expectations.conftest import RunCheckpoint

SECRETS = ("ZZSECRETNAME", "ZZSECRETID", "ZZSECRETCLASS", "ZZSECRETSTATUS")


def files_below(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def mentions(home: Path, words: tuple[str, ...]) -> list[str]:
    return [f"{path}: {word}" for path in files_below(home) for word in words if word.encode() in path.read_bytes()]


def plant(school: psycopg.Connection) -> None:
    school.execute(
        "update bronze.students set student_id = 'ZZSECRETID', student_name = 'ZZSECRETNAME',"
        " class_id = 'ZZSECRETCLASS', enrollment_status = 'ZZSECRETSTATUS' where student_id = 'S1'"
    )
    school.execute("update bronze.attendance set student_id = 'ZZSECRETID', created_at = '2025-01-01'")
    school.execute("update silver.fact_attendance set student_id = 'ZZSECRETID', is_orphan = true, conflict_count = 1")
    school.execute(
        "update gold_candidate.student_performance_summary set student_id = 'ZZSECRETID' || present_days,"
        " student_name = 'ZZSECRETNAME', attendance_rate = 7, avg_score = 700"
    )
    # Also beside a finding that names its school.
    school.execute("update silver.student_memberships set student_id = 'ZZSECRETID'")
    school.execute(
        "update gold_candidate.school_daily_attendance set calendar_date = '2026-01-31' where membership > 0"
    )


@pytest.mark.parametrize("layer", ["bronze", "silver", "gold"])
def test_no_value_of_a_row_is_kept_or_told(
    school: psycopg.Connection,
    run: RunCheckpoint,
    home: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    layer: str,
) -> None:
    plant(school)
    with caplog.at_level(logging.DEBUG):
        report = run(layer)
    assert report.findings
    assert mentions(home, SECRETS) == []
    told = "\n".join((*report.lines(), caplog.text, *capfd.readouterr()))
    assert not [word for word in SECRETS if word in told]


def test_no_user_of_learning_events_is_kept_or_told_beside_types_of_events_that_are(
    events: psycopg.Connection, run: RunCheckpoint, home: Path
) -> None:
    events.execute(
        "update silver.fact_learning_events set user_id = 'ZZSECRETID', event_id = 'ZZSECRETID' || event_id,"
        " session_id = 'ZZSECRETID', event_type = 'hop', is_known = false, score = 101"
    )
    report = run("silver", sources=EVENT_SOURCES)
    told = "\n".join(report.lines())
    assert "hop of web_events (1)" in told
    assert not [word for word in SECRETS if word in told]
    assert mentions(home, SECRETS) == []


def test_an_exception_does_not_quote_the_row_that_caused_it(
    school: psycopg.Connection,
    run: RunCheckpoint,
    home: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    plant(school)
    school.execute("alter table bronze.students rename to kept")
    school.execute(
        "create view bronze.students as select student_id, class_id, student_id::int as grade_level,"
        " enrollment_status, updated_at, _ingested_at from bronze.kept"
    )
    with caplog.at_level(logging.DEBUG):
        report = run("bronze")
    (explanation,) = {finding.explanation for finding in report.findings if "grade_level" in finding.expectation}
    assert explanation == "could not be evaluated: InvalidTextRepresentation (SQLSTATE 22P02)"
    assert mentions(home, SECRETS) == []
    assert not [word for word in SECRETS if word in caplog.text]


def test_a_run_that_breaks_off_does_not_quote_a_row(school: psycopg.Connection, run: RunCheckpoint) -> None:
    plant(school)
    school.execute("alter table bronze.attendance rename to kept")
    school.execute(
        "create view bronze.attendance as select attendance_id, student_id::int as student_id, attendance_date,"
        " status, created_at, _load_id from bronze.kept"
    )
    with pytest.raises(CheckpointError) as raised:
        run("bronze")
    assert "22P02" in str(raised.value)
    assert "ZZSECRET" not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.usefixtures("school")
def test_no_password_is_written(run: RunCheckpoint, home: Path, warehouse_url: URL) -> None:
    run("bronze")
    assert warehouse_url.password
    assert mentions(home, (str(warehouse_url.password),)) == []


def test_no_connection_is_left_open(school: psycopg.Connection, run: RunCheckpoint) -> None:
    run("bronze")
    query = "select count(*) from pg_stat_activity where datname = current_database()"
    deadline = time.monotonic() + 5  # a server process ends a moment after its client has left
    while school.execute(query).fetchone() != (1,) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert school.execute(query).fetchone() == (1,)


@pytest.mark.usefixtures("school")
def test_a_run_is_quiet(
    run: RunCheckpoint, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        run("bronze")
    assert tuple(capfd.readouterr()) == ("", "")
    assert [record.name for record in caplog.records if re.match("great_expectations", record.name)] == []


@pytest.mark.parametrize(
    ("message", "described"),
    [
        pytest.param(
            "(psycopg2.errors.UniqueViolation) duplicate key\nDETAIL:  Key (student_id)=(S1)",
            "UniqueViolation (SQLSTATE 23505)",
            id="a value",
        ),
        pytest.param(
            '(psycopg2.errors.UndefinedColumn) column "class_id" does not exist\nLINE 1',
            'UndefinedColumn (SQLSTATE 42703): column "class_id" does not exist',
            id="a name",
        ),
        pytest.param("KeyError: 'Ada'", "KeyError", id="no database error"),
        pytest.param("Ada", "an exception", id="nothing that is known"),
    ],
)
def test_errors_are_described_without_values(message: str, described: str) -> None:
    assert describe(message) == described
