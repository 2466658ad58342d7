"""What is checked: one frozen value per table, found by the folder of its layer."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from include.errors import ToldError
from include.ingestion import event_sources

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

Layer = Literal["bronze", "silver", "gold"]
Severity = Literal["critical", "warning"]
EVENT_SOURCES = tuple(source.table for source in event_sources.EVENT_SOURCES)


class TableError(ToldError):
    """A checked table was declared with values that contradict each other."""


@dataclass(frozen=True)
class CheckedTable:
    """One table and what is plausible of it.

    `sources`: the sources whose rows it is made of. `new_rows_by`: the column of load ids by which only new rows
    are looked at; None looks at the whole table. `columns`: those of the new rows that the expectations read, of a
    table so wide that the others should not be copied; empty means all. `row_floor`: the least number of rows once
    any of the sources has had a row accepted; 0 for a table that may rightly be empty.
    """

    schema: str
    table: str
    sources: tuple[str, ...]
    expectations: tuple[Expectation, ...]
    new_rows_by: str | None = None
    columns: tuple[str, ...] = ()
    row_floor: int = 1

    def __post_init__(self) -> None:
        """Refuse nonsense when the table is declared."""
        if not self.sources:
            raise TableError(f"{self.name}: names no source")
        # Silver takes in no load while an earlier one is still to be committed, of whatever source.
        if self.new_rows_by and len(self.sources) > 1 and self.schema != "silver":
            raise TableError(f"{self.name}: load ids are in order of commit within one source only, not in several")

    @property
    def name(self) -> str:
        """Schema and table, as a person would write them."""
        return f"{self.schema}.{self.table}"


def tables_of(layer: Layer, sources: Collection[str] | None = None) -> tuple[CheckedTable, ...]:
    """The checked tables of a layer in order of file name: the `TABLE` of each module in the layer's folder.

    With `sources` only those that are made of nothing else.
    """
    folder = importlib.import_module(f"expectations.{layer}")
    modules = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    tables = (importlib.import_module(f"expectations.{layer}.{name}").TABLE for name in modules)
    return tuple(table for table in tables if sources is None or set(table.sources) <= set(sources))
