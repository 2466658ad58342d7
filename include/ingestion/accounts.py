"""The accounts of a load in ops.file_loads: what became of each file, and what a file is judged by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from include.ingestion.files import RawFile
from include.ingestion.header import told
from include.ingestion.report import FileResult, RowCounts
from include.ingestion.spec import Source
from include.settings import Settings


@dataclass(frozen=True)
class LoadContext:
    """What every account of one run carries; `by_name` when somebody asked for just these files."""

    source: Source
    settings: Settings
    dag_run_id: str | None
    by_name: bool = False
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the school."""
        return ZoneInfo(self.settings.timezone)

    @property
    def contract(self) -> str:
        """The fingerprint of what a file is judged by: columns, codes, what it speaks of, and limits."""
        columns = [
            {**asdict(column), "allowed": column.allowed() if column.allowed else None}
            for column in self.source.columns
        ]
        limits = (
            self.settings.max_rejected_share,
            self.settings.max_missing_share,
            self.settings.min_rows_for_share,
            self.settings.timezone,
            self.settings.limits,
        )
        return hashlib.sha256(repr((columns, self.source.covers, limits)).encode()).hexdigest()


def is_snapshot_of_a_day(context: LoadContext, file: RawFile) -> bool:
    """Whether the name of a file says of which day it is the full load."""
    return context.source.strategy == "full_load_upsert" and file.is_dated


def earlier_verdict(connection: psycopg.Connection, context: LoadContext, file: RawFile) -> FileResult | None:
    """Why a file need not be looked at again, or None when it is to be loaded.

    A file that was asked for by name is skipped only when it is loaded already. The same content may be another
    snapshot: when its name says another date, or when its name stood for other content since.
    """
    row = connection.execute(
        """select load_id, status, contract = %(contract)s from ops.file_loads
        where source = %(source)s and sha256 = %(sha256)s and status in ('loaded', 'refused', 'unloaded')
            and (not %(is_snapshot)s or file = %(file)s or (snapshot_at at time zone %(zone)s)::date = %(day)s)
        order by load_id desc limit 1""",
        _looked_for(context, file),
    ).fetchone()
    if row is None:
        return None
    load_id, status, same_contract = row
    if status != "loaded" and (context.by_name or (status == "refused" and not same_contract)):
        return None
    if status == "loaded" and _is_content_again(connection, context, file):
        return None
    messages = {
        "loaded": f"already loaded as load {load_id}",
        "refused": f"still refused, see load {load_id} in ops.file_loads",
        "unloaded": f"unloaded (it was load {load_id}); load it by name to bring it back",
    }
    return FileResult(file.name, "skipped", message=messages[status], earlier=status)


def _is_content_again(connection: psycopg.Connection, context: LoadContext, file: RawFile) -> bool:
    """Whether a full load without a date in its name goes back to content that the file of this name had before."""
    if context.source.strategy == "append_dedupe" or file.is_dated:
        return False
    row = connection.execute(
        """select sha256 <> %(sha256)s and snapshot_at < %(snapshot_at)s from ops.file_loads
        where source = %(source)s and file = %(file)s and status = 'loaded' and replay_of is null
        order by load_id desc limit 1""",
        _looked_for(context, file),
    ).fetchone()
    return bool(row and row[0])


def _looked_for(context: LoadContext, file: RawFile) -> dict[str, object]:
    return {
        "source": context.source.table,
        "contract": context.contract,
        "file": file.name,
        "sha256": file.sha256,
        "snapshot_at": file.snapshot_at,
        "zone": context.settings.timezone,
        "day": file.snapshot_at.astimezone(context.zone).date(),
        "is_snapshot": is_snapshot_of_a_day(context, file),
    }


def open_account(connection: psycopg.Connection, context: LoadContext, file: RawFile) -> int:
    """A load record for a file that is being loaded; returns its load_id."""
    return _insert_account(connection, context, file, "loaded", None)


def open_replay(connection: psycopg.Connection, context: LoadContext, load_id: int, sha256: str, size: int) -> int:
    """A load record for rejected rows of a load that are taken in now; returns its load_id.

    `sha256`, `size`: of what is taken in, in bytes.
    """
    row = connection.execute(
        """insert into ops.file_loads
            (source, file, snapshot_at, arrived_at, replay_of, sha256, bytes, status, contract, started_at, finished_at,
            dag_run_id)
        select source, file, snapshot_at, arrived_at, load_id, %s, %s, 'loaded', %s, %s, clock_timestamp(), %s
        from ops.file_loads where load_id = %s returning load_id""",
        (sha256, size, context.contract, context.started_at, context.dag_run_id, load_id),
    ).fetchone()
    assert row is not None  # noqa: S101 - the load is there
    return int(row[0])


def write_counts(connection: psycopg.Connection, load_id: int, counts: RowCounts) -> None:
    """Write the counts of a load; Postgres refuses them unless every row read is accounted for."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(count)) for name, count in asdict(counts).items()
    )
    connection.execute(sql.SQL("update ops.file_loads set {} where load_id = %s").format(assignments), [load_id])


def close_account(
    connection: psycopg.Connection,
    load_id: int,
    counts: RowCounts,
    header: list[str] | None,
    undeclared: Iterable[str],
) -> None:
    """Write what is known of a file at its end.

    `header`: the columns of a CSV in their order; its rejected rows can be read again by them.
    """
    write_counts(connection, load_id, counts)
    connection.execute(
        "update ops.file_loads set header = %s, undeclared_columns = %s, finished_at = clock_timestamp()"
        " where load_id = %s",
        [header, told(sorted(undeclared)), load_id],
    )


def set_status(connection: psycopg.Connection, status: Literal["loaded", "unloaded"], load_ids: list[int]) -> None:
    """Say of loads whether they are in bronze."""
    connection.execute("update ops.file_loads set status = %s where load_id = any(%s)", [status, load_ids])


def account_failure(
    connection: psycopg.Connection,
    context: LoadContext,
    file: RawFile,
    status: Literal["refused", "failed"],
    message: str,
) -> int | None:
    """A load record for a file that was not loaded; returns its load_id.

    None for a file whose bytes could not be read: without their hash nothing can be said of them later.
    """
    if file.sha256 is None:
        return None
    return _insert_account(connection, context, file, status, message)


def _insert_account(
    connection: psycopg.Connection, context: LoadContext, file: RawFile, status: str, error: str | None
) -> int:
    row = connection.execute(
        """insert into ops.file_loads
            (source, file, sha256, bytes, status, contract, snapshot_at, arrived_at, error, started_at, finished_at,
            dag_run_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp(), %s) returning load_id""",
        (
            context.source.table,
            file.name,
            file.sha256,
            file.bytes,
            status,
            context.contract,
            file.snapshot_at if context.source.strategy == "full_load_upsert" else None,
            file.arrived_at,
            error,
            context.started_at,
            context.dag_run_id,
        ),
    ).fetchone()
    assert row is not None  # noqa: S101 - insert … returning gives a row
    return int(row[0])
