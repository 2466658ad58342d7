"""The judging of a file: its rows cast and checked in a temporary table, before anything is written to bronze."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import psycopg
from psycopg import sql

from include.ingestion import merging
from include.ingestion.accounts import LoadContext
from include.ingestion.casting import cast_query
from include.ingestion.files import RawFile
from include.ingestion.raw_table import RawTable, copy_raw
from include.ingestion.records import FileRefusedError
from include.warehouse.queries import numbers


@dataclass(frozen=True)
class Judged:
    """A file whose rows are cast and judged, in the temporary table `typed`."""

    file: RawFile
    raw: RawTable
    typed: sql.Identifier
    rows_read: int
    rows_rejected: int


def judge(connection: psycopg.Connection, context: LoadContext, file: RawFile, number: int) -> Judged:
    """A file, judged in temporary tables of that number.

    Raises:
        FileRefusedError: it cannot be read, its header is not the contract's, or nothing may be loaded from it.
    """
    source = context.source
    if file.fault:
        raise FileRefusedError(file.fault)
    if file.is_empty and source.strategy == "full_load_upsert":
        raise FileRefusedError("the file is empty: a full load of nothing would mark every id as missing")
    # A savepoint, because a reader may refuse the file in the middle of a COPY.
    with connection.transaction():
        raw = copy_raw(connection, source, file, f"raw_{number}")
    typed = sql.Identifier(f"typed_{number}")
    latest = file.arrived_at.astimezone(context.zone).date() + timedelta(days=1)
    connection.execute(
        sql.SQL("create temporary table {} on commit drop as\n{}").format(typed, cast_query(source, raw, latest))
    )
    if source.strategy == "full_load_upsert":
        connection.execute(merging.conflicts_update(source, typed))
    connection.execute(sql.SQL("analyze {}").format(typed))
    read, rejected = numbers(
        connection, sql.SQL("select count(*), count(*) filter (where reasons <> '{{}}') from {}").format(typed)
    )
    return Judged(file, raw, typed, read, rejected)


def objection(connection: psycopg.Connection, context: LoadContext, judged: Judged) -> str | None:
    """Why a file that can be read is refused whole: it is without rows, or too many of them are rejected."""
    read, rejected, settings = judged.rows_read, judged.rows_rejected, context.settings
    if read == 0 and context.source.strategy == "full_load_upsert":
        return "the file has a header and no rows: a full load of nothing would mark every id as missing"
    share = rejected / read if read else 0
    if share <= settings.max_rejected_share or rejected < settings.min_rows_for_share:
        return None
    reasons = connection.execute(
        sql.SQL(
            "select reason, count(*) from {} cross join unnest(reasons) as reason"
            " group by reason order by count(*) desc, reason"
        ).format(judged.typed)
    ).fetchall()
    told = ", ".join(f"{reason} {count:,}" for reason, count in reasons)
    return (
        f"{rejected:,} of {read:,} rows are rejected ({share:.1%}; ROLLCALL_MAX_REJECTED_SHARE is"
        f" {settings.max_rejected_share:.1%}): {told}"
    )
