"""Loading the new files of a source into bronze: judged first, then taken in, in one transaction a file or snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from include.errors import ToldError
from include.ingestion import accounts, judging, rejections
from include.ingestion.accounts import LoadContext
from include.ingestion.files import RawFile
from include.ingestion.first_load import load_first
from include.ingestion.found_files import look_for_files
from include.ingestion.judging import Judged
from include.ingestion.records import FileRefusedError
from include.ingestion.report import FileResult, RowCounts, SourceReport
from include.ingestion.snapshot import Snapshot
from include.ingestion.spec import Source
from include.ingestion.taking import Origin, close, take
from include.ingestion.transaction import prepare_transaction
from include.settings import Settings
from include.warehouse.connection import describe_error


class LoadFailedError(ToldError):
    """Loading broke off; nothing of the file or snapshot was taken in. The message holds no value of any row."""


class _FileChangedError(RuntimeError):
    """A file was written to while it was loaded."""


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
        LoadFailedError: the database or the disk failed for a file or snapshot, which leaves nothing behind; the
            others are loaded, unless the connection was lost.
    """
    context = LoadContext(source, settings, dag_run_id, by_name=files is not None)
    found = look_for_files(connection, context, files)
    results = list(found.results)
    failures: list[str] = []
    for group, parts in found.groups(context):
        try:
            results += _load_once(connection, context, group, parts)
        except LoadFailedError as failure:
            failures.append(str(failure))
            if connection.closed:
                break
    if failures:
        raise LoadFailedError("; ".join(failures))
    return SourceReport(source.table, (*found.left_alone(results), *results), context.by_name)


def _load_once(
    connection: psycopg.Connection, context: LoadContext, group: list[RawFile], parts: list[RawFile]
) -> list[FileResult]:
    try:
        with connection.transaction():
            results = _Load(connection, context).take(group, parts)
            if any(file.has_changed() for file in [*group, *parts]):
                raise _FileChangedError
            return results
    except _FileChangedError:
        message = "it was written to while it was read; the next run takes it"
        return [FileResult(file.name, "waiting", message=message) for file in group]
    # A refusal that comes so late is one of a file that was replaced or cut while it was read.
    except (psycopg.Error, OSError, FileRefusedError) as error:
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


class _Load:
    """One transaction: every file is judged before anything is written."""

    def __init__(self, connection: psycopg.Connection, context: LoadContext) -> None:
        self.connection = connection
        self.context = context
        prepare_transaction(connection, context.settings.timezone)

    def take(self, group: list[RawFile], parts: list[RawFile]) -> list[FileResult]:
        """Load the files of a group. `parts`: what was refused of their snapshot, looked at when they are not whole."""
        first = load_first(self.connection, self.context, group[0])
        if first:
            return [first]
        accepted, refused = self._judge(group)
        snapshot = Snapshot.of(self.connection, self.context, group[0].snapshot_at, is_whole=not refused)
        for _, judged in accepted:
            snapshot.see(judged.typed)
        objection = snapshot.objection()
        more = list(self._readable(parts, number=len(group))) if objection else []
        for _, judged in more:
            snapshot.see(judged.typed)
        objection = objection and snapshot.objection()
        if objection:
            return [*refused, *(self._refuse(file, objection, judged) for file, judged in accepted)]
        loaded = [self._take_in(file, judged, snapshot) for file, judged in [*more, *accepted]]
        if loaded:
            last = loaded[-1]
            last.counts.missing_ids = snapshot.mark_missing(last.load_id)
        return [*refused, *loaded]

    def _judge(self, group: list[RawFile]) -> tuple[list[tuple[RawFile, Judged]], list[FileResult]]:
        accepted: list[tuple[RawFile, Judged]] = []
        refused: list[FileResult] = []
        for number, file in enumerate(group):
            try:
                judged = judging.judge(self.connection, self.context, file, number)
            except FileRefusedError as refusal:
                refused.append(self._refuse(file, str(refusal)))
                continue
            objection = judging.objection(self.connection, self.context, judged)
            if objection:
                refused.append(self._refuse(file, objection, judged))
            else:
                accepted.append((file, judged))
        return accepted, refused

    def _readable(self, parts: list[RawFile], number: int) -> Iterator[tuple[RawFile, Judged]]:
        for place, file in enumerate(parts, start=number):
            try:
                judged = judging.judge(self.connection, self.context, file, place)
            except FileRefusedError:
                continue
            if not judging.objection(self.connection, self.context, judged):
                yield file, judged

    def _refuse(self, file: RawFile, message: str, judged: Judged | None = None) -> FileResult:
        counts = RowCounts()
        load_id = accounts.account_failure(self.connection, self.context, file, "refused", message)
        if judged and load_id:
            counts = RowCounts(rows_read=judged.rows_read, rows_rejected=judged.rows_rejected)
            close(self.connection, self.context, file, judged, load_id, counts)
        return FileResult(file.name, "refused", load_id, counts, message, file.bytes)

    def _take_in(self, file: RawFile, judged: Judged, snapshot: Snapshot) -> FileResult:
        connection, context = self.connection, self.context
        load_id = accounts.open_account(connection, context, file)
        origin = Origin(load_id, file.name, context.started_at)
        taken = take(connection, context, judged, origin, judged.rows_rejected)
        snapshot.mark_returned(judged.typed, load_id)
        rejections.resolve(connection, context, taken.keys, load_id, before=load_id)
        close(connection, context, file, judged, load_id, taken.counts)
        return FileResult(file.name, "loaded", load_id, taken.counts, None, file.bytes)
