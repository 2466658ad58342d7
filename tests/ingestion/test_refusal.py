"""Files that are refused whole: with a message that repeats no data, and without harm to the files beside them."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from include.ingestion import files as raw_folder
from include.ingestion.report import FileResult
from include.ingestion.sources import ATTENDANCE
from include.ingestion.task import ingest
from include.settings import Settings
from tests.ingestion.conftest import ATTENDANCE_HEADER, Load, attendance, write

GOOD = [f"A-{number},S-1,2025-01-07,PRESENT,2025-01-07T15:00:00" for number in range(100)]
ASSESSMENT = {
    "assessment_id": "M-1",
    "student_id": "S-1",
    "subject": "Math",
    "score": 5,
    "max_score": 10,
    "assessment_date": "2025-01-07",
    "created_at": "2025-01-07T15:00:00",
}


def only_refused(load: Load, source: str) -> FileResult:
    """The one file that is refused, where every other one is loaded."""
    report = load(source)
    assert [result.status for result in report.results if result not in report.refused] == ["loaded"]
    (refused,) = report.refused
    return refused


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b'[{"assessment_id":"M-2"},\n{"stud', "line 2, column 2", id="torn array"),
        pytest.param('[{"subject":"Müsik"}]'.encode("latin-1"), "expected UTF-8", id="Latin-1"),
        pytest.param('[{"subject":"Music"}]'.encode("utf-16"), "expected UTF-8", id="UTF-16"),
        pytest.param(b'{"data":[{"a":1}],"results":[]}', "data, results; expected one of data", id="two arrays"),
    ],
)
def test_a_json_file_that_is_not_whole_is_refused_and_the_one_beside_it_loaded(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, content: bytes, message: str
) -> None:
    (raw_dir / "assessments_1.json").write_bytes(content)
    (raw_dir / "assessments_2.json").write_text(json.dumps([ASSESSMENT]))
    assert message in str(only_refused(load, "assessments").message)
    assert warehouse.execute("select file, status from ops.file_loads order by file").fetchall() == [
        ("assessments_1.json", "refused"),
        ("assessments_2.json", "loaded"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(gzip.compress("\n".join([ATTENDANCE_HEADER, *GOOD]).encode())[:-30], id="cut off"),
        pytest.param(gzip.compress(b"x")[:10] + b"\xff" * 50, id="damaged"),
        pytest.param(ATTENDANCE_HEADER.encode(), id="not compressed"),
    ],
)
def test_a_file_that_is_not_whole_gzip_is_refused_and_the_one_beside_it_loaded(
    load: Load, raw_dir: Path, content: bytes
) -> None:
    (raw_dir / "attendance_1.csv.gz").write_bytes(content)
    attendance(raw_dir, "attendance_2.csv", *GOOD)
    refused = only_refused(load, "attendance")
    assert "not a whole gzip file" in str(refused.message)
    assert refused.load_id is not None
    assert [result.file for result in load("attendance").still_refused] == ["attendance_1.csv.gz"]


def test_a_file_whose_bytes_cannot_be_read_is_refused_without_a_record(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attendance(raw_dir, "attendance_1.csv", *GOOD)
    attendance(raw_dir, "attendance_2.csv", *GOOD[:1])
    sha256 = raw_folder.sha256_of

    def sha256_of_what_may_be_read(path: Path) -> str:
        if path.name == "attendance_1.csv":
            raise PermissionError
        return sha256(path)

    monkeypatch.setattr(raw_folder, "sha256_of", sha256_of_what_may_be_read)
    refused = only_refused(load, "attendance")
    assert (refused.load_id, refused.message) == (
        None,
        "it cannot be read (PermissionError): let the user that Rollcall runs as read it",
    )
    assert warehouse.execute("select file from ops.file_loads").fetchall() == [("attendance_2.csv",)]


def test_a_file_name_that_is_not_utf8_is_stored_escaped(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    attendance(raw_dir, os.fsdecode(b"attendance_\xfc.csv"), *GOOD)
    assert load("attendance").results[0].file == "attendance_\\xfc.csv"
    assert warehouse.execute("select distinct _source_file from bronze.attendance").fetchall() == [
        ("attendance_\\xfc.csv",)
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            "\r".join([ATTENDANCE_HEADER, "A-1,Anna,2025-01-07,PRESENT,2025-01-07T15:00:00"]),
            "carriage return",
            id="carriage returns only",
        ),
        pytest.param("4711,4711,Anna,x,y\n", "no header", id="a row with a value twice"),
        pytest.param(
            "attendance_id,student_id,room,Anna: 4711,Anna: 4711\n",
            "duplicate columns in the header: 1 not repeated here",
            id="a value twice beside columns",
        ),
        pytest.param(
            "attendance_id,student_id,home room,Anna: 4711\n",
            "unexpected: 2 not repeated here (they stand in the first line of the file)",
            id="a value beside columns",
        ),
        pytest.param(",".join([ATTENDANCE_HEADER, *(f"c{n}" for n in range(1000))]), "1,005 columns", id="too wide"),
    ],
)
def test_a_header_is_refused_without_repeating_what_may_be_data(
    load: Load, raw_dir: Path, content: str, message: str
) -> None:
    (raw_dir / "attendance.csv").write_text(content, newline="")
    result = load("attendance").results[0]
    assert result.status == "refused"
    assert message in str(result.message)
    assert "Anna" not in str(result.message)
    assert "4711" not in str(result.message)


def test_undeclared_keys_that_may_be_data_are_counted(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    (raw_dir / "assessments.json").write_text(json.dumps([{**ASSESSMENT, "room": 1, "Anna: 12\r": 2}]))
    load("assessments")
    assert warehouse.execute("select undeclared_columns from ops.file_loads").fetchall() == [
        (["room", "1 not repeated here"],)
    ]


def test_a_refused_file_is_tried_again_when_it_is_named(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    path = attendance(raw_dir, "attendance.csv", *GOOD[:70], *(row.replace("PRESENT", "?") for row in GOOD[70:]))
    load("attendance")
    assert [result.file for result in load("attendance").still_refused] == ["attendance.csv"]
    report = ingest(warehouse, ATTENDANCE, settings, dag_run_id="test", files=[path])
    assert [result.status for result in report.results] == ["refused"]


def test_a_file_that_was_taken_out_comes_back_only_when_it_is_named(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    path = attendance(raw_dir, "attendance.csv", *GOOD)
    load("attendance")
    warehouse.execute("update ops.file_loads set status = 'unloaded'")
    assert "load it by name to bring it back" in load("attendance").lines()[0]
    named = ingest(warehouse, ATTENDANCE, settings, dag_run_id="test", files=[path])
    again = ingest(warehouse, ATTENDANCE, settings, dag_run_id="test", files=[path])
    assert [result.status for result in (*named.results, *again.results)] == ["loaded", "skipped"]


def test_the_rejections_of_a_refused_file_are_resolved_when_it_is_judged_again(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    write(
        raw_dir,
        "attendance.csv",
        ATTENDANCE_HEADER,
        *GOOD[:75],
        *(row.replace("PRESENT", "?") for row in GOOD[75:]),
    )
    load("attendance")
    load_id = load("attendance", replace(settings, max_rejected_share=0.5)).results[0].load_id
    assert warehouse.execute(
        "select count(*) filter (where load_id = %(id)s and resolved_at is null),"
        " count(*) filter (where resolved_load_id = %(id)s), count(*) from ops.rejected_rows",
        {"id": load_id},
    ).fetchone() == (25, 25, 50)
