"""Unload: a load taken back out of bronze, so that bronze is as if its file had never come."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from include.errors import ToldError
from include.ingestion import append_unload, full_load_unload
from include.ingestion.accounts import LoadContext
from include.ingestion.past_loads import FileNotAsItWasError, PastLoad, RawCopies, find_load
from include.ingestion.removal import Removal
from include.ingestion.transaction import prepare_transaction


class UnloadError(ToldError):
    """A load cannot be taken out, and nothing has changed; the message says why, and what to do."""


class NotLoadedError(UnloadError):
    """There is no such load in bronze."""


@dataclass(frozen=True)
class UnloadReport:
    """What was taken out. `path`: its file, when it lies in the raw folder, else only its name.

    `rows_removed`: rows and versions that no other file holds.
    """

    load: PastLoad
    path: str
    replay_ids: tuple[int, ...]
    rows_removed: int
    rejections_removed: int
    rejections_opened: int
    files_judged_again: int
    refused_since: tuple[str, ...]

    def lines(self) -> list[str]:
        """Lines for people: counts and files only."""
        source = self.load.source
        replays = f", and its replays {', '.join(map(str, self.replay_ids))}," if self.replay_ids else ""
        told = [
            f"{source}: load {self.load.load_id} ({self.load.file}){replays} is taken out:"
            f" {self.rows_removed:,} rows and versions removed, {self.rejections_removed:,} rejections removed,"
            f" {self.rejections_opened:,} rejections open again; {self.files_judged_again:,} other files judged again",
            f"{source}: to bring it back: .venv/bin/python -m include.ingestion {self._way_back()}",
        ]
        if self.refused_since:
            told.append(
                f"{source}: refused while it was there, and perhaps because of it: {', '.join(self.refused_since)};"
                " load them by name to try them again"
            )
        return told

    def _way_back(self) -> str:
        if self.load.replay_of:  # What it had taken in is rejected again, and open.
            return f"replay {self.load.source}"
        return f"load {self.load.source} {shlex.quote(self.path)}"


def is_unloaded_by(connection: psycopg.Connection, load_id: int, dag_run_id: str) -> bool:
    """Whether a load was taken out by a run that may not know it: its worker was killed, say, before it could tell."""
    row = connection.execute(
        "select from ops.file_loads inner join ops.etl_job_status"
        " on job_id = %(run)s || '/unload_' || file_loads.source and etl_job_status.status = 'completed'"
        " where load_id = %(load_id)s and file_loads.status = 'unloaded'",
        {"run": dag_run_id, "load_id": load_id},
    ).fetchone()
    return row is not None


def loaded(connection: psycopg.Connection, load_id: int) -> PastLoad:
    """The load of that id.

    Raises:
        NotLoadedError: there is none, or it is not in bronze.
    """
    load = find_load(connection, load_id)
    if load is None:
        raise NotLoadedError(f"there is no load {load_id}: ops.file_loads lists them all")
    if load.status != "loaded":
        raise NotLoadedError(f"load {load_id} ({load.file}) is {load.status}: there is nothing of it to take out")
    return load


def unload_load(connection: psycopg.Connection, context: LoadContext, load_id: int) -> UnloadReport:
    """Take a load out, with its replays, in one transaction; the caller holds the lock of its source.

    Rows that other loaded files hold as well stay: those files are looked up in the raw folder and judged again.

    Raises:
        UnloadError: it is not loaded, or one of those files is not there any more, or is read otherwise than it was.
    """
    load = loaded(connection, load_id)
    removal = Removal.of(connection, context, load)
    copies = _copies(context, load, removal)
    try:
        with connection.transaction():
            prepare_transaction(connection, context.settings.timezone)
            opened, removed_rejections = removal.take_out_rejections()
            if context.source.strategy == "append_dedupe":
                rows_removed = append_unload.take_out(removal, copies, resolve=bool(opened))
            else:
                rows_removed = full_load_unload.take_out(removal, copies)
            still_open = removal.still_open(opened)
            copies.check_unchanged()
    except FileNotAsItWasError as error:
        raise UnloadError(f"load {load_id} stays in bronze, and nothing has changed: {error}") from None
    path = context.settings.raw_dir / load.file
    return UnloadReport(
        load,
        str(path) if path.is_file() else load.file,
        tuple(sorted(set(removal.load_ids) - {load_id})),
        rows_removed=rows_removed,
        rejections_removed=removed_rejections,
        rejections_opened=still_open,
        files_judged_again=len(removal.needed),
        refused_since=_refused_since(connection, load),
    )


def _copies(context: LoadContext, load: PastLoad, removal: Removal) -> RawCopies:
    copies = RawCopies(context, removal.needed)
    absent = [f"{needed.file} (load {needed.load_id})" for needed in removal.needed if not copies.holds(needed)]
    if absent:
        raise UnloadError(
            f"load {load.load_id} ({load.file}) stays in bronze, and nothing has changed: files that came after it may"
            " hold some of its rows too, and these are not in the raw folder any more, so that they cannot be looked"
            f" at again: {', '.join(absent)}. Put them back anywhere below {context.settings.raw_dir}, under any name,"
            " then unload again"
        )
    return copies


def _refused_since(connection: psycopg.Connection, load: PastLoad) -> tuple[str, ...]:
    rows: Sequence[tuple[str]] = connection.execute(
        """select distinct file from ops.file_loads as refused
        where source = %(source)s and load_id > %(load_id)s and status = 'refused' and not exists (
            select from ops.file_loads as later
            where later.source = refused.source and later.sha256 = refused.sha256 and later.load_id > refused.load_id
        ) order by file""",
        {"source": load.source, "load_id": load.load_id},
    ).fetchall()
    return tuple(file for (file,) in rows)
