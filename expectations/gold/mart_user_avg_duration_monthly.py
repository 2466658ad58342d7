"""What must hold of the candidate for mart_user_avg_duration_monthly."""

from expectations.gx.event_rules import no_row_where
from expectations.gx.rules import no_sudden_drop
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="mart_user_avg_duration_monthly",
    sources=("product_events",),
    row_floor=0,
    expectations=(
        no_row_where(
            "order_of_durations",
            "users > 0 and (0 <= min_duration_seconds and avg_duration_seconds"
            " between min_duration_seconds and max_duration_seconds) is not true",
            "critical",
            "the mean is not between the least and the most, or the least is below 0",
        ),
        no_row_where(
            "more_than_a_month",
            "max_duration_seconds > 31 * 86400 or month_start > current_setting('rollcall.as_of')::date",
            "critical",
            "months after as_of, or with events further apart than a month is long",
        ),
        no_sudden_drop("mart_user_avg_duration_monthly"),
    ),
)
