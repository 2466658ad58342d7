"""The pipeline on the topology of compose.yaml, one of its two workers killed half way: once for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import pytest

from include.ingestion.files import files_of
from include.ingestion.sources import SOURCES
from include.local import follow
from include.local.airflow_api import AirflowApi
from include.local.sample import sample_as_of
from include.settings import REPOSITORY
from include.warehouse.schema import migrate
from tests.docker.topology import WORKERS, Topology

SAMPLE = REPOSITORY / "data" / "raw"
# Two workers have four hands: every source that has files must be in the middle of its load at once.
LEFT_OUT = ("schools*", "learning_units*", "school_days*", "*_events*")
# A statement that writes to bronze waits in the middle of its transaction while the test holds the lock.
HOLD_UP = """
create function public.hold_up() returns trigger language plpgsql as
$$ begin perform pg_advisory_xact_lock_shared(7001); return null; end $$;
"""
HOLD_UP_TABLE = "create trigger hold_up before insert on bronze.{} for each statement execute function public.hold_up()"
HELD_UP = "select client_port from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'advisory'"


class LoggedIn(AirflowApi):
    """The API as the user admin sees it."""

    def __init__(self, topology: Topology) -> None:
        super().__init__(topology.ui)
        self._token = log_in(topology.ui, topology.variables["UI_PASSWORD"])


@dataclass
class Story:
    """What happened, and what to ask afterwards."""

    topology: Topology
    api: AirflowApi
    held_up: dict[str, int]
    """How many loads each worker was in the middle of when one was killed."""
    killed: str
    outcome: follow.Outcome
    told: list[str]

    def tasks(self) -> list[dict[str, Any]]:
        """The task instances of both runs."""
        runs = ((follow.INGESTION, self.outcome.run_id), (follow.DBT, follow.dbt_run_id(self.outcome.run_id)))
        return [task for dag, run in runs for task in self.api.tasks(dag, run)]

    def rows(self, query: str, *parameters: object) -> list[tuple]:
        """The rows of a query on the warehouse."""
        with self.topology.warehouse() as connection:
            return connection.execute(query, parameters).fetchall()


@pytest.fixture(scope="module")
def topology(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    folder = tmp_path_factory.mktemp("topology")
    shutil.copytree(SAMPLE, folder / "raw", ignore=shutil.ignore_patterns(".*", *LEFT_OUT))
    topology = Topology(folder, folder / "raw")
    try:
        topology.start()
        yield topology
    finally:
        topology.stop()


@pytest.fixture(scope="module")
def story(topology: Topology) -> Story:
    """A run whose loads are held up until both workers are in the middle of one; then one of them loses its power."""
    api, told, raw_dir = LoggedIn(topology), [], topology.folder / "raw"
    without_files = {f"ingest_{source.table}" for source in SOURCES.values() if not files_of(source, raw_dir)}

    def done() -> set[str]:
        return {task["task_id"] for task in api.tasks(follow.INGESTION, run_id) if task["state"] == "success"}

    topology.wait_until(lambda: all(map(api.parsed_at, (follow.INGESTION, follow.DBT))), "both DAGs are known")
    with held_up_loads(topology) as waiting:
        run_id = follow.trigger(api, sample_as_of(SAMPLE), told.append)
        topology.wait_until(
            lambda: len(waiting()) == len(SOURCES) - len(without_files), "every source is in the middle of its load"
        )
        topology.wait_until(lambda: without_files <= done(), "sources without a file have nothing more to do")
        ports = waiting()
        held_up = {name: len(ports & ports_of(topology.processes[name].members())) for name in WORKERS}
        topology.kill(WORKERS[0])
    outcome = follow.follow(api, run_id, rows=lambda _: {}, say=told.append)
    return Story(topology, api, held_up, WORKERS[0], outcome, told)


@contextmanager
def held_up_loads(topology: Topology) -> Iterator[Any]:
    """While the block runs every load stops in the middle; gives a function for the ports of those that wait."""
    with topology.warehouse() as connection:
        migrate(connection, SOURCES.values())
        connection.execute(HOLD_UP)
        for source in SOURCES:
            connection.execute(HOLD_UP_TABLE.format(source))
        connection.execute("select pg_advisory_lock(7001)")
        yield lambda: {port for (port,) in connection.execute(HELD_UP)}


def ports_of(processes: list[psutil.Process]) -> set[int]:
    """The local ports of the connections that these processes hold."""
    return {link.laddr.port for process in processes for link in process.net_connections("tcp")}


def log_in(ui: str, password: str) -> str:
    """A token of the user admin.

    Raises:
        httpx.HTTPStatusError: the password is not theirs.
    """
    answer = httpx.post(f"{ui}/auth/token", json={"username": "admin", "password": password}, trust_env=False)
    return answer.raise_for_status().json()["access_token"]


def status_of(address: str, token: str = "") -> int:
    """The status of the UI's answer to a request, with this token or none."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.get(address, headers=headers, trust_env=False).status_code
