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
from sqlalchemy import URL

from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest, replay, unload
from include.ingestion.unload import UnloadError
from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import connect
from tests.dbt.conftest import BUILD, MODELS, School, copy_of
from tests.dbt.mornings import Mornings, assert_same, places
from tests.dbt.random_files import FIELD_BYTES, RandomFiles
from tests.dbt.reference.layers import silver
from tests.dbt.seeds import seeds
from tests.ingestion.test_properties import EXAMPLES

MORNINGS = 9 if EXAMPLES else 5
BROKEN_OFF = 2
"""The morning on which a run ends before it comes to the facts."""
NO_RUN = 2
"""The morning after which the rest of silver is not built until the next."""
ALL_IS_TAKEN = {
    "ROLLCALL_MAX_MISSING_SHARE": "1",
    "ROLLCALL_MAX_REJECTED_SHARE": "1",
    "ROLLCALL_MAX_FIELD_BYTES": str(FIELD_BYTES),
}


@dataclass
class SchoolMornings(Mornings):
    """Files come, go again, and come late."""

    selected = ("--select", "path:models/silver", "path:seeds")

    def load(self, number: int) -> bool:
        """The files of a morning, and what people do by hand on some; whether a load was taken out."""
        self.files.write(number)
        with connect(self.school.url, autocommit=True) as warehouse:
            for source in self.chance.sample([*SOURCES.values()], k=len(SOURCES)):
                ingest(warehouse, source, self.settings(), dag_run_id=f"{number}")
                if number == BROKEN_OFF and source.table == "students":
                    self.dbt("run", "--exclude", "fact_attendance+", "fact_assessments+")
            if number == MORNINGS // 2:
                self.limits["ROLLCALL_MAX_FIELD_BYTES"] = "1000"
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

    def publish(self) -> None:
        """What a publication leaves behind of silver: what it took over is forgotten by the next run."""
        with connect(self.school.url, autocommit=True) as warehouse:
            warehouse.execute(
                "insert into ops.publications (as_of, dag_run_id, candidate_id, max_change_id)"
                " select '2025-01-31', 'a run', gen_random_uuid(), coalesce(max(change_id), 0) from ops.silver_changes"
            )


@pytest.mark.timeout(0 if EXAMPLES else 300)
@pytest.mark.parametrize("seed", range(EXAMPLES or 1))
def test_silver_brought_up_to_date_is_what_a_full_refresh_makes(
    seed: int, postgres: EmbeddedPostgres, warehouse_url: URL, manifest: Path, raw_dir: Path, tmp_path: Path
) -> None:
    target = shutil.copytree(manifest.parent, tmp_path / "target")
    mornings = SchoolMornings(
        School(warehouse_url, target), RandomFiles(raw_dir, seed), random.Random(seed), {**ALL_IS_TAKEN}
    )
    is_taken_out = False
    for number in range(MORNINGS):
        is_taken_out |= mornings.load(number)
        if number == NO_RUN:
            continue
        mornings.dbt(*(BUILD if number == MORNINGS - 1 else MODELS))
        assert mornings.was_built_anew() <= (number == 0 or is_taken_out)
        is_taken_out = False
        expected = silver(mornings.school.bronze(), seeds(), mornings.school.timezone)
        assert_same(expected.tables, mornings.silver())
        mornings.publish()
    kept = mornings.silver()
    with copy_of(postgres, warehouse_url, f"refreshed_{seed}") as copy:
        refreshed = SchoolMornings(School(copy, target), mornings.files, mornings.chance)
        refreshed.dbt("run", "--full-refresh")
        assert_same(refreshed.silver(), kept)
    before = places(warehouse_url)
    mornings.dbt("run")
    assert places(warehouse_url) == before
