"""A command of Airflow whose tasks start warm: `python -m include.warm_airflow scheduler`, `… celery worker`.

The LocalExecutor forks its workers from the scheduler, Celery its pool from the worker, and each forks a process for
every task. What the first process has imported, and the (de)serialisers that dbt generates at its first use, are
therefore there in every task from the start. Nothing of this repository is imported, so that a change of its code is
seen by the next task.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

# Not imported from include.dbt_command, for the same reason.
PROJECT = Path(__file__).resolve().parent / "dbt"
MODULES = (
    "airflow.executors.local_executor",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.providers.postgres.hooks.postgres",
    "airflow.providers.standard.operators.trigger_dagrun",
    "cosmos.operators.local",
    "dbt.adapters.postgres",
    "great_expectations",
    "pandas",
    "psycopg",
)


def warm_up() -> None:
    """Import what tasks need, and let dbt parse the project once.

    Raises:
        RuntimeError: dbt cannot parse the project.
    """
    for module in MODULES:
        importlib.import_module(module)
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - imported here with the other modules

    project = str(PROJECT)
    with tempfile.TemporaryDirectory() as target:
        places = ["--project-dir", project, "--profiles-dir", project, "--target-path", target, "--log-path", target]
        parsed = dbtRunner().invoke(["parse", "--quiet", *places])
    if not parsed.success:
        raise RuntimeError(f"dbt cannot parse {project}") from parsed.exception


def main() -> None:
    """Warm up, then be the command `airflow` with the same arguments."""
    warm_up()
    from airflow.__main__ import main as airflow  # noqa: PLC0415 - reads its configuration when it is imported

    sys.argv[0] = "airflow"
    airflow()


if __name__ == "__main__":
    main()
