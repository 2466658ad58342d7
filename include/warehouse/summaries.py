"""ops.run_summaries: what a run did, in counts, for people and for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import psycopg
from psycopg.types.json import Jsonb

Outcome = Literal["success", "partial", "failed"]


def ingestion_facts(connection: psycopg.Connection, dag_run_id: str) -> dict[str, Any]:
    """Files and rows that a run loaded, and the files that it refused, by source."""
    rows = connection.execute(
        """select source,
            count(*) filter (where status = 'loaded') as files_loaded,
            coalesce(sum(rows_read) filter (where status = 'loaded'), 0) as rows_read,
            coalesce(sum(rows_inserted + rows_updated) filter (where status = 'loaded'), 0) as rows_written,
            coalesce(sum(rows_rejected) filter (where status = 'loaded'), 0) as rows_rejected,
            coalesce(array_agg(file || ': ' || error order by load_id) filter (where status <> 'loaded'), '{}')
        from ops.file_loads where dag_run_id = %s group by source order by source""",
        [dag_run_id],
    ).fetchall()
    names = ("files_loaded", "rows_read", "rows_written", "rows_rejected", "not_loaded")
    return {
        source: dict(zip(names, (*map(int, counts), list(not_loaded)), strict=True))
        for source, *counts, not_loaded in rows
    }


def publication_facts(connection: psycopg.Connection, dag_run_id: str) -> dict[str, Any]:
    """What the last publication of a run changed in each gold table; empty when it published nothing."""
    rows = connection.execute(
        """select publications.as_of::text, tables.table_name, rows_added, rows_changed, rows_removed
        from ops.publications as publications
        inner join ops.publication_tables as tables using (publication_id)
        where publications.publication_id = (
            select max(publication_id) from ops.publications where dag_run_id = %s
        )
        order by tables.table_name""",
        [dag_run_id],
    ).fetchall()
    if not rows:
        return {}
    names = ("rows_added", "rows_changed", "rows_removed")
    return {"as_of": rows[0][0], "tables": {row[1]: dict(zip(names, row[2:], strict=True)) for row in rows}}


def checkpoint_facts(connection: psycopg.Connection, dag_run_id: str) -> dict[str, str]:
    """The outcome of each table that a checkpoint of the run looked at: passed, warned or failed."""
    return dict(
        connection.execute(
            "select replace(checkpoint, 'checkpoint_', '') || '.' || table_name, outcome from ops.checkpoint_runs"
            " where dag_run_id = %s order by checkpoint_run_id",
            [dag_run_id],
        ).fetchall()
    )


def named_findings(connection: psycopg.Connection, dag_run_id: str) -> list[str]:
    """What the checkpoints of a run, at the last try, found by name, as sentences."""
    return [
        finding
        for (findings,) in connection.execute(
            "select distinct on (checkpoint, table_name) named_findings from ops.checkpoint_runs"
            " where dag_run_id = %s order by checkpoint, table_name, checkpoint_run_id desc",
            [dag_run_id],
        ).fetchall()
        for finding in findings
    ]


def record_summary(
    connection: psycopg.Connection, *, dag_id: str, dag_run_id: str, outcome: Outcome, summary: Mapping[str, Any]
) -> None:
    """Write the summary of a run; a rerun replaces it."""
    connection.execute(
        """insert into ops.run_summaries (dag_id, dag_run_id, outcome, summary) values (%s, %s, %s, %s)
        on conflict (dag_id, dag_run_id) do update set
            outcome = excluded.outcome, summary = excluded.summary, finished_at = clock_timestamp()""",
        [dag_id, dag_run_id, outcome, Jsonb(dict(summary))],
    )
