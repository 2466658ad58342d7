from __future__ import annotations

from pathlib import Path

import pytest

from include.ingestion.sources import SOURCES
from include.ingestion.unclaimed import meant_pattern, misspelt_files, unclaimed_files
from tests.ingestion.conftest import write


def test_files_that_no_source_takes_are_named_and_those_with_nearly_a_right_name_with_its_pattern(
    raw_dir: Path,
) -> None:
    for name in ("atendance_2025.csv", "new/notes.txt", "attendance.csv"):
        write(raw_dir, name, "x")
    assert unclaimed_files(raw_dir, SOURCES.values()) == {
        "atendance_2025.csv": "attendance*.csv",
        "new/notes.txt": None,
    }
    assert misspelt_files(raw_dir, SOURCES.values()) == {"atendance_2025.csv": "attendance*.csv"}


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("school.csv", "schools*.csv"),
        ("scools_2025.csv", "schools*.csv"),
        ("schooldays_2025.csv", "school_days*.csv"),
        ("School Day 2025.csv", "school_days*.csv"),
        ("learning-units.csv", "learning_units*.csv"),
        ("2025-03_attendance.csv", "attendance*.csv"),
        ("Copy of students.csv", "students*.csv"),
        ("assesments.json.gz", "assessments*.json or assessments*.jsonl"),
        ("attendance_2025.xlsx", "attendance*.csv, saved in that format"),
        ("attendance.txt", "attendance*.csv, saved in that format"),
        ("attendance", "attendance*.csv, saved in that format"),
        ("assessments.csv", "assessments*.json or assessments*.jsonl, saved in that format"),
        ("students.csv.zip", "students*.csv, unpacked or packed as .gz"),
        ("students.tar.gz", "students*.csv, unpacked or packed as .gz"),
        ("README.md", None),
        ("notes.txt", None),
        ("2025.csv", None),
        ("école.csv", None),
    ],
)
def test_what_a_file_should_be_called(name: str, pattern: str | None) -> None:
    assert meant_pattern(name, SOURCES.values()) == pattern
