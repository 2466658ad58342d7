"""The streaming CSV reader: every record with its first physical line, so that one bad record costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from include.ingestion.files import RawFile
from include.ingestion.lines import Line, Lines
from include.ingestion.records import FileRefusedError, Problem, Record, text_of, too_long, without_ending
from include.settings import DEFAULT_LIMITS

BLANKS = " \t"
CELL = re.compile(r'[ \t]*"([^"]*+(?:""[^"]*+)*+)"[ \t]*(?=,|\Z)|([^,]*)')
OPEN_CELL = re.compile(r'[ \t]*"([^"]*+(?:""[^"]*+)*+)\Z')
MAX_COLUMNS = 400
"""More long cells do not fit into one row of Postgres; no file of the contract has more than a few dozen."""
SPARE_CELLS = 10
"""A record with an open quote is read on until it has this many cells too many: it is ragged, and still one record."""


@dataclass(frozen=True, slots=True)
class SureLines:
    """Whole lines, each of which is a good record; `first` is the number of the first of them."""

    first: int
    text: str


class _OpenQuoteError(ValueError):
    """A quoted cell is not closed where the text ends: the cells before it, and what there is of it."""

    def __init__(self, cells: list[str], begun: str) -> None:
        super().__init__()
        self.cells = cells
        self.begun = begun


class _BrokenQuoteError(ValueError):
    """A quoted cell is followed by something other than a comma or the end of the record."""


def read_header(file: RawFile) -> list[str]:
    """The column names of the first line, trimmed.

    Raises:
        FileRefusedError: the file is empty, or its first line cannot be read or is too long.
    """
    with file.open() as stream:
        first = without_ending(stream.readline(file.limits.max_line_bytes + len(b"\r\n")))
    if not first:
        raise FileRefusedError("the first line is empty: expected a header line")
    if b"\r" in first:
        raise FileRefusedError("the first line holds a carriage return: lines must end in \\n or \\r\\n")
    if len(first) > file.limits.max_line_bytes:
        raise too_long(file.limits, 1)
    text, problem = text_of(first)
    try:
        cells = split_cells(text)
    except ValueError:
        problem = "bad_quote"
    if problem:
        raise FileRefusedError(f"the header line cannot be read ({problem})")
    if len(cells) > MAX_COLUMNS:
        raise FileRefusedError(f"the header has {len(cells):,} columns; at most {MAX_COLUMNS:,} can be read")
    return [cell.strip() for cell in cells]


def csv_pieces(file: RawFile, width: int, sure: re.Pattern[bytes] | None) -> Iterator[SureLines | Record]:
    """What follows the header, in order: lines that match `sure`, many at a time, and every other record by itself.

    A blank line is no record.

    Raises:
        FileRefusedError: a line is too long, or the content cannot be decompressed.
    """
    with file.open() as stream:
        lines = Lines(stream, file.limits)
        lines.next()
        while lines.has_more():
            while sure and (text := lines.take(sure)):
                yield SureLines(lines.number - text.count("\n"), text)
            line = lines.next()
            if line and line[1].strip():
                yield _record(line, width, lines)


def csv_records(file: RawFile, width: int) -> Iterator[Record]:
    """Every record after the header by itself."""
    return (piece for piece in csv_pieces(file, width, None) if isinstance(piece, Record))


def kept_record(raw: bytes, line: int, width: int) -> Record:
    """A record that was kept, as it stood in its file from that line on."""
    return _record((line, raw), width, Lines(BytesIO(b""), DEFAULT_LIMITS))


def split_cells(text: str) -> list[str]:
    """The cells of one record; quotes around a cell are taken off, a quote inside an unquoted cell stays."""
    if '"' not in text:
        return text.split(",")
    cells: list[str] = []
    position = 0
    while True:
        match = CELL.match(text, position)
        assert match is not None  # noqa: S101 - the pattern matches the empty text too
        quoted, unquoted = match.groups()
        if quoted is None and unquoted.lstrip(BLANKS).startswith('"'):
            begun = OPEN_CELL.match(text, position)
            raise _OpenQuoteError(cells, _unescaped(begun[1])) if begun else _BrokenQuoteError
        cells.append(unquoted if quoted is None else _unescaped(quoted))
        position = match.end()
        if position == len(text):
            return cells
        position += 1  # the comma


def _unescaped(text: str) -> str:
    return text.replace('""', '"')


def _record(line: Line, width: int, lines: Lines) -> Record:
    """The record that begins with a line; reading goes on behind it, or, when a quoted cell in it is broken, with the
    line after the first.
    """
    number, raw = line
    first = without_ending(raw)
    text, problem = text_of(first)
    if problem or '"' not in text:
        return _checked(number, first, [] if problem else text.split(","), width, problem)
    try:
        return _checked(number, first, split_cells(text), width, None)
    except _BrokenQuoteError:
        return Record(number, first, [None] * width, "bad_quote")
    except _OpenQuoteError as quote:
        place = lines.place()
        record = _finished(_OpenRecord(raw, quote, width, lines.limits.max_field_bytes), lines)
    if record is None:
        lines.go_back(place)
        return Record(number, first, [None] * width, "bad_quote")
    whole, cells = record
    return _checked(number, whole, cells, width, text_of(whole)[1])


def _finished(record: _OpenRecord, lines: Lines) -> tuple[bytes, list[str]] | None:
    """The bytes and cells of a record whose quoted cell ends on one of the next lines."""
    while record.may_go_on():
        line = lines.next()
        if line is None:
            return None
        try:
            cells = record.finished_by(line[1])
        except _BrokenQuoteError:
            return None
        if cells:
            return record.raw(), cells
    return None


class _OpenRecord:
    """A record whose last cell is quoted and not closed yet; each line that is added is looked at once.

    The number of its cells is bounded: a file in which every line opens a quote would else be read from each of them
    to its end.
    """

    def __init__(self, line: bytes, quote: _OpenQuoteError, width: int, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lines = [line]
        self._size = len(line)
        self._most_cells = width + SPARE_CELLS
        self._cells = quote.cells
        self._begun = [quote.begun, _ending(line)]

    def may_go_on(self) -> bool:
        return self._size <= self._most_bytes and len(self._cells) < self._most_cells

    def raw(self) -> bytes:
        return without_ending(b"".join(self._lines))

    def finished_by(self, line: bytes) -> list[str] | None:
        """The cells of the record when it ends with this line."""
        self._lines.append(line)
        self._size += len(line)
        text = without_ending(line).decode("utf-8", "surrogateescape")
        if '"' not in text:
            self._begun += [text, _ending(line)]
            return None
        try:
            rest = split_cells('"' + text)
        except _OpenQuoteError as quote:
            if quote.cells:
                self._close(quote.cells)
            self._begun += [quote.begun, _ending(line)]
            return None
        self._close(rest)
        return self._cells

    def _close(self, cells: list[str]) -> None:
        """The open cell ends with the first of these; the others follow it."""
        self._cells += ["".join([*self._begun, cells[0]]), *cells[1:]]
        self._begun = []


def _ending(line: bytes) -> str:
    return line[len(without_ending(line)) :].decode()


def _checked(number: int, raw: bytes, cells: list[str], width: int, problem: Problem | None) -> Record:
    if problem:
        return Record(number, raw, [None] * width, problem)
    if len(cells) != width:
        # The first cell is where it belongs whatever the others are: it may tell which id the record is about.
        return Record(number, raw, [cells[0], *[None] * (width - 1)], "ragged_row")
    return Record(number, raw, cells)
