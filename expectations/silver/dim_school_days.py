"""What is plausible of the calendars of the schools."""

from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="dim_school_days",
    sources=("attendance", "assessments", "school_days"),
    expectations=(
        no_rows(
            "unlikely_calendars",
            """
            select 1 from {batch}
            inner join silver.dim_dates using (calendar_date)
            group by school_id, school_year
            having count(*) filter (where is_school_day) not between 100 and 230
            and not bool_and(coalesce(day_type, '') in ('weekday', 'weekend', 'holiday'))
            """,
            "warning",
            "school years of schools whose calendar has fewer than 100 or more than 230 school days: is it whole?",
        ),
    ),
)
