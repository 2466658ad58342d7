"""Pieces of SQL that queries are built with, and the numbers that they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql

from include.ingestion.spec import EVENT_KEY, Source


def bronze(source: Source, suffix: str = "") -> sql.Identifier:
    """The bronze table of a source, or the one of that suffix beside it."""
    return sql.Identifier("bronze", f"{source.table}{suffix}")


def bronze_columns(source: Source) -> tuple[str, ...]:
    """The columns of a version in bronze that are written, in their order."""
    return (*source.column_names, "_load_id", "_ingested_at", "_source_file", "_source_line", "_extra")


def names(columns: Iterable[str]) -> sql.Composed:
    """A list of columns."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def same_place(source: Source, stored: str, typed: str) -> sql.Composed:
    """That a row of a bronze table and one of a typed file have the same key, and belong into the same partition."""
    same = [equal(source.key_and_partition, stored, typed)]
    if source.key_is_hashed:
        rest = [name for name in source.key_and_partition if name != EVENT_KEY]
        key = sql.SQL("{} = {}").format(sql.Identifier(stored, EVENT_KEY), sql.Identifier(typed, "key"))
        same = [key, equal(rest, stored, typed)]
    return sql.SQL(" and ").join(same)


def equal(columns: Iterable[str], left: str, right: str) -> sql.Composed:
    """That two tables agree in columns, none of which is NULL."""
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(left, name), sql.Identifier(right, name)) for name in columns
    )


def numbers(
    connection: psycopg.Connection, query: sql.SQL | sql.Composed, parameters: Mapping[str, object] | None = None
) -> tuple[int, ...]:
    """The one row of whole numbers that a query gives."""
    row = connection.execute(query, parameters).fetchone()
    assert row is not None  # noqa: S101 - an aggregate gives a row
    return tuple(int(value) for value in row)
