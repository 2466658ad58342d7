"""The judging of a file: its rows cast and checked in a temporary table, before anything is written to bronze."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg
from psycopg import sql

from include.ingestion import merging
from include.ingestion.accounts import LoadContext
from include.ingestion.casting import judged_insert
from include.ingestion.files import RawFile
from include.ingestion.raw_table import RecordSpool, raw_table
from include.ingestion.reading import KeyOrder, Reading
from include.ingestion.records import FileRefusedError, Record
from include.ingestion.spec import Source
from include.ingestion.typed_table import SureRows, Target, copy_sure, create_typed
from include.warehouse.queries import numbers


@dataclass(frozen=True)
class Judged:
    """Rows that are cast and judged, in the temporary table `typed`; those with reasons are rejected.

    `header`: the columns of the file. `rows_sure`: how many of the rows were sure to be good; the others stand in
    `typed` in any case, these may stand in bronze already. `keys_ascend`: so that no accepted key is there twice.
    """

    header: list[str]
    undeclared: frozenset[str]
    typed: sql.Identifier
    rows_read: int
    rows_rejected: int
    rows_sure: int
    keys_ascend: bool = False


def judge(
    connection: psycopg.Connection, context: LoadContext, file: RawFile, number: int, into: Target | None = None
) -> Judged:
    """A file, judged in temporary tables of that number; `into` takes the rows that are sure to be good instead.

    Raises:
        FileRefusedError: it cannot be read, its header is not the contract's, or nothing may be loaded from it.
    """
    source = context.source
    if file.fault:
        raise FileRefusedError(file.fault)
    if file.is_empty and source.strategy == "full_load_upsert":
        raise FileRefusedError("the file is empty: a full load of nothing would mark every id as missing")
    latest = _latest(context, file.arrived_at)
    # A savepoint, because a reader may refuse the file in the middle of a COPY.
    with connection.transaction(), RecordSpool() as spool:
        reading = Reading.of(source, file)
        typed, target = create_typed(connection, source, reading.header, f"typed_{number}")
        into = into or target
        order = KeyOrder(source, reading.header)
        sure = copy_sure(connection, into, _without_records(reading.pieces(latest, into.tail, order), spool))
        _judge_records(connection, source, reading.header, spool, typed, latest)
    # Where every row is good, and no key there twice, there is nothing to reject.
    rejected = 0 if order.ascends and not spool.count else _rejected(connection, source, typed)
    undeclared = frozenset(reading.undeclared)
    ascends = order.ascends and rejected == spool.count
    return Judged(reading.header, undeclared, typed, sure + spool.count, rejected, sure, ascends)


def judge_records(
    connection: psycopg.Connection,
    context: LoadContext,
    header: list[str],
    records: Iterable[Record],
    arrived_at: datetime,
    number: int,
) -> Judged:
    """Records of a file with that header, judged as when it arrived; `_record` numbers them from FIRST_RECORD."""
    source, latest = context.source, _latest(context, arrived_at)
    typed, _ = create_typed(connection, source, header, f"typed_{number}")
    with RecordSpool() as spool:
        for record in records:
            spool.add(record)
        _judge_records(connection, source, header, spool, typed, latest)
    undeclared = frozenset(header).difference(source.column_names)
    return Judged(header, undeclared, typed, spool.count, _rejected(connection, source, typed), 0)


def _latest(context: LoadContext, arrived_at: datetime) -> date:
    return arrived_at.astimezone(context.zone).date() + timedelta(days=1)


def _without_records(pieces: Iterable[SureRows | Record], spool: RecordSpool) -> Iterator[SureRows]:
    """The sure rows; the other records go to the spool."""
    for piece in pieces:
        if isinstance(piece, SureRows):
            yield piece
        else:
            spool.add(piece)


def _judge_records(
    connection: psycopg.Connection,
    source: Source,
    header: list[str],
    spool: RecordSpool,
    typed: sql.Identifier,
    latest: date,
) -> None:
    if spool.count:
        raw = raw_table(source, header, f"raw_of_{typed.as_string()[1:-1]}")
        spool.copy_to(connection, raw)
        connection.execute(judged_insert(source, raw, typed, latest))


def _rejected(connection: psycopg.Connection, source: Source, typed: sql.Identifier) -> int:
    """The number of rejected rows, with those that contradict each other."""
    if source.strategy == "full_load_upsert":
        connection.execute(merging.conflicts_update(source, typed))
    (rejected,) = numbers(connection, sql.SQL("select count(*) from {} where not is_accepted").format(typed))
    return rejected


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
