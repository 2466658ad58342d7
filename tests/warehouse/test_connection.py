from __future__ import annotations

import threading
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from include.ingestion.sources import SOURCES
from include.settings import load_settings
from include.warehouse import connection as connecting
from include.warehouse.bounds import read_bounds
from include.warehouse.connection import WarehouseError, connect, describe_error, source_lock, warehouse_url


def test_an_older_postgres_is_refused_with_both_versions(warehouse_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "MINIMUM_POSTGRES", 99)
    with pytest.raises(WarehouseError, match="is PostgreSQL 18; Rollcall needs PostgreSQL 99 or newer"):
        connect(warehouse_url)


def test_without_a_server_the_message_says_what_starts_one(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="make run"):
        warehouse_url(load_settings({"ROLLCALL_HOME": str(tmp_path), "ROLLCALL_WAREHOUSE_URL": ""}))


def test_without_a_port_it_is_the_usual_one() -> None:
    settings = load_settings({"ROLLCALL_WAREHOUSE_URL": "postgres://u:p@db.example/school"})
    assert warehouse_url(settings) == make_url("postgresql://u:p@db.example:5432/school")


def test_an_option_that_postgres_does_not_know_is_refused_without_the_password() -> None:
    with pytest.raises(WarehouseError, match=r"u:\*\*\*@127\.0\.0\.1") as refused:
        connect(make_url("postgresql://u:s3cret@127.0.0.1/db?opt=s3cret"))
    assert "s3cret" not in str(refused.value)


def test_an_error_is_described_without_the_values_it_quotes(warehouse: psycopg.Connection) -> None:
    with pytest.raises(psycopg.Error) as failure:
        warehouse.execute("select 'S-0001'::date")
    assert describe_error(failure.value) == "InvalidDatetimeFormat, SQLSTATE 22007"


def test_an_error_of_the_operating_system_says_what_is_wrong_and_names_no_file() -> None:
    with pytest.raises(OSError, match="No space") as full:
        Path("/dev/full").write_text("S-0001")
    assert describe_error(full.value) == "OSError (No space left on device)"
    with pytest.raises(FileNotFoundError) as absent:
        Path("/S-0001").read_text()
    assert describe_error(absent.value) == "FileNotFoundError (No such file or directory)"


def test_how_far_a_run_may_read_is_told_only_when_no_load_is_under_way(
    warehouse: psycopg.Connection, warehouse_url: URL
) -> None:
    found: list[int] = []

    def ask() -> None:
        with connect(warehouse_url, autocommit=True) as connection:
            found.append(read_bounds(connection, SOURCES.values()).max_load_id)

    asking = threading.Thread(target=ask)
    with source_lock(warehouse, "attendance"):
        asking.start()
        time.sleep(0.3)
        assert found == []
    asking.join()
    assert found == [0]
