"""How far a dbt run may read: the newest load that every source has committed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack

import psycopg

from include.ingestion.spec import Source
from include.warehouse.connection import source_lock


def newest_load_id(connection: psycopg.Connection, sources: Iterable[Source]) -> int:
    """The highest load_id there is, 0 when nothing was loaded.

    Read while no source is being loaded: loads of different sources may commit out of the order of their ids, and
    a run that read past a load under way would never come back for it.
    """
    with ExitStack() as locks:
        for name in sorted(source.table for source in sources):
            locks.enter_context(source_lock(connection, name))
        row = connection.execute("select coalesce(max(load_id), 0) from ops.file_loads").fetchone()
    return int(row[0]) if row else 0
