"""The files of one full load that belong together, and the ids that it no longer names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg
from psycopg import sql

from include.ingestion import presence_sql
from include.ingestion.accounts import LoadContext
from include.warehouse.queries import numbers

VANISHED = sql.Identifier("vanished_ids")


@dataclass
class Snapshot:
    """The files of one full load that belong together; of an append source it does nothing.

    `is_newest`: no file of a later snapshot was ever loaded. `is_new`: nor one of the same snapshot. Only a new, whole
    snapshot may say that an id is missing; only a newest one may say that an id is back.
    """

    connection: psycopg.Connection
    context: LoadContext
    day: date
    is_newest: bool
    is_new: bool
    is_whole: bool
    _seen: list[sql.Identifier] = field(default_factory=list)
    _vanished: int | None = None

    @classmethod
    def of(
        cls, connection: psycopg.Connection, context: LoadContext, snapshot_at: datetime, *, is_whole: bool
    ) -> Snapshot:
        """The snapshot that is being loaded; `is_whole` tells whether none of its files was refused."""
        row = connection.execute(
            "select max(snapshot_at) from ops.file_loads where source = %s and status = 'loaded'",
            [context.source.table],
        ).fetchone()
        newest = row[0] if row else None
        is_full_load = context.source.strategy == "full_load_upsert"
        return cls(
            connection,
            context,
            snapshot_at.astimezone(context.zone).date(),
            is_newest=is_full_load and (newest is None or snapshot_at >= newest),
            is_new=is_full_load and (newest is None or snapshot_at > newest),
            is_whole=is_whole,
        )

    def see(self, typed: sql.Identifier) -> None:
        """Take note of the ids of a file, of its rejected rows too: a rejected row is not missing."""
        self._vanished = None
        if self.is_new:
            self._seen.append(typed)

    def objection(self) -> str | None:
        """Why the snapshot is refused: too large a share of the known ids is not in it."""
        vanished = self._find_vanished()
        if not vanished or vanished < self.context.settings.min_rows_for_share:
            return None
        (known,) = numbers(self.connection, presence_sql.present_query(self.context.source, self._seen_ids()))
        most = self.context.settings.max_missing_share
        if vanished <= most * known:
            return None
        return (
            f"{vanished:,} of {known:,} known ids are missing from it ({vanished / known:.1%};"
            f" ROLLCALL_MAX_MISSING_SHARE is {most:.1%})"
        )

    def mark_missing(self, load_id: int | None) -> int:
        """Mark the ids that are not in the snapshot as missing since its date; returns how many."""
        vanished = self._find_vanished()
        if vanished:
            self.connection.execute(presence_sql.mark_missing(self.context.source, VANISHED), {"load_id": load_id})
        self.connection.execute("update ops.file_loads set missing_ids = %s where load_id = %s", [vanished, load_id])
        return vanished

    def _find_vanished(self) -> int:
        """Put the ids that are not in the snapshot into a temporary table; returns how many they are."""
        if self._vanished is not None:
            return self._vanished
        if not self._may_mark_missing():
            return 0
        self.connection.execute(sql.SQL("drop table if exists pg_temp.{}").format(VANISHED))
        query = presence_sql.vanished_query(self.context.source, self._seen_ids())
        self._vanished = self.connection.execute(
            sql.SQL("create temporary table {} on commit drop as\n{}").format(VANISHED, query),
            {"missing_from": self.day},
        ).rowcount
        return self._vanished

    def mark_returned(self, typed: sql.Identifier, load_id: int) -> None:
        """Close the gap of the ids that a file has accepted rows of and that were missing."""
        if self.is_newest:
            self.connection.execute(
                presence_sql.mark_returned(self.context.source, typed), {"returned_on": self.day, "load_id": load_id}
            )

    def _may_mark_missing(self) -> bool:
        if not self.is_new or not self.is_whole or not self._seen:
            return False
        # While the id of a rejected row is unknown, any id might be the one in it.
        query = sql.SQL("select count(*) from ({}) as seen where key is null").format(self._seen_ids())
        (unknown,) = numbers(self.connection, query)
        return not unknown

    def _seen_ids(self) -> sql.Composed:
        return presence_sql.seen_query(self.context.source, self._seen)
