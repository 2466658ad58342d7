"""Which rows a checkpoint looks at, and the record of what it has seen in `ops.checkpoint_runs`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, LiteralString

import psycopg
from psycopg import sql

from expectations.table import CheckedTable

Outcome = Literal["passed", "warned", "failed"]

WINDOW: LiteralString = """
select
    to_regclass(%(name)s) is not null,
    coalesce((
        select max_load_id from ops.checkpoint_runs
        where checkpoint = %(checkpoint)s and table_name = %(table)s and outcome in ('passed', 'warned')
        order by checkpoint_run_id desc limit 1
    ), 0),
    case
        when %(is_silver)s then coalesce((select max_load_id from ops.silver_models where model = %(table)s), 0)
        else coalesce((select max(load_id) from ops.file_loads where source = any(%(sources)s)), 0)
    end
"""


@dataclass(frozen=True)
class Window:
    """The loads that one run of a checkpoint looks at: later than `after`, up to and with `newest`.

    Of silver, `newest` is the load up to which the table has taken in all sources: bronze may be ahead of it.
    """

    table: CheckedTable
    exists: bool
    after: int
    newest: int

    def query(self) -> str:
        """The rows of those loads as a query."""
        load_id = sql.Identifier(self.table.new_rows_by or "")
        return (
            sql.SQL("select {} from {} where {} > {} and {} <= {}")
            .format(
                sql.SQL(", ").join(map(sql.Identifier, self.table.columns)) if self.table.columns else sql.SQL("*"),
                sql.Identifier(self.table.schema, self.table.table),
                load_id,
                sql.Literal(self.after),
                load_id,
                sql.Literal(self.newest),
            )
            .as_string()
        )


def open_windows(connection: psycopg.Connection, checkpoint: str, tables: Iterable[CheckedTable]) -> tuple[Window, ...]:
    """What the checkpoint has not yet let pass, per table; a batch that failed is part of it again."""
    return tuple(_window(connection, checkpoint, table) for table in tables)


def _window(connection: psycopg.Connection, checkpoint: str, table: CheckedTable) -> Window:
    row = connection.execute(
        WINDOW,
        {
            "name": table.name,
            "checkpoint": checkpoint,
            "table": table.table,
            "is_silver": table.schema == "silver",
            "sources": list(table.sources),
        },
    ).fetchone()
    if row is None:
        raise LookupError(f"{table.name}: the warehouse gave no window")
    exists, after, newest = row
    return Window(table, exists=exists, after=after, newest=newest)


def record_runs(
    connection: psycopg.Connection,
    checkpoint: str,
    outcomes: Iterable[tuple[Window, Outcome, list[str]]],
    dag_run_id: str | None,
) -> None:
    """Leave one row per table in `ops.checkpoint_runs`, in one transaction, with the findings that name something."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.checkpoint_runs (checkpoint, table_name, max_load_id, outcome, dag_run_id, named_findings)"
            " values (%s, %s, %s, %s, %s, %s)",
            [
                (checkpoint, window.table.table, window.newest, outcome, dag_run_id, named)
                for window, outcome, named in outcomes
            ],
        )
