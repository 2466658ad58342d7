"""The accounts of a load: what became of each file and of each row, in ops."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal

import psycopg
from psycopg import sql

from include.ingestion.files import RawFile
from include.ingestion.spec import Source
from include.ingestion.staging import FIRST_RECORD, Staged, raw_records
from include.settings import Settings

FileStatus = Literal["loaded", "refused", "skipped", "waiting"]


@dataclass
class RowCounts:
    """What became of the rows of one file: rows_read is the sum of the six kinds that follow it."""

    rows_read: int = 0
    rows_inserted: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    rows_superseded: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    tied_versions: int = 0
    missing_ids: int = 0


@dataclass(frozen=True)
class FileResult:
    """What became of one file; `message` says why it was not loaded."""

    file: str
    status: FileStatus
    load_id: int | None = None
    counts: RowCounts = field(default_factory=RowCounts)
    message: str | None = None
    bytes: int = 0

    def line(self) -> str:
        """One line for people: counts only, never a value of a row."""
        if self.status != "loaded":
            return f"{self.file}: {self.status}: {self.message}"
        counts = ", ".join(
            f"{count:,} {name.removeprefix('rows_').replace('_', ' ')}"
            for name, count in asdict(self.counts).items()
            if count or name in ("rows_read", "rows_inserted")
        )
        return f"{self.file}: loaded as load {self.load_id}: {counts}"


@dataclass(frozen=True)
class LoadContext:
    """What every account of one run carries."""

    source: Source
    settings: Settings
    dag_run_id: str | None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def contract(self) -> str:
        """The fingerprint of what a file is judged by: columns, codes and limits."""
        columns = [
            {**asdict(column), "allowed": column.allowed() if column.allowed else None}
            for column in self.source.columns
        ]
        limits = (
            self.settings.max_rejected_share,
            self.settings.max_missing_share,
            self.settings.min_rows_for_share,
            self.settings.timezone,
        )
        return hashlib.sha256(repr((columns, limits)).encode()).hexdigest()


def earlier_verdict(connection: psycopg.Connection, context: LoadContext, file: RawFile) -> str | None:
    """Why a file need not be looked at again, or None when it is to be loaded."""
    row = connection.execute(
        "select load_id, status, contract = %(contract)s from ops.file_loads"
        " where source = %(source)s and sha256 = %(sha256)s and status in ('loaded', 'refused', 'unloaded')"
        " order by load_id desc limit 1",
        {"source": context.source.table, "sha256": file.sha256, "contract": context.contract},
    ).fetchone()
    if row is None:
        return None
    load_id, status, same_contract = row
    if status == "loaded":
        return f"already loaded as load {load_id}"
    if status == "unloaded":
        return f"taken out as load {load_id}; load it by name to bring it back"
    return f"still refused, see load {load_id} in ops.file_loads" if same_contract else None


def open_account(connection: psycopg.Connection, context: LoadContext, file: RawFile) -> int:
    """A load record for a file that is being loaded; returns its load_id."""
    return _insert_account(connection, context, file, "loaded", None)


def close_account(
    connection: psycopg.Connection, load_id: int, counts: RowCounts, undeclared_columns: list[str]
) -> None:
    """Write the counts of a loaded file; Postgres refuses them unless every row read is accounted for."""
    names = list(asdict(counts))
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in names
    )
    connection.execute(
        sql.SQL(
            "update ops.file_loads set {}, undeclared_columns = %(undeclared)s, finished_at = clock_timestamp()"
            " where load_id = %(load_id)s"
        ).format(assignments),
        {**asdict(counts), "undeclared": undeclared_columns, "load_id": load_id},
    )


def account_failure(
    connection: psycopg.Connection,
    context: LoadContext,
    file: RawFile,
    status: Literal["refused", "failed"],
    message: str,
) -> int:
    """A load record for a file that was not loaded; returns its load_id."""
    return _insert_account(connection, context, file, status, message)


def keep_rejected(
    connection: psycopg.Connection,
    context: LoadContext,
    file: RawFile,
    staged: Staged,
    typed: sql.Identifier,
    load_id: int,
) -> None:
    """Keep the rejected rows of a file: line, key, reasons, and the bytes as they stood."""
    numbers = [
        number
        for (number,) in connection.execute(
            sql.SQL("select _record from {} where reasons <> '{{}}' order by _record").format(typed)
        )
    ]
    if not numbers:
        return
    raws = sql.Identifier(f"raw_of_load_{load_id}")
    connection.execute(sql.SQL("create temporary table {} (_record bigint, raw bytea) on commit drop").format(raws))
    with connection.cursor().copy(sql.SQL("copy {} from stdin (format binary)").format(raws)) as copy:
        copy.set_types(["int8", "bytea"])
        for row in _picked(raw_records(context.source, file, copied_as_bytes=staged.copied_as_bytes), numbers):
            copy.write_row(row)
    connection.execute(
        sql.SQL(
            "insert into ops.rejected_rows (load_id, source, file, line, key, raw, reasons)"
            " select {load_id}, {source}, {file}, _line, key, raw, reasons"
            " from {typed} inner join {raws} using (_record) order by _record"
        ).format(
            load_id=sql.Literal(load_id),
            source=sql.Literal(context.source.table),
            file=sql.Literal(file.name),
            typed=typed,
            raws=raws,
        )
    )


def resolve_rejected(connection: psycopg.Connection, source: Source, taken: sql.Composed, load_id: int) -> None:
    """Close the open rejections of the keys that the query `taken` gives: a row of theirs was accepted by this load."""
    connection.execute(
        sql.SQL(
            "update ops.rejected_rows set resolved_at = clock_timestamp(), resolved_load_id = {load_id}"
            " where source = {source} and resolved_at is null and load_id <> {load_id} and key in ({taken})"
        ).format(load_id=sql.Literal(load_id), source=sql.Literal(source.table), taken=taken)
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


def _insert_account(
    connection: psycopg.Connection, context: LoadContext, file: RawFile, status: str, error: str | None
) -> int:
    row = connection.execute(
        """insert into ops.file_loads
            (source, file, sha256, bytes, status, contract, snapshot_at, error, started_at, finished_at, dag_run_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp(), %s) returning load_id""",
        (
            context.source.table,
            file.name,
            file.sha256,
            file.bytes,
            status,
            context.contract,
            file.snapshot_at if context.source.strategy == "full_load_upsert" else None,
            error,
            context.started_at,
            context.dag_run_id,
        ),
    ).fetchone()
    assert row is not None  # noqa: S101 - insert … returning gives a row
    return int(row[0])
