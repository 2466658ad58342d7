"""Loads of the past: their accounts, and what they brought, judged once more from the raw folder or the kept rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from include.errors import ToldError
from include.ingestion import judging
from include.ingestion.accounts import LoadContext
from include.ingestion.csv_reader import read_header
from include.ingestion.files import RawFile, inspect, raw_files, sha256_of
from include.ingestion.judging import Judged
from include.ingestion.kept_rows import judge_kept, rows_of_replay
from include.ingestion.records import FileRefusedError
from include.ingestion.spec import Layout

COLUMNS = sql.SQL(
    "load_id, source, file, sha256, bytes, status, snapshot_at, arrived_at, started_at, replay_of, header,"
    " rows_read, rows_rejected, rows_duplicate + rows_unchanged + rows_superseded as rows_known"
)


class FileNotAsItWasError(ToldError):
    """A file of the past cannot be judged as it was when it was loaded; the message says which and why."""


@dataclass(frozen=True)
class PastLoad:
    """One row of ops.file_loads.

    `arrived_at`: when the file did, which older versions did not note. `rows_known`: rows that bronze held already, or
    held newer.
    """

    load_id: int
    source: str
    file: str
    sha256: str
    bytes: int
    status: str
    snapshot_at: datetime | None
    arrived_at: datetime | None
    started_at: datetime
    replay_of: int | None
    header: list[str] | None
    rows_read: int
    rows_rejected: int
    rows_known: int

    @property
    def judged_at(self) -> datetime:
        """By which time its dates are judged: none that was accepted is refused, also where it was not noted."""
        return self.arrived_at or self.started_at


def find_load(connection: psycopg.Connection, load_id: int) -> PastLoad | None:
    """The load of that id, None when there is none."""
    found = _select(connection, sql.SQL("load_id = %(load_id)s"), {"load_id": load_id})
    return found[0] if found else None


def loads_from(connection: psycopg.Connection, source: str, first: int) -> list[PastLoad]:
    """The loads of a source that are in bronze, in their order, from the id `first` on."""
    condition = sql.SQL("source = %(source)s and status = 'loaded' and load_id >= %(first)s")
    return _select(connection, condition, {"source": source, "first": first})


def _select(connection: psycopg.Connection, condition: sql.SQL, values: Mapping[str, object]) -> list[PastLoad]:
    query = sql.SQL("select {} from ops.file_loads where {} order by load_id").format(COLUMNS, condition)
    with connection.cursor(row_factory=class_row(PastLoad)) as cursor:
        return cursor.execute(query, values).fetchall()


class RawCopies:
    """The files of the raw folder that hold the content of past loads, under whatever name."""

    def __init__(self, context: LoadContext, loads: Iterable[PastLoad]) -> None:
        self._context = context
        wanted = {load.sha256: load.bytes for load in loads if load.replay_of is None}
        self._paths = _by_content(context.settings.raw_dir, wanted)
        self._opened: list[RawFile] = []

    def holds(self, load: PastLoad) -> bool:
        """Whether what the load brought can be read once more; the rows of a replay are kept in the warehouse."""
        return load.replay_of is not None or load.sha256 in self._paths

    def of(self, load: PastLoad) -> RawFile:
        """The file, under its name and with its arrival of then: its dates are judged as they were.

        Raises:
            FileNotAsItWasError: it has changed since it was found.
        """
        settings = self._context.settings
        file = inspect(self._paths[load.sha256], settings.raw_dir, self._context.zone, settings.limits)
        if file is None or file.sha256 != load.sha256:
            raise FileNotAsItWasError(f"{load.file} was written to while it was looked at: try again")
        self._opened.append(file)
        arrived_at = load.arrived_at or max(file.arrived_at, load.started_at)
        return replace(file, name=load.file, arrived_at=arrived_at)

    def check_unchanged(self) -> None:
        """Make sure that no file was written to while it was read.

        Raises:
            FileNotAsItWasError: one was.
        """
        changed = [file.name for file in self._opened if file.has_changed()]
        if changed:
            raise FileNotAsItWasError(f"{', '.join(changed)}: written to while it was read: try again")


def layout_of(context: LoadContext, load: PastLoad) -> Layout:
    """How the records of a file that was loaded stand: of CSV as its header was noted then, else from the file.

    Raises:
        FileNotAsItWasError: they were not noted, and the file is not there any more.
    """
    layout = context.source.layout_of(load.file, load.header)
    if layout.format != "csv" or load.header is not None:
        return layout
    copies = RawCopies(context, [load])
    if not copies.holds(load):
        raise FileNotAsItWasError(
            f"{load.file} was loaded by an older version, which did not note its columns (load {load.load_id}): put the"
            f" file back anywhere below {context.settings.raw_dir}, under any name, then replay again"
        )
    try:
        return replace(layout, header=read_header(copies.of(load)))
    except FileRefusedError as refusal:
        raise FileNotAsItWasError(f"{load.file} (load {load.load_id}) would be refused today: {refusal}") from None


def judge_again(
    connection: psycopg.Connection, context: LoadContext, load: PastLoad, copies: RawCopies, number: int
) -> Judged:
    """What a load brought, judged once more in temporary tables of that number.

    Raises:
        FileNotAsItWasError: it is judged otherwise than it was.
    """
    try:
        if load.replay_of is None:
            is_json = context.source.layout_of(load.file).format == "json"
            judged = judging.judge(connection, context, copies.of(load), number, closely=is_json)
        else:
            original = find_load(connection, load.replay_of)
            assert original is not None  # noqa: S101 - a foreign key
            layout = layout_of(context, original)
            rows = rows_of_replay(connection, load.replay_of, load.load_id)
            judged = judge_kept(connection, context, layout, rows, load.judged_at, number)
    except FileRefusedError as refusal:
        raise FileNotAsItWasError(f"{load.file} (load {load.load_id}) would be refused today: {refusal}") from None
    if judged.rows_read != load.rows_read:
        raise FileNotAsItWasError(
            f"{load.file} (load {load.load_id}) is read otherwise today: {judged.rows_read:,} rows, then"
            f" {load.rows_read:,}. Undo what was changed of limits since, then unload again"
        )
    return judged


def _by_content(raw_dir: Path, wanted: Mapping[str, int]) -> dict[str, Path]:
    """SHA-256 → a file of the raw folder; only files of a wanted size are read."""
    sizes = set(wanted.values())
    found: dict[str, Path] = {}
    for path in raw_files(raw_dir) if wanted else ():
        # What was moved away meanwhile, or cannot be read, is no copy: then the load is named that lacks one.
        with suppress(OSError):
            if path.stat().st_size in sizes:
                found.setdefault(sha256_of(path), path)
    return {sha256: path for sha256, path in found.items() if sha256 in wanted}
