from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from include.dbt_cli import main
from include.warehouse.publish import PublishError, begin_candidate, publish


@pytest.fixture(autouse=True)
def home(warehouse_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", warehouse_url.render_as_string(hide_password=False))
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    return tmp_path


def test_a_build_by_hand_leaves_the_manifest_of_airflow_alone(home: Path, warehouse: psycopg.Connection) -> None:
    assert main(["--as-of", "2025-01-31", "build", "--select", "attendance_codes"]) == 0
    assert warehouse.execute("select count(*) > 0 from silver.attendance_codes").fetchone() == (True,)
    assert [path.name for path in (home / "dbt").iterdir()] == ["by_hand"]


def test_after_a_build_of_gold_by_hand_no_run_publishes_it(warehouse: psycopg.Connection) -> None:
    begin_candidate(warehouse, dag_run_id="a run", as_of=date(2025, 1, 31))
    assert main(["--as-of", "2025-01-31", "build", "--select", "attendance_codes"]) == 0
    with pytest.raises(PublishError, match="belongs to run by hand"):
        publish(warehouse, dag_run_id="a run", as_of=date(2025, 1, 31), models=[])


def test_the_exit_status_is_that_of_dbt() -> None:
    assert main(["build", "--no-such-option"]) == 2


def test_a_warehouse_that_cannot_be_reached_is_said_without_the_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", "postgresql://someone:secret@127.0.0.1:1/nowhere")
    assert main(["build"]) == 2
    told = capsys.readouterr().err
    assert "cannot reach postgresql://someone:***@127.0.0.1:1/nowhere" in told
    assert "secret" not in told
