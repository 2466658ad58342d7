"""What must hold of the months of users by product, beside the product events that they are made of."""

from psycopg import sql

from expectations.gx.event_rules import HORIZON, up_to_date
from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

AS_FACTS = sql.SQL("""
select generate_series(1, abs(summed.events - facts.events))
from (select max(month_start) as month_start from {{batch}}) as newest
cross join lateral (
    select coalesce(sum(event_count), 0)::bigint as events from silver.product_user_months as month
    where month.month_start = newest.month_start
) as summed
cross join lateral (
    select count(*) as events from silver.fact_learning_events
    where source = 'product_events'
    and event_date >= newest.month_start and event_date < newest.month_start + interval '1 month'
) as facts
where newest.month_start >= {horizon} and {up_to_date}
""").format(horizon=HORIZON, up_to_date=up_to_date(["product_user_months"], "fact_learning_events"))

TABLE = CheckedTable(
    schema="silver",
    table="product_user_months",
    sources=("product_events",),
    new_rows_by="_load_id",
    columns=("month_start",),
    expectations=(
        no_rows(
            "events_of_facts",
            AS_FACTS.as_string(),
            "critical",
            "events of the newest month differ by that many from the facts: run with full_refresh",
        ),
    ),
)
