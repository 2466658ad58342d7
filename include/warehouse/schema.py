"""The schemas of the warehouse: ops by numbered migrations, bronze from the sources that there are."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from include.ingestion.canonical import key_text, row_hash
from include.ingestion.spec import EVENT_KEY, ColumnType, Source
from include.warehouse.privileges import require_privileges
from include.warehouse.queries import names

MIGRATIONS = Path(__file__).parent / "migrations"
SCHEMAS = ("ops", "bronze", "silver", "gold", "gold_candidate", "test_failures", "partitions")
POSTGRES_TYPES: dict[ColumnType, str] = {
    "text": "text",
    "int": "bigint",
    "numeric": "numeric",
    "date": "date",
    "timestamp": "timestamptz",
    "bool": "boolean",
    "json": "jsonb",
}
METADATA = (
    "_load_id bigint not null",
    "_ingested_at timestamptz not null default now()",
    "_source_file text not null",
    "_source_line bigint not null",
    "_extra jsonb",
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
        there = _parts_of_bronze(connection)
        for source in sources:
            connection.execute(sql.SQL("\n").join(bronze_ddl(source, there)))
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


def _parts_of_bronze(connection: psycopg.Connection) -> set[str]:
    """The names of all tables and indexes of bronze, `table.column` of all columns, and that with its comment."""
    return {
        name
        for (name,) in connection.execute(
            "select relname::text from pg_class where relnamespace = 'bronze'::regnamespace"
            " union all select unnest(array[column_name, column_name || ': ' || comment]) from ("
            "  select relname || '.' || attname as column_name, col_description(attrelid, attnum) as comment"
            "  from pg_class inner join pg_attribute on pg_attribute.attrelid = pg_class.oid"
            "  where relnamespace = 'bronze'::regnamespace and attnum > 0 and not attisdropped"
            " ) as columns"
        )
    }


def bronze_ddl(source: Source, there: Collection[str] = ()) -> list[sql.Composed]:
    """The statements that make, or add columns to, the bronze tables of one source.

    Parts that are there are left out: to ask for one again would wait for every load, and hold up every reader.
    """
    if source.strategy == "append_dedupe":
        parts = _versions_table(source, source.table)
    else:
        parts = {
            **_table(
                source,
                source.table,
                sql.SQL("_missing_since date"),
                sql.SQL("primary key ({})").format(names(source.key)),
            ),
            **_row_hash(source, source.table),
            **_versions_table(source, f"{source.table}_history"),
            f"{source.table}_presence": _presence_table(source),
        }
    return [statement for part, statement in parts.items() if part not in there]


def _versions_table(source: Source, name: str) -> dict[str, sql.Composed]:
    """A table of every version of a key."""
    key = sql.SQL(", add primary key ({})").format(names((*source.key_and_partition, "_row_hash")))
    return {**_table(source, name), **_row_hash(source, name, key)}


def _table(source: Source, name: str, *more: sql.Composable) -> dict[str, sql.Composed]:
    """The statement that makes each part of a table; `more`: what it also has."""
    table = sql.Identifier("bronze", name)
    parts = [
        *(
            sql.SQL("{} {}").format(
                sql.Identifier(column.name), sql.SQL(_column_type(column.type, required=column.required))
            )
            for column in source.columns
        ),
        *map(sql.SQL, METADATA),
        *_event_key(source),
        *more,
    ]
    create = sql.SQL("create table if not exists {} (\n    {}\n){};").format(
        table, sql.SQL(",\n    ").join(parts), _partitioned(source)
    )
    add = {
        f"{name}.{column.name}": sql.SQL("alter table {} add column if not exists {} {};").format(
            table, sql.Identifier(column.name), sql.SQL(_column_type(column.type, required=False))
        )
        for column in source.columns
        if not column.required
    }
    index = sql.SQL("create index if not exists {} on {} using brin (_load_id);").format(
        sql.Identifier(f"{name}_load_id"), table
    )
    return {name: create, **add, f"{name}_load_id": index}


def _event_key(source: Source) -> list[sql.Composed]:
    if not source.key_is_hashed:
        return []
    return [
        sql.SQL("{} text not null generated always as (\n        {}\n    ) stored").format(
            sql.Identifier(EVENT_KEY), key_text(source)
        )
    ]


def _partitioned(source: Source) -> sql.Composable:
    if source.partition_by is None:
        return sql.SQL("")
    return sql.SQL(" partition by range ({})").format(sql.Identifier(source.partition_by))


def _row_hash(source: Source, name: str, key: sql.Composable | None = None) -> dict[str, sql.Composed]:
    """The hash of a row, which Postgres generates: made anew when its expression is another one than the table has."""
    expression = row_hash(source)
    fingerprint = hashlib.md5(expression.as_string().encode(), usedforsecurity=False).hexdigest()[:8]
    comment = f"Equal rows have equal hashes. Expression {fingerprint}"
    return {
        f"{name}._row_hash: {comment}": sql.SQL(
            "alter table {table} drop column if exists _row_hash, alter column _ingested_at set default now();\n"
            "alter table {table} add column _row_hash bytea not null generated always as (\n    {expression}\n) stored"
            "{key};\ncomment on column {column} is {comment};"
        ).format(
            table=sql.Identifier("bronze", name),
            expression=expression,
            key=key or sql.SQL(""),
            column=sql.Identifier("bronze", name, "_row_hash"),
            comment=sql.Literal(comment),
        )
    }


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
