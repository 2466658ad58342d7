"""However the same facts are split, ordered, repeated and mixed over files and runs, the same comes of them.

`ROLLCALL_TEST_EXAMPLES=500 pytest tests/ingestion/test_properties.py` looks for longer, and elsewhere each time.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from tests.ingestion.deliveries import (
    Delivery,
    Roster,
    Version,
    appended,
    newest,
    snapshots,
    tied_counts,
)
from tests.ingestion.loader import assert_whole
from tests.ingestion.world import WRITERS, World

EXAMPLES = int(os.environ.get("ROLLCALL_TEST_EXAMPLES", "0"))


def looks_at(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same few examples each time, or as many others as the environment asks for."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        # Each example empties the warehouse itself.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture
def world(warehouse: psycopg.Connection, raw_dir: Path) -> World:
    return World(warehouse, raw_dir)


def deliver(world: World, source: str, deliveries: list[Delivery]) -> list[Delivery]:
    """Load the deliveries run by run; gives them in the order in which they were loaded, without those skipped."""
    loaded: list[Delivery] = []
    for run in range(3):
        for number, load in enumerate(deliveries):
            if load.run == run:
                WRITERS[source](world.raw_dir, number, load)
        results = world.load(source)
        numbers = [int(result.file.rpartition(".")[0].rpartition("_")[2]) for result in results]
        assert [result.counts.rows_read for result in results] == [len(deliveries[n].rows) for n in numbers]
        loaded += [deliveries[number] for number in numbers]
    assert_whole(world.warehouse)
    return loaded


NEWEST = (
    "select distinct on ({key}) {key}, {value}, {time} from bronze.{table}"
    " order by {key}, {time} desc, _load_id desc, _source_line desc"
)
QUERIES = {
    "attendance": NEWEST.format(key="attendance_id", value="status", time="created_at", table="attendance"),
    "assessments": NEWEST.format(key="assessment_id", value="score", time="created_at", table="assessments"),
    "platform_events": NEWEST.format(key="event_id", value="event_type", time="timestamp", table="platform_events"),
}


def told(source: str, row: Version) -> tuple:
    value = row.content if source == "assessments" else row.attendance()["status"]
    return row.key, value, row.at


def in_bronze(world: World, source: str) -> list[tuple]:
    return sorted((key, value, f"{at:%Y-%m-%dT%H:%M:%S}") for key, value, at in world.rows(QUERIES[source]))


@pytest.mark.parametrize("source", ["attendance", "assessments", "platform_events"])
@looks_at(12)
@given(deliveries=appended())
def test_appended_rows_give_the_same_newest_versions_however_they_are_delivered(
    world: World, source: str, deliveries: list[Delivery]
) -> None:
    deliver(world.emptied(), source, deliveries)
    facts = {row for load in deliveries for row in load.rows}
    # Whatever was delivered: of an id the latest time counts.
    expected = {row.key: row for row in sorted(facts, key=lambda row: row.time)}
    assert in_bronze(world, source) == sorted(told(source, row) for row in expected.values())
    assert world.rows(f"select count(*) from bronze.{source}") == [(len(facts),)]
    assert world.load(source) == []


@pytest.mark.parametrize("source", ["attendance", "assessments", "platform_events"])
@looks_at(8)
@given(deliveries=appended(tied=True))
def test_of_appended_versions_of_one_time_the_later_load_wins_and_they_are_counted(
    world: World, source: str, deliveries: list[Delivery]
) -> None:
    loaded = deliver(world.emptied(), source, deliveries)
    assert in_bronze(world, source) == sorted(told(source, row) for row in newest(loaded).values())
    counted = [count for (count,) in world.rows("select tied_versions from ops.file_loads order by load_id")]
    assert counted == tied_counts(loaded)


def roster_of(loaded: list[Delivery], deliveries: list[Delivery]) -> Roster:
    """What the snapshots that were loaded say, run by run, each snapshot's files together."""
    roster = Roster()
    for _, run in itertools.groupby(loaded, key=lambda load: load.run):
        for _, group in itertools.groupby(run, key=lambda load: load.snapshot):
            roster.take(list(group))
    assert {row for load in deliveries for row in load.rows} == roster.history
    return roster


@looks_at(25)
@given(deliveries=snapshots())
def test_snapshots_give_the_same_students_however_they_are_delivered(world: World, deliveries: list[Delivery]) -> None:
    loaded = deliver(world.emptied(), "students", deliveries)
    roster = roster_of(loaded, deliveries)
    current = {row.key: row for row in sorted(roster.history, key=lambda row: row.time)}
    found = world.rows("select student_id, class_id, _missing_since from bronze.students")
    assert sorted(found) == sorted(
        (row.key, row.student()["class_id"], roster.missing_since.get(row.key)) for row in current.values()
    )
    assert sorted(world.rows("select student_id, class_id from bronze.students_history")) == sorted(
        (row.key, row.student()["class_id"]) for row in roster.history
    )
    gaps = world.rows("select student_id, missing_from, returned_on from bronze.students_presence")
    assert sorted(gaps, key=repr) == roster.presence()
