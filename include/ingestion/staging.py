"""A raw file into a temporary all-text table, by COPY; one row for each record, readable or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.ingestion.csv_reader import csv_records, read_header
from include.ingestion.files import CHUNK, RawFile
from include.ingestion.json_reader import json_records
from include.ingestion.records import FileRefusedError, Record, without_ending
from include.ingestion.spec import Source

EXTRA = "_extra"


@dataclass(frozen=True)
class Staged:
    """A file in its temporary table: `_record` (its number, the first being 2), `_line`, `_problem`, the text cells.

    `cells`: for each declared column the staged column that holds it, or None when the file has none.
    `undeclared`: for each other column of the file the staged column that holds it; of JSON files, the names only.
    """

    table: sql.Identifier
    cells: dict[str, str | None]
    undeclared: dict[str, str | None]
    copied_as_bytes: bool


def stage(connection: psycopg.Connection, source: Source, file: RawFile, table: str) -> Staged:
    """The file, staged in the temporary table of that name.

    Raises:
        FileRefusedError: the header is not the contract's, or the file cannot be read at all.
    """
    if source.format == "json":
        return _stage_json(connection, source, file, sql.Identifier(table))
    return _stage_csv(connection, source, file, sql.Identifier(table))


def check_header(source: Source, header: Iterable[str]) -> None:
    """Compare the columns of a file with the contract.

    Raises:
        FileRefusedError: names the columns that are missing and those that are unexpected.
    """
    header = list(header)
    repeated = sorted(name for name, count in Counter(header).items() if count > 1)
    if repeated:
        raise FileRefusedError(f"duplicate columns in the header: {', '.join(repeated)}")
    missing = [column.name for column in source.columns if not column.optional and column.name not in header]
    unexpected = [name for name in header if name not in source.column_names]
    if missing and len(unexpected) == len(header):
        # What stands there is probably a row of data: it is not repeated in a message.
        raise FileRefusedError(f"no header: the first line names none of the columns; expected: {', '.join(missing)}")
    if missing:
        raise FileRefusedError(f"missing: {', '.join(missing)}; unexpected: {', '.join(unexpected) or 'none'}")


def raw_records(source: Source, file: RawFile, *, copied_as_bytes: bool) -> Iterator[bytes]:
    """The bytes of each record, as they stand in the file, in the order in which they were staged."""
    if copied_as_bytes:
        with file.open() as stream:
            stream.readline()
            yield from map(without_ending, stream)
    elif source.format == "json":
        yield from (record.raw for record in json_records(file, source.column_names, set()))
    else:
        yield from (record.raw for record in csv_records(file, len(read_header(file))))


def _stage_csv(connection: psycopg.Connection, source: Source, file: RawFile, table: sql.Identifier) -> Staged:
    header = read_header(file)
    check_header(source, header)
    cells = [f"c{position}" for position in range(len(header))]
    _create(connection, table, cells)
    copied_as_bytes = file.is_plain and _copy_bytes(connection, table, cells, file)
    if not copied_as_bytes:
        _copy_records(connection, table, cells, csv_records(file, len(header)))
    place = dict(zip(header, cells, strict=True))
    return Staged(
        table,
        {name: place.get(name) for name in source.column_names},
        {name: cell for name, cell in place.items() if name not in source.column_names},
        copied_as_bytes,
    )


def _stage_json(connection: psycopg.Connection, source: Source, file: RawFile, table: sql.Identifier) -> Staged:
    names = source.column_names
    cells = [f"c{position}" for position in range(len(names))]
    _create(connection, table, [*cells, EXTRA])
    seen: set[str] = set()
    _copy_records(connection, table, [*cells, EXTRA], json_records(file, names, seen))
    if seen:
        check_header(source, sorted(seen))
    return Staged(
        table, dict(zip(names, cells, strict=True)), dict.fromkeys(sorted(seen - set(names))), copied_as_bytes=False
    )


def _create(connection: psycopg.Connection, table: sql.Identifier, cells: list[str]) -> None:
    # Where COPY splits the lines, the number of a record is its line: the header is line 1.
    connection.execute(
        sql.SQL(
            "create temporary table {} (_record bigint generated always as identity (start with 2),"
            " _line bigint, _problem text, {}) on commit drop"
        ).format(table, sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(cell)) for cell in cells))
    )


def _copy_bytes(connection: psycopg.Connection, table: sql.Identifier, cells: list[str], file: RawFile) -> bool:
    """The fast path: Postgres splits the lines. Returns False when a line is ragged: each record is then looked at."""
    command = sql.SQL("copy {} ({}) from stdin (format csv, null '')").format(table, _names(cells))
    try:
        with connection.transaction(), connection.cursor().copy(command) as copy, file.open() as stream:
            stream.readline()
            for chunk in iter(lambda: stream.read(CHUNK), b""):
                copy.write(chunk)
    except psycopg.errors.BadCopyFileFormat:
        return False
    return True


def _copy_records(
    connection: psycopg.Connection, table: sql.Identifier, cells: list[str], records: Iterable[Record]
) -> None:
    command = sql.SQL("copy {} (_line, _problem, {}) from stdin").format(table, _names(cells))
    with connection.cursor().copy(command) as copy:
        for record in records:
            copy.write_row((record.line, record.problem, *record.cells))


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
