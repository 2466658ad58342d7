from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from include.dbt_command import DbtFailed, dbt_environment, run_dbt, without_row_values
from include.warehouse.connection import LOOKUP_OPTIONS
from tests.dbt.world import attendance, insert


def test_the_environment_holds_what_the_project_reads() -> None:
    url = make_url("postgresql://ada:p%40ss@db.example:6543/school?sslmode=require")
    assert dbt_environment(
        url, as_of=date(2025, 1, 31), max_load_id=7, fingerprints={"dim_students": "abc"}, timezone="America/Chicago"
    ) == {
        "ROLLCALL_DBT_HOST": "db.example",
        "ROLLCALL_DBT_PORT": "6543",
        "ROLLCALL_DBT_USER": "ada",
        "ROLLCALL_DBT_PASSWORD": "p@ss",
        "ROLLCALL_DBT_DBNAME": "school",
        "ROLLCALL_AS_OF": "2025-01-31",
        "ROLLCALL_MAX_LOAD_ID": "7",
        "ROLLCALL_TIMEZONE": "America/Chicago",
        "ROLLCALL_SILVER_FINGERPRINTS": '{"dim_students": "abc"}',
        "PGOPTIONS": LOOKUP_OPTIONS,
        "PGSSLMODE": "require",
    }


def test_without_as_of_gold_has_none() -> None:
    environment = dbt_environment(make_url("postgresql://ada@localhost/school"))
    assert "ROLLCALL_AS_OF" not in environment
    assert environment["ROLLCALL_MAX_LOAD_ID"] == "9223372036854775807"


def test_a_failing_data_test_is_named(warehouse: psycopg.Connection, warehouse_url: URL, tmp_path: Path) -> None:
    insert(warehouse, "attendance", [attendance(1, "A1", "S-SECRET", "01-08", "NO-SUCH-CODE")])
    environment = dbt_environment(warehouse_url)
    command = ("build", "--exclude-resource-type", "unit_test", "--select", "+fact_attendance")
    with pytest.raises(DbtFailed, match=r"fact_attendance_values.*: Got 1 result") as failure:
        run_dbt(*command, environment=environment, target=tmp_path)
    assert "SECRET" not in str(failure.value)


def test_an_unreachable_warehouse_is_a_failure_without_the_password(tmp_path: Path) -> None:
    environment = dbt_environment(make_url("postgresql://ada:hidden@127.0.0.1:1/school"))
    with pytest.raises(DbtFailed, match="refused") as failure:
        run_dbt("debug", "--connection", environment=environment, target=tmp_path)
    assert "hidden" not in str(failure.value)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        pytest.param(
            'duplicate key value violates unique constraint "one"\n  DETAIL:  Key (name)=(Ada\nLovelace) exists.\n'
            "  compiled code at target/run.sql",
            'duplicate key value violates unique constraint "one"\n  compiled code at target/run.sql',
            id="detail",
        ),
        pytest.param(
            'invalid input syntax for type integer: "S-0001"', 'invalid input syntax for type integer: "…"', id="value"
        ),
        pytest.param('relation "bronze.x" does not exist', 'relation "bronze.x" does not exist', id="relation"),
    ],
)
def test_a_message_shows_no_values_of_rows(message: str, shown: str) -> None:
    assert without_row_values(message) == shown
