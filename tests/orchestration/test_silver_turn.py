"""Whose turn it is to change silver, as the tasks ask for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context
from sqlalchemy import URL

from include.local.environment import connection_json
from include.orchestration.learning_events_tasks import read_bounds
from include.orchestration.run_note import LINES
from include.orchestration.silver_turn import take_turn
from include.silver_fingerprints import STRATEGY
from tests.orchestration.manifests import write_manifest


class Run:
    """A run of a DAG, as its tasks see it, beside runs of others that are running."""

    def __init__(self, dag_id: str, *running: tuple[str, str]) -> None:
        self.dag_id, self.running = dag_id, running
        self.pushed: dict[str, Any] = {}

    def get_dr_count(self, dag_id: str, run_ids: list[str], states: list[str]) -> int:
        assert states == ["running", "queued"]
        return sum((dag_id, run_id) in self.running for run_id in run_ids)

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def __call__(self, task: Any) -> Any:
        with set_current_context(cast("Context", {"run_id": f"a run of {self.dag_id}", "ti": self})):
            return task.function()


MODEL = {"name": "session_metrics", "resource_type": "model", "path": "silver/learning_events/session_metrics.sql"}
WITHOUT = {"macros": [], "nodes": []}
MANIFEST = {
    "nodes": {"model": {**MODEL, "raw_code": "", "config": {}, "depends_on": WITHOUT}},
    "macros": {STRATEGY: {"macro_sql": "", "depends_on": WITHOUT}},
}
IN_THE_MORNING = ("student_dbt", "a run of student_dbt")


@pytest.fixture(autouse=True)
def connected(warehouse_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tasks find this warehouse, and what an earlier task would have parsed of a project with one model."""
    write_manifest(tmp_path, MANIFEST)
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_json(warehouse_url))


def test_who_waits_is_told_for_whom_and_goes_on_when_that_run_is_over(caplog: pytest.LogCaptureFixture) -> None:
    assert Run("student_dbt")(take_turn) is True
    with caplog.at_level("INFO"):
        assert Run("maintenance", IN_THE_MORNING)(take_turn) is False
    assert caplog.messages[-1].startswith("Waiting: student_dbt is at work on silver since 20")
    assert caplog.messages[-1].endswith(" (run a run of student_dbt)")
    assert Run("maintenance")(take_turn) is True


def test_events_are_left_in_bronze_while_another_run_has_the_turn(warehouse: psycopg.Connection) -> None:
    warehouse.execute(
        "insert into ops.file_loads (source, file, sha256, bytes, status, contract, started_at, finished_at)"
        " values ('web_events', 'web_events.csv', '', 1, 'loaded', '', now(), now())"
    )
    Run("student_dbt")(take_turn)
    events = Run("learning_events_ingestion", IN_THE_MORNING)
    with pytest.raises(AirflowSkipException, match="bronze is loaded, silver follows with the next run"):
        events(read_bounds)
    assert "student_dbt is at work on silver since" in events.pushed[LINES][0]
