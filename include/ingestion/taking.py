"""Taking judged rows into bronze under a load of their own, by the source's strategy, and closing that load."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import psycopg
from psycopg import sql

from include.ingestion import accounts, append_sql, full_load_sql, rejections
from include.ingestion.accounts import LoadContext
from include.ingestion.canonical import key_text, row_hash
from include.ingestion.files import RawFile
from include.ingestion.judging import Judged
from include.ingestion.report import RowCounts
from include.ingestion.spec import EVENT_KEY, Source, Strategy
from include.warehouse.queries import bronze, equal, numbers


@dataclass(frozen=True)
class Origin:
    """What bronze says of where rows came from."""

    load_id: int
    file: str
    ingested_at: datetime

    def parameters(self) -> dict[str, object]:
        """What the SQL of `append_sql` and `full_load_sql` asks for."""
        return {"load_id": self.load_id, "ingested_at": self.ingested_at, "source_file": self.file}


@dataclass(frozen=True)
class Taken:
    """What became of the accepted rows: counts, and a query of the keys taken."""

    counts: RowCounts
    keys: sql.Composed


def take(
    connection: psycopg.Connection, context: LoadContext, judged: Judged, origin: Origin, rows_rejected: int
) -> Taken:
    """Take the accepted rows in by the source's strategy; `rows_rejected` more count as read and rejected."""
    taken = STRATEGIES[context.source.strategy](connection, context.source, judged, origin)
    read = judged.rows_accepted + rows_rejected
    return replace(taken, counts=replace(taken.counts, rows_read=read, rows_rejected=rows_rejected))


def close(
    connection: psycopg.Connection,
    context: LoadContext,
    file: RawFile,
    judged: Judged,
    load_id: int,
    counts: RowCounts,
) -> None:
    """Keep the rejected rows of a judged file, loaded or refused, and write its counts."""
    rejections.keep_rejected(connection, context, file, judged, load_id)
    header = judged.layout.header if judged.layout.format == "csv" else None
    accounts.close_account(connection, load_id, counts, header, judged.undeclared)


def insert_unknown(
    connection: psycopg.Connection, source: Source, judged: Judged, origin: Origin
) -> tuple[int, sql.Identifier]:
    """Insert the accepted versions that bronze does not hold: how many, and the table of what it held before."""
    if source.partition_by:
        connection.execute(append_sql.make_partitions(source, judged.typed, source.partition_by))
    # A key has a version or two: where Postgres has not counted that yet, it would prepare for thousands.
    connection.execute("set local enable_bitmapscan = off")
    known = _table_of(connection, f"known_to_load_{origin.load_id}", append_sql.known_query(source, judged.typed))
    connection.execute("set local enable_bitmapscan = on")
    insert = append_sql.append_insert(source, judged.typed, known, may_repeat=not judged.keys_ascend)
    return connection.execute(insert, origin.parameters()).rowcount, known


def keys_of_load(source: Source, load_id: int) -> sql.Composed:
    """The query of the keys of which an append source got a new version."""
    return sql.SQL("select {key} from {table} where _load_id = {load_id}").format(
        key=sql.Identifier(EVENT_KEY) if source.key_is_hashed else key_text(source),
        table=bronze(source),
        load_id=sql.Literal(load_id),
    )


def _append_dedupe(connection: psycopg.Connection, source: Source, judged: Judged, origin: Origin) -> Taken:
    """Keep every new version, count the others as duplicates; the keys are those that got a new version."""
    inserted, known = insert_unknown(connection, source, judged, origin)
    tied_query = append_sql.tied_query(source, judged.typed, known, may_repeat=not judged.keys_ascend)
    (tied,) = numbers(connection, tied_query)
    counts = RowCounts(rows_inserted=inserted, rows_duplicate=judged.rows_accepted - inserted, tied_versions=tied)
    return Taken(counts, keys_of_load(source, origin.load_id))


def _full_load_upsert(connection: psycopg.Connection, source: Source, judged: Judged, origin: Origin) -> Taken:
    """Keep every new version in the history, the newest as the current row; the keys are those that are confirmed."""
    load_id = origin.load_id
    changed = _table_of(connection, f"changed_by_load_{load_id}", full_load_sql.changed_query(source, judged.typed))
    unchanged = _unchanged(connection, source, judged, changed)
    connection.execute(full_load_sql.history_insert(source, changed), origin.parameters())
    outcomes = _table_of(connection, f"outcomes_of_load_{load_id}", full_load_sql.outcome_query(source, changed))
    connection.execute(full_load_sql.current_merge(source, outcomes))
    found: dict[str, int] = dict(
        connection.execute(sql.SQL("select _outcome, count(*) from {} group by _outcome").format(outcomes)).fetchall()
    )
    (tied,) = numbers(connection, full_load_sql.tied_versions_query(source, changed), origin.parameters())
    counts = RowCounts(
        rows_inserted=found.get("inserted", 0),
        rows_updated=found.get("updated", 0),
        rows_unchanged=unchanged,
        rows_superseded=found.get("superseded", 0),
        rows_duplicate=judged.rows_accepted - unchanged - sum(found.values()),
        tied_versions=tied,
    )
    return Taken(counts, _confirmed_keys(source, judged.typed, outcomes))


def _unchanged(connection: psycopg.Connection, source: Source, judged: Judged, changed: sql.Identifier) -> int:
    """How many versions of a file are the newest already: what is not changed, when no key is there twice."""
    if not judged.keys_ascend:
        return numbers(connection, full_load_sql.unchanged_query(source, judged.typed))[0]
    (count,) = numbers(connection, sql.SQL("select count(*) from {}").format(changed))
    return judged.rows_accepted - count


def _confirmed_keys(source: Source, typed: sql.Identifier, outcomes: sql.Identifier) -> sql.Composed:
    return sql.SQL(
        "select typed.key from {typed} as typed where typed.is_accepted and not exists (select from {outcomes} as late"
        " where late._outcome = 'superseded' and {same_key} and late._brought_hash = {row_hash})"
    ).format(
        typed=typed,
        outcomes=outcomes,
        same_key=equal(source.key, "late", "typed"),
        row_hash=row_hash(source, "typed"),
    )


def _table_of(connection: psycopg.Connection, name: str, query: sql.Composed) -> sql.Identifier:
    """The temporary table of that name with the rows of a query."""
    table = sql.Identifier(name)
    connection.execute(sql.SQL("create temporary table {} on commit drop as\n{}").format(table, query))
    return table


Strategist = Callable[[psycopg.Connection, Source, Judged, Origin], Taken]
STRATEGIES: Mapping[Strategy, Strategist] = {"append_dedupe": _append_dedupe, "full_load_upsert": _full_load_upsert}
