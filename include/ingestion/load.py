"""Loading the new files of a source into bronze: judged first, then taken in, in one transaction a file or snapshot."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from include.ingestion import accounts, judging, merging, rejections
from include.ingestion.accounts import LoadContext
from include.ingestion.files import RawFile, files_of, inspect, name_of
from include.ingestion.judging import Judged
from include.ingestion.records import FileRefusedError
from include.ingestion.report import FileResult, RowCounts, SourceReport
from include.ingestion.snapshot import Snapshot
from include.ingestion.spec import Source
from include.ingestion.strategies import STRATEGIES
from include.settings import Settings
from include.warehouse.connection import describe_error


class LoadFailedError(RuntimeError):
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
    fresh, known = _first_look(connection, context, files if files is not None else files_of(source, settings.raw_dir))
    fresh, results = _without_copies(fresh)
    failures: list[str] = []
    for group in _groups(source, fresh):
        try:
            results += _load_once(connection, context, group, _refused_parts(source, group, known))
        except LoadFailedError as failure:
            failures.append(str(failure))
            if connection.closed:
                break
    if failures:
        raise LoadFailedError("; ".join(failures))
    loaded = {result.file for result in results if result.status == "loaded"}
    left_alone = [result for _, result in known if not (result.earlier == "refused" and result.file in loaded)]
    return SourceReport(source.table, (*left_alone, *results))


def _first_look(
    connection: psycopg.Connection, context: LoadContext, paths: Iterable[Path]
) -> tuple[list[RawFile], list[tuple[RawFile | None, FileResult]]]:
    """The files that are to be loaded; and the others, with what became of them."""
    fresh: list[RawFile] = []
    known: list[tuple[RawFile | None, FileResult]] = []
    for path in paths:
        file = inspect(path, context.settings.raw_dir, context.zone)
        if file is None:
            message = "it is still being written; the next run takes it"
            known.append((None, FileResult(name_of(path, context.settings.raw_dir), "waiting", message=message)))
        elif verdict := accounts.earlier_verdict(connection, context, file):
            known.append((file, verdict))
        else:
            fresh.append(file)
    return fresh, known


def _without_copies(files: list[RawFile]) -> tuple[list[RawFile], list[FileResult]]:
    """The files of different content, and a line for every other one."""
    first: dict[str, str] = {}
    kept: list[RawFile] = []
    copies: list[FileResult] = []
    for file in files:
        if file.sha256 and file.sha256 in first:
            copies.append(FileResult(file.name, "skipped", message=f"same content as {first[file.sha256]}"))
            continue
        if file.sha256:
            first[file.sha256] = file.name
        kept.append(file)
    return kept, copies


def _refused_parts(
    source: Source, group: list[RawFile], known: Iterable[tuple[RawFile | None, FileResult]]
) -> list[RawFile]:
    """The files of the same snapshot as the group that an earlier run refused."""
    if source.strategy != "full_load_upsert":
        return []
    refused = (file for file, result in known if file and result.earlier == "refused")
    return [file for file in refused if file.snapshot_at == group[0].snapshot_at]


def _groups(source: Source, files: list[RawFile]) -> Iterator[list[RawFile]]:
    """What is loaded in one transaction: a file, or the files of one snapshot; snapshots oldest first."""
    if source.strategy == "append_dedupe":
        yield from ([file] for file in files)
        return
    by_snapshot = sorted(files, key=lambda file: (file.snapshot_at, file.name))
    yield from (list(group) for _, group in itertools.groupby(by_snapshot, key=lambda file: file.snapshot_at))


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
    except (psycopg.Error, OSError, EOFError, zlib.error) as error:
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
        connection.execute(sql.SQL("set local timezone to {}").format(sql.Literal(context.settings.timezone)))

    def take(self, group: list[RawFile], parts: list[RawFile]) -> list[FileResult]:
        """Load the files of a group. `parts`: what was refused of their snapshot, looked at when they are not whole."""
        accepted, refused = self._judge(group)
        snapshot = Snapshot.of(self.connection, self.context, group[0].snapshot_at, is_whole=not refused)
        for judged in accepted:
            snapshot.see(judged.typed)
        objection = snapshot.objection()
        more = list(self._readable(parts, number=len(group))) if objection else []
        for judged in more:
            snapshot.see(judged.typed)
        objection = objection and snapshot.objection()
        if objection:
            return [*refused, *(self._refuse(judged.file, objection, judged) for judged in accepted)]
        loaded = [self._take_in(judged, snapshot) for judged in [*more, *accepted]]
        if loaded:
            last = loaded[-1]
            last.counts.missing_ids = snapshot.mark_missing(last.load_id)
        return [*refused, *loaded]

    def _judge(self, group: list[RawFile]) -> tuple[list[Judged], list[FileResult]]:
        accepted: list[Judged] = []
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
                accepted.append(judged)
        return accepted, refused

    def _readable(self, parts: list[RawFile], number: int) -> Iterator[Judged]:
        for place, file in enumerate(parts, start=number):
            try:
                judged = judging.judge(self.connection, self.context, file, place)
            except FileRefusedError:
                continue
            if not judging.objection(self.connection, self.context, judged):
                yield judged

    def _refuse(self, file: RawFile, message: str, judged: Judged | None = None) -> FileResult:
        counts = RowCounts()
        load_id = accounts.account_failure(self.connection, self.context, file, "refused", message)
        if judged and load_id:
            counts = RowCounts(rows_read=judged.rows_read, rows_rejected=judged.rows_rejected)
            rejections.keep_rejected(self.connection, self.context, judged, load_id)
            accounts.close_account(self.connection, load_id, counts, judged.raw.undeclared)
        return FileResult(file.name, "refused", load_id, counts, message, file.bytes)

    def _take_in(self, judged: Judged, snapshot: Snapshot) -> FileResult:
        file, source = judged.file, self.context.source
        load_id = accounts.open_account(self.connection, self.context, file)
        counts = RowCounts(rows_read=judged.rows_read, rows_rejected=judged.rows_rejected)
        rows = sql.Identifier(f"rows_of_load_{load_id}")
        self.connection.execute(
            sql.SQL("create temporary table {} on commit drop as\n{}").format(
                rows, merging.distinct_query(source, judged.typed)
            )
        )
        parameters = {"load_id": load_id, "ingested_at": self.context.started_at, "source_file": file.name}
        taken = STRATEGIES[source.strategy](self.connection, source, rows, parameters, counts)
        snapshot.mark_returned(rows, load_id)
        rejections.keep_rejected(self.connection, self.context, judged, load_id)
        rejections.resolve_rejected(self.connection, self.context, taken, load_id)
        accounts.close_account(self.connection, load_id, counts, judged.raw.undeclared)
        return FileResult(file.name, "loaded", load_id, counts, None, file.bytes)
