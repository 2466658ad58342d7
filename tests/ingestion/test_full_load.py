from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.settings import Settings
from tests.ingestion.conftest import Load, student_rows, students

ANNA = "S-1,Anna,CLASS-01,7,active,2024-09-01T08:00:00"
ANNA_MOVED = "S-1,Anna,CLASS-02,7,ACTIVE,2025-01-10T08:00:00"
BEN = "S-2,Ben,CLASS-01,7,ACTIVE,2024-09-01T08:00:00"


def current(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute(
        "select student_id, class_id, _missing_since::text from bronze.students order by student_id"
    ).fetchall()


def presence(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute(
        "select student_id, missing_from::text, returned_on::text"
        " from bronze.students_presence order by missing_load_id"
    ).fetchall()


def written_at(moment: datetime, path: Path) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_a_changed_row_updates_the_student_and_leaves_its_history(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    students(raw_dir, "students_2025-01-10.csv", ANNA_MOVED, BEN)
    first, second = load("students").results
    assert first.counts.rows_inserted == 2
    assert (second.counts.rows_updated, second.counts.rows_unchanged) == (1, 1)
    assert current(warehouse) == [("S-1", "CLASS-02", None), ("S-2", "CLASS-01", None)]
    assert warehouse.execute("select count(*) from bronze.students_history").fetchone() == (3,)


def test_an_unchanged_row_is_not_touched(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    load("students")
    before = warehouse.execute("select xmin::text from bronze.students where student_id = 'S-2'").fetchone()
    students(raw_dir, "students_2025-01-10.csv", ANNA_MOVED, BEN)
    load("students")
    assert warehouse.execute("select xmin::text from bronze.students where student_id = 'S-2'").fetchone() == before


def test_an_older_version_goes_to_the_history_only(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    students(raw_dir, "students_2025-01-10.csv", ANNA_MOVED, BEN)
    load("students")
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    counts = load("students").results[-1].counts
    assert (counts.rows_superseded, counts.rows_unchanged) == (1, 1)
    assert current(warehouse)[0] == ("S-1", "CLASS-02", None)
    assert warehouse.execute("select count(*) from bronze.students_history").fetchone() == (3,)


def test_of_two_versions_of_one_time_the_later_load_wins(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA)
    students(raw_dir, "students_2024-09-03.csv", ANNA.replace("CLASS-01", "CLASS-09"))
    assert load("students").results[-1].counts.tied_versions == 1
    assert current(warehouse) == [("S-1", "CLASS-09", None)]


def test_two_contents_of_one_version_in_one_file_are_both_rejected(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students.csv", ANNA, ANNA.replace("CLASS-01", "CLASS-09"), BEN)
    counts = load("students").results[0].counts
    assert (counts.rows_read, counts.rows_inserted, counts.rows_rejected) == (3, 1, 2)
    assert warehouse.execute("select line, reasons from ops.rejected_rows order by line").fetchall() == [
        (2, ["conflicting_id_in_file"]),
        (3, ["conflicting_id_in_file"]),
    ]


def test_a_student_who_vanishes_is_missing_until_he_returns(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    students(raw_dir, "students_2024-10-01.csv", ANNA)
    assert load("students").results[-1].counts.missing_ids == 1
    assert current(warehouse)[1] == ("S-2", "CLASS-01", "2024-10-01")
    students(raw_dir, "students_2024-11-01.csv", ANNA_MOVED, BEN)
    load("students")
    assert current(warehouse)[1] == ("S-2", "CLASS-01", None)
    assert presence(warehouse) == [("S-2", "2024-10-01", "2024-11-01")]


def test_an_older_snapshot_neither_marks_nor_unmarks_anybody(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    students(raw_dir, "students_2024-10-01.csv", ANNA)
    load("students")
    students(raw_dir, "students_2024-09-15.csv", BEN)
    load("students")
    assert current(warehouse) == [("S-1", "CLASS-01", None), ("S-2", "CLASS-01", "2024-10-01")]


def test_files_of_one_snapshot_date_are_one_snapshot(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    load("students")
    students(raw_dir, "students_a_2024-10-01.csv", ANNA_MOVED)
    students(raw_dir, "students_b_2024-10-01.csv", BEN.replace("CLASS-01", "CLASS-03"))
    load("students")
    assert [missing for *_, missing in current(warehouse)] == [None, None]


def test_a_rejected_row_is_not_missing(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    students(raw_dir, "students_2024-10-01.csv", ANNA, BEN.replace(",7,", ",seven,"))
    load("students")
    assert presence(warehouse) == []


def test_while_the_id_of_a_rejected_row_is_unknown_nobody_is_missing(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    students(raw_dir, "students_2024-10-01.csv", ANNA, 'S-2,"Ben,CLASS-01,7,ACTIVE,2024-09-01T08:00:00')
    load("students")
    assert presence(warehouse) == []


def test_a_snapshot_without_a_large_share_of_the_known_ids_is_refused(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", *student_rows(range(100)))
    students(raw_dir, "students_2024-10-01.csv", *student_rows(range(70)))
    result = load("students").results[-1]
    assert result.status == "refused"
    assert "30 of 100 known ids" in str(result.message)
    assert presence(warehouse) == []


def test_an_empty_full_load_is_refused(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA)
    load("students")
    students(raw_dir, "students_2024-10-01.csv")
    (raw_dir / "students_2024-10-02.csv").write_bytes(b"")
    assert [result.status for result in load("students").refused] == ["refused", "refused"]
    assert current(warehouse) == [("S-1", "CLASS-01", None)]


def test_the_parts_of_a_refused_snapshot_are_loaded_together_once_the_last_has_come(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", *student_rows(range(100)))
    students(raw_dir, "students_a_2024-10-01.csv", *student_rows(range(50)))
    load("students")
    assert [result.file for result in load("students").still_refused] == ["students_a_2024-10-01.csv"]
    students(raw_dir, "students_b_2024-10-01.csv", *student_rows(range(50, 100)))
    report = load("students")
    assert [result.file for result in report.results if result.status == "loaded"] == [
        "students_a_2024-10-01.csv",
        "students_b_2024-10-01.csv",
    ]
    assert presence(warehouse) == []


def test_a_date_in_a_name_begins_at_midnight_in_the_schools_zone(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    in_chicago = replace(settings, timezone="America/Chicago")
    students(raw_dir, "students_2025-03-01.csv", ANNA, BEN)
    students(raw_dir, "students_2025-03-05.csv", ANNA)
    students(raw_dir, "students_2025-03-10.csv", ANNA_MOVED, BEN)
    load("students", in_chicago)
    written_at(datetime(2025, 3, 10, 3, tzinfo=UTC), students(raw_dir, "students.csv", ANNA.replace(",7,", ",8,")))
    load("students", in_chicago)
    assert presence(warehouse) == [("S-2", "2025-03-05", "2025-03-10")]


def test_the_gaps_of_an_id_never_overlap(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    students(raw_dir, "students_2025-03-01.csv", ANNA, BEN)
    students(raw_dir, "students_2025-03-05.csv", ANNA)
    students(raw_dir, "students_2025-03-10.csv", ANNA_MOVED, BEN)
    load("students")
    written_at(datetime(2025, 3, 10, 3, tzinfo=UTC), students(raw_dir, "students.csv", ANNA.replace(",7,", ",8,")))
    load("students", replace(settings, timezone="America/Chicago"))
    assert presence(warehouse) == [("S-2", "2025-03-05", "2025-03-10"), ("S-2", "2025-03-10", None)]
    assert current(warehouse)[1] == ("S-2", "CLASS-01", "2025-03-10")


def test_a_correction_that_is_whole_leaves_the_refused_file_of_its_day_alone(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-01.csv", *student_rows(range(100)))
    load("students")
    students(raw_dir, "students_2024-09-02.csv", *(row.replace("S-", "X-") for row in student_rows(range(100))))
    assert load("students").refused
    students(raw_dir, "students_2024-09-02_corrected.csv", *student_rows(range(95)))
    report = load("students")
    assert (report.refused, len(report.still_refused)) == ((), 1)
    assert report.results[-1].counts.missing_ids == 5
    assert warehouse.execute("select count(*) from bronze.students").fetchone() == (100,)


def test_a_file_named_twice_is_loaded_once(warehouse: psycopg.Connection, settings: Settings, raw_dir: Path) -> None:
    path = students(raw_dir, "students_2024-09-01.csv", ANNA)
    report = ingest(warehouse, SOURCES["students"], settings, dag_run_id="test", files=[path, path])
    assert sorted(result.status for result in report.results) == ["loaded", "skipped"]
