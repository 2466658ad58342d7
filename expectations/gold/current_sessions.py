"""What must hold of the candidate for current_sessions."""

from expectations.gx.rules import no_row_where, percentage, rate
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="current_sessions",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        rate("completion_rate"),
        percentage("avg_assessment_score"),
        no_row_where("negative_duration", "duration_seconds < 0", "critical", "sessions that end before they begin"),
    ),
)
