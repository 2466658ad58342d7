"""What must hold of the days of users in units."""

from expectations.gx.event_rules import no_row_where
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="progress_days",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    row_floor=0,
    expectations=(
        no_row_where(
            "parts_of_a_whole",
            "problems_correct > problems_judged or problems_judged > attempts or attempts < 1",
            "critical",
            "no attempt, or more problems correct than judged or tried",
        ),
        no_row_where("share", "best_score not between 0 and 1", "critical", "the best score is not from 0 to 1"),
    ),
)
