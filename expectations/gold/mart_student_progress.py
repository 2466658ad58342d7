"""What must hold of the candidate for mart_student_progress, beside silver."""

from expectations.gx.rules import no_rows, no_sudden_drop, rate
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="mart_student_progress",
    sources=("students", *EVENT_SOURCES),
    row_floor=0,
    expectations=(
        rate("mastery_rate"),
        no_rows(
            "current_students_of_silver",
            """
            select 1 from {batch} as gold
            full join (
                select student_id from silver.dim_student_versions
                where valid_from <= current_setting('rollcall.as_of')::date
                and valid_to > current_setting('rollcall.as_of')::date
            ) as silver using (student_id)
            where gold.student_id is null or silver.student_id is null
            """,
            "critical",
            "students of as_of are missing, or there are others than those",
        ),
        no_sudden_drop("mart_student_progress"),
    ),
)
