"""What must hold of the candidate for early_warning, beside silver."""

from expectations.gx.rules import no_rows, no_sudden_drop
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="early_warning",
    sources=("students",),
    row_floor=0,
    expectations=(
        no_rows(
            "enrolled_students_of_silver",
            """
            select 1 from (select distinct indicator from {batch}) as judged
            cross join (
                select student_id from silver.student_memberships
                where is_enrolled and member_from <= current_setting('rollcall.as_of')::date
                and member_until > current_setting('rollcall.as_of')::date
            ) as enrolled
            full join {batch} as said using (student_id, indicator)
            where said.student_id is null or enrolled.student_id is null
            """,
            "critical",
            "students and indicators are missing, or of students who are not enrolled at as_of",
        ),
        no_rows(
            "most_students_are_warned_of",
            """
            select generate_series(1, warnings) from (
                select
                    count(*) filter (where severity = 'warning') as warnings,
                    count(*) filter (where severity <> 'not_enough_data') as judged
                from {batch} group by indicator
            ) as by_indicator
            where judged >= 20 and 2 * warnings > judged
            """,
            "warning",
            "more than half of the students of an indicator are warned of: is what came in complete?",
        ),
        no_sudden_drop("early_warning"),
    ),
)
