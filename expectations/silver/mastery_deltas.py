"""What must hold of the changes of mastery."""

from expectations.gx.event_rules import no_row_where
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="mastery_deltas",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    row_floor=0,
    expectations=(
        no_row_where(
            "share",
            "(current_mastery between 0 and 1) is not true or (previous_mastery between 0 and 1) is false",
            "critical",
            "mastery is not from 0 to 1",
        ),
        no_row_where(
            "mastery_delta_of_both",
            "mastery_delta is distinct from current_mastery - coalesce(previous_mastery, 0)"
            " or previous_mastery = current_mastery",
            "critical",
            "the change is not that from the mastery before to the present one, or there is none",
        ),
        no_row_where(
            "confidence_score",
            "(confidence_score between 0.5 and 1) is not true",
            "critical",
            "confidence_score is not from 0.5 to 1",
        ),
    ),
)
