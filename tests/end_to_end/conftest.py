"""One running stack, as `make run` starts it, for the tests of this folder; and its mornings, one after another."""

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

    def run(self, as_of: date | None = None) -> Morning:
        del self.told[:]
        outcome = self.stack.follow(self.stack.trigger(as_of or self.as_of))
        runs = (("student_ingestion", outcome.run_id), ("student_dbt", dbt_run_id(outcome.run_id)))
        tasks = [task for dag, run in runs if self.stack.api.run(dag, run) for task in self.stack.api.tasks(dag, run)]
        return Morning(outcome, {f"{task['dag_id']}.{task['task_id']}": task["state"] for task in tasks}, [*self.told])

    def rows(self, query: str) -> list[tuple]:
        with self.stack.connect() as connection:
            return connection.execute(query).fetchall()

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
def fourth(school: School, third: tuple) -> tuple[Morning, dict, dict]:
    """The fourth morning: bronze has students of whom silver can know nothing, and gold before and after."""
    assert third[0].outcome.published
    with school.stack.connect() as connection:
        connection.execute(
            "insert into bronze.students (student_id, class_id, grade_level, enrollment_status, updated_at,"
            " _load_id, _ingested_at, _source_file, _source_line)"
            " select 'nobody ' || n, 'CLASS-01', 7, 'ACTIVE', now(), 1, now(), 'by hand', n"
            " from generate_series(1, 500) as n"
        )
    before = school.hashes("gold")
    return school.run(), before, school.hashes("gold")
