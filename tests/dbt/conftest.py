"""One warehouse for all dbt tests, built in three steps; its tables are kept as they were after each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import URL

from include.dbt_command import PROJECT, dbt_environment, run_dbt
from include.ingestion.sources import SOURCES
from include.local.postgres import EmbeddedPostgres
from include.silver_fingerprints import silver_fingerprints
from include.warehouse.bounds import read_bounds
from include.warehouse.connection import connect
from tests.dbt.random_events import RandomEvents
from tests.dbt.random_school import MADE_UP, RandomSchool
from tests.dbt.reference.bronze import Bronze
from tests.dbt.reference.layers import gold, silver
from tests.dbt.seeds import seeds
from tests.dbt.world import AS_OF, CUT, ZONE, fill

Tables = dict[str, list[dict[str, object]]]

MODELS = ("build", "--resource-type", "model", "--resource-type", "seed")
BUILD = ("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")


@dataclass(frozen=True)
class School:
    """A warehouse with bronze in it, and where dbt writes; with a manifest there, silver is only brought up to date."""

    url: URL
    target: Path
    timezone: str = ZONE

    def dbt(self, *arguments: str, as_of: date | None = AS_OF, max_load_id: int | None = None) -> None:
        environment = dbt_environment(
            self.url,
            as_of=as_of,
            max_load_id=max_load_id,
            fingerprints=self.fingerprints(),
            timezone=self.timezone,
        )
        run_dbt(*arguments, environment=environment, target=self.target)

    def build(self, *arguments: str, as_of: date = AS_OF, max_load_id: int | None = None) -> Tables:
        self.dbt(*BUILD, *arguments, as_of=as_of, max_load_id=max_load_id)
        with connect(self.url) as connection:
            return tables(connection)

    def bronze(self) -> Bronze:
        """What bronze holds."""
        with connect(self.url) as connection:
            return Bronze(**{table: rows_of(connection, "bronze", table) for table in Bronze.tables()})

    def fingerprints(self, domains: Collection[str] = ()) -> dict[str, str]:
        """Of the models of silver, or of some domains of it."""
        manifest = self.target / "manifest.json"
        if not manifest.exists():
            return {}
        with connect(self.url, autocommit=True) as connection:
            unloads = read_bounds(connection, SOURCES.values()).unloads
        return silver_fingerprints(manifest, unloads, self.timezone, domains)


@dataclass(frozen=True)
class Steps:
    """What the tables held after each step; the last built gold alone, as of an earlier day."""

    after_first_load: Tables
    built: Tables
    cut: Tables


def tables(connection: psycopg.Connection) -> Tables:
    """Every table of silver and gold_candidate, its rows in the order of its first two columns."""
    names = connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in ('silver', 'gold_candidate') order by 1, 2"
    ).fetchall()
    return {name: rows_of(connection, schema, name) for schema, name in names}


def of_world(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The rows of tests/dbt/world.py, without those of the school that is made up."""
    return [row for row in rows if not MADE_UP.fullmatch(str(row.get("student_id", row.get("class_id"))))]


def rows_of(connection: psycopg.Connection, schema: str, table: str) -> list[dict[str, object]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            sql.SQL("select * from {} order by 1, 2").format(sql.Identifier(schema, table))
        ).fetchall()


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `dbt parse` writes where there is no database and no variable is set."""
    target = tmp_path_factory.mktemp("parsed")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ROLLCALL_", "DBT_"))}
    subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "parse", "--project-dir", PROJECT, "--profiles-dir", PROJECT],
        env={**environment, "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target), "DO_NOT_TRACK": "1"},
        cwd=target,
        check=True,
        capture_output=True,
    )
    return target / "manifest.json"


@pytest.fixture(scope="session")
def school(
    postgres: EmbeddedPostgres, warehouse_template: URL, manifest: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    """The school of tests/dbt/world.py, and beside it one that is made up."""
    target = shutil.copytree(manifest.parent, tmp_path_factory.mktemp("dbt") / "target")
    with copy_of(postgres, warehouse_template, "dbt_school") as url:
        with connect(url, autocommit=True) as connection:
            fill(connection)
            RandomSchool(seed=0).fill(connection)
            RandomEvents(seed=0).fill(connection)
        yield School(url, target)


@pytest.fixture(scope="session")
def steps(school: School) -> Steps:
    return Steps(
        after_first_load=school.build("--select", "path:models/silver", "path:seeds", max_load_id=1),
        built=school.build(),
        cut=school.build("--select", "path:models/gold", as_of=CUT),
    )


@pytest.fixture(scope="session")
def expected(school: School, steps: Steps) -> dict[str, Tables]:
    """What the reference has after each of the steps."""
    assert steps
    bronze = school.bronze()
    first, all_of_it = (silver(held, seeds(), school.timezone) for held in (bronze.up_to(1), bronze))
    return {
        "after_first_load": first.tables,
        "built": all_of_it.tables | gold(all_of_it, seeds(), AS_OF),
        "cut": gold(all_of_it, seeds(), CUT),
    }


@pytest.fixture(scope="session")
def built(steps: Steps) -> Tables:
    return steps.built


@contextmanager
def copy_of(postgres: EmbeddedPostgres, warehouse: URL, name: str) -> Iterator[URL]:
    """The URL of a copy of a warehouse, which nobody may be connected to; it is dropped behind."""
    administrator = postgres.administrator_url().render_as_string(hide_password=False)
    copy = sql.SQL("create database {} template {} owner rollcall")
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(str(warehouse.database))))
    yield warehouse.set(database=name)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
