"""Bringing one gold table up to its candidate: its columns, its primary key, and the rows that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

from include.warehouse.queries import names, numbers

CANDIDATE = "gold_candidate"
GOLD = "gold"
OURS = "Made by Rollcall: every publication makes it equal to what the models give."
"""The comment by which a table of ours is known in schema gold, where users may keep tables of their own."""

Columns = dict[str, str]


@dataclass(frozen=True)
class TableChange:
    """What a publication did to one gold table, in rows."""

    table: str
    rows_added: int
    rows_changed: int
    rows_removed: int


def take_over(connection: psycopg.Connection, table: str, key: list[str]) -> TableChange:
    """Make a gold table equal to its candidate; only rows that differ are written, all when the key is another."""
    columns = columns_of(connection, CANDIDATE, table)
    has_key = _take_off_other_key(connection, table, key)
    _adapt_columns(connection, table, columns)
    parts = {
        "gold": sql.Identifier(GOLD, table),
        "candidate": sql.Identifier(CANDIDATE, table),
        "names": names(columns),
        "same_key": _pairs("{} = {}", key),
        "same_row": _pairs("{} is not distinct from {}", columns),
    }
    if not has_key:
        return _replace(connection, table, parts, key)
    (removed,) = numbers(
        connection,
        sql.SQL(
            "select count(*) from {gold} as live where not exists (select from {candidate} as built where {same_key})"
        ).format(**parts),
    )
    outdated = connection.execute(
        sql.SQL(
            "delete from {gold} as live"
            " where not exists (select from {candidate} as built where {same_key} and {same_row})"
        ).format(**parts)
    ).rowcount
    written = connection.execute(
        sql.SQL(
            "insert into {gold} ({names}) select {names} from {candidate} as built"
            " where not exists (select from {gold} as live where {same_key})"
        ).format(**parts)
    ).rowcount
    changed = outdated - removed
    return TableChange(table, rows_added=written - changed, rows_changed=changed, rows_removed=removed)


def _replace(
    connection: psycopg.Connection, table: str, parts: Mapping[str, sql.Composable], key: list[str]
) -> TableChange:
    """All rows of a gold table that is new, or whose rows were told apart by another key."""
    removed = connection.execute(sql.SQL("delete from {gold}").format(**parts)).rowcount
    added = connection.execute(
        sql.SQL("insert into {gold} ({names}) select {names} from {candidate}").format(**parts)
    ).rowcount
    connection.execute(sql.SQL("alter table {gold} add primary key ({key})").format(**parts, key=names(key)))
    connection.execute(sql.SQL("comment on table {gold} is {ours}").format(**parts, ours=sql.Literal(OURS)))
    return TableChange(table, rows_added=added, rows_changed=0, rows_removed=removed)


def retired(connection: psycopg.Connection, keys: Mapping[str, Sequence[str]]) -> list[str]:
    """The tables that publications made and no model makes any more: their numbers would only grow old."""
    rows = connection.execute(
        "select relname from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname = %s and relkind = 'r' and obj_description(pg_class.oid, 'pg_class') = %s order by relname",
        [GOLD, OURS],
    )
    return [table for (table,) in rows if table not in keys]


def retire(connection: psycopg.Connection, table: str) -> TableChange:
    """Drop a gold table."""
    gold = sql.Identifier(GOLD, table)
    (rows,) = numbers(connection, sql.SQL("select count(*) from {}").format(gold))
    connection.execute(sql.SQL("drop table {}").format(gold))
    return TableChange(table, rows_added=0, rows_changed=0, rows_removed=rows)


def _take_off_other_key(connection: psycopg.Connection, table: str, wanted: list[str]) -> bool:
    """Whether the gold table has the wanted primary key; another one is taken off, with its NOT NULLs."""
    row = connection.execute(
        "select conname, array(select attname::text from unnest(conkey) with ordinality as key (number, place)"
        " inner join pg_attribute on attrelid = conrelid and attnum = number order by place)"
        " from pg_constraint where conrelid = to_regclass(format('%%I.%%I', %s::text, %s::text)) and contype = 'p'",
        [GOLD, table],
    ).fetchone()
    if row and row[1] == wanted:
        return True
    if row:
        changes = [
            sql.SQL("drop constraint {}").format(sql.Identifier(row[0])),
            *(sql.SQL("alter column {} drop not null").format(sql.Identifier(name)) for name in row[1]),
        ]
        connection.execute(
            sql.SQL("alter table {} {}").format(sql.Identifier(GOLD, table), sql.SQL(", ").join(changes))
        )
    return False


def _adapt_columns(connection: psycopg.Connection, table: str, wanted: Columns) -> None:
    """Bring the columns of a gold table to those of its candidate; nothing is done, nor locked, when they are equal."""
    gold = sql.Identifier(GOLD, table)
    present = columns_of(connection, GOLD, table)
    if not present:
        connection.execute(sql.SQL("create table {} (like {})").format(gold, sql.Identifier(CANDIDATE, table)))
        return
    changes: list[sql.Composed] = []
    for name in present.keys() - wanted.keys():
        changes.append(sql.SQL("drop column {}").format(sql.Identifier(name)))
    for name, kind in wanted.items():
        if name not in present:
            changes.append(sql.SQL("add column {} {}").format(sql.Identifier(name), sql.SQL(kind)))
        elif present[name] != kind:
            changes.append(
                sql.SQL("alter column {0} type {1} using {0}::text::{1}").format(sql.Identifier(name), sql.SQL(kind))
            )
    if changes:
        connection.execute(sql.SQL("alter table {} {}").format(gold, sql.SQL(", ").join(changes)))


def columns_of(connection: psycopg.Connection, schema: str, table: str) -> Columns:
    """The columns of a table in their order, with their types; empty when there is no such table."""
    return dict(
        connection.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text)) and attnum > 0 and not attisdropped"
            " order by attnum",
            [schema, table],
        ).fetchall()
    )


def _pairs(comparison: LiteralString, columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL(comparison).format(sql.Identifier("live", name), sql.Identifier("built", name)) for name in columns
    )
