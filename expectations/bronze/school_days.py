"""What is plausible of the school calendars as they came in."""

from expectations.gx.rules import no_row_where, no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="bronze",
    table="school_days",
    sources=("school_days",),
    expectations=(
        no_rows(
            "weekend_share",
            """
            select 1 from {batch}
            where is_school_day and extract(isodow from calendar_date) >= 6
            and (select avg((extract(isodow from calendar_date) >= 6)::int) > 0.05 from {batch} where is_school_day)
            """,
            "warning",
            "more than 5 % of the school days fall on a Saturday or Sunday",
        ),
        no_rows(
            "without_school_days",
            "select 1 from {batch} where _missing_since is null group by school_id having not bool_or(is_school_day)",
            "warning",
            "schools that have a calendar and no school day in it",
        ),
        no_rows(
            "far_off_days",
            """
            select 1 from {batch}
            where calendar_date < '2000-01-01' or calendar_date > _ingested_at::date + interval '2 years'
            """,
            "warning",
            "calendar_date lies before 2000, or more than two years after the row came in (five: not in silver)",
        ),
        no_rows(
            "unknown_schools",
            """
            select 1 from (select distinct school_id from {batch} where _missing_since is null) as with_days
            where exists (select from bronze.schools)
            and not exists (select from bronze.schools where schools.school_id = with_days.school_id)
            """,
            "warning",
            "schools that have a calendar and are not in bronze.schools",
        ),
        no_row_where(
            "updated_in_the_future",
            "updated_at > _ingested_at + interval '1 day'",
            "warning",
            "updated_at lies after the day the row came in: until then no correction can win over it",
        ),
    ),
)
