"""What is plausible of new platform events."""

from expectations.gx.event_rules import behind_the_horizon, in_sessions, not_at_midnight
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="bronze",
    table="platform_events",
    sources=("platform_events",),
    new_rows_by="_load_id",
    columns=("timestamp", "session_id"),
    expectations=(behind_the_horizon("timestamp"), in_sessions(), not_at_midnight("timestamp")),
)
