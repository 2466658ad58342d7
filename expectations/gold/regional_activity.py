"""What must hold of the candidate for regional_activity."""

from expectations.gx.rules import no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="regional_activity",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(no_sudden_drop("regional_activity"),),
)
