"""ops.etl_job_status: one row for each task that moves data, kept up to date while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from include.warehouse.connection import describe_error


@dataclass
class Job:
    """A running task; what it has moved is written down when it ends."""

    job_id: str
    records_processed: int = 0
    records_failed: int = 0
    bytes_processed: int = 0


@contextmanager
def job(connection: psycopg.Connection, job_type: str, dag_run_id: str) -> Iterator[Job]:
    """Record a task of a run, on an autocommit connection, as running and then as completed or failed.

    A row that another run of the same type left as running, because its worker was killed, is closed as failed. The
    error is kept without what it may quote; the exception goes on to the caller.
    """
    current = Job(job_id=f"{dag_run_id}/{job_type}")
    _begin(connection, current.job_id, job_type)
    try:
        yield current
    except Exception as error:
        if not connection.closed:
            _end(connection, current, "failed", describe_error(error))
        raise
    _end(connection, current, "completed", None)


def _begin(connection: psycopg.Connection, job_id: str, job_type: str) -> None:
    connection.execute(
        "update ops.etl_job_status set status = 'failed', completed_at = now(), updated_at = now(),"
        " error_message = 'the worker stopped before the task had ended'"
        " where job_type = %s and status = 'running' and job_id <> %s",
        [job_type, job_id],
    )
    connection.execute(
        """insert into ops.etl_job_status (job_id, job_type, status, started_at)
        values (%s, %s, 'running', now())
        on conflict (job_id) do update set
            status = 'running', started_at = now(), completed_at = null, error_message = null,
            retry_count = etl_job_status.retry_count + 1, updated_at = now()""",
        [job_id, job_type],
    )


def _end(connection: psycopg.Connection, current: Job, status: str, error: str | None) -> None:
    connection.execute(
        """update ops.etl_job_status set
            status = %s, completed_at = now(), updated_at = now(), error_message = %s,
            records_processed = %s, records_failed = %s, bytes_processed = %s
        where job_id = %s""",
        [status, error, current.records_processed, current.records_failed, current.bytes_processed, current.job_id],
    )
