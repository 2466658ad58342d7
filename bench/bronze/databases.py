"""The server of the benchmark, and databases in it that are made anew from templates before each measurement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from include.ingestion.sources import SOURCES
from include.ingestion.spec import Source
from include.local.ports import free_port
from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import WAREHOUSE_DATABASE, connect, embedded_url
from include.warehouse.queries import names
from include.warehouse.schema import POSTGRES_TYPES, migrate

MEASURED = "measured"
EMPTY_WAREHOUSE = "empty_warehouse"


class Databases:
    """An embedded server, as the product starts it, with templates to measure on."""

    def __init__(self, home: Path, say: Callable[[str], None]) -> None:
        self.home = home
        self.server = EmbeddedPostgres(home, say=say)

    def start(self) -> None:
        """Start the server, with the template of a warehouse that holds nothing yet."""
        self.server.start(free_port())
        with connect(self.create(EMPTY_WAREHOUSE), autocommit=True) as connection:
            migrate(connection, SOURCES.values())

    def url(self, name: str) -> URL:
        """The URL of a database, for the role that owns it."""
        return embedded_url(self.home, WAREHOUSE_DATABASE).set(database=name)

    def create(self, name: str, template: str = "template1") -> URL:
        """Make a database from a template; its files are copied, so that what went before is on disk."""
        statement = sql.SQL("create database {} template {} owner {} strategy file_copy").format(
            sql.Identifier(name), sql.Identifier(template), sql.Identifier(WAREHOUSE_DATABASE)
        )
        with self._administrator() as connection:
            connection.execute(statement)
        return self.url(name)

    def restore(self, template: str) -> URL:
        """Make the measured database anew from a template."""
        self.drop(MEASURED)
        return self.create(MEASURED, template)

    def drop(self, name: str) -> None:
        """Remove a database, if it is there."""
        with self._administrator() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def settle(self, name: str) -> None:
        """Bring a template into the state in which autovacuum leaves tables after a while."""
        with connect(self.url(name), autocommit=True) as connection:
            connection.execute("vacuum (analyze)")

    def version(self) -> str:
        """The version of the server."""
        with self._administrator() as connection:
            return str(connection.info.parameter_status("server_version"))

    def _administrator(self) -> psycopg.Connection:
        return connect(self.server.administrator_url(), autocommit=True)


def create_typed_table(connection: psycopg.Connection, source: Source) -> sql.Identifier:
    """The table that psql loads into: the columns of the contract with their types, and the primary key."""
    table = sql.Identifier("public", source.table)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.name),
            sql.SQL(POSTGRES_TYPES[column.type]),
            sql.SQL(" not null" if column.required else ""),
        )
        for column in source.columns
    )
    connection.execute(sql.SQL("create table {} ({}, primary key ({}))").format(table, columns, names(source.key)))
    return table
