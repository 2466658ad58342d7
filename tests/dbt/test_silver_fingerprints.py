from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.dbt_command import ManifestError
from include.silver_fingerprints import silver_fingerprints

Change = Callable[[dict[str, Any]], None]


def changed(manifest: Path, folder: Path, change: Change) -> set[str]:
    """The silver models that have another fingerprint after a change of the manifest."""
    content = json.loads(manifest.read_text())
    change(content)
    after = folder / "manifest.json"
    after.write_text(json.dumps(content))
    before = silver_fingerprints(manifest, {}, "UTC")
    return {name for name, fingerprint in silver_fingerprints(after, {}, "UTC").items() if before[name] != fingerprint}


def test_a_changed_seed_changes_the_models_that_read_it(manifest: Path, tmp_path: Path) -> None:
    def another_code(content: dict[str, Any]) -> None:
        content["nodes"]["seed.rollcall.attendance_codes"]["checksum"]["checksum"] = "another"

    assert changed(manifest, tmp_path, another_code) == {"fact_attendance"}


def test_a_changed_model_changes_itself_alone(manifest: Path, tmp_path: Path) -> None:
    def another_text(content: dict[str, Any]) -> None:
        content["nodes"]["model.rollcall.dim_students"]["raw_code"] += " "

    assert changed(manifest, tmp_path, another_text) == {"dim_students"}


def test_a_changed_macro_changes_those_that_use_it_by_way_of_others_too(manifest: Path, tmp_path: Path) -> None:
    def another_year(content: dict[str, Any]) -> None:
        content["macros"]["macro.rollcall.school_year"]["macro_sql"] += " "

    # student_months by way of student_months_of_facts, the facts by way of enrollment_status_as_of
    assert {"student_months", "fact_attendance", "dim_dates"} <= changed(manifest, tmp_path, another_year)
    assert "dim_students" not in changed(manifest, tmp_path, another_year)


def test_an_unload_changes_the_models_that_take_in_only_what_is_new_of_that_source(manifest: Path) -> None:
    before = silver_fingerprints(manifest, {"assessments": 1}, "UTC")
    after = silver_fingerprints(manifest, {"assessments": 1, "attendance": 1, "students": 1}, "UTC")
    assert {name for name in after if after[name] != before[name]} == {"fact_attendance"}


def test_without_a_manifest_it_is_said_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="run `dbt parse`"):
        silver_fingerprints(tmp_path / "manifest.json", {}, "UTC")
