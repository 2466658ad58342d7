"""Bronze as lists of rows, seen up to a load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

Row = dict[str, Any]
Rows = list[Row]

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Bronze:
    """The rows of the tables of bronze that silver is made of, under their names."""

    students_history: Rows
    students_presence: Rows
    schools_history: Rows
    learning_units_history: Rows
    learning_units_presence: Rows
    school_days_history: Rows
    school_days_presence: Rows
    attendance: Rows
    assessments: Rows
    platform_events: Rows
    product_events: Rows
    mobile_events: Rows
    web_events: Rows
    reward_events: Rows

    @classmethod
    def tables(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))

    def up_to(self, max_load_id: int) -> Bronze:
        """What bronze said when that load was the newest one."""
        return Bronze(**{table: _up_to(getattr(self, table), max_load_id) for table in self.tables()})


def _up_to(rows: Rows, max_load_id: int) -> Rows:
    seen = []
    for row in rows:
        if "_load_id" in row and row["_load_id"] <= max_load_id:
            seen.append(row)
        if "missing_load_id" in row and row["missing_load_id"] <= max_load_id:
            is_back = row["returned_load_id"] is not None and row["returned_load_id"] <= max_load_id
            seen.append(row if is_back else {**row, "returned_on": None, "returned_load_id": None})
    return seen


def oldest_first(rows: Iterable[Row], version_column: str) -> Rows:
    """By version, then load, then line; a version without a time is the oldest."""
    return sorted(
        rows,
        key=lambda row: (
            row[version_column] or LONG_AGO,
            row["_load_id"],
            row["_source_line"],
            bytes(row["_row_hash"]),
        ),
    )


def newest_of_each(rows: Iterable[Row], version_column: str, *key: str) -> Rows:
    """The version that stands of each key."""
    return list({tuple(row[name] for name in key): row for row in oldest_first(rows, version_column)}.values())


def grouped(rows: Iterable[Row], *key: str) -> dict[tuple[Any, ...], Rows]:
    """The rows of each value of the key, keys in order."""

    def value(row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in key)

    return {found: list(members) for found, members in groupby(sorted(rows, key=value), key=value)}


def days(first: date, end: date) -> Iterator[date]:
    """Every day from `first` up to, and without, `end`."""
    while first < end:
        yield first
        first += timedelta(days=1)


def school_year(day: date) -> int:
    """The year in which the school year of a day starts: it runs from August to July."""
    return day.year if day.month >= 8 else day.year - 1
