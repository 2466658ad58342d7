"""How far a dbt run may read: the newest load that every source has committed, and the unloads until then."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg

from include.ingestion.spec import Source
from include.warehouse.connection import source_lock


@dataclass(frozen=True)
class Bounds:
    """`max_load_id`: the highest load_id there is, 0 when nothing was loaded. `unloads`: per source, how many loads
    were taken out again: what a silver model had taken in of them is not in bronze any more.
    """

    max_load_id: int
    unloads: dict[str, int]


def read_bounds(connection: psycopg.Connection, sources: Iterable[Source]) -> Bounds:
    """The bounds of a run that begins now.

    Read while no source is being loaded: loads of different sources may commit out of the order of their ids, and
    a run that read past a load under way would never come back for it.
    """
    with ExitStack() as locks:
        for name in sorted(source.table for source in sources):
            locks.enter_context(source_lock(connection, name))
        row = connection.execute("select coalesce(max(load_id), 0) from ops.file_loads").fetchone()
        unloads = connection.execute(
            "select source, count(*) from ops.file_loads where status = 'unloaded' group by source order by source"
        ).fetchall()
    return Bounds(int(row[0]) if row else 0, dict(unloads))
