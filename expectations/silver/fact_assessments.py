"""What is plausible of new assessment facts, beside the records of bronze."""

from great_expectations.expectations import ExpectColumnValuesToBeBetween, ExpectColumnValuesToBeInSet

from expectations.gx.rules import no_row_where, no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="fact_assessments",
    sources=("assessments",),
    new_rows_by="_load_id",
    expectations=(
        ExpectColumnValuesToBeInSet(
            column="is_orphan",
            value_set=[False],
            severity="warning",
            description="records of unknown students: kept, left out of gold until the student arrives",
        ),
        ExpectColumnValuesToBeBetween(
            column="score_percentage",
            min_value=0,
            max_value=100,
            severity="critical",
            description="score_percentage is not from 0 to 100",
        ),
        no_row_where(
            "inside_presence_gap",
            "not is_orphan and class_id is null",
            "warning",
            "records on days on which the student was missing from the roster: left out of class and school tables",
        ),
        no_rows(
            "lost_records",
            """
            select 1 from bronze.assessments as taken
            where taken._load_id between (select min(_load_id) from {batch}) and (select max(_load_id) from {batch})
            and not exists (
                select from silver.fact_assessments as fact where fact.assessment_id = taken.assessment_id
            )
            """,
            "critical",
            "records of bronze, of loads that silver has taken in, have no fact",
        ),
    ),
)
