"""What is plausible of the students as they came in."""

from great_expectations.expectations import (
    ExpectColumnValuesToBeBetween,
    ExpectColumnValuesToBeInSet,
    ExpectColumnValuesToMatchRegex,
)

from expectations.gx.rules import no_row_where
from expectations.table import CheckedTable

ENROLLMENT_STATUSES = ["ACTIVE", "INACTIVE", "DROPPED", "SUSPENDED", "GRADUATED", "TRANSFERRED"]

TABLE = CheckedTable(
    schema="bronze",
    table="students",
    sources=("students",),
    expectations=(
        ExpectColumnValuesToMatchRegex(
            column="class_id", regex="^CLASS-[0-9]+$", severity="warning", description="class_id is unlike CLASS-01"
        ),
        ExpectColumnValuesToBeInSet(
            column="enrollment_status",
            value_set=ENROLLMENT_STATUSES,
            severity="warning",
            description="enrollment_status is none of the known ones: such students do not count as active",
        ),
        ExpectColumnValuesToBeBetween(
            column="grade_level",
            min_value=1,
            max_value=13,
            severity="warning",
            description="grade_level is not from 1 to 13",
        ),
        no_row_where(
            "updated_in_the_future",
            "updated_at > _ingested_at + interval '1 day'",
            "warning",
            "updated_at lies after the day the row came in: until then no correction can win over it",
        ),
    ),
)
