"""What ingestion tells people of its records: counts, files and reasons, never a value of a row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg

from include.ingestion.sources import SOURCES
from include.ingestion.unclaimed import passed_over, unclaimed_files

SILVER_FOLLOWS = "silver and gold follow with the next run of student_ingestion or student_dbt"


def status_lines(connection: psycopg.Connection, raw_dir: Path) -> Iterator[str]:
    """What each source has loaded, and the files that no source takes."""
    rows = connection.execute(
        """select source, count(*) filter (where status = 'loaded' and replay_of is null),
            coalesce(sum(rows_read) filter (where status = 'loaded' and replay_of is null), 0),
            count(*) filter (where status = 'refused'), max(finished_at)
        from ops.file_loads group by source"""
    ).fetchall()
    known = {source: row for source, *row in rows}
    for source in SOURCES:
        loaded, read, refused, last = known.get(source, (0, 0, 0, None))
        when = f"last {last:%Y-%m-%d %H:%M %Z}" if last else "nothing was loaded yet"
        yield f"{source}: {loaded:,} files loaded, {read:,} rows read, {refused:,} refusals; {when}"
    for name, near in unclaimed_files(raw_dir, SOURCES.values()).items():
        yield f"{name}: no source takes it" + (f"; did you mean {near}?" if near else "")
    for name, what in passed_over(raw_dir, SOURCES.values()).items():
        yield f"{name}: it is not read: it is {what}"


def rejects_lines(connection: psycopg.Connection, source: str | None) -> Iterator[str]:
    """The open rejections of a source, or of all, by file and reason; those of refused files are not replayed."""
    rows = connection.execute(
        """select rejected.source, rejected.file, load_id, status = 'refused', reason, count(*), min(line)
        from ops.rejected_rows as rejected
        inner join ops.file_loads using (load_id)
        cross join unnest(reasons) as reason
        where resolved_at is null and (%(source)s::text is null or rejected.source = %(source)s)
        group by 1, 2, 3, 4, 5 order by load_id, count(*) desc, reason""",
        {"source": source},
    ).fetchall()
    for its_source, file, load_id, is_refused, reason, count, line in rows:
        load = f"refused as load {load_id}" if is_refused else f"load {load_id}"
        yield f"{its_source}: {file} ({load}): {count:,} × {reason}, first in line {line}"
    yield "The rows themselves: table ops.rejected_rows." if rows else "no open rejections"
