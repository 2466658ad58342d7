"""What is plausible of new web events."""

from expectations.gx.event_rules import behind_the_horizon, in_sessions, not_at_midnight
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="bronze",
    table="web_events",
    sources=("web_events",),
    new_rows_by="_load_id",
    columns=("event_timestamp", "session_id"),
    expectations=(behind_the_horizon("event_timestamp"), in_sessions(), not_at_midnight("event_timestamp")),
)
