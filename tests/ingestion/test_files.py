from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from include.ingestion.files import RawFolderError, claims, files_of, inspect, name_of
from include.ingestion.records import FileRefusedError
from include.ingestion.sources import ASSESSMENTS, ATTENDANCE, SOURCES, STUDENTS
from include.ingestion.unclaimed import passed_over
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


def test_what_cannot_be_taken_for_a_file_is_named(raw_dir: Path, tmp_path: Path) -> None:
    (raw_dir / "attendance.csv").mkdir()
    (raw_dir / "2025").mkdir()
    os.mkfifo(raw_dir / "attendance_pipe.csv")
    for name, target in {
        "students_out.csv": write(tmp_path, "outside.csv", "x"),
        "students_in.csv": write(raw_dir, "2025/students.csv", "x"),
        "students_lost.csv": raw_dir / "nothing",
        "students_loop.csv": raw_dir / "students_loop.csv",
        "last_year": tmp_path,
        "this_year": raw_dir / "2025",
    }.items():
        (raw_dir / name).symlink_to(target)
    assert passed_over(raw_dir, SOURCES.values()) == {
        "attendance.csv": "a folder",
        "attendance_pipe.csv": "a pipe, a socket or a device",
        "last_year": "a symlink out of the raw folder, which is not followed",
        "students_lost.csv": "a symlink that leads nowhere",
        "students_loop.csv": "a symlink that leads nowhere",
        "students_out.csv": "a symlink out of the raw folder, which is not followed",
        "this_year": "a symlink to a folder, which is not followed",
    }
    assert [path.name for path in files_of(STUDENTS, raw_dir)] == ["students.csv", "students_in.csv"]


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(raw_dir: Path) -> None:
    os.mkfifo(raw_dir / "attendance.csv")
    file = inspect(raw_dir / "attendance.csv", raw_dir)
    assert file is not None
    assert (file.sha256, file.fault) == (None, "it cannot be read (NotAFileError)")


def test_a_file_that_gives_an_error_when_it_is_read_is_said_to_be_unreadable(raw_dir: Path) -> None:
    link = raw_dir / "attendance.csv"
    link.symlink_to("/proc/self/mem")
    file = inspect(link, raw_dir)
    assert file is not None
    assert (file.sha256, file.fault) == (None, "it cannot be read (OSError)")


def test_what_may_not_be_opened_is_said() -> None:
    # Not below pytest's folders, which nobody else can reach.
    with tempfile.TemporaryDirectory() as name:
        raw_dir = Path(name)
        raw_dir.chmod(0o755)
        path = write(raw_dir, "attendance.csv", "x")
        path.chmod(0)
        (raw_dir / "closed").mkdir(mode=0)
        # Root may read everything; another user need not become one.
        user = os.geteuid()
        os.seteuid(user or 65534)
        try:
            file, left_out = inspect(path, raw_dir), passed_over(raw_dir, [])
        finally:
            os.seteuid(user)
            (raw_dir / "closed").chmod(0o755)
    assert file is not None
    assert file.fault == "it cannot be read (PermissionError): let the user that Rollcall runs as read it"
    assert left_out == {"closed": "a folder that cannot be opened (PermissionError)"}


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


@pytest.mark.parametrize(
    ("content", "is_empty", "has_bom"),
    [
        pytest.param(b"", True, False, id="nothing"),
        pytest.param(b"\xef\xbb\xbf", True, True, id="byte order mark"),
        pytest.param(b"\xef\xbb\xbf\r\n \n", True, True, id="byte order mark and blank lines"),
        pytest.param(b"\n" * 200_000, True, False, id="blank lines"),
        pytest.param(b"\n" * 200_000 + b"x", False, False, id="a letter after blank lines"),
        pytest.param(b"\xef\xbb\xbfx", False, True, id="byte order mark and a letter"),
        pytest.param(b"x", False, False, id="a letter"),
    ],
)
def test_a_file_of_blank_lines_is_empty(raw_dir: Path, content: bytes, is_empty: bool, has_bom: bool) -> None:
    for name, stored in {"a.csv": content, "b.csv.gz": gzip.compress(content)}.items():
        (raw_dir / name).write_bytes(stored)
        file = inspect(raw_dir / name, raw_dir)
        assert file is not None
        assert (file.fault, file.is_empty, file.has_bom) == (None, is_empty, has_bom)
        with file.open() as stream:
            assert stream.read() == content.removeprefix(b"\xef\xbb\xbf")


def test_the_members_of_a_compressed_file_are_read_one_after_the_other(raw_dir: Path) -> None:
    lines = [b"%d,%s\n" % (number, os.urandom(40).hex().encode()) for number in range(30_000)]
    (raw_dir / "a.csv.gz").write_bytes(
        gzip.compress(b"".join(lines[:20_000])) + gzip.compress(b"") + gzip.compress(b"".join(lines[20_000:])) + b"\0\0"
    )
    file = inspect(raw_dir / "a.csv.gz", raw_dir)
    assert file is not None
    with file.open() as stream:
        assert list(stream) == lines


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(lambda whole: whole[:-9], "cut off after [34],", id="cut off"),
        pytest.param(lambda whole: whole[:-8] + b"0000" + whole[-4:], "damaged after [34],", id="other checksum"),
        pytest.param(lambda whole: whole + b"more", "damaged after [34],", id="something behind it"),
    ],
)
def test_damage_in_the_middle_of_a_compressed_file_is_found_when_it_is_read(
    raw_dir: Path, damage: Callable[[bytes], bytes], message: str
) -> None:
    (raw_dir / "a.csv.gz").write_bytes(damage(gzip.compress(os.urandom(2_000_000).hex().encode())))
    file = inspect(raw_dir / "a.csv.gz", raw_dir)
    assert file is not None
    assert file.fault is None
    with file.open() as stream, pytest.raises(FileRefusedError, match=f"not a whole gzip file: it is {message}"):
        stream.read()


def test_a_compressed_file_without_a_byte_is_refused(raw_dir: Path) -> None:
    (raw_dir / "a.csv.gz").touch()
    file = inspect(raw_dir / "a.csv.gz", raw_dir)
    assert file is not None
    assert file.fault == (
        "it is not a whole gzip file: it is cut off at its beginning; deliver it again, or without .gz if it is no gzip"
    )


def test_a_name_is_one_line_of_what_can_be_seen(raw_dir: Path) -> None:
    names = {
        "a b'\"%$$\\ü.csv": "a b'\"%$$\\ü.csv",
        "a\nb\x1b[31m.csv": "a\\nb\\x1b[31m.csv",
        "a\u202eb.csv": "a\\u202eb.csv",
    }
    assert {name: name_of(raw_dir / name, raw_dir) for name in names} == names


def test_a_file_that_was_replaced_by_one_of_the_same_size_and_time_has_changed(raw_dir: Path) -> None:
    path = write(raw_dir, "students.csv", "x")
    file = inspect(path, raw_dir)
    other = write(raw_dir, "students.csv.part", "y")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.rename(path)
    assert file is not None
    assert file.has_changed()


def test_a_file_that_changes_after_it_was_inspected_is_noticed(raw_dir: Path) -> None:
    path = write(raw_dir, "students.csv", "x")
    file = inspect(path, raw_dir)
    assert file is not None
    assert not file.has_changed()
    path.write_text("more than before")
    assert file.has_changed()
