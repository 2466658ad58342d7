"""The judging of a file: its rows cast and checked in a temporary table, before anything is written to bronze."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from include.ingestion.accounts import LoadContext
from include.ingestion.canonical import row_hash
from include.ingestion.casting import judged_insert
from include.ingestion.files import RawFile
from include.ingestion.latest import Latest
from include.ingestion.raw_table import RecordSpool, raw_table
from include.ingestion.reading import Reading
from include.ingestion.records import FileRefusedError, Record
from include.ingestion.spec import Layout, Source
from include.ingestion.sure_rows import KeyOrder
from include.ingestion.typed_table import SureRows, Target, copy_sure, create_typed
from include.warehouse.queries import equal, names, numbers

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judged:
    """Rows that are cast and judged, in the temporary table `typed`; those with reasons are rejected.

    `layout`: of the file's records. `rows_sure`: how many of the rows were sure to be good; the others stand in
    `typed` in any case, these may stand in bronze already. `keys_ascend`: so that no accepted key is there twice.
    """

    layout: Layout
    undeclared: frozenset[str]
    typed: sql.Identifier
    rows_read: int
    rows_rejected: int
    rows_sure: int
    keys_ascend: bool = False

    @property
    def rows_accepted(self) -> int:
        """Rows that are not rejected."""
        return self.rows_read - self.rows_rejected


def judge(
    connection: psycopg.Connection, context: LoadContext, file: RawFile, number: int, *, closely: bool = False
) -> Judged:
    """A file, judged in temporary tables of that number; `closely`: every record, also one that is sure to be good.

    Raises:
        FileRefusedError: it cannot be read, its header is not the contract's, or nothing may be loaded from it.
    """
    try:
        return judge_into(connection, context, file, number, closely=closely)
    except psycopg.DataError:
        # What looks good to us and not to Postgres is looked at closely, so that it costs itself only.
        log.warning("%s: not every line that looked good can be taken as it stands; each is looked at", file.name)
        return judge_into(connection, context, file, number, closely=True)


def judge_into(
    connection: psycopg.Connection,
    context: LoadContext,
    file: RawFile,
    number: int,
    into: Target | None = None,
    *,
    closely: bool = False,
) -> Judged:
    """The same; `into` takes the rows that are sure to be good, instead of the temporary table.

    Raises:
        FileRefusedError: as above.
        psycopg.DataError: Postgres does not take such a row.
    """
    source = context.source
    if file.fault:
        raise FileRefusedError(file.fault)
    if file.is_empty and source.strategy == "full_load_upsert":
        raise FileRefusedError("the file is empty: a full load of nothing would mark every id as missing")
    latest = Latest.of(file.arrived_at, context.zone)
    # A savepoint, because a reader may refuse the file in the middle of a COPY.
    with connection.transaction(), RecordSpool() as spool:
        reading = Reading.of(source, file)
        typed, target = create_typed(connection, source, reading.layout, f"typed_{number}")
        into = into or target
        order = KeyOrder(source, reading.layout.header)
        sure = copy_sure(
            connection, into, _without_records(reading.pieces(latest, into.tail, order, closely=closely), spool)
        )
        _judge_records(connection, context, reading.layout, spool, typed, latest)
    # Where every row is good, and no key there twice, there is nothing to reject.
    rejected = 0 if order.ascends and not spool.count else _rejected(connection, source, typed)
    undeclared = frozenset(reading.undeclared)
    ascends = order.ascends and rejected == spool.count
    return Judged(reading.layout, undeclared, typed, sure + spool.count, rejected, sure, ascends)


def judge_records(
    connection: psycopg.Connection,
    context: LoadContext,
    layout: Layout,
    records: Iterable[tuple[int, Record]],
    arrived_at: datetime,
    number: int,
) -> Judged:
    """Records of a file with that layout, each with its `_record`, judged as when the file arrived."""
    source, latest = context.source, Latest.of(arrived_at, context.zone)
    typed, _ = create_typed(connection, source, layout, f"typed_{number}")
    with RecordSpool() as spool:
        for number_of_record, record in records:
            spool.add(record, number_of_record)
        _judge_records(connection, context, layout, spool, typed, latest)
    undeclared = frozenset(layout.header).difference(source.column_names)
    return Judged(layout, undeclared, typed, spool.count, _rejected(connection, source, typed), 0)


def _without_records(pieces: Iterable[SureRows | Record], spool: RecordSpool) -> Iterator[SureRows]:
    """The sure rows; the other records go to the spool."""
    for piece in pieces:
        if isinstance(piece, SureRows):
            yield piece
        else:
            spool.add(piece)


def _judge_records(
    connection: psycopg.Connection,
    context: LoadContext,
    layout: Layout,
    spool: RecordSpool,
    typed: sql.Identifier,
    latest: Latest,
) -> None:
    if spool.count:
        longest = context.settings.limits.max_field_bytes
        raw = raw_table(context.source, layout, f"raw_of_{typed.as_string()[1:-1]}")
        spool.copy_to(connection, raw)
        connection.execute(judged_insert(context.source, raw, typed, latest, longest))


def _rejected(connection: psycopg.Connection, source: Source, typed: sql.Identifier) -> int:
    """The number of rejected rows, with those that contradict each other."""
    if source.strategy == "full_load_upsert":
        connection.execute(conflicts_update(source, typed))
    (rejected,) = numbers(connection, sql.SQL("select count(*) from {} where not is_accepted").format(typed))
    return rejected


def conflicts_update(source: Source, typed: sql.Identifier) -> sql.Composed:
    """Rejects rows of one file that give one key and version different contents: which one is right nobody can say."""
    return sql.SQL(
        """update {typed} as typed
set reasons = array['conflicting_id_in_file']
from (
    select {key}, {version}
    from {typed} as typed
    where is_accepted
    group by {key}, {version}
    having count(distinct {row_hash}) > 1
) as conflicts
where typed.is_accepted and {same_key} and typed.{version} is not distinct from conflicts.{version}"""
    ).format(
        typed=typed,
        key=names(source.key),
        version=sql.Identifier(source.version),
        row_hash=row_hash(source, "typed"),
        same_key=equal(source.key, "typed", "conflicts"),
    )


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
