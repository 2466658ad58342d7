"""What must hold of the candidate for feature_adoption."""

from expectations.gx.rules import no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="feature_adoption",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(no_sudden_drop("feature_adoption"),),
)
