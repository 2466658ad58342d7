"""What is plausible of new assessment records."""

from expectations.gx.rules import no_row_where, no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="bronze",
    table="assessments",
    sources=("assessments",),
    new_rows_by="_load_id",
    expectations=(
        no_row_where(
            "recorded_before_the_day",
            "assessment_date > created_at::date + 2",
            "warning",
            "assessment_date lies more than two days after the record was made",
        ),
        no_rows(
            "zero_share",
            """
            select 1 from {batch}
            where score = 0 and (select count(*) >= 20 and avg((score = 0)::int) > 0.5 from {batch})
            """,
            "warning",
            "more than half of the new records have the score 0",
        ),
    ),
)
