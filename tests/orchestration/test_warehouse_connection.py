from __future__ import annotations

import traceback

import pytest
from airflow.sdk.exceptions import AirflowFailException
from sqlalchemy import URL
from structlog.tracebacks import ExceptionDictTransformer

from include.ingestion.load import LoadFailedError
from include.local.environment import connection_json
from include.orchestration.warehouse_connection import UnexpectedError, open_warehouse
from include.warehouse.connection import WarehouseError


def ask(query: str) -> None:
    with open_warehouse() as warehouse:
        warehouse.execute(query)


def test_what_postgres_quotes_of_a_row_does_not_reach_the_log_of_a_task(
    warehouse_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_json(warehouse_url))
    with pytest.raises(WarehouseError, match="InvalidDatetimeFormat") as failure:
        ask("select 'Jane Doe'::date")
    assert "Jane" not in str(failure.value)
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


ROW = "Jane Doe"


def fail_on_a_row(row: str) -> None:
    with open_warehouse():
        raise ValueError(f"could not convert {row!r}")


def test_what_an_unexpected_error_quotes_of_a_row_does_not_reach_the_log_of_a_task_and_its_place_does(
    warehouse_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_json(warehouse_url))
    with pytest.raises(UnexpectedError, match="unexpected ValueError") as failure:
        fail_on_a_row(ROW)
    error = failure.value
    # Airflow writes its logs by the second.
    by_structlog = ExceptionDictTransformer(show_locals=False)((type(error), error, error.__traceback__))
    for log in ("".join(traceback.format_exception(error)), str(by_structlog)):
        assert "Jane" not in log
        assert "fail_on_a_row" in log


@pytest.mark.parametrize("error", [LoadFailedError("loading a.csv broke off"), AirflowFailException("a.csv: refused")])
def test_our_own_errors_and_airflows_pass_as_they_are(
    warehouse_url: URL, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_json(warehouse_url))
    with pytest.raises(type(error)) as failure, open_warehouse():
        raise error
    assert failure.value is error
