"""Silver of learning events that is brought up to date batch by batch is what a full refresh makes of the same bronze,
and stays so when raw events are purged.

`ROLLCALL_TEST_EXAMPLES=20 pytest tests/dbt/test_learning_incremental.py` tries other mornings, and more of them.
"""

from __future__ import annotations

import json
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import URL

from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest, unload
from include.local.postgres import EmbeddedPostgres
from include.silver_fingerprints import OF_EVENTS
from include.warehouse.bounds import read_bounds
from include.warehouse.connection import connect
from include.warehouse.retention import purge_aggregates, purge_raw_events
from tests.dbt.conftest import BUILD, MODELS, School, Tables, copy_of
from tests.dbt.mornings import Mornings, assert_same, places
from tests.dbt.random_event_files import RandomEventFiles
from tests.dbt.random_events import EDGES, TIMES
from tests.dbt.reference.layers import learning_silver
from tests.dbt.reference.learning_events_purged import Purged
from tests.dbt.reference.learning_events_tables import learning_tables
from tests.dbt.seeds import seeds
from tests.dbt.test_learning_reference import CHICAGO, LEARNING
from tests.ingestion.test_properties import EXAMPLES

MORNINGS = 7 if EXAMPLES else 3
TAKEN_OUT = 1
"""The morning on which a load is taken out again."""
BROKEN_OFF = 2
"""The morning on which a run takes in a batch of events and ends before it comes to what is made of them."""
HORIZONS = ((CHICAGO, date(2024, 9, 1)), ("UTC", date(2024, 10, 1)), ("Asia/Tokyo", date(2024, 11, 1)))
"""Zones, and the days in them before which raw events are purged."""
FACTS = ("fact_learning_events", "fact_product_events")


@dataclass
class LearningMornings(Mornings):
    """Files of events come, in any order."""

    selected = LEARNING

    def load(self, number: int) -> None:
        """The files of a morning."""
        self.files.write(number)
        with connect(self.school.url, autocommit=True) as warehouse:
            for place, table in enumerate(self.chance.sample([*TIMES], k=len(TIMES))):
                ingest(warehouse, SOURCES[table], self.settings(), dag_run_id=f"{number}")
                if number == BROKEN_OFF and place == 2:
                    self.dbt("run", "--exclude", "fact_learning_events,+1")
            if number == TAKEN_OUT:
                self.take_out_a_load(warehouse)

    def take_out_a_load(self, warehouse: psycopg.Connection) -> None:
        found = warehouse.execute("select load_id from ops.file_loads where status = 'loaded' order by load_id")
        (load_id,) = self.chance.choice(found.fetchall())
        unload(warehouse, load_id, self.settings(), dag_run_id="by hand")

    def dbt_twice(self, *arguments: str) -> None:
        """A run beside another one, of student_dbt say, that began before the last loads."""
        other = shutil.copytree(self.school.target, self.school.target.with_name("other_target"))
        beside = School(self.school.url, other, self.school.timezone)
        with connect(self.school.url, autocommit=True) as warehouse:
            bound = read_bounds(warehouse, SOURCES.values()).max_load_id - 3
        with ThreadPoolExecutor() as pool:
            beginning = pool.submit(beside.dbt, "run", *LEARNING, as_of=None, max_load_id=bound)
            self.dbt(*arguments)
            beginning.result()

    def expected(self) -> Tables:
        return learning_silver(self.school.bronze(), seeds(), self.school.timezone)

    def purge(self, horizon: date) -> Purged:
        """Takes out the raw events before the horizon; what silver held of them."""
        held = self.silver()
        with connect(self.school.url, autocommit=True) as warehouse:
            zone, made_by = ZoneInfo(self.school.timezone), self.school.fingerprints(OF_EVENTS)
            assert purge_raw_events(warehouse, horizon, zone=zone, fingerprints=made_by, dag_run_id="a purge")
        return Purged(horizon, held["fact_learning_events"], held["session_metrics"])

    def purge_aggregates(self, horizon: date) -> None:
        """Takes out what is counted of the days before the horizon."""
        with connect(self.school.url, autocommit=True) as warehouse:
            would_go = purge_aggregates(warehouse, horizon, dry_run=True)
            assert {"silver.session_metrics", "silver.minute_metrics"} <= {rows.table for rows in would_go}
            assert purge_aggregates(warehouse, horizon, dag_run_id="a purge") == would_go
            assert not purge_aggregates(warehouse, horizon, dry_run=True)

    def expected_since(self, purged: Purged) -> Tables:
        """What silver makes of the events that it held when they were purged, and of those of bronze."""
        zone, known = self.school.timezone, seeds()
        newer = purged.newer_events(self.school.bronze(), known.event_types, zone)
        made = learning_tables(
            purged.older_events + newer, known.event_types, known.product_names, zone, purged.kept_sessions
        )
        return made | since(purged.horizon, made)


def since(horizon: date, made: Tables) -> Tables:
    """Of the tables of single events what is not purged."""
    return {name: [row for row in made[name] if row["event_date"] >= horizon] for name in FACTS}


@pytest.mark.timeout(0 if EXAMPLES else 300)
@pytest.mark.parametrize("seed", range(EXAMPLES or 1))
def test_silver_brought_up_to_date_is_what_a_full_refresh_makes(
    seed: int, postgres: EmbeddedPostgres, warehouse_url: URL, manifest: Path, raw_dir: Path, tmp_path: Path
) -> None:
    target = shutil.copytree(manifest.parent, tmp_path / "target")
    zone, horizon = HORIZONS[seed % len(HORIZONS)]
    before_midnight = datetime.combine(horizon, time(), ZoneInfo(zone)) - timedelta(minutes=10)
    files = RandomEventFiles(raw_dir, seed, (*EDGES, *[before_midnight] * len(EDGES)))
    school = School(warehouse_url, target, zone)
    mornings = LearningMornings(school, files, random.Random(seed))
    for number in range(MORNINGS):
        mornings.load(number)
        if number == MORNINGS - 1:
            mornings.dbt_twice(*BUILD)
        else:
            mornings.dbt(*MODELS)
        assert mornings.was_built_anew() == (number in (0, TAKEN_OUT))
        assert_same(mornings.expected(), mornings.silver())
    before = places(warehouse_url)
    mornings.dbt("run")
    assert places(warehouse_url) == before
    if EXAMPLES:
        with copy_of(postgres, warehouse_url, f"learning_refreshed_{seed}") as copy:
            refreshed = LearningMornings(School(copy, target, zone), files, mornings.chance)
            refreshed.dbt("run", "--full-refresh")
            assert_same(refreshed.silver(), mornings.silver())
    assert_aggregates_outlive_their_events(mornings, horizon)


def assert_aggregates_outlive_their_events(mornings: LearningMornings, horizon: date) -> None:
    """After a purge they stay as they were, in a full refresh too, and events that come later still count right; until
    they are purged themselves.
    """
    purged = mornings.purge(horizon)
    assert purged.open_sessions()
    mornings.load(MORNINGS)
    for arguments in (["run"], ["run", "--full-refresh"]):
        mornings.dbt(*arguments)
        assert_same(mornings.expected_since(purged), mornings.silver())
    mornings.purge_aggregates(horizon)


@dataclass
class OneAssessment:
    """An assessment, and on a later morning its correction, of another day."""

    raw_dir: Path

    def write(self, number: int) -> None:
        about = {"event_id": "a", "learner_id": "L1", "event_type": "assessment_complete", "session_id": f"s{number}"}
        when = {"timestamp": "2024-10-20T12:00:00Z" if number else "2024-09-10T12:00:00Z"}
        result = {"data": {"assessment_id": "c1", "score": 100 if number else 50}}
        (self.raw_dir / f"platform_events_{number}.jsonl").write_text(json.dumps(about | when | result) + "\n")


def test_an_event_that_comes_again_for_a_later_day_when_it_is_purged_is_counted_on_both(
    warehouse_url: URL, manifest: Path, raw_dir: Path, tmp_path: Path
) -> None:
    target = shutil.copytree(manifest.parent, tmp_path / "target")
    mornings = LearningMornings(School(warehouse_url, target, "UTC"), OneAssessment(raw_dir), random.Random(0))
    mornings.load(0)
    mornings.dbt(*MODELS)
    mornings.purge(date(2024, 10, 1))
    mornings.load(BROKEN_OFF + 1)
    for arguments in (["run"], ["run", "--full-refresh"]):
        mornings.dbt(*arguments)
        deltas = {row["partition_date"]: row["current_mastery"] for row in mornings.silver()["mastery_deltas"]}
        assert deltas == {date(2024, 9, 10): Decimal("0.5"), date(2024, 10, 20): 1}
