"""Gold about engagement and growth: who is active, who stays, and what makes them stay. Of all sources together."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from include.analytics.reading import DEFAULT_LIMIT, read

DAILY_ENGAGEMENT = """
    select * from gold.daily_engagement
    where source = 'all'
    order by calendar_date desc
    limit %(limit)s
"""
GROWTH_ACCOUNTING = """
    select * from gold.growth_accounting
    where source = 'all' and period = %(period)s
    order by period_start desc
    limit %(limit)s
"""
RETENTION_CURVE = """
    select
        period_number,
        sum(cohort_size)::bigint as cohort_size,
        sum(users_active)::bigint as users_active,
        round(sum(users_active)::numeric / nullif(sum(cohort_size), 0), 4) as retention_rate
    from gold.retention_cohorts
    where cohort_period = 'day' and is_complete
    group by period_number
    order by period_number
"""
SEGMENTS = """
    select segment, count(*) as users, round(count(*) / sum(count(*)) over (), 4) as share
    from gold.user_segments
    group by segment
    order by
        array_position(array['highly_engaged', 'at_risk', 'casual', 'dormant'], segment) nulls last,
        segment collate "C"
"""
CONTENT_COMPLETION = """
    select * from gold.content_completion
    order by started desc, content_id collate "C", content_type collate "C", platform collate "C"
    limit %(limit)s
"""
COMPLETION_BY_TYPE = """
    select
        content_type,
        platform,
        count(*) as contents,
        sum(started)::bigint as started,
        sum(finished)::bigint as finished,
        round(sum(finished)::numeric / nullif(sum(started), 0), 4) as completion_rate
    from gold.content_completion
    group by content_type, platform
    order by sum(started) desc, content_type collate "C", platform collate "C"
"""
REGIONS = """
    select
        country,
        platform,
        bool_or(is_dach) as is_dach,
        sum(users)::bigint as user_days,
        sum(learners)::bigint as learner_days,
        sum(completions)::bigint as completions
    from gold.regional_activity
    where calendar_date > (select max(calendar_date) - 30 from gold.regional_activity)
    group by country, platform
    having sum(users) > 0
    order by sum(users) desc, country collate "C", platform collate "C"
"""
ONBOARDING = """
    select
        step_number,
        step,
        sum(users)::bigint as users,
        round(sum(users) / nullif(sum(sum(users)) filter (where step_number = 1) over (), 0), 4) as share_of_first
    from gold.onboarding_funnel
    group by step_number, step
    order by step_number
"""


def show_daily_engagement(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """Active users of each day and of the days up to it, newest first: DAU, WAU, MAU, stickiness (0..1), sessions."""
    return read(DAILY_ENGAGEMENT, limit=limit)


def show_growth_accounting(
    period: Literal["day", "week", "month"] = "month", limit: int | None = DEFAULT_LIMIT
) -> pd.DataFrame:
    """New, retained, resurrected and churned users of each period, newest first. Identities: active = new + retained +
    resurrected, previous = retained + churned.
    """
    return read(GROWTH_ACCOUNTING, limit=limit, period=period)


def show_quick_ratio(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """(New + resurrected) / churned users of each complete month, newest first, with its alert level and advice."""
    return read("select * from gold.quick_ratio_analysis order by month_start desc limit %(limit)s", limit=limit)


def show_retention_curve() -> pd.DataFrame:
    """The share (0..1) of users that were active again n days after their first active day, n = `period_number`.

    Of all cohorts that have come that far by as_of, by their sizes.
    """
    return read(RETENTION_CURVE)


def show_retention_milestones() -> pd.DataFrame:
    """Classic, rolling and cumulative retention (0..1) on days 1, 7, 30 and 90, of all users together."""
    return read("select * from gold.retention_milestones where cohort_month is null order by n")


def show_miles(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """Miles earned and redeemed by day, newest first, with their averages of 7 days and all that is outstanding."""
    return read("select * from gold.miles_analytics order by calendar_date desc limit %(limit)s", limit=limit)


def show_segments() -> pd.DataFrame:
    """How many users there are in each segment, and their share (0..1) of all."""
    return read(SEGMENTS)


def show_content_completion(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """Users who started and finished each content, by platform, most started first; the rate is 0..1."""
    return read(CONTENT_COMPLETION, limit=limit)


def show_completion_by_type() -> pd.DataFrame:
    """The same by type of content: a user counts once for each content that he started."""
    return read(COMPLETION_BY_TYPE)


def show_regions() -> pd.DataFrame:
    """Active users of each day of the newest 30, added up by country and platform, the most active first."""
    return read(REGIONS)


def show_dach_mobile() -> pd.DataFrame:
    """Distinct users, learners and completions on mobile in Germany, Austria and Switzerland in the last 30 days."""
    return read("select * from gold.regional_activity_dach")


def show_onboarding() -> pd.DataFrame:
    """Users who have taken each step after the one before it, of all cohorts together; the share is 0..1."""
    return read(ONBOARDING)


def show_experiments() -> pd.DataFrame:
    """Each variant of each experiment: users, conversions within 7 days, lift against `control`, interval, p-value."""
    return read('select * from gold.experiment_results order by experiment collate "C", variant collate "C"')
