"""A task that fails in Airflow, for an error that nobody foresaw."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import URL

from include.local.environment import connection_json
from include.settings import REPOSITORY

CELL = "Jane Doe"
DAG_FILE = """
import os
from airflow.sdk import DAG, task
from include.orchestration.task_defaults import TASK_DEFAULTS
from include.orchestration.warehouse_connection import open_warehouse

@task(retries=0)
def ingest_students():
    with open_warehouse():
        {}[os.environ["CELL"]]

with DAG("failing", schedule=None, default_args=TASK_DEFAULTS) as dag:
    ingest_students()
"""
PROGRAM = """
from airflow.utils.db import initdb
initdb()
import failing
print("The run:", failing.dag.test().state)
"""


def test_an_unexpected_error_tells_its_place_and_what_to_do_and_no_value_of_a_row(
    warehouse_url: URL, tmp_path: Path
) -> None:
    (tmp_path / "failing.py").write_text(DAG_FILE, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(tmp_path / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path),
            "AIRFLOW_CONN_WAREHOUSE": connection_json(warehouse_url),
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(tmp_path)]),
            "CELL": CELL,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    log = ran.stdout + ran.stderr
    assert "The run: failed" in log
    assert "What failed:   failing.ingest_students, try 1: unexpected KeyError" in log
    assert '{}[os.environ["CELL"]]' in log
    assert "What to do:    this is a fault of Rollcall" in log
    assert CELL not in log
