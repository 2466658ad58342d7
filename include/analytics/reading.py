"""How gold is read: as DataFrames, of one publication."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pandas as pd
import psycopg
from sqlalchemy import URL

from include.settings import load_settings
from include.warehouse.connection import connect, warehouse_url

DEFAULT_LIMIT = 10

_snapshot: ContextVar[psycopg.Connection | None] = ContextVar("snapshot", default=None)


@contextmanager
def one_publication(url: URL) -> Iterator[None]:
    """Whatever is read within the block is of the same publication, also when the next one comes meanwhile."""
    with connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        token = _snapshot.set(connection)
        try:
            yield
        finally:
            _snapshot.reset(token)


def read(query: str, *, limit: int | None = None, **parameters: str) -> pd.DataFrame:
    """The rows of a query, numeric as float; `%(limit)s` in it is the limit, of which None is no limit.

    Raises:
        ValueError: the limit is negative.
        psycopg.Error: the query cannot be run, for want of gold say.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit is {limit}; expected 0 or more rows, or None for all")
    connection = _snapshot.get()
    if connection is None:
        with one_publication(warehouse_url(load_settings())):
            return read(query, limit=limit, **parameters)
    cursor = connection.execute(query, {"limit": limit, **parameters})
    names = [column.name for column in cursor.description or []]
    return pd.DataFrame.from_records(cursor.fetchall(), columns=names, coerce_float=True)


def published_as_of() -> pd.DataFrame:
    """The day up to which gold counts, `as_of`, and when it was published; no row before the first publication, nor
    for a reader, who sees gold alone.
    """
    may_see = read("select has_schema_privilege('ops', 'usage') as may_see")
    if not may_see["may_see"].all():
        return pd.DataFrame(columns=["as_of", "published_at"])
    return read("select as_of, published_at from ops.publications order by publication_id desc limit 1")
