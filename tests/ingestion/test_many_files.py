"""Many files in one transaction, wide ones, and records so large that only a few may be held at a time."""

from __future__ import annotations

import json
import random
import re
import string
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from include.ingestion.csv_reader import csv_pieces
from include.ingestion.files import inspect
from include.ingestion.latest import Latest
from include.ingestion.records import Record
from include.ingestion.sources import ATTENDANCE
from include.ingestion.sure_lines import sure_lines
from tests.ingestion.conftest import ATTENDANCE_HEADER, STUDENTS_HEADER, Load, student_rows, students, write
from tests.ingestion.gate import gate, port_of, through
from tests.ingestion.loader import Loader, assert_whole, ended, many_rows

FILES = 40
SNAPSHOT_FILES = 1000
LATER_LOADS = 1000
STATEMENTS = 1 << 16
"""Fewer bytes than the statements of so many files: who has sent more is in the middle of them."""
HEADERS = {"attendance": ATTENDANCE_HEADER, "students": STUDENTS_HEADER}
MEGABYTES = 120


@pytest.fixture
def loader(warehouse_url: URL, raw_dir: Path) -> Loader:
    return Loader(warehouse_url, raw_dir)


def before_commit(sent: int, data: bytes) -> bool:
    return sent > STATEMENTS and b"COMMIT" in data


def locks_of(warehouse: psycopg.Connection, loader: Loader, *command: str) -> int:
    """How many locks a command holds when it is about to commit; then it ends well."""
    with gate(port_of(loader.url), before_commit) as closed:
        process = through(closed, loader).start(*command)
        closed.wait()
        row = warehouse.execute("select count(*) from pg_locks group by pid order by 1 desc limit 1").fetchone()
        closed.open()
        assert ended(process).status == 0
    assert row
    return int(row[0])


def room(warehouse: psycopg.Connection) -> int:
    """How many locks the server holds for sure."""
    row = warehouse.execute(
        "select current_setting('max_locks_per_transaction')::int * current_setting('max_connections')::int"
    ).fetchone()
    assert row
    return int(row[0])


def test_a_snapshot_of_hundreds_of_files_finds_room_for_its_locks(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    for number, row in enumerate(student_rows(range(FILES))):
        students(raw_dir, f"students_2024-09-02_{number}.csv", row.replace(",", ", "))
    locks = locks_of(warehouse, loader, "load", "students")
    assert locks > FILES
    assert locks / FILES * SNAPSHOT_FILES < room(warehouse)
    assert warehouse.execute("select count(*) from bronze.students").fetchone() == (FILES,)
    assert_whole(warehouse)


@pytest.mark.parametrize("source", ["attendance", "students"])
def test_an_unload_below_hundreds_of_later_loads_finds_room_for_its_locks(
    warehouse: psycopg.Connection, load: Load, loader: Loader, raw_dir: Path, source: str
) -> None:
    rows = many_rows(0, FILES + 1) if source == "attendance" else student_rows(range(FILES + 1))
    for number, other in enumerate(rows):
        day = date(2024, 9, 2) + timedelta(days=number)
        write(raw_dir, f"{source}_{day}.csv", HEADERS[source], rows[0], *[other.replace(",", ", ")] * (number > 0))
    first = load(source).results[0].load_id
    locks = locks_of(warehouse, loader, "unload", str(first))
    assert locks > FILES
    assert locks / FILES * LATER_LOADS < room(warehouse)
    assert warehouse.execute(f"select count(*) from bronze.{source} where _load_id <> {first}").fetchone() == (
        FILES + 1,
    )


def test_the_same_bytes_with_and_without_the_date_of_today_in_the_name_are_loaded_once(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    row = student_rows(range(1))
    for name in ("students.csv", f"students_{datetime.now(UTC).date()}.csv"):
        students(raw_dir, name, *row)
    first, second = (sorted(result.status for result in load("students").results) for _ in range(2))
    assert (first, second) == (["loaded", "skipped"], ["skipped", "skipped"])
    assert warehouse.execute("select status, rows_read from ops.file_loads").fetchall() == [("loaded", 1)]
    assert load("students").lines() == ["2 files were already loaded"]


class Matched:
    """A pattern that counts the bytes that it matches."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self._pattern = pattern
        self.count = 0

    def match(self, content: bytes, start: int) -> re.Match[bytes] | None:
        match = self._pattern.match(content, start)
        self.count += match.end() - start if match else 0
        return match


def test_of_a_latin_1_file_no_byte_is_matched_many_times(tmp_path: Path) -> None:
    rows = [row.replace("S-", "Sch\xfcler-") for row in many_rows(0, 5000)]
    path = tmp_path / "attendance.csv"
    path.write_text("\n".join([ATTENDANCE_HEADER, *rows]), encoding="latin-1")
    layout = ATTENDANCE.layout_of(path.name, ATTENDANCE_HEADER.split(","))
    latest = Latest.of(datetime(2025, 2, 28, tzinfo=UTC), UTC)
    file, pattern = inspect(path, tmp_path), sure_lines(ATTENDANCE, layout, latest)
    assert file
    assert pattern
    matched = Matched(pattern)
    records = list(csv_pieces(file, 5, matched))  # type: ignore[arg-type]
    assert [record.problem for record in records if isinstance(record, Record)] == ["bad_encoding"] * 5000
    assert matched.count <= 2 * file.bytes


def most_memory(process: subprocess.Popen[str]) -> int:
    """The most memory that a process ever had, in bytes; returns when it is over."""
    most = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        most = max(most, int(found[1]) << 10 if found else 0)
    return most


def test_records_with_much_that_is_undeclared_do_not_fill_the_memory(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    record = {
        "student_id": "S-1",
        "subject": "Math",
        "score": 5,
        "max_score": 10,
        "assessment_date": "2025-01-07",
        "created_at": "2025-01-07T15:00:00",
        "note": "x" * 300_000,
    }
    with (raw_dir / "assessments.jsonl").open("w") as lines:
        for number in range(400):
            lines.write(json.dumps({"assessment_id": f"M-{number}", **record}) + "\n")
    process = loader.start("load", "assessments")
    most = most_memory(process)
    assert ended(process).status == 0
    assert warehouse.execute("select count(*) from bronze.assessments").fetchone() == (400,)
    assert most < MEGABYTES << 20


def wide(columns: int, cell: str) -> tuple[str, str]:
    """A header with that many undeclared columns, and a row in which each holds the same."""
    names = [f"column_{number}" for number in range(columns)]
    return ",".join([STUDENTS_HEADER, *names]), ",".join([*student_rows(range(1)), *[cell] * columns])


def test_a_file_with_hundreds_of_undeclared_columns_is_refused_with_their_number(load: Load, raw_dir: Path) -> None:
    write(raw_dir, "students.csv", *wide(500, "x"))
    (result,) = load("students").results
    assert result.status == "refused"
    assert re.search(r"the header has 506 columns; at most \d+ can be read", str(result.message))


@pytest.mark.parametrize("padding", ["", " "], ids=["sure", "judged"])
def test_as_many_columns_as_can_be_read_may_all_hold_long_texts(load: Load, raw_dir: Path, padding: str) -> None:
    write(raw_dir, "students_1.csv", *wide(2000, "x"))
    most = re.search(r"at most ([\d,]+) can be read", load("students").lines()[0])
    assert most
    cell = "".join(random.Random(1).choices(string.ascii_letters, k=1500))
    write(raw_dir, "students_2.csv", *wide(int(most[1]) - 6, cell + padding))
    assert [result.counts.rows_inserted for result in load("students").results if result.status == "loaded"] == [1]
