"""The load strategies: what becomes of the accepted rows of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import psycopg
from psycopg import sql

from include.ingestion import merging
from include.ingestion.canonical import key_text, row_hash
from include.ingestion.judging import Judged
from include.ingestion.report import RowCounts
from include.ingestion.spec import Source, Strategy
from include.warehouse.queries import numbers

Strategist = Callable[[psycopg.Connection, Source, Judged, Mapping[str, object], RowCounts], sql.Composed]


def append_dedupe(
    connection: psycopg.Connection,
    source: Source,
    judged: Judged,
    parameters: Mapping[str, object],
    counts: RowCounts,
) -> sql.Composed:
    """Keep every new version, count the others as duplicates; returns a query of the keys that got a new version."""
    counts.rows_inserted, known = insert_unknown(connection, source, judged.typed, parameters)
    counts.rows_duplicate = counts.rows_read - counts.rows_rejected - counts.rows_inserted
    (counts.tied_versions,) = numbers(
        connection, merging.tied_query(source, judged.typed, known, may_repeat=not judged.keys_ascend)
    )
    return keys_of_load(source, parameters["load_id"])


def insert_unknown(
    connection: psycopg.Connection, source: Source, typed: sql.Identifier, parameters: Mapping[str, object]
) -> tuple[int, sql.Identifier]:
    """Insert the accepted versions that bronze does not hold: how many, and the table of what it held before."""
    known = _table_of(connection, f"known_to_load_{parameters['load_id']}", merging.known_query(source, typed))
    return connection.execute(merging.append_insert(source, typed, known), parameters).rowcount, known


def keys_of_load(source: Source, load_id: object) -> sql.Composed:
    """The query of the keys of which an append source got a new version."""
    return sql.SQL("select {key} from {table} where _load_id = {load_id}").format(
        key=key_text(source), table=sql.Identifier("bronze", source.table), load_id=sql.Literal(load_id)
    )


def full_load_upsert(
    connection: psycopg.Connection,
    source: Source,
    judged: Judged,
    parameters: Mapping[str, object],
    counts: RowCounts,
) -> sql.Composed:
    """Keep every new version in the history, the newest as the current row; returns a query of the keys confirmed."""
    typed = judged.typed
    changed = _table_of(connection, f"changed_by_load_{parameters['load_id']}", merging.changed_query(source, typed))
    counts.rows_unchanged = _unchanged(connection, source, judged, changed)
    connection.execute(merging.history_insert(source, changed), parameters)
    outcomes = _table_of(
        connection, f"outcomes_of_load_{parameters['load_id']}", merging.outcome_query(source, changed)
    )
    connection.execute(merging.current_merge(source, outcomes))
    found: dict[str, int] = dict(
        connection.execute(sql.SQL("select outcome, count(*) from {} group by outcome").format(outcomes)).fetchall()
    )
    counts.rows_inserted = found.get("inserted", 0)
    counts.rows_updated = found.get("updated", 0)
    counts.rows_superseded = found.get("superseded", 0)
    accepted = counts.rows_read - counts.rows_rejected
    counts.rows_duplicate = accepted - counts.rows_unchanged - sum(found.values())
    (counts.tied_versions,) = numbers(connection, merging.tied_versions_query(source, changed), parameters)
    return sql.SQL(
        "select typed.key from {typed} as typed where typed.is_accepted and not exists (select from {outcomes} as late"
        " where late.outcome = 'superseded' and ({late_key}) = ({key}) and late.brought_hash = {row_hash})"
    ).format(
        typed=typed,
        outcomes=outcomes,
        late_key=sql.SQL(", ").join(sql.Identifier("late", name) for name in source.key),
        key=sql.SQL(", ").join(sql.Identifier("typed", name) for name in source.key),
        row_hash=row_hash(source, sql.Identifier("typed", "_extra"), "typed"),
    )


def _unchanged(connection: psycopg.Connection, source: Source, judged: Judged, changed: sql.Identifier) -> int:
    """How many versions of a file are the newest already: what is not changed, when no key is there twice."""
    if not judged.keys_ascend:
        return numbers(connection, merging.unchanged_query(source, judged.typed))[0]
    (count,) = numbers(connection, sql.SQL("select count(*) from {}").format(changed))
    return judged.rows_read - judged.rows_rejected - count


def _table_of(connection: psycopg.Connection, name: str, query: sql.Composed) -> sql.Identifier:
    """The temporary table of that name with the rows of a query."""
    table = sql.Identifier(name)
    connection.execute(sql.SQL("create temporary table {} on commit drop as\n{}").format(table, query))
    return table


STRATEGIES: Mapping[Strategy, Strategist] = {"append_dedupe": append_dedupe, "full_load_upsert": full_load_upsert}
