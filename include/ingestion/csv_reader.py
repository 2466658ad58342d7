"""The streaming CSV reader: every record with its first physical line, so that one bad record costs only itself."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from include.ingestion.files import RawFile
from include.ingestion.records import MAX_RECORD_BYTES, FileRefusedError, Problem, Record, text_of, without_ending

BLANKS = " \t"
QUOTED = re.compile(r'[ \t]*"([^"]*(?:""[^"]*)*)"[ \t]*(?=,|\Z)')
OPEN_QUOTE = re.compile(r'[ \t]*"[^"]*(?:""[^"]*)*\Z')
UNQUOTED = re.compile(r"[^,]*")

Line = tuple[int, bytes]


class _OpenQuoteError(ValueError):
    """A quoted cell is not closed where the text ends."""


class _BrokenQuoteError(ValueError):
    """A quoted cell is followed by something other than a comma or the end of the record."""


def read_header(file: RawFile) -> list[str]:
    """The column names of the first line, trimmed.

    Raises:
        FileRefusedError: the file is empty, or its first line cannot be read.
    """
    with file.open() as stream:
        first = without_ending(stream.readline())
    if not first:
        raise FileRefusedError("the file is empty: expected a header line")
    text, problem = text_of(first)
    try:
        cells = split_cells(text)
    except ValueError:
        problem = "bad_quote"
    if problem:
        raise FileRefusedError(f"the header line cannot be read ({problem})")
    return [(cell or "").strip() for cell in cells]


def csv_records(file: RawFile, width: int) -> Iterator[Record]:
    """The records after the header. A blank line is no record."""
    with file.open() as stream:
        lines = enumerate(stream, start=1)
        next(lines, None)
        yield from _records(lines, width)


def split_cells(text: str) -> list[str]:
    """The cells of one record; quotes around a cell are taken off, a quote inside an unquoted cell stays."""
    if '"' not in text:
        return text.split(",")
    cells, position = [], 0
    while True:
        cell, position = _cell(text, position)
        cells.append(cell)
        if position == len(text):
            return cells
        position += 1  # the comma


def _cell(text: str, position: int) -> tuple[str, int]:
    if text[position:].lstrip(BLANKS).startswith('"'):
        if match := QUOTED.match(text, position):
            return match[1].replace('""', '"'), match.end()
        if OPEN_QUOTE.match(text, position):
            raise _OpenQuoteError
        raise _BrokenQuoteError
    match = UNQUOTED.match(text, position)
    assert match is not None  # noqa: S101 - the pattern matches the empty text too
    return match[0], match.end()


def _records(lines: Iterator[Line], width: int) -> Iterator[Record]:
    """Reading goes on with the line after the one on which a broken quoted cell begins, so lines can be handed back."""
    waiting: deque[Line] = deque()
    while True:
        number, raw = waiting.popleft() if waiting else next(lines, (0, b""))
        if not number:
            return
        if raw.strip():
            yield _record(number, raw, width) if b'"' not in raw else _quoted(number, raw, width, lines, waiting)


def _record(number: int, raw: bytes, width: int) -> Record:
    raw = without_ending(raw)
    text, problem = text_of(raw)
    return _checked(number, raw, text.split(",") if not problem else [], width, problem)


def _quoted(number: int, raw: bytes, width: int, lines: Iterator[Line], waiting: deque[Line]) -> Record:
    first, taken = without_ending(raw), list[Line]()
    while True:
        record = without_ending(raw)
        text, problem = text_of(record)
        try:
            return _checked(number, record, split_cells(text) if not problem else [], width, problem)
        except _BrokenQuoteError:
            break
        except _OpenQuoteError:
            extended = _extend(raw, lines, waiting, taken)
            if extended is None:
                break
            raw = extended
    waiting.extendleft(reversed(taken))
    return Record(number, first, [None] * width, "bad_quote")


def _extend(raw: bytes, lines: Iterator[Line], waiting: deque[Line], taken: list[Line]) -> bytes | None:
    """The record with the lines up to and with the next one that holds a quote; None when there is none near."""
    parts = [raw]
    size = len(raw)
    while size <= MAX_RECORD_BYTES:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return None
        taken.append(line)
        parts.append(line[1])
        size += len(line[1])
        if b'"' in line[1]:
            return b"".join(parts)
    return None


def _checked(number: int, raw: bytes, cells: list[str], width: int, problem: Problem | None) -> Record:
    if problem:
        return Record(number, raw, [None] * width, problem)
    if len(cells) != width:
        # The first cell is where it belongs whatever the others are: it may tell which id the record is about.
        return Record(number, raw, [cells[0], *[None] * (width - 1)], "ragged_row")
    return Record(number, raw, cells)
