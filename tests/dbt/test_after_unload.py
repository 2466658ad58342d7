from __future__ import annotations

from pathlib import Path

import psycopg
from sqlalchemy import URL

from expectations.checkpoint import run_checkpoint
from include.dbt_command import dbt_environment, run_dbt
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest, unload
from include.settings import load_settings
from include.warehouse.bounds import read_bounds
from tests.dbt.conftest import MODELS

ROSTER = "student_id,student_name,class_id,grade_level,enrollment_status,updated_at\n"
RECORDS = "attendance_id,student_id,attendance_date,status,created_at\n"


def test_silver_and_the_checkpoints_follow_when_the_newest_loads_are_taken_out(
    warehouse: psycopg.Connection, warehouse_url: URL, raw_dir: Path, tmp_path: Path
) -> None:
    settings = load_settings({"ROLLCALL_RAW_DIR": str(raw_dir), "ROLLCALL_HOME": str(tmp_path)})
    for name, header, row in (
        ("students_2025-01-06.csv", ROSTER, "S-1,Ada,CLASS-01,7,ACTIVE,2025-01-06T08:00:00"),
        ("attendance_1.csv", RECORDS, "A-1,S-1,2025-01-07,PRESENT,2025-01-07T15:00:00"),
        ("students_2025-01-08.csv", ROSTER, "S-2,Ben,CLASS-02,7,ACTIVE,2025-01-08T08:00:00"),
        ("attendance_2.csv", RECORDS, "A-2,S-2,2025-01-08,PRESENT,2025-01-08T15:00:00"),
    ):
        (raw_dir / name).write_text(f"{header}{row}\n")
        ingest(warehouse, SOURCES[name.split("_")[0]], settings, dag_run_id="morning")
    assert not run_checkpoint("bronze", url=warehouse_url, home=tmp_path).failed
    for load_id in (4, 3):
        unload(warehouse, load_id, settings, dag_run_id="by_hand")

    newest = read_bounds(warehouse, SOURCES.values()).max_load_id
    environment = dbt_environment(warehouse_url, max_load_id=newest)
    run_dbt(
        *MODELS, "--select", "path:models/silver", "path:seeds", environment=environment, target=tmp_path / "target"
    )
    assert newest == 4
    assert warehouse.execute("select student_id, is_missing from silver.dim_students").fetchall() == [("S-1", False)]
    assert warehouse.execute("select attendance_id from silver.fact_attendance").fetchall() == [("A-1",)]
    for layer in ("bronze", "silver"):
        report = run_checkpoint(layer, url=warehouse_url, home=tmp_path)  # type: ignore[arg-type]
        assert not report.failed, report.lines(str)
