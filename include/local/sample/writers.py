"""The kinds of files that the sample has, each written row by row as the rows come."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from include.local.sample.rows import (
    AttendanceRow,
    LearningUnitRow,
    MobileEventRow,
    PlatformEventRow,
    ProductEventRow,
    RewardEventRow,
    Row,
    SchoolDayRow,
    SchoolRow,
    SourceName,
    StudentRow,
    WebEventRow,
)

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS: Mapping[SourceName, tuple[str, ...]] = {
    "students": StudentRow._fields,
    "schools": SchoolRow._fields,
    "learning_units": LearningUnitRow._fields,
    "school_days": SchoolDayRow._fields,
    "attendance": AttendanceRow._fields,
    "product_events": ProductEventRow._fields,
    "mobile_events": MobileEventRow._fields,
    "web_events": WebEventRow._fields,
    "reward_events": RewardEventRow._fields,
}
ROWS_OF_BATCH, BATCHES_OF_GROUP = 100, 200
"""A Parquet file keeps rows as Arrow batches, in a tenth of their memory, until a row group is full."""


class RowFile(Protocol):
    """A file that takes rows of one source."""

    def write(self, row: Any, /) -> object:
        """Add a row, of the source of the file."""

    def close(self) -> None:
        """Write what is still to be written."""


def open_file(source: SourceName, name: str, path: Path, stack: ExitStack) -> RowFile:
    """Begin the file that is to have the name, at a path; the stack closes it if something goes wrong."""
    if name.endswith(".parquet"):
        return _ParquetFile(path, stack)
    lines = _compressed(path, stack) if name.endswith(".gz") else _plain(path, stack)
    if source in COLUMNS:
        return _CsvFile(lines, COLUMNS[source])
    return _JsonLinesFile(lines) if ".jsonl" in name else _JsonArrayFile(lines)


def _plain(path: Path, stack: ExitStack) -> IO[str]:
    return stack.enter_context(path.open("w", encoding="utf-8", newline=""))


def _compressed(path: Path, stack: ExitStack) -> IO[str]:
    """Without name and time in it, so that the same rows give the same bytes."""
    file = stack.enter_context(path.open("wb"))
    content = stack.enter_context(gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0))
    return stack.enter_context(io.TextIOWrapper(content, encoding="utf-8", newline=""))


class _CsvFile:
    def __init__(self, lines: IO[str], columns: tuple[str, ...]) -> None:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(columns)
        self.write = writer.writerow

    def close(self) -> None:
        """There is nothing to add to the lines."""


class _JsonArrayFile:
    """A JSON array with one object per line, written as the objects come."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self._before = "[\n"

    def write(self, row: Row) -> None:
        self._lines.write(self._before + json.dumps(row._asdict(), separators=(",", ":")))
        self._before = ",\n"

    def close(self) -> None:
        self._lines.write("[]\n" if self._before == "[\n" else "\n]\n")


class _JsonLinesFile:
    """Platform events, an object a line; their cells are such that none has to be escaped."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines

    def write(self, row: PlatformEventRow) -> None:
        session = f'"{row.session_id}"' if row.session_id else "null"
        self._lines.write(
            f'{{"event_id":"{row.event_id}","learner_id":"{row.learner_id}","event_type":"{row.event_type}",'
            f'"timestamp":"{row.timestamp}","session_id":{session},"data":{row.data},"metadata":{row.metadata},'
            f'"version":"{row.version}"}}\n'
        )

    def close(self) -> None:
        """There is nothing to add to the lines."""


class _ParquetFile:
    """Platform events: times as such, in microseconds and UTC, `data` and `metadata` as text of JSON."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        import pyarrow as pa  # noqa: PLC0415 - costs a quarter of a second, which other files need not wait
        import pyarrow.parquet as pq  # noqa: PLC0415

        self._arrow = pa
        types = {"timestamp": pa.timestamp("us", "UTC")}
        self._schema = pa.schema([(name, types.get(name, pa.string())) for name in PlatformEventRow._fields])
        self._file = stack.enter_context(pq.ParquetWriter(path, self._schema, compression="zstd"))
        self._rows: list[PlatformEventRow] = []
        self._batches: list[pa.RecordBatch] = []

    def write(self, row: PlatformEventRow) -> None:
        self._rows.append(row)
        if len(self._rows) == ROWS_OF_BATCH:
            self._batches.append(self._batch(self._rows))
            self._rows = []
            if len(self._batches) == BATCHES_OF_GROUP:
                self._write_group()

    def close(self) -> None:
        if self._rows:
            self._batches.append(self._batch(self._rows))
        if self._batches:
            self._write_group()

    def _batch(self, rows: Sequence[PlatformEventRow]) -> pa.RecordBatch:
        texts = ([cell or None for cell in cells] for cells in zip(*rows, strict=True))
        columns = [self._arrow.array(cells).cast(field.type) for cells, field in zip(texts, self._schema, strict=True)]
        return self._arrow.record_batch(columns, schema=self._schema)

    def _write_group(self) -> None:
        self._file.write_table(self._arrow.Table.from_batches(self._batches, schema=self._schema))
        self._batches = []
