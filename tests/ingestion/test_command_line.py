from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL

from include.ingestion.__main__ import main
from tests.ingestion.conftest import attendance

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


def test_status_names_sources_and_files_that_nobody_takes(raw_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attendance(raw_dir, "atendance.csv", GOOD)
    assert main(["status"]) == 0
    told = capsys.readouterr().out
    assert "students: 0 files loaded" in told
    assert "atendance.csv: no source takes it; did you mean attendance?" in told


def test_a_warehouse_that_cannot_be_reached_is_said_without_the_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", "postgresql://someone:secret@127.0.0.1:1/nowhere")
    assert main(["status"]) == 2
    told = capsys.readouterr().err
    assert "cannot reach postgresql://someone:***@127.0.0.1:1/nowhere" in told
    assert "secret" not in told
