"""What must hold of the candidate for miles_by_category."""

from expectations.gx.rules import no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="miles_by_category",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(no_sudden_drop("miles_by_category"),),
)
