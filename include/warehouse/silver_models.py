"""How far silver has come: `ops.silver_models`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import psycopg


def have_taken_in(connection: psycopg.Connection, models: Mapping[str, str], sources: Collection[str]) -> bool:
    """Whether each of the silver models, given with its fingerprint, has taken in all loads of these sources.

    Before the first load there is nothing to take in.
    """
    newest = connection.execute(
        "select max(load_id) from ops.file_loads where status in ('loaded', 'unloaded') and source = any(%s)",
        [list(sources)],
    ).fetchall()[0][0]
    up_to_date = connection.execute(
        "select model, fingerprint from ops.silver_models where max_load_id >= %s", [newest]
    ).fetchall()
    return newest is None or models.items() <= dict(up_to_date).items()
