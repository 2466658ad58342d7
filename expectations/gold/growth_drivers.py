"""What must hold of the candidate for growth_drivers."""

from expectations.gx.rules import no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="growth_drivers",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(no_sudden_drop("growth_drivers"),),
)
