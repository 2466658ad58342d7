"""One warehouse for all dbt tests, built in four steps; its tables are kept as they were after each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import URL

from include.dbt_command import dbt_environment, run_dbt
from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import connect
from tests.dbt.world import AS_OF, CUT, fill

Tables = dict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class School:
    """The warehouse of tests/dbt/world.py, and where dbt writes."""

    url: URL
    target: Path

    def dbt(self, *arguments: str, as_of: date | None = AS_OF, max_load_id: int | None = None) -> None:
        environment = dbt_environment(self.url, as_of=as_of, max_load_id=max_load_id)
        run_dbt(*arguments, environment=environment, target=self.target)

    def build(self, *arguments: str, as_of: date = AS_OF, max_load_id: int | None = None) -> Tables:
        command = ("build", "--exclude-resource-type", "unit_test", *arguments)
        self.dbt(*command, as_of=as_of, max_load_id=max_load_id)
        with connect(self.url) as connection:
            return tables(connection)


@dataclass(frozen=True)
class Steps:
    """What the tables held after each step; the last built gold alone, as of an earlier day."""

    after_first_load: Tables
    built: Tables
    built_again: Tables
    cut: Tables


def tables(connection: psycopg.Connection) -> Tables:
    """Every table of silver and gold_candidate, its rows in the order of its first two columns."""
    names = connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in ('silver', 'gold_candidate') order by 1, 2"
    ).fetchall()
    with connection.cursor(row_factory=dict_row) as cursor:
        return {
            name: cursor.execute(
                sql.SQL("select * from {} order by 1, 2").format(sql.Identifier(schema, name))
            ).fetchall()
            for schema, name in names
        }


@pytest.fixture(scope="session")
def school(
    postgres: EmbeddedPostgres, warehouse_template: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    administrator = postgres.administrator_url().render_as_string(hide_password=False)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("create database dbt_school template empty_warehouse owner rollcall")
    url = warehouse_template.set(database="dbt_school")
    with connect(url, autocommit=True) as connection:
        fill(connection)
    yield School(url, tmp_path_factory.mktemp("dbt_target"))
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("drop database dbt_school with (force)")


@pytest.fixture(scope="session")
def steps(school: School) -> Steps:
    return Steps(
        after_first_load=school.build("--select", "path:models/silver", "path:seeds", max_load_id=1),
        built=school.build(),
        built_again=school.build(),
        cut=school.build("--select", "path:models/gold", as_of=CUT),
    )


@pytest.fixture(scope="session")
def built(steps: Steps) -> Tables:
    return steps.built
