"""The laptop stack: embedded Postgres and Airflow of one ROLLCALL_HOME."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import partial

import psycopg

from include.dbt_artifacts import build_docs_page, build_manifest
from include.dbt_command import manifest_path
from include.local import follow
from include.local import home as home_folder
from include.local.airflow_api import AirflowApi
from include.local.environment import airflow_environment, caller_environment
from include.local.ports import free_port, is_free
from include.local.postgres import EmbeddedPostgres
from include.local.process import RecordedProcess
from include.local.report import rows_processed
from include.settings import Settings
from include.warehouse.connection import connect, shown, warehouse_url
from include.warehouse.privileges import require_privileges
from include.warehouse.schema import SCHEMAS

PIPELINE = ("student_ingestion", "student_dbt")
DAGS = (*PIPELINE, "learning_events_ingestion", "bronze_operations", "maintenance")
READY_SECONDS = 240
SWITCH_ON = "Turn on the switch beside the name of the DAG there, then run again."


class StackError(RuntimeError):
    """The stack cannot be started; the message says what failed and shows its own words."""


class Stack:
    """Embedded Postgres and Airflow of one ROLLCALL_HOME; starting and stopping are idempotent."""

    def __init__(self, settings: Settings, say: Callable[[str], None] = print) -> None:
        self.settings = settings
        self.say = say
        self.postgres = EmbeddedPostgres(settings.home, say)
        self.airflow = RecordedProcess(settings.home / "airflow" / "process.json")
        self.log = settings.home / "logs" / "airflow.log"

    @property
    def api(self) -> AirflowApi:
        """The API of the running Airflow."""
        return AirflowApi(f"http://127.0.0.1:{self.airflow.note('port') or self.settings.ui_port}")

    def start(self) -> AirflowApi:
        """Start what is not running, restart what runs with other settings, and wait until DAGs can run.

        Raises:
            HomeError, WarehouseError, StackError, RuntimeError: with what is wrong and what to do.
        """
        home_folder.claim(self.settings.home)
        with home_folder.held(self.settings.home):
            self._start_postgres()
            if build_manifest(self.settings.home):
                self.say("dbt: the project is new or has changed, its manifest was built")
            fresh = self._start_airflow()
            # Nobody reads it before Airflow is ready, and that takes longer.
            build_docs_page(self.settings.home)
            self._wait_until_ready({} if fresh else self._read_again())
        return self.api

    def check_dags_are_on(self) -> None:
        """Refuse to go on when a DAG of the pipeline is paused: a run of it would wait for ever.

        Raises:
            StackError: a DAG is paused; with what to click.
        """
        api = self.api
        paused = [f"{api.base_url}/dags/{dag_id}" for dag_id in PIPELINE if api.is_paused(dag_id)]
        if paused:
            raise StackError(f"paused in Airflow, so that no run would begin: {', '.join(paused)}\n{SWITCH_ON}")

    def trigger(self, as_of: date | None = None) -> str:
        """Ask for a run of the pipeline; returns the id of the ingestion run."""
        return follow.trigger(self.api, as_of, self.say)

    def follow(self, run_id: str) -> follow.Outcome:
        """Tell the tasks of a run as they finish, until the pipeline has ended."""
        with self.connect() as connection:
            return follow.follow(self.api, run_id, rows=partial(rows_processed, connection), say=self.say)

    def connect(self) -> psycopg.Connection:
        """An open autocommit connection to the warehouse."""
        return connect(warehouse_url(self.settings), autocommit=True)

    def stop(self) -> list[str]:
        """Stop Airflow and Postgres of this home; returns the names of those that were running."""
        if not home_folder.is_ours(self.settings.home):
            return []
        with home_folder.held(self.settings.home):
            running = {"Airflow": self.airflow.stop(), "Postgres": self.postgres.stop()}
        return [name for name, was_running in running.items() if was_running]

    def _start_postgres(self) -> None:
        settings = self.settings
        if settings.warehouse_url:
            self._check_warehouse()
        running = self.postgres.is_running()
        port = self.postgres.start(settings.pg_port)
        if not running and port != settings.pg_port:
            self.say(f"Postgres: port {settings.pg_port} is taken by another program, using {port}")
        self.say(f"Postgres: {'runs already' if running else 'started'} on 127.0.0.1:{port}")

    def _check_warehouse(self) -> None:
        with self.connect() as connection:
            require_privileges(connection, SCHEMAS)
        self.say(f"warehouse: {shown(warehouse_url(self.settings))} (ROLLCALL_WAREHOUSE_URL)")

    def _start_airflow(self) -> bool:
        """Whether Airflow was started, because it did not run, or not with these settings."""
        settings = self.settings
        fingerprint = _fingerprint(airflow_environment(settings, settings.ui_port))
        if self.airflow.is_running() and self.airflow.note("fingerprint") == fingerprint:
            self.say(f"Airflow: runs already on {self.api.base_url}")
            return False
        if self.airflow.is_running():
            self.say("Airflow: settings have changed since it was started, restarting it")
        self.airflow.stop()
        port = settings.ui_port
        if not is_free(port):
            port = free_port()
            self.say(f"Airflow: port {settings.ui_port} is taken by another program, using {port}")
        self.log.unlink(missing_ok=True)
        self.airflow.start(
            [sys.executable, "-m", "include.local.components"],
            environment={**caller_environment(), **airflow_environment(settings, port)},
            folder=settings.home / "airflow",
            log=self.log,
            notes={"port": str(port), "fingerprint": fingerprint},
        )
        return True

    def _read_again(self) -> dict[str, str]:
        """Have those DAG files read again that were last read before the manifest was built; returns when that was."""
        api = self.api
        built = datetime.fromtimestamp(manifest_path(self.settings.home).stat().st_mtime, UTC)
        read = {dag_id: api.parsed_at(dag_id) for dag_id in DAGS} if api.answers() else {}
        outdated = {
            dag_id: moment for dag_id, moment in read.items() if moment and datetime.fromisoformat(moment) < built
        }
        for dag_id in outdated:
            api.read_again(dag_id)
        return outdated

    def _wait_until_ready(self, outdated: Mapping[str, str]) -> None:
        started = time.monotonic()
        api = self.api
        said = 0.0
        while True:
            waited = time.monotonic() - started
            missing = self._missing(api, outdated)
            if not missing:
                self.say(f"Airflow: ready after {waited:.0f} s on {api.base_url}")
                return
            if not self.airflow.is_running() or waited > READY_SECONDS:
                raise StackError(
                    f"Airflow is not ready after {waited:.0f} s ({missing}). {self.log} ends:\n{self._tail()}"
                )
            if waited - said >= 5:
                self.say(f"Airflow: {missing}, {waited:.0f} s")
                said = waited
            time.sleep(0.5)

    def _missing(self, api: AirflowApi, outdated: Mapping[str, str]) -> str:
        """What is not ready yet, empty when all is.

        Raises:
            StackError: a DAG file cannot be read.
        """
        if not api.answers():
            return "starting"
        unknown = [dag_id for dag_id in DAGS if api.parsed_at(dag_id) in ("", outdated.get(dag_id))]
        errors = api.import_errors() if unknown else {}
        if errors:
            shown = "\n\n".join(f"{file}\n{trace}" for file, trace in errors.items())
            raise StackError(f"Airflow cannot read these DAG files:\n\n{shown}")
        return f"reading DAG {', '.join(unknown)}" if unknown else ""

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-25:]) if self.log.exists() else "(no log)"


def _fingerprint(environment: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(environment, sort_keys=True).encode()).hexdigest()
