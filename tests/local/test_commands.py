"""The command line, and what it prints of the warehouse."""

from __future__ import annotations

import hashlib
import re
import subprocess
from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from include.local import report
from include.local.__main__ import COMMANDS, argument_parser, main
from include.local.airflow_api import AirflowApi
from include.local.ports import free_port
from include.local.psql import psql_command
from include.local.stack import Stack, StackError
from include.settings import DEFAULTS, REPOSITORY, load_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_run_takes_a_folder_and_a_day() -> None:
    chosen = argument_parser().parse_args(["run", "--raw-dir", "files", "--as-of", "2025-03-14"])

    assert (chosen.raw_dir, chosen.as_of) == (Path("files"), date(2025, 3, 14))


@pytest.mark.parametrize(
    "arguments", [["run", "--as-of", "14.3.2025"], ["run", "--as-of", "2025-02-30"], ["fly"], []], ids=" ".join
)
def test_wrong_arguments_are_no_published_gold(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 1
    assert "usage:" in capsys.readouterr().err


def test_a_folder_of_raw_files_that_is_not_there_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--raw-dir", "/nowhere/raw"]) == 1
    assert "/nowhere/raw" in capsys.readouterr().err
    assert not home.exists()


@pytest.mark.usefixtures("home")
def test_a_setting_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROLLCALL_UI_PORT", "http")

    assert main(["status"]) == 1
    assert "ROLLCALL_UI_PORT" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["stop", "status", "clean"])
def test_without_a_stack_there_is_nothing_to_do(home: Path, command: str) -> None:
    assert main([command]) == 0
    assert not home.exists()


@pytest.mark.usefixtures("home")
def test_psql_without_a_stack_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", "")

    assert main(["psql"]) == 1
    assert "make run" in capsys.readouterr().err


def test_psql_prints_rows_unaligned_and_hides_the_password(warehouse_url: URL) -> None:
    command, environment = psql_command(warehouse_url, "select 1, null, 'it''s $HOME'")

    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert printed == "1||it's $HOME\n"
    assert str(warehouse_url.password) not in " ".join(command)


def test_psql_fails_when_the_statement_does(warehouse_url: URL) -> None:
    command, environment = psql_command(warehouse_url, "select 1/0")

    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode != 0


def test_printed_heads_leave_out_names_and_ids(warehouse: psycopg.Connection) -> None:
    warehouse.execute("create table gold.a as select 'S1' student_id, 'Ann' student_name, 0.5 rate, null::int score")
    warehouse.execute("create table gold.b (rate numeric)")

    heads = report.gold_heads(warehouse)

    assert list(heads) == ["a"]
    assert "Ann" not in report.head_text("a", heads["a"])
    assert list(heads["a"].columns) == ["rate", "score"]


def test_rows_are_counted_in_every_layer(warehouse: psycopg.Connection) -> None:
    warehouse.execute("create table silver.facts as select generate_series(1, 3) as n")

    counts = {(layer, table): rows for layer, table, rows in report.row_counts(warehouse)}

    assert counts["silver", "facts"] == 3
    assert ("ops", "file_loads") in counts
    assert ("bronze", "students") in counts


def _file_load(warehouse: psycopg.Connection, run_id: str, file: str, status: str, sha256: str = "") -> None:
    warehouse.execute(
        "insert into ops.file_loads (source, file, sha256, bytes, status, contract, error, started_at, finished_at,"
        " dag_run_id) values ('students', %s, %s, 1, %s, '', 'header', now(), now(), %s)",
        [file, sha256 or file, status, run_id],
    )


def test_refused_files_of_a_run(warehouse: psycopg.Connection) -> None:
    for file, status, run_id in (("a", "refused", "this"), ("b", "loaded", "this"), ("c", "failed", "other")):
        _file_load(warehouse, run_id, file, status)

    assert report.refused_files(warehouse, "this") == [("students", "a", "refused", "header")]


def test_a_file_that_a_retry_loaded_is_not_reported(warehouse: psycopg.Connection) -> None:
    for file, status in (("a", "failed"), ("a", "loaded"), ("b", "failed"), ("b", "failed")):
        _file_load(warehouse, "this", file, status)

    assert report.refused_files(warehouse, "this") == [("students", "b", "failed", "header")]


def test_files_refused_by_an_earlier_run_are_listed_while_they_lie_there_unchanged(
    warehouse: psycopg.Connection, raw_dir: Path
) -> None:
    for file in ("refused", "corrected", "replaced", "copied", "this_run"):
        (raw_dir / file).write_text(file)
    for file in ("refused", "corrected", "copied", "removed"):
        _file_load(warehouse, "earlier", file, "refused", sha256=hashlib.sha256(file.encode()).hexdigest())
    _file_load(warehouse, "earlier", "replaced", "refused", sha256="what it was")
    _file_load(warehouse, "earlier", "corrected", "loaded", sha256="new")
    _file_load(warehouse, "earlier", "copy", "loaded", sha256=hashlib.sha256(b"copied").hexdigest())
    _file_load(warehouse, "this", "this_run", "refused")

    assert report.still_refused_files(warehouse, "this", raw_dir) == [("students", "refused", "refused", "header")]


def test_what_was_probably_meant_to_be_loaded_is_named(tmp_path: Path) -> None:
    (tmp_path / "atendance.csv").touch()
    (tmp_path / "students.csv").symlink_to(REPOSITORY / "README.md")
    assert list(report.left_alone(tmp_path)) == [
        "No source takes the file atendance.csv: did you mean attendance*.csv?",
        "students.csv is not read: it is a symlink out of the raw folder, which is not followed",
    ]


def test_a_paused_dag_is_named_with_where_to_switch_it_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(load_settings({"ROLLCALL_HOME": str(tmp_path)}))
    monkeypatch.setattr(AirflowApi, "is_paused", lambda _, dag_id: dag_id == "student_dbt")

    with pytest.raises(StackError, match=r"http://127\.0\.0\.1:\d+/dags/student_dbt\n"):
        stack.check_dags_are_on()


def test_rows_processed_of_a_warehouse_without_records(warehouse: psycopg.Connection) -> None:
    warehouse.execute(
        "insert into ops.etl_job_status (job_id, job_type, status, records_processed)"
        " values ('r/ingest_students', 'ingest', 'completed', 7)"
    )

    assert report.rows_processed(warehouse, ["r/ingest_students", "r/start"]) == {"r/ingest_students": 7}
    warehouse.execute("drop table ops.etl_job_status")
    assert report.rows_processed(warehouse, ["r/ingest_students"]) == {}


def test_the_makefile_offers_every_command() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout

    assert set(COMMANDS) <= set(re.findall(r"^  make (\S+)", listed, re.MULTILINE))


def test_every_setting_is_in_the_example() -> None:
    lines = (REPOSITORY / ".env.example").read_text().splitlines()

    assert dict(line.split("=", 1) for line in lines if line.startswith("ROLLCALL_")) == DEFAULTS


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pins_name_no_index_and_no_folder(name: str) -> None:
    assert not re.findall(r"https?://|file:|^-", (REPOSITORY / name).read_text(), re.MULTILINE)


def test_a_free_port_is_free() -> None:
    assert 1024 < free_port() < 65536
