"""The first file of an append source: its rows go straight into bronze, where there is nothing to compare with yet."""

from __future__ import annotations

import psycopg
from psycopg import sql

from include.ingestion import accounts, append_sql, judging, rejections
from include.ingestion.accounts import LoadContext
from include.ingestion.files import RawFile
from include.ingestion.judging import Judged
from include.ingestion.reading import Reading
from include.ingestion.records import FileRefusedError
from include.ingestion.report import FileResult, RowCounts
from include.ingestion.spec import Layout, Source
from include.ingestion.taking import Origin, close, keys_of_load
from include.ingestion.typed_table import Target
from include.warehouse.queries import bronze, numbers

PATIENCE = "1s"
"""How long to wait until nobody reads the empty table; it is closed to readers while its first file is loaded."""


UNFIT = (
    psycopg.errors.UniqueViolation,  # A row is there twice.
    psycopg.errors.LockNotAvailable,  # Somebody reads the table.
    psycopg.errors.DependentObjectsStillExist,  # A view depends on the key.
    psycopg.errors.UndefinedObject,  # The key has another name.
    psycopg.DataError,  # Postgres does not take a line as it stands.
)


class _NotStraightError(RuntimeError):
    """The file is to be loaded in the usual way, which knows what to do with it."""


def load_first(connection: psycopg.Connection, context: LoadContext, file: RawFile) -> FileResult | None:
    """What became of a file that was loaded into an empty table; None when it is to be loaded in the usual way.

    That is so when bronze holds rows, when the file has columns of its own, holds a row twice, or is refused.
    """
    source = context.source
    # Of a table in partitions the months must be known first, and texts are brought into normal form on their way.
    is_straight = source.strategy == "append_dedupe" and source.is_stored_as_read and not source.partition_by
    if not is_straight or _has_rows(connection, source):
        return None
    try:
        with connection.transaction():
            return _load(connection, context, file)
    except (_NotStraightError, FileRefusedError, *UNFIT):
        return None


def _load(connection: psycopg.Connection, context: LoadContext, file: RawFile) -> FileResult:
    source = context.source
    reading = Reading.of(source, file)
    if file.fault or reading.undeclared:
        raise _NotStraightError
    load_id = accounts.open_account(connection, context, file)
    # An index over all rows at once costs half of one that grows with each row.
    connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(PATIENCE)))
    connection.execute(append_sql.drop_key(source))
    connection.execute("set local lock_timeout = 0")
    judged = judging.judge_into(connection, context, file, 0, _target(source, reading.layout, load_id, file))
    if judging.objection(connection, context, judged):
        raise _NotStraightError
    counts = RowCounts(judged.rows_read, judged.rows_accepted, rows_rejected=judged.rows_rejected)
    if counts.rows_inserted > judged.rows_sure:
        _insert_judged(connection, source, judged, load_id, file)
    connection.execute(append_sql.add_key(source))
    if not judged.keys_ascend:
        (counts.tied_versions,) = numbers(connection, append_sql.tied_rows_query(source))
    rejections.resolve(connection, context, keys_of_load(source, load_id), load_id, before=load_id)
    close(connection, context, file, judged, load_id, counts)
    return FileResult(file.name, "loaded", load_id, counts, None, file.bytes)


def _insert_judged(connection: psycopg.Connection, source: Source, judged: Judged, load_id: int, file: RawFile) -> None:
    """Insert the accepted rows that were not sure to be good, at the moment at which COPY put the others there."""
    row = connection.execute("select now()").fetchone()
    assert row is not None  # noqa: S101 - such a query gives a row
    origin = Origin(load_id, file.name, row[0])
    connection.execute(append_sql.plain_insert(source, judged.typed), origin.parameters())


def _has_rows(connection: psycopg.Connection, source: Source) -> bool:
    query = sql.SQL("select count(*) from (select from {} limit 1) as present")
    return bool(*numbers(connection, query.format(bronze(source))))


def _target(source: Source, layout: Layout, load_id: int, file: RawFile) -> Target:
    extra = ("_extra",) if layout.has_extra else ()
    name = file.name.replace('"', '""')
    return Target(
        bronze(source),
        ("_source_line", *layout.header, *extra, "_load_id", "_source_file"),
        f',{load_id},"{name}"',
    )
