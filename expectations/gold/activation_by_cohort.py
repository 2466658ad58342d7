"""What must hold of the candidate for activation_by_cohort."""

from expectations.gx.rules import no_row_where, no_sudden_drop, rate
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="activation_by_cohort",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        rate("activation_rate"),
        no_row_where(
            "after_as_of",
            "month_start > current_setting('rollcall.as_of')::date",
            "critical",
            "cohorts that begin after as_of",
        ),
        no_sudden_drop("activation_by_cohort"),
    ),
)
