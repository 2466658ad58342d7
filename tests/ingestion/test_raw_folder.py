"""What else may lie in a raw folder: links, pipes, folders, files that cannot be read, and names of every kind."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from tests.ingestion.conftest import Load, attendance, write
from tests.ingestion.loader import Loader, assert_whole, ended, many_rows

ROW = many_rows(1, 2)[0]
NOT_AS_ROOT = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
"""Root may read everything, until that privilege is taken from it."""


@pytest.fixture
def loader(warehouse_url: URL, raw_dir: Path) -> Loader:
    return Loader(warehouse_url, raw_dir)


def loaded_files(warehouse: psycopg.Connection) -> list[str]:
    assert_whole(warehouse)
    return sorted(file for (file,) in warehouse.execute("select file from ops.file_loads where status = 'loaded'"))


def test_what_is_no_file_is_left_alone_and_the_files_beside_it_are_loaded(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path, tmp_path: Path
) -> None:
    outside = write(tmp_path, "outside/attendance.csv", "secret")
    attendance(raw_dir, "attendance_0.csv", ROW)
    (raw_dir / "attendance_folder.csv").mkdir()
    attendance(raw_dir, "attendance_folder.csv/attendance_within.csv", *many_rows(2, 3))
    os.mkfifo(raw_dir / "attendance_pipe.csv")
    (raw_dir / "attendance_link_out.csv").symlink_to(outside)
    (raw_dir / "attendance_link_up.csv").symlink_to("../outside/attendance.csv")
    (raw_dir / "folder_out").symlink_to(outside.parent)
    (raw_dir / "attendance_broken.csv").symlink_to("nowhere.csv")
    (raw_dir / "attendance_circle_1.csv").symlink_to("attendance_circle_2.csv")
    (raw_dir / "attendance_circle_2.csv").symlink_to("attendance_circle_1.csv")
    (raw_dir / "folder_circle").symlink_to(raw_dir)
    outcome = loader.load("attendance")
    assert (outcome.status, "secret" in outcome.told) == (0, False)
    assert loaded_files(warehouse) == ["attendance_0.csv", "attendance_folder.csv/attendance_within.csv"]


def test_a_link_within_the_folder_is_the_file_that_it_leads_to(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    attendance(raw_dir, "2025/attendance.csv", ROW)
    (raw_dir / "attendance_link.csv").symlink_to("2025/attendance.csv")
    assert load("attendance").rows_read == 1
    assert loaded_files(warehouse) == ["2025/attendance.csv"]


def test_a_file_that_may_not_be_read_is_refused_and_loaded_once_it_may_be(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", ROW)
    path = attendance(raw_dir, "attendance_2.csv", *many_rows(2, 3))
    path.chmod(0)
    outcome = Loader(loader.url, raw_dir, NOT_AS_ROOT).load("attendance")
    assert (outcome.status, "Traceback" in outcome.told) == (1, False)
    assert "attendance_2.csv: refused: it cannot be read (PermissionError)" in outcome.told
    assert loaded_files(warehouse) == ["attendance_1.csv"]
    path.chmod(0o644)
    assert loader.load("attendance").status == 0
    assert loaded_files(warehouse) == ["attendance_1.csv", "attendance_2.csv"]


def test_a_copy_that_cannot_be_read_is_named_by_the_unload_that_needs_it(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", ROW)
    path = attendance(raw_dir, "attendance_2.csv", ROW, *many_rows(2, 3))
    loader.load("attendance")
    path.chmod(0)
    outcome = ended(Loader(loader.url, raw_dir, NOT_AS_ROOT).start("unload", "1"))
    assert (outcome.status, "Traceback" in outcome.told) == (1, False)
    assert "attendance_2.csv (load 2). Put them back" in outcome.told
    assert loaded_files(warehouse) == ["attendance_1.csv", "attendance_2.csv"]


def test_a_folder_that_may_not_be_read_is_said_and_not_taken_for_an_empty_one(loader: Loader, raw_dir: Path) -> None:
    attendance(raw_dir, "closed/attendance.csv", ROW).parent.chmod(0)
    outcome = Loader(loader.url, raw_dir, NOT_AS_ROOT).load("attendance")
    (raw_dir / "closed").chmod(0o755)
    assert outcome.status != 0
    assert "closed" in outcome.told
    assert "Traceback" not in outcome.told


def test_empty_files_of_every_source_and_ending_end_in_a_clear_word(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    for name in ("attendance.csv", "assessments.json", "assessments.jsonl", "students.csv"):
        (raw_dir / name).touch()
    (raw_dir / "attendance_2.csv.gz").write_bytes(gzip.compress(b""))
    (raw_dir / "students_2.csv.gz").write_bytes(gzip.compress(b"\n"))
    assert [result.message for result in load("students").refused] == [
        "the file is empty: a full load of nothing would mark every id as missing"
    ] * 2
    assert load("attendance").refused == ()
    assert load("assessments").refused == ()
    assert load("attendance").rows_read == 0
    assert_whole(warehouse)


NAMES = [
    "attendance with blanks .csv",
    "attendance'\"`.csv",
    "attendance%s%(x)s%%.csv",
    "attendance\\N\\.csv",
    "attendance{}$1$$:x[a-z]*?.csv",
    "attendance;--.csv",
    "attendance_Zoë_学校_\U0001f3eb.csv",
    "attendance_e\u0301.csv",
    "attendance_" + "ü" * 100 + ".csv",
    "ATTENDANCE.CSV",
    "nested here/%s/'/attendance.csv",
]


def test_a_file_of_any_name_is_loaded_and_found_again_under_it(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    for number, name in enumerate(NAMES):
        attendance(raw_dir, name, *many_rows(number, number + 1))
    outcome = loader.load("attendance")
    assert (outcome.status, "Traceback" in outcome.told) == (0, False)
    assert loaded_files(warehouse) == sorted(NAMES)
    stored = warehouse.execute("select attendance_id, _source_file from bronze.attendance").fetchall()
    assert dict(stored) == {f"A-{number}": name for number, name in enumerate(NAMES)}
    assert f"{len(NAMES)} files were already loaded" in loader.load("attendance").told


def test_a_file_of_any_name_is_loaded_when_it_is_asked_for(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    for number, name in enumerate(NAMES):
        attendance(raw_dir, name, *many_rows(number, number + 1))
    assert loader.load("attendance", "--", *(str(raw_dir / name) for name in NAMES)).status == 0
    assert loaded_files(warehouse) == sorted(NAMES)


def test_a_name_that_is_not_utf8_is_loaded_by_the_command_line_too(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    path = attendance(raw_dir, os.fsdecode(b"attendance_\xff.csv"), ROW)
    attendance(raw_dir, os.fsdecode(b"atendance_\xff.csv"), ROW)
    assert loader.load("attendance", str(path)).status == 0
    assert loader.load("attendance", str(path)).told == "attendance_\\xff.csv: skipped: already loaded as load 1\n"
    assert loader.load("attendance").status == 0
    assert loaded_files(warehouse) == ["attendance_\\xff.csv"]


def test_a_name_of_several_lines_cannot_tell_a_lie_in_what_is_printed(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    lie = "attendance_2.csv: loaded as load 2: 5 read"
    attendance(raw_dir, f"attendance_1\n{lie}\n.csv", ROW)
    assert lie not in loader.load("attendance").told.splitlines()
    (stored,) = loaded_files(warehouse)
    assert stored.endswith("2: 5 read\\n.csv")
