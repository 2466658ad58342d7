"""Taking judged rows into bronze under a load of their own: what replay and unload have in common with a load."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from include.ingestion.accounts import LoadContext
from include.ingestion.judging import Judged
from include.ingestion.report import RowCounts
from include.ingestion.strategies import STRATEGIES


@dataclass(frozen=True)
class Origin:
    """What bronze says of where rows came from."""

    load_id: int
    file: str
    ingested_at: datetime


@dataclass(frozen=True)
class Taken:
    """What became of the accepted rows: counts, and a query of the keys taken."""

    counts: RowCounts
    keys: sql.Composed


def parameters(origin: Origin) -> dict[str, object]:
    """What the SQL of `merging` asks for."""
    return {"load_id": origin.load_id, "ingested_at": origin.ingested_at, "source_file": origin.file}


def take(
    connection: psycopg.Connection, context: LoadContext, judged: Judged, origin: Origin, rows_rejected: int
) -> Taken:
    """Take the accepted rows in by the source's strategy; `rows_rejected` more count as read and rejected."""
    accepted = judged.rows_read - judged.rows_rejected
    counts = RowCounts(rows_read=accepted + rows_rejected, rows_rejected=rows_rejected)
    keys = STRATEGIES[context.source.strategy](connection, context.source, judged, parameters(origin), counts)
    return Taken(counts, keys)


def resolve_before(
    connection: psycopg.Connection, context: LoadContext, keys: sql.Composable, load_id: int, before: int
) -> None:
    """Close the open rejections, of loads before the load `before`, of the keys that a query gives."""
    connection.execute(
        sql.SQL(
            "update ops.rejected_rows set resolved_at = clock_timestamp(), resolved_load_id = {load_id}"
            " where source = {source} and resolved_at is null and load_id < {before} and key in ({keys})"
        ).format(
            load_id=sql.Literal(load_id),
            source=sql.Literal(context.source.table),
            before=sql.Literal(before),
            keys=keys,
        )
    )


def account(connection: psycopg.Connection, load_id: int, counts: RowCounts) -> None:
    """Write the counts of a load, which is `loaded` from now on."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(count)) for name, count in asdict(counts).items()
    )
    connection.execute(
        sql.SQL("update ops.file_loads set status = 'loaded', {} where load_id = {}").format(
            assignments, sql.Literal(load_id)
        )
    )
