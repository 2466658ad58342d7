"""What must hold of the candidate for mart_event_details_monthly, beside silver."""

from expectations.gx.event_rules import events_of_silver
from expectations.gx.rules import no_sudden_drop
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="mart_event_details_monthly",
    sources=("product_events",),
    row_floor=0,
    expectations=(
        # Of the month that as_of cuts, silver does not say what there was by then.
        events_of_silver(
            "mart_event_details_monthly",
            "case when make_date(year, month, 1) + interval '1 month'"
            " <= current_setting('rollcall.as_of')::date + 1 then event_count end",
            """
            select coalesce(sum(event_count), 0)::bigint as events from silver.product_user_months
            where month_start + interval '1 month' <= current_setting('rollcall.as_of')::date + 1
            """,
            read="product_user_months",
            dimensions=("dim_products",),
        ),
        no_sudden_drop("mart_event_details_monthly"),
    ),
)
