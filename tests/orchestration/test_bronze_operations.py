from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.context import set_current_context
from sqlalchemy import URL

from include.ingestion.listings import SILVER_FOLLOWS
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.local.environment import connection_json
from include.orchestration.bronze_operations_tasks import ALL, OperationError, check_params, run_operation
from include.orchestration.run_note import LINES
from include.settings import load_settings
from tests.ingestion.conftest import Codes, attendance, codes

__all__ = ["codes"]

GOOD = "A-1,S-1,2025-01-07,PRESENT,2025-01-07T15:00:00"
UNKNOWN = GOOD.replace("A-1", "A-2").replace("PRESENT", "PRESNT")


@pytest.mark.parametrize(
    ("operation", "source", "load_id", "told"),
    [
        pytest.param("unload", "all", None, "unload needs a load_id", id="no load"),
        pytest.param("unload", "students", 7, "leave source at all", id="a source to unload"),
        pytest.param("replay", "all", 7, "replay goes by source: leave load_id empty", id="a load to replay"),
    ],
)
def test_params_that_do_not_belong_together_are_told_at_once(
    operation: str, source: str, load_id: int | None, told: str
) -> None:
    with pytest.raises(OperationError, match=told):
        check_params(operation, source, load_id)


@pytest.mark.parametrize(
    ("operation", "source", "load_id"), [("unload", "all", 7), ("replay", "attendance", None), ("rejects", "all", None)]
)
def test_params_that_belong_together_are_taken(operation: str, source: str, load_id: int | None) -> None:
    check_params(operation, source, load_id)


class Operations:
    """Runs of bronze_operations, and the lines that the last one left."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def xcom_push(self, key: str, value: Any) -> None:
        assert key == LINES
        self.lines = value

    def __call__(self, operation: str, source: str = ALL, load_id: int | None = None, run_id: str = "by hand") -> None:
        params = {"operation": operation, "source": source, "load_id": load_id}
        with set_current_context(cast("Context", {"params": params, "run_id": run_id, "ti": self})):
            run_operation.function()


@pytest.fixture
def operate(warehouse_url: URL, raw_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Operations:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_json(warehouse_url))
    monkeypatch.setenv("ROLLCALL_RAW_DIR", str(raw_dir))
    return Operations()


def load(warehouse: psycopg.Connection) -> None:
    """Load what is new of attendance, as the command line does."""
    ingest(warehouse, SOURCES["attendance"], load_settings(), dag_run_id="test")


def in_bronze(warehouse: psycopg.Connection) -> list[str]:
    return [status for (status,) in warehouse.execute("select status from bronze.attendance order by 1")]


def test_a_replay_of_rows_that_cannot_be_read_again_fails_and_says_why(
    warehouse: psycopg.Connection, operate: Operations, raw_dir: Path
) -> None:
    path = attendance(raw_dir, "attendance.csv", GOOD, UNKNOWN)
    load(warehouse)
    # As of a load by a version that did not note the header of a file.
    warehouse.execute("update ops.file_loads set header = null")
    path.unlink()
    with pytest.raises(AirflowFailException, match="could not be read again"):
        operate("replay", "attendance")
    (line,) = operate.lines
    assert "1 rejected rows are left: attendance.csv was loaded by an older version" in line


def test_rejects_counts_the_open_rejections_and_changes_nothing(
    warehouse: psycopg.Connection, operate: Operations, raw_dir: Path
) -> None:
    operate("rejects")
    assert operate.lines == ["no open rejections"]
    attendance(raw_dir, "attendance.csv", GOOD, UNKNOWN)
    load(warehouse)
    operate("rejects", "attendance")
    told = "attendance: attendance.csv (load 1): 1 × not_allowed:status, first in line 3"
    assert operate.lines == [told, "The rows themselves: table ops.rejected_rows."]
    operate("rejects", "students")
    assert operate.lines == ["no open rejections"]
    assert warehouse.execute("select count(*) from ops.file_loads").fetchone() == (1,)


@pytest.mark.parametrize("source", [ALL, "attendance"])
def test_a_replay_takes_in_what_is_right_now_once(
    warehouse: psycopg.Connection, operate: Operations, raw_dir: Path, codes: Codes, source: str
) -> None:
    attendance(raw_dir, "attendance.csv", GOOD, UNKNOWN, UNKNOWN.replace("PRESNT", "?"))
    load(warehouse)
    codes("PRESENT", "PRESNT")
    operate("replay", source)
    assert operate.lines == [
        "attendance: attendance.csv (load 1): 1 of 2 loaded as load 2, 1 still rejected",
        SILVER_FOLLOWS,
    ]
    operate("replay", source, run_id="again")
    assert operate.lines == ["attendance: attendance.csv (load 1): 0 of 1 loaded, 1 still rejected"]
    assert in_bronze(warehouse) == ["PRESENT", "PRESNT"]


def test_a_replay_of_one_source_leaves_the_others_alone(
    warehouse: psycopg.Connection, operate: Operations, raw_dir: Path, codes: Codes
) -> None:
    attendance(raw_dir, "attendance.csv", GOOD, UNKNOWN)
    load(warehouse)
    codes("PRESENT", "PRESNT")
    operate("replay", "students")
    assert operate.lines == ["no open rejections"]
    assert in_bronze(warehouse) == ["PRESENT"]


def test_an_unload_that_is_tried_again_after_it_was_committed_ends_well(
    warehouse: psycopg.Connection, operate: Operations, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance.csv", GOOD)
    load(warehouse)
    # The worker is killed before Airflow hears that the first try ended well.
    for _ in range(2):
        operate("unload", load_id=1, run_id="one run")
        assert any("load 1" in line for line in operate.lines)
    assert in_bronze(warehouse) == []
    assert warehouse.execute("select status from ops.etl_job_status where job_type like 'unload%'").fetchall() == [
        ("completed",)
    ]


def test_an_unload_of_what_another_run_has_unloaded_fails(
    warehouse: psycopg.Connection, operate: Operations, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance.csv", GOOD)
    load(warehouse)
    operate("unload", load_id=1, run_id="one run")
    with pytest.raises(AirflowFailException, match=r"load 1 \(attendance\.csv\) is unloaded"):
        operate("unload", load_id=1, run_id="another run")


def test_a_second_unload_after_the_file_was_loaded_again_by_name_is_not_taken_for_the_first(
    warehouse: psycopg.Connection, operate: Operations, raw_dir: Path
) -> None:
    path = attendance(raw_dir, "attendance.csv", GOOD)
    load(warehouse)
    operate("unload", load_id=1)
    ingest(warehouse, SOURCES["attendance"], load_settings(), dag_run_id="test", files=[path])
    operate("unload", load_id=2, run_id="another run")
    assert in_bronze(warehouse) == []
