"""The changes of silver by which its models know what was touched: `ops.silver_changes`, and who has taken them in."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql

from include.warehouse.queries import numbers


def newest_change(connection: psycopg.Connection) -> int:
    """The newest change of silver, 0 when there is none. Waits for whoever changes silver at this moment."""
    with connection.transaction():
        # Held by every build of a silver model (macros/incremental.sql): nobody's older changes are still to come.
        connection.execute("select pg_advisory_xact_lock(hashtextextended('rollcall:silver', 0))")
        return numbers(connection, sql.SQL("select coalesce(max(change_id), 0) from ops.silver_changes"))[0]


def forget_taken_in(connection: psycopg.Connection, models: Iterable[str]) -> None:
    """Delete the changes that each of the silver `models`, which are all there are, has taken in, and that a
    publication has: until then the data tests look at them again.
    """
    with connection.transaction():
        connection.execute("delete from ops.silver_models where not model = any(%s)", [list(models)])
        connection.execute(
            "delete from ops.silver_changes where change_id <= least("
            " (select min(max_change_id) from ops.silver_models),"
            " (select coalesce(max(max_change_id), 0) from ops.publications))"
        )
