"""What must hold of the candidate for session_drop_off."""

from expectations.gx.rules import no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="session_drop_off",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(no_sudden_drop("session_drop_off"),),
)
