"""What is plausible of new product events."""

from expectations.gx.event_rules import behind_the_horizon, not_at_midnight
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="bronze",
    table="product_events",
    sources=("product_events",),
    new_rows_by="_load_id",
    columns=("timestamp",),
    expectations=(behind_the_horizon("timestamp"), not_at_midnight("timestamp")),
)
