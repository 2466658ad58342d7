"""The sample's files as rows of text, whatever their shape."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from pyarrow import parquet

PRODUCT_FILES = ("ela_events", "science_events")
Row = dict[str, str]


def rows(folder: Path, source: str) -> Iterator[Row]:
    """Every row of the source's files, in the order of their names; all values are text."""
    prefixes = PRODUCT_FILES if source == "product_events" else (source,)
    for path in sorted(path for prefix in prefixes for path in folder.glob(f"{prefix}*")):
        if path.suffix == ".parquet":
            yield from map(as_text, parquet.read_table(path).to_pylist())
            continue
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as content:
            lines = io.TextIOWrapper(content, encoding="utf-8", newline="")
            if path.suffix == ".json":
                yield from map(as_text, json.load(lines))
            elif ".jsonl" in path.name:
                yield from map(as_text, map(json.loads, lines))
            else:
                yield from csv.DictReader(lines)


def as_text(record: Mapping[str, object]) -> Row:
    """The values of a record as a CSV file has them."""
    return {name: text_of(value) for name, value in record.items()}


def text_of(value: object) -> str:
    if isinstance(value, datetime):
        timespec = "microseconds" if value.microsecond % 1000 else "milliseconds"
        return value.isoformat(timespec=timespec).replace("+00:00", "Z")
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else "" if value is None else str(value)
