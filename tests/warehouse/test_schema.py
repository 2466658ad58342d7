"""The SQL that is built from a Source stands in golden files, so that a change of it is seen in the diff.

Rewrite them with `ROLLCALL_REWRITE_GOLDEN=1 pytest tests/warehouse/test_schema.py` and read what changed.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from include.ingestion import append_sql, full_load_sql, presence_sql
from include.ingestion.casting import judged_insert
from include.ingestion.event_sources import PLATFORM_EVENTS, REWARD_EVENTS
from include.ingestion.judging import conflicts_update
from include.ingestion.latest import Latest
from include.ingestion.raw_table import RawTable
from include.ingestion.sources import ATTENDANCE, SCHOOL_DAYS, SOURCES, STUDENTS
from include.ingestion.spec import Source
from include.warehouse.schema import bronze_ddl, migrate

GOLDEN = Path(__file__).parent / "golden"
LATEST = Latest.of(datetime(2025, 3, 14, 12, tzinfo=UTC), UTC)


def statements(source: Source) -> list[sql.Composed]:
    cells = {name: f"c{position}" for position, name in enumerate(source.column_names)}
    raw = RawTable(sql.Identifier("raw"), cells, {"note": "c99"}, has_extra=False)
    changed, typed = sql.Identifier("changed"), sql.Identifier("typed")
    built = [*bronze_ddl(source), judged_insert(source, raw, typed, LATEST, 1000)]
    if source.strategy == "append_dedupe":
        known = sql.Identifier("known")
        partitions = [append_sql.make_partitions(source, typed, source.partition_by)] if source.partition_by else []
        return [
            *built,
            *partitions,
            append_sql.known_query(source, typed),
            append_sql.append_insert(source, typed, known, may_repeat=True),
            append_sql.tied_query(source, typed, known, may_repeat=True),
        ]
    return [
        *built,
        conflicts_update(source, typed),
        full_load_sql.changed_query(source, typed),
        full_load_sql.unchanged_query(source, typed),
        full_load_sql.history_insert(source, changed),
        full_load_sql.outcome_query(source, changed),
        full_load_sql.current_merge(source, sql.Identifier("outcomes")),
        full_load_sql.tied_versions_query(source, changed),
        presence_sql.vanished_query(source, presence_sql.seen_query(source, [sql.Identifier("seen_file")])),
        presence_sql.mark_missing(source, sql.Identifier("vanished")),
        presence_sql.mark_returned(source, typed),
    ]


GOLDEN_SOURCES = [STUDENTS, SCHOOL_DAYS, ATTENDANCE, PLATFORM_EVENTS, REWARD_EVENTS]


@pytest.mark.parametrize("source", GOLDEN_SOURCES, ids=lambda source: source.table)
def test_the_sql_of_a_source_is_the_golden_one(warehouse: psycopg.Connection, source: Source) -> None:
    built = "\n\n".join(statement.as_string(warehouse) for statement in statements(source)) + "\n"
    golden = GOLDEN / f"{source.table}.sql"
    if os.environ.get("ROLLCALL_REWRITE_GOLDEN"):
        golden.write_text(built, encoding="utf-8")
    assert built == golden.read_text(encoding="utf-8")


def test_migrating_again_changes_nothing(warehouse: psycopg.Connection) -> None:
    files = "select relname, relfilenode from pg_class where relnamespace = 'bronze'::regnamespace order by relname"
    before = warehouse.execute(files).fetchall()
    assert migrate(warehouse, SOURCES.values()) == []
    assert warehouse.execute(files).fetchall() == before


def test_a_column_that_a_source_gains_is_added_to_bronze(warehouse: psycopg.Connection) -> None:
    warehouse.execute("alter table bronze.students drop column ethnicity cascade")
    migrate(warehouse, SOURCES.values())
    warehouse.execute("select ethnicity from bronze.students")


def test_the_accounts_must_add_up(warehouse: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="nothing_is_lost"):
        warehouse.execute(
            "insert into ops.file_loads (source, file, sha256, bytes, status, contract, rows_read, rows_inserted,"
            " started_at, finished_at) values ('attendance', 'f', 's', 1, 'loaded', 'c', 3, 2, now(), now())"
        )
