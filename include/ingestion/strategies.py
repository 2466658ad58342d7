"""The load strategies: what becomes of the accepted rows of a file, and of the ids that a full load no longer names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from include.ingestion import merging
from include.ingestion.accounts import RowCounts
from include.ingestion.spec import Source, Strategy
from include.settings import Settings

Strategist = Callable[[psycopg.Connection, Source, sql.Identifier, Mapping[str, object], RowCounts], sql.Composed]
SEEN = sql.Identifier("seen_ids")


def append_dedupe(
    connection: psycopg.Connection,
    source: Source,
    rows: sql.Identifier,
    parameters: Mapping[str, object],
    counts: RowCounts,
) -> sql.Composed:
    """Keep every new version, count the others as duplicates; returns a query of the keys that got a new version."""
    counts.rows_inserted = connection.execute(merging.append_insert(source, rows), parameters).rowcount
    counts.rows_duplicate = counts.rows_read - counts.rows_rejected - counts.rows_inserted
    counts.tied_versions = _number(connection, merging.tied_versions_query(source, source.table), parameters)
    return sql.SQL(
        "select rows.key from {rows} as rows inner join {table} as taken using ({key}, _row_hash)"
        " where taken._load_id = {load_id}"
    ).format(
        rows=rows,
        table=sql.Identifier("bronze", source.table),
        key=sql.SQL(", ").join(map(sql.Identifier, source.key)),
        load_id=sql.Literal(parameters["load_id"]),
    )


def full_load_upsert(
    connection: psycopg.Connection,
    source: Source,
    rows: sql.Identifier,
    parameters: Mapping[str, object],
    counts: RowCounts,
) -> sql.Composed:
    """Keep every new version in the history, the newest as the current row; returns a query of the keys confirmed."""
    connection.execute(merging.history_insert(source, rows), parameters)
    outcomes = sql.Identifier(f"outcomes_of_load_{parameters['load_id']}")
    connection.execute(
        sql.SQL("create temporary table {} on commit drop as\n{}").format(outcomes, merging.outcome_query(source, rows))
    )
    connection.execute(merging.current_merge(source, outcomes))
    found: dict[str, int] = dict(
        connection.execute(sql.SQL("select outcome, count(*) from {} group by outcome").format(outcomes)).fetchall()
    )
    counts.rows_inserted = found.get("inserted", 0)
    counts.rows_updated = found.get("updated", 0)
    counts.rows_unchanged = found.get("unchanged", 0)
    counts.rows_superseded = found.get("superseded", 0)
    counts.rows_duplicate = counts.rows_read - counts.rows_rejected - sum(found.values())
    counts.tied_versions = _number(
        connection, merging.tied_versions_query(source, f"{source.table}_history"), parameters
    )
    return sql.SQL(
        "select rows.key from {} as rows inner join {} as outcomes using ({}, _row_hash)"
        " where outcomes.outcome <> 'superseded'"
    ).format(rows, outcomes, sql.SQL(", ").join(map(sql.Identifier, source.key)))


STRATEGIES: Mapping[Strategy, Strategist] = {"append_dedupe": append_dedupe, "full_load_upsert": full_load_upsert}


@dataclass(frozen=True)
class Snapshot:
    """The files of one full load that belong together; of an append source it does nothing.

    `is_newest`: no file of a later snapshot was ever loaded. `is_new`: nor one of the same snapshot. Only a new, whole
    snapshot may say that an id is missing; only a newest one may say that an id is back.
    """

    connection: psycopg.Connection
    source: Source
    snapshot_at: datetime
    is_newest: bool
    is_new: bool
    is_whole: bool

    @classmethod
    def of(cls, connection: psycopg.Connection, source: Source, snapshot_at: datetime, *, is_whole: bool) -> Snapshot:
        """The snapshot that is being loaded; `is_whole` tells whether none of its files was refused."""
        row = connection.execute(
            "select max(snapshot_at) from ops.file_loads where source = %s and status = 'loaded'", [source.table]
        ).fetchone()
        newest = row[0] if row else None
        is_full_load = source.strategy == "full_load_upsert"
        connection.execute(sql.SQL("create temporary table {} (key text, line bigint) on commit drop").format(SEEN))
        return cls(
            connection,
            source,
            snapshot_at,
            is_newest=is_full_load and (newest is None or snapshot_at >= newest),
            is_new=is_full_load and (newest is None or snapshot_at > newest),
            is_whole=is_whole,
        )

    def see(self, typed: sql.Identifier) -> None:
        """Take note of the ids of a file, of its rejected rows too: a rejected row is not missing."""
        if self.is_new:
            self.connection.execute(sql.SQL("insert into {} select key, _line from {}").format(SEEN, typed))

    def objection(self, settings: Settings) -> str | None:
        """Why the snapshot is refused: too large a share of the known ids is not in it."""
        if not self._may_mark_missing():
            return None
        known, vanished = self._vanished()
        share = vanished / known if known else 0
        if share <= settings.max_missing_share or vanished < settings.min_rows_for_share:
            return None
        return (
            f"{vanished:,} of {known:,} known ids are missing from it ({share:.1%}; ROLLCALL_MAX_MISSING_SHARE is"
            f" {settings.max_missing_share:.1%})"
        )

    def mark_missing(self, load_id: int | None, timezone: str) -> int:
        """Mark the ids that are not in the snapshot as missing since its date; returns how many."""
        if not self._may_mark_missing():
            return 0
        _, vanished = self._vanished()
        self.connection.execute(
            merging.mark_missing(self.source, SEEN), {"missing_from": self._date(timezone), "load_id": load_id}
        )
        self.connection.execute("update ops.file_loads set missing_ids = %s where load_id = %s", [vanished, load_id])
        return vanished

    def mark_returned(self, rows: sql.Identifier, load_id: int, timezone: str) -> None:
        """Close the gap of the ids among `rows` that were missing."""
        if self.is_newest:
            self.connection.execute(
                merging.mark_returned(self.source, rows), {"returned_on": self._date(timezone), "load_id": load_id}
            )

    def _may_mark_missing(self) -> bool:
        # While the id of a rejected row is unknown, any id might be the one in it.
        return (
            self.is_new
            and self.is_whole
            and not _number(self.connection, sql.SQL("select count(*) from {} where key is null").format(SEEN), {})
        )

    def _vanished(self) -> tuple[int, int]:
        row = self.connection.execute(merging.vanished_query(self.source, SEEN)).fetchone()
        assert row is not None  # noqa: S101 - an aggregate gives a row
        return int(row[0]), int(row[1])

    def _date(self, timezone: str) -> date:
        # A date in a file's name is that date everywhere; a time of writing is a date in the school's zone.
        is_date = self.snapshot_at.time().isoformat() == "00:00:00"
        return (self.snapshot_at if is_date else self.snapshot_at.astimezone(ZoneInfo(timezone))).date()


def _number(connection: psycopg.Connection, query: sql.Composed, parameters: Mapping[str, object]) -> int:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None  # noqa: S101 - an aggregate gives a row
    return int(row[0])
