"""Records that are looked at more closely: as text in a temporary table, by COPY, to be cast and judged there."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from types import TracebackType

import psycopg
from psycopg import sql

from include.ingestion.records import Record
from include.ingestion.spec import Layout, Source
from include.warehouse.queries import names

EXTRA = "_extra"
SPOOL_BYTES = 4 << 20
BLOCK = 1 << 18
COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True)
class RawTable:
    """Records in a temporary table: `_record` (its number), `_line`, `_problem`, `_raw`, and the text cells.

    `cells`: for each declared column the column of the table that holds it, or None when the file has none.
    `undeclared`: for each other column of a CSV the column that holds it. `has_extra`: the last cell holds the
    undeclared keys of a JSON record.
    """

    table: sql.Identifier
    cells: dict[str, str | None]
    undeclared: dict[str, str]
    has_extra: bool

    @property
    def columns(self) -> list[str]:
        """The columns of the text cells, in the order of a record's cells."""
        places = [place for place in (*self.cells.values(), *self.undeclared.values()) if place]
        return [*sorted(places, key=lambda place: int(place[1:])), *([EXTRA] if self.has_extra else [])]


def raw_table(source: Source, layout: Layout, table: str) -> RawTable:
    """The table of that name for records of a layout."""
    place = {name: f"c{position}" for position, name in enumerate(layout.header)}
    return RawTable(
        sql.Identifier(table),
        {name: place.get(name) for name in source.column_names},
        {name: cell for name, cell in place.items() if name not in source.column_names},
        has_extra=layout.has_extra,
    )


class RecordSpool:
    """Records on their way to a raw table, in memory or, when they are many, on disk; `count` of them."""

    def __init__(self) -> None:
        self.count = 0
        self._file = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> RecordSpool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, record: Record, number: int | None = None) -> None:
        """Keep a record; `number`: its `_record`, else the how-manieth it is."""
        self.count += 1
        values = (str(number or self.count), str(record.line), record.problem, "\\x" + record.raw.hex())
        cells = (*values, *record.cells)
        text = "\t".join("\\N" if cell is None else cell.translate(COPY_ESCAPES) for cell in cells)
        self._file.write(text.encode("utf-8", "surrogateescape") + b"\n")

    def copy_to(self, connection: psycopg.Connection, raw: RawTable) -> None:
        """Make the raw table of the records."""
        connection.execute(
            sql.SQL(
                "create temporary table {} (_record bigint, _line bigint, _problem text, _raw bytea, {}) on commit drop"
            ).format(raw.table, sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(c)) for c in raw.columns))
        )
        command = sql.SQL("copy {} (_record, _line, _problem, _raw, {}) from stdin")
        self._file.seek(0)
        with connection.cursor().copy(command.format(raw.table, names(raw.columns))) as copy:
            while block := self._file.read(BLOCK):
                copy.write(block)
