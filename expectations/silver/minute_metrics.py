"""What must hold of the minutes of learners, beside the events that they are made of."""

from expectations.gx.event_rules import DailySum, sums_as_facts
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="minute_metrics",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    columns=("partition_date",),
    expectations=(sums_as_facts(DailySum("minute_metrics", day="partition_date")),),
)
