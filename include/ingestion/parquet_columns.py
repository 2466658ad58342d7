"""The columns of a Parquet file: which types are read, and their values as the cells that a CSV would have."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from math import isnan

import pyarrow as pa
from pyarrow import compute, types

from include.ingestion.records import FileRefusedError

UNDECODED = "\udcff"
"""Stands for a value of which a text is not UTF-8: its record is rejected for that."""
EXPECTED = "expected texts, numbers, booleans, dates and timestamps, and structs, lists and maps of the first three"


def check_types(schema: pa.Schema, declared: tuple[str, ...]) -> None:
    """Make sure that every column can be read.

    Raises:
        FileRefusedError: one cannot; the message names it when it is declared, and else its type only.
    """
    for column in schema:
        if not _is_read(column.type):
            name = f"column {column.name}" if column.name in declared else "a column that the contract does not have"
            kind = "is nested and holds another type" if types.is_nested(column.type) else f"has the type {column.type}"
            raise FileRefusedError(f"{name} {kind}: {EXPECTED}")


def flat_names(schema: pa.Schema, whole: frozenset[str]) -> list[str]:
    """The names of the columns; of a struct that is not in `whole` those of its leaves, joined with `_`."""
    return [name for column in schema for name in _leaves(column.name, column.type, whole)]


def values(column: pa.Array) -> list[object]:
    """The values of a column: texts as a CSV would have them, and of a nested type dicts and lists.

    A timestamp that knows its zone is given in UTC. NULL in a struct is left out. Of a float, NaN is NULL, and a whole
    number has no point: so pandas writes whole numbers of which one is missing.

    Raises:
        pyarrow.ArrowInvalid: the column is damaged.
    """
    kind = column.type
    if types.is_dictionary(kind):
        words, places = values(column.dictionary), column.indices
        ends = compute.min_max(places).as_py()
        if ends["max"] is not None and not 0 <= ends["min"] <= ends["max"] < len(words):
            raise pa.ArrowInvalid
        return [None if place is None else words[place] for place in places.to_pylist()]
    if types.is_nested(kind):
        return [_plain(value, kind) for value in _decoded(column)]
    if types.is_floating(kind) or types.is_decimal(kind):
        return [_number(value) for value in column.to_pylist()]
    if types.is_timestamp(kind):
        return _times(column)
    return _decoded(column if _is_text(kind) else column.cast(pa.string()))


def _number(value: float | Decimal | None) -> str | None:
    if value is None or isnan(value):
        return None
    text = format(Decimal(str(value)), "f")
    return text.removesuffix(".0") if isinstance(value, float) else text


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_read(kind: pa.DataType, *, within: bool = False) -> bool:
    if types.is_dictionary(kind):
        return _is_read(kind.value_type, within=True) and not types.is_nested(kind.value_type)
    if types.is_struct(kind):
        names = [field.name for field in kind]
        return len(set(names)) == len(names) and all(_is_read(field.type, within=True) for field in kind)
    if types.is_map(kind):
        return _is_text(kind.key_type) and _is_read(kind.item_type, within=True)
    if types.is_list(kind) or types.is_large_list(kind):
        return _is_read(kind.value_type, within=True)
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    is_plain = is_number or types.is_boolean(kind) or types.is_null(kind) or _is_text(kind)
    return bool(is_plain or (not within and (types.is_date(kind) or types.is_timestamp(kind))))


def _leaves(name: str, kind: pa.DataType, whole: frozenset[str]) -> list[str]:
    if not types.is_struct(kind) or name in whole:
        return [name]
    return [leaf for field in kind for leaf in _leaves(f"{name}_{field.name}", field.type, whole)]


def _times(column: pa.Array) -> list[object]:
    zone = "Z" if column.type.tz else ""
    in_utc = column.cast(pa.timestamp(column.type.unit))
    if column.type.unit == "ns":
        # Parts of a microsecond, if there are any, are left to Postgres, which rounds them.
        with suppress(pa.ArrowInvalid):
            in_utc = in_utc.cast(pa.timestamp("us"))
    return [None if text is None else text + zone for text in in_utc.cast(pa.string()).to_pylist()]


def _decoded(column: pa.Array) -> list[object]:
    """The values of a column; for bytes in a text that are not UTF-8 stand surrogates."""
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        return [_decoded_value(value) for value in column]


def _decoded_value(value: pa.Scalar) -> object:
    try:
        return value.as_py()
    except UnicodeDecodeError:
        if types.is_nested(value.type):
            return UNDECODED
        return value.as_buffer().to_pybytes().decode("utf-8", "surrogateescape")


def _plain(value: object, kind: pa.DataType) -> object:
    """A nested value as JSON would have it, its numbers with every digit."""
    if isinstance(value, dict):
        members = {field.name: _plain(value[field.name], field.type) for field in kind}
        return {name: member for name, member in members.items() if member is not None}
    if isinstance(value, list) and types.is_map(kind):
        pairs = {key: _plain(item, kind.item_type) for key, item in value}
        # One that names a key twice is no object.
        return pairs if len(pairs) == len(value) else [list(pair) for pair in value]
    if isinstance(value, list):
        return [_plain(member, kind.value_type) for member in value]
    if isinstance(value, float):
        return None if isnan(value) else Decimal(repr(value))
    return value
