"""What must hold of the candidate for class_summary, beside silver."""

from great_expectations.expectations import (
    ExpectColumnPairValuesAToBeGreaterThanB,
    ExpectColumnValuesToBeBetween,
)

from expectations.gx.rules import no_rows, no_sudden_drop
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="class_summary",
    sources=("students",),
    row_floor=0,
    expectations=(
        ExpectColumnValuesToBeBetween(
            column="attendance_rate", min_value=0, max_value=1, severity="critical", description="not a rate"
        ),
        ExpectColumnValuesToBeBetween(
            column="avg_score", min_value=0, max_value=100, severity="critical", description="not a percentage"
        ),
        ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="total_students",
            column_B="active_students",
            or_equal=True,
            severity="critical",
            description="more active students than students",
        ),
        no_rows(
            "students_counted_twice",
            """
            select generate_series(1, gold.students - silver.students)
            from (select coalesce(sum(total_students), 0)::bigint as students from {batch}) as gold
            cross join (select count(*) as students from silver.dim_students) as silver
            """,
            "critical",
            "the classes together have that many students more than there are",
        ),
        no_rows(
            "assessments_of_silver",
            """
            select generate_series(1, abs(gold.assessments - silver.assessments))
            from (select coalesce(sum(assessment_count), 0)::bigint as assessments from {batch}) as gold
            cross join (
                select count(*) as assessments from silver.fact_assessments
                where not is_orphan and class_id is not null
                and assessment_date <= current_setting('rollcall.as_of')::date
            ) as silver
            """,
            "critical",
            "assessments of gold and of silver differ by that many",
        ),
        no_sudden_drop("class_summary"),
    ),
)
