"""No data test is there for nothing: what it looks at is broken, column by column, and the test must find it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest
from psycopg import sql

from include.local.postgres import EmbeddedPostgres
from include.warehouse.connection import connect
from tests.dbt.breaks import Break, Derived, conditions, one, raw
from tests.dbt.breaks_by_name import BREAKS, ROWS
from tests.dbt.conftest import CUT, School, Steps, copy_of
from tests.dbt.data_tests import DataTest, Relation, data_tests

LEAST = 180
PUBLISHED = (
    "insert into ops.publications (as_of, dag_run_id, candidate_id, max_change_id)"
    " select '2025-01-31', 'a run', gen_random_uuid(), max(change_id) from ops.silver_changes"
)
# Without constraints, partitions and views nothing stands between a table and what breaks it.
PLAIN = """
alter table {table} rename to {was};
create table {table} as select * from {was_there};
{indexes};
analyze {table}
"""
INDEXES = "select split_part(indexdef, ' USING ', 2) from pg_indexes where schemaname = %s and tablename = %s"
TELL = """
insert into ops.silver_changes (model, {told})
select {model}, {values} from {table}
except
select model, {told} from ops.silver_changes
where model = {model} and change_id > (select max(max_change_id) from ops.publications)
"""
IN_STEP = "update ops.silver_models set max_change_id = 1e18"
WHAT_TO_DO = "give statements that break it, or the row that is missing, in tests/dbt/breaks_by_name.py"


@dataclass(frozen=True)
class Breakable:
    """The built school after a publication, in a transaction in which anything may be done to its tables."""

    tests: list[DataTest]
    connection: psycopg.Connection

    def not_found(self, test: DataTest) -> list[str]:
        """What is done to the data and is not found by the test, or why nothing is done; empty of a good test."""
        by_name = [Break(statement, raw(statement)) for statement in BREAKS.get(test.name, ())]
        breaks = [*Derived(self.connection).of(test), *by_name]
        if not breaks:
            return [f"nothing is derived of a test that is {test.kind}: {WHAT_TO_DO}"]
        self.tell(test)
        if self.fails(test):
            return ["fails before anything is broken"]
        return [
            f"does not find {each.what}: {WHAT_TO_DO}, unless the test is vacuous"
            for each in breaks
            if not (self.finds(test, each.statement) if each.statement else is_named(each.column, by_name))
        ]

    def finds(self, test: DataTest, broken_by: sql.SQL | sql.Composed) -> bool:
        """Whether the test fails when this was done, and told of."""
        with self.connection.transaction(force_rollback=True):
            self.connection.execute(broken_by)
            self.tell(test)
            return self.fails(test)

    def fails(self, test: DataTest) -> bool:
        row = self.connection.execute(sql.SQL("select exists (\n{}\n)").format(raw(test.code))).fetchone()
        return row == (True,)

    def tell(self, test: DataTest) -> None:
        """Tell of all rows that the test may look at, as a run does of those that it has changed."""
        for relation in test.relations:
            if relation.tells:
                told = sql.SQL(TELL).format(
                    told=raw(", ".join(relation.tells)),
                    model=sql.Literal(relation.name),
                    values=raw(", ".join(relation.tells.values())),
                    table=relation.identifier,
                )
                self.connection.execute(told)


def is_named(column: str, by_name: list[Break]) -> bool:
    return any(re.search(rf"\b{column}\b", each.what) for each in by_name)


def named(breakable: Breakable, name: str) -> DataTest:
    (test,) = (test for test in breakable.tests if test.name == name)
    return test


@pytest.fixture(scope="module")
def breakable(
    postgres: EmbeddedPostgres, school: School, steps: Steps, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Breakable]:
    assert steps.cut
    target = shutil.copytree(school.target, tmp_path_factory.mktemp("mutations") / "target")
    with copy_of(postgres, school.url, "breakable_school") as url:
        with connect(url, autocommit=True) as connection:
            connection.execute(PUBLISHED)
        # The steps have compiled all; those that look at changed rows only do so once there is a publication.
        by_change = [test.name for test in data_tests(target) if any(each.tells for each in test.relations)]
        School(url, target).dbt("compile", "--select", *by_change, as_of=CUT)
        tests = data_tests(target)
        with connect(url) as connection:
            make_plain(connection, tests)
            connection.execute(IN_STEP)
            yield Breakable(tests, connection)
            connection.rollback()


def make_plain(connection: psycopg.Connection, tests: list[DataTest]) -> None:
    relations: dict[str, Relation] = {relation.name: relation for test in tests for relation in test.relations}
    for relation in relations.values():
        table, was = relation.identifier, f"was_{relation.name}"
        indexes = [
            sql.SQL("create index on {} using {}").format(table, raw(index))
            for (index,) in connection.execute(INDEXES, [relation.schema, relation.name])
        ]
        connection.execute(
            sql.SQL(PLAIN).format(
                table=table,
                was=sql.Identifier(was),
                was_there=sql.Identifier(relation.schema, was),
                indexes=sql.SQL(";").join(indexes),
            )
        )
        connection.execute(raw(ROWS.get(relation.name, "")))


def test_the_project_has_as_many_data_tests_as_it_should(breakable: Breakable) -> None:
    assert len(breakable.tests) >= LEAST


@pytest.mark.parametrize("schema", ["silver", "gold_candidate"])
def test_every_data_test_finds_what_is_broken_in_each_of_its_columns(breakable: Breakable, schema: str) -> None:
    told = {test.name: breakable.not_found(test) for test in breakable.tests if test.relations[0].schema == schema}
    assert not any(told.values()), "\n".join(f"{name} {what}" for name, whats in told.items() for what in whats)


def test_breaks_are_those_of_tests_that_there_are(breakable: Breakable) -> None:
    assert BREAKS.keys() <= {test.name for test in breakable.tests}


def test_a_test_that_cannot_fail_is_told(breakable: Breakable) -> None:
    code = "select 1 from (select * from gold_candidate.class_summary limit 0) as rows where not (total_students >= 0)"
    (told,) = breakable.not_found(replace(named(breakable, "class_summary_identities"), code=code))
    assert told.startswith("does not find")


def test_an_expression_that_no_value_of_its_column_makes_false_is_told(breakable: Breakable) -> None:
    test = replace(named(breakable, "class_summary_identities"), code="... where not (total_students > 0 or true)")
    (break_,) = Derived(breakable.connection).of(test)
    assert (break_.column, break_.statement) == ("total_students", None)


def test_a_test_of_which_nothing_is_known_to_break_it_is_told_with_what_to_do(breakable: Breakable) -> None:
    unknown = replace(breakable.tests[0], name="new", kind="singular")
    assert breakable.not_found(unknown) == [f"nothing is derived of a test that is singular: {WHAT_TO_DO}"]


def test_a_published_row_is_tested_again_once_it_has_changed(breakable: Breakable) -> None:
    test = named(breakable, "fact_attendance_values")
    with breakable.connection.transaction(force_rollback=True):
        breakable.connection.execute(raw(one("silver.fact_attendance", "conflict_count = -1")))
        breakable.connection.execute("delete from ops.silver_changes")
        assert not breakable.fails(test)
        breakable.tell(test)
        assert breakable.fails(test)


def test_every_row_of_a_table_that_was_built_anew_is_tested(school: School, steps: Steps) -> None:
    assert steps.built
    (compiled,) = (school.target / "compiled").rglob("fact_attendance_values.sql")
    assert '"silver"."fact_attendance"' in compiled.read_text()
    assert "silver_changes" not in compiled.read_text()


def test_the_conditions_of_an_expression_are_told_apart() -> None:
    expression = "a between 1 and 2 and (b or c and d) and case when e and f then g end and h <> ' and '"
    assert [condition.strip() for condition in conditions(expression)] == [
        "a between 1 and 2",
        "(b or c and d)",
        "case when e and f then g end",
        "h <> ' and '",
    ]
    assert conditions("a and b or c") == ["a and b or c"]
