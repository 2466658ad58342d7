"""A raw file as rows that are sure to be good, many at a time, and records to be looked at more closely."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import lt

from include.ingestion.csv_reader import SureLines, csv_pieces, csv_records, read_header
from include.ingestion.files import RawFile
from include.ingestion.header import check_header
from include.ingestion.json_reader import json_records
from include.ingestion.records import Record
from include.ingestion.spec import Source
from include.ingestion.sure_lines import LONGEST_TEXT, sure_lines
from include.ingestion.typed_table import SureRows

BATCH = 1000
BATCH_BYTES = 1 << 18


class KeyOrder:
    """Whether the keys of the rows that it is told ascend: then none of them is there twice.

    `ascends` is False also when that cannot be told so easily: of keys that do not stand first, in
    quotes, or of another type.
    """

    def __init__(self, source: Source, header: list[str]) -> None:
        self.ascends = source.key == (header[0],) and source.column(header[0]).type == "text"
        self._last = ""

    def see(self, rows: list[str]) -> None:
        """Look at the next rows, as CSV without their line."""
        if self.ascends:
            keys = [self._last, *(row[: row.index(",")] for row in rows)]
            # Behind "#" none begins with a quote.
            self.ascends = keys[1] >= "#" and all(map(lt, keys, keys[1:]))
            self._last = keys[-1]


@dataclass
class Reading:
    """One reading of a file. `header`: its columns in their order; of JSON the contract's.

    `undeclared`: the names of other columns; those of JSON are known when it is read.
    """

    source: Source
    file: RawFile
    header: list[str]
    undeclared: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, source: Source, file: RawFile) -> Reading:
        """A reading from the beginning.

        Raises:
            FileRefusedError: the header is not the contract's.
        """
        if source.format == "json":
            return cls(source, file, list(source.column_names))
        header = list(source.column_names) if file.is_empty else read_header(file)
        check_header(source, header)
        return cls(source, file, header, set(header).difference(source.column_names))

    def pieces(
        self, latest: date, tail: str = "", order: KeyOrder | None = None, *, closely: bool = False
    ) -> Iterator[SureRows | Record]:
        """The content, in order; each sure row has its line before it and `tail` behind it.

        `order`: is told the sure rows. `closely`: none is taken for sure.

        Raises:
            FileRefusedError: the file cannot be read to its end, or its keys are not the contract's.
        """
        # Where less is allowed than the pattern takes, each cell is measured.
        closely = closely or self.file.limits.max_field_bytes < LONGEST_TEXT
        sure = None if closely else sure_lines(self.source, self.header, latest)
        if self.source.format == "json":
            yield from self._json_pieces(sure, tail, order)
            return
        for piece in csv_pieces(self.file, len(self.header), sure):
            yield _numbered(piece, tail, order) if isinstance(piece, SureLines) else piece

    def records(self) -> Iterator[Record]:
        """Every record by itself."""
        if self.source.format == "json":
            return json_records(self.file, self.source.column_names, set())
        return csv_records(self.file, len(self.header))

    def _json_pieces(
        self, sure: re.Pattern[bytes] | None, tail: str, order: KeyOrder | None
    ) -> Iterator[SureRows | Record]:
        seen: set[str] = set()
        bounded = [
            (self.header.index(column.name), self.header.index(column.at_most))
            for column in self.source.columns
            if isinstance(column.at_most, str)
        ]
        lane = _SureLane(sure, bounded, tail, order)
        for record in json_records(self.file, self.source.column_names, seen):
            if record.problem or sure is None:
                yield record
            elif lane.is_full_with(record):
                yield from lane.emptied()
        yield from lane.emptied()
        self.undeclared |= seen.difference(self.source.column_names)
        if seen:
            check_header(self.source, [*seen.intersection(self.source.column_names), *sorted(self.undeclared)])


def _numbered(lines: SureLines, tail: str, order: KeyOrder | None) -> SureRows:
    text = lines.text.replace("\r\n", "\n") if "\r" in lines.text else lines.text
    rows = text.split("\n")
    rows.pop()
    return _with_lines(range(lines.first, lines.first + len(rows)), rows, tail, order)


def _with_lines(lines: Iterable[int], rows: list[str], tail: str, order: KeyOrder | None) -> SureRows:
    if order:
        order.see(rows)
    return SureRows("".join([f"{line},{row}{tail}\n" for line, row in zip(lines, rows, strict=True)]), len(rows))


class _SureLane:
    """Gathers records and tells those that are sure to be good, many at a time."""

    def __init__(
        self,
        sure: re.Pattern[bytes] | None,
        bounded: list[tuple[int, int]],
        tail: str,
        order: KeyOrder | None,
    ) -> None:
        self._sure = sure
        self._bounded = bounded
        self._tail = tail
        self._order = order
        self._records: list[Record] = []
        self._bytes = 0

    def is_full_with(self, record: Record) -> bool:
        """Take a record; whether it is time to empty the lane."""
        self._records.append(record)
        self._bytes += len(record.raw)
        return len(self._records) == BATCH or self._bytes > BATCH_BYTES

    def emptied(self) -> Iterator[SureRows | Record]:
        """What was gathered: sure rows, then the other records."""
        records, self._records, self._bytes = self._records, [], 0
        rows = [",".join([cell or "" for cell in record.cells[:-1]]) for record in records]
        if not self._are_sure(rows, records):
            sure = [self._are_sure([row], [record]) for row, record in zip(rows, records, strict=True)]
            yield from (record for record, is_sure in zip(records, sure, strict=True) if not is_sure)
            rows = [row for row, is_sure in zip(rows, sure, strict=True) if is_sure]
            records = [record for record, is_sure in zip(records, sure, strict=True) if is_sure]
        if rows:
            whole = [
                f'{row},"{_escaped(extra)}"' if (extra := record.cells[-1]) else f"{row},"
                for row, record in zip(rows, records, strict=True)
            ]
            yield _with_lines([record.line for record in records], whole, self._tail, self._order)

    def _are_sure(self, rows: list[str], records: list[Record]) -> bool:
        text = "\n".join(rows) + "\n"
        # A quote in a cell would be taken for one around it, and the end of a line for that of the row.
        if self._sure is None or '"' in text or "\r" in text or text.count("\n") != len(rows):
            return False
        return bool(self._sure.fullmatch(text.encode("utf-8", "surrogateescape"))) and not any(
            self._exceeds(record.cells) for record in records
        )

    def _exceeds(self, cells: Sequence[str | None]) -> bool:
        """Whether a number is greater than the one that bounds it."""
        return any(
            # Of two that are so near to each other that a float cannot tell, every digit counts.
            float(cells[number] or 0) >= float(cells[most] or 0)
            and Decimal(cells[number] or 0) > Decimal(cells[most] or 0)
            for number, most in self._bounded
        )


def _escaped(text: str) -> str:
    return text.replace('"', '""')
