"""The silver tables of the learning events, made of the events."""

from __future__ import annotations

from collections.abc import Sequence

from tests.dbt.reference import learning_events_activity as activity
from tests.dbt.reference import learning_events_mastery as mastery
from tests.dbt.reference import learning_events_products as products
from tests.dbt.reference import learning_events_sessions as sessions
from tests.dbt.reference.bronze import Row, Rows
from tests.dbt.reference.engagement_tables import engagement_silver


def learning_tables(
    events: Rows,
    event_types: dict[tuple[str, str], Row],
    product_names: dict[str, str],
    zone: str,
    kept_sessions: Sequence[Row] = (),
) -> dict[str, Rows]:
    """What silver makes of the rows of fact_learning_events, and these themselves; `kept_sessions` stay as they are."""
    begun = as_kept(sessions.session_metrics(events, zone), kept_sessions)
    attempts, days = mastery.mastery_attempts(events), mastery.progress_days(events)
    months, user_days = products.product_user_months(events), activity.fact_user_days(events, begun)
    return {
        "fact_learning_events": events,
        "minute_metrics": sessions.minute_metrics(events),
        "session_metrics": begun,
        "mastery_attempts": attempts,
        "mastery_deltas": mastery.mastery_deltas(attempts),
        "progress_days": days,
        "fact_learning_progress": mastery.fact_learning_progress(days),
        "fact_student_activity": activity.fact_student_activity(events),
        "fact_user_days": user_days,
        "fact_product_events": products.fact_product_events(events),
        "product_user_months": months,
        **products.dimensions(months, event_types, product_names),
        **engagement_silver(events, user_days),
    }


def as_kept(made: Rows, kept: Sequence[Row]) -> Rows:
    def key(row: Row) -> tuple[str, str, str]:
        return row["source"], row["learner_id"], row["session_id"]

    return list(({key(row): row for row in made} | {key(row): row for row in kept}).values())
