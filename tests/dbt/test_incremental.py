"""Silver that is brought up to date morning by morning is what a full refresh makes of the same bronze.

`ROLLCALL_TEST_EXAMPLES=20 pytest tests/dbt/test_incremental.py` tries other mornings, and more of them.
"""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest, replay, unload
from include.ingestion.unload import UnloadError
from include.local.postgres import EmbeddedPostgres
from include.settings import Settings, load_settings
from include.warehouse.bounds import read_bounds
from include.warehouse.connection import connect
from include.warehouse.silver_changes import forget_taken_in
from tests.dbt.conftest import BUILD, MODELS, School, Tables, copy_of, tables
from tests.dbt.differences import differences
from tests.dbt.random_files import FIELD_BYTES, RandomFiles
from tests.dbt.reference.layers import silver
from tests.dbt.seeds import seeds
from tests.ingestion.test_properties import EXAMPLES

MORNINGS = 9 if EXAMPLES else 5
BROKEN_OFF = 2
"""The morning on which a run ends before it comes to the facts."""
NO_RUN = 2
"""The morning after which the rest of silver is not built until the next."""
SILVER = ("--select", "path:models/silver", "path:seeds")


@dataclass
class Mornings:
    """A warehouse to which files come, go again, and come late."""

    school: School
    files: RandomFiles
    chance: random.Random
    field_bytes: int = FIELD_BYTES

    def settings(self) -> Settings:
        return load_settings(
            {
                "ROLLCALL_RAW_DIR": str(self.files.raw_dir),
                "ROLLCALL_HOME": str(self.files.raw_dir / ".home"),
                "ROLLCALL_MAX_MISSING_SHARE": "1",
                "ROLLCALL_MAX_REJECTED_SHARE": "1",
                "ROLLCALL_MAX_FIELD_BYTES": str(self.field_bytes),
            }
        )

    def load(self, number: int) -> bool:
        """The files of a morning, and what people do by hand on some; whether a load was taken out."""
        self.files.write(number)
        with connect(self.school.url, autocommit=True) as warehouse:
            for source in self.chance.sample([*SOURCES.values()], k=len(SOURCES)):
                ingest(warehouse, source, self.settings(), dag_run_id=f"{number}")
                if number == BROKEN_OFF and source.table == "students":
                    self.dbt("run", "--exclude", "fact_attendance+", "fact_assessments+")
            if number == MORNINGS // 2:
                self.field_bytes = 1000
                assert replay(warehouse, SOURCES["attendance"], self.settings(), dag_run_id="by hand").taken
            return number % 4 == 1 and self.take_out_a_load(warehouse)

    def take_out_a_load(self, warehouse: psycopg.Connection) -> bool:
        """Whether it could be; every other one is loaded again."""
        found = warehouse.execute("select load_id, source, file from ops.file_loads where status = 'loaded' order by 1")
        load_id, source, file = self.chance.choice(found.fetchall())
        # What would be judged otherwise today stays as it is.
        with suppress(UnloadError):
            unload(warehouse, load_id, self.settings(), dag_run_id="by hand")
            if self.chance.random() < 0.5:
                path = self.files.raw_dir / file
                ingest(warehouse, SOURCES[source], self.settings(), dag_run_id="by hand", files=[path])
            return True
        return False

    def dbt(self, *arguments: str) -> None:
        """A run of dbt on silver, bounded as a run of student_dbt is."""
        with connect(self.school.url, autocommit=True) as warehouse:
            bound = read_bounds(warehouse, SOURCES.values()).max_load_id
            models = warehouse.execute("select model from ops.silver_models").fetchall()
            forget_taken_in(warehouse, [model for (model,) in models])
        self.school.dbt(*arguments, *SILVER, as_of=None, max_load_id=bound)

    def publish(self) -> None:
        """What a publication leaves behind of silver: what it took over is forgotten by the next run."""
        with connect(self.school.url, autocommit=True) as warehouse:
            warehouse.execute(
                "insert into ops.publications (as_of, dag_run_id, candidate_id, max_change_id)"
                " select '2025-01-31', 'a run', gen_random_uuid(), coalesce(max(change_id), 0) from ops.silver_changes"
            )

    def was_built_anew(self) -> bool:
        """Whether the last run built any model anew, instead of bringing all up to date."""
        with connect(self.school.url) as connection:
            row = connection.execute("delete from ops.silver_changes where is_everything returning 1").fetchone()
        return row is not None

    def silver(self) -> Tables:
        with connect(self.school.url) as connection:
            return tables(connection)


@pytest.mark.timeout(0 if EXAMPLES else 300)
@pytest.mark.parametrize("seed", range(EXAMPLES or 1))
def test_silver_brought_up_to_date_is_what_a_full_refresh_makes(
    seed: int, postgres: EmbeddedPostgres, warehouse_url: URL, manifest: Path, raw_dir: Path, tmp_path: Path
) -> None:
    target = shutil.copytree(manifest.parent, tmp_path / "target")
    mornings = Mornings(School(warehouse_url, target), RandomFiles(raw_dir, seed), random.Random(seed))
    is_taken_out = False
    for number in range(MORNINGS):
        is_taken_out |= mornings.load(number)
        if number == NO_RUN:
            continue
        mornings.dbt(*(BUILD if number == MORNINGS - 1 else MODELS))
        assert mornings.was_built_anew() <= (number == 0 or is_taken_out)
        is_taken_out = False
        assert_as_in_the_reference(mornings)
        mornings.publish()
    kept = mornings.silver()
    with copy_of(postgres, warehouse_url, f"refreshed_{seed}") as copy:
        refreshed = Mornings(School(copy, target), mornings.files, mornings.chance)
        refreshed.dbt("run", "--full-refresh")
        assert_same(refreshed.silver(), kept)
    before = places(warehouse_url)
    mornings.dbt("run")
    assert places(warehouse_url) == before


def assert_as_in_the_reference(mornings: Mornings) -> None:
    expected = silver(mornings.school.bronze(), seeds()).tables
    assert_same(expected, {table: rows for table, rows in mornings.silver().items() if table in expected})


def assert_same(expected: Tables, found: Tables) -> None:
    told = {table: differences(table, expected[table], rows) for table, rows in found.items()}
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
