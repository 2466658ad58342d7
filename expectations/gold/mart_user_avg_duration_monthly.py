"""What must hold of the candidate for mart_user_avg_duration_monthly."""

from expectations.gx.rules import no_row_where, no_sudden_drop
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="mart_user_avg_duration_monthly",
    sources=("product_events",),
    row_floor=0,
    expectations=(
        no_row_where(
            "more_than_a_month",
            "max_duration_seconds > 31 * 86400",
            "critical",
            "months with events of one user further apart than a month is long",
        ),
        no_sudden_drop("mart_user_avg_duration_monthly"),
    ),
)
