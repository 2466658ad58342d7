"""The first file of an append source goes straight into the empty table, which has its key again, come what may."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from include.ingestion.report import RowCounts, SourceReport
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.settings import Settings
from include.warehouse.connection import connect
from tests.ingestion.conftest import ATTENDANCE_HEADER as HEADER
from tests.ingestion.conftest import Load, attendance, write
from tests.ingestion.gate import HeldAt, at_commit, during_copy, gate, port_of, through
from tests.ingestion.loader import (
    MANY,
    Loader,
    assert_loaded_once,
    assert_nothing_was_loaded,
    assert_whole,
    kill,
    many_rows,
    until,
)

ROWS = many_rows(0, 30)
BAD = ROWS[0].replace("A-0", "A-99").replace("PRESENT", "PRESNT")
BLANKS = ROWS[3].replace(",", " , ")
PARTS = ["PRIMARY KEY (attendance_id, _row_hash)", "brin (_load_id)", "btree (attendance_id, _row_hash)"]


def key_of(warehouse: psycopg.Connection) -> int:
    """The number of the primary key, which is another one when it was made anew."""
    row = warehouse.execute(
        "select oid from pg_constraint where conrelid = 'bronze.attendance'::regclass and contype = 'p'"
    ).fetchone()
    assert row, "the table has no primary key"
    return int(row[0])


def parts(warehouse: psycopg.Connection) -> list[str]:
    """The primary key of the table, and its valid indexes."""
    rows = warehouse.execute(
        "select split_part(pg_get_indexdef(indexrelid), ' USING ', 2) from pg_index"
        " where indrelid = 'bronze.attendance'::regclass and indisvalid"
        " union all select pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = 'bronze.attendance'::regclass and contype = 'p'"
    )
    return sorted(part for (part,) in rows)


def loaded(report: SourceReport) -> RowCounts:
    assert [result.status for result in report.results if result.status != "skipped"] == ["loaded"]
    return report.results[-1].counts


@pytest.fixture
def loader(warehouse_url: URL, raw_dir: Path) -> Loader:
    return Loader(warehouse_url, raw_dir)


@pytest.mark.parametrize(
    ("lines", "status", "is_straight"),
    [
        pytest.param([HEADER, *ROWS], "loaded", True, id="sure rows"),
        pytest.param([HEADER, *ROWS, BAD], "loaded", True, id="a rejected row"),
        pytest.param([HEADER, *ROWS, ROWS[3]], "loaded", False, id="a row twice"),
        pytest.param([HEADER, *ROWS, BLANKS], "loaded", False, id="a judged row like a sure one"),
        pytest.param([HEADER, *(row.replace("PRESENT", "?") for row in ROWS)], "refused", False, id="too many bad"),
        pytest.param([f"{row},note" for row in (HEADER, *ROWS)], "loaded", False, id="undeclared columns"),
    ],
)
def test_whatever_the_first_file_is_the_table_has_its_key_and_index(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, lines: list[str], status: str, is_straight: bool
) -> None:
    key = key_of(warehouse)
    write(raw_dir, "attendance.csv", *lines)
    (result,) = load("attendance").results
    assert result.status == status
    assert (key_of(warehouse) != key) is is_straight
    assert parts(warehouse) == PARTS
    assert_whole(warehouse)
    versions = warehouse.execute("select count(*) from bronze.attendance").fetchone()
    assert versions == (30 if status == "loaded" else 0,)


def test_while_somebody_reads_the_empty_table_the_file_is_loaded_in_the_usual_way(
    warehouse: psycopg.Connection, warehouse_url: URL, load: Load, raw_dir: Path
) -> None:
    key = key_of(warehouse)
    attendance(raw_dir, "attendance.csv", *ROWS)
    with connect(warehouse_url) as reader:
        # Until its transaction is over it keeps everybody from changing the table.
        reader.execute("select from bronze.attendance")
        assert loaded(load("attendance")).rows_inserted == 30
    assert (key_of(warehouse), parts(warehouse)) == (key, PARTS)


def test_a_view_that_depends_on_the_key_stays_and_the_file_is_loaded_in_the_usual_way(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    warehouse.execute(
        "create view silver.seen as select attendance_id, _row_hash, status from bronze.attendance"
        " group by attendance_id, _row_hash"
    )
    key = key_of(warehouse)
    attendance(raw_dir, "attendance.csv", *ROWS)
    assert loaded(load("attendance")).rows_inserted == 30
    assert (key_of(warehouse), parts(warehouse)) == (key, PARTS)
    assert warehouse.execute("select count(*) from silver.seen").fetchone() == (30,)


def test_a_key_that_somebody_renamed_stays_and_the_file_is_loaded_in_the_usual_way(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    warehouse.execute("alter table bronze.attendance rename constraint attendance_pkey to the_key")
    before = key_of(warehouse), parts(warehouse)
    attendance(raw_dir, "attendance.csv", *ROWS)
    assert loaded(load("attendance")).rows_inserted == 30
    assert (key_of(warehouse), parts(warehouse)) == before


def test_a_first_load_waits_for_a_row_that_another_session_holds_as_long_as_it_takes(
    warehouse: psycopg.Connection, warehouse_url: URL, load: Load, settings: Settings, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", BAD)
    load("attendance")
    attendance(raw_dir, "attendance_2.csv", *ROWS, BAD.replace("PRESNT", "PRESENT"))
    key = key_of(warehouse)
    reports: list[SourceReport] = []

    def load_meanwhile() -> None:
        with connect(warehouse_url, autocommit=True) as connection:
            reports.append(ingest(connection, SOURCES["attendance"], settings, dag_run_id="test"))

    with connect(warehouse_url) as other:
        other.execute("select from ops.rejected_rows for update")
        thread = threading.Thread(target=load_meanwhile)
        thread.start()
        waiting = "select pid from pg_locks where waitstart < clock_timestamp() - interval '1.5 seconds'"
        until(lambda: warehouse.execute(waiting).fetchone())
    thread.join()
    assert loaded(reports[0]).rows_inserted == 31
    assert key_of(warehouse) != key, "it was loaded a second time, in the usual way"
    assert warehouse.execute("select resolved_load_id from ops.rejected_rows").fetchall() == [(2,)]
    assert parts(warehouse) == PARTS


@pytest.mark.parametrize("held_at", [during_copy, at_commit])
def test_a_first_load_that_is_killed_leaves_key_and_table_as_they_were(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path, held_at: HeldAt
) -> None:
    key = key_of(warehouse)
    attendance(raw_dir, "attendance.csv", *many_rows(0, MANY))
    with gate(port_of(loader.url), held_at) as closed, through(closed, loader).running("attendance") as process:
        closed.wait()
        kill(process)
        closed.cut()
        assert_nothing_was_loaded(warehouse)
    assert (key_of(warehouse), parts(warehouse)) == (key, PARTS)
    assert loader.load("attendance").status == 0
    assert_loaded_once(warehouse, MANY)
    assert key_of(warehouse) != key
    assert parts(warehouse) == PARTS


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
def test_a_first_load_counts_as_many_tied_versions_as_a_later_one(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, order: str
) -> None:
    key = key_of(warehouse)
    tied = [ROWS[1].replace("PRESENT", "TARDY"), *(ROWS[2].replace("PRESENT", code) for code in ("TARDY", "ABSENT"))]
    later = ROWS[3].replace("PRESENT", "TARDY").replace("T15", "T16")
    rows = sorted([*ROWS, *tied, later])
    if order == "shuffled":
        random.Random(1).shuffle(rows)
    attendance(raw_dir, "attendance_1.csv", *rows)
    first = loaded(load("attendance"))
    assert key_of(warehouse) != key
    warehouse.execute("truncate bronze.attendance, ops.file_loads cascade")
    attendance(raw_dir, "attendance_0.csv", *many_rows(50, 51))
    zeroth, usual = (result.counts for result in load("attendance").results)
    assert zeroth.tied_versions == 0
    assert (first.tied_versions, first.rows_inserted) == (usual.tied_versions, usual.rows_inserted) == (5, 34)
