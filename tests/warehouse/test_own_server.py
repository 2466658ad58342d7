"""All layers on a warehouse of somebody else's making, outside Airflow; compared with the embedded one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

import include.ingestion.__main__ as ingestion_command
import show_analytics
from expectations.checkpoint import run_checkpoint
from include.dbt_command import PROJECT, GoldModel, dbt_environment, gold_models, run_dbt
from include.ingestion.sources import SOURCES
from include.local.environment import connection_json
from include.local.postgres import EmbeddedPostgres
from include.local.psql import psql_command
from include.local.sample import sample_as_of
from include.orchestration.dbt_layer import WarehouseProfile
from include.orchestration.warehouse_connection import open_warehouse
from include.settings import REPOSITORY
from include.warehouse.connection import SESSION_OPTIONS, connect
from include.warehouse.publish import begin_candidate, publish
from include.warehouse.schema import SCHEMAS
from tests.warehouse.conftest import District

RAW = REPOSITORY / "data" / "raw"
AS_OF = sample_as_of(RAW) or date(2025, 3, 14)
RUN = "by hand"


@dataclass(frozen=True)
class Built:
    """A warehouse through which the sample has gone, and how each checkpoint ended."""

    url: URL
    failed: dict[str, bool]
    models: tuple[GoldModel, ...]

    def hashes(self) -> dict[str, str]:
        """Of each table of silver and gold."""
        with connect(self.url) as connection:
            tables = connection.execute(
                "select schemaname, tablename from pg_tables where schemaname in ('silver', 'gold') order by 1, 2"
            ).fetchall()
            query = sql.SQL("select md5(string_agg(md5(t::text), '' order by md5(t::text))) from {} as t")
            return {
                ".".join(table): str(connection.execute(query.format(sql.Identifier(*table))).fetchone())
                for table in tables
            }


def build(url: URL, home: Path) -> Built:
    """Every step of the pipeline, each as a person would take it without Airflow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROLLCALL_WAREHOUSE_URL", url.render_as_string(hide_password=False))
        patch.setenv("ROLLCALL_RAW_DIR", str(RAW))
        for source in SOURCES:
            assert ingestion_command.main(["load", source]) == 0
    failed = {"bronze": run_checkpoint("bronze", url=url, home=home).failed}
    with connect(url, autocommit=True) as connection:
        begin_candidate(connection, dag_run_id=RUN, as_of=AS_OF)
    target = home / "dbt" / "target"
    run_dbt(
        *("build", "--exclude-resource-type", "unit_test"), environment=dbt_environment(url, as_of=AS_OF), target=target
    )
    failed |= {layer: run_checkpoint(layer, url=url, home=home).failed for layer in ("silver", "gold")}  # type: ignore[arg-type]
    models = gold_models(target / "manifest.json")
    with connect(url, autocommit=True) as connection:
        publish(connection, dag_run_id=RUN, as_of=AS_OF, models=models)
    return Built(url, failed, models)


@pytest.fixture(scope="module")
def built(district: District, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(district.owner, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def embedded(
    postgres: EmbeddedPostgres, warehouse_template: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    administrator = postgres.administrator_url().render_as_string(hide_password=False)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("create database compared template empty_warehouse owner rollcall")
        yield build(warehouse_template.set(database="compared"), tmp_path_factory.mktemp("compared"))
        connection.execute("drop database compared with (force)")


def test_every_layer_is_built_and_passes_its_checkpoint(built: Built) -> None:
    assert built.failed == {"bronze": False, "silver": False, "gold": False}


def test_settings_of_somebody_else_change_no_row_of_silver_and_gold(built: Built, embedded: Built) -> None:
    hashes = built.hashes()
    assert len(hashes) > 6
    assert hashes == embedded.hashes()


def test_a_reader_sees_gold(built: Built, district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert built.url == district.owner
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", district.reader.render_as_string(hide_password=False))
    assert len(show_analytics.show_class_statistics()) > 1
    assert show_analytics.main() == 0


def test_a_reader_sees_a_table_that_a_later_publication_adds(built: Built, district: District) -> None:
    with connect(district.owner, autocommit=True) as owner:
        tables = owner.execute("select tablename from pg_tables where schemaname = 'gold'").fetchall()
        begin_candidate(owner, dag_run_id="later", as_of=AS_OF)
        for (table,) in tables:
            owner.execute(
                sql.SQL("create table {} as table {}").format(
                    sql.Identifier("gold_candidate", table), sql.Identifier("gold", table)
                )
            )
        owner.execute("create table gold_candidate.later_addition as select 1 as id")
        models = [model for model in built.models if not model.is_view]
        added = GoldModel("later_addition", ("id",), is_view=False)
        publish(owner, dag_run_id="later", as_of=AS_OF, models=[*models, added])
    with connect(district.reader) as reader:
        assert reader.execute("select id from gold.later_addition").fetchall() == [(1,)]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("schema", sorted(set(SCHEMAS) - {"gold"}))
def test_a_reader_sees_no_other_schema(district: District, schema: str) -> None:
    with connect(district.owner) as owner:
        row = owner.execute("select tablename from pg_tables where schemaname = %s", [schema]).fetchone()
    assert row is not None
    with connect(district.reader) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(sql.SQL("select from {}").format(sql.Identifier(schema, row[0])))


def test_psql_reaches_it(built: Built) -> None:
    command, environment = psql_command(built.url, "select count(*) > 0 from gold.class_summary")
    # A person's session keeps the limits of the role.
    environment["PGOPTIONS"] = "-c statement_timeout=0"
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert printed == "t\n"


def test_a_task_of_airflow_and_its_dbt_reach_it(built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_json(built.url))
    with open_warehouse() as warehouse:
        assert warehouse.pgconn.ssl_in_use
    profile = WarehouseProfile(conn_id="warehouse", profile_args={"schema": "silver", "threads": 1})
    (tmp_path / "profiles.yml").write_text(profile.get_profile_file_contents("rollcall", "warehouse"))
    debug = [sys.executable, "-m", "dbt.cli.main", "debug", "--connection", "--profiles-dir", str(tmp_path)]
    environment = {**os.environ, **profile.env_vars, "PGOPTIONS": SESSION_OPTIONS, "DBT_LOG_PATH": str(tmp_path)}
    answer = subprocess.run(debug, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert "sslmode: verify-full" in answer.stdout
    assert answer.returncode == 0, answer.stdout
