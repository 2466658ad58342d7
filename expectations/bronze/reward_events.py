"""What is plausible of new reward events."""

from expectations.gx.event_rules import behind_the_horizon, not_at_midnight
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="bronze",
    table="reward_events",
    sources=("reward_events",),
    new_rows_by="_load_id",
    columns=("event_time",),
    expectations=(behind_the_horizon("event_time"), not_at_midnight("event_time")),
)
