"""What must hold of the progress in units, day by day."""

from expectations.gx.event_rules import no_row_where
from expectations.gx.rules import rate
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="fact_learning_progress",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    row_floor=0,
    expectations=(
        rate("accuracy_rate"),
        no_row_where("share", "best_score not between 0 and 1", "critical", "the best score is not from 0 to 1"),
        no_row_where(
            "mastered_by_the_best_score",
            "is_mastered <> (mastery_status = 'mastered') or (is_mastered and coalesce(best_score, 0) < 0.79)",
            "critical",
            "called mastered by one column and not by another, or without the score for it",
        ),
    ),
)
