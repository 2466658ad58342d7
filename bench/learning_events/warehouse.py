"""A warehouse that learning events are loaded into, and what that costs it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from psycopg import sql

from bench.bronze.contestants import ContestError
from bench.bronze.databases import EMPTY_WAREHOUSE, MEASURED, Databases
from bench.learning_events.stream import HEADERS
from include.dbt_artifacts import build_manifest
from include.dbt_command import dbt_environment, manifest_path, run_dbt
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.settings import Settings, load_settings
from include.silver_fingerprints import OF_EVENTS, silver_fingerprints
from include.warehouse.bounds import read_bounds
from include.warehouse.connection import connect
from include.warehouse.silver_changes import forget_taken_in

MODELS = ("--select", *(f"path:models/silver/{domain}" for domain in OF_EVENTS))
WITH_SEEDS = (*MODELS, "path:seeds", "--exclude-resource-type", "test", "unit_test")


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and the database time: the seconds in which connections were executing, added up."""

    seconds: float
    database: float


class Warehouse:
    """The measured database with a raw folder, both empty at first."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        self.databases, self.raw = databases, folder / "raw"
        shutil.rmtree(self.raw, ignore_errors=True)
        self.raw.mkdir()
        self.url = databases.restore(EMPTY_WAREHOUSE)
        self.settings: Settings = load_settings(
            {
                "ROLLCALL_HOME": str(databases.home),
                "ROLLCALL_RAW_DIR": str(self.raw),
                "ROLLCALL_WAREHOUSE_URL": self.url.render_as_string(hide_password=False),
            }
        )
        build_manifest(databases.home)

    def load(self, expected: int) -> dict[str, Cost]:
        """Load the files of the raw folder and remove them; the cost by source.

        Raises:
            ContestError: not just the expected number of rows was inserted, or one was rejected.
        """
        costs, inserted, rejected = {}, 0, 0
        for source in HEADERS:
            with self._database_time() as cost, connect(self.url, autocommit=True) as connection:
                report = ingest(connection, SOURCES[source], self.settings, dag_run_id="bench")
            costs[source] = cost[0]
            inserted += sum(result.counts.rows_inserted for result in report.results)
            rejected += report.rows_rejected
        if (inserted, rejected) != (expected, 0):
            raise ContestError(f"expected {expected} inserted rows, not {inserted} and {rejected} rejected ones")
        shutil.rmtree(self.raw)
        self.raw.mkdir()
        return costs

    def settle(self) -> None:
        """Bring the tables into the state in which autovacuum leaves them: it does not look at partitioned ones."""
        with connect(self.url, autocommit=True) as connection:
            tables = connection.execute(
                "select schemaname, relname from pg_stat_user_tables natural join"
                " (select oid as relid, relkind from pg_class) as tables where relkind = 'r'"
            ).fetchall()
            for table in tables:
                connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(*table)))

    def publish(self) -> None:
        """Leave what a publication leaves of silver: the data tests need not look at its rows again."""
        with connect(self.url, autocommit=True) as connection:
            connection.execute(
                "insert into ops.publications (as_of, dag_run_id, candidate_id, max_change_id)"
                " select current_date, 'bench', gen_random_uuid(), coalesce(max(change_id), 0) from ops.silver_changes"
            )

    def build(self) -> Cost:
        """Bring the silver of learning events up to date; from the first model's start to the last one's end."""
        return self._dbt("build", *WITH_SEEDS)

    def test(self) -> Cost:
        """The data tests of that silver."""
        return self._dbt("test", *MODELS, "--exclude-resource-type", "unit_test")

    def _dbt(self, *arguments: str) -> Cost:
        target, zone = self.databases.home / "dbt" / "bench", self.settings.timezone
        target.mkdir(parents=True, exist_ok=True)
        with connect(self.url, autocommit=True) as connection:
            bounds = read_bounds(connection, SOURCES.values())
            fingerprints = silver_fingerprints(manifest_path(self.databases.home), bounds.unloads, zone)
            forget_taken_in(connection, fingerprints)
        environment = dbt_environment(
            self.url, max_load_id=bounds.max_load_id, fingerprints=fingerprints, timezone=zone
        )
        with self._database_time() as cost:
            run_dbt(*arguments, environment={**environment, "DBT_INDIRECT_SELECTION": "buildable"}, target=target)
        return Cost(_span(target / "run_results.json"), cost[0].database)

    @contextmanager
    def _database_time(self) -> Iterator[list[Cost]]:
        """Gives the cost of what is done in it, once it has ended and its connections are closed."""
        cost: list[Cost] = []
        before, started = self._active_time(), time.monotonic()
        yield cost
        seconds = time.monotonic() - started
        cost.append(Cost(seconds, self._active_time() - before))

    def _active_time(self) -> float:
        """Seconds that all connections to the measured database have been executing, since it was made.

        Asked from another database: this connection does not count.
        """
        with connect(self.databases.server.administrator_url(), autocommit=True) as connection:
            row = connection.execute(
                "select active_time from pg_stat_database where datname = %s", [MEASURED]
            ).fetchone()
        if row is None:
            raise ContestError(f"there is no database {MEASURED}")
        return float(row[0]) / 1000


def _span(run_results: Path) -> float:
    """Seconds from the start of the first node that dbt ran to the end of the last one."""
    results = json.loads(run_results.read_text(encoding="utf-8"))["results"]
    steps = [step for result in results for step in result["timing"]]
    ends = [datetime.fromisoformat(step["completed_at"]) for step in steps]
    return (max(ends) - min(datetime.fromisoformat(step["started_at"]) for step in steps)).total_seconds()
