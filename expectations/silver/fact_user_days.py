"""What must hold of the days of users by source, beside the events that they are made of."""

from expectations.gx.event_rules import DailySum, sums_as_facts
from expectations.gx.rules import no_rows
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="fact_user_days",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    columns=("calendar_date",),
    expectations=(
        sums_as_facts(DailySum("fact_user_days", day="calendar_date", count="events", rows="source = 'all'")),
        no_rows(
            "sources_of_all",
            """
            select 1 from silver.fact_user_days
            where calendar_date between (select max(calendar_date) - 1 from {batch})
            and (select max(calendar_date) from {batch})
            group by user_id, calendar_date
            having sum(events) filter (where source = 'all') is distinct from sum(events) filter (where source <> 'all')
            """,
            "critical",
            "days of users whose row for all sources is not the sum of the others: run with full_refresh",
        ),
    ),
)
