"""Gold about learning: progress, mastery, products, sessions."""

from __future__ import annotations

import pandas as pd

from include.analytics.reading import DEFAULT_LIMIT, read

STUDENT_PROGRESS = """
    select
        school_id,
        count(*) as students,
        count(*) filter (where progress_status = 'on_track') as on_track,
        count(*) filter (where progress_status = 'needs_support') as needs_support,
        count(*) filter (where progress_status = 'at_risk') as at_risk,
        count(*) filter (where progress_status = 'not_started') as not_started,
        sum(units_attempted)::bigint as units_attempted,
        sum(units_mastered)::bigint as units_mastered,
        round(sum(units_mastered)::numeric / nullif(sum(units_attempted), 0), 4) as mastery_rate,
        count(*) filter (where days_active_last_7 > 0) as active_last_7
    from gold.mart_student_progress
    group by school_id
    order by school_id
"""
CURRENT_SESSIONS = """
    select source, count(*) as sessions, count(distinct learner_id) as learners
    from gold.current_sessions
    group by source
    order by source
"""
MASTERY_TRENDS = """
    select
        calendar_date,
        count(*) as contents,
        sum(learners_affected)::bigint as learners_affected,
        round(sum(avg_mastery_change * learners_affected) / sum(learners_affected), 4) as avg_mastery_change,
        round(sum(avg_current_mastery * learners_affected) / sum(learners_affected), 4) as avg_current_mastery
    from gold.content_mastery_trends
    group by calendar_date
    order by calendar_date desc
    limit %(limit)s
"""


def show_student_progress() -> pd.DataFrame:
    """Students of each school by how far they have come in the learning products; rates are 0..1."""
    return read(STUDENT_PROGRESS)


def show_products() -> pd.DataFrame:
    """The learning products by their events of the last 30 days."""
    return read("select * from gold.mart_product_rank order by rank, product_name")


def show_current_sessions() -> pd.DataFrame:
    """How many sessions were going on when as_of ended, by source; empty as of a day that is not over."""
    return read(CURRENT_SESSIONS)


def show_mastery_trends(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """How mastery changed, of all contents together, newest day first. A learner counts once for each content."""
    return read(MASTERY_TRENDS, limit=limit)


def show_activation(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """How many of the users who were first active in a month have completed a lesson, newest month first."""
    return read(
        "select * from gold.activation_by_cohort order by month_start desc, school_id limit %(limit)s", limit=limit
    )
