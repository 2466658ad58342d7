"""What Airflow of the laptop stack is told."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from include.local import environment
from include.local.environment import (
    airflow_environment,
    caller_environment,
    connection_json,
    settings_environment,
)
from include.settings import DEFAULTS, REPOSITORY, Settings, load_settings
from include.warehouse.connection import EmbeddedServer, embedded_record


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings({"ROLLCALL_HOME": str(tmp_path / "home"), "ROLLCALL_WAREHOUSE_URL": ""})
    record = embedded_record(settings.home)
    record.parent.mkdir(parents=True)
    passwords = {"postgres": "adm/n", "rollcall": "p@ss/w:rd%", "airflow": "fl%ght:"}
    record.write_text(EmbeddedServer(port=5555, passwords=passwords).as_json())
    return settings


def test_every_setting_is_handed_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_on = settings_environment(settings)

    assert set(handed_on) == set(DEFAULTS)
    for name, value in handed_on.items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_paths_are_absolute(settings: Settings) -> None:
    told = airflow_environment(settings, 8080)

    assert told["PYTHONPATH"] == str(REPOSITORY)
    assert all(Path(told[name]).is_absolute() for name in ("ROLLCALL_HOME", "ROLLCALL_RAW_DIR", "AIRFLOW_HOME"))


def test_the_api_is_for_this_machine_only(settings: Settings) -> None:
    told = airflow_environment(settings, 8099)

    assert told["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert told["AIRFLOW__API__PORT"] == "8099"
    assert told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8099/execution/"


def test_airflow_and_the_warehouse_are_two_databases(settings: Settings) -> None:
    told = airflow_environment(settings, 8080)

    metadata = make_url(told["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    assert (metadata.drivername, metadata.database, metadata.password) == (
        "postgresql+psycopg2",
        "airflow",
        "fl%ght:",
    )
    assert make_url(told["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"]).drivername == "postgresql+asyncpg"
    warehouse = json.loads(told["AIRFLOW_CONN_WAREHOUSE"])
    assert (warehouse["schema"], warehouse["login"], warehouse["password"]) == ("rollcall", "rollcall", "p@ss/w:rd%")


def test_a_warehouse_of_ones_own_is_the_connection() -> None:
    url = URL.create("postgresql", "u", "s e/c@ret", "db.example", 6543, "school", {"sslmode": "require"})

    assert json.loads(connection_json(url)) == {
        "conn_type": "postgres",
        "host": "db.example",
        "port": 6543,
        "login": "u",
        "password": "s e/c@ret",
        "schema": "school",
        "extra": {"sslmode": "require"},
    }


def test_keys_are_kept_and_readable_by_their_owner_only(settings: Settings) -> None:
    first, second = airflow_environment(settings, 8080), airflow_environment(settings, 8080)

    assert first == second
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) > 60
    assert stat.S_IMODE((settings.home / "airflow" / "keys.json").stat().st_mode) == 0o600


def test_the_callers_airflow_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", "elsewhere")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("LANG", "C.UTF-8")

    kept = caller_environment()

    assert "AIRFLOW__CORE__DAGS_FOLDER" not in kept
    assert "PYTHONPATH" not in kept
    assert kept["LANG"] == "C.UTF-8"


def test_usage_metrics_are_off(settings: Settings) -> None:
    told = airflow_environment(settings, 8080)

    assert environment.NO_USAGE_METRICS.items() <= told.items()
    assert told["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
