"""What must hold of the candidate for retention_milestones."""

from expectations.gx.rules import no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="retention_milestones",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(no_sudden_drop("retention_milestones"),),
)
