"""A warehouse to which files come morning by morning, and of which silver takes in what has come so far."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from psycopg import sql
from sqlalchemy import URL

from include.ingestion.sources import SOURCES
from include.settings import Settings, load_settings
from include.warehouse.bounds import read_bounds
from include.warehouse.connection import connect
from include.warehouse.silver_changes import forget_taken_in
from tests.dbt.conftest import School, Tables, tables
from tests.dbt.differences import differences


class Files(Protocol):
    """Writes the files of each morning into a raw folder."""

    raw_dir: Path

    def write(self, number: int) -> None:
        """The files of a morning."""


@dataclass
class Mornings:
    """The warehouse, the files, and what is left to chance; `limits`: settings that are not the usual ones."""

    school: School
    files: Files
    chance: random.Random
    limits: dict[str, str] = field(default_factory=dict)
    selected: ClassVar[tuple[str, ...]]
    """What a run of dbt builds."""

    def settings(self) -> Settings:
        return load_settings(
            {
                "ROLLCALL_RAW_DIR": str(self.files.raw_dir),
                "ROLLCALL_HOME": str(self.files.raw_dir / ".home"),
                "ROLLCALL_TIMEZONE": self.school.timezone,
                **self.limits,
            }
        )

    def dbt(self, *arguments: str) -> None:
        """A run of dbt on silver, bounded as a run of its DAG is."""
        with connect(self.school.url, autocommit=True) as warehouse:
            bound = read_bounds(warehouse, SOURCES.values()).max_load_id
            models = warehouse.execute("select model from ops.silver_models").fetchall()
            forget_taken_in(warehouse, [model for (model,) in models])
        self.school.dbt(*arguments, *self.selected, as_of=None, max_load_id=bound)

    def was_built_anew(self) -> bool:
        """Whether the last run built any model anew, instead of bringing all up to date."""
        with connect(self.school.url) as connection:
            row = connection.execute("delete from ops.silver_changes where is_everything returning 1").fetchone()
        return row is not None

    def silver(self) -> Tables:
        with connect(self.school.url) as connection:
            return tables(connection)


def assert_same(expected: Tables, found: Tables) -> None:
    """Each expected table is found as it should be; others may be there too."""
    told = {table: differences(table, rows, found[table]) for table, rows in expected.items()}
    assert not any(told.values()), "\n".join(f"{table}\n{rows}" for table, rows in told.items() if rows)


def places(url: URL) -> dict[str, list[tuple[object, ...]]]:
    """Where every row of silver lies, and which transaction wrote it; seeds are written each time."""
    with connect(url) as connection:
        names = connection.execute("select model from ops.silver_models order by 1").fetchall()
        assert names
        return {
            name: connection.execute(
                sql.SQL("select xmin::text, ctid::text from {} order by ctid").format(sql.Identifier("silver", name))
            ).fetchall()
            for (name,) in names
        }
