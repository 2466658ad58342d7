"""What the contract says of values and files at its edges: the last date, equal values, tries again, what is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from include.ingestion.sources import LEARNING_UNITS, STUDENTS
from include.ingestion.spec import Source
from include.ingestion.task import ingest
from include.settings import Settings
from tests.ingestion.conftest import ATTENDANCE_HEADER, Codes, Load, attendance, student_rows, students, write

GOOD = "A-1,S-1,2025-01-07,PRESENT,2025-01-07T15:00:00"
ARRIVAL = datetime(2025, 3, 10, 11, 30, tzinfo=UTC)
ASSESSMENT = {
    "assessment_id": "M-1",
    "student_id": "S-1",
    "subject": "Math",
    "score": 5,
    "max_score": 10,
    "assessment_date": "2025-01-07",
    "created_at": "2025-01-07T15:00:00Z",
}


def arrived(path: Path) -> None:
    os.utime(path, (ARRIVAL.timestamp(), ARRIVAL.timestamp()))


def accepted_dates(warehouse: psycopg.Connection, source: str, day: str) -> list[str]:
    assert warehouse.execute("select distinct reasons from ops.rejected_rows").fetchall() == [
        ([f"out_of_range:{day}"],)
    ]
    return [text for (text,) in warehouse.execute(f"select distinct {day}::text from bronze.{source} order by 1")]


@pytest.mark.parametrize(
    ("zone", "last"),
    [
        ("UTC", "2025-03-11"),
        # There the file arrived at 01:30 of the next day,
        ("Pacific/Kiritimati", "2025-03-12"),
        # and here at 00:30, one zone further at 23:30 of the day before.
        ("Pacific/Pago_Pago", "2025-03-11"),
        ("Etc/GMT+12", "2025-03-10"),
    ],
)
def test_a_date_lies_between_2000_and_the_day_after_the_arrival_in_the_zone_of_the_school(
    warehouse: psycopg.Connection, load: Load, settings: Settings, raw_dir: Path, zone: str, last: str
) -> None:
    days = ["1999-12-31", "2000-01-01", last, str(date.fromisoformat(last) + timedelta(days=1))]
    plain = [GOOD.replace("A-1", f"A-{day}").replace("2025-01-07,", f"{day},") for day in days]
    blanks = [row.replace("A-", "B-").replace(",", " , ") for row in plain]
    arrived(attendance(raw_dir, "attendance.csv", *plain, *blanks))
    counts = load("attendance", replace(settings, timezone=zone)).results[0].counts
    assert (counts.rows_inserted, counts.rows_rejected) == (4, 4)
    assert accepted_dates(warehouse, "attendance", "attendance_date") == ["2000-01-01", last]


def test_the_date_of_an_assessment_has_the_same_bounds(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days = ["1999-12-31", "2000-01-01", "2025-03-11", "2025-03-12"]
    path = raw_dir / "assessments.json"
    path.write_text(json.dumps([{**ASSESSMENT, "assessment_id": day, "assessment_date": day} for day in days]))
    arrived(path)
    load("assessments")
    assert accepted_dates(warehouse, "assessments", "assessment_date") == ["2000-01-01", "2025-03-11"]


@pytest.mark.parametrize(
    "same",
    [
        {"score": 5.0, "max_score": "10.00"},
        {"score": "5.00"},
        {"score": "05"},
        {"created_at": "2025-01-07T16:00:00+01:00"},
        {"created_at": "2025-01-07 10:00-05"},
        {"created_at": "2025-01-07T15:00:00.000000"},
    ],
    ids=str,
)
def test_values_that_are_the_same_are_one_row(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, same: dict[str, object]
) -> None:
    (raw_dir / "assessments_1.json").write_text(json.dumps(ASSESSMENT))
    load("assessments")
    (raw_dir / "assessments_2.json").write_text(json.dumps(ASSESSMENT | same))
    counts = load("assessments").results[-1].counts
    assert (counts.rows_inserted, counts.rows_duplicate) == (0, 1)
    assert warehouse.execute("select score, created_at from bronze.assessments").fetchall() == [
        (5, datetime(2025, 1, 7, 15, tzinfo=UTC))
    ]


def test_times_of_two_zones_that_are_the_same_are_one_row(load: Load, raw_dir: Path) -> None:
    attendance(raw_dir, "attendance_1.csv", GOOD + "Z")
    attendance(raw_dir, "attendance_2.csv", GOOD.replace("T15:00:00", "T16:00+01:00"), GOOD.replace("T15", " 15"))
    first, second = (result.counts for result in load("attendance").results)
    assert (first.rows_inserted, second.rows_inserted, second.rows_duplicate) == (1, 0, 2)


def tried(load: Callable[[], object], warehouse: psycopg.Connection) -> list[str]:
    """What became of a file at each try so far, after one more."""
    load()
    return [status for (status,) in warehouse.execute("select status from ops.file_loads order by load_id")]


def test_a_refused_file_is_tried_again_when_the_codes_change(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, codes: Codes
) -> None:
    codes("ABSENT")
    attendance(raw_dir, "attendance.csv", *(GOOD.replace("A-1", f"A-{number}") for number in range(30)))
    assert tried(lambda: load("attendance"), warehouse) == ["refused"]
    assert tried(lambda: load("attendance"), warehouse) == ["refused"]
    codes("ABSENT", "PRESENT")
    assert tried(lambda: load("attendance"), warehouse) == ["refused", "loaded"]
    assert warehouse.execute("select count(*) from ops.rejected_rows where resolved_at is null").fetchone() == (0,)


def test_a_refused_file_is_tried_again_when_the_contract_changes(
    warehouse: psycopg.Connection, settings: Settings, raw_dir: Path
) -> None:
    grades = [row.replace(",7,", ",0,") for row in student_rows(range(30))]
    students(raw_dir, "students.csv", *grades)

    def by(source: Source) -> Callable[[], object]:
        return lambda: ingest(warehouse, source, settings, dag_run_id="test")

    with_grade_0 = [
        replace(column, above=None, at_least=0) if column.name == "grade_level" else column
        for column in STUDENTS.columns
    ]
    assert tried(by(STUDENTS), warehouse) == ["refused"]
    assert tried(by(STUDENTS), warehouse) == ["refused"]
    assert tried(by(replace(STUDENTS, columns=tuple(with_grade_0))), warehouse) == ["refused", "loaded"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(b'A-9,"S-1,2025-01-07,PRESENT,2025-01-07T15:00:00', "bad_quote", id="quote that stays open"),
        pytest.param(b'A-9,"S-1"x,2025-01-07,PRESENT,2025-01-07T15:00:00', "bad_quote", id="text behind a quote"),
        pytest.param(GOOD.encode().replace(b"S-1", b"S\x00-1"), "bad_character", id="NUL"),
        pytest.param(GOOD.encode().replace(b"S-1", b"S\x1a-1"), "bad_character", id="0x1A"),
        pytest.param(GOOD.encode().replace(b"S-1", b"S\xfc-1"), "bad_encoding", id="Latin-1"),
        pytest.param(GOOD.encode().replace(b"S-1", b"S\xed\xa0\x80"), "bad_encoding", id="a surrogate"),
    ],
)
def test_a_line_that_cannot_be_read_is_kept_as_it_stood_without_a_key_and_the_rest_is_loaded(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, row: bytes, reason: str
) -> None:
    lines = [ATTENDANCE_HEADER.encode(), GOOD.encode(), row, GOOD.replace("A-1", "A-2").encode()]
    (raw_dir / "attendance.csv").write_bytes(b"\n".join(lines))
    counts = load("attendance").results[0].counts
    assert (counts.rows_read, counts.rows_inserted, counts.rows_rejected) == (3, 2, 1)
    assert warehouse.execute("select line, key, raw, reasons from ops.rejected_rows").fetchall() == [
        (3, None, row, [reason])
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"Math", b"Ma\x00th", "bad_character"),
        (b"Math", b"Ma\x1ath", "bad_character"),
        (b"Math", b"Ma\xfcth", "bad_encoding"),
        (b"Math", b"Ma\\u0000th", "bad_character"),
        (b"}", b"", "bad_json"),
    ],
)
def test_a_line_of_json_that_cannot_be_read_is_kept_as_it_stood(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, old: bytes, new: bytes, reason: str
) -> None:
    good = json.dumps(ASSESSMENT).encode()
    bad = good.replace(old, new)
    (raw_dir / "assessments.jsonl").write_bytes(b"\n".join([good, bad, good.replace(b"M-1", b"M-2")]))
    counts = load("assessments").results[0].counts
    assert (counts.rows_read, counts.rows_inserted, counts.rows_rejected) == (3, 2, 1)
    assert warehouse.execute("select line, key, raw, reasons from ops.rejected_rows").fetchall() == [
        (2, None, bad, [reason])
    ]


def test_rejections_stay_readable_when_a_snapshot_is_refused_for_what_vanished(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", *student_rows(range(50)))
    load("students")
    (bad,) = (row.replace(",7,", ",seven,") for row in student_rows(range(11, 12)))
    students(raw_dir, "students_2024-09-03.csv", *student_rows(range(10)), bad)
    refused = load("students").results[-1]
    assert (refused.status, "39 of 50 known ids are missing" in str(refused.message)) == ("refused", True)
    assert warehouse.execute(
        "select status, key, raw, reasons from ops.rejected_rows inner join ops.file_loads using (load_id)"
    ).fetchall() == [("refused", "S-011", bad.encode(), ["bad_type:grade_level"])]
    assert warehouse.execute("select count(*) from bronze.students where _missing_since is null").fetchone() == (50,)


def test_a_learning_unit_changes_vanishes_and_returns(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    header = ",".join(LEARNING_UNITS.column_names)
    sums, ratios, moved = (
        "U1,Sums,Math,6,1,",
        "U2,Ratios,Math,7,2,2025-01-01T08:00",
        "U2,Ratios,Math,8,2,2025-01-02T08:00",
    )
    for day, rows in enumerate([(sums, ratios), (sums, moved), (sums,), (moved, sums)], start=1):
        write(raw_dir, f"learning_units_2025-01-0{day}.csv", header, *rows)
    changes = [
        (
            result.counts.rows_inserted,
            result.counts.rows_updated,
            result.counts.rows_unchanged,
            result.counts.missing_ids,
        )
        for result in load("learning_units").results
    ]
    assert changes == [(2, 0, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1), (0, 0, 2, 0)]
    assert warehouse.execute(
        "select unit_id, grade_level, _missing_since from bronze.learning_units order by 1"
    ).fetchall() == [("U1", 6, None), ("U2", 8, None)]
    assert warehouse.execute("select count(*) from bronze.learning_units_history").fetchone() == (3,)
    assert warehouse.execute(
        "select unit_id, missing_from::text, returned_on::text from bronze.learning_units_presence"
    ).fetchall() == [("U2", "2025-01-03", "2025-01-04")]
