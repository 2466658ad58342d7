"""What is plausible of new attendance records."""

from expectations.gx.rules import no_row_where, no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="bronze",
    table="attendance",
    sources=("attendance",),
    new_rows_by="_load_id",
    expectations=(
        no_row_where(
            "recorded_before_the_day",
            "attendance_date > created_at::date + 2",
            "warning",
            "attendance_date lies more than two days after the record was made",
        ),
        no_rows(
            "weekend_share",
            """
            select 1 from {batch}
            where extract(isodow from attendance_date) >= 6
            and (select avg((extract(isodow from attendance_date) >= 6)::int) from {batch}) > 0.05
            """,
            "warning",
            "more than 5 % of the new records fall on a Saturday or Sunday",
        ),
        no_rows(
            "absent_share",
            """
            select 1 from {batch}
            where status = 'ABSENT'
            and (select count(*) >= 20 and avg((status = 'ABSENT')::int) > 0.5 from {batch})
            """,
            "warning",
            "more than half of the new records say ABSENT",
        ),
    ),
)
