from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from include.ingestion.__main__ import main
from include.settings import REPOSITORY
from tests.ingestion.conftest import Codes, attendance

GOOD = "A-1,S-1,2025-01-07,PRESENT,2025-01-07T15:00:00"
BAD = "A-2,S-1,2025-01-07,PRESNT,2025-01-07T15:00:00"


@pytest.fixture(autouse=True)
def _environment(warehouse_url: URL, raw_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", warehouse_url.render_as_string(hide_password=False))
    monkeypatch.setenv("ROLLCALL_RAW_DIR", str(raw_dir))


def test_load_takes_the_new_files_of_a_source(raw_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attendance(raw_dir, "attendance.csv", GOOD, BAD)
    assert main(["load", "attendance"]) == 0
    assert "2 read, 1 inserted, 1 rejected" in capsys.readouterr().out


def test_load_of_a_named_file_takes_just_that(raw_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attendance(raw_dir, "attendance_1.csv", GOOD)
    attendance(raw_dir, "attendance_2.csv", BAD)
    assert main(["load", "attendance", str(raw_dir / "attendance_1.csv")]) == 0
    assert "attendance_2" not in capsys.readouterr().out
    assert main(["load", "attendance", str(raw_dir / "attendance_1.csv")]) == 0
    assert capsys.readouterr().out == "attendance_1.csv: skipped: already loaded as load 1\n"


def test_a_refused_file_ends_with_status_1(raw_dir: Path) -> None:
    (raw_dir / "attendance.csv").write_text("a,b\n1,2\n")
    assert main(["load", "attendance"]) == 1


def test_rejects_gives_counts_by_reason_and_no_values(raw_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attendance(raw_dir, "attendance.csv", GOOD, BAD)
    main(["load", "attendance"])
    capsys.readouterr()
    assert main(["rejects"]) == 0
    told = capsys.readouterr().out
    assert "attendance.csv (load 1): 1 × not_allowed:status, first in line 3" in told
    assert "S-1" not in told


def test_rejections_of_a_refused_file_are_marked(raw_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attendance(raw_dir, "attendance.csv", *(BAD.replace("A-2", f"A-{number}") for number in range(30)))
    main(["load", "attendance"])
    capsys.readouterr()
    assert main(["rejects"]) == 0
    told = capsys.readouterr().out
    assert re.search(r"attendance.csv \(refused as load \d+\): 30 × not_allowed:status, first in line 2", told)


def test_status_names_sources_and_files_that_nobody_takes(raw_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attendance(raw_dir, "atendance.csv", GOOD)
    assert main(["status"]) == 0
    told = capsys.readouterr().out
    assert "students: 0 files loaded" in told
    assert "atendance.csv: no source takes it; did you mean attendance*.csv?" in told


def test_a_warehouse_that_cannot_be_reached_is_said_without_the_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", "postgresql://someone:secret@127.0.0.1:1/nowhere")
    assert main(["status"]) == 2
    told = capsys.readouterr().err
    assert "cannot reach postgresql://someone:***@127.0.0.1:1/nowhere" in told
    assert "secret" not in told


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        (["status"], 2, "the warehouse reported UndefinedTable, SQLSTATE 42P01; its own log says more\n"),
        (["load", "attendance"], 1, "loading attendance broke off: UndefinedTable, SQLSTATE 42P01"),
    ],
)
def test_an_error_of_postgres_is_said_without_its_text(
    warehouse: psycopg.Connection,
    raw_dir: Path,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    status: int,
    said: str,
) -> None:
    attendance(raw_dir, "attendance.csv", GOOD)
    warehouse.execute("alter table ops.file_loads rename to elsewhere")
    assert main(command) == status
    assert capsys.readouterr().err.startswith(said)


def test_a_migration_that_fails_quotes_no_row(
    warehouse: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.execute("drop table ops.schema_migrations")
    assert main(["status"]) == 2
    assert capsys.readouterr().err.startswith("the warehouse reported DuplicateTable, SQLSTATE 42P07")


def test_replay_loads_what_is_right_now_and_says_how_much_is_not(
    raw_dir: Path, codes: Codes, capsys: pytest.CaptureFixture[str]
) -> None:
    attendance(raw_dir, "attendance.csv", GOOD, BAD, BAD.replace("PRESNT", "NONE").replace("A-2", "A-3"))
    main(["load", "attendance"])
    codes("PRESENT", "PRESNT")
    assert main(["replay", "attendance"]) == 0
    assert "attendance: attendance.csv (load 1): 1 of 2 loaded as load 2, 1 still rejected" in capsys.readouterr().out
    assert main(["replay"]) == 0
    told = capsys.readouterr().out
    assert "students" not in told
    assert "(load 1): 0 of 1 loaded, 1 still rejected" in told
    assert main(["status"]) == 0
    assert "attendance: 1 files loaded, 3 rows read, 0 refusals" in capsys.readouterr().out


def test_unload_takes_a_load_out_and_says_how_it_comes_back(raw_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attendance(raw_dir, "attendance.csv", GOOD, BAD)
    main(["load", "attendance"])
    capsys.readouterr()
    assert main(["unload", "1"]) == 0
    told = capsys.readouterr().out
    assert "load 1 (attendance.csv) is taken out: 1 rows and versions removed, 1 rejections removed" in told
    assert f".venv/bin/python -m include.ingestion load attendance {raw_dir}/attendance.csv\n" in told
    assert "silver and gold follow" in told
    assert "S-1" not in told


@pytest.mark.parametrize(
    ("load_id", "told"), [("1", "load 1 (attendance.csv) is unloaded"), ("7", "there is no load 7")]
)
def test_a_load_id_that_is_not_in_bronze_ends_with_status_2(
    raw_dir: Path, capsys: pytest.CaptureFixture[str], load_id: str, told: str
) -> None:
    attendance(raw_dir, "attendance.csv", GOOD)
    main(["load", "attendance"])
    main(["unload", "1"])
    assert main(["unload", load_id]) == 2
    assert told in capsys.readouterr().err


def test_an_unload_for_which_a_file_is_not_there_any_more_ends_with_status_1(
    raw_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    attendance(raw_dir, "attendance_1.csv", GOOD)
    attendance(raw_dir, "attendance_2.csv", GOOD, BAD)
    main(["load", "attendance"])
    (raw_dir / "attendance_2.csv").unlink()
    assert main(["unload", "1"]) == 1
    assert "attendance_2.csv (load 2). Put them back" in capsys.readouterr().err


def test_every_command_is_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^    (\w+)  ", capsys.readouterr().out, re.MULTILINE)
    assert len(commands) == 5
    assert [command for command in commands if f"| `{command}" not in readme] == []
