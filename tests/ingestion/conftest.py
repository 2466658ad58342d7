from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from include.ingestion.report import SourceReport
from include.ingestion.sources import SOURCES, attendance_codes
from include.ingestion.task import ingest
from include.settings import Settings, load_settings

STUDENTS_HEADER = "student_id,student_name,class_id,grade_level,enrollment_status,updated_at"
ATTENDANCE_HEADER = "attendance_id,student_id,attendance_date,status,created_at"

Load = Callable[..., SourceReport]
Codes = Callable[..., None]


@pytest.fixture
def settings(raw_dir: Path, tmp_path: Path) -> Settings:
    return load_settings({"ROLLCALL_RAW_DIR": str(raw_dir), "ROLLCALL_HOME": str(tmp_path / "home")})


@pytest.fixture
def load(warehouse: psycopg.Connection, settings: Settings) -> Load:
    """Loads the new files of a source, as a task of the run `test`."""

    def load_new_files(source: str, changed: Settings = settings) -> SourceReport:
        return ingest(warehouse, SOURCES[source], changed, dag_run_id="test")

    return load_new_files


@pytest.fixture
def codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Codes]:
    """Makes these the attendance codes that there are."""

    def know(*known: str) -> None:
        seed = write(tmp_path, "attendance_codes.csv", "code", *known)
        monkeypatch.setattr("include.ingestion.sources.ATTENDANCE_CODES", seed)
        attendance_codes.cache_clear()

    yield know
    attendance_codes.cache_clear()


def write(raw_dir: Path, name: str, *lines: str) -> Path:
    path = raw_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def attendance(raw_dir: Path, name: str, *rows: str) -> Path:
    return write(raw_dir, name, ATTENDANCE_HEADER, *rows)


def students(raw_dir: Path, name: str, *rows: str) -> Path:
    return write(raw_dir, name, STUDENTS_HEADER, *rows)


def column(warehouse: psycopg.Connection, query: str) -> list:
    """The first column of what a query gives."""
    return [row[0] for row in warehouse.execute(query).fetchall()]  # type: ignore[arg-type]


def student_rows(numbers: range) -> list[str]:
    return [f"S-{number:03},Pupil {number},CLASS-01,7,ACTIVE,2024-09-01T08:00:00" for number in numbers]
