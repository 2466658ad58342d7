"""What is plausible of the schools as they came in."""

from expectations.gx.rules import no_row_where, no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="bronze",
    table="schools",
    sources=("schools",),
    expectations=(
        no_row_where(
            "without_students",
            "student_count = 0 and _missing_since is null",
            "warning",
            "student_count is 0: a school that is closed should not be in the file, and one that is open has students",
        ),
        no_rows(
            "one_name_twice",
            """
            select 1 from {batch} where _missing_since is null
            group by lower(district), lower(school_name) having count(*) > 1
            """,
            "warning",
            "names that several schools of one district share: is it one school with two ids?",
        ),
        no_row_where(
            "updated_in_the_future",
            "updated_at > _ingested_at + interval '1 day'",
            "warning",
            "updated_at lies after the day the row came in: until then no correction can win over it",
        ),
    ),
)
