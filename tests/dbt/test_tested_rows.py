"""Which rows of a model that computes only what was touched its data tests look at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from include.dbt_command import DbtFailed
from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import connect
from tests.dbt.conftest import School, Steps, copy_of

BROKEN = (
    "update silver.fact_attendance set conflict_count = -1 where (student_id, attendance_date) = ('S1', '2025-01-09')"
)
TOLD = (
    "insert into ops.silver_changes (model, student_id, calendar_date) values ('fact_attendance', 'S1', '2025-01-09')"
)
PUBLISHED = (
    "insert into ops.publications (as_of, dag_run_id, candidate_id, max_change_id)"
    " select '2025-01-31', 'a run', gen_random_uuid(), max(change_id) from ops.silver_changes"
)


@pytest.fixture
def broken(
    postgres: EmbeddedPostgres, school: School, steps: Steps, tmp_path: Path
) -> Iterator[tuple[School, psycopg.Connection]]:
    """The built school with a row that breaks a test."""
    assert steps.built
    with copy_of(postgres, school.url, "broken_school") as url:
        target = shutil.copytree(school.target, tmp_path / "target")
        with connect(url, autocommit=True) as connection:
            connection.execute(BROKEN)
            yield School(url, target), connection


def found_wrong(school: School) -> bool:
    """Whether the test fails, and of nothing else than one row."""
    try:
        school.dbt("test", "--select", "fact_attendance_values")
    except DbtFailed as error:
        if "Got 1 result, configured to fail if != 0" not in str(error):
            raise
        return True
    return False


def test_a_row_is_tested_until_a_publication_has_taken_it_over(broken: tuple[School, psycopg.Connection]) -> None:
    school, warehouse = broken
    assert found_wrong(school)
    warehouse.execute(PUBLISHED)
    assert not found_wrong(school)
    warehouse.execute(TOLD)
    assert found_wrong(school)
