"""However the same facts are delivered, silver and gold are the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import connect
from tests.dbt.conftest import School, Tables, tables
from tests.ingestion.deliveries import Delivery, Version
from tests.ingestion.loader import assert_whole
from tests.ingestion.test_properties import EXAMPLES
from tests.ingestion.world import WRITERS, World


@pytest.fixture(scope="module")
def models(
    postgres: EmbeddedPostgres, warehouse_template: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[School, World]]:
    administrator = postgres.administrator_url().render_as_string(hide_password=False)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("create database models template empty_warehouse owner rollcall")
    url = warehouse_template.set(database="models")
    raw_dir = tmp_path_factory.mktemp("models") / "raw"
    raw_dir.mkdir()
    with connect(url, autocommit=True) as connection:
        yield School(url, tmp_path_factory.mktemp("dbt_target")), World(connection, raw_dir)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("drop database models with (force)")


ROSTER = [
    Delivery(tuple(Version(key, time, (time + place) % 3) for place, key in enumerate(keys)), 0, snapshot)
    for snapshot, (time, keys) in enumerate([(0, "abcde"), (1, "abcd"), (2, "abde")])
]
DAYS = [Version(f"{key}", time, (time + place) % 3) for place, key in enumerate("abcdef") for time in range(4)]


def built(models: tuple[School, World], runs: list[dict[str, list[Delivery]]]) -> Tables:
    """Silver and gold after some runs of ingestion on an empty warehouse, without who loaded what when."""
    school, world = models
    world.emptied()
    world.warehouse.execute("truncate ops.silver_models, ops.silver_changes")
    for schema in ("silver", "gold", "gold_candidate", "test_failures"):
        world.warehouse.execute(f"drop schema if exists {schema} cascade")
        world.warehouse.execute(f"create schema {schema}")
    numbers = itertools.count()
    for run in runs:
        for source, deliveries in run.items():
            for delivery in deliveries:
                WRITERS[source](world.raw_dir, next(numbers), delivery)
            world.load(source)
    assert_whole(world.warehouse)
    school.build("--exclude-resource-type", "test")
    return {table: sorted(map(without_load, rows), key=repr) for table, rows in tables(world.warehouse).items()}


def without_load(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "_load_id"}


@settings(max_examples=max(1, EXAMPLES // 50), derandomize=not EXAMPLES, database=None, deadline=None)
@given(order=st.permutations(DAYS), cuts=st.lists(st.integers(0, len(DAYS)), min_size=3, max_size=3).map(sorted))
def test_silver_and_gold_are_the_same_however_the_facts_are_delivered(
    models: tuple[School, World], order: list[Version], cuts: list[int]
) -> None:
    facts = tuple(DAYS)
    at_once = built(
        models, [{"students": ROSTER, "attendance": [Delivery(facts, 0)], "assessments": [Delivery(facts, 0)]}]
    )
    one, two, three = cuts
    parts = [
        Delivery(tuple(part), 0, is_quoted=True) for part in (order[:one], order[:two], order[one:], order[three:])
    ]
    piecemeal = built(
        models,
        [
            {"attendance": parts[:1], "students": ROSTER[:1], "assessments": parts[2:]},
            {"attendance": parts[1:], "students": ROSTER[1:], "assessments": parts[:2]},
        ],
    )
    assert at_once["fact_attendance"]
    assert at_once["student_performance_summary"]
    assert piecemeal == at_once
