"""What must hold of the candidate for mart_product_rank, beside silver; and which events have ceased to come."""

from expectations.gx.event_rules import events_of_silver
from expectations.gx.rules import no_rows_by_word
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="mart_product_rank",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        events_of_silver(
            "mart_product_rank",
            "event_count",
            """
            select count(*) as events from silver.fact_product_events
            where event_date > current_setting('rollcall.as_of')::date - 30
            and event_date <= current_setting('rollcall.as_of')::date
            """,
            read="fact_product_events",
            dimensions=("dim_products", "dim_verbs"),
        ),
        no_rows_by_word(
            "sudden_drop_of_events",
            """
            select
                coalesce(product, source) as word,
                coalesce(product || ' of ', '') || source || ' (' || of_day || ' events after ' || before || ')' as name
            from (
                select
                    source,
                    product,
                    count(*) filter (where event_date = current_setting('rollcall.as_of')::date) as of_day,
                    count(*) filter (where event_date < current_setting('rollcall.as_of')::date) as before
                from silver.fact_learning_events
                where event_date in (
                    current_setting('rollcall.as_of')::date, current_setting('rollcall.as_of')::date - 7
                )
                group by source, product
            ) as of_products
            cross join (select count(*) from {batch}) as products
            where before >= 100 and 2 * of_day < before
            """,
            "less than half of the events of the same day a week before, the day of the report (as_of) for these"
            " products and sources: has a file not come, or was there no school?",
        ),
    ),
)
