"""The rows of a table that are older than a horizon, and the statement that takes them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from psycopg import sql

KEY = """
select attname::text, atttypid = 'date'::regtype
from pg_partitioned_table inner join pg_attribute on attrelid = partrelid and attnum = partattrs[0]
where partrelid = to_regclass(%s)
"""
PARTITIONS = """
select pg_class.oid, relnamespace::regnamespace::text, relname::text
from pg_inherits inner join pg_class on pg_class.oid = inhrelid
where
    inhparent = to_regclass(%s)
    and (regexp_match(pg_get_expr(relpartbound, pg_class.oid), 'TO [(]''([^'']+)''[)]'))[1]::timestamptz <= %s
order by relname
"""


@dataclass(frozen=True)
class OlderRows:
    """So many rows of a table: those of a partition, or without one, single ones. `removal` takes them out."""

    table: str
    partition: str | None
    rows: int
    removal: sql.Composed


def older_rows_of_partitions(
    connection: psycopg.Connection, table: str, horizon: date, midnight: datetime
) -> Iterator[OlderRows]:
    """The partitions of a table that lie before the horizon, and what lies before it in others; nothing when there is
    no such table.

    `midnight` is the beginning of the horizon as an instant, by which a table goes whose key is one. Partitions are
    known by their bounds.
    """
    for key, is_by_date in connection.execute(KEY, [table]).fetchall():
        limit = horizon if is_by_date else midnight
        partitions = connection.execute(PARTITIONS, [table, limit]).fetchall()
        for _, schema, name in partitions:
            partition = sql.Identifier(schema, name)
            yield OlderRows(table, name, _count(connection, partition), sql.SQL("drop table {}").format(partition))
        condition = sql.SQL("{} < {} and tableoid <> all({}::oid[])").format(
            sql.Identifier(key), sql.Literal(limit), sql.Literal([oid for oid, *_ in partitions])
        )
        yield from older_rows_where(connection, table, condition)


def older_rows_where(connection: psycopg.Connection, table: str, condition: sql.Composed) -> Iterator[OlderRows]:
    """The rows of a table for which the condition holds, if there are any; nothing when there is no such table."""
    if not connection.execute("select to_regclass(%s) is not null", [table]).fetchall()[0][0]:
        return
    name = sql.Identifier(*table.split("."))
    rows = _count(connection, name, condition)
    if rows:
        yield OlderRows(table, None, rows, sql.SQL("delete from {} where {}").format(name, condition))


def _count(connection: psycopg.Connection, table: sql.Identifier, condition: sql.Composed | None = None) -> int:
    query = sql.SQL("select count(*) from {} where {}").format(table, condition or sql.SQL("true"))
    return int(connection.execute(query).fetchall()[0][0])
