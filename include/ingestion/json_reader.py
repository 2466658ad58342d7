"""The JSON reader: an array, an object that holds one, one object, or JSON lines; in bounded memory for any of them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from include.ingestion.files import RawFile
from include.ingestion.flattening import NotFlatError, cell_of, flatten, is_deeper, json_of, object_text, text_problem
from include.ingestion.json_text import JsonText, Value, decoder
from include.ingestion.object_cells import object_cell
from include.ingestion.records import FileRefusedError, Problem, Record, limited_lines, text_of, without_ending
from include.ingestion.spec import Layout
from include.settings import Limits

ARRAY_KEYS = ("data", "assessments", "results")
_LINE = decoder(strict=True)
_FIRST_LINE = decoder(strict=False)


def json_records(file: RawFile, layout: Layout, seen: set[str]) -> Iterator[Record]:
    """The records of a JSON file: one cell for each column of the layout, then the other keys as JSON text.

    The names of all keys that were met are added to `seen`.

    Raises:
        FileRefusedError: the file is not JSON, or has a record that is too long; the message names line and column.
    """
    cells = JsonCells(layout, seen, file.limits)
    for line, raw, content, problem in _json_lines(file) if _holds_json_lines(file) else _document(file):
        yield cells.record(line, raw, content) if not problem else cells.rejected(line, raw, problem)


def kept_record(raw: bytes, line: int, layout: Layout, limits: Limits) -> Record:
    """A record that was kept, as it stood in its file from that line on."""
    cells = JsonCells(layout, set(), limits)
    content, problem = _line_content(raw)
    return cells.rejected(line, raw, problem) if problem else cells.record(line, raw, content)


class JsonCells:
    """Turns the content of a record into cells; the names of all keys that it meets are added to `seen`."""

    def __init__(self, layout: Layout, seen: set[str], limits: Limits) -> None:
        self._columns = layout.header
        self._declared = frozenset(layout.header)
        self._plain = layout.header[: len(layout.header) - layout.objects]
        self._objects = layout.header[len(self._plain) :]
        self._seen = seen
        self._limits = limits
        self._max_depth = limits.max_json_depth
        self._has_seen_all = False

    def rejected(self, line: int, raw: bytes, problem: Problem) -> Record:
        """A record that cannot be read."""
        return Record(line, raw, [None] * (len(self._columns) + 1), problem)

    def record(self, line: int, raw: bytes, content: object) -> Record:
        """A record of that content."""
        try:
            # There are at least as many brackets as levels, and they are counted fast.
            if raw.count(b"{") + raw.count(b"[") > self._max_depth and is_deeper(content, self._max_depth):
                return self.rejected(line, raw, "bad_json")
            flat = flatten(content, self._objects)
        except NotFlatError:
            return self.rejected(line, raw, "bad_json")
        # The bytes are UTF-8 without forbidden ones, but an escape can stand for any character.
        problem = text_problem(flat) if b"\\u" in raw else None
        if problem:
            return self.rejected(line, raw, problem)
        is_plain = flat.keys() <= self._declared
        if not is_plain or not self._has_seen_all:
            self._seen.update(flat)
            self._has_seen_all = self._declared <= self._seen
        cells = [leaf if type(leaf) is str else cell_of(leaf) for leaf in map(flat.get, self._plain)]
        cells += [self._object(flat.get(name)) for name in self._objects]
        cells.append(None if is_plain else self._extra(flat))
        return Record(line, raw, cells)

    def _object(self, leaf: object) -> str | None:
        return object_text(leaf) if type(leaf) is dict else object_cell(cell_of(leaf), self._limits)

    def _extra(self, flat: dict[str, object]) -> str | None:
        extra = {key: leaf for key, leaf in flat.items() if key not in self._declared and leaf is not None}
        return json_of(extra) if extra else None


def _holds_json_lines(file: RawFile) -> bool:
    """Whether each line is a record: by the file's name, or because the first is one, and is not the last."""
    if file.path.name.lower().removesuffix(".gz").endswith(".jsonl"):
        return True
    with file.open() as stream:
        lines = (line for line in iter(lambda: stream.readline(file.limits.max_line_bytes), b"") if line.strip())
        first, second = next(lines, b""), next(lines, b"")
    if not second or first.lstrip().startswith(b"["):
        return False
    try:
        _FIRST_LINE.decode(first.decode(errors="surrogateescape"))
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def _json_lines(file: RawFile) -> Iterator[Value]:
    with file.open() as stream:
        for number, line in limited_lines(stream, file.limits):
            if line.strip():
                raw = without_ending(line)
                yield number, raw, *_line_content(raw)


def _line_content(raw: bytes) -> tuple[object, Problem | None]:
    text, problem = text_of(raw)
    if problem:
        return None, problem
    try:
        return _LINE.decode(text), None
    except (ValueError, RecursionError):
        return None, "bad_json"


def _document(file: RawFile) -> Iterator[Value]:
    """The records of a file that is one value."""
    problems: set[Problem | None] = set()
    with file.open() as stream:
        text = JsonText(stream, file.limits)
        records = {"": _nothing, "[": _elements, "{": _members}.get(text.peek(), _one)
        for value in records(text):
            problems.add(value[-1])
            yield value
        if text.peek():
            raise text.refusal("Extra data")
    if problems == {"bad_encoding"}:
        raise FileRefusedError("the file cannot be read as JSON: expected UTF-8; no record of it is UTF-8")


def _nothing(_: JsonText) -> Iterator[Value]:
    return iter(())


def _one(text: JsonText) -> Iterator[Value]:
    yield text.record()


def _elements(text: JsonText) -> Iterator[Value]:
    text.position += 1
    if text.peek() == "]":
        text.position += 1
        return
    while True:
        yield text.record()
        if text.ends_here("]"):
            return


def _members(text: JsonText) -> Iterator[Value]:
    """The elements of the array that the object holds under one of the keys, else the object itself."""
    text.start = text.position
    text.position += 1
    arrays: list[str] = []
    is_over = text.peek() == "}"
    text.position += is_over
    while not is_over:
        key = text.key()
        if key in ARRAY_KEYS and text.peek() == "[":
            arrays.append(str(key))
            if len(arrays) > 1:
                raise FileRefusedError(
                    f"the file holds more than one array of records: {', '.join(arrays)};"
                    f" expected one of {', '.join(ARRAY_KEYS)}"
                )
            yield from _elements(text)
        else:
            text.value()
        # Beside an array of records nothing is kept.
        text.start = text.position if arrays else text.start
        is_over = text.ends_here("}")
    if not arrays:
        text.position = text.start
        yield text.record()
