"""The command line of the checkpoints."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from expectations.__main__ import main


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, warehouse_url: URL, home: Path) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", warehouse_url.render_as_string(hide_password=False))
    monkeypatch.setenv("ROLLCALL_HOME", str(home))


@pytest.mark.usefixtures("school")
def test_a_passed_checkpoint_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bronze"]) == 0
    assert capsys.readouterr().out.startswith("checkpoint_bronze passed. Data docs: ")


def test_warnings_exit_0_and_are_printed(school: psycopg.Connection, capsys: pytest.CaptureFixture[str]) -> None:
    school.execute("update bronze.students set grade_level = 14")
    assert main(["bronze"]) == 0
    assert "WARNING bronze.students" in capsys.readouterr().out


def test_a_failed_checkpoint_exits_1(school: psycopg.Connection, capsys: pytest.CaptureFixture[str]) -> None:
    school.execute("delete from bronze.students")
    assert main(["bronze"]) == 1
    assert "CRITICAL bronze.students" in capsys.readouterr().out


@pytest.mark.usefixtures("school")
def test_as_of_is_the_day_gold_was_made_for() -> None:
    assert main(["gold", "--as-of", "2026-01-31"]) == 0
    assert main(["gold", "--as-of", "2026-01-06"]) == 1


def test_an_unreachable_warehouse_exits_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    assert main(["bronze"]) == 1
    assert "cannot reach" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no layer"),
        pytest.param(["copper"], id="an unknown layer"),
        pytest.param(["gold", "--as-of", "yesterday"], id="no date"),
    ],
)
def test_wrong_use_exits_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
