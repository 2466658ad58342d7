"""The settings of a transaction that loads."""

from __future__ import annotations

import psycopg
from psycopg import sql

PLANNER = sql.SQL(
    # Its tables are new, and have no statistics: a plan that sorts them is never the best.
    "set local enable_mergejoin = off; set local jit = off; set local work_mem = '32MB';"
    " set local maintenance_work_mem = '128MB'"
)


def prepare_transaction(connection: psycopg.Connection, timezone: str) -> None:
    """Read naive timestamps in the zone of the school, and plan for tables that were just made."""
    connection.execute(PLANNER)
    connection.execute(sql.SQL("set local timezone to {}").format(sql.Literal(timezone)))
