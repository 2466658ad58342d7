"""What a source is: a raw file family and the bronze table that it becomes, as a frozen, typed value."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from include.errors import ToldError

ColumnType = Literal["text", "int", "numeric", "date", "timestamp", "bool", "json"]
Strategy = Literal["full_load_upsert", "append_dedupe"]
FileFormat = Literal["csv", "json", "parquet"]

NAME = re.compile(r"[a-z][a-z0-9_]*")
COLUMN_NAME = re.compile(r"[a-z][A-Za-z0-9_]*")
TAKEN_NAME = re.compile(r"key|reasons|is_accepted|x\d+")
"""Columns that the table of the rows of a file has beside those of the contract."""
FORMATS: dict[str, FileFormat] = {".csv": "csv", ".json": "json", ".jsonl": "json", ".parquet": "parquet"}
"""By the ending of a file's name."""
FIRST_DATE = date(2000, 1, 1)
"""What is dated before is a clock that was never set."""
EVENT_KEY = "event_key"


class SpecError(ToldError):
    """A source or column was declared with values that contradict each other."""


@dataclass(frozen=True)
class Column:
    """One declared column.

    `required`: must be in the header and not NULL. `optional`: may be absent from the header.
    `upper`: upper-cased before it is checked. `allowed`: gives the codes that are accepted, read when a file is loaded.
    `lower`, `whole`, `default`: in which normal form a text is stored: lower-cased; `873.0` as 873; this one for NULL.
    `above`, `at_least`: lower bounds of a number. `at_most`: its upper bound, or the name of another column of numbers.
    `earliest`: first date accepted, of a timestamp its midnight in UTC; such a date may not be later than the day after
    the file's arrival, such a timestamp not later than 24 hours after it.
    A value of the type `json` is an object.
    """

    name: str
    type: ColumnType
    required: bool = False
    optional: bool = False
    upper: bool = False
    lower: bool = False
    whole: bool = False
    default: str | None = None
    allowed: Callable[[], tuple[str, ...]] | None = None
    above: int | None = None
    at_least: int | None = None
    at_most: int | str | None = None
    earliest: date | None = None

    def __post_init__(self) -> None:
        """Refuse nonsense when the column is declared."""
        if not COLUMN_NAME.fullmatch(self.name):
            raise SpecError(f"column name {self.name!r}: expected a lower case letter, then letters, digits and _")
        if TAKEN_NAME.fullmatch(self.name):
            raise SpecError(f"column name {self.name!r}: loading uses it itself, choose another one")
        if self.required and self.optional:
            raise SpecError(f"column {self.name}: a required column cannot be optional")
        if (self.upper or self.allowed or self.has_normal_form) and self.type != "text":
            raise SpecError(f"column {self.name}: codes and normal forms are for text, not {self.type}")
        if self.has_normal_form and (self.upper or self.allowed):
            raise SpecError(f"column {self.name}: upper and allowed do not go with lower, whole and default")
        self._check_bounds()

    def _check_bounds(self) -> None:
        if (self.above, self.at_least, self.at_most) != (None, None, None) and self.type not in ("int", "numeric"):
            raise SpecError(f"column {self.name}: number bounds are for int and numeric, not {self.type}")
        if isinstance(self.at_most, int) and any(
            least is not None and least >= self.at_most for least in (self.above, self.at_least)
        ):
            raise SpecError(f"column {self.name}: no number lies between its bounds")
        if self.earliest and self.type not in ("date", "timestamp"):
            raise SpecError(f"column {self.name}: earliest is for dates and timestamps, not {self.type}")

    @property
    def has_normal_form(self) -> bool:
        """Whether it is stored otherwise than it was read."""
        return self.lower or self.whole or self.default is not None


@dataclass(frozen=True)
class Source:
    """A raw file family and the bronze table of the same name that it becomes.

    `files`: patterns of file names, in lower case, whose ending tells the format; a `.gz` behind a name is taken too,
    but of Parquet, which is packed already. `newest_by`: the timestamp of a version, a NULL in it sorts oldest; without
    it the later load is newer, then the later line. `covers`: the date of a full load that speaks only of the dates
    from its first to its last; without it, a full load speaks of every key. `partition_by`: the timestamp by whose
    month, in UTC, the table of an append source is partitioned. `key_is_hashed`: parts of the key may be NULL; bronze
    has their hash in the column `event_key`.
    """

    table: str
    files: tuple[str, ...]
    strategy: Strategy
    key: tuple[str, ...]
    newest_by: str | None
    columns: tuple[Column, ...]
    covers: str | None = None
    partition_by: str | None = None
    key_is_hashed: bool = False

    def __post_init__(self) -> None:
        """Refuse nonsense when the source is declared."""
        self._check_files()
        self._check_columns()
        self._check_key()
        self._check_times()

    def _check_files(self) -> None:
        if not NAME.fullmatch(self.table):
            raise SpecError(f"table name {self.table!r}: expected lower case letters, digits and underscores")
        endings = tuple(FORMATS)
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
        unknown = [name for name in self.key if name not in self.column_names]
        if unknown or not self.key or len(set(self.key)) != len(self.key):
            raise SpecError(f"source {self.table}: expected the key to be declared columns, not {unknown}")
        optional_key = [name for name in self.key if not self.column(name).required]
        if optional_key and not self.key_is_hashed:
            raise SpecError(f"source {self.table}: key columns must be required: {optional_key}")
        dates = {name for name in self.key if self.column(name).type == "date"}
        if self.covers and (self.covers not in dates or self.strategy != "full_load_upsert"):
            raise SpecError(f"source {self.table}: covers must be a date of the key of a full load: {self.covers}")

    def _check_times(self) -> None:
        times = {column.name: column for column in self.columns if column.type == "timestamp"}
        if self.newest_by is not None and self.newest_by not in times:
            raise SpecError(f"source {self.table}: newest_by must be a declared timestamp: {self.newest_by}")
        only_appended = self.newest_by is None or self.partition_by or self.key_is_hashed
        if only_appended and self.strategy != "append_dedupe":
            raise SpecError(f"source {self.table}: a full load has a version, and no partitions and no hash for a key")
        if self.partition_by and not (self.partition_by in times and times[self.partition_by].required):
            raise SpecError(f"source {self.table}: partition_by must be a required timestamp: {self.partition_by}")

    @property
    def column_names(self) -> tuple[str, ...]:
        """The declared columns in contract order."""
        return tuple(column.name for column in self.columns)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns of bronze that hold the key."""
        return (EVENT_KEY,) if self.key_is_hashed else self.key

    @property
    def key_and_partition(self) -> tuple[str, ...]:
        """The columns of bronze that hold the key, and the one whose month is the partition, if no key column is that.

        Equal in two versions of a key with the same content, so that these are looked for in one partition.
        """
        more = () if self.partition_by is None or self.partition_by in self.key_columns else (self.partition_by,)
        return (*self.key_columns, *more)

    @property
    def version(self) -> str:
        """The column of the version, of a source that has one; every full load has."""
        assert self.newest_by is not None  # noqa: S101 - as said above
        return self.newest_by

    @property
    def is_stored_as_read(self) -> bool:
        """Whether no column has a normal form."""
        return not any(column.has_normal_form for column in self.columns)

    def column(self, name: str) -> Column:
        """The declared column of that name."""
        return next(column for column in self.columns if column.name == name)

    def is_id(self, name: str) -> bool:
        """Whether a column holds ids: those are indexed, in bronze or later."""
        return name.endswith(("_id", "Id")) or name in self.key_columns

    def layout_of(self, file_name: str, header: Sequence[str] | None = None) -> Layout:
        """How the cells of the records of a file of that name stand; `header`: the columns of a CSV."""
        endings = {pattern.rpartition(".")[2]: FORMATS[f".{pattern.rpartition('.')[2]}"] for pattern in self.files}
        ending = file_name.lower().removesuffix(".gz").rpartition(".")[2]
        # A file that somebody named to be loaded may be called anything.
        form = endings.get(ending, next(iter(endings.values())))
        if form == "csv":
            return Layout(form, list(self.column_names if header is None else header), 0)
        objects = [column.name for column in self.columns if column.type == "json"]
        return Layout(form, [*(name for name in self.column_names if name not in objects), *objects], len(objects))


@dataclass(frozen=True)
class Layout:
    """How the cells of a file's records stand. `header`: their columns, in order.

    Of JSON and Parquet the contract's: the last `objects` of them hold JSON objects, and a cell with the undeclared
    keys follows.
    """

    format: FileFormat
    header: list[str]
    objects: int

    @property
    def has_extra(self) -> bool:
        """Whether a cell with the undeclared keys follows those of the header."""
        return self.format != "csv"
