"""What a load leaves behind when its process, its files or its server go away: nothing, and the next one heals it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import URL

from include.ingestion.sources import SOURCES
from include.local.ports import free_port
from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import WAREHOUSE_DATABASE, connect, embedded_url
from include.warehouse.schema import migrate
from tests.ingestion.conftest import attendance, student_rows, students
from tests.ingestion.gate import HeldAt, at_commit, during_copy, gate, port_of, through
from tests.ingestion.loader import (
    MANY,
    Loader,
    assert_loaded_once,
    assert_nothing_was_loaded,
    assert_whole,
    ended,
    kill,
    many_rows,
    until,
)
from tests.ingestion.small_disk import mounted

HELD = "select count(*) from pg_locks where locktype = 'advisory' and not granted"


@pytest.fixture
def loader(warehouse_url: URL, raw_dir: Path) -> Loader:
    return Loader(warehouse_url, raw_dir)


def jobs(warehouse: psycopg.Connection) -> list[str]:
    return [state for (state,) in warehouse.execute("select status from ops.etl_job_status order by created_at")]


@pytest.mark.parametrize("held_at", [during_copy, at_commit])
def test_a_loader_that_is_killed_leaves_nothing_and_the_next_one_loads_all(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path, held_at: HeldAt
) -> None:
    attendance(raw_dir, "attendance.csv", *many_rows(0, MANY))
    with gate(port_of(loader.url), held_at) as closed:
        with through(closed, loader).running("attendance") as process:
            closed.wait()
            kill(process)
        closed.cut()
        assert_nothing_was_loaded(warehouse)
        assert loader.load("attendance").status == 0
    assert_loaded_once(warehouse, MANY)
    assert jobs(warehouse)[-1] == "completed"


def test_a_loader_that_is_killed_while_its_commit_is_under_way_has_loaded_once(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance.csv", *many_rows(0, MANY))
    with gate(port_of(loader.url), at_commit) as closed:
        with through(closed, loader).running("attendance") as process:
            closed.wait()
            kill(process)
        closed.open()
        until(lambda: warehouse.execute("select count(*) from ops.file_loads").fetchone() == (1,))
    assert "1 files were already loaded" in loader.load("attendance").told
    assert_loaded_once(warehouse, MANY)
    assert jobs(warehouse)[-1] == "completed"


def wait_in_the_middle(warehouse: psycopg.Connection, table: str, change: str, key: str) -> None:
    """From now on a load waits for `go_on` when it writes the row of that key."""
    warehouse.execute("select pg_advisory_lock(4711)")
    warehouse.execute(
        "create function bronze.wait() returns trigger language plpgsql as"
        " $$ begin perform pg_catalog.pg_advisory_xact_lock(4711); return new; end $$"
    )
    warehouse.execute(
        f"create trigger wait before {change} on bronze.{table} for each row when (new.{key}) execute function"
        " bronze.wait()"
    )


def go_on(warehouse: psycopg.Connection) -> None:
    warehouse.execute("select pg_advisory_unlock(4711)")


def test_a_loader_that_is_killed_while_rows_are_appended_leaves_nothing_and_the_next_one_waits_for_its_session(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance.csv", *many_rows(0, 200))
    wait_in_the_middle(warehouse, "attendance", "insert", "attendance_id = 'A-150'")
    with loader.running("attendance") as process:
        until(lambda: warehouse.execute(HELD).fetchone() == (1,))
        kill(process)
    with loader.running("attendance") as second:
        until(lambda: warehouse.execute(HELD).fetchone() == (2,))
        assert_nothing_was_loaded(warehouse)
        go_on(warehouse)
        assert ended(second).status == 0
    assert_loaded_once(warehouse, 200)
    assert jobs(warehouse)[-1] == "completed"


def test_a_loader_that_is_killed_while_rows_are_merged_with_others_leaves_those_as_they_were(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", *many_rows(0, 1))
    loader.load("attendance")
    attendance(raw_dir, "attendance_2.csv", *many_rows(0, 200))
    wait_in_the_middle(warehouse, "attendance", "insert", "attendance_id = 'A-150'")
    with loader.running("attendance") as process:
        until(lambda: warehouse.execute(HELD).fetchone() == (1,))
        kill(process)
    go_on(warehouse)
    assert "attendance_2.csv: loaded as load" in loader.load("attendance").told
    assert_loaded_once(warehouse, 200)
    assert warehouse.execute(
        "select file, rows_read, rows_inserted, rows_duplicate from ops.file_loads order by load_id"
    ).fetchall() == [("attendance_1.csv", 1, 1, 0), ("attendance_2.csv", 200, 199, 1)]
    assert jobs(warehouse) == ["completed", "failed", "completed"]


def test_a_loader_that_is_killed_while_students_are_updated_leaves_the_last_snapshot_whole(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    rows = student_rows(range(50))
    students(raw_dir, "students_2024-09-02.csv", *rows)
    loader.load("students")
    changed = [row.replace("CLASS-01,7", "CLASS-02,7").replace("2024-09", "2024-10") for row in rows[:40]]
    students(raw_dir, "students_2024-10-02.csv", *changed, *rows[40:45])
    wait_in_the_middle(warehouse, "students", "update", "student_id = 'S-030'")
    with loader.running("students") as process:
        until(lambda: warehouse.execute(HELD).fetchone() == (1,))
        kill(process)
    go_on(warehouse)
    assert warehouse.execute("select distinct class_id, _missing_since from bronze.students").fetchall() == [
        ("CLASS-01", None)
    ]
    assert "45 read, 0 inserted, 40 updated, 5 unchanged, 5 missing ids" in loader.load("students").told
    assert_whole(warehouse)
    assert warehouse.execute(
        "select class_id, _missing_since::text, count(*) from bronze.students group by 1, 2 order by 1, 2"
    ).fetchall() == [("CLASS-01", "2024-10-02", 5), ("CLASS-01", None, 5), ("CLASS-02", None, 40)]
    assert warehouse.execute("select count(*) from bronze.students_history").fetchone() == (90,)


def test_two_processes_that_load_one_source_at_once_load_each_file_once(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    for part in range(10):
        attendance(raw_dir, f"attendance_{part}.csv", *many_rows(part * 90, part * 90 + 100))
    # Both are there and wait before either may begin.
    warehouse.execute("select pg_advisory_lock(hashtextextended('rollcall:source:attendance', 0))")
    with loader.running("attendance") as one, loader.running("attendance") as other:
        until(lambda: warehouse.execute(HELD).fetchone() == (2,))
        warehouse.execute("select pg_advisory_unlock_all()")
        outcomes = [ended(one), ended(other)]
    assert [outcome.status for outcome in outcomes] == [0, 0]
    assert sorted(outcome.told.count(": loaded as load") for outcome in outcomes) == [0, 10]
    assert warehouse.execute("select count(*), sum(rows_duplicate) from ops.file_loads").fetchone() == (10, 90)
    assert_loaded_once(warehouse, 910)
    assert jobs(warehouse) == ["completed", "completed"]


def test_people_can_ask_what_was_loaded_while_a_load_is_under_way(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance.csv", *many_rows(0, 200))
    wait_in_the_middle(warehouse, "attendance", "insert", "attendance_id = 'A-150'")
    with loader.running("attendance") as process:
        until(lambda: warehouse.execute(HELD).fetchone() == (1,))
        told = ended(loader.start("status"))
        go_on(warehouse)
        assert (told.status, ended(process).status) == (0, 0)
    assert "attendance: 0 files loaded" in told.told


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("own_server"))
    server.start(free_port())
    yield server
    server.stop()


def kill_server(server: EmbeddedPostgres) -> None:
    """`kill -9` for the server and all its processes, as when the machine loses its power."""
    process = psutil.Process(server.pid())
    processes = [process, *process.children(recursive=True)]
    for each in processes:
        each.kill()
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert not alive


def test_a_server_that_is_killed_in_the_middle_of_loads_has_lost_nothing_when_it_is_back(
    own_server: EmbeddedPostgres, raw_dir: Path
) -> None:
    url = embedded_url(own_server.home, WAREHOUSE_DATABASE)
    attendance(raw_dir, "attendance_1.csv", *many_rows(0, 100))
    assert Loader(url, raw_dir).load("attendance").status == 0
    attendance(raw_dir, "attendance_2.csv", *many_rows(100, MANY))
    for held_at in (during_copy, at_commit):
        loader = Loader(url, raw_dir)
        with gate(port_of(url), held_at) as closed, through(closed, loader).running("attendance") as process:
            closed.wait()
            kill_server(own_server)
            closed.open()
            outcome = ended(process)
        assert outcome.status == 1
        assert "loading attendance_2.csv broke off and left nothing behind" in outcome.told
        assert "Traceback" not in outcome.told
        assert loader.load("attendance").status == 2
        url = url.set(port=own_server.start(port_of(url)))
        with closing(connect(url, autocommit=True)) as warehouse:
            assert warehouse.execute("select count(*) from bronze.attendance").fetchone() == (100,)
    assert Loader(url, raw_dir).load("attendance").status == 0
    with closing(connect(url, autocommit=True)) as warehouse:
        migrate(warehouse, SOURCES.values())
        assert_loaded_once(warehouse, MANY)
        assert jobs(warehouse)[-1] == "completed"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    with mounted(tmp_path / "small_disk", "1m") as disk:
        yield disk


def test_a_loader_that_finds_its_folder_of_temporary_files_full_says_so_leaves_nothing_and_heals(
    warehouse: psycopg.Connection, loader: Loader, raw_dir: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With a blank in it a line is looked at closely, and waits for that.
    attendance(raw_dir, "attendance.csv", *(row.replace(",PRESENT", ", PRESENT") for row in many_rows(0, MANY)))
    monkeypatch.setenv("TMPDIR", str(small_disk))
    outcome = loader.load("attendance")
    assert (outcome.status, "Traceback" in outcome.told) == (1, False)
    assert "loading attendance.csv broke off and left nothing behind" in outcome.told
    assert "No space left on device" in outcome.told
    assert_nothing_was_loaded(warehouse)
    assert list(small_disk.iterdir()) == []
    monkeypatch.delenv("TMPDIR")
    assert loader.load("attendance").status == 0
    assert_loaded_once(warehouse, MANY)
    assert jobs(warehouse)[-1] == "completed"
