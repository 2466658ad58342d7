"""A JSON record as the cells of a row: nested objects are flattened, numbers keep every digit."""

from __future__ import annotations

import json
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from include.ingestion.json_text import DuplicateKey
from include.ingestion.records import Problem

MAX_EXPONENT = 100
"""A number beyond 10^100 is kept in its short form, which no numeric column accepts."""

MAY_NAME_A_KEY_TWICE = (dict, list, DuplicateKey)


class NotFlatError(ValueError):
    """A record is not an object that can be flattened without losing a value."""


def flatten(value: object, whole: Collection[str] = ()) -> dict[str, Any]:
    """The leaves of a nested object under names joined with `_`; lists, and what `whole` names, stay as they are.

    Raises:
        NotFlatError: the value is no object, names a key twice, or has two leaves of the same joined name.
    """
    if not isinstance(value, dict):
        raise NotFlatError
    flat: dict[str, Any] = {}
    if _gather(value, "", flat, whole) != len(flat):
        raise NotFlatError
    return flat


def _gather(members: dict[str, Any], prefix: str, flat: dict[str, Any], whole: Collection[str]) -> int:
    """Put the leaves below some members into `flat`; returns how many they are."""
    count = 0
    for key, member in members.items():
        kind = type(member)
        if kind is dict and prefix + key not in whole:
            count += _gather(member, f"{prefix}{key}_", flat, whole)
            continue
        if kind is not str and kind in MAY_NAME_A_KEY_TWICE and names_a_key_twice(member):
            raise NotFlatError
        flat[prefix + key] = member
        count += 1
    return count


def names_a_key_twice(value: object) -> bool:
    """Whether an object in a value does: reading it lost a value."""
    if isinstance(value, DuplicateKey):
        return True
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:  # noqa: SIM110 - a generator for each object takes three times as long
        if type(member) in MAY_NAME_A_KEY_TWICE and names_a_key_twice(member):
            return True
    return False


def is_deeper(value: object, most: int) -> bool:
    """Whether more than so many objects and lists stand within each other."""
    level = [value]
    for _ in range(most + 1):
        containers = [member for member in level if isinstance(member, dict | list)]
        level = [member for inner in containers for member in (inner.values() if isinstance(inner, dict) else inner)]
        if not containers:
            return False
    return True


def text_problem(value: object) -> Problem | None:
    """Whether a text of a value, or of what is in it, holds a character that no Postgres text can hold."""
    if isinstance(value, str):
        if any(character in value for character in "\x00\x1a"):
            return "bad_character"
        return "bad_encoding" if any("\ud800" <= character <= "\udfff" for character in value) else None
    if isinstance(value, dict):
        return text_problem([*value, *value.values()])
    members = value if isinstance(value, list) else []
    return next(filter(None, map(text_problem, members)), None)


def cell_of(value: object) -> str | None:
    """The text of a leaf as it would stand in a CSV cell; numbers as plain decimals."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        text = str(value)
        return format(value, "f") if "E" in text and abs(value.adjusted()) <= MAX_EXPONENT else text
    if isinstance(value, bool):
        return "true" if value else "false"
    return json_of(value)


def _exact(value: object) -> float | int | str:
    """A number of `_extra`: a JSON number when that keeps every digit, else text."""
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
        return str(value)
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


json_of = json.JSONEncoder(default=_exact).encode
"""The JSON text of a value, with every digit of its numbers."""
object_text = json.JSONEncoder(default=_exact, ensure_ascii=False).encode
"""The same with letters of every script as they are, so that it is hardly longer than it was."""
