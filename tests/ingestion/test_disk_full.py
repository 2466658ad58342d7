"""A disk that is full in the middle of a load, on a file system of limited size: root mounts it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest

from include.ingestion.sources import SOURCES
from include.local.ports import free_port
from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import WAREHOUSE_DATABASE, connect, embedded_url
from include.warehouse.schema import migrate
from tests.ingestion.conftest import attendance
from tests.ingestion.loader import Loader, assert_whole, many_rows
from tests.ingestion.small_disk import mounted

MEGABYTE = 1 << 20
ROWS = 60_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 320 MB."""
    with mounted(tmp_path / "disk", "320m") as disk:
        yield disk


@pytest.fixture
def server(disk: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(disk / "home")
    try:
        server.start(free_port())
        with closing(reach(server)) as warehouse:
            migrate(warehouse, SOURCES.values())
        yield server
    finally:
        (disk / "filler").unlink(missing_ok=True)
        server.stop()


def reach(server: EmbeddedPostgres) -> psycopg.Connection:
    return connect(embedded_url(server.home, WAREHOUSE_DATABASE), autocommit=True)


def fill(disk: Path, left: int) -> None:
    """Leave that many bytes free."""
    with (disk / "filler").open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, shutil.disk_usage(disk).free - left)


def counts(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute(
        "select (select count(*) from bronze.attendance), (select count(*) from ops.file_loads where status = 'loaded')"
    ).fetchall()


def test_a_load_that_finds_the_disk_full_says_so_leaves_nothing_and_heals_when_there_is_room(
    server: EmbeddedPostgres, disk: Path, raw_dir: Path
) -> None:
    attendance(raw_dir, "attendance_1.csv", *many_rows(0, 100))
    loader = Loader(embedded_url(server.home, WAREHOUSE_DATABASE), raw_dir)
    loader.load("attendance")
    attendance(raw_dir, "attendance_2.csv", *many_rows(100, ROWS))
    fill(disk, left=3 * MEGABYTE)
    outcome = loader.load("attendance")
    assert (outcome.status, "DiskFull" in outcome.told, "Traceback" in outcome.told) == (1, True, False)
    with closing(reach(server)) as warehouse:
        assert counts(warehouse) == [(100, 1)]
        assert warehouse.execute("select file, status from ops.file_loads order by load_id").fetchall() == [
            ("attendance_1.csv", "loaded"),
            ("attendance_2.csv", "failed"),
        ]
        (disk / "filler").unlink()
        assert loader.load("attendance").status == 0
        assert_whole(warehouse)
        assert counts(warehouse) == [(ROWS, 2)]


def test_a_disk_that_is_full_for_the_servers_log_of_changes_loses_nothing(
    server: EmbeddedPostgres, disk: Path, raw_dir: Path
) -> None:
    # The write-ahead log on a disk of its own, with room for two segments: Postgres stops when it cannot write it.
    server.stop()
    log = disk / "log"
    log.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=34m", "tmpfs", log], check=True)
    try:
        shutil.move(server.data / "pg_wal", log / "pg_wal")
        (server.data / "pg_wal").symlink_to(log / "pg_wal")
        for path in (log, *log.rglob("*")):
            shutil.chown(path, server.system_user)
        server.start(free_port())
        attendance(raw_dir, "attendance_1.csv", *many_rows(0, 100))
        url = embedded_url(server.home, WAREHOUSE_DATABASE)
        Loader(url, raw_dir).load("attendance")
        attendance(raw_dir, "attendance_2.csv", *many_rows(100, 2 * ROWS))
        outcome = Loader(url, raw_dir).load("attendance")
        assert outcome.status == 1
        assert "broke off and left nothing behind" in outcome.told
        assert "Traceback" not in outcome.told
        subprocess.run(["mount", "-o", "remount,size=250m", log], check=True)
        start_again(server)
        with closing(reach(server)) as warehouse:
            assert counts(warehouse) == [(100, 1)]
            url = embedded_url(server.home, WAREHOUSE_DATABASE)
            assert Loader(url, raw_dir).load("attendance").status == 0
            assert_whole(warehouse)
            assert counts(warehouse) == [(2 * ROWS, 2)]
    finally:
        server.stop()
        subprocess.run(["umount", "--lazy", log], check=True)


def start_again(server: EmbeddedPostgres) -> None:
    """Start a server that has stopped of itself, or is about to."""
    pid = server.pid()
    if pid:
        psutil.Process(pid).kill()
        psutil.wait_procs([psutil.Process(pid)], timeout=30)
    server.start(free_port())
