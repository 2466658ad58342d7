"""What is asked of a role, and what is said when it lacks something. The role `limited` owns no database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

from include.ingestion.sources import SOURCES
from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import WarehouseError, connect
from include.warehouse.privileges import is_english
from include.warehouse.publish import begin_candidate
from include.warehouse.schema import SCHEMAS, migrate
from tests.warehouse.conftest import documented_sql

Administer = Callable[..., None]


@pytest.fixture
def administer(postgres: EmbeddedPostgres) -> Administer:
    """Runs statements as a superuser, in a database."""

    def run(*statements: str | sql.Composed, database: str = "postgres", role: str | None = None) -> None:
        url = postgres.administrator_url(database).render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            if role:
                connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    return run


@pytest.fixture
def limited(postgres: EmbeddedPostgres, administer: Administer) -> Iterator[URL]:
    """The URL of a role that may connect to a database, and no more."""
    administer(
        "create role limited login password 'limited'",
        "create database granted",
        "revoke all on database granted from public",
        "grant connect on database granted to limited",
    )
    yield postgres.administrator_url("granted").set(username="limited", password="limited")  # noqa: S106
    administer("drop database granted with (force)", "drop role limited")


def refusal(url: URL) -> str:
    with connect(url) as connection, pytest.raises(WarehouseError) as refused:
        migrate(connection, SOURCES.values())
    return str(refused.value)


def statements(message: str) -> list[str]:
    return re.findall(r"^  (.*);$", message, re.MULTILINE)


def test_a_role_that_may_only_connect_is_told_the_sql_that_lets_it_work(limited: URL, administer: Administer) -> None:
    wanted = statements(refusal(limited))
    assert wanted == [
        "grant temporary on database granted to limited",
        *(f"create schema {schema} authorization limited" for schema in SCHEMAS),
    ]
    administer(*wanted, database="granted")
    with connect(limited) as connection:
        assert migrate(connection, SOURCES.values()) != []


def test_a_role_that_may_make_schemas_makes_them(limited: URL, administer: Administer) -> None:
    administer("grant temporary, create on database granted to limited")
    with connect(limited) as connection:
        migrate(connection, SOURCES.values())
        assert connection.execute(
            "select count(*) from pg_namespace where nspowner = 'limited'::regrole"
        ).fetchone() == (len(SCHEMAS),)


def test_what_was_restored_as_another_role_is_to_be_given_to_ours(limited: URL, administer: Administer) -> None:
    administer("grant temporary, create on database granted to limited")
    with connect(limited) as connection:
        migrate(connection, SOURCES.values())
    administer(
        "alter schema silver owner to postgres", "alter table ops.file_loads owner to postgres", database="granted"
    )
    told = refusal(limited)
    assert "belongs to postgres, not to the role limited" in told
    wanted = statements(told)
    assert wanted == ["alter schema silver owner to limited", "alter table ops.file_loads owner to limited"]
    administer(*wanted, database="granted")
    with connect(limited) as connection:
        assert migrate(connection, SOURCES.values()) == []


def test_a_users_table_in_gold_may_belong_to_anybody(limited: URL, administer: Administer) -> None:
    administer("grant temporary, create on database granted to limited")
    with connect(limited) as connection:
        migrate(connection, SOURCES.values())
    administer("create table gold.notes_of_a_user ()", database="granted")
    with connect(limited) as connection:
        assert migrate(connection, SOURCES.values()) == []


def test_a_role_that_is_set_to_read_only_is_refused(limited: URL, administer: Administer) -> None:
    administer("alter role limited set default_transaction_read_only = on")
    assert "default_transaction_read_only is set for the role limited" in refusal(limited)


def test_a_database_of_another_encoding_is_refused(limited: URL, administer: Administer) -> None:
    administer(
        "drop database granted with (force)",
        "create database granted owner limited template template0 encoding 'LATIN1' locale 'C'",
    )
    assert "the database granted is encoded in LATIN1" in refusal(limited)


@pytest.mark.parametrize(
    ("messages", "english"),
    [("", True), ("C", True), ("C.UTF-8", True), ("POSIX", True), ("en_US.utf8", True), ("de_DE.UTF-8", False)],
)
def test_a_server_that_speaks_another_language_is_recognised(messages: str, english: bool) -> None:
    assert is_english(messages) is english


def test_an_administrator_without_superuser_can_run_the_documented_sql(administer: Administer) -> None:
    anywhere, in_database = documented_sql()
    administer("create role managed createrole createdb")
    try:
        administer(*anywhere, "grant district_owner to current_user", role="managed")
        administer(*in_database, database="district_warehouse", role="managed")
    finally:
        administer(
            "drop database if exists district_warehouse with (force)",
            "drop role if exists district_owner, district_reader",
            "drop role managed",
        )


def test_a_new_candidate_leaves_the_schema_and_drops_what_is_in_it(warehouse: psycopg.Connection) -> None:
    begin_candidate(warehouse, dag_run_id="first", as_of=date(2025, 3, 14))
    warehouse.execute("create table gold_candidate.a as select 1 as n")
    warehouse.execute("create view gold_candidate.b as select * from gold_candidate.a")
    schema = "select oid from pg_namespace where nspname = 'gold_candidate'"
    before = warehouse.execute(schema).fetchall()
    begin_candidate(warehouse, dag_run_id="second", as_of=date(2025, 3, 14))
    assert warehouse.execute(schema).fetchall() == before
    assert (
        warehouse.execute("select relname from pg_class where relnamespace = 'gold_candidate'::regnamespace").fetchall()
        == []
    )
