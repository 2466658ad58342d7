"""Files that change while they are copied: nothing is taken of them, and the next run takes all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from tests.ingestion.conftest import attendance
from tests.ingestion.gate import during_copy, gate, port_of, through
from tests.ingestion.loader import (
    MANY,
    Ended,
    Loader,
    assert_loaded_once,
    assert_nothing_was_loaded,
    ended,
    many_rows,
)


@pytest.fixture
def loader(warehouse_url: URL, raw_dir: Path) -> Loader:
    return Loader(warehouse_url, raw_dir)


def held_in_copy(loader: Loader, meanwhile: Callable[[], object]) -> Ended:
    """What became of a load that was in the middle of its COPY while `meanwhile` happened."""
    with gate(port_of(loader.url), during_copy) as closed, through(closed, loader).running("attendance") as process:
        closed.wait()
        meanwhile()
        closed.open()
        return ended(process)


def test_a_file_that_grows_while_it_is_copied_is_left_to_the_next_run(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    path = attendance(raw_dir, "attendance.csv", *many_rows(0, MANY))

    def grow() -> None:
        with path.open("a") as stream:
            stream.write("".join(f"{row}\n" for row in many_rows(MANY, MANY + 5)))

    outcome = held_in_copy(loader, grow)
    assert (outcome.status, "waiting: it was written to while it was read" in outcome.told) == (0, True)
    assert_nothing_was_loaded(warehouse)
    loader.load("attendance")
    assert_loaded_once(warehouse, MANY + 5)


def test_a_file_that_is_replaced_while_it_is_copied_is_left_to_the_next_run(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    path = attendance(raw_dir, "attendance.csv", *many_rows(0, MANY))

    def replace() -> None:
        # Of the same size and time: only the file itself tells that it is another one.
        other = attendance(raw_dir, "replacement.tmp", *reversed(many_rows(0, MANY)))
        os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        other.rename(path)

    outcome = held_in_copy(loader, replace)
    assert (outcome.status, "waiting" in outcome.told) == (0, True)
    assert_nothing_was_loaded(warehouse)
    loader.load("attendance")
    assert_loaded_once(warehouse, MANY)
    assert warehouse.execute("select _source_line from bronze.attendance where attendance_id = 'A-0'").fetchone() == (
        MANY + 1,
    )


def test_a_file_that_is_written_anew_with_its_size_and_time_while_it_is_copied_is_left_to_the_next_run(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    path = attendance(raw_dir, "attendance.csv", *many_rows(0, MANY))
    before = path.stat()

    def write_anew() -> None:
        attendance(raw_dir, path.name, *reversed(many_rows(0, MANY)))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    outcome = held_in_copy(loader, write_anew)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert (outcome.status, "waiting" in outcome.told) == (0, True)
    assert_nothing_was_loaded(warehouse)
    loader.load("attendance")
    assert_loaded_once(warehouse, MANY)


def test_a_file_that_is_taken_away_while_it_is_copied_leaves_nothing(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    path = attendance(raw_dir, "attendance.csv", *many_rows(0, MANY))
    content = path.read_bytes()
    outcome = held_in_copy(loader, path.unlink)
    assert "attendance.csv" in outcome.told
    assert "Traceback" not in outcome.told
    assert_nothing_was_loaded(warehouse)
    path.write_bytes(content)
    assert loader.load("attendance").status == 0
    assert_loaded_once(warehouse, MANY)
