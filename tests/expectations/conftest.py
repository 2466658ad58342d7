"""A warehouse with empty layers, a school in it, and a way to run a checkpoint on it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from expectations.checkpoint import run_checkpoint
from expectations.report import CheckpointReport
from expectations.table import EVENT_SOURCES, Layer
from include.ingestion.sources import SOURCES

HERE = Path(__file__).parent
RunCheckpoint = Callable[..., CheckpointReport]
SCHOOL = tuple(set(SOURCES) - set(EVENT_SOURCES))
"""The sources of the tables that most tests look at: a run takes its time for each table."""


@pytest.fixture
def layers(warehouse: psycopg.Connection) -> psycopg.Connection:
    """Every checked table is there, and empty."""
    warehouse.execute((HERE / "layers.sql").read_bytes())
    warehouse.execute((HERE / "event_layers.sql").read_bytes())
    return warehouse


@pytest.fixture
def school(layers: psycopg.Connection) -> psycopg.Connection:
    """A small school, of which everything holds."""
    layers.execute((HERE / "school.sql").read_bytes())
    return layers


@pytest.fixture
def events(school: psycopg.Connection) -> psycopg.Connection:
    """The small school, and a day's learning events of its students, of which everything holds."""
    school.execute((HERE / "events.sql").read_bytes())
    return school


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(warehouse_url: URL, home: Path) -> RunCheckpoint:
    def run(
        layer: Layer,
        dag_run_id: str = "a run",
        as_of: date | None = date(2026, 1, 31),
        sources: Collection[str] | None = SCHOOL,
    ) -> CheckpointReport:
        return run_checkpoint(layer, url=warehouse_url, home=home, dag_run_id=dag_run_id, as_of=as_of, sources=sources)

    return run


@pytest.fixture
def add_attendance(school: psycopg.Connection) -> Callable[..., int]:
    """Loads one more attendance record; gives its load id."""

    def add(attendance_id: str, day: str = "2026-01-08", created_at: str = "2026-01-08", student_id: str = "S1") -> int:
        row = school.execute(
            "insert into ops.file_loads (source, file, sha256, bytes, status, contract, rows_read, rows_inserted,"
            " started_at, finished_at)"
            " values ('attendance', 'more.csv', %s, 1, 'loaded', 'c', 1, 1, now(), now()) returning load_id",
            [attendance_id],
        ).fetchone()
        assert row is not None
        school.execute(
            "insert into bronze.attendance (attendance_id, student_id, attendance_date, status, created_at,"
            " _load_id, _ingested_at, _source_file, _source_line, _row_hash)"
            " values (%s, %s, %s, 'PRESENT', %s, %s, now(), 'more.csv', 2, default)",
            [attendance_id, student_id, day, created_at, row[0]],
        )
        return int(row[0])

    return add
