"""What moves rows into bronze and out of it as recorded tasks, the same from Airflow and from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from include.ingestion.accounts import LoadContext
from include.ingestion.load import LoadFailedError, SourceReport, load_source
from include.ingestion.replay import ReplayReport, replay_source
from include.ingestion.sources import SOURCES
from include.ingestion.spec import Source
from include.ingestion.unload import UnloadError, UnloadReport, loaded, unload_load
from include.settings import Settings
from include.warehouse.connection import describe_error, source_lock
from include.warehouse.jobs import job


def ingest(
    connection: psycopg.Connection,
    source: Source,
    settings: Settings,
    *,
    dag_run_id: str,
    files: list[Path] | None = None,
) -> SourceReport:
    """Load the new files of a source, or just `files`, with a row in ops.etl_job_status.

    Raises:
        LoadFailedError: the database or the disk failed.
    """
    # The lock comes first: a job row that is still running once it is held belongs to a worker that was killed.
    lock, record = source_lock(connection, source.table), job(connection, f"ingest_{source.table}", dag_run_id)
    with lock, record as current, _as_failed_load(f"loading {source.table}"):
        report = load_source(connection, source, settings, files=files, dag_run_id=dag_run_id)
        current.records_processed, current.records_failed = report.rows_read, report.rows_rejected
        current.bytes_processed = report.bytes_loaded
    return report


def replay(connection: psycopg.Connection, source: Source, settings: Settings, *, dag_run_id: str) -> ReplayReport:
    """Load the open rejections of a source again, with a row in ops.etl_job_status.

    Raises:
        LoadFailedError: the database failed.
    """
    lock, record = source_lock(connection, source.table), job(connection, f"replay_{source.table}", dag_run_id)
    with lock, record as current, _as_failed_load(f"the replay of {source.table}"):
        report = replay_source(connection, LoadContext(source, settings, dag_run_id))
        current.records_processed, current.records_failed = report.taken, report.left
    return report


def unload(connection: psycopg.Connection, load_id: int, settings: Settings, *, dag_run_id: str) -> UnloadReport:
    """Take a load back out of bronze, with a row in ops.etl_job_status.

    Raises:
        UnloadError: it is not loaded, or cannot be taken out; nothing has changed.
        LoadFailedError: the database or the disk failed; nothing has changed.
    """
    table = loaded(connection, load_id).source
    if table not in SOURCES:
        raise UnloadError(f"load {load_id} is of the source {table}, which is not declared any more: declare it again")
    source = SOURCES[table]
    lock, record = source_lock(connection, source.table), job(connection, f"unload_{source.table}", dag_run_id)
    with lock, record as current, _as_failed_load(f"taking out load {load_id}"):
        report = unload_load(connection, LoadContext(source, settings, dag_run_id), load_id)
        current.records_processed = report.rows_removed
    return report


@contextmanager
def _as_failed_load(what: str) -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, OSError) as error:
        reason = describe_error(error)
        raise LoadFailedError(f"{what} broke off: {reason}. What had not ended left nothing behind") from None
