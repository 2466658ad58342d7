"""Replay: the rejected rows of loaded files, judged again and taken in where they are accepted now, each once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.ingestion import accounts, rejections
from include.ingestion.accounts import LoadContext
from include.ingestion.judging import Judged
from include.ingestion.kept_rows import accepted_ids, accepted_rows, judge_kept, open_rows
from include.ingestion.past_loads import FileNotAsItWasError, PastLoad, find_load, layout_of
from include.ingestion.snapshot import Snapshot
from include.ingestion.taking import Origin, take
from include.ingestion.transaction import prepare_transaction


@dataclass(frozen=True)
class ReplayResult:
    """What became of the open rejections of one file; `obstacle` says why they could not be read again."""

    load: PastLoad
    tried: int
    taken: int = 0
    replay_id: int | None = None
    obstacle: str | None = None

    def line(self) -> str:
        """One line for people: counts only."""
        if self.obstacle:
            return f"{self.load.source}: {self.tried:,} rejected rows are left: {self.obstacle}"
        under = f" as load {self.replay_id}" if self.replay_id else ""
        return (
            f"{self.load.source}: {self.load.file} (load {self.load.load_id}): {self.taken:,} of {self.tried:,} loaded"
            f"{under}, {self.tried - self.taken:,} still rejected"
        )


@dataclass(frozen=True)
class ReplayReport:
    """What became of the open rejections of a source; `refused_rows` of `refused_files` were left alone."""

    source: str
    results: tuple[ReplayResult, ...]
    refused_files: int
    refused_rows: int

    @property
    def taken(self) -> int:
        """Rows that were accepted."""
        return sum(result.taken for result in self.results)

    @property
    def left(self) -> int:
        """Rows of loaded files that are still rejected."""
        return sum(result.tried - result.taken for result in self.results)

    @property
    def obstacles(self) -> bool:
        """Whether rows could not even be read again."""
        return any(result.obstacle for result in self.results)

    def lines(self) -> list[str]:
        """Lines for people: one for each file with open rejections, one for what was left alone."""
        told = [result.line() for result in self.results]
        if self.refused_rows:
            told.append(
                f"{self.source}: {self.refused_rows:,} rejected rows of {self.refused_files:,} refused files are left"
                " alone: such a file is tried again whole, when it, its contract or a limit changes, or by name"
            )
        return told


def replay_lines(reports: Iterable[ReplayReport]) -> list[str]:
    """The lines of several sources, one when there are none."""
    return [line for report in reports for line in report.lines()] or ["no open rejections"]


def replay_source(connection: psycopg.Connection, context: LoadContext) -> ReplayReport:
    """Load the open rejections of a source again, a transaction for each file; the caller holds the source's lock."""
    found = _loads_with_rejections(connection, context)
    results = tuple(_replay_load(connection, context, load_id, tried) for load_id, tried in found)
    row = connection.execute(
        "select count(distinct load_id), count(*) from ops.rejected_rows inner join ops.file_loads using (load_id)"
        " where file_loads.source = %s and resolved_at is null and status = 'refused'",
        [context.source.table],
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate gives a row
    return ReplayReport(context.source.table, results, *row)


def _loads_with_rejections(connection: psycopg.Connection, context: LoadContext) -> list[tuple[int, int]]:
    """The loads that have open rejections, each with their number."""
    return connection.execute(
        "select load_id, count(*) from ops.rejected_rows inner join ops.file_loads using (load_id)"
        " where file_loads.source = %s and resolved_at is null and status = 'loaded' group by load_id order by load_id",
        [context.source.table],
    ).fetchall()


def _replay_load(connection: psycopg.Connection, context: LoadContext, load_id: int, tried: int) -> ReplayResult:
    load = find_load(connection, load_id)
    assert load is not None  # noqa: S101 - it has rejections
    with connection.transaction():
        prepare_transaction(connection, context.settings.timezone)
        try:
            layout = layout_of(context, load)
        except FileNotAsItWasError as error:
            return ReplayResult(load, tried, obstacle=str(error))
        judged = judge_kept(connection, context, layout, open_rows(connection, load_id), load.judged_at, 0)
        if not judged.rows_accepted:
            return ReplayResult(load, tried)
        replay_id = _take_in(connection, context, load, judged)
    return ReplayResult(load, tried, judged.rows_accepted, replay_id)


def _take_in(connection: psycopg.Connection, context: LoadContext, load: PastLoad, judged: Judged) -> int:
    replay_id = _open_account(connection, context, load, judged)
    taken = take(connection, context, judged, Origin(replay_id, load.file, context.started_at), rows_rejected=0)
    if load.snapshot_at:
        snapshot = Snapshot.of(connection, context, load.snapshot_at, is_whole=False)
        snapshot.mark_returned(judged.typed, replay_id)
    connection.execute(
        sql.SQL("update ops.rejected_rows set resolved_at = clock_timestamp(), resolved_load_id = %s where {}").format(
            accepted_ids(judged)
        ),
        [replay_id],
    )
    rejections.resolve(connection, context, taken.keys, replay_id, before=load.load_id)
    accounts.write_counts(connection, replay_id, taken.counts)
    return replay_id


def _open_account(connection: psycopg.Connection, context: LoadContext, load: PastLoad, judged: Judged) -> int:
    content, size = hashlib.sha256(f"replay of load {load.load_id}\n".encode()), 0
    for row in accepted_rows(connection, judged):
        content.update(f"{row.rejected_id} {len(row.raw)}\n".encode() + row.raw)
        size += len(row.raw)
    return accounts.open_replay(connection, context, load.load_id, content.hexdigest(), size)
