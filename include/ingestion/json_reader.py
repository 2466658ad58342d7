"""The JSON reader: an array, an object that holds one, one object, or JSON lines; nested objects are flattened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from include.ingestion.files import RawFile
from include.ingestion.records import FileRefusedError, Problem, Record, text_of, without_ending

ARRAY_KEYS = ("data", "assessments", "results")
SPACE = re.compile(r"[ \t\r\n]*")
MAX_EXPONENT = 100
"""A number beyond 10^100 is kept in its short form, which no numeric column accepts."""

Value = tuple[int, bytes, object, Problem | None]


class NotFlatError(ValueError):
    """A record is not an object that can be flattened without losing a value."""


class DuplicateKey:
    """Stands for an object that names a key twice: reading it as a dict would lose a value."""


def json_records(file: RawFile, columns: tuple[str, ...], seen: set[str]) -> Iterator[Record]:
    """The records of a JSON file: one cell for each of `columns`, then the other keys as JSON text.

    The names of all keys that were met are added to `seen`.

    Raises:
        FileRefusedError: the file is not JSON; the message names line and column.
    """
    for line, raw, value, problem in _values(file):
        flat, cells, found = _flat_cells(value, columns) if not problem else ({}, [], problem)
        seen.update(flat)
        yield Record(line, raw, cells or [None] * (len(columns) + 1), found)


def _flat_cells(value: object, columns: tuple[str, ...]) -> tuple[dict[str, Any], list[str | None], Problem | None]:
    """The leaves of a record and its cells; nothing but the reason when it cannot be taken."""
    try:
        flat = flatten(value)
        problem = _problem_in(flat)
        if problem:
            return {}, [], problem
        extra = {key: leaf for key, leaf in flat.items() if key not in columns and leaf is not None}
        cells = [_cell(flat.get(column)) for column in columns]
        return flat, [*cells, json.dumps(extra, default=_exact) if extra else None], None
    except (NotFlatError, RecursionError):
        return {}, [], "bad_json"


def flatten(value: object, prefix: str = "") -> dict[str, Any]:
    """The leaves of a nested object under names joined with `_`; lists stay as they are.

    Raises:
        NotFlatError: the value is no object, names a key twice, or has two leaves of the same joined name.
    """
    if not isinstance(value, dict):
        raise NotFlatError
    flat: dict[str, Any] = {}
    for key, member in value.items():
        is_object = isinstance(member, dict | DuplicateKey)
        leaves = flatten(member, f"{prefix}{key}_") if is_object else {f"{prefix}{key}": member}
        if flat.keys() & leaves.keys():
            raise NotFlatError
        flat.update(leaves)
    return flat


def _problem_in(value: object) -> Problem | None:
    """Whether a text holds a character that no Postgres text can hold, or a list an object that names a key twice."""
    if isinstance(value, DuplicateKey):
        return "bad_json"
    if isinstance(value, str):
        if any(character in value for character in "\x00\x1a"):
            return "bad_character"
        return "bad_encoding" if any("\ud800" <= character <= "\udfff" for character in value) else None
    if isinstance(value, dict):
        return _problem_in([*value, *value.values()])
    members = value if isinstance(value, list) else []
    return next(filter(None, map(_problem_in, members)), None)


def _cell(value: object) -> str | None:
    """The text of a leaf as it would stand in a CSV cell; numbers as plain decimals."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        is_plain = value.is_finite() and abs(value.adjusted()) <= MAX_EXPONENT
        return format(value, "f") if is_plain else str(value)
    return json.dumps(value, default=_exact)


def _exact(value: object) -> float | int | str:
    """A number of `_extra`: a JSON number when that keeps every digit, else text."""
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
        return str(value)
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any] | DuplicateKey:
    members = dict(pairs)
    return members if len(members) == len(pairs) else DuplicateKey()


def _number(text: str) -> Decimal | str:
    """A number; its text, which no numeric column accepts, when its exponent is beyond what Decimal can hold."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


_DECODER = json.JSONDecoder(parse_float=_number, parse_int=Decimal, parse_constant=Decimal, object_pairs_hook=_members)


def _values(file: RawFile) -> Iterator[Value]:
    if file.path.name.lower().removesuffix(".gz").endswith(".jsonl"):
        yield from _json_lines(file)
        return
    with file.open() as stream:
        text, problem = text_of(stream.read())
    if problem:
        raise FileRefusedError(f"the file cannot be read as JSON: expected UTF-8 text ({problem})")
    if not text.strip():
        return
    try:
        content = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise FileRefusedError(
                f"the file is not whole JSON: line {error.lineno}, column {error.colno}: {error.msg}"
            ) from None
        yield from _json_lines(file)
        return
    except (ValueError, RecursionError):
        raise FileRefusedError("the file is nested too deeply, or holds a number that is too long") from None
    yield from _elements(text, content)


def _json_lines(file: RawFile) -> Iterator[Value]:
    with file.open() as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                raw = without_ending(line)
                yield number, raw, *_line_value(raw)


def _line_value(raw: bytes) -> tuple[object, Problem | None]:
    text, problem = text_of(raw)
    if problem:
        return None, problem
    try:
        return _DECODER.decode(text), None
    except (ValueError, RecursionError):
        return None, "bad_json"


def _elements(text: str, content: object) -> Iterator[Value]:
    """The records of a whole file, cut out of its text so that each keeps its line and its bytes."""
    if isinstance(content, list):
        yield from _array(text, text.index("["))
        return
    arrays = [key for key in ARRAY_KEYS if isinstance(content, dict) and isinstance(content.get(key), list)]
    if len(arrays) > 1:
        raise FileRefusedError(f"the file holds more than one array of records: {', '.join(arrays)}")
    if arrays:
        yield from _array(text, _member_position(text, arrays[0]))
    else:
        start = _skip_space(text, 0)
        yield text.count("\n", 0, start) + 1, text.strip().encode(), content, None


def _array(text: str, position: int) -> Iterator[Value]:
    line, counted = 1, 0
    position = _skip_space(text, position + 1)
    while text[position] != "]":
        value, end = _DECODER.raw_decode(text, position)
        line += text.count("\n", counted, position)
        counted = position
        yield line, text[position:end].encode(), value, None
        position = _skip_space(text, end)
        if text[position] == ",":
            position = _skip_space(text, position + 1)


def _member_position(text: str, name: str) -> int:
    """Where the value of one member of the outermost object begins."""
    position = _skip_space(text, text.index("{") + 1)
    while True:
        key, end = _DECODER.raw_decode(text, position)
        value_at = _skip_space(text, _skip_space(text, end) + 1)
        if key == name:
            return value_at
        _, end = _DECODER.raw_decode(text, value_at)
        position = _skip_space(text, _skip_space(text, end) + 1)


def _skip_space(text: str, position: int) -> int:
    match = SPACE.match(text, position)
    assert match is not None  # noqa: S101 - the pattern matches the empty text too
    return match.end()
