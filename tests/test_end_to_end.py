"""Both DAGs under the real Airflow scheduler, as `make run` starts them: one stack, several mornings in a row."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import psycopg
import pytest

from include.local.follow import Outcome, dbt_run_id
from include.local.sample import sample_as_of
from include.local.stack import Stack
from include.settings import REPOSITORY, load_settings

pytestmark = pytest.mark.timeout(900)

SAMPLE = REPOSITORY / "data" / "raw"
CORRUPTED = "assessments_2024-12.json"


@dataclass
class Morning:
    """What one run left behind."""

    outcome: Outcome
    states: dict[str, str]
    told: list[str]


class School:
    """A running stack on a raw folder of its own."""

    def __init__(self, stack: Stack, told: list[str]) -> None:
        self.stack, self.told = stack, told
        self.raw = stack.settings.raw_dir
        self.as_of = sample_as_of(SAMPLE)

    def run(self) -> Morning:
        del self.told[:]
        outcome = self.stack.follow(self.stack.trigger(self.as_of))
        runs = (("student_ingestion", outcome.run_id), ("student_dbt", dbt_run_id(outcome.run_id)))
        tasks = [task for dag, run in runs if self.stack.api.run(dag, run) for task in self.stack.api.tasks(dag, run)]
        return Morning(outcome, {f"{task['dag_id']}.{task['task_id']}": task["state"] for task in tasks}, [*self.told])

    def rows(self, query: str) -> list[tuple]:
        with self.stack.connect() as connection:
            return connection.execute(query).fetchall()

    def hashes(self, *schemas: str) -> dict[str, tuple]:
        """A hash of the content and the row versions of every table of the schemas."""
        with self.stack.connect() as connection:
            return {table: _hash(connection, table) for table in _tables(connection, schemas)}


def _tables(connection: psycopg.Connection, schemas: tuple[str, ...]) -> list[str]:
    return [
        table
        for (table,) in connection.execute(
            "select format('%%I.%%I', schemaname, tablename) from pg_tables where schemaname = any(%s)", [list(schemas)]
        )
    ]


def _hash(connection: psycopg.Connection, table: str) -> tuple:
    row = connection.execute(f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} as t")
    versions = connection.execute(f"select md5(string_agg(xmin::text, '|' order by ctid)) from {table}")
    kept = table.startswith(("bronze.", "gold."))
    return (*row.fetchone(), versions.fetchone() if kept else None)  # type: ignore[misc]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("school")
    shutil.copytree(SAMPLE, folder / "raw", ignore=shutil.ignore_patterns(".*"))
    settings = load_settings(
        {
            "ROLLCALL_HOME": str(folder / "home"),
            "ROLLCALL_RAW_DIR": str(folder / "raw"),
            "ROLLCALL_WAREHOUSE_URL": "",
            "ROLLCALL_PG_PORT": "54333",
            "ROLLCALL_UI_PORT": "8433",
        }
    )
    told: list[str] = []
    stack = Stack(settings, say=told.append)
    try:
        stack.start()
        yield School(stack, told)
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def without_assessments(school: School) -> Morning:
    """The first morning: the raw folder holds students and attendance only."""
    for path in school.raw.glob("assessments*"):
        path.unlink()
    return school.run()


@pytest.fixture(scope="module")
def first(school: School, without_assessments: Morning) -> Morning:
    """The first whole morning: the sample, with one score made unreadable."""
    assert without_assessments.outcome.published, without_assessments.told
    for path in SAMPLE.glob("assessments*"):
        shutil.copy(path, school.raw)
    path = school.raw / CORRUPTED
    path.write_text(re.sub(r'"score": ?[0-9.]+', '"score": "n/a"', path.read_text(), count=1))
    return school.run()


@pytest.fixture(scope="module")
def second(school: School, first: Morning) -> tuple[Morning, dict, dict]:
    """The next morning, without a new file, and the tables before and after."""
    assert first.outcome.published
    before = school.hashes("bronze", "silver", "gold")
    morning = school.run()
    return morning, before, school.hashes("bronze", "silver", "gold")


@pytest.fixture(scope="module")
def third(school: School, second: tuple) -> tuple[Morning, dict, dict]:
    """The third morning: an attendance file with a renamed column, and the tables before and after."""
    text = (school.raw / "attendance_2025-03.csv").read_text()
    (school.raw / "attendance_2025-04.csv").write_text(text.replace("status", "state", 1))
    morning = school.run()
    return morning, second[2], school.hashes("bronze", "silver", "gold")


@pytest.fixture(scope="module")
def fourth(school: School, third: tuple) -> tuple[Morning, dict, dict]:
    """The fourth morning: bronze has students of whom silver can know nothing, and gold before and after."""
    assert third[0].outcome.published
    with school.stack.connect() as connection:
        connection.execute(
            "insert into bronze.students (student_id, class_id, grade_level, enrollment_status, updated_at,"
            " _load_id, _ingested_at, _source_file, _source_line, _row_hash)"
            " select 'nobody ' || n, 'CLASS-01', 7, 'ACTIVE', now(), 1, now(), 'by hand', n, gen_random_uuid()"
            " from generate_series(1, 500) as n"
        )
    before = school.hashes("gold")
    return school.run(), before, school.hashes("gold")


def test_a_raw_folder_without_assessments_publishes(without_assessments: Morning) -> None:
    assert without_assessments.outcome.published
    assert set(without_assessments.states.values()) == {"success"}


def test_the_first_whole_morning_publishes_and_every_task_is_green(first: Morning) -> None:
    assert first.outcome.published, first.told
    assert first.outcome.failed_sources == ()
    assert set(first.states.values()) == {"success"}
    assert {"student_dbt.silver.dim_student_versions.test", "student_dbt.publish_gold"} <= set(first.states)


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


@pytest.mark.usefixtures("first")
def test_both_runs_left_their_summary_and_every_task_that_moves_data_its_row(school: School) -> None:
    assert school.rows("select distinct dag_id, outcome from ops.run_summaries order by dag_id") == [
        ("student_dbt", "success"),
        ("student_ingestion", "success"),
    ]
    jobs = {job for (job,) in school.rows("select job_type from ops.etl_job_status where status = 'completed'")}
    assert jobs == {"ingest_students", "ingest_attendance", "ingest_assessments", "publish_gold"}


@pytest.mark.usefixtures("first")
def test_no_student_is_named_in_logs_xcom_or_data_docs(school: School) -> None:
    with (school.raw / "students_2025-03-14.csv").open(encoding="utf-8", newline="") as lines:
        words = {row[column] for row in csv.DictReader(lines) for column in ("student_id", "student_name")}
    home = school.stack.settings.home
    searched = [path for folder in ("logs", "data_docs", "validation_results") for path in (home / folder).rglob("*")]
    texts = {str(path): path.read_text(errors="replace") for path in searched if path.is_file()}
    assert len(texts) > 20
    administrator = school.stack.postgres.administrator_url("airflow").render_as_string(hide_password=False)
    with psycopg.connect(administrator) as airflow:
        texts["xcom"] = str(airflow.execute("select key, value from xcom").fetchall())
        texts["rendered"] = str(airflow.execute("select rendered_fields from rendered_task_instance_fields").fetchall())
    named = re.compile("|".join(map(re.escape, sorted(words))))
    assert [name for name, text in texts.items() if named.search(text)] == []


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
    assert morning.states["student_ingestion.end"] == "failed"


def test_a_failed_checkpoint_stops_the_run_and_leaves_gold_and_its_row_versions_untouched(
    fourth: tuple[Morning, dict, dict],
) -> None:
    morning, before, after = fourth
    assert morning.states["student_dbt.checkpoint_silver"] == "failed"
    assert morning.states["student_dbt.publish_gold"] == "upstream_failed"
    assert morning.states["student_dbt.end"] == "failed"
    assert not morning.outcome.published
    assert after == before
    assert any("CRITICAL silver.dim_students" in line for line in morning.told)


@pytest.mark.usefixtures("first")
def test_the_as_of_of_the_trigger_is_that_of_the_publication(school: School) -> None:
    assert school.rows("select distinct as_of from ops.publications") == [(date(2025, 3, 14),)]
