"""Loading the new files of a source into bronze: judged first, then taken in, in one transaction a file or snapshot."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from include.ingestion import accounts, merging
from include.ingestion.accounts import FileResult, LoadContext, RowCounts
from include.ingestion.casting import cast_query
from include.ingestion.files import RawFile, files_of, inspect
from include.ingestion.records import FileRefusedError
from include.ingestion.spec import Source
from include.ingestion.staging import Staged, stage
from include.ingestion.strategies import STRATEGIES, Snapshot
from include.settings import Settings
from include.warehouse.connection import describe_error


class LoadFailedError(RuntimeError):
    """Loading broke off; nothing of the file or snapshot was taken in. The message holds no value of any row."""


class _FileChangedError(RuntimeError):
    """A file was written to while it was loaded."""


@dataclass(frozen=True)
class SourceReport:
    """What became of every file of one source."""

    source: str
    results: tuple[FileResult, ...]

    @property
    def refused(self) -> tuple[FileResult, ...]:
        """The files that this run refused."""
        return tuple(result for result in self.results if result.status == "refused")

    @property
    def rows_read(self) -> int:
        """Rows read in the files that were loaded."""
        return sum(result.counts.rows_read for result in self.results if result.status == "loaded")

    @property
    def rows_rejected(self) -> int:
        """Rows rejected, in loaded and in refused files."""
        return sum(result.counts.rows_rejected for result in self.results)

    @property
    def bytes_loaded(self) -> int:
        """Bytes of the files that were loaded, as they stand in the raw folder."""
        return sum(result.bytes for result in self.results if result.status == "loaded")

    def lines(self) -> list[str]:
        """Lines for people: one for each file that is new, one that counts the others."""
        told = [result.line() for result in self.results if result.status != "skipped"]
        warned = [
            result.line() for result in self.results if result.status == "skipped" and "refused" in str(result.message)
        ]
        known = sum(result.status == "skipped" for result in self.results) - len(warned)
        return [*told, *warned, *([f"{known:,} files were already loaded"] if known else [])] or ["no file"]


def load_source(
    connection: psycopg.Connection,
    source: Source,
    settings: Settings,
    *,
    files: list[Path] | None = None,
    dag_run_id: str | None = None,
) -> SourceReport:
    """Load the files of a source that are not loaded yet, or just `files`, onto an autocommit connection.

    The caller holds the lock of the source.

    Raises:
        LoadFailedError: the database or the disk failed; the files before it stay loaded, it leaves nothing behind.
    """
    context = LoadContext(source, settings, dag_run_id)
    results: list[FileResult] = []
    fresh: list[RawFile] = []
    for path in files if files is not None else files_of(source, settings.raw_dir):
        result = _first_look(connection, context, path)
        if isinstance(result, RawFile):
            fresh.append(result)
        else:
            results.append(result)
    for group in _groups(source, fresh):
        results.extend(_load_once(connection, context, group))
    return SourceReport(source.table, tuple(results))


def _first_look(connection: psycopg.Connection, context: LoadContext, path: Path) -> RawFile | FileResult:
    try:
        file = inspect(path, context.settings.raw_dir)
    except (OSError, EOFError) as error:
        raise LoadFailedError(f"cannot read {path.name}: {type(error).__name__}") from None
    if file is None:
        return FileResult(path.name, "waiting", message="it is still being written; the next run takes it")
    verdict = accounts.earlier_verdict(connection, context, file)
    return FileResult(file.name, "skipped", message=verdict) if verdict else file


def _groups(source: Source, files: list[RawFile]) -> Iterator[list[RawFile]]:
    """What is loaded in one transaction: a file, or the files of one snapshot; snapshots oldest first."""
    unique = list({file.sha256: file for file in files}.values())
    if source.strategy == "append_dedupe":
        yield from ([file] for file in unique)
        return
    by_snapshot = sorted(unique, key=lambda file: (file.snapshot_at, file.name))
    yield from (list(group) for _, group in itertools.groupby(by_snapshot, key=lambda file: file.snapshot_at))


def _load_once(connection: psycopg.Connection, context: LoadContext, group: list[RawFile]) -> list[FileResult]:
    try:
        with connection.transaction():
            results = _Load(connection, context).take(group)
            if any(file.has_changed() for file in group):
                raise _FileChangedError
            return results
    except _FileChangedError:
        message = "it was written to while it was read; the next run takes it"
        return [FileResult(file.name, "waiting", message=message) for file in group]
    except (psycopg.Error, OSError, EOFError) as error:
        reason = describe_error(error)
        with _ignoring_a_lost_connection():
            for file in group:
                accounts.account_failure(connection, context, file, "failed", reason)
        names = ", ".join(file.name for file in group)
        raise LoadFailedError(f"loading {names} broke off and left nothing behind: {reason}") from None


@contextmanager
def _ignoring_a_lost_connection() -> Iterator[None]:
    """The failure itself is raised right after; that it cannot be written down as well adds nothing to it."""
    try:
        yield
    except psycopg.OperationalError:
        return


@dataclass(frozen=True)
class _Judged:
    """A file whose rows are cast and judged, in the temporary table `typed`."""

    file: RawFile
    staged: Staged
    typed: sql.Identifier
    rows_read: int
    rows_rejected: int


class _Load:
    """One transaction: every file is judged before anything is written."""

    def __init__(self, connection: psycopg.Connection, context: LoadContext) -> None:
        self.connection = connection
        self.context = context
        self.source = context.source
        self.settings = context.settings
        connection.execute(sql.SQL("set local timezone to {}").format(sql.Literal(self.settings.timezone)))

    def take(self, group: list[RawFile]) -> list[FileResult]:
        accepted: list[_Judged] = []
        results: list[FileResult] = []
        for number, file in enumerate(group):
            try:
                judged = self._judge(file, number)
            except FileRefusedError as refusal:
                results.append(self._refuse(file, str(refusal)))
                continue
            objection = self._objection(judged)
            if objection:
                results.append(self._refuse(file, objection, judged))
            else:
                accepted.append(judged)
        snapshot = Snapshot.of(self.connection, self.source, group[0].snapshot_at, is_whole=not results)
        for judged in accepted:
            snapshot.see(judged.typed)
        objection = snapshot.objection(self.settings)
        if objection:
            return [*results, *(self._refuse(judged.file, objection, judged) for judged in accepted)]
        loaded = [self._take_in(judged, snapshot) for judged in accepted]
        if loaded:
            last = loaded[-1]
            last.counts.missing_ids = snapshot.mark_missing(last.load_id, self.settings.timezone)
        return [*results, *loaded]

    def _judge(self, file: RawFile, number: int) -> _Judged:
        if file.is_empty and self.source.strategy == "full_load_upsert":
            raise FileRefusedError("the file is empty: a full load of nothing would mark every id as missing")
        staged = stage(self.connection, self.source, file, f"staged_{number}")
        typed = sql.Identifier(f"typed_{number}")
        zone = ZoneInfo(self.settings.timezone)
        latest = file.arrived_at.astimezone(zone).date() + timedelta(days=1)
        self.connection.execute(
            sql.SQL("create temporary table {} on commit drop as\n{}").format(
                typed, cast_query(self.source, staged, latest)
            )
        )
        if self.source.strategy == "full_load_upsert":
            self.connection.execute(merging.conflicts_update(self.source, typed))
        self.connection.execute(sql.SQL("analyze {}").format(typed))
        read, rejected = self._count(
            sql.SQL("select count(*), count(*) filter (where reasons <> '{{}}') from {}").format(typed)
        )
        return _Judged(file, staged, typed, read, rejected)

    def _objection(self, judged: _Judged) -> str | None:
        read, rejected = judged.rows_read, judged.rows_rejected
        if read == 0 and self.source.strategy == "full_load_upsert":
            return "the file has a header and no rows: a full load of nothing would mark every id as missing"
        share = rejected / read if read else 0
        if share <= self.settings.max_rejected_share or rejected < self.settings.min_rows_for_share:
            return None
        reasons = self.connection.execute(
            sql.SQL(
                "select reason, count(*) from {} cross join unnest(reasons) as reason"
                " group by reason order by count(*) desc, reason"
            ).format(judged.typed)
        ).fetchall()
        told = ", ".join(f"{reason} {count:,}" for reason, count in reasons)
        return (
            f"{rejected:,} of {read:,} rows are rejected ({share:.1%}; ROLLCALL_MAX_REJECTED_SHARE is"
            f" {self.settings.max_rejected_share:.1%}): {told}"
        )

    def _refuse(self, file: RawFile, message: str, judged: _Judged | None = None) -> FileResult:
        load_id = accounts.account_failure(self.connection, self.context, file, "refused", message)
        counts = RowCounts()
        if judged:
            counts = RowCounts(rows_read=judged.rows_read, rows_rejected=judged.rows_rejected)
            accounts.keep_rejected(self.connection, self.context, file, judged.staged, judged.typed, load_id)
            accounts.close_account(self.connection, load_id, counts, sorted(judged.staged.undeclared))
        return FileResult(file.name, "refused", load_id, counts, message, file.bytes)

    def _take_in(self, judged: _Judged, snapshot: Snapshot) -> FileResult:
        file = judged.file
        load_id = accounts.open_account(self.connection, self.context, file)
        counts = RowCounts(rows_read=judged.rows_read, rows_rejected=judged.rows_rejected)
        rows = sql.Identifier(f"rows_of_load_{load_id}")
        self.connection.execute(
            sql.SQL("create temporary table {} on commit drop as\n{}").format(
                rows, merging.distinct_query(self.source, judged.typed)
            )
        )
        parameters = {"load_id": load_id, "ingested_at": self.context.started_at, "source_file": file.name}
        taken = STRATEGIES[self.source.strategy](self.connection, self.source, rows, parameters, counts)
        snapshot.mark_returned(rows, load_id, self.settings.timezone)
        accounts.keep_rejected(self.connection, self.context, file, judged.staged, judged.typed, load_id)
        accounts.resolve_rejected(self.connection, self.source, taken, load_id)
        accounts.close_account(self.connection, load_id, counts, sorted(judged.staged.undeclared))
        return FileResult(file.name, "loaded", load_id, counts, None, file.bytes)

    def _count(self, query: sql.Composed) -> tuple[int, ...]:
        row = self.connection.execute(query).fetchone()
        assert row is not None  # noqa: S101 - an aggregate gives a row
        return tuple(int(value) for value in row)
