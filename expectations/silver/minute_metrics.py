"""What must hold of the minutes of learners, beside the events that they are made of."""

from expectations.gx.event_rules import DailySum, no_row_where, sums_as_facts
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="minute_metrics",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    columns=("partition_date", "total_events", "time_spent_seconds"),
    expectations=(
        sums_as_facts(DailySum("minute_metrics", day="partition_date")),
        no_row_where(
            "time_in_a_minute",
            "(total_events >= 1 and time_spent_seconds between 0 and 60) is not true",
            "critical",
            "minutes without an event, or with less than 0 or more than 60 seconds of time spent",
        ),
    ),
)
