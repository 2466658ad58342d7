from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from include.ingestion.files import RawFolderError, claims, files_of, inspect, unclaimed_files
from include.ingestion.sources import ASSESSMENTS, ATTENDANCE, SOURCES, STUDENTS
from tests.ingestion.conftest import write


@pytest.mark.parametrize(
    ("name", "claimed"),
    [
        ("attendance.csv", True),
        ("ATTENDANCE_2025.CSV", True),
        ("attendance_2025.csv.gz", True),
        ("attendance.csv.part", False),
        ("atendance_2025.csv", False),
        ("attendance.json", False),
    ],
)
def test_a_source_takes_the_files_of_its_pattern(name: str, claimed: bool) -> None:
    assert claims(ATTENDANCE, Path(name)) is claimed


def test_files_are_found_at_any_depth_and_unfinished_ones_are_left_alone(raw_dir: Path) -> None:
    for name in ("students.csv", "2025/jan/students_b.csv", "students_c.csv.tmp", ".hidden/students_d.csv"):
        write(raw_dir, name, "x")
    assert [str(path.relative_to(raw_dir)) for path in files_of(STUDENTS, raw_dir)] == [
        "2025/jan/students_b.csv",
        "students.csv",
    ]


def test_a_raw_folder_that_is_not_there_is_said_and_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(RawFolderError, match="no raw folder at"):
        files_of(STUDENTS, tmp_path / "nowhere")


def test_a_symlink_out_of_the_raw_folder_is_not_followed(raw_dir: Path, tmp_path: Path) -> None:
    outside = write(tmp_path, "students_outside.csv", "x")
    (raw_dir / "students_link.csv").symlink_to(outside)
    assert files_of(STUDENTS, raw_dir) == []


def test_files_that_no_source_takes_are_named_with_the_source_they_nearly_match(raw_dir: Path) -> None:
    for name in ("atendance_2025.csv", "notes.txt", "attendance.csv"):
        write(raw_dir, name, "x")
    assert unclaimed_files(raw_dir, SOURCES.values()) == {"atendance_2025.csv": "attendance", "notes.txt": None}


@pytest.mark.parametrize(
    ("content", "is_plain"),
    [
        pytest.param(b"a,b\n1,2\n", True, id="newlines"),
        pytest.param(b"a,b\r\n1,2\r\n", True, id="carriage returns and newlines"),
        pytest.param(b"\xef\xbb\xbfa,b\n1,2", True, id="byte order mark, no last newline"),
        pytest.param(b"a,b\r\n1,2\n", False, id="two kinds of line ending"),
        pytest.param(b"a,b\r1,2\r", False, id="carriage returns only"),
        pytest.param(b'a,b\n"1",2\n', False, id="a quote"),
        pytest.param(b"a,b\n\\.,2\n", False, id="a backslash"),
        pytest.param(b"a,b\n\xff,2\n", False, id="not UTF-8"),
        pytest.param(b"a,b\n1,\xc3", False, id="UTF-8 cut off"),
        pytest.param(b"a,b\n1,\x00\n", False, id="NUL"),
    ],
)
def test_only_files_that_copy_cannot_misread_are_plain(raw_dir: Path, content: bytes, is_plain: bool) -> None:
    path = raw_dir / "attendance.csv"
    path.write_bytes(content)
    file = inspect(path, raw_dir)
    assert file is not None
    assert file.is_plain is is_plain


def test_the_snapshot_date_is_the_one_in_the_name_else_the_time_of_writing(raw_dir: Path) -> None:
    dated = inspect(write(raw_dir, "students_2025-01-31.csv", "x"), raw_dir)
    undated = inspect(write(raw_dir, "students_99999999.csv", "x"), raw_dir)
    assert dated is not None
    assert undated is not None
    assert dated.snapshot_at == datetime(2025, 1, 31, tzinfo=UTC)
    assert undated.snapshot_at == undated.arrived_at


def test_the_date_in_a_name_is_midnight_in_the_schools_zone(raw_dir: Path) -> None:
    file = inspect(write(raw_dir, "students_2025-03-10.csv", "x"), raw_dir, ZoneInfo("America/Chicago"))
    assert file is not None
    assert file.snapshot_at == datetime(2025, 3, 10, 5, tzinfo=UTC)


def test_a_compressed_file_is_read_as_its_content(raw_dir: Path) -> None:
    path = raw_dir / "assessments.jsonl.gz"
    path.write_bytes(gzip.compress(b"{}\n"))
    assert files_of(ASSESSMENTS, raw_dir) == [path]
    file = inspect(path, raw_dir)
    assert file is not None
    with file.open() as stream:
        assert stream.read() == b"{}\n"


def test_a_file_that_changes_after_it_was_inspected_is_noticed(raw_dir: Path) -> None:
    path = write(raw_dir, "students.csv", "x")
    file = inspect(path, raw_dir)
    assert file is not None
    assert not file.has_changed()
    path.write_text("more than before")
    assert file.has_changed()
