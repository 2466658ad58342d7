"""What must hold of the attempts by which mastery is judged, beside the events that they are."""

from expectations.gx.event_rules import DailySum, sums_as_facts
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="mastery_attempts",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    row_floor=0,
    expectations=(
        sums_as_facts(
            DailySum(
                "mastery_attempts",
                day="partition_date",
                count="1",
                facts="event_type = 'assessment_complete' and content_id is not null"
                " and score between 0 and coalesce(max_score, 100) and coalesce(max_score, 100) > 0",
            )
        ),
    ),
)
