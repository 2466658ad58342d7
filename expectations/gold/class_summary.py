"""What must hold of the candidate for class_summary, beside silver."""

from great_expectations.expectations import ExpectColumnPairValuesAToBeGreaterThanB

from expectations.gx.rules import assessments_of_silver, no_rows, no_sudden_drop, percentage, rate
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="class_summary",
    sources=("students",),
    row_floor=0,
    expectations=(
        rate("attendance_rate"),
        percentage("avg_score"),
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
        assessments_of_silver(),
        no_sudden_drop("class_summary"),
    ),
)
