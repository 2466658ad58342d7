"""What the tasks of student_ingestion say in their logs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import cast

import psycopg
import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.context import set_current_context
from sqlalchemy import URL

from include.ingestion.sources import ATTENDANCE
from include.local.environment import connection_json
from include.orchestration.ingestion_tasks import ingest, init_warehouse
from tests.ingestion.conftest import attendance, write

GOOD = "A-1,S-1,2025-01-07,PRESENT,2025-01-07T15:00:00"


@pytest.fixture(autouse=True)
def connected(warehouse_url: URL, raw_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tasks find this warehouse and this raw folder."""
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_json(warehouse_url))
    monkeypatch.setenv("ROLLCALL_RAW_DIR", str(raw_dir))


def run_ingest() -> None:
    """The task `ingest_attendance` of a run."""
    load_new_files = ingest(ATTENDANCE).operator.python_callable
    with set_current_context(cast("Context", {"params": {"sources": []}, "run_id": "test"})):
        load_new_files()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    ours = (record for record in caplog.records if record.name == "include.orchestration.ingestion_tasks")
    return [record.getMessage() for record in ours if record.levelno == logging.WARNING]


def test_a_file_with_a_nearly_right_name_and_one_that_is_not_followed_are_warned_of(
    raw_dir: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    attendance(raw_dir, "atendance_2025.csv", GOOD)
    attendance(raw_dir, "attendance.csv", GOOD)
    write(raw_dir, "notes.txt", "nothing")
    (raw_dir / "students.csv").symlink_to(attendance(tmp_path, "elsewhere.csv", GOOD))
    with caplog.at_level(logging.INFO):
        init_warehouse.function()
    assert warnings(caplog) == [
        "No source takes the file atendance_2025.csv: did you mean attendance*.csv?",
        "students.csv is not read: it is a symlink out of the raw folder, which is not followed",
    ]
    assert "No source takes the file notes.txt" in caplog.messages


def test_an_unloaded_file_is_skipped_with_a_warning_and_a_loaded_one_without(
    warehouse: psycopg.Connection, raw_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    attendance(raw_dir, "attendance_1.csv", GOOD)
    attendance(raw_dir, "attendance_2.csv", GOOD.replace("A-1", "A-2"))
    with caplog.at_level(logging.INFO):
        run_ingest()
        assert warnings(caplog) == []
        warehouse.execute("update ops.file_loads set status = 'unloaded' where load_id = 1")
        run_ingest()
    (warning,) = warnings(caplog)
    assert "attendance_1.csv" in warning
    assert "unloaded" in warning
    assert "load it by name to bring it back" in warning


def test_a_refused_file_fails_the_task_once_and_is_warned_of_from_then_on(
    raw_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(raw_dir, "attendance.csv", "a,b", "1,2")
    with pytest.raises(AirflowFailException, match="of attendance refused"):
        run_ingest()
    run_ingest()
    assert warnings(caplog) == [
        "attendance.csv is not loaded: it was refused, and neither it nor its contract has changed"
    ]
