"""The schemas of the warehouse: ops by numbered migrations, bronze from the sources that there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from include.ingestion.spec import ColumnType, Source
from include.warehouse.privileges import require_privileges
from include.warehouse.queries import names

MIGRATIONS = Path(__file__).parent / "migrations"
SCHEMAS = ("ops", "bronze", "silver", "gold", "gold_candidate", "test_failures")
POSTGRES_TYPES: dict[ColumnType, str] = {
    "text": "text",
    "int": "bigint",
    "numeric": "numeric",
    "date": "date",
    "timestamp": "timestamptz",
    "bool": "boolean",
}
METADATA = (
    "_load_id bigint not null",
    "_ingested_at timestamptz not null",
    "_source_file text not null",
    "_source_line bigint not null",
    "_extra jsonb",
    "_row_hash uuid not null",
)


def migrate(connection: psycopg.Connection, sources: Iterable[Source]) -> list[str]:
    """Bring the warehouse to the present structure in one transaction; returns the names of the migrations applied.

    Raises:
        WarehouseError: the role lacks a privilege, or the server is not set up for us; with the SQL that mends it.
    """
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext('rollcall:migrate'))")
        require_privileges(connection, SCHEMAS)
        make_missing_schemas(connection, SCHEMAS)
        applied = _apply_migrations(connection)
        for source in sources:
            connection.execute(sql.SQL("\n").join(bronze_ddl(source)))
    return applied


def make_missing_schemas(connection: psycopg.Connection, schemas: Sequence[str]) -> None:
    """Make the schemas that are not there; `create schema if not exists` asks for the privilege even if they are."""
    there = {name for (name,) in connection.execute("select nspname from pg_namespace")}
    for schema in schemas:
        if schema not in there:
            connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))


def _apply_migrations(connection: psycopg.Connection) -> list[str]:
    connection.execute(
        "create table if not exists ops.schema_migrations"
        " (name text primary key, applied_at timestamptz not null default now())"
    )
    known = {name for (name,) in connection.execute("select name from ops.schema_migrations")}
    pending = [path for path in sorted(MIGRATIONS.glob("*.sql")) if path.stem not in known]
    for path in pending:
        connection.execute(path.read_bytes())
        connection.execute("insert into ops.schema_migrations (name) values (%s)", [path.stem])
    return [path.stem for path in pending]


def bronze_ddl(source: Source) -> list[sql.Composed]:
    """The statements that make, or add columns to, the bronze tables of one source."""
    if source.strategy == "append_dedupe":
        return _table(source, source.table, (*source.key, "_row_hash"))
    return [
        *_table(source, source.table, source.key, "_missing_since date"),
        *_table(source, f"{source.table}_history", (*source.key, "_row_hash")),
        _presence_table(source),
    ]


def _table(source: Source, name: str, key: tuple[str, ...], *more_columns: str) -> list[sql.Composed]:
    table = sql.Identifier("bronze", name)
    columns = [
        *(
            sql.SQL("{} {}").format(
                sql.Identifier(column.name), sql.SQL(_column_type(column.type, required=column.required))
            )
            for column in source.columns
        ),
        *(sql.SQL(definition) for definition in (*METADATA, *more_columns)),
    ]
    create = sql.SQL("create table if not exists {} (\n    {},\n    primary key ({})\n);").format(
        table, sql.SQL(",\n    ").join(columns), names(key)
    )
    add = [
        sql.SQL("alter table {} add column if not exists {} {};").format(
            table, sql.Identifier(column.name), sql.SQL(_column_type(column.type, required=False))
        )
        for column in source.columns
        if not column.required
    ]
    index = sql.SQL("create index if not exists {} on {} using brin (_load_id);").format(
        sql.Identifier(f"{name}_load_id"), table
    )
    return [create, *add, index]


def _presence_table(source: Source) -> sql.Composed:
    keys = sql.SQL("").join(
        sql.SQL("    {} {} not null,\n").format(sql.Identifier(name), sql.SQL(POSTGRES_TYPES[source.column(name).type]))
        for name in source.key
    )
    return sql.SQL(
        "create table if not exists {} (\n{}"
        "    missing_from date not null,\n    returned_on date,\n"
        "    missing_load_id bigint not null,\n    returned_load_id bigint,\n    primary key ({}, missing_load_id)\n);"
    ).format(sql.Identifier("bronze", f"{source.table}_presence"), keys, names(source.key))


def _column_type(kind: ColumnType, *, required: bool) -> str:
    return POSTGRES_TYPES[kind] + (" not null" if required else "")
