"""A real Postgres for the whole session, and a fresh warehouse in it for each test that asks for one."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from include.ingestion.sources import SOURCES
from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import WAREHOUSE_DATABASE, connect, embedded_url
from include.warehouse.schema import migrate

# Airflow reads its home when it is first imported, so the variable stands before any import of it.
AIRFLOW_HOME = tempfile.mkdtemp(prefix="rollcall-airflow-")
os.environ["AIRFLOW_HOME"] = AIRFLOW_HOME
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__COSMOS__ENABLE_TELEMETRY"] = "False"

_numbers = itertools.count(1)


def pytest_unconfigure() -> None:
    """Takes away what Airflow has written into its home."""
    shutil.rmtree(AIRFLOW_HOME)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("home"))
    server.start(port=54331)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def warehouse_template(postgres: EmbeddedPostgres) -> URL:
    """A database with the schemas and empty tables that `init_warehouse` makes."""
    administrator = postgres.administrator_url().render_as_string(hide_password=False)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("create database empty_warehouse owner rollcall")
    url = embedded_url(postgres.home, WAREHOUSE_DATABASE).set(database="empty_warehouse")
    with connect(url) as connection:
        migrate(connection, SOURCES.values())
    return url


@pytest.fixture
def warehouse_url(postgres: EmbeddedPostgres, warehouse_template: URL) -> Iterator[URL]:
    """The URL of a database of its own, with an up-to-date, empty warehouse."""
    name = f"warehouse_{next(_numbers)}"
    administrator = postgres.administrator_url().render_as_string(hide_password=False)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(f"create database {name} template empty_warehouse owner rollcall")
    yield warehouse_template.set(database=name)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def warehouse(warehouse_url: URL) -> Iterator[psycopg.Connection]:
    """An autocommit connection to a warehouse of its own."""
    with connect(warehouse_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def raw_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder
