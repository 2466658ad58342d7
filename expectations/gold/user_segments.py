"""What must hold of the candidate for user_segments."""

from expectations.gx.rules import no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="user_segments",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(no_sudden_drop("user_segments"),),
)
