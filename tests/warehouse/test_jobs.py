"""What ops.etl_job_status says of a task that failed."""

from __future__ import annotations

import psycopg
import pytest

from include.errors import ToldError
from include.warehouse.jobs import job

CELL = "Jane Doe"


def told_of(warehouse: psycopg.Connection, error: Exception) -> tuple[str, str]:
    """The status of a job that ended with an error, and the message that is kept of it."""
    with pytest.raises(type(error)), job(warehouse, "ingest_attendance", "test"):
        raise error
    row = warehouse.execute("select status, error_message from ops.etl_job_status").fetchone()
    assert row
    return row


def test_the_text_of_our_own_errors_is_kept(warehouse: psycopg.Connection) -> None:
    assert told_of(warehouse, ToldError("load 7 is taken out already")) == ("failed", "load 7 is taken out already")


@pytest.mark.parametrize("error", [KeyError(CELL), ValueError(f"could not convert {CELL!r}")])
def test_of_an_unexpected_error_only_the_type_is_kept(warehouse: psycopg.Connection, error: Exception) -> None:
    assert told_of(warehouse, error) == ("failed", type(error).__name__)


def test_of_an_error_of_the_system_what_is_wrong_is_kept_and_not_where(warehouse: psycopg.Connection) -> None:
    error = OSError(28, "No space left on device", f"/raw/{CELL}.csv")
    assert told_of(warehouse, error) == ("failed", "OSError (No space left on device)")


def test_of_an_error_of_postgres_what_it_quotes_is_not_kept(warehouse: psycopg.Connection) -> None:
    with pytest.raises(psycopg.Error), job(warehouse, "ingest_attendance", "test"):
        warehouse.execute("select %s::date", [CELL])
    assert warehouse.execute("select error_message from ops.etl_job_status").fetchall() == [
        ("InvalidDatetimeFormat, SQLSTATE 22007",)
    ]
