"""What is plausible of the learning units as they came in."""

from great_expectations.expectations import ExpectColumnValuesToBeBetween

from expectations.gx.rules import no_row_where, no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="bronze",
    table="learning_units",
    sources=("learning_units",),
    expectations=(
        ExpectColumnValuesToBeBetween(
            column="grade_level",
            min_value=0,
            max_value=13,
            severity="warning",
            description="grade_level is not from 0 (kindergarten) to 13",
        ),
        no_rows(
            "one_place_twice",
            """
            select 1 from {batch} where sequence_order is not null and _missing_since is null
            group by subject, grade_level, sequence_order having count(*) > 1
            """,
            "warning",
            "places in the order of a subject and grade that several units share: which comes first is not known",
        ),
        no_row_where(
            "updated_in_the_future",
            "updated_at > _ingested_at + interval '1 day'",
            "warning",
            "updated_at lies after the day the row came in: until then no correction can win over it",
        ),
    ),
)
