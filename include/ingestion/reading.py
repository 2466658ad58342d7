"""A raw file as rows that are sure to be good, many at a time, and records to be looked at more closely."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType

from include.ingestion.csv_reader import SureLines, csv_pieces, csv_records, read_header
from include.ingestion.files import RawFile
from include.ingestion.header import check_header
from include.ingestion.json_reader import json_records
from include.ingestion.latest import Latest
from include.ingestion.object_cells import object_places, with_object_cells
from include.ingestion.records import Record
from include.ingestion.spec import Layout, Source
from include.ingestion.sure_lines import LONGEST_TEXT, sure_lines
from include.ingestion.sure_rows import KeyOrder, RowEnds, SureLane
from include.ingestion.typed_table import SureRows


@dataclass
class Reading:
    """One reading of a file. `undeclared`: the names of other columns; those of JSON are known when it is read."""

    source: Source
    file: RawFile
    layout: Layout
    undeclared: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, source: Source, file: RawFile) -> Reading:
        """A reading from the beginning.

        Raises:
            FileRefusedError: the header is not the contract's.
        """
        layout = source.layout_of(file.name)
        if layout.format == "json":
            return cls(source, file, layout)
        if layout.format == "parquet":
            names = _parquet().parquet_names(source, file, layout)
            check_header(source, names, layout.format)
            return cls(source, file, layout, set(names).difference(source.column_names))
        header = list(source.column_names) if file.is_empty else read_header(file)
        check_header(source, header, layout.format)
        undeclared = set(header).difference(source.column_names)
        return cls(source, file, replace(layout, header=header), undeclared)

    def pieces(
        self, latest: Latest, tail: str = "", order: KeyOrder | None = None, *, closely: bool = False
    ) -> Iterator[SureRows | Record]:
        """The content, in order; each sure row has its line before it and `tail` behind it.

        `order`: is told the sure rows. `closely`: none is taken for sure.

        Raises:
            FileRefusedError: the file cannot be read to its end, or its keys are not the contract's.
        """
        # Where less is allowed than the pattern takes, each cell is measured.
        closely = closely or self.file.limits.max_field_bytes < LONGEST_TEXT
        sure = None if closely else sure_lines(self.source, self.layout, latest)
        ends = RowEnds(tail, order)
        if self.layout.format != "csv":
            yield from self._json_pieces(sure, ends)
            return
        objects, limits = object_places(self.source, self.layout), self.file.limits
        for piece in csv_pieces(self.file, len(self.layout.header), sure):
            if isinstance(piece, SureLines):
                yield ends.numbered(piece)
            else:
                yield with_object_cells(piece, objects, limits)

    def records(self) -> Iterator[Record]:
        """Every record by itself."""
        if self.layout.format != "csv":
            return self._json_records(set())
        return csv_records(self.file, len(self.layout.header))

    def _json_pieces(self, sure: re.Pattern[bytes] | None, ends: RowEnds) -> Iterator[SureRows | Record]:
        seen: set[str] = set()
        lane = SureLane(self.source, self.layout, sure, ends, self.file.limits)
        for record in self._json_records(seen):
            if record.problem or sure is None:
                yield record
            elif lane.is_full_with(record):
                yield from lane.emptied()
        yield from lane.emptied()
        self.undeclared |= seen.difference(self.source.column_names)
        if seen:
            known = seen.intersection(self.source.column_names)
            check_header(self.source, [*known, *sorted(self.undeclared)], self.layout.format)

    def _json_records(self, seen: set[str]) -> Iterator[Record]:
        """The records; the names of the keys of JSON are added to `seen`."""
        if self.layout.format == "parquet":
            return _parquet().parquet_records(self.file, self.layout)
        return json_records(self.file, self.layout, seen)


def _parquet() -> ModuleType:
    from include.ingestion import parquet_reader  # noqa: PLC0415 - pyarrow takes half a second, and few files need it

    return parquet_reader
