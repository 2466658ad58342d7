"""The DAGs under the real Airflow scheduler: several mornings in a row, and an operation by hand."""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
import time
from datetime import date

import psycopg
import pytest

from include.dbt_command import manifest_path
from include.ingestion.sources import SOURCES
from include.local.follow import dbt_run_id
from include.local.status import status_lines
from include.warehouse.connection import embedded_server
from tests.end_to_end.conftest import A_WEEK_EARLIER, CORRUPTED, Morning, School

pytestmark = pytest.mark.timeout(1800)


def note_of(school: School, dag_id: str, morning: Morning) -> str:
    run_id = morning.outcome.run_id
    run = school.stack.api.run(dag_id, run_id if dag_id == "student_ingestion" else dbt_run_id(run_id))
    assert run
    return str(run["note"])


def last_words(morning: Morning, task_id: str) -> list[str]:
    """How the last three lines of the log of a failed task begin, as they were told."""
    (line,) = (line for line in morning.told if line.split()[1:3] == [task_id, "failed"])
    log = itertools.takewhile(lambda told: "| " in told[:12], morning.told[morning.told.index(line) + 1 :])
    return [told.partition("| ")[2].partition(":")[0] for told in log][-3:]


def test_a_raw_folder_without_assessments_publishes(without_assessments: Morning) -> None:
    assert without_assessments.outcome.published
    assert set(without_assessments.states.values()) == {"success"}


def test_the_first_whole_morning_publishes_and_every_task_is_green(first: Morning) -> None:
    assert first.outcome.published, first.told
    assert first.outcome.failed_sources == ()
    assert set(first.states.values()) == {"success"}
    assert {"student_dbt.silver.dim_student_versions_model_build", "student_dbt.publish_gold"} <= set(first.states)


@pytest.mark.usefixtures("first")
def test_gold_holds_what_the_files_say(school: School) -> None:
    newest: dict[str, dict[str, str]] = {}
    for path in sorted(school.raw.glob("attendance_2024*.csv")) + sorted(school.raw.glob("attendance_2025-0[123].csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                known = newest.get(row["attendance_id"])
                if known is None or row["created_at"] > known["created_at"]:
                    newest[row["attendance_id"]] = row
    present = sum(row["status"] in ("PRESENT", "TARDY", "HALF_DAY") for row in newest.values())
    assert school.rows(
        "select sum(students_with_attendance)::int, sum(present_count)::int, max(attendance_rate) <= 1"
        " from gold.class_daily_performance"
    ) == [(len(newest), present, True)]


@pytest.mark.usefixtures("first")
def test_a_corrupted_score_costs_one_row_which_is_kept_with_file_line_and_reason(school: School) -> None:
    records = sum(len(json.loads(path.read_text())) for path in school.raw.glob("assessments*.json"))
    assert school.rows("select count(*) from silver.fact_assessments") == [(records - 1,)]
    assert school.rows("select file, line > 0, reasons from ops.rejected_rows") == [
        (CORRUPTED, True, ["bad_type:score"])
    ]


def test_both_runs_left_their_summary_and_every_task_that_moves_data_its_row(school: School, first: Morning) -> None:
    of_first = f"dag_run_id like '%{first.outcome.run_id}'"
    assert school.rows(f"select dag_id, outcome from ops.run_summaries where {of_first} order by dag_id") == [
        ("student_dbt", "success"),
        ("student_ingestion", "success"),
    ]
    jobs = {job for (job,) in school.rows("select job_type from ops.etl_job_status where status = 'completed'")}
    assert jobs == {*(f"ingest_{source}" for source in SOURCES), "publish_gold"}


def test_both_runs_carry_their_summary_as_a_note(school: School, first: Morning) -> None:
    ingestion, dbt = (note_of(school, dag_id, first) for dag_id in ("student_ingestion", "student_dbt"))
    assert ingestion.startswith("**success**\n- assessments: files loaded 2, rows read ")
    # What the checkpoints name comes first; the tables are in the order of their names.
    assert dbt.startswith("**success**\n- ")
    assert "- gold published as of 2025-03-14\n- gold.activation_by_cohort: rows added" in dbt


@pytest.mark.usefixtures("first")
def test_the_status_says_what_runs_where_and_what_it_did_last(school: School) -> None:
    told = "\n".join(status_lines(school.stack))
    for part in ("api-server", "scheduler", "dag-processor", "triggerer"):
        assert re.search(rf"{part} +process \d+", told)
    assert school.stack.api.base_url in told
    assert "gold as of 2025-03-14, published" in told
    assert re.search(r"student_ingestion +on, last run success .*, next \d", told)
    assert not any(password in told for password in embedded_server(school.stack.settings.home).passwords.values())


def test_a_morning_without_a_new_file_changes_no_row_and_publishes(second: tuple[Morning, dict, dict]) -> None:
    morning, before, after = second
    assert morning.outcome.published
    assert after == before


def test_a_renamed_column_is_refused_by_name_and_leaves_every_table_as_it_was(
    school: School, third: tuple[Morning, dict, dict]
) -> None:
    morning, before, after = third
    assert morning.outcome.failed_sources == ("attendance",)
    assert morning.outcome.published
    assert school.rows("select error from ops.file_loads where status = 'refused'") == [
        ("missing: status; unexpected: state",)
    ]
    assert after == before
    assert any("missing: status; unexpected: state" in line for line in morning.told)
    assert last_words(morning, "ingest_attendance") == ["What failed", "Where to look", "What to do"]
    assert "**partial**: ingest_attendance failed" in note_of(school, "student_ingestion", morning)
    assert morning.states["student_ingestion.end"] == "failed"


@pytest.mark.usefixtures("third")
def test_a_file_of_events_that_lands_is_in_silver_without_anybody_asking(school: School) -> None:
    # A quarter of an hour may come first and take the file: then this run finds nothing to do.
    assert school.land_event("landed")["state"] == "success"
    assert school.sessions_of("landed") == [(1, 1)]


def test_while_student_dbt_is_at_work_silver_stands_still_and_follows_with_the_next_run(
    school: School, fourth: tuple[Morning, dict, dict, list]
) -> None:
    run, sessions = fourth[3]
    assert run["state"] == "success"
    assert "bronze is loaded, silver follows with the next run: student_dbt is at work on silver since" in run["note"]
    assert school.rows("select count(*) from bronze.platform_events where event_id = 'meanwhile'") == [(1,)]
    assert sessions == []
    assert school.rows("select dag_run_id from ops.silver_turn where dag_id = 'student_dbt'") == []
    following = school.stack.api.trigger("learning_events_ingestion", {})
    assert school.ended("learning_events_ingestion", following["dag_run_id"])["state"] == "success"
    assert school.sessions_of("meanwhile") == [(1, 1)]


def test_a_failed_checkpoint_stops_the_run_and_leaves_gold_and_its_row_versions_untouched(
    school: School,
    fourth: tuple[Morning, dict, dict, list],
) -> None:
    morning, before, after, _ = fourth
    assert morning.states["student_dbt.checkpoint_silver"] == "failed"
    assert morning.states["student_dbt.publish_gold"] == "upstream_failed"
    assert morning.states["student_dbt.end"] == "failed"
    assert not morning.outcome.published
    assert after == before
    assert any("CRITICAL silver.dim_students" in line for line in morning.told)
    assert last_words(morning, "checkpoint_silver") == ["What failed", "Where to look", "What to do"]
    note = note_of(school, "student_dbt", morning)
    assert "- checkpoint failed: silver.dim_students\n- gold: nothing published, readers keep the last good one" in note


@pytest.mark.usefixtures("third")
def test_a_file_is_taken_out_by_hand_and_the_run_says_so(school: School) -> None:
    ((load_id, rows),) = school.rows(
        "select load_id, rows_inserted from ops.file_loads where file = 'attendance_2025-03.csv' and status = 'loaded'"
    )
    run = school.stack.api.trigger("bronze_operations", {"operation": "unload", "load_id": load_id})
    while not run["note"]:
        time.sleep(0.5)
        run = school.stack.api.run("bronze_operations", run["dag_run_id"]) or run
    assert f"load {load_id} (attendance_2025-03.csv) is taken out: {rows:,} rows" in run["note"]
    assert school.rows(f"select count(*) from bronze.attendance where _load_id = {load_id}") == [(0,)]


@pytest.mark.usefixtures("first")
def test_the_as_of_of_the_trigger_is_that_of_the_publication(school: School) -> None:
    published = school.rows("select distinct as_of from ops.publications order by 1")
    assert published == [(A_WEEK_EARLIER,), (date(2025, 3, 14),)]


@pytest.mark.usefixtures("fourth")
def test_a_dag_that_was_read_before_the_manifest_was_built_is_read_again_at_the_next_start(school: School) -> None:
    before = school.stack.api.parsed_at("student_dbt")
    os.utime(manifest_path(school.stack.settings.home))
    school.stack.start()
    assert school.stack.api.parsed_at("student_dbt") > before


@pytest.mark.usefixtures("fourth")
def test_no_student_is_named_in_logs_xcom_notes_summaries_or_data_docs(school: School) -> None:
    home = school.stack.settings.home
    searched = [path for folder in ("logs", "data_docs", "validation_results") for path in (home / folder).rglob("*")]
    texts = {str(path): path.read_text(errors="replace") for path in searched if path.is_file()}
    assert len(texts) > 20
    administrator = school.stack.postgres.administrator_url("airflow").render_as_string(hide_password=False)
    with psycopg.connect(administrator) as airflow:
        texts["xcom"] = str(airflow.execute("select key, value from xcom").fetchall())
        texts["notes"] = str(airflow.execute("select content from dag_run_note").fetchall())
        texts["rendered"] = str(airflow.execute("select rendered_fields from rendered_task_instance_fields").fetchall())
    texts["summaries"] = str(school.rows("select summary from ops.run_summaries"))
    assert [name for name, text in texts.items() if school.pupils().search(text)] == []
