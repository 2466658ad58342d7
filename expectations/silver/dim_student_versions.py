"""What is plausible of the versions of students."""

from expectations.gx.rules import no_row_where, no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="dim_student_versions",
    sources=("students",),
    expectations=(
        no_row_where(
            "empty_interval",
            "(valid_from < valid_to) is not true",
            "critical",
            "valid_from is not before valid_to: the version holds on no day",
        ),
        no_rows(
            "restless_students",
            "select 1 from {batch} group by student_id having count(*) > 50",
            "warning",
            "students with more than 50 versions: the roster flips between values",
        ),
    ),
)
