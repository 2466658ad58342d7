"""Rules that Great Expectations has no expectation for: a query that gives one row for each thing that is wrong.

In a query `{batch}` stands for the rows looked at, and `current_setting('rollcall.as_of')` for the day that gold is
made for. The warehouse counts the rows; none of them leaves it, but for the schools, classes, products and types of
events that a rule names.
"""

from __future__ import annotations

from typing import Any, ClassVar, LiteralString

from great_expectations.expectations import ExpectColumnValuesToBeBetween, UnexpectedRowsExpectation
from psycopg import sql

from expectations.table import EVENT_SOURCES, CheckedTable, Severity

EVER_ACCEPTED = """
select 1 from (select count(*) from {{batch}}) as looked_at
where (select count(*) from (select from {table} limit {row_floor}) as present) < {row_floor}
and exists (
    select from ops.file_loads
    where source in ({sources}) and status = 'loaded'
    and load_id <= {newest}
    and rows_inserted + rows_updated + rows_unchanged + rows_superseded + rows_duplicate > 0
    -- Retention may rightly leave nothing of events.
    and not (source in ({event_sources}) and exists (select from ops.purges))
)
"""

# What silver was not allowed to read when it was built, it is not to have.
TAKEN_IN = sql.SQL("coalesce((select max_load_id from ops.silver_models where model = {}), 0)")

HALF_OF_PUBLISHED = """
select generate_series(1, published.row_count - candidate.row_count)
from (select count(*) as row_count from {{batch}}) as candidate
cross join (
    select
        sum(publication_tables.rows_added - publication_tables.rows_removed)::bigint as row_count,
        max(publications.as_of) as as_of
    from ops.publication_tables
    join ops.publications using (publication_id)
    where publication_tables.table_name = {table}
) as published
where 2 * candidate.row_count < published.row_count and published.as_of <= current_setting('rollcall.as_of')::date
"""


ASSESSMENTS_OF_SILVER = """
select generate_series(1, abs(gold.assessments - silver.assessments))
from (select coalesce(sum(assessment_count), 0)::bigint as assessments from {batch}) as gold
cross join (
    select coalesce(sum(assessment_count), 0)::bigint as assessments from silver.class_days
    where calendar_date <= current_setting('rollcall.as_of')::date
) as silver
"""

# The names are all that leaves the warehouse, whatever else the query gives.
NAMES_FOUND = 'select name from ({query}) as found order by name collate "C"'

# A word of a file may be anything, as when its columns have moved: a person's name or id is counted, and not told.
WORDS_FOUND = """
select name from (
    select case
        when length(word) <= 63 and word ~ '^[a-z0-9][a-z0-9_.-]*$'
        and word not in (select lower(student_id) from bronze.students)
        then name
    end as name
    from ({query}) as found
) as told
order by name collate "C" nulls last
"""

NAMES_TOLD = 10
NAMES = "names"
"""What of a result holds the names of schools, classes, products and types of events."""


class ExpectNoRows(UnexpectedRowsExpectation):
    """The expectation that a query gives no row; unlike its parent it only counts, and so runs the query once."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        count = metrics["unexpected_rows_query.row_count"]
        return {"success": count == 0, "result": {"observed_value": count}}


class ExpectNoRowsByName(ExpectNoRows):
    """The expectation that a query of names gives no row; its result holds the first of them."""

    metric_dependencies: ClassVar[tuple[str, ...]] = (
        "unexpected_rows_query.row_count",
        "unexpected_rows_query.table",
    )

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        answer = super()._validate(metrics)
        rows = metrics["unexpected_rows_query.table"][:NAMES_TOLD]
        answer["result"][NAMES] = [" ".join(row["name"].split()) for row in rows if row["name"] is not None]
        return answer


def no_rows(rule: str, query: str, severity: Severity, explanation: str) -> ExpectNoRows:
    """An expectation, shown as `expect_no_rows(rule)`, that the query gives no row."""
    return ExpectNoRows(unexpected_rows_query=query, severity=severity, description=explanation, meta={"rule": rule})


def no_row_where(rule: str, condition: str, severity: Severity, explanation: str) -> ExpectNoRows:
    """An expectation that the condition holds of no row that is looked at."""
    query = sql.SQL("select 1 from {{batch}} where {}").format(sql.SQL(condition)).as_string()
    return no_rows(rule, query, severity, explanation)


def no_rows_by_name(rule: str, query: str, explanation: str) -> ExpectNoRowsByName:
    """A warning, shown as `expect_no_rows_by_name(rule)`, unless the query gives no row.

    Its only column `name` may be told to anybody who sees logs and pages: of schools and classes, never of students.
    """
    return _by_name(rule, NAMES_FOUND, query, explanation)


def no_rows_by_word(rule: str, query: str, explanation: str) -> ExpectNoRowsByName:
    """The same of products and types of events, whose column `word` is as it came in.

    Only the rows are told by `name` whose word looks like that of a program, and is no student's id.
    """
    return _by_name(rule, WORDS_FOUND, query, explanation)


def _by_name(rule: str, found: LiteralString, query: str, explanation: str) -> ExpectNoRowsByName:
    of_names = sql.SQL(found).format(query=sql.SQL(query)).as_string()
    return ExpectNoRowsByName(
        unexpected_rows_query=of_names, severity="warning", description=explanation, meta={"rule": rule}
    )


def no_days_after_as_of() -> ExpectNoRows:
    """Critical: a gold table by date ends with the day that it is made for."""
    condition = "calendar_date > current_setting('rollcall.as_of')::date"
    return no_row_where("after_as_of", condition, "critical", "days after as_of")


def enough_rows(table: CheckedTable) -> ExpectNoRows:
    """Critical: the table has its floor of rows, once it may read an accepted row of any of its sources."""
    query = sql.SQL(EVER_ACCEPTED).format(
        table=sql.Identifier(table.schema, table.table),
        row_floor=sql.Literal(table.row_floor),
        newest=TAKEN_IN.format(sql.Literal(table.table)) if table.schema == "silver" else sql.SQL("load_id"),
        sources=sql.SQL(", ").join(map(sql.Literal, table.sources)),
        event_sources=sql.SQL(", ").join(map(sql.Literal, EVENT_SOURCES)),
    )
    explanation = f"fewer than {table.row_floor} rows, though rows of {', '.join(table.sources)} were accepted"
    return no_rows("row_floor", query.as_string(), "critical", explanation)


def no_sudden_drop(table: str) -> ExpectNoRows:
    """Warning: the gold candidate has at least half of the rows that are published for the same or an earlier day.

    Not of a table of the last days or weeks: in the holidays of schools such a table runs empty.
    """
    query = sql.SQL(HALF_OF_PUBLISHED).format(table=sql.Literal(table))
    explanation = f"less than half of the rows that gold.{table} has now; counted are those that would go"
    return no_rows("sudden_drop", query.as_string(), "warning", explanation)


def rate(column: str) -> ExpectColumnValuesToBeBetween:
    """Critical: the values are shares from 0 to 1."""
    return ExpectColumnValuesToBeBetween(
        column=column, min_value=0, max_value=1, severity="critical", description="not a rate"
    )


def coverage(column: str) -> ExpectColumnValuesToBeBetween:
    """Warning: the values are shares from 0 to 1 of those who are enrolled."""
    return ExpectColumnValuesToBeBetween(
        column=column,
        min_value=0,
        max_value=1,
        severity="warning",
        description=f"{column} is above 1: students have records who are not enrolled",
    )


def percentage(column: str) -> ExpectColumnValuesToBeBetween:
    """Critical: the values are percentages from 0 to 100."""
    return ExpectColumnValuesToBeBetween(
        column=column, min_value=0, max_value=100, severity="critical", description="not a percentage"
    )


def assessments_of_silver() -> ExpectNoRows:
    """Critical: the assessments of a gold table by class are those of silver."""
    explanation = "assessments of gold and of silver differ by that many"
    return no_rows("assessments_of_silver", ASSESSMENTS_OF_SILVER, "critical", explanation)
