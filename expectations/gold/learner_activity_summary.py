"""What must hold of the candidate for learner_activity_summary, beside silver."""

from expectations.gx.event_rules import events_of_silver
from expectations.gx.rules import no_row_where
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="learner_activity_summary",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        events_of_silver(
            "learner_activity_summary",
            "daily_events",
            """
            select coalesce(sum(total_events), 0)::bigint as events from silver.minute_metrics
            where partition_date > current_setting('rollcall.as_of')::date - 90
            and partition_date <= current_setting('rollcall.as_of')::date
            """,
            read="minute_metrics",
        ),
        no_row_where(
            "more_than_a_day",
            "hours_spent > 24",
            "warning",
            "days on which a learner spent more than 24 hours: in several sessions at once, or is an account shared?",
        ),
    ),
)
