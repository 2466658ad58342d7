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
    coalesce((select max(load_id) from ops.file_loads where source = any(%(sources)s)), 0)
"""


@dataclass(frozen=True)
class Window:
    """The loads that one run of a checkpoint looks at: later than `after`, up to and with `newest`."""

    table: CheckedTable
    exists: bool
    after: int
    newest: int

    def query(self) -> str:
        """The rows of those loads as a query."""
        return (
            sql.SQL("select * from {} where {} > {} and {} <= {}")
            .format(
                sql.Identifier(self.table.schema, self.table.table),
                sql.Identifier(self.table.new_rows_by or ""),
                sql.Literal(self.after),
                sql.Identifier(self.table.new_rows_by or ""),
                sql.Literal(self.newest),
            )
            .as_string()
        )


def open_windows(connection: psycopg.Connection, checkpoint: str, tables: Iterable[CheckedTable]) -> tuple[Window, ...]:
    """What the checkpoint has not yet let pass, per table; a batch that failed is part of it again."""
    return tuple(_window(connection, checkpoint, table) for table in tables)


def _window(connection: psycopg.Connection, checkpoint: str, table: CheckedTable) -> Window:
    values = {"name": table.name, "checkpoint": checkpoint, "table": table.table, "sources": list(table.sources)}
    row = connection.execute(WINDOW, values).fetchone()
    if row is None:
        raise LookupError(f"{table.name}: the warehouse gave no window")
    exists, after, newest = row
    if exists and table.schema == "silver" and table.new_rows_by:
        newest = _taken_in(connection, table)
    return Window(table, exists=exists, after=after, newest=newest)


def _taken_in(connection: psycopg.Connection, table: CheckedTable) -> int:
    """The newest load that a silver table holds: bronze may be ahead of it, and what is not there is not checked."""
    row = connection.execute(
        sql.SQL("select coalesce(max({}), 0) from {}").format(
            sql.Identifier(table.new_rows_by or ""), sql.Identifier(table.schema, table.table)
        )
    ).fetchone()
    return int(row[0]) if row else 0


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
