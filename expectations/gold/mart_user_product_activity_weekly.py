"""What must hold of the candidate for mart_user_product_activity_weekly, beside silver."""

from expectations.gx.event_rules import events_of_silver
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="mart_user_product_activity_weekly",
    sources=("product_events",),
    row_floor=0,
    expectations=(
        events_of_silver(
            "mart_user_product_activity_weekly",
            "event_count",
            """
            select count(*) as events from silver.fact_product_events
            where event_date > current_setting('rollcall.as_of')::date - 7
            and event_date <= current_setting('rollcall.as_of')::date
            """,
            read="fact_product_events",
            dimensions=("dim_products",),
        ),
    ),
)
