from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context
from psycopg import sql
from sqlalchemy import URL

from include.local.environment import connection_json
from include.orchestration.maintenance_tasks import aggregates, raw_events, summary_lines
from include.orchestration.run_note import LINES
from include.warehouse.older_rows import OlderRows
from tests.orchestration.manifests import write_manifest

HORIZON = date(2025, 5, 1)
GONE = sql.SQL("").format()


class Maintenance:
    """Runs of maintenance on Sunday the 22nd of November 2026, and the lines that the last one left."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def xcom_push(self, key: str, value: Any) -> None:
        assert key == LINES
        self.lines = value

    def __call__(self, task: Any, as_of: str | None = None, run_type: str = "manual", *, dry_run: bool = False) -> None:
        run = SimpleNamespace(run_after=datetime(2026, 11, 22, 3, tzinfo=UTC), run_type=run_type)
        context = {"params": {"as_of": as_of, "dry_run": dry_run}, "run_id": "a run", "ti": self, "dag_run": run}
        with set_current_context(cast("Context", context)):
            task.function()


@pytest.fixture
def maintain(warehouse_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maintenance:
    # Of a project without models.
    write_manifest(tmp_path, {"nodes": {}})
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_json(warehouse_url))
    return Maintenance()


def test_what_goes_is_told_table_by_table() -> None:
    parts = [
        OlderRows("bronze.web_events", "web_events_2025_03", 1000, GONE),
        OlderRows("bronze.web_events", "web_events_2025_04", 200, GONE),
        OlderRows("bronze.web_events", None, 34, GONE),
        OlderRows("silver.minute_metrics", None, 5, GONE),
    ]
    assert list(summary_lines("raw events", HORIZON, parts, dry_run=False)) == [
        "bronze.web_events: 1,234 rows of before 2025-05-01 are gone, with 2 partitions",
        "silver.minute_metrics: 5 rows of before 2025-05-01 are gone",
    ]
    assert list(summary_lines("raw events", HORIZON, parts[3:], dry_run=True)) == [
        "silver.minute_metrics: 5 rows of before 2025-05-01 would go"
    ]


def test_raw_events_are_purged_by_the_months_of_the_settings(
    maintain: Maintenance, warehouse: psycopg.Connection
) -> None:
    warehouse.execute("select ops.make_month_partitions('bronze.web_events', array['2025-05-01'::date])")
    maintain(raw_events)
    assert maintain.lines == ["raw events: there are none of before 2025-05-01"]
    maintain(raw_events, "2026-10-31")
    assert maintain.lines == ["raw events: there are none of before 2025-04-01"]
    jobs = "select job_type, status, retry_count from ops.etl_job_status"
    assert warehouse.execute(jobs).fetchall() == [("purge_raw_events", "completed", 1)]


def test_aggregates_are_purged_in_the_first_week_of_a_month_or_by_hand(maintain: Maintenance) -> None:
    with pytest.raises(AirflowSkipException):
        maintain(aggregates, run_type="scheduled")
    maintain(aggregates, "2026-11-07", run_type="scheduled")
    assert maintain.lines == ["aggregates: there are none of before 2019-11-01"]
    maintain(aggregates)


def test_a_day_that_is_still_to_come_is_refused(maintain: Maintenance) -> None:
    for task in (raw_events, aggregates):
        with pytest.raises(AirflowFailException, match="as_of is 2026-11-23, which is still to come"):
            maintain(task, "2026-11-23", dry_run=True)
