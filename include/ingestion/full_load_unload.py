"""Unloading from a full-load source: bronze goes back to before the load, and the later snapshots are taken again."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import LiteralString

from psycopg import sql

from include.ingestion import accounts, rejections
from include.ingestion.judging import Judged
from include.ingestion.past_loads import PastLoad, RawCopies
from include.ingestion.removal import Removal
from include.ingestion.snapshot import Snapshot
from include.ingestion.taking import Origin, take
from include.warehouse.queries import bronze, bronze_columns, equal, names, numbers

ROLL_BACK: tuple[LiteralString, ...] = (
    "create temporary table touched_ids on commit drop as"
    " select distinct {key} from {history} where _load_id = any(%(load_ids)s)",
    "delete from {history} where _load_id = any(%(load_ids)s)",
    "delete from {current} where ({key}) in (select {key} from touched_ids)",
    "insert into {current} ({columns}) select distinct on ({key}) {columns} from {history}"
    " where ({key}) in (select {key} from touched_ids)"
    " order by {key}, {version} desc nulls last, _load_id desc, _source_line desc, _row_hash desc",
    "delete from {presence} where missing_load_id = any(%(load_ids)s)",
    "update {presence} set returned_on = null, returned_load_id = null where returned_load_id = any(%(load_ids)s)",
    "update {current} as present set _missing_since = gap.missing_from from ("
    " select {key}, missing_from from {current} left join"
    " (select {key}, missing_from from {presence} where returned_on is null) as missing using ({key})"
    " ) as gap where {same_key} and present._missing_since is distinct from gap.missing_from",
)
"""Takes out the versions of some loads, and the gaps that they opened and closed. Parameter: load_ids."""


def take_out(removal: Removal, copies: RawCopies) -> int:
    """Make bronze what the other loads alone would have made it; returns how many rows and versions are gone.

    Raises:
        FileNotAsItWasError: a file is not judged as it was.
    """
    before = _rows(removal)
    # As if they had not come yet: a snapshot looks up which is the newest that is loaded.
    accounts.set_status(removal.connection, "unloaded", [load.load_id for load in removal.others])
    _roll_back(removal)
    by_snapshot = itertools.groupby(removal.others, key=lambda load: (load.started_at, load.snapshot_at))
    numbering = itertools.count()
    for _, loads in by_snapshot:
        group = [(load, removal.judge(load, copies, next(numbering))) for load in loads]
        _take_again(removal, group)
    return before - _rows(removal)


def _rows(removal: Removal) -> int:
    source = removal.context.source
    query = sql.SQL("select (select count(*) from {}) + (select count(*) from {})")
    (count,) = numbers(removal.connection, query.format(bronze(source), bronze(source, "_history")))
    return count


def _roll_back(removal: Removal) -> None:
    """Take out every version that came with the loads, and the gaps that they opened and closed."""
    source = removal.context.source
    parts = {
        "key": names(source.key),
        "columns": names(bronze_columns(source)),
        "current": bronze(source),
        "history": bronze(source, "_history"),
        "presence": bronze(source, "_presence"),
        "version": sql.Identifier(source.version),
        "same_key": equal(source.key, "present", "gap"),
    }
    parameters = {"load_ids": [*removal.load_ids, *(load.load_id for load in removal.others)]}
    for statement in ROLL_BACK:
        removal.connection.execute(sql.SQL(statement).format(**parts), parameters)


def _take_again(removal: Removal, group: Sequence[tuple[PastLoad, Judged]]) -> None:
    """Take in the files of one snapshot that were loaded together, or a replay, under the loads that they are."""
    connection, context = removal.connection, removal.context
    first, last = group[0][0], group[-1][0]
    assert first.snapshot_at is not None  # noqa: S101 - of a full load it is always noted
    snapshot = Snapshot.of(connection, context, first.snapshot_at, is_whole=_is_whole(removal, first))
    if first.replay_of is not None:
        snapshot = replace(snapshot, is_new=False)
    for _, judged in group:
        snapshot.see(judged.typed)
    for load, judged in group:
        taken = take(connection, context, judged, Origin(load.load_id, load.file, load.started_at), load.rows_rejected)
        snapshot.mark_returned(judged.typed, load.load_id)
        rejections.resolve(connection, context, taken.keys, load.load_id, before=load.replay_of or load.load_id)
        accounts.write_counts(connection, load.load_id, taken.counts)
        accounts.set_status(connection, "loaded", [load.load_id])
    snapshot.mark_missing(last.load_id)


def _is_whole(removal: Removal, load: PastLoad) -> bool:
    """Whether no file of the snapshot was refused when it was loaded."""
    row = removal.connection.execute(
        "select from ops.file_loads where source = %s and started_at = %s and snapshot_at = %s and status = 'refused'",
        [load.source, load.started_at, load.snapshot_at],
    ).fetchone()
    return row is None
