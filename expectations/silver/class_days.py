"""What must hold of the daily sums of classes, beside the facts that they are made of."""

from psycopg import sql

from expectations.gx.rules import ExpectNoRows, no_rows
from expectations.table import CheckedTable

OF_FACTS = """
select generate_series(1, abs(summed.records - facts.records))
from (select date_trunc('month', max({date}))::date as first_day from {fact}) as newest
cross join lateral (
    select coalesce(sum({count}), 0)::bigint as records
    from {{batch}} where calendar_date >= newest.first_day
) as summed
cross join lateral (
    select count(*) as records from {fact}
    where {date} >= newest.first_day and class_id is not null
) as facts
"""


def of_facts(rule: str, what: str, fact: str, date: str, count: str) -> ExpectNoRows:
    """Critical: a count of the newest month, added up, is that of its facts."""
    query = sql.SQL(OF_FACTS).format(
        fact=sql.Identifier("silver", fact), date=sql.Identifier(date), count=sql.Identifier(count)
    )
    explanation = f"{what} of the newest month differ by that many from the facts: run with full_refresh"
    return no_rows(rule, query.as_string(), "critical", explanation)


TABLE = CheckedTable(
    schema="silver",
    table="class_days",
    sources=("attendance", "assessments"),
    row_floor=0,
    expectations=(
        of_facts(
            "attendance_of_facts",
            "attendance records",
            "fact_attendance",
            "attendance_date",
            "students_with_attendance",
        ),
        of_facts("assessments_of_facts", "assessments", "fact_assessments", "assessment_date", "assessment_count"),
    ),
)
