"""Two small golds, which the tests only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import connect

FOLDER = Path(__file__).parent


@contextmanager
def database(postgres: EmbeddedPostgres, template: URL, name: str, *scripts: str) -> Iterator[URL]:
    """A warehouse of this name that the scripts have filled."""
    administrator = postgres.administrator_url().render_as_string(hide_password=False)
    url = template.set(database=name)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template.database} owner rollcall")
        with connect(url) as owner:
            for script in scripts:
                owner.execute((FOLDER / script).read_text(encoding="utf-8"))
        yield url
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="package")
def gold_url(postgres: EmbeddedPostgres, warehouse_template: URL) -> Iterator[URL]:
    with database(postgres, warehouse_template, "some_gold", "gold_tables.sql", "gold_rows.sql") as url:
        yield url


@pytest.fixture(scope="package")
def empty_gold_url(postgres: EmbeddedPostgres, warehouse_template: URL) -> Iterator[URL]:
    with database(postgres, warehouse_template, "empty_gold", "gold_tables.sql") as url:
        yield url


@pytest.fixture
def gold(gold_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown is gold of two schools and four students."""
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", gold_url.render_as_string(hide_password=False))
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path / "home"))


@pytest.fixture
def empty_gold(empty_gold_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown is gold of a school that has recorded nothing."""
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", empty_gold_url.render_as_string(hide_password=False))
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path / "home"))
