"""The embedded Postgres, on real servers."""

from __future__ import annotations

import os
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from include.local import postgres
from include.local.ports import free_port
from include.local.postgres import EmbeddedPostgres, PostgresError
from include.local.private_file import write_private
from include.warehouse.connection import WarehouseError, embedded_record, embedded_url


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "home")
    yield server
    server.stop()


def _connect(server: EmbeddedPostgres) -> psycopg.Connection:
    url = embedded_url(server.home, "rollcall").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True)


def _answers(server: EmbeddedPostgres) -> bool:
    with _connect(server) as connection:
        return connection.execute("select 1").fetchone() == (1,)


def test_starting_twice_gives_the_same_server(server: EmbeddedPostgres) -> None:
    port = server.start(free_port())
    pid = server.pid()

    assert server.start(free_port()) == port
    assert server.pid() == pid
    assert _answers(server)


def test_it_starts_again_with_its_data_after_a_stop(server: EmbeddedPostgres) -> None:
    server.start(free_port())
    with _connect(server) as connection:
        connection.execute("create table kept as select 1 as one")

    assert server.stop()
    assert not server.stop()
    assert not server.is_running()
    server.start(free_port())

    with _connect(server) as connection:
        assert connection.execute("select one from kept").fetchone() == (1,)


def test_the_pid_file_of_a_power_loss_does_not_hinder_a_start(server: EmbeddedPostgres) -> None:
    server.start(free_port())
    pid_file = server.data / "postmaster.pid"
    left = pid_file.read_text().split("\n", 1)[1]
    server.stop()
    # The number belongs to another program by now: ours.
    pid_file.write_text(f"{os.getpid()}\n{left}")

    assert not server.is_running()
    server.start(free_port())

    assert _answers(server)
    assert psutil.pid_exists(os.getpid())


def test_the_pid_file_of_a_killed_server_does_not_hinder_a_start(server: EmbeddedPostgres) -> None:
    server.start(free_port())
    process = psutil.Process(server.pid())
    its_processes = [process, *process.children(recursive=True)]
    process.kill()
    _, alive = psutil.wait_procs(its_processes, timeout=10)
    assert not alive

    server.start(free_port())

    assert _answers(server)


def test_a_server_that_cannot_be_seen_keeps_its_pid_file(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.start(free_port())
    content = server.pid_file.read_text()

    with monkeypatch.context() as hidden:
        for name in ("cmdline", "cwd"):
            hidden.setattr(psutil.Process, name, _denied)
        assert not server.is_running()
        with pytest.raises(PostgresError, match=r"postmaster\.pid"):
            server.start(free_port())

    assert server.pid_file.read_text() == content
    server.start(port)
    assert _answers(server)


def _denied(process: psutil.Process) -> None:
    raise psutil.AccessDenied(process.pid)


def test_a_first_start_that_was_interrupted_is_begun_anew(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as interrupted:
        interrupted.setattr(postgres, "write_private", _interrupt_at_the_record)
        with pytest.raises(KeyboardInterrupt):
            server.start(free_port())
    assert (server.folder / "data.new" / "PG_VERSION").exists()

    server.start(free_port())

    assert _answers(server)
    assert not (server.folder / "data.new").exists()


def _interrupt_at_the_record(path: Path, text: str) -> None:
    if path.name == "server.json":
        raise KeyboardInterrupt
    write_private(path, text)


def test_data_without_their_passwords_are_named(server: EmbeddedPostgres) -> None:
    server.data.mkdir(parents=True)

    with pytest.raises(PostgresError, match=r"server\.json.*make clean"):
        server.start(free_port())


def test_the_log_holds_no_values_of_rows(server: EmbeddedPostgres) -> None:
    server.start(free_port())
    with _connect(server) as connection:
        connection.execute("create table students (id text primary key, born date)")
        connection.execute("insert into students values ('SECRET')")
        for statement in ("insert into students values ('SECRET')", "select 'SECRET'::date"):
            with pytest.raises(psycopg.Error, match="SECRET"):
                connection.execute(statement)
        with (
            pytest.raises(psycopg.Error, match="SECRET"),
            connection.cursor().copy("copy students from stdin (format csv)") as copy,
        ):
            copy.write("SECRET,2015-01-01,ragged\n")
    server.stop()

    log = server.log.read_text()
    assert "database system is shut down" in log
    assert not {"SECRET", "CONTEXT", "DETAIL", "STATEMENT"} & set(re.findall(r"\w+", log))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_a_closed_folder_above_is_opened_to_pass_through_and_named(tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir(mode=0o700)
    said: list[str] = []
    server = EmbeddedPostgres(above / "home", said.append)
    server.start(free_port())
    server.stop()

    assert stat.S_IMODE(above.stat().st_mode) == 0o701
    assert [line for line in said if f"{above} " in line]
    assert not [line for line in said if str(server.home) in line]


def test_a_taken_port_is_left_alone(server: EmbeddedPostgres) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]

        assert server.start(taken) != taken
        assert _answers(server)


def test_it_wants_a_password(server: EmbeddedPostgres) -> None:
    port = server.start(free_port())

    for wrong in ("", "rollcall", None):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host="127.0.0.1", port=port, user="rollcall", dbname="rollcall", password=wrong)


def test_each_role_has_a_password_of_its_own(server: EmbeddedPostgres) -> None:
    server.start(free_port())
    url = embedded_url(server.home, "rollcall")

    for other in ("postgres", "airflow"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.set(username=other).render_as_string(hide_password=False))


def test_the_passwords_are_readable_by_their_owner_only_and_written_once(server: EmbeddedPostgres) -> None:
    port = server.start(free_port())
    written = embedded_record(server.home).stat().st_ino
    server.stop()
    server.start(port)

    assert embedded_record(server.home).stat().st_ino == written
    assert stat.S_IMODE(embedded_record(server.home).stat().st_mode) == 0o600


def test_it_listens_on_this_machine_only(server: EmbeddedPostgres) -> None:
    server.start(free_port())
    process = psutil.Process(server.pid())

    listening = [connection.laddr.ip for connection in process.net_connections("inet") if connection.status == "LISTEN"]

    assert listening == ["127.0.0.1"]


@pytest.mark.parametrize("content", ["", "{", '{"password": "s3cret"}'])
def test_a_record_that_cannot_be_read_is_named_without_its_content(server: EmbeddedPostgres, content: str) -> None:
    server.folder.mkdir(parents=True)
    embedded_record(server.home).write_text(content)

    with pytest.raises(WarehouseError, match=r"server\.json cannot be read: `make clean`") as refused:
        embedded_url(server.home, "rollcall")
    assert "s3cret" not in str(refused.value)


def test_a_pid_file_cut_off_by_a_power_loss_does_not_keep_the_server_from_starting(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "home")
    server.start(port=54398)
    server.stop()
    (server.data / "postmaster.pid").touch()
    try:
        server.start(port=54398)
        assert server.is_running()
    finally:
        server.stop()
