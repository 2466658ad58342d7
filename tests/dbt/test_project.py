from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.dbt_command import PROJECT, DbtFailed, ManifestError, gold_models
from tests.dbt.conftest import School, Tables

COLUMNS = {
    "dim_students": "student_id student_name school_id class_id grade_level enrollment_status is_active ethnicity"
    " special_education is_missing missing_since updated_at",
    "dim_student_versions": "student_version_key student_id student_name school_id class_id grade_level"
    " enrollment_status ethnicity special_education valid_from valid_to is_current version_number",
    "fact_attendance": "attendance_id student_id attendance_date school_id class_id grade_level status is_present"
    " day_fraction_absent is_excused is_orphan conflict_count created_at _load_id",
    "fact_assessments": "assessment_id student_id subject assessment_date score max_score score_percentage school_id"
    " class_id grade_level is_orphan created_at _load_id",
    "class_daily_performance": "class_id calendar_date total_students students_with_attendance present_count"
    " absent_count attendance_rate attendance_rate_enrolled attendance_coverage students_with_assessment"
    " assessment_count avg_score",
    "student_performance_summary": "student_id student_name school_id class_id grade_level enrollment_status is_active"
    " total_attendance_days present_days absent_days attendance_rate total_assessments avg_score min_score_percentage"
    " max_score_percentage first_attendance_date last_attendance_date last_assessment_date",
    "class_summary": "class_id total_students active_students attendance_rate avg_score assessment_count",
}
KEYS = {
    "class_daily_performance": ("class_id", "calendar_date"),
    "class_summary": ("class_id",),
    "student_performance_summary": ("student_id",),
}


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `dbt parse` writes where there is no database and no variable is set."""
    target = tmp_path_factory.mktemp("parsed")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ROLLCALL_", "DBT_"))}
    subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "parse", "--project-dir", PROJECT, "--profiles-dir", PROJECT],
        env={**environment, "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target), "DO_NOT_TRACK": "1"},
        cwd=target,
        check=True,
        capture_output=True,
    )
    return target / "manifest.json"


@pytest.fixture(scope="session")
def models(manifest: Path) -> list[dict]:
    nodes = json.loads(manifest.read_text())["nodes"].values()
    return [node for node in nodes if node["resource_type"] == "model"]


def test_the_models_are_in_the_schemas_of_their_layers(models: list[dict]) -> None:
    schemas = {"silver": "silver", "gold": "gold_candidate"}
    assert {node["name"]: node["schema"] for node in models} == {
        node["name"]: schemas[Path(node["path"]).parts[0]] for node in models
    }


def test_the_tables_have_the_columns_of_the_contract(built: Tables) -> None:
    assert {name: " ".join(built[name][0]) for name in COLUMNS} == COLUMNS


def test_every_model_describes_its_grain_and_its_columns(models: list[dict]) -> None:
    for node in models:
        description = " ".join(node["description"].split())
        assert description.rpartition(". ")[2].startswith("Grain: one row per "), node["name"]
        assert " ".join(node["columns"]) == COLUMNS[node["name"]]
        assert all(column["description"] for column in node["columns"].values()), node["name"]


def test_the_gold_models_name_their_keys(manifest: Path) -> None:
    assert {model.name: model.key for model in gold_models(manifest)} == KEYS


def test_a_missing_manifest_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="run `dbt parse`"):
        gold_models(tmp_path / "manifest.json")


def test_a_gold_model_without_a_key_is_named(tmp_path: Path) -> None:
    node = {"resource_type": "model", "path": "gold/x/keyless.sql", "name": "keyless", "config": {"meta": {}}}
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": {"model.rollcall.keyless": node}}))
    with pytest.raises(ManifestError, match="keyless"):
        gold_models(tmp_path / "manifest.json")


@pytest.mark.usefixtures("steps")
def test_the_unit_tests_pass(school: School) -> None:
    school.dbt("test", "--select", "test_type:unit", as_of=None)
    results = json.loads((school.target / "run_results.json").read_text())["results"]
    assert len(results) >= 15
    assert {result["status"] for result in results} == {"pass"}


@pytest.mark.usefixtures("steps")
def test_gold_needs_as_of(school: School) -> None:
    with pytest.raises(DbtFailed, match=r"model\.rollcall\.class_summary: .*\s.*ROLLCALL_AS_OF as YYYY-MM-DD"):
        school.dbt("run", "--select", "class_summary", as_of=None)


@pytest.mark.usefixtures("steps")
def test_nothing_is_written_into_the_project() -> None:
    assert not {"target", "logs", "dbt_packages", ".user.yml"} & {path.name for path in PROJECT.iterdir()}
