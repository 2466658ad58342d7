"""What `make run` prints when the run has ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from tabulate import tabulate

from include.ingestion.files import sha256_of
from include.ingestion.sources import SOURCES
from include.ingestion.unclaimed import misspelt_files, passed_over

if TYPE_CHECKING:
    import pandas as pd

LAYERS = ("bronze", "silver", "gold", "ops")
HIDDEN_COLUMNS = frozenset(
    {"student_name", "full_name", "first_name", "last_name", "student_id", "user_id", "learner_id", "session_id"}
)
"""Names and ids of students, and sessions that are called by them: they belong in the warehouse, not in a terminal, a
screenshot or a log of CI."""
HEAD_ROWS = 3
HEAD_COLUMNS = 8
CELL_WIDTH = 24


def rows_processed(connection: psycopg.Connection, job_ids: Sequence[str]) -> dict[str, int]:
    """The rows that these jobs have recorded; nothing for jobs, or a warehouse, without records yet."""
    if not _exists(connection, "ops.etl_job_status"):
        return {}
    query = "select job_id, records_processed from ops.etl_job_status where job_id = any(%s)"
    return dict(connection.execute(query, [list(job_ids)]).fetchall())


def refused_files(connection: psycopg.Connection, run_id: str) -> list[tuple[str, str, str, str]]:
    """Source, file, status and reason of the files that this run refused or failed to load, in its last try."""
    if not _exists(connection, "ops.file_loads"):
        return []
    query = """
        select source, file, status, coalesce(error, '')
        from ops.file_loads as load
        where
            dag_run_id = %s
            and status in ('refused', 'failed')
            and not exists (
                select from ops.file_loads as later
                where later.source = load.source and later.sha256 = load.sha256
                    and later.dag_run_id = load.dag_run_id and later.load_id > load.load_id
            )
        order by load_id
    """
    return connection.execute(query, [run_id]).fetchall()


def still_refused_files(connection: psycopg.Connection, run_id: str, raw_dir: Path) -> list[tuple[str, str, str, str]]:
    """Source, file, status and reason of the files that an earlier run refused and that lie there unchanged."""
    if not _exists(connection, "ops.file_loads"):
        return []
    query = """
        select source, file, status, coalesce(error, ''), sha256
        from ops.file_loads as load
        where
            dag_run_id is distinct from %s
            and status = 'refused'
            and not exists (
                select from ops.file_loads as later
                where later.source = load.source and (later.file = load.file or later.sha256 = load.sha256)
                    and later.load_id > load.load_id
            )
        order by load_id
    """
    refused = connection.execute(query, [run_id]).fetchall()
    return [(*row, reason) for *row, reason, sha256 in refused if _holds(raw_dir / row[1], sha256)]


def left_alone(raw_dir: Path) -> Iterator[str]:
    """A line for each thing in the raw folder that was probably meant to be loaded, and was not even looked at."""
    for file, pattern in misspelt_files(raw_dir, SOURCES.values()).items():
        yield f"No source takes the file {file}: did you mean {pattern}?"
    for name, what in passed_over(raw_dir, SOURCES.values()).items():
        yield f"{name} is not read: it is {what}"


def row_counts(connection: psycopg.Connection) -> list[tuple[str, str, int]]:
    """Layer, table and rows of every table of the warehouse."""
    return [(layer, name, _count(connection, layer, name)) for layer in LAYERS for name in _tables(connection, layer)]


def gold_heads(connection: psycopg.Connection) -> dict[str, pd.DataFrame]:
    """The first rows of each gold table that has any, without names and ids of students."""
    heads = {name: _head(connection, name) for name in _tables(connection, "gold")}
    return {name: head for name, head in heads.items() if len(head)}


def table_text(rows: Sequence[Sequence[Any]], headers: Sequence[str]) -> str:
    """The rows as a table for the terminal, wide cells broken into lines."""
    return tabulate(rows, headers=headers, tablefmt="simple", intfmt=",", maxcolwidths=60, disable_numparse=[0, 1])


def head_text(name: str, head: pd.DataFrame) -> str:
    """The head of a gold table, cut to what a terminal holds."""
    shown = head.iloc[:, :HEAD_COLUMNS].map(_short)
    left_out = [str(column) for column in head.columns[HEAD_COLUMNS:]]
    more = f"\n  and {len(left_out)} more columns: {', '.join(left_out)}" if left_out else ""
    return f"gold.{name}\n{tabulate(shown, headers='keys', tablefmt='simple', showindex=False)}{more}"


def _holds(path: Path, sha256: str) -> bool:
    """Whether the file is there, with these bytes."""
    return path.is_file() and sha256_of(path) == sha256


def _head(connection: psycopg.Connection, table: str) -> pd.DataFrame:
    import pandas as pd

    query = sql.SQL("select * from {} limit {}").format(sql.Identifier("gold", table), HEAD_ROWS)
    cursor = connection.execute(query)
    names = [column.name for column in cursor.description or []]
    frame = pd.DataFrame(cursor.fetchall(), columns=names, dtype=object)
    return frame.drop(columns=[name for name in names if name in HIDDEN_COLUMNS])


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= CELL_WIDTH else text[: CELL_WIDTH - 1] + "…"


def _count(connection: psycopg.Connection, layer: str, table: str) -> int:
    query = sql.SQL("select count(*) from {}").format(sql.Identifier(layer, table))
    return int(connection.execute(query).fetchall()[0][0])


def _tables(connection: psycopg.Connection, schema: str) -> list[str]:
    # A partition's rows are counted with its table.
    query = """
        select relname
        from pg_class
        where relnamespace = to_regnamespace(%s) and relkind in ('r', 'p') and not relispartition
        order by relname
    """
    return [name for (name,) in connection.execute(query, [schema]).fetchall()]


def _exists(connection: psycopg.Connection, table: str) -> bool:
    return connection.execute("select to_regclass(%s) is not null", [table]).fetchall()[0][0] is True
