"""What must hold of the candidate for mart_user_product_activity_weekly, beside silver."""

from expectations.gx.event_rules import events_of_silver, no_row_where
from expectations.gx.rules import no_sudden_drop
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="mart_user_product_activity_weekly",
    sources=("product_events",),
    row_floor=0,
    expectations=(
        no_row_where(
            "outside_the_week",
            "first_event_date <= current_setting('rollcall.as_of')::date - 7 or last_event_date < first_event_date"
            " or last_event_date > current_setting('rollcall.as_of')::date",
            "critical",
            "events before the seven days up to as_of, or after them",
        ),
        no_row_where(
            "active_by_events",
            "is_active_user is distinct from (event_count > 5)",
            "critical",
            "is_active_user does not go by event_count",
        ),
        events_of_silver(
            "mart_user_product_activity_weekly",
            "event_count",
            """
            select count(*) as events from silver.fact_product_events
            where event_date > current_setting('rollcall.as_of')::date - 7
            and event_date <= current_setting('rollcall.as_of')::date
            """,
            read="fact_product_events",
        ),
        no_sudden_drop("mart_user_product_activity_weekly"),
    ),
)
