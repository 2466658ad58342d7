"""One running stack, as `make run` starts it, for the tests of this folder; and its mornings, one after another."""

from __future__ import annotations

import csv
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest

from include.local.follow import Outcome, dbt_run_id
from include.local.sample import sample_as_of
from include.local.stack import Stack
from include.settings import REPOSITORY, load_settings

SAMPLE = REPOSITORY / "data" / "raw"
CORRUPTED = "assessments_2024-12.json"
A_WEEK_EARLIER = date(2025, 3, 7)


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

    def run(self, as_of: date | None = None, meanwhile: Callable[[str], None] = lambda _: None) -> Morning:
        """A morning; `meanwhile` is called with the id of its run when that has begun."""
        del self.told[:]
        run_id = self.stack.trigger(as_of or self.as_of)
        meanwhile(run_id)
        outcome = self.stack.follow(run_id)
        runs = (("student_ingestion", outcome.run_id), ("student_dbt", dbt_run_id(outcome.run_id)))
        tasks = [task for dag, run in runs if self.stack.api.run(dag, run) for task in self.stack.api.tasks(dag, run)]
        return Morning(outcome, {f"{task['dag_id']}.{task['task_id']}": task["state"] for task in tasks}, [*self.told])

    def rows(self, query: str) -> list[tuple]:
        with self.stack.connect() as connection:
            return connection.execute(query).fetchall()

    def land_event(self, event_id: str) -> dict[str, Any]:
        """Puts a file with one learning event into the raw folder; the run of the DAG that came of it."""
        before = self.asset_triggered()
        event = {"learner_id": "S00001", "event_type": "lesson_start", "timestamp": "2025-03-14T20:00:00Z"}
        file = self.raw / f"platform_events_{event_id}.jsonl"
        file.write_text(json.dumps({"event_id": event_id, "session_id": event_id, **event}) + "\n")
        while not (come := [run_id for run_id in self.asset_triggered() if run_id not in before]):
            time.sleep(0.5)
        return self.ended("learning_events_ingestion", come[0])

    def asset_triggered(self) -> list[str]:
        administrator = self.stack.postgres.administrator_url("airflow").render_as_string(hide_password=False)
        with psycopg.connect(administrator) as airflow:
            runs = "select run_id from dag_run where run_type = 'asset_triggered'"
            return [run_id for (run_id,) in airflow.execute(runs).fetchall()]

    def ended(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """The run when it has ended."""
        while (run := self.stack.api.run(dag_id, run_id) or {}).get("state") not in ("success", "failed"):
            time.sleep(0.5)
        return run

    def sessions_of(self, event_id: str) -> list[tuple]:
        """What silver has counted in the sessions of an event that landed."""
        return self.rows(
            "select total_events, lessons_attempted from silver.session_metrics"
            f" inner join silver.fact_learning_events using (source, session_id) where event_id = '{event_id}'"
        )

    def pupils(self) -> re.Pattern[str]:
        """What no log and no page may hold: every student's id and name."""
        with (self.raw / "students_2025-03-14.csv").open(encoding="utf-8", newline="") as lines:
            words = {row[column] for row in csv.DictReader(lines) for column in ("student_id", "student_name")}
        return re.compile("|".join(map(re.escape, sorted(words))))

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


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def without_assessments(school: School) -> Morning:
    """The first morning, a week earlier: the raw folder holds no assessments."""
    for path in school.raw.glob("assessments*"):
        path.unlink()
    return school.run(A_WEEK_EARLIER)


@pytest.fixture(scope="package")
def first(school: School, without_assessments: Morning) -> Morning:
    """The first whole morning: the sample, and one score that cannot be read."""
    assert without_assessments.outcome.published, without_assessments.told
    for path in SAMPLE.glob("assessments*"):
        shutil.copy(path, school.raw)
    path = school.raw / CORRUPTED
    records = json.loads(path.read_text())
    path.write_text(json.dumps([*records, {**records[0], "assessment_id": "A-UNREADABLE", "score": "n/a"}]))
    return school.run()


@pytest.fixture(scope="package")
def second(school: School, first: Morning) -> tuple[Morning, dict, dict]:
    """The next morning, without a new file, and the tables before and after."""
    assert first.outcome.published
    before = school.hashes("bronze", "silver", "gold")
    morning = school.run()
    return morning, before, school.hashes("bronze", "silver", "gold")


@pytest.fixture(scope="package")
def third(school: School, second: tuple) -> tuple[Morning, dict, dict]:
    """The third morning: an attendance file with a renamed column, and the tables before and after."""
    text = (school.raw / "attendance_2025-03.csv").read_text()
    (school.raw / "attendance_2025-04.csv").write_text(text.replace("status", "state", 1))
    morning = school.run()
    return morning, second[2], school.hashes("bronze", "silver", "gold")


@pytest.fixture(scope="package")
def fourth(school: School, third: tuple) -> tuple[Morning, dict, dict, list]:
    """The fourth morning: bronze has students of whom silver can know nothing, and gold before and after. While it is
    at work on silver an event lands: the run that came of that, and what silver made of the event.
    """
    assert third[0].outcome.published
    with school.stack.connect() as connection:
        connection.execute(
            "insert into bronze.students (student_id, class_id, grade_level, enrollment_status, updated_at,"
            " _load_id, _ingested_at, _source_file, _source_line)"
            " select 'nobody ' || n, 'CLASS-01', 7, 'ACTIVE', now(), 1, now(), 'by hand', n"
            " from generate_series(1, 500) as n"
        )
    landed: list = []

    def land_when_silver_is_built(run_id: str) -> None:
        mark = "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'gold_candidate'"
        while dbt_run_id(run_id) not in str(school.rows(mark)):
            time.sleep(0.5)
        landed[:] = [school.land_event("meanwhile"), school.sessions_of("meanwhile")]

    before = school.hashes("gold")
    return school.run(meanwhile=land_when_silver_is_built), before, school.hashes("gold"), landed
