from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from include.settings import Settings
from tests.ingestion.conftest import ATTENDANCE_HEADER, Load, attendance, write

GOOD = [f"A-{number},S-1,2025-01-07,PRESENT,2025-01-07T15:00:00" for number in range(100)]


def rejected(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute("select file, line, key, raw, reasons from ops.rejected_rows order by line").fetchall()


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        ("X,,2025-01-07,PRESENT,2025-01-07T15:00:00", ["missing:student_id"]),
        ("X,S-1,2025-02-29,PRESENT,2025-01-07T15:00:00", ["bad_type:attendance_date"]),
        ("X,S-1,now,PRESENT,2025-01-07T15:00:00", ["bad_type:attendance_date"]),
        ("X,S-1,J2451187,PRESENT,2025-01-07T15:00:00", ["bad_type:attendance_date"]),
        ("X,S-1,1999-12-31,PRESENT,2025-01-07T15:00:00", ["out_of_range:attendance_date"]),
        ("X,S-1,2999-01-01,PRESENT,2025-01-07T15:00:00", ["out_of_range:attendance_date"]),
        ("X,S-1,2025-01-07,PRESNT,2025-01-07T15:00:00", ["not_allowed:status"]),
        ("X,S-1,2025-01-07,PRESENT,2025-01-07T25:00:00", ["bad_type:created_at"]),
        ("X,S-1,2025-01-07,PRESENT,9999-12-31T00:00:00", ["out_of_range:created_at"]),
        ("X,S-1,2025-01-07,PRESENT,tomorrow", ["bad_type:created_at"]),
        (
            "X,,nodate,LATE,",
            ["missing:student_id", "bad_type:attendance_date", "not_allowed:status", "missing:created_at"],
        ),
        (f"X,{'S' * 256},nodate,PRESENT,2025-01-07T15:00:00", ["bad_type:attendance_date", "too_long"]),
        ("X,S-1,2025-01-07,PRESENT", ["ragged_row"]),
    ],
)
def test_a_bad_row_is_rejected_with_every_reason_and_the_rest_loads(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, row: str, reasons: list[str]
) -> None:
    attendance(raw_dir, "attendance.csv", *GOOD[:50], row, *GOOD[50:])
    counts = load("attendance").results[0].counts
    assert (counts.rows_read, counts.rows_inserted, counts.rows_rejected) == (101, 100, 1)
    assert rejected(warehouse) == [("attendance.csv", 52, "X", row.encode(), reasons)]


@pytest.mark.parametrize("number", ["0x1F", "1_000", "NaN", "Infinity", "1e3", "١"])
def test_a_number_is_a_plain_decimal(warehouse: psycopg.Connection, load: Load, raw_dir: Path, number: str) -> None:
    header = "student_id,class_id,grade_level,enrollment_status,updated_at"
    write(raw_dir, "students.csv", header, f"S-1,CLASS-01,{number},ACTIVE,2025-01-07T15:00:00")
    load("students")
    assert [reasons for *_, reasons in rejected(warehouse)] == [["bad_type:grade_level"]]


def test_records_on_one_line_of_json_are_told_apart(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    def record(number: int, score: str) -> str:
        return (
            f'{{"assessment_id":"M-{number}","student_id":"S-1","subject":"Math","score":{score},"max_score":10,'
            '"assessment_date":"2025-01-07","created_at":"2025-01-07T15:00:00"}'
        )

    (raw_dir / "assessments.json").write_text(f"[{record(1, '5')},{record(2, '11')},{record(3, '-1')}]")
    load("assessments")
    assert rejected(warehouse) == [
        ("assessments.json", 1, "M-2", record(2, "11").encode(), ["out_of_range:score"]),
        ("assessments.json", 1, "M-3", record(3, "-1").encode(), ["out_of_range:score"]),
    ]


def test_a_later_accepted_row_of_the_same_key_resolves_a_rejection(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", "A-1,S-1,2025-01-07,PRESNT,2025-01-07T15:00:00")
    load("attendance")
    attendance(raw_dir, "attendance_2.csv", GOOD[1])
    load_id = load("attendance").results[-1].load_id
    assert warehouse.execute(
        "select resolved_load_id from ops.rejected_rows where resolved_at is not null"
    ).fetchall() == [(load_id,)]


def test_a_row_that_was_there_before_resolves_nothing(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    attendance(raw_dir, "attendance_1.csv", GOOD[1])
    attendance(raw_dir, "attendance_2.csv", GOOD[1].replace("PRESENT", "PRESNT"))
    load("attendance")
    attendance(raw_dir, "attendance_3.csv", GOOD[1], GOOD[2])
    load("attendance")
    assert warehouse.execute("select count(*) from ops.rejected_rows where resolved_at is null").fetchone() == (1,)


def test_a_file_with_a_large_share_of_bad_rows_is_refused_whole_and_they_stay_readable(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance.csv", *GOOD[:70], *(row.replace("PRESENT", "?") for row in GOOD[70:]))
    result = load("attendance").results[0]
    assert result.status == "refused"
    assert "30 of 100 rows are rejected (30.0%" in str(result.message)
    assert "not_allowed:status 30" in str(result.message)
    assert len(rejected(warehouse)) == 30
    assert warehouse.execute("select count(*) from bronze.attendance").fetchone() == (0,)


def test_a_renamed_column_is_named_and_nothing_changes(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    write(raw_dir, "attendance.csv", ATTENDANCE_HEADER.replace("status", "state"), GOOD[0])
    result = load("attendance").results[0]
    assert (result.status, result.message) == ("refused", "missing: status; unexpected: state")
    assert warehouse.execute("select count(*) from bronze.attendance").fetchone() == (0,)


def test_duplicate_columns_are_named(load: Load, raw_dir: Path) -> None:
    write(raw_dir, "attendance.csv", ATTENDANCE_HEADER + ",status", GOOD[0] + ",X")
    assert load("attendance").results[0].message == "duplicate columns in the header: status"


def test_a_file_without_a_header_is_refused_without_repeating_its_data(load: Load, raw_dir: Path) -> None:
    write(raw_dir, "attendance.csv", *GOOD)
    message = str(load("attendance").results[0].message)
    assert message.startswith("no header")
    assert "S-1" not in message


def test_a_refused_file_is_tried_again_only_when_what_it_is_judged_by_changes(
    load: Load, raw_dir: Path, settings: Settings
) -> None:
    attendance(raw_dir, "attendance.csv", *GOOD[:70], *(row.replace("PRESENT", "?") for row in GOOD[70:]))
    assert load("attendance").results[0].status == "refused"
    again = load("attendance")
    assert again.results[0].status == "skipped"
    assert "still refused" in again.lines()[0]
    assert load("attendance", replace(settings, max_rejected_share=0.5)).results[0].status == "loaded"


def test_a_key_and_a_line_of_any_length_can_be_kept(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    key = "".join(chr(ord("A") + number * number % 25) for number in range(3_000_000))
    attendance(raw_dir, "attendance.csv", GOOD[0].replace("A-0", key), key)
    load("attendance")
    assert [(key, len(raw), reasons) for _, _, key, raw, reasons in rejected(warehouse)] == [
        (None, 3_000_043, ["too_long"]),
        (None, 3_000_000, ["ragged_row"]),
    ]


def test_the_longest_id_is_loaded(load: Load, raw_dir: Path) -> None:
    attendance(raw_dir, "attendance.csv", GOOD[0].replace("A-0", "ü" * 255))
    assert load("attendance").results[0].counts.rows_inserted == 1
