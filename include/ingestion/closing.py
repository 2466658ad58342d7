"""The end of a load: its rejected rows and its account."""

from __future__ import annotations

import psycopg

from include.ingestion import accounts, rejections
from include.ingestion.accounts import LoadContext
from include.ingestion.files import RawFile
from include.ingestion.judging import Judged
from include.ingestion.report import RowCounts


def close_load(
    connection: psycopg.Connection,
    context: LoadContext,
    file: RawFile,
    judged: Judged,
    load_id: int,
    counts: RowCounts,
) -> None:
    """Keep the rejected rows of a judged file, loaded or refused, and write its counts."""
    rejections.keep_rejected(connection, context, file, judged, load_id)
    header = judged.header if context.source.format == "csv" else None
    accounts.close_account(connection, load_id, counts, header, judged.undeclared)
