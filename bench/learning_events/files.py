"""The files of a number of days: half of the platform's events as Parquet and half as JSON lines, the rest as CSV."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from bench.learning_events.stream import HEADERS, Stream

PLATFORM = tuple(HEADERS["platform_events"].split(","))
SCHEMA = pa.schema([(name, pa.timestamp("us", "UTC") if name == "timestamp" else pa.string()) for name in PLATFORM])
Rows = Sequence[tuple[str, ...]]


def write_days(folder: Path, stream: Stream, days: Iterable[date], *, typed: bool = False) -> Counter[str]:
    """Write what arrives on some days into new files in a folder; returns the number of lines by source.

    With `typed` it is one CSV file for each source instead, as COPY takes it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: Counter[str] = Counter()
    with ExitStack() as stack:
        files: dict[str, Any] = {}
        for day in days:
            lines = defaultdict(list)
            for source, cells in stream.day(day):
                lines[source].append(cells)
            for source, rows in lines.items():
                written[source] += len(rows)
                for name, part in ({f"{source}.csv": rows} if typed else _parts(source, rows)).items():
                    if name not in files:
                        path = folder / (name if typed else f"{name.partition('.')[0]}_{day}.{name.partition('.')[2]}")
                        files[name] = _open(stack, path, source)
                    files[name](part)
    return written


def _parts(source: str, rows: Rows) -> Mapping[str, Rows]:
    """The rows of a source by the files in which they arrive."""
    if source == "platform_events":
        return {"platform_events_a.parquet": rows[: len(rows) // 2], "platform_events_b.jsonl": rows[len(rows) // 2 :]}
    if source == "product_events":
        return {f"{product}_events.csv": [row for row in rows if row[4] == product] for product in ("ela", "science")}
    return {f"{source}.csv": rows}


def _open(stack: ExitStack, path: Path, source: str) -> Any:
    if path.suffix == ".parquet":
        writer = stack.enter_context(parquet.ParquetWriter(path, SCHEMA))
        return lambda rows: writer.write_table(_table(rows), row_group_size=50_000)
    lines = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    if path.suffix == ".jsonl":
        return lambda rows: lines.writelines(map(_json, rows))
    return _csv(lines, source)


def _csv(lines: IO[str], source: str) -> Any:
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(HEADERS[source].split(","))
    return writer.writerows


def _table(rows: Rows) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table(
        [
            pa.array([cell or None for cell in cells]).cast(field.type)
            for cells, field in zip(columns, SCHEMA, strict=True)
        ],
        schema=SCHEMA,
    )


def _json(row: tuple[str, ...]) -> str:
    event_id, learner, event_type, time, session, data, metadata, version = row
    given = f'"session_id":"{session}",' if session else ""
    return (
        f'{{"event_id":"{event_id}","learner_id":"{learner}","event_type":"{event_type}","timestamp":"{time}",'
        f'{given}"data":{data},"metadata":{metadata},"version":"{version}"}}\n'
    )
