"""ops.rejected_rows: the rows that were not accepted, as they stood in the file, until they are resolved."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from include.ingestion.accounts import LoadContext
from include.ingestion.casting import MAX_ID_LENGTH
from include.ingestion.judging import Judged
from include.ingestion.raw_table import FIRST_RECORD, raw_records


def keep_rejected(connection: psycopg.Connection, context: LoadContext, judged: Judged, load_id: int) -> None:
    """Keep the rejected rows of a file, instead of those that an earlier load of the same content rejected."""
    _resolve_earlier(connection, context, judged, load_id)
    rejected = connection.execute(
        sql.SQL("select _record from {} where reasons <> '{{}}' order by _record").format(judged.typed)
    ).fetchall()
    if not rejected:
        return
    raws = sql.Identifier(f"raw_of_load_{load_id}")
    connection.execute(sql.SQL("create temporary table {} (_record bigint, raw bytea) on commit drop").format(raws))
    records = raw_records(context.source, judged.file, copied_as_bytes=judged.raw.copied_as_bytes)
    with connection.cursor().copy(sql.SQL("copy {} from stdin (format binary)").format(raws)) as copy:
        copy.set_types(["int8", "bytea"])
        for row in _picked(records, [number for (number,) in rejected]):
            copy.write_row(row)
    connection.execute(
        sql.SQL(
            "insert into ops.rejected_rows (load_id, source, file, line, key, raw, reasons)"
            # A longer key is no id, and the index of the keys could not hold it.
            " select {load_id}, {source}, {file}, _line, case when length(key) <= {longest} then key end, raw, reasons"
            " from {typed} inner join {raws} using (_record) order by _record"
        ).format(
            load_id=sql.Literal(load_id),
            source=sql.Literal(context.source.table),
            file=sql.Literal(judged.file.name),
            longest=sql.Literal(MAX_ID_LENGTH),
            typed=judged.typed,
            raws=raws,
        )
    )


def resolve_rejected(connection: psycopg.Connection, context: LoadContext, taken: sql.Composed, load_id: int) -> None:
    """Close the open rejections of the keys that the query `taken` gives: a row of theirs was accepted by this load."""
    connection.execute(
        sql.SQL(
            "update ops.rejected_rows set resolved_at = clock_timestamp(), resolved_load_id = {load_id}"
            " where source = {source} and resolved_at is null and load_id <> {load_id} and key in ({taken})"
        ).format(load_id=sql.Literal(load_id), source=sql.Literal(context.source.table), taken=taken)
    )


def _resolve_earlier(connection: psycopg.Connection, context: LoadContext, judged: Judged, load_id: int) -> None:
    connection.execute(
        """update ops.rejected_rows as rejected
        set resolved_at = clock_timestamp(), resolved_load_id = %(load_id)s
        from ops.file_loads as earlier
        where rejected.load_id = earlier.load_id and rejected.resolved_at is null and earlier.load_id <> %(load_id)s
            and earlier.source = %(source)s and earlier.sha256 = %(sha256)s""",
        {"load_id": load_id, "source": context.source.table, "sha256": judged.file.sha256},
    )


def _picked(raws: Iterator[bytes], numbers: list[int]) -> Iterator[tuple[int, bytes]]:
    wanted = iter(numbers)
    number = next(wanted, None)
    for position, raw in enumerate(raws, start=FIRST_RECORD):
        if position == number:
            yield position, raw
            number = next(wanted, None)
            if number is None:
                return
