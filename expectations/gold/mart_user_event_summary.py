"""What must hold of the view mart_user_event_summary, beside the table that it is on."""

from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="mart_user_event_summary",
    sources=("product_events",),
    row_floor=0,
    expectations=(
        no_rows(
            "events_of_the_week",
            """
            select 1
            from (select sum(event_count) as events from {batch}) as summary
            cross join (
                select sum(event_count) as events from gold_candidate.mart_user_product_activity_weekly
            ) as weekly
            where summary.events is distinct from weekly.events
            """,
            "critical",
            "events are not those of mart_user_product_activity_weekly",
        ),
    ),
)
