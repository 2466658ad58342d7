from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, TriggerRule
from airflow.sdk.exceptions import ParamValidationError
from airflow.serialization.serialized_objects import DagSerialization

from expectations.table import tables_of
from include.ingestion.event_sources import EVENT_SOURCES
from include.ingestion.sources import SOURCES
from include.orchestration.dbt_errors import hide_row_values
from include.orchestration.learning_events_tasks import TABLES, checked
from include.settings import REPOSITORY, load_settings
from include.silver_fingerprints import OF_EVENTS

ALL_DAGS = {"student_ingestion", "student_dbt", "learning_events_ingestion", "bronze_operations", "maintenance"}
DAG_FILES = sorted((REPOSITORY / "dags").glob("*.py"))


def downstream(dag: DAG, task_id: str) -> set[str]:
    return dag.get_task(task_id).downstream_task_ids


def timetable(dag: DAG) -> Any:
    """The timetable as the scheduler reads it."""
    return DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable


def test_the_dags_import_without_an_error(dagbag: DagBag) -> None:
    assert dagbag.import_errors == {}
    assert set(dagbag.dags) == ALL_DAGS


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.name)
def test_a_dag_file_is_thin(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 80
    assert "select " not in text.lower()


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.name)
def test_reading_a_dag_file_imports_nothing_heavy(path: Path, manifest_home: Path) -> None:
    program = (
        "import runpy, sys; runpy.run_path(sys.argv[1]);"
        "print(sorted({'pandas', 'plotly', 'great_expectations', 'dbt'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env={
            "PATH": "",
            "PYTHONPATH": str(REPOSITORY),
            "ROLLCALL_HOME": str(manifest_home),
            "AIRFLOW_HOME": str(manifest_home / "airflow"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_ingestion_loads_every_source_between_the_warehouse_and_the_checkpoint(student_ingestion: DAG) -> None:
    tasks = {f"ingest_{table}" for table in SOURCES}
    assert downstream(student_ingestion, "init_warehouse") == tasks | {"trigger_student_dbt"}
    for task_id in tasks:
        assert downstream(student_ingestion, task_id) == {"checkpoint_bronze"}
    assert downstream(student_ingestion, "start") >= {"init_warehouse"}
    assert downstream(student_ingestion, "checkpoint_bronze") == {"trigger_student_dbt"}
    assert downstream(student_ingestion, "trigger_student_dbt") == {"end"}


def test_a_failed_source_does_not_hold_up_the_others_but_a_failed_checkpoint_stops(student_ingestion: DAG) -> None:
    assert student_ingestion.get_task("checkpoint_bronze").trigger_rule == TriggerRule.ALL_DONE
    assert student_ingestion.get_task("trigger_student_dbt").trigger_rule == TriggerRule.ALL_SUCCESS
    assert student_ingestion.get_task("end").trigger_rule == TriggerRule.ALL_DONE


def test_dbt_goes_through_both_checkpoints_before_it_publishes(student_dbt: DAG) -> None:
    silver = {task.task_id for task in student_dbt.tasks if task.task_id.startswith("silver.")}
    gold = {task.task_id for task in student_dbt.tasks if task.task_id.startswith("gold.")}
    assert downstream(student_dbt, "take_turn") == {"start"}
    assert downstream(student_dbt, "start") <= silver
    assert all(downstream(student_dbt, task_id) <= silver | {"checkpoint_silver", "end"} for task_id in silver)
    assert downstream(student_dbt, "checkpoint_silver") <= gold
    assert all(downstream(student_dbt, task_id) <= gold | {"checkpoint_gold", "end"} for task_id in gold)
    assert downstream(student_dbt, "checkpoint_gold") == {"publish_gold"}
    assert downstream(student_dbt, "publish_gold") == {"write_report"}
    assert downstream(student_dbt, "write_report") == {"end"}


def test_every_model_is_seen_in_the_graph(student_dbt: DAG, manifest_home: Path) -> None:
    manifest = json.loads((manifest_home / "dbt" / "target" / "manifest.json").read_text())
    models = {
        node["name"]: node["path"].split("/")[0]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    tasks = {task.task_id for task in student_dbt.tasks}
    for model, layer in models.items():
        assert f"{layer}.{model}_model_build" in tasks


@pytest.mark.parametrize("dag_id", sorted(ALL_DAGS))
def test_runs_do_not_overlap_and_a_task_is_tried_again(dagbag: DagBag, dag_id: str) -> None:
    dag = dagbag.dags[dag_id]
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert dag.doc_md
    for task in dag.tasks:
        if task.task_id != "end":
            assert task.retries == 2, task.task_id


def test_ingestion_is_scheduled_every_morning_and_dbt_only_triggered(student_ingestion: DAG, student_dbt: DAG) -> None:
    assert student_ingestion.timetable.summary == "0 6 * * *"
    assert student_dbt.schedule is None


def test_learning_events_are_loaded_each_quarter_of_an_hour_and_when_a_file_lands(
    learning_events_ingestion: DAG,
) -> None:
    schedule = timetable(learning_events_ingestion)
    assert schedule.summary == "Asset or */15 * * * *"
    (asset,) = (asset for _, asset in schedule.asset_condition.iter_assets())
    (watcher,) = asset.watchers
    assert watcher.trigger["classpath"] == "include.orchestration.landed_files.LandedFileTrigger"
    assert watcher.trigger["kwargs"]["raw_dir"] == str(load_settings().raw_dir)


def test_learning_events_go_through_both_checkpoints_and_no_further_than_silver(learning_events_ingestion: DAG) -> None:
    tasks = {f"ingest_{source.table}" for source in EVENT_SOURCES}
    silver = {task.task_id for task in learning_events_ingestion.tasks if task.task_id.startswith("silver.")}
    assert downstream(learning_events_ingestion, "init_warehouse") == tasks | {"checkpoint_bronze"}
    assert set().union(*(downstream(learning_events_ingestion, task_id) for task_id in tasks)) == {"read_bounds"}
    assert downstream(learning_events_ingestion, "read_bounds") == {"checkpoint_bronze"}
    assert downstream(learning_events_ingestion, "checkpoint_bronze") <= silver
    behind = {task_id for model in silver for task_id in downstream(learning_events_ingestion, model)}
    assert behind <= silver | {"checkpoint_silver", "end"}
    assert downstream(learning_events_ingestion, "checkpoint_silver") == {"end"}


def test_learning_events_build_the_models_that_are_made_of_them_and_the_seeds_that_those_read(
    learning_events_ingestion: DAG, manifest_home: Path
) -> None:
    nodes = json.loads((manifest_home / "dbt" / "target" / "manifest.json").read_text())["nodes"]
    models = [
        node
        for node in nodes.values()
        if node["resource_type"] == "model"
        and node["path"].startswith(tuple(f"silver/{domain}/" for domain in OF_EVENTS))
    ]
    names = {f"silver.{node['name']}_model_build" for node in models}
    seeds = {name for node in models for name in node["depends_on"]["nodes"] if name.startswith("seed.")}
    names |= {f"silver.{nodes[seed]['name']}_seed_build" for seed in seeds}
    assert {task.task_id for task in learning_events_ingestion.tasks if task.task_id.startswith("silver.")} == names


def test_learning_events_know_which_of_their_models_their_checkpoint_looks_at(learning_events_ingestion: DAG) -> None:
    # One at which it never looks would never have passed: each run would build silver again.
    ids = [task.task_id for task in learning_events_ingestion.tasks if task.task_id.endswith("_model_build")]
    models = [task_id.removeprefix("silver.").removesuffix("_model_build") for task_id in ids]
    assert checked(models) == {table.table for table in tables_of("silver", TABLES)}


def test_a_failed_source_of_events_does_not_hold_up_the_others(learning_events_ingestion: DAG) -> None:
    assert learning_events_ingestion.get_task("read_bounds").trigger_rule == TriggerRule.ALL_DONE
    assert learning_events_ingestion.get_task("checkpoint_bronze").trigger_rule == TriggerRule.ALL_SUCCESS


def test_maintenance_purges_raw_events_before_aggregates_on_sundays(maintenance: DAG) -> None:
    assert timetable(maintenance).summary == "5 3 * * 0"
    assert downstream(maintenance, "init_warehouse") == {"take_turn"}
    assert downstream(maintenance, "take_turn") == {"purge_raw_events"}
    assert downstream(maintenance, "purge_raw_events") == {"purge_aggregates"}
    assert downstream(maintenance, "purge_aggregates") == {"end"}


@pytest.mark.parametrize(
    ("dag_id", "defaults"),
    [
        ("student_ingestion", {"as_of": None, "sources": [], "full_refresh": False}),
        ("student_dbt", {"as_of": None, "full_refresh": False}),
        ("bronze_operations", {"operation": "rejects", "source": "all", "load_id": None}),
        ("maintenance", {"as_of": None, "dry_run": False}),
        ("learning_events_ingestion", {}),
    ],
)
def test_the_params_of_a_manual_trigger(dagbag: DagBag, dag_id: str, defaults: dict) -> None:
    assert dagbag.dags[dag_id].params.dump() == defaults


def test_an_operation_on_bronze_is_triggered_by_hand_only(bronze_operations: DAG) -> None:
    assert bronze_operations.schedule is None
    assert downstream(bronze_operations, "run_operation") == {"end"}


@pytest.mark.parametrize(
    ("name", "value"), [("operation", "load"), ("source", "teachers"), ("load_id", 0), ("load_id", "seven")]
)
def test_a_param_that_no_operation_can_have_is_refused_by_its_name(
    bronze_operations: DAG, name: str, value: object
) -> None:
    params = copy.deepcopy(bronze_operations.params)
    with pytest.raises(ParamValidationError, match=name):
        params[name] = value


def test_gold_is_built_from_the_silver_that_its_checkpoint_looked_at(student_dbt: DAG) -> None:
    assert student_dbt.get_task("take_turn").mode == "reschedule"
    told = {task.task_id for task in student_dbt.tasks if "ROLLCALL_MAX_CHANGE_ID" in (getattr(task, "env", {}) or {})}
    assert told == {task.task_id for task in student_dbt.tasks if task.task_id.startswith("gold.")}


def test_publishing_updates_the_asset_gold(student_dbt: DAG) -> None:
    outlets = {task.task_id: [outlet.name for outlet in task.outlets] for task in student_dbt.tasks if task.outlets}
    assert outlets == {"publish_gold": ["gold"]}


def test_production_runs_data_tests_and_not_unit_tests(student_dbt: DAG) -> None:
    for task in student_dbt.tasks:
        if task.task_id.endswith("_build"):
            assert task.env["DBT_EXCLUDE_RESOURCE_TYPES"] == "unit_test"


def test_every_data_test_runs_behind_a_model_that_has_all_it_needs(manifest_home: Path) -> None:
    """With buildable selection a test runs behind a model of its own, when its other nodes come before that model."""
    manifest = json.loads((manifest_home / "dbt" / "target" / "manifest.json").read_text())
    nodes = manifest["nodes"]

    def ancestors(node_id: str) -> set[str]:
        parents = nodes.get(node_id, {}).get("depends_on", {}).get("nodes", [])
        return set(parents).union(*map(ancestors, parents))

    for test in (node for node in nodes.values() if node["resource_type"] == "test"):
        needed = {parent for parent in test["depends_on"]["nodes"] if not parent.startswith("source.")}
        assert any(needed - {node_id} <= ancestors(node_id) for node_id in needed), test["name"]


def test_no_task_of_dbt_tells_rows_when_the_database_reports_an_error(student_dbt: DAG) -> None:
    tasks = [task for task in student_dbt.tasks if "." in task.task_id]
    assert tasks
    assert {task._pre_execute_hook for task in tasks} == {hide_row_values}
