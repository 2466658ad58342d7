from __future__ import annotations

import pytest
from sqlalchemy import URL

from include.local.environment import connection_json
from include.orchestration.warehouse_connection import open_warehouse
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
