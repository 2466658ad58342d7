from __future__ import annotations

import random
import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from include.ingestion import judging
from include.ingestion.load import LoadFailedError
from include.ingestion.sources import ATTENDANCE, SOURCES
from include.ingestion.task import ingest
from include.settings import REPOSITORY, Settings
from include.warehouse.connection import connect
from tests.ingestion.conftest import Load, attendance

ROWS = [f"A-{number},S-{number % 9},2025-01-07,PRESENT,2025-01-07T15:00:00" for number in range(200)]


def test_the_sample_loads_and_every_row_is_accounted_for(warehouse: psycopg.Connection, settings: Settings) -> None:
    sample = replace(settings, raw_dir=REPOSITORY / "data" / "raw")
    for source in SOURCES.values():
        report = ingest(warehouse, source, sample, dag_run_id="test")
        assert report.results
        assert all(result.status == "loaded" for result in report.results)
        assert report.rows_rejected == 0
    assert warehouse.execute(
        "select bool_and(rows_read = rows_inserted + rows_updated + rows_unchanged + rows_superseded + rows_duplicate"
        " + rows_rejected) from ops.file_loads"
    ).fetchone() == (True,)


def test_both_reading_paths_give_the_same_bronze(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    bad = ["X,S-1,2025-13-01,PRESENT,2025-01-07T15:00:00", "Y,S-1,2025-01-07,?,"]
    plain = attendance(raw_dir, "attendance.csv", *ROWS, *bad)
    content = "select attendance_id, student_id, attendance_date, status, created_at, _source_line, _row_hash::text"
    rejected = "select line, key, reasons from ops.rejected_rows order by line"
    load("attendance")
    fast = warehouse.execute(content + " from bronze.attendance order by 1").fetchall()
    fast_rejected = warehouse.execute(rejected).fetchall()
    warehouse.execute("truncate bronze.attendance, ops.file_loads, ops.rejected_rows cascade")
    lines = plain.read_text().splitlines()
    plain.write_text("\n".join([lines[0], *(",".join(f'"{cell}"' for cell in line.split(",")) for line in lines[1:])]))
    load("attendance")
    assert warehouse.execute(content + " from bronze.attendance order by 1").fetchall() == fast
    assert warehouse.execute(rejected).fetchall() == fast_rejected


def test_files_split_and_permuted_give_the_same_versions(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    rows = [*ROWS, *(row.replace("PRESENT", "ABSENT").replace("07T15", "08T09") for row in ROWS[:50])]
    newest = (
        "select distinct on (attendance_id) attendance_id, status from bronze.attendance"
        " order by attendance_id, created_at desc, _load_id desc, _source_line desc"
    )
    attendance(raw_dir, "attendance.csv", *rows)
    load("attendance")
    whole = warehouse.execute(newest).fetchall()
    warehouse.execute("truncate bronze.attendance, ops.file_loads cascade")
    (raw_dir / "attendance.csv").unlink()
    random.Random(3).shuffle(rows)
    for part in range(4):
        attendance(raw_dir, f"attendance_{part}.csv", *rows[part * 60 : part * 60 + 70])
        load("attendance")
    assert warehouse.execute(newest).fetchall() == whole


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_run(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = attendance(raw_dir, "attendance.csv", *ROWS)
    copy_sure = judging.copy_sure

    def copy_while_it_grows(*arguments: object) -> object:
        count = copy_sure(*arguments)  # type: ignore[arg-type]
        path.write_text(path.read_text() + "A-999,S-1,2025-01-07,PRESENT,2025-01-07T15:00:00\n")
        return count

    monkeypatch.setattr(judging, "copy_sure", copy_while_it_grows)
    assert load("attendance").results[0].status == "waiting"
    assert warehouse.execute("select count(*) from ops.file_loads").fetchone() == (0,)
    monkeypatch.undo()
    assert load("attendance").rows_read == 201


def test_a_lost_database_connection_leaves_nothing_behind(
    warehouse: psycopg.Connection, warehouse_url: URL, load: Load, raw_dir: Path, settings: Settings
) -> None:
    attendance(raw_dir, "attendance.csv", *ROWS)
    with connect(warehouse_url, autocommit=True) as victim:
        victim.execute("set application_name = 'victim'")
        warehouse.execute("create function pg_temp.nothing() returns int language sql as 'select 1'")
        warehouse.execute(
            "create function bronze.end_session() returns trigger language plpgsql as"
            " $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$"
        )
        warehouse.execute(
            "create trigger end_session after insert on bronze.attendance execute function bronze.end_session()"
        )
        with pytest.raises(LoadFailedError, match="left nothing behind"):
            ingest(victim, ATTENDANCE, settings, dag_run_id="test")
    assert warehouse.execute("select count(*) from bronze.attendance").fetchone() == (0,)
    warehouse.execute("drop trigger end_session on bronze.attendance")
    assert load("attendance").rows_read == 200
    assert warehouse.execute("select status, retry_count from ops.etl_job_status").fetchall() == [("completed", 1)]


def test_two_loads_of_one_source_at_once_load_each_file_once(
    warehouse: psycopg.Connection, warehouse_url: URL, raw_dir: Path, settings: Settings
) -> None:
    for part in range(6):
        attendance(raw_dir, f"attendance_{part}.csv", *ROWS[part * 30 : part * 30 + 30])
    errors: list[BaseException] = []

    def load_in_a_session_of_its_own(run: str) -> None:
        try:
            with connect(warehouse_url, autocommit=True) as connection:
                ingest(connection, ATTENDANCE, settings, dag_run_id=run)
        except BaseException as error:  # noqa: BLE001 - the test below looks at whatever it was
            errors.append(error)

    threads = [threading.Thread(target=load_in_a_session_of_its_own, args=(run,)) for run in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert warehouse.execute("select count(*), sum(rows_inserted) from ops.file_loads").fetchone() == (6, 180)
    assert warehouse.execute("select distinct status from ops.etl_job_status").fetchall() == [("completed",)]


def test_no_value_of_a_row_is_in_what_a_failed_load_says(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance.csv", *ROWS)
    warehouse.execute("alter table bronze.attendance add check (student_id <> 'S-3')")
    with pytest.raises(LoadFailedError) as failure:
        load("attendance")
    told = str(failure.value) + str(warehouse.execute("select error from ops.file_loads").fetchall())
    assert "CheckViolation" in told
    assert "S-3" not in told
    assert failure.value.__cause__ is None


def test_a_row_left_running_by_a_killed_worker_is_closed_by_the_next_run(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    warehouse.execute(
        "insert into ops.etl_job_status (job_id, job_type, status) values ('old/x', 'ingest_attendance', 'running')"
    )
    attendance(raw_dir, "attendance.csv", *ROWS)
    load("attendance")
    assert warehouse.execute(
        "select job_id, status, records_processed from ops.etl_job_status order by job_id"
    ).fetchall() == [("old/x", "failed", 0), ("test/ingest_attendance", "completed", 200)]


def test_a_file_cannot_become_sql(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    name = "attendance'; drop table bronze.students; --%s$$.csv"
    row = "A-1'); drop table bronze.students; --,S-1 %s %(x)s $$,2025-01-07,PRESENT,2025-01-07T15:00:00,x"
    (raw_dir / name).write_text(
        f"attendance_id,student_id,attendance_date,status,created_at,note'); drop table bronze.students; --\n{row}\n"
    )
    load("attendance")
    assert warehouse.execute("select student_id, _source_file, _extra from bronze.attendance").fetchall() == [
        ("S-1 %s %(x)s $$", name, {"note'); drop table bronze.students; --": "x"})
    ]


def test_a_file_that_cannot_be_loaded_does_not_keep_the_others_from_being_tried(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", ROWS[0])
    attendance(raw_dir, "attendance_2.csv", ROWS[3])
    attendance(raw_dir, "attendance_3.csv", ROWS[6])
    warehouse.execute("alter table bronze.attendance add check (student_id = 'S-6')")
    with pytest.raises(LoadFailedError, match=r"loading attendance_1.csv .*; loading attendance_2.csv "):
        load("attendance")
    assert warehouse.execute("select student_id from bronze.attendance").fetchall() == [("S-6",)]
