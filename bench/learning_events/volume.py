"""Many events at once, into bronze and through silver, beside COPY of the same events into plain typed tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from bench.bronze import contestants
from bench.bronze.databases import EMPTY_WAREHOUSE, Databases
from bench.bronze.results import Result
from bench.district import school_days
from bench.learning_events.files import write_days
from bench.learning_events.stream import EVENTS_OF_LEARNER, HEADERS, Stream
from bench.learning_events.warehouse import Warehouse
from include.warehouse.connection import connect

TYPES = {"timestamp": "timestamptz", "data": "jsonb", "metadata": "jsonb", "miles_amount": "numeric"}
KEYS = {"platform_events": ("event_id",), "product_events": ("product", "id")}
"""Events of the other sources have no id that COPY could check."""


def volume(databases: Databases, folder: Path, events: int, learners: int) -> Iterator[Result]:
    """Events a second, and how many times as long as COPY (L) each step takes."""
    days = list(school_days(max(1, events // (learners * EVENTS_OF_LEARNER))))
    of_source = write_days(folder / "typed", Stream(learners, disturbed=False), days, typed=True)
    events = of_source.total()
    copied = _copied(databases, folder / "typed")
    shutil.rmtree(folder / "typed")
    warehouse = Warehouse(databases, folder)
    write_days(warehouse.raw, Stream(learners, disturbed=False), days)
    loaded = warehouse.load(events)
    limit, bronze = sum(copied.values()), sum(cost.seconds for cost in loaded.values())
    warehouse.settle()
    silver = warehouse.build()
    work = f"{events:,} events"
    yield _rate(work, "L: COPY into typed tables", events, limit)
    yield _rate(work, "into bronze", events, bronze, limit)
    for source, cost in loaded.items():
        yield _rate(
            f"of them {of_source[source]:,}", f"{source} into bronze", of_source[source], cost.seconds, copied[source]
        )
    yield _rate(work, "through silver", events, silver.seconds, limit)
    yield _rate(work, "bronze and silver", events, bronze + silver.seconds, limit)


def _rate(work: str, what: str, events: int, seconds: float, limit: float | None = None) -> Result:
    times = "" if limit is None else f", {seconds / limit:.2f} times L"
    return Result(work, what, f"{events / seconds:,.0f} events/s ({seconds:.1f} s{times})")


def _copied(databases: Databases, folder: Path) -> dict[str, float]:
    """Seconds of COPY by source, into tables of a database that is removed again."""
    url = databases.create("typed", EMPTY_WAREHOUSE)
    seconds = {}
    for source in HEADERS:
        with connect(url, autocommit=True) as connection:
            _create_typed_table(connection, source)
        seconds[source] = contestants.copy(url, source, folder / f"{source}.csv").seconds
    databases.drop("typed")
    return seconds


def _create_typed_table(connection: psycopg.Connection, source: str) -> None:
    """The columns of the contract with their types and, where there is one, the primary key."""
    parts = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_type(name))) for name in HEADERS[source].split(",")]
    if source in KEYS:
        parts.append(sql.SQL("primary key ({})").format(sql.SQL(", ").join(map(sql.Identifier, KEYS[source]))))
    columns = sql.SQL(", ").join(parts)
    connection.execute(sql.SQL("create table {} ({})").format(sql.Identifier("public", source), columns))


def _type(name: str) -> str:
    return TYPES.get(name, "timestamptz" if name.endswith(("_timestamp", "_time")) else "text")
