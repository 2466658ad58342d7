"""What is plausible of the students of silver, beside those of bronze."""

from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="dim_students",
    sources=("students",),
    expectations=(
        no_rows(
            "most_students_lost",
            """
            select generate_series(1, bronze.row_count - silver.row_count)
            from (select count(*) as row_count from bronze.students) as bronze
            cross join (select count(*) as row_count from {batch}) as silver
            where 2 * silver.row_count < bronze.row_count
            """,
            "critical",
            "silver has less than half of the students of bronze; counted are the missing ones",
        ),
        no_rows(
            "students_not_in_silver",
            """
            select 1 from (
                select student_id from bronze.students
                except
                select student_id from {batch}
            ) as missing
            """,
            "warning",
            "students of bronze are not in silver: loaded since silver was built, or lost",
        ),
    ),
)
