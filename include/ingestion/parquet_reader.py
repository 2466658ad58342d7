"""The Parquet reader: each row as the JSON record that says the same; of a file only some rows are held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pyarrow as pa
from pyarrow import parquet

from include.ingestion.files import RawFile
from include.ingestion.flattening import object_text
from include.ingestion.json_reader import JsonCells
from include.ingestion.parquet_columns import check_types, flat_names, values
from include.ingestion.records import FileRefusedError, Record, text_of, too_large, too_long
from include.ingestion.spec import Layout, Source
from include.settings import Limits

BATCH = 8192
BATCH_BYTES = 8 << 20
"""Of so many rows of average size, or of so many bytes, a batch is made at most."""
BUFFER = 1 << 20
LEVELS_OF_A_LIST = 3
"""In a schema of Parquet."""


def parquet_names(source: Source, file: RawFile, layout: Layout) -> list[str]:
    """The names of the columns, as those of JSON records.

    Raises:
        FileRefusedError: the file cannot be read, or holds a type that is not read.
    """
    with file.open() as stream, _whole_file():
        schema = _opened(stream, file.limits).schema_arrow
    check_types(schema, source.column_names)
    return flat_names(schema, frozenset(layout.header[len(layout.header) - layout.objects :]))


def parquet_records(file: RawFile, layout: Layout) -> Iterator[Record]:
    """The rows of a Parquet file: their line is their number, their bytes are a line of JSON.

    Raises:
        FileRefusedError: the file is damaged or cut off, or is beyond a limit.
    """
    cells, given = JsonCells(layout, set(), file.limits), 0
    with file.open() as stream, _whole_file():
        for number, row in enumerate(_rows(stream, file.limits), start=1):
            text = object_text(row)
            raw = text.encode("utf-8", "surrogateescape")
            given += len(raw)
            if given > file.limits.max_file_bytes:
                raise too_large(file.limits, "its content has")
            if len(raw) > file.limits.max_line_bytes:
                raise too_long(file.limits, number, "row")
            problem = None if text.isascii() else text_of(raw)[1]
            yield cells.rejected(number, raw, problem) if problem else cells.record(number, raw, row)


def _rows(stream: BinaryIO, limits: Limits) -> Iterator[dict[str, object]]:
    """The values of each row that are not NULL, by the names of their columns."""
    metadata = _opened(stream, limits).metadata
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    if size > limits.max_file_bytes:
        raise too_large(limits, "its content has")
    file = _opened(stream, limits, metadata)
    rows = min(BATCH, max(1, BATCH_BYTES * metadata.num_rows // max(1, size)))
    for batch in file.iter_batches(batch_size=rows, use_threads=False):
        columns = [values(column) for column in batch.columns]
        for row in zip(*columns, strict=True):
            yield {name: value for name, value in zip(batch.schema.names, row, strict=True) if value is not None}


def _opened(stream: BinaryIO, limits: Limits, metadata: parquet.FileMetaData | None = None) -> parquet.ParquetFile:
    texts = []
    if metadata:
        # A text that many rows share is held once.
        texts = [column.name for column in metadata.schema.to_arrow_schema() if column.type == pa.string()]
    return parquet.ParquetFile(
        stream,
        metadata=metadata,
        read_dictionary=texts,
        pre_buffer=False,
        buffer_size=BUFFER,
        page_checksum_verification=True,
        schema_depth_limit=LEVELS_OF_A_LIST * limits.max_json_depth,
    )


@contextmanager
def _whole_file() -> Iterator[None]:
    """Says of whatever pyarrow cannot read that it is no whole Parquet file."""
    try:
        yield
    except pa.ArrowNotImplementedError:
        raise FileRefusedError(
            "it is packed or encrypted in a way that is not read: deliver it in another one"
        ) from None
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        # Not its text, which may quote a value.
        raise FileRefusedError("it is not a whole Parquet file: it is damaged or cut off; deliver it again") from None
