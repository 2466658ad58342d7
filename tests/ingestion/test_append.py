from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import psycopg

from include.settings import Settings
from tests.ingestion.conftest import Load, attendance, write

ROW = "A-1,S-1,2025-01-07,PRESENT,2025-01-07T15:00:00"
CORRECTED = "A-1,S-1,2025-01-07,ABSENT,2025-01-08T09:00:00"
OTHER = "A-2,S-2,2025-01-07,absent,2025-01-07 15:00:00Z"


def versions(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute(
        "select attendance_id, status, created_at::date::text from bronze.attendance order by created_at, attendance_id"
    ).fetchall()


def test_rows_arrive_typed_with_where_they_came_from(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    attendance(raw_dir, "2025/attendance_01.csv", ROW, OTHER)
    load("attendance")
    assert warehouse.execute(
        "select attendance_id, status, attendance_date::text, created_at at time zone 'UTC',"
        " _source_file, _source_line, _extra, _load_id from bronze.attendance where attendance_id = 'A-2'"
    ).fetchone()[1:3] == ("ABSENT", "2025-01-07")
    assert warehouse.execute(
        "select _source_file, _source_line, _extra from bronze.attendance order by _source_line"
    ).fetchall() == [("2025/attendance_01.csv", 2, None), ("2025/attendance_01.csv", 3, None)]


def test_the_same_row_again_is_ignored_and_a_corrected_row_is_a_new_version(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", ROW, ROW)
    assert load("attendance").results[0].counts.rows_duplicate == 1
    attendance(raw_dir, "attendance_2.csv", ROW, CORRECTED)
    counts = load("attendance").results[-1].counts
    assert (counts.rows_inserted, counts.rows_duplicate) == (1, 1)
    assert versions(warehouse) == [("A-1", "PRESENT", "2025-01-07"), ("A-1", "ABSENT", "2025-01-08")]


def test_a_file_is_loaded_once_under_whatever_name(load: Load, raw_dir: Path) -> None:
    path = attendance(raw_dir, "attendance_1.csv", ROW)
    load_id = load("attendance").results[0].load_id
    path.rename(raw_dir / "attendance_again.csv")
    result = load("attendance").results[0]
    assert (result.status, result.message) == ("skipped", f"already loaded as load {load_id}")


def test_two_files_of_one_content_count_once(load: Load, raw_dir: Path) -> None:
    attendance(raw_dir, "attendance_1.csv", ROW)
    attendance(raw_dir, "attendance_2.csv", ROW)
    assert load("attendance").rows_read == 1
    assert load("attendance").rows_read == 0


def test_two_versions_of_one_time_are_both_kept_and_counted_as_tied(load: Load, raw_dir: Path) -> None:
    attendance(raw_dir, "attendance_1.csv", ROW)
    load("attendance")
    attendance(raw_dir, "attendance_2.csv", ROW.replace("PRESENT", "TARDY"))
    counts = load("attendance").results[-1].counts
    assert (counts.rows_inserted, counts.tied_versions) == (1, 1)


def test_undeclared_columns_are_kept(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    write(
        raw_dir,
        "attendance.csv",
        "note,status,created_at,attendance_date,student_id,attendance_id,room",
        "late bus,TARDY,2025-01-07T15:00:00,2025-01-07,S-1,A-1,",
    )
    load("attendance")
    assert warehouse.execute("select _extra from bronze.attendance").fetchall() == [({"note": "late bus"},)]
    assert warehouse.execute("select undeclared_columns from ops.file_loads").fetchall() == [(["note", "room"],)]


def test_blanks_nulls_compression_and_zone_are_read_as_the_contract_says(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    content = (
        "attendance_id,student_id,attendance_date,status,created_at,note\r\n"
        " A-1 ,S-1,2025-01-07, present ,2025-01-07T15:00:00.5+02:00,\\N\r\n"
    )
    (raw_dir / "attendance.csv.gz").write_bytes(gzip.compress(content.encode()))
    load("attendance")
    assert warehouse.execute(
        "select attendance_id, status, to_char(created_at at time zone 'UTC', 'HH24:MI:SS.MS'), _extra"
        " from bronze.attendance"
    ).fetchall() == [("A-1", "PRESENT", "13:00:00.500", None)]


def test_a_naive_timestamp_is_read_in_the_schools_zone(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    attendance(raw_dir, "attendance.csv", ROW)
    load("attendance", replace(settings, timezone="America/Chicago"))
    (hour,) = warehouse.execute(
        "select extract(hour from created_at at time zone 'UTC')::int from bronze.attendance"
    ).fetchone()
    assert hour == 21


def test_assessments_come_from_nested_json(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    record = {
        "assessment": {"id": 7},
        "student_id": 12,
        "subject": "Math",
        "score": 17.50,
        "max_score": 20,
        "assessment_date": "2025-01-07",
        "created_at": "2025-01-07T15:00:00Z",
        "grader": {"name": "N. N.", "room": None},
    }
    (raw_dir / "assessments.json").write_text(json.dumps({"results": [record]}))
    load("assessments")
    assert warehouse.execute(
        "select assessment_id, student_id, score, max_score, _extra from bronze.assessments"
    ).fetchall() == [("7", "12", 17.5, 20, {"grader_name": "N. N."})]


def test_an_empty_file_of_an_append_source_is_loaded_with_no_rows(load: Load, raw_dir: Path) -> None:
    (raw_dir / "attendance_empty.csv").write_bytes(b"")
    attendance(raw_dir, "attendance_header.csv")
    assert [(result.status, result.counts.rows_read) for result in load("attendance").results] == [
        ("loaded", 0),
        ("loaded", 0),
    ]


def test_a_file_of_a_byte_order_mark_and_blank_lines_is_empty(load: Load, raw_dir: Path) -> None:
    (raw_dir / "attendance.csv").write_bytes(b"\xef\xbb\xbf\n \r\n\n")
    (raw_dir / "students.csv").write_bytes(b"\xef\xbb\xbf\n")
    (empty,) = load("attendance").results
    assert (empty.status, empty.counts.rows_read) == ("loaded", 0)
    assert "the file is empty" in str(load("students").refused[0].message)


def test_all_rows_of_a_file_came_at_one_moment(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    # The second row is one that is looked at closely.
    attendance(raw_dir, "attendance.csv", ROW, OTHER)
    load("attendance")
    moments = warehouse.execute("select count(*), count(distinct _ingested_at) from bronze.attendance").fetchall()
    assert moments == [(2, 1)]


def test_a_second_file_of_one_content_is_told_from_the_first(load: Load, raw_dir: Path) -> None:
    attendance(raw_dir, "attendance_1.csv", ROW)
    attendance(raw_dir, "attendance_2.csv", ROW)
    assert {(result.file, result.status, result.message) for result in load("attendance").results} == {
        ("attendance_1.csv", "loaded", None),
        ("attendance_2.csv", "skipped", "same content as attendance_1.csv"),
    }
