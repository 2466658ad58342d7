"""What Airflow of the laptop stack is told by its environment: every option set here, each with its reason."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path

from sqlalchemy import URL

from include.local.postgres import AIRFLOW_DATABASE
from include.local.private_file import write_private
from include.settings import REPOSITORY, Limits, Settings
from include.warehouse.connection import embedded_url, warehouse_url

NO_USAGE_METRICS = {
    "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
}


def settings_environment(settings: Settings) -> dict[str, str]:
    """The settings in force as variables, paths absolute: `load_settings` makes the same settings of them anywhere."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    limits: Limits = values.pop("limits")
    return {f"ROLLCALL_{name.upper()}": str(value) for name, value in {**values, **asdict(limits)}.items()}


def airflow_environment(settings: Settings, ui_port: int) -> dict[str, str]:
    """All that the laptop's Airflow is told, on top of the caller's own environment.

    Raises:
        WarehouseError: the embedded Postgres was never started.
    """
    return {
        **settings_environment(settings),
        **NO_USAGE_METRICS,
        **_places(settings),
        **_metadata_database(settings.home),
        **_api_server(settings.home, ui_port),
        **_pace(),
        "AIRFLOW_CONN_WAREHOUSE": connection_json(warehouse_url(settings)),
    }


def caller_environment() -> dict[str, str]:
    """The caller's environment without what would reach into our Airflow, and with our programs first on the path."""
    ours = ("AIRFLOW", "ROLLCALL_", "_AIRFLOW", "PYTHON", "DBT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])}


def connection_json(url: URL) -> str:
    """An Airflow connection to the database of this URL."""
    connection = {
        "conn_type": "postgres",
        "host": url.host,
        "port": url.port or 5432,
        "login": url.username,
        "password": url.password,
        "schema": url.database,
        "extra": dict(url.query),
    }
    return json.dumps(connection)


def _places(settings: Settings) -> dict[str, str]:
    home = settings.home / "airflow"
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(home / "bundles"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.home / "logs" / "tasks"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(settings.home / "logs" / "dag_processor"),
        # Else under /tmp, shared with every other Airflow of the machine.
        "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # Seconds: long enough for a server to be back, short enough to wait for.
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "30",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        # The repository root, never include/: that holds a folder called dbt, which would shadow the package.
        "PYTHONPATH": str(REPOSITORY),
        # Without it platformdirs warns in every process of a user who has no login session.
        "XDG_RUNTIME_DIR": str(settings.home / "run"),
    }


def _metadata_database(home: Path) -> dict[str, str]:
    url = embedded_url(home, AIRFLOW_DATABASE)
    drivers = {"SQL_ALCHEMY_CONN": "postgresql+psycopg2", "SQL_ALCHEMY_CONN_ASYNC": "postgresql+asyncpg"}
    return {
        f"AIRFLOW__DATABASE__{option}": url.set(drivername=driver).render_as_string(hide_password=False)
        for option, driver in drivers.items()
    }


def _api_server(home: Path, port: int) -> dict[str, str]:
    return {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__WORKERS": "1",
        # Tasks call the API; a proxy of the caller's environment knows nothing of this machine's 127.0.0.1.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        # No login: whoever reaches 127.0.0.1 of a laptop is its user.
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        **_keys(home / "airflow" / "keys.json"),
    }


def _keys(path: Path) -> dict[str, str]:
    """The generated keys of this home, made on first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        keys = {
            "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        }
        write_private(path, json.dumps(keys))
    stored: Mapping[str, str] = json.loads(path.read_text())
    return dict(stored)


def _pace() -> dict[str, str]:
    """What makes many short tasks quick on a laptop. Measured on two cores: 28 stand-in tasks, of which 20 import dbt
    and 4 Great Expectations, took 33–37 s with Airflow's own settings and take 9–13 s with these; the pipeline itself
    43 s at first and 36 s later, now 30 and 19.
    """
    return {
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        # More than cores: a Cosmos sensor waits in a slot of its own while the producer works.
        "AIRFLOW__CORE__PARALLELISM": "6",
        # Workers are forked from the scheduler, which include.warm_airflow has warmed up: a task of dbt begins after
        # 0.5 s instead of 3. Python 3.14 would start another way.
        "AIRFLOW__SCHEDULER__MP_START_METHOD": "fork",
        # A process that ends a moment after its last output is noticed only at the next beat: with Airflow's 5 s a
        # worker stays taken for so long after each task of dbt, and the next task waits for a free one.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        # Between the end of a task and the start of the next the scheduler sleeps at most this long, not 1 s; it costs
        # 8 % of a core while nothing runs.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        # Reading all DAG files takes seconds of one of the cores. A file that is changed is read at once all the same,
        # and after a change of the dbt project `make run` asks for it.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        # How soon a new DAG file is noticed.
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        # After a power loss or a kill the tasks of the dead scheduler are taken up again within a minute, not five.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
    }
