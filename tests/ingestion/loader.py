"""The command line of ingestion as a process of its own, and what must hold after whatever happened to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from include.ingestion.sources import SOURCES
from include.settings import REPOSITORY

TIMEOUT = 90
MANY = 30_000
"""Rows of a file that is larger than all the statements of a load together."""
UNACCOUNTED = (
    "select load_id from ops.file_loads where status = 'loaded' and rows_read <>"
    " rows_inserted + rows_updated + rows_unchanged + rows_superseded + rows_duplicate + rows_rejected"
)


@dataclass(frozen=True)
class Loader:
    """Starts `python -m include.ingestion` on a warehouse and a raw folder."""

    url: URL
    raw_dir: Path
    prefix: tuple[str, ...] = ()

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "include.ingestion", *command],
            env={
                **os.environ,
                "PYTHONPATH": str(REPOSITORY),
                "ROLLCALL_WAREHOUSE_URL": self.url.render_as_string(hide_password=False),
                "ROLLCALL_RAW_DIR": str(self.raw_dir),
            },
            cwd=self.raw_dir,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def load(self, source: str, *files: str) -> Ended:
        return ended(self.start("load", source, *files))

    @contextmanager
    def running(self, source: str) -> Iterator[subprocess.Popen[str]]:
        """A load under way, which is killed at the latest when the test is over."""
        process = self.start("load", source)
        try:
            yield process
        finally:
            kill(process)


@dataclass(frozen=True)
class Ended:
    """What a process left: its exit status, and what it said."""

    status: int
    told: str


def ended(process: subprocess.Popen[str]) -> Ended:
    out, err = process.communicate(timeout=TIMEOUT)
    return Ended(process.returncode, out + err)


def kill(process: subprocess.Popen[str]) -> None:
    """`kill -9`; returns when the process is gone."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.communicate(timeout=TIMEOUT)


def until(condition: Callable[[], object]) -> None:
    """Waits for another process to come to a place."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "what was waited for never came"
        time.sleep(0.005)


def many_rows(first: int, last: int) -> list[str]:
    return [f"A-{number},S-{number % 97},2025-01-07,PRESENT,2025-01-07T15:00:00" for number in range(first, last)]


def assert_whole(warehouse: psycopg.Connection) -> None:
    """Every row of every load is accounted for and where the accounts say; nothing of a broken load is left."""
    assert _column(warehouse, UNACCOUNTED) == []
    rejected = (
        "select load_id from ops.file_loads as loads where status in ('loaded', 'refused') and rows_rejected"
        " <> (select count(*) from ops.rejected_rows as rows where rows.load_id = loads.load_id)"
    )
    assert _column(warehouse, rejected) == []
    for source in SOURCES.values():
        table = sql.Identifier("bronze", source.table)
        (held,) = _column(warehouse, sql.SQL("select count(*) from {}").format(table))
        assert _column(
            warehouse,
            sql.SQL(
                "select coalesce(sum(rows_inserted), 0) from ops.file_loads where status = 'loaded' and source = {}"
            ).format(sql.Literal(source.table)),
        ) == [held]
        unknown = sql.SQL(
            "select _load_id from {} as rows where not exists (select from ops.file_loads as loads"
            " where loads.load_id = rows._load_id and loads.status = 'loaded' and loads.source = {})"
        ).format(table, sql.Literal(source.table))
        assert _column(warehouse, unknown) == []
    assert _column(warehouse, "select job_id from ops.etl_job_status where status = 'running'") == []
    _assert_nothing_is_left(warehouse)


def _assert_nothing_is_left(warehouse: psycopg.Connection) -> None:
    """No temporary table, and no session of a loader that is gone."""
    # A session ends a moment after its client.
    others = (
        "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        " and backend_type = 'client backend'"
    )
    until(lambda: _column(warehouse, others) == [])
    assert _column(warehouse, "select relname from pg_class where relpersistence <> 'p'") == []


def assert_nothing_was_loaded(warehouse: psycopg.Connection) -> None:
    assert warehouse.execute("select count(*) from bronze.attendance").fetchone() == (0,)
    assert warehouse.execute("select count(*) from ops.file_loads where status = 'loaded'").fetchone() == (0,)


def assert_loaded_once(warehouse: psycopg.Connection, rows: int) -> None:
    assert_whole(warehouse)
    assert warehouse.execute("select count(*), count(distinct attendance_id) from bronze.attendance").fetchone() == (
        rows,
        rows,
    )


def _column(warehouse: psycopg.Connection, query: str | sql.Composed) -> list:
    return [row[0] for row in warehouse.execute(query).fetchall()]  # type: ignore[arg-type]
