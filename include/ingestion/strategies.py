"""The load strategies: what becomes of the accepted rows of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import psycopg
from psycopg import sql

from include.ingestion import merging
from include.ingestion.report import RowCounts
from include.ingestion.spec import Source, Strategy
from include.warehouse.queries import names, numbers

Strategist = Callable[[psycopg.Connection, Source, sql.Identifier, Mapping[str, object], RowCounts], sql.Composed]


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
    (counts.tied_versions,) = numbers(connection, merging.tied_versions_query(source, source.table), parameters)
    return sql.SQL(
        "select rows.key from {rows} as rows inner join {table} as taken using ({key}, _row_hash)"
        " where taken._load_id = {load_id}"
    ).format(
        rows=rows,
        table=sql.Identifier("bronze", source.table),
        key=names(source.key),
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
    (counts.tied_versions,) = numbers(
        connection, merging.tied_versions_query(source, f"{source.table}_history"), parameters
    )
    return sql.SQL(
        "select rows.key from {} as rows inner join {} as outcomes using ({}, _row_hash)"
        " where outcomes.outcome <> 'superseded'"
    ).format(rows, outcomes, names(source.key))


STRATEGIES: Mapping[Strategy, Strategist] = {"append_dedupe": append_dedupe, "full_load_upsert": full_load_upsert}
