"""Rejected rows as they are kept in ops.rejected_rows, read and judged again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from include.ingestion import csv_reader, json_reader, judging
from include.ingestion.accounts import LoadContext
from include.ingestion.judging import Judged
from include.ingestion.object_cells import object_places, with_object_cells
from include.ingestion.records import Record
from include.ingestion.spec import Layout


@dataclass(frozen=True)
class KeptRow:
    """One rejected row: the line of its file on which it began, and its bytes."""

    rejected_id: int
    line: int
    raw: bytes


def open_rows(connection: psycopg.Connection, load_id: int) -> Iterator[KeptRow]:
    """The rows of a load that are rejected and not resolved, in the order of the file."""
    return _select(connection, sql.SQL("load_id = %s and resolved_at is null"), [load_id])


def rows_of_replay(connection: psycopg.Connection, load_id: int, replay_id: int) -> Iterator[KeptRow]:
    """The rejected rows of a load that a replay of it took in."""
    return _select(connection, sql.SQL("load_id = %s and resolved_load_id = %s"), [load_id, replay_id])


def accepted_rows(connection: psycopg.Connection, judged: Judged) -> Iterator[KeptRow]:
    """Those rows that `judge_kept` finds good."""
    return _select(connection, accepted_ids(judged), [])


def accepted_ids(judged: Judged) -> sql.Composed:
    """The condition that a row of ops.rejected_rows is one that `judge_kept` finds good."""
    return sql.SQL("rejected_id in (select _record from {} where is_accepted)").format(judged.typed)


def _select(
    connection: psycopg.Connection, condition: sql.SQL | sql.Composed, values: Sequence[object]
) -> Iterator[KeptRow]:
    """The rows that meet a condition, a few at a time, within a transaction."""
    query = sql.SQL("select rejected_id, line, raw from ops.rejected_rows where {} order by rejected_id")
    with connection.cursor("kept_rows", row_factory=class_row(KeptRow)) as cursor:
        yield from cursor.execute(query.format(condition), values)


def judge_kept(
    connection: psycopg.Connection,
    context: LoadContext,
    layout: Layout,
    rows: Iterable[KeptRow],
    arrived_at: datetime,
    number: int,
) -> Judged:
    """Rejected rows of one file, judged in temporary tables of that number; `_record` is the id of each."""
    records = ((row.rejected_id, _record(context, layout, row)) for row in rows)
    return judging.judge_records(connection, context, layout, records, arrived_at, number)


def _record(context: LoadContext, layout: Layout, row: KeptRow) -> Record:
    limits = context.settings.limits
    if layout.format == "csv":
        record = csv_reader.kept_record(row.raw, row.line, len(layout.header))
        return with_object_cells(record, object_places(context.source, layout), limits)
    return json_reader.kept_record(row.raw, row.line, layout, limits)
