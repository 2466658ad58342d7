"""The embedded Postgres, on real servers."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from include.local.ports import free_port
from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import embedded_record, embedded_url


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "home")
    yield server
    server.stop()


def _answers(server: EmbeddedPostgres) -> bool:
    url = embedded_url(server.home, "rollcall").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        return connection.execute("select 1").fetchone() == (1,)


def test_starting_twice_gives_the_same_server(server: EmbeddedPostgres) -> None:
    port = server.start(free_port())
    pid = server.pid()

    assert server.start(free_port()) == port
    assert server.pid() == pid
    assert _answers(server)


def test_it_starts_again_with_its_data_after_a_stop(server: EmbeddedPostgres) -> None:
    server.start(free_port())
    with psycopg.connect(embedded_url(server.home, "rollcall").render_as_string(hide_password=False)) as connection:
        connection.execute("create table kept as select 1 as one")

    assert server.stop()
    assert not server.stop()
    assert not server.is_running()
    server.start(free_port())

    with psycopg.connect(embedded_url(server.home, "rollcall").render_as_string(hide_password=False)) as connection:
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


def test_the_password_is_readable_by_its_owner_only(server: EmbeddedPostgres) -> None:
    server.start(free_port())

    assert stat.S_IMODE(embedded_record(server.home).stat().st_mode) == 0o600


def test_it_listens_on_this_machine_only(server: EmbeddedPostgres) -> None:
    server.start(free_port())
    process = psutil.Process(server.pid())

    listening = [connection.laddr.ip for connection in process.net_connections("inet") if connection.status == "LISTEN"]

    assert listening == ["127.0.0.1"]
