"""Debian's PostgreSQL 15: every way in refuses it, and says what is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

import expectations.__main__ as expectations_command
import include.ingestion.__main__ as ingestion_command
import include.local.__main__ as local_command
import show_analytics
from include.local.environment import connection_json
from include.orchestration.warehouse_connection import open_warehouse
from include.warehouse.connection import WarehouseError, embedded_url
from tests.system_packages import program
from tests.warehouse.servers import running_server

REFUSAL = "is PostgreSQL 15; Rollcall needs PostgreSQL 16 or newer: name such a server in ROLLCALL_WAREHOUSE_URL"
COMMANDS: dict[str, Callable[[], int]] = {
    "run": lambda: local_command.main(["run"]),
    "psql": lambda: local_command.main(["psql", "--sql", "select 1"]),
    "load": lambda: ingestion_command.main(["load", "attendance"]),
    "checkpoint": lambda: expectations_command.main(["bronze"]),
    "analytics": show_analytics.main,
}


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    binaries = Path(program("postgres", "postgresql-15")).parent
    with running_server(tmp_path_factory.mktemp("older"), binaries, port=54336) as server:
        yield embedded_url(server.home, "rollcall")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_refuses_it_without_telling_the_password(
    command: str, older: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", older.render_as_string(hide_password=False))
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path / "home"))

    assert COMMANDS[command]() != 0
    told = capsys.readouterr().err
    assert f"rollcall:***@127.0.0.1:{older.port}/rollcall {REFUSAL}" in told
    assert str(older.password) not in told
    # Neither Postgres nor Airflow was started.
    assert not (tmp_path / "home" / "postgres").exists()
    assert not (tmp_path / "home" / "airflow" / "process.json").exists()


def test_a_task_of_airflow_refuses_it(older: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_json(older))
    with pytest.raises(WarehouseError, match=REFUSAL), open_warehouse():
        pass
