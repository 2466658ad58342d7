"""Each data test on its own: it passes on what the models make, and fails on a table that was broken."""

from __future__ import annotations

import psycopg
import pytest

from include.dbt_command import PROJECT
from include.warehouse.connection import connect
from tests.dbt.conftest import School, Steps

SINGULAR = "tests/students"
OF_VERSIONS = "models/silver/students/dim_student_versions.yml"
# S1 has the versions [01-06, 01-10) and [01-10, …); S2 was missing in [01-09, 01-13), between its two.
BROKEN = {
    f"{OF_VERSIONS}/dim_student_versions_interval": (
        "update silver.dim_student_versions set valid_to = valid_from where student_id = 'S1' and not is_current"
    ),
    f"{SINGULAR}/present_students_have_one_current_version": (
        "delete from silver.dim_student_versions where student_id = 'S3'"
    ),
    f"{SINGULAR}/student_versions_leave_only_gaps": (
        "update silver.dim_student_versions set valid_to = '2025-01-09' where student_id = 'S1' and not is_current"
    ),
    f"{SINGULAR}/student_versions_change_something": (
        "update silver.dim_student_versions set class_id = 'C1' where student_id = 'S1'"
    ),
    f"{SINGULAR}/student_versions_are_numbered": (
        "update silver.dim_student_versions set version_number = 3 where student_id = 'S1' and is_current"
    ),
    f"{SINGULAR}/student_versions_begin_for_a_reason": (
        "update silver.dim_student_versions set valid_from = '2025-01-14' where student_id = 'S2' and is_current"
    ),
    f"{SINGULAR}/student_versions_lie_outside_of_gaps": (
        "update silver.dim_student_versions set valid_to = '2025-01-10' where student_id = 'S2' and not is_current"
    ),
    f"{SINGULAR}/current_versions_are_the_students": (
        "update silver.dim_student_versions set ethnicity = 'x' where student_id = 'S3'"
    ),
    f"{SINGULAR}/student_memberships_do_not_overlap": (
        "update silver.student_memberships set member_until = '2025-01-11' where member_until = '2025-01-10'"
    ),
    f"{SINGULAR}/chronic_absence_rule_is_in_the_seed": (
        "update gold_candidate.student_attendance_status set rule_id = null where student_id = 'S1'"
    ),
    f"{SINGULAR}/dim_dates_whole_school_years": "delete from silver.dim_dates where calendar_date = '2025-01-06'",
    f"{SINGULAR}/dim_school_days_every_day": "delete from silver.dim_school_days where calendar_date = '2025-01-06'",
    f"{SINGULAR}/dim_schools_unknown": "delete from silver.dim_schools where school_id = 'UNKNOWN'",
}


@pytest.fixture(scope="module")
def compiled(school: School, steps: Steps) -> dict[str, str]:
    """The SQL of each data test by its path, as the last run had it."""
    assert steps
    folder = school.target / "compiled" / "rollcall"
    return {str(path.relative_to(folder).with_suffix("")): path.read_text() for path in folder.rglob("*.sql")}


@pytest.mark.parametrize("test", BROKEN)
def test_a_data_test_fails_on_a_broken_table_only(school: School, compiled: dict[str, str], test: str) -> None:
    with connect(school.url) as connection:
        assert not fails(connection, compiled[test])
        connection.execute(BROKEN[test])
        assert fails(connection, compiled[test])
        connection.rollback()


def fails(connection: psycopg.Connection, query: str) -> bool:
    return connection.execute(query).fetchone() is not None


def test_every_test_of_the_students_is_tried() -> None:
    tests = {f"{SINGULAR}/{path.stem}" for path in (PROJECT / SINGULAR).glob("*.sql")}
    assert tests == {test for test in BROKEN if test.startswith(SINGULAR)}
