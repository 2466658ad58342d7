"""What a source is: a raw file family and the bronze table that it becomes, as a frozen, typed value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from include.errors import ToldError

ColumnType = Literal["text", "int", "numeric", "date", "timestamp", "bool"]
Strategy = Literal["full_load_upsert", "append_dedupe"]
FileFormat = Literal["csv", "json"]

NAME = re.compile(r"[a-z][a-z0-9_]*")
TAKEN_NAME = re.compile(r"key|reasons|is_accepted|x\d+")
"""Columns that the table of the rows of a file has beside those of the contract."""
ENDINGS: dict[FileFormat, tuple[str, ...]] = {"csv": (".csv",), "json": (".json", ".jsonl")}


class SpecError(ToldError):
    """A source or column was declared with values that contradict each other."""


@dataclass(frozen=True)
class Column:
    """One declared column.

    `required`: must be in the header and not NULL. `optional`: may be absent from the header.
    `upper`: upper-cased before it is checked. `allowed`: gives the codes that are accepted, read when a file is loaded.
    `above`, `at_least`: lower bounds of a number. `at_most`: its upper bound, or the name of another column of numbers.
    `earliest`: first date accepted; such a date may not be later than the day after the file's arrival.
    """

    name: str
    type: ColumnType
    required: bool = False
    optional: bool = False
    upper: bool = False
    allowed: Callable[[], tuple[str, ...]] | None = None
    above: int | None = None
    at_least: int | None = None
    at_most: int | str | None = None
    earliest: date | None = None

    def __post_init__(self) -> None:
        """Refuse nonsense when the column is declared."""
        if not NAME.fullmatch(self.name):
            raise SpecError(f"column name {self.name!r}: expected lower case letters, digits and underscores")
        if TAKEN_NAME.fullmatch(self.name):
            raise SpecError(f"column name {self.name!r}: loading uses it itself, choose another one")
        if self.required and self.optional:
            raise SpecError(f"column {self.name}: a required column cannot be optional")
        if (self.upper or self.allowed) and self.type != "text":
            raise SpecError(f"column {self.name}: upper and allowed are for text, not {self.type}")
        if (self.above, self.at_least, self.at_most) != (None, None, None) and self.type not in ("int", "numeric"):
            raise SpecError(f"column {self.name}: number bounds are for int and numeric, not {self.type}")
        if isinstance(self.at_most, int) and any(
            least is not None and least >= self.at_most for least in (self.above, self.at_least)
        ):
            raise SpecError(f"column {self.name}: no number lies between its bounds")
        if self.earliest and self.type != "date":
            raise SpecError(f"column {self.name}: earliest is for dates, not {self.type}")


@dataclass(frozen=True)
class Source:
    """A raw file family and the bronze table of the same name that it becomes.

    `files`: patterns of file names, in lower case; a `.gz` behind a name is taken too. `newest_by`: the timestamp of a
    version; a NULL in it sorts oldest. `covers`: the date of a full load that speaks only of the dates from its first
    to its last; without it, a full load speaks of every key.
    """

    table: str
    files: tuple[str, ...]
    strategy: Strategy
    key: tuple[str, ...]
    newest_by: str
    columns: tuple[Column, ...]
    format: FileFormat = "csv"
    covers: str | None = None

    def __post_init__(self) -> None:
        """Refuse nonsense when the source is declared."""
        self._check_files()
        self._check_columns()
        self._check_key()

    def _check_files(self) -> None:
        if not NAME.fullmatch(self.table):
            raise SpecError(f"table name {self.table!r}: expected lower case letters, digits and underscores")
        endings = ENDINGS[self.format]
        wrong = [files for files in self.files if files != files.lower() or "/" in files or not files.endswith(endings)]
        if wrong or not self.files:
            expected = f"patterns of file names, lower case, ending in {' or '.join(endings)}"
            raise SpecError(f"source {self.table}: expected {expected}, not {wrong}")

    def _check_columns(self) -> None:
        if len(set(self.column_names)) != len(self.columns):
            raise SpecError(f"source {self.table}: a column is declared twice")
        numbers = {column.name for column in self.columns if column.type in ("int", "numeric")}
        for column in self.columns:
            if isinstance(column.at_most, str) and column.at_most not in numbers - {column.name}:
                bound = f"{column.name} is bounded by {column.at_most}"
                raise SpecError(f"source {self.table}: {bound}: expected another column of numbers")

    def _check_key(self) -> None:
        unknown = [name for name in (*self.key, self.newest_by) if name not in self.column_names]
        if unknown or not self.key or len(set(self.key)) != len(self.key):
            raise SpecError(f"source {self.table}: expected key and newest_by to be declared columns, not {unknown}")
        optional_key = [name for name in self.key if not self.column(name).required]
        if optional_key:
            raise SpecError(f"source {self.table}: key columns must be required: {optional_key}")
        if self.column(self.newest_by).type != "timestamp":
            raise SpecError(f"source {self.table}: newest_by must be a timestamp: {self.newest_by}")
        dates = {name for name in self.key if self.column(name).type == "date"}
        if self.covers and (self.covers not in dates or self.strategy != "full_load_upsert"):
            raise SpecError(f"source {self.table}: covers must be a date of the key of a full load: {self.covers}")

    @property
    def column_names(self) -> tuple[str, ...]:
        """The declared columns in contract order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The declared column of that name."""
        return next(column for column in self.columns if column.name == name)
