"""Rows that are sure to be good, on their way to a COPY: lines of a CSV, and records of JSON, many at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from operator import lt

from include.ingestion.csv_reader import SureLines
from include.ingestion.records import Record
from include.ingestion.spec import Layout, Source
from include.ingestion.typed_table import SureRows
from include.settings import Limits

BATCH = 1000
BATCH_BYTES = 1 << 18
LONGEST_LETTER = 4
"""Bytes of UTF-8."""


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


class RowEnds:
    """What is put around a row: its line before it, and `tail` behind it; `order` is told the rows."""

    def __init__(self, tail: str = "", order: KeyOrder | None = None) -> None:
        self._tail = tail
        self._order = order

    def numbered(self, lines: SureLines) -> SureRows:
        """The rows of lines that follow each other."""
        text = lines.text.replace("\r\n", "\n") if "\r" in lines.text else lines.text
        rows = text.split("\n")
        rows.pop()
        return self.around(range(lines.first, lines.first + len(rows)), rows)

    def around(self, lines: Iterable[int], rows: list[str]) -> SureRows:
        """The rows, each with its line."""
        if self._order:
            self._order.see(rows)
        text = [f"{line},{row}{self._tail}\n" for line, row in zip(lines, rows, strict=True)]
        return SureRows("".join(text), len(rows))


class SureLane:
    """Gathers records of JSON and tells those that are sure to be good, many at a time."""

    def __init__(
        self, source: Source, layout: Layout, sure: re.Pattern[bytes] | None, ends: RowEnds, limits: Limits
    ) -> None:
        self._sure = sure
        self._ends = ends
        self._seen = len(layout.header) - layout.objects
        # So many letters are within the limit whatever they are.
        self._longest = limits.max_field_bytes // LONGEST_LETTER
        self._bounded = [
            (layout.header.index(column.name), layout.header.index(column.at_most))
            for column in source.columns
            if isinstance(column.at_most, str)
        ]
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
        rows = [",".join([cell or "" for cell in record.cells[: self._seen]]) for record in records]
        if not self._are_sure(rows, records):
            sure = [self._are_sure([row], [record]) for row, record in zip(rows, records, strict=True)]
            yield from (record for record, is_sure in zip(records, sure, strict=True) if not is_sure)
            rows = [row for row, is_sure in zip(rows, sure, strict=True) if is_sure]
            records = [record for record, is_sure in zip(records, sure, strict=True) if is_sure]
        if rows:
            whole = [
                f"{row},{','.join(map(_quoted, record.cells[self._seen :]))}"
                for row, record in zip(rows, records, strict=True)
            ]
            yield self._ends.around([record.line for record in records], whole)

    def _are_sure(self, rows: list[str], records: list[Record]) -> bool:
        text = "\n".join(rows) + "\n"
        # A quote in a cell would be taken for one around it, and the end of a line for that of the row.
        if self._sure is None or '"' in text or "\r" in text or text.count("\n") != len(rows):
            return False
        return bool(self._sure.fullmatch(text.encode("utf-8", "surrogateescape"))) and not any(
            self._exceeds(record.cells) or self._has_odd_object(record.cells) for record in records
        )

    def _exceeds(self, cells: Sequence[str | None]) -> bool:
        """Whether a number is greater than the one that bounds it."""
        return any(
            # Of two that are so near to each other that a float cannot tell, every digit counts.
            float(cells[number] or 0) >= float(cells[most] or 0)
            and Decimal(cells[number] or 0) > Decimal(cells[most] or 0)
            for number, most in self._bounded
        )

    def _has_odd_object(self, cells: Sequence[str | None]) -> bool:
        return any(cell and (cell[0] != "{" or len(cell) > self._longest) for cell in cells[self._seen : -1])


def _quoted(cell: str | None) -> str:
    return '"' + cell.replace('"', '""') + '"' if cell else ""
