"""What must hold of the candidate for content_mastery_trends."""

from expectations.gx.event_rules import no_row_where
from expectations.gx.rules import no_days_after_as_of, no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="content_mastery_trends",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        no_days_after_as_of(),
        no_row_where(
            "shares",
            "(avg_current_mastery between 0 and 1 and avg_confidence between 0.5 and 1"
            " and avg_mastery_change between -1 and 1 and learners_affected >= 1) is not true",
            "critical",
            "mastery is not from 0 to 1, its change not from -1 to 1, confidence not from 0.5 to 1, or it is of nobody",
        ),
        no_sudden_drop("content_mastery_trends"),
    ),
)
