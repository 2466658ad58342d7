"""What must hold of the days of users, beside the events that they are made of."""

from expectations.gx.event_rules import DailySum, sums_as_facts
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="fact_student_activity",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    columns=("calendar_date",),
    expectations=(sums_as_facts(DailySum("fact_student_activity", day="calendar_date")),),
)
