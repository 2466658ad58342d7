"""Bringing one gold table up to its candidate: its columns, its primary key, and the rows that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

CANDIDATE = "gold_candidate"
GOLD = "gold"

Columns = dict[str, str]


@dataclass(frozen=True)
class TableChange:
    """What a publication did to one gold table, in rows."""

    table: str
    rows_added: int
    rows_changed: int
    rows_removed: int


def take_over(connection: psycopg.Connection, table: str, key: list[str]) -> TableChange:
    """Make a gold table equal to its candidate; only rows that differ are written."""
    columns = _columns(connection, CANDIDATE, table)
    _adapt_columns(connection, table, columns)
    has_key = _adapt_key(connection, table, key)
    parts = {
        "gold": sql.Identifier(GOLD, table),
        "candidate": sql.Identifier(CANDIDATE, table),
        "names": _names(columns),
        "same_key": _pairs("{} = {}", key),
        "same_row": _pairs("{} is not distinct from {}", columns),
    }
    (removed,) = connection.execute(
        sql.SQL(
            "select count(*) from {gold} as live where not exists (select from {candidate} as built where {same_key})"
        ).format(**parts)
    ).fetchone() or (0,)
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
    if not has_key:
        connection.execute(sql.SQL("alter table {gold} add primary key ({key})").format(**parts, key=_names(key)))
    return TableChange(table, rows_added=written - changed, rows_changed=changed, rows_removed=removed)


def retired(connection: psycopg.Connection, keys: Mapping[str, Sequence[str]]) -> list[str]:
    """The tables of earlier publications that no model makes any more: their numbers would only grow old."""
    rows = connection.execute(
        "select distinct table_name from ops.publication_tables"
        " inner join pg_tables on tablename = table_name and schemaname = %s order by table_name",
        [GOLD],
    )
    return [table for (table,) in rows if table not in keys]


def retire(connection: psycopg.Connection, table: str) -> TableChange:
    """Drop a gold table."""
    gold = sql.Identifier(GOLD, table)
    (rows,) = connection.execute(sql.SQL("select count(*) from {}").format(gold)).fetchone() or (0,)
    connection.execute(sql.SQL("drop table {}").format(gold))
    return TableChange(table, rows_added=0, rows_changed=0, rows_removed=rows)


def _adapt_key(connection: psycopg.Connection, table: str, wanted: list[str]) -> bool:
    """Whether the gold table has the wanted primary key; another one is taken off, for the new rows to come in."""
    row = connection.execute(
        "select conname, array(select attname::text from unnest(conkey) with ordinality as key (number, place)"
        " inner join pg_attribute on attrelid = conrelid and attnum = number order by place)"
        " from pg_constraint where conrelid = to_regclass(format('%%I.%%I', %s::text, %s::text)) and contype = 'p'",
        [GOLD, table],
    ).fetchone()
    if row and row[1] == wanted:
        return True
    if row:
        connection.execute(
            sql.SQL("alter table {} drop constraint {}").format(sql.Identifier(GOLD, table), sql.Identifier(row[0]))
        )
    return False


def _adapt_columns(connection: psycopg.Connection, table: str, wanted: Columns) -> None:
    """Bring the columns of a gold table to those of its candidate; nothing is done, nor locked, when they are equal."""
    gold = sql.Identifier(GOLD, table)
    present = _columns(connection, GOLD, table)
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


def _columns(connection: psycopg.Connection, schema: str, table: str) -> Columns:
    """The columns of a table in their order, with their types; empty when there is no such table."""
    return dict(
        connection.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text)) and attnum > 0 and not attisdropped"
            " order by attnum",
            [schema, table],
        ).fetchall()
    )


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _pairs(comparison: LiteralString, names: Iterable[str]) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL(comparison).format(sql.Identifier("live", name), sql.Identifier("built", name)) for name in names
    )
