"""Pieces of SQL that queries are built with, and the numbers that they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql


def names(columns: Iterable[str]) -> sql.Composed:
    """A list of columns."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def numbers(
    connection: psycopg.Connection, query: sql.SQL | sql.Composed, parameters: Mapping[str, object] | None = None
) -> tuple[int, ...]:
    """The one row of whole numbers that a query gives."""
    row = connection.execute(query, parameters).fetchone()
    assert row is not None  # noqa: S101 - an aggregate gives a row
    return tuple(int(value) for value in row)
