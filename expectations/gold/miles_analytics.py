"""What is plausible of the candidate for miles_analytics."""

from expectations.gx.rules import no_rows, no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="miles_analytics",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        no_rows(
            "miles_of_ten_days",
            """
            select 1 from (
                select
                    max(users_earning) filter (where calendar_date = as_of) as users_earning,
                    max(miles_earned) filter (where calendar_date = as_of) as miles_earned,
                    avg(miles_earned) filter (where calendar_date < as_of and miles_earned > 0) as usual_miles
                from {batch}
                cross join (select current_setting('rollcall.as_of')::date as as_of) as report
                where calendar_date >= as_of - 28
            ) as last_days
            where users_earning >= 20 and miles_earned > 10 * usual_miles
            """,
            "warning",
            "more than ten times the miles of a usual day were earned on as_of: has their unit changed?",
        ),
        no_sudden_drop("miles_analytics"),
    ),
)
