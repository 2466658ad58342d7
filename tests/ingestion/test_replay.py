from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from include.ingestion.load import LoadFailedError
from include.ingestion.replay import ReplayReport
from include.ingestion.sources import SOURCES
from include.ingestion.task import replay, unload
from include.settings import Settings
from include.warehouse.connection import connect
from tests.ingestion.conftest import Codes, Load, attendance, students, write

GOOD = "A-1,S-1,2025-01-07,PRESENT,2025-01-07T15:00:00"
ONLINE = "A-2,S-1,2025-01-08,ONLINE,2025-01-08T15:00:00"
ALSO_ONLINE = "A-3,S-2,2025-01-08,ONLINE,2025-01-08T15:00:00"
BAD_DATE = "A-4,S-2,2025-02-30,PRESENT,2025-01-08T15:00:00"
RAGGED = "A-5,S-2,2025-01-08"
KNOWN = ("PRESENT", "ABSENT")
ANNA = "S-1,Anna,CLASS-01,7,ACTIVE,2024-09-01T08:00:00"
BEN = "S-2,Ben,CLASS-01,7,ACTIVE,2024-09-01T08:00:00"
BEN_TYPED = BEN.replace(",7,", ",seven,")


class Replay:
    """Replays a source, before and after the code ONLINE is known."""

    def __init__(self, warehouse: psycopg.Connection, settings: Settings, codes: Codes) -> None:
        self.warehouse, self.settings, self.codes = warehouse, settings, codes
        codes(*KNOWN)

    def add_code(self) -> None:
        self.codes(*KNOWN, "ONLINE")

    def __call__(self, source: str = "attendance") -> ReplayReport:
        return replay(self.warehouse, SOURCES[source], self.settings, dag_run_id="test")


@pytest.fixture
def again(warehouse: psycopg.Connection, settings: Settings, codes: Codes) -> Replay:
    return Replay(warehouse, settings, codes)


def held(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute(
        "select attendance_id, status, _load_id, _source_file, _source_line from bronze.attendance order by 1, 3"
    ).fetchall()


def rejections(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute(
        "select load_id, line, reasons[1], resolved_load_id from ops.rejected_rows order by rejected_id"
    ).fetchall()


def test_after_a_code_was_added_its_rows_are_loaded_and_the_others_stay_rejected(
    warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path
) -> None:
    attendance(raw_dir, "a/attendance.csv", GOOD, ONLINE, BAD_DATE, RAGGED, ALSO_ONLINE)
    load("attendance")
    again.add_code()
    assert again().lines() == [
        "attendance: a/attendance.csv (load 1): 2 of 4 loaded as load 2, 2 still rejected",
    ]
    assert held(warehouse)[1:] == [
        ("A-2", "ONLINE", 2, "a/attendance.csv", 3),
        ("A-3", "ONLINE", 2, "a/attendance.csv", 6),
    ]
    assert rejections(warehouse) == [
        (1, 3, "not_allowed:status", 2),
        (1, 4, "bad_type:attendance_date", None),
        (1, 5, "ragged_row", None),
        (1, 6, "not_allowed:status", 2),
    ]


def test_a_replay_has_an_account_of_its_own_beside_that_of_its_file(
    warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance.csv", GOOD, ONLINE, BAD_DATE)
    load("attendance")
    again.add_code()
    again()
    assert warehouse.execute(
        "select load_id, replay_of, file, status, rows_read, rows_inserted, rows_rejected"
        " from ops.file_loads order by load_id"
    ).fetchall() == [
        (1, None, "attendance.csv", "loaded", 3, 1, 2),
        (2, 1, "attendance.csv", "loaded", 1, 1, 0),
    ]
    assert warehouse.execute(
        "select status, records_processed, records_failed from ops.etl_job_status where job_type = 'replay_attendance'"
    ).fetchall() == [("completed", 1, 1)]


def test_a_second_replay_loads_nothing(warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path) -> None:
    attendance(raw_dir, "attendance.csv", ONLINE, BAD_DATE)
    load("attendance")
    again.add_code()
    again()
    before = held(warehouse)
    assert again().lines() == ["attendance: attendance.csv (load 1): 0 of 1 loaded, 1 still rejected"]
    assert held(warehouse) == before
    assert warehouse.execute("select count(*) from ops.file_loads").fetchone() == (2,)


def test_the_same_row_in_two_files_and_twice_in_one_is_loaded_once(
    warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", ONLINE, ONLINE)
    attendance(raw_dir, "attendance_2.csv", ONLINE, GOOD)
    load("attendance")
    again.add_code()
    assert again().taken == 3
    assert held(warehouse)[1:] == [("A-2", "ONLINE", 3, "attendance_1.csv", 2)]
    assert warehouse.execute(
        "select rows_read, rows_inserted, rows_duplicate"
        " from ops.file_loads where replay_of is not null order by load_id"
    ).fetchall() == [(2, 1, 1), (1, 0, 1)]


def test_two_versions_of_one_record_that_were_rejected_in_two_files_are_both_kept(
    warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", ONLINE)
    attendance(raw_dir, "attendance_2.csv", ONLINE.replace("2025-01-08T", "2025-01-09T"))
    load("attendance")
    again.add_code()
    again()
    assert [line[2:] for line in held(warehouse)] == [(3, "attendance_1.csv", 2), (4, "attendance_2.csv", 2)]
    assert [line[-1] for line in rejections(warehouse)] == [3, 4]


def test_an_earlier_rejection_of_the_same_id_is_resolved_too(
    warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", BAD_DATE.replace("A-4", "A-2"))
    attendance(raw_dir, "attendance_2.csv", ONLINE, BAD_DATE.replace("A-4", "A-2"))
    load("attendance")
    again.add_code()
    again()
    assert [line[-1] for line in rejections(warehouse)] == [3, 3, None]


def test_two_rows_that_contradict_each_other_still_do(
    warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path
) -> None:
    students(raw_dir, "students.csv", ANNA, BEN, BEN.replace("CLASS-01", "CLASS-02"))
    load("students")
    assert again("students").lines() == ["students: students.csv (load 1): 0 of 2 loaded, 2 still rejected"]
    assert [line[2:] for line in rejections(warehouse)] == [("conflicting_id_in_file", None)] * 2


def test_quoted_cells_over_several_lines_and_other_columns_are_read_again_as_they_stood(
    warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path
) -> None:
    write(
        raw_dir,
        "attendance.csv",
        "note,status,attendance_id,student_id,attendance_date,created_at",
        '"two\nlines, and ""quotes""",ONLINE,A-2,S-1,2025-01-08,2025-01-08T15:00:00',
    )
    load("attendance")
    again.add_code()
    again()
    assert warehouse.execute("select attendance_id, _source_line, _extra from bronze.attendance").fetchall() == [
        ("A-2", 2, {"note": 'two\nlines, and "quotes"'})
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("assessments.json", '[{"assessment_id": "B-1",\n%s}, {"assessment_id": "B-2", %s}]'),
        ("assessments.jsonl", '{"assessment_id": "B-1", %s}\n{"assessment_id": "B-2", %s}\n{"assessment_id": '),
    ],
    ids=["array", "lines"],
)
def test_json_records_are_read_again_as_they_stood(
    warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path, name: str, text: str
) -> None:
    record = (
        '"student_id": "S-1", "subject": "Math", "score": 3, "max_score": 4, "assessment_date": "%s",'
        ' "created_at": "2025-01-08T10:00:00", "teacher": {"name": "T"}'
    )
    later = warehouse.execute("select (now() + interval '3 days')::date::text").fetchone()
    assert later
    (raw_dir / name).write_text(text % (record % "2025-01-08", record % later[0]))
    load("assessments")
    # The day has come on which the file would be in order, loaded by a version that did not note when it arrived.
    warehouse.execute("update ops.file_loads set arrived_at = null, started_at = started_at + %s", [timedelta(days=3)])
    assert again("assessments").taken == 1
    assert warehouse.execute("select _load_id, _extra from bronze.assessments order by 1").fetchall() == [
        (1, {"teacher_name": "T"}),
        (2, {"teacher_name": "T"}),
    ]


def test_the_rows_of_a_refused_file_are_left_alone_and_counted(
    load: Load, again: Replay, raw_dir: Path, warehouse: psycopg.Connection
) -> None:
    attendance(raw_dir, "attendance.csv", *(ONLINE.replace("A-2", f"A-{number}") for number in range(30)))
    load("attendance")
    again.add_code()
    assert again().lines() == [
        "attendance: 30 rejected rows of 1 refused files are left alone: such a file is tried again whole, when it,"
        " its contract or a limit changes, or by name",
    ]
    assert held(warehouse) == []


def test_a_load_without_a_noted_header_asks_for_its_file(
    load: Load, again: Replay, raw_dir: Path, warehouse: psycopg.Connection
) -> None:
    path = attendance(raw_dir, "attendance.csv", GOOD, ONLINE)
    load("attendance")
    warehouse.execute("update ops.file_loads set header = null")
    again.add_code()
    path.rename(raw_dir.parent / "elsewhere.csv")
    report = again()
    assert report.obstacles
    assert "put the file back anywhere below" in report.lines()[0]
    (raw_dir.parent / "elsewhere.csv").rename(raw_dir / "attendance_of_then.csv")
    assert again().taken == 1
    assert held(warehouse)[1:] == [("A-2", "ONLINE", 2, "attendance.csv", 3)]


def test_a_replayed_row_closes_a_gap_only_when_its_snapshot_is_the_newest(
    warehouse: psycopg.Connection, load: Load, again: Replay, raw_dir: Path
) -> None:
    missing = "select student_id from bronze.students where _missing_since is not null"
    students(raw_dir, "students_2025-02-01.csv", ANNA, BEN)
    students(raw_dir, "students_2025-02-02.csv", ANNA.replace("Anna", "Ann"))
    students(raw_dir, "students_2025-02-03.csv", ANNA, BEN_TYPED)
    load("students")
    _mend(warehouse)
    students(raw_dir, "students_2025-02-04.csv", ANNA.replace("Anna", "A."))
    load("students")
    again("students")
    assert warehouse.execute(missing).fetchall() == [("S-2",)]
    students(raw_dir, "students_2025-02-05.csv", ANNA, BEN_TYPED.replace("Ben", "Benjamin"))
    load("students")
    _mend(warehouse)
    again("students")
    assert warehouse.execute(missing).fetchall() == []
    assert warehouse.execute("select returned_on::text from bronze.students_presence").fetchall() == [("2025-02-05",)]


def _mend(warehouse: psycopg.Connection) -> None:
    """As if the contract took the word for the number."""
    warehouse.execute(
        "update ops.rejected_rows set raw = convert_to(replace(convert_from(raw, 'UTF8'), 'seven', '7'), 'UTF8')"
    )


def test_a_replay_whose_connection_is_cut_leaves_nothing_and_the_next_one_loads_each_row_once(
    warehouse: psycopg.Connection, warehouse_url: URL, load: Load, again: Replay, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", ONLINE)
    attendance(raw_dir, "attendance_2.csv", ALSO_ONLINE)
    load("attendance")
    again.add_code()
    with connect(warehouse_url) as blocker, connect(warehouse_url, autocommit=True) as cut:
        # The second file's rows wait for a row that another session holds.
        blocker.execute("select from ops.rejected_rows where load_id = 2 for update")
        thread = threading.Thread(target=_replay_until_cut, args=(cut, again.settings))
        thread.start()
        waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        while not (found := warehouse.execute(waiting).fetchone()):
            pass
        warehouse.execute("select pg_terminate_backend(%s)", found)
        thread.join()
    assert [line[0] for line in held(warehouse)] == ["A-2"]
    assert again().taken == 1
    assert [line[0] for line in held(warehouse)] == ["A-2", "A-3"]
    jobs = warehouse.execute("select job_type, status from ops.etl_job_status order by created_at").fetchall()
    assert jobs == [
        ("ingest_attendance", "completed"),
        ("replay_attendance", "failed"),
        ("replay_attendance", "completed"),
    ]


def _replay_until_cut(connection: psycopg.Connection, settings: Settings) -> None:
    with pytest.raises(LoadFailedError, match="broke off"):
        replay(connection, SOURCES["attendance"], settings, dag_run_id="killed")


def test_unloading_a_file_takes_its_replays_along_and_unloading_a_replay_opens_its_rejections(
    warehouse: psycopg.Connection, settings: Settings, load: Load, again: Replay, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance.csv", GOOD, ONLINE)
    load("attendance")
    again.add_code()
    again()
    opened = unload(warehouse, 2, settings, dag_run_id="test")
    assert (opened.rejections_opened, opened.lines()[1].rpartition("-m ")[2]) == (
        1,
        "include.ingestion replay attendance",
    )
    assert again().taken == 1
    report = unload(warehouse, 1, settings, dag_run_id="test")
    assert (report.replay_ids, report.rows_removed) == ((3,), 2)
    assert held(warehouse) == []
    assert rejections(warehouse) == []


def test_a_replayed_row_that_an_unloaded_file_held_stays_under_the_replay(
    warehouse: psycopg.Connection, settings: Settings, load: Load, again: Replay, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", GOOD, ONLINE)
    load("attendance")
    again.add_code()
    warehouse.execute("update ops.rejected_rows set key = null")
    attendance(raw_dir, "attendance_2.csv", ONLINE)
    load("attendance")
    again()
    assert held(warehouse)[1:] == [("A-2", "ONLINE", 2, "attendance_2.csv", 2)]
    unload(warehouse, 2, settings, dag_run_id="test")
    assert held(warehouse)[1:] == [("A-2", "ONLINE", 3, "attendance_1.csv", 3)]


def test_a_replayed_version_that_an_unloaded_snapshot_held_stays_under_the_replay(
    warehouse: psycopg.Connection, settings: Settings, load: Load, again: Replay, raw_dir: Path
) -> None:
    students(raw_dir, "students_2025-02-01.csv", ANNA, BEN)
    students(raw_dir, "students_2025-02-02.csv", ANNA, BEN_TYPED)
    load("students")
    _mend(warehouse)
    assert again("students").taken == 1
    unload(warehouse, 1, settings, dag_run_id="test")
    assert warehouse.execute(
        "select student_id, _load_id, _source_line from bronze.students order by 1"
    ).fetchall() == [
        ("S-1", 2, 2),
        ("S-2", 3, 3),
    ]
    assert warehouse.execute("select rows_inserted from ops.file_loads where status = 'loaded'").fetchall() == [
        (1,),
        (1,),
    ]
