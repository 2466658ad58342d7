"""What must hold of the candidate for content_completion."""

from expectations.gx.rules import no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="content_completion",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(no_sudden_drop("content_completion"),),
)
