"""What must hold of the star of product events, beside the events that it is of."""

from expectations.gx.event_rules import DailySum, sums_as_facts
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="fact_product_events",
    sources=("product_events",),
    new_rows_by="_load_id",
    columns=("event_date",),
    expectations=(
        sums_as_facts(DailySum("fact_product_events", day="event_date", count="1", facts="source = 'product_events'")),
    ),
)
