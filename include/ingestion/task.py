"""Loading one source as a recorded task, the same from Airflow and from the command line."""

from __future__ import annotations

from pathlib import Path

import psycopg

from include.ingestion.load import SourceReport, load_source
from include.ingestion.spec import Source
from include.settings import Settings
from include.warehouse.connection import source_lock
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
    with source_lock(connection, source.table), job(connection, f"ingest_{source.table}", dag_run_id) as record:
        report = load_source(connection, source, settings, files=files, dag_run_id=dag_run_id)
        record.records_processed = report.rows_read
        record.records_failed = report.rows_rejected
        record.bytes_processed = report.bytes_loaded
    return report
