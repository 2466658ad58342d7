"""ops.rejected_rows: the rows that were not accepted, as they stood in the file, until they are resolved."""

from __future__ import annotations

from itertools import islice

import psycopg
from psycopg import sql

from include.ingestion.accounts import LoadContext
from include.ingestion.files import RawFile
from include.ingestion.judging import Judged
from include.ingestion.reading import Reading

BATCH = 10_000
LONGEST_KEY = 2400
"""Bytes; an index of Postgres holds 2,704 of a row."""


def keep_rejected(
    connection: psycopg.Connection, context: LoadContext, file: RawFile, judged: Judged, load_id: int
) -> None:
    """Keep the rejected rows of a file, instead of those that an earlier load of the same content rejected."""
    _resolve_earlier(connection, context, file, load_id)
    if not judged.rows_rejected:
        return
    _fetch_raw(connection, context, judged, file)
    connection.execute(
        sql.SQL(
            "insert into ops.rejected_rows (load_id, source, file, line, key, raw, reasons)"
            # The index of the keys could not hold a longer one.
            " select {load_id}, {source}, {file}, _line, case when octet_length(key) <= {longest} then key end, _raw,"
            " reasons"
            " from {typed} where not is_accepted order by _line, _record"
        ).format(
            load_id=sql.Literal(load_id),
            source=sql.Literal(context.source.table),
            file=sql.Literal(file.name),
            longest=sql.Literal(LONGEST_KEY),
            typed=judged.typed,
        )
    )


def _fetch_raw(connection: psycopg.Connection, context: LoadContext, judged: Judged, file: RawFile) -> None:
    """The bytes of the rows that looked good until they contradicted another one: they are read once more."""
    lines = connection.execute(
        sql.SQL("select _line from {} where not is_accepted and _raw is null").format(judged.typed)
    ).fetchall()
    wanted = {line for (line,) in lines}
    if not wanted:
        return
    query = sql.SQL(
        "update {} as typed set _raw = found.raw from unnest(%s::bigint[], %s::bytea[]) as found (line, raw)"
        " where typed._line = found.line"
    ).format(judged.typed)
    records = (record for record in Reading.of(context.source, file).records() if record.line in wanted)
    while batch := list(islice(records, BATCH)):
        connection.execute(query, [[record.line for record in batch], [record.raw for record in batch]])


def resolve(
    connection: psycopg.Connection, context: LoadContext, keys: sql.Composed, load_id: int, before: int
) -> None:
    """Close the open rejections, of loads before the load `before`, of the keys that a query gives.

    A row of theirs was accepted by the load `load_id`.
    """
    connection.execute(
        sql.SQL(
            "update ops.rejected_rows set resolved_at = clock_timestamp(), resolved_load_id = {load_id}"
            " where source = {source} and resolved_at is null and load_id < {before} and key in ({keys})"
        ).format(
            load_id=sql.Literal(load_id),
            source=sql.Literal(context.source.table),
            before=sql.Literal(before),
            keys=keys,
        )
    )


def _resolve_earlier(connection: psycopg.Connection, context: LoadContext, file: RawFile, load_id: int) -> None:
    connection.execute(
        """update ops.rejected_rows as rejected
        set resolved_at = clock_timestamp(), resolved_load_id = %(load_id)s
        from ops.file_loads as earlier
        where rejected.load_id = earlier.load_id and rejected.resolved_at is null and earlier.load_id <> %(load_id)s
            and earlier.source = %(source)s and earlier.sha256 = %(sha256)s""",
        {"load_id": load_id, "source": context.source.table, "sha256": file.sha256},
    )
