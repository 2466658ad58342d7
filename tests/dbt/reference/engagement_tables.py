"""The tables of engagement and growth, made of the learning events."""

from __future__ import annotations

from datetime import date

from tests.dbt.reference import (
    engagement_contents,
    engagement_daily,
    engagement_days,
    engagement_funnel,
    engagement_growth,
    engagement_miles,
    engagement_retention,
    engagement_users,
)
from tests.dbt.reference.bronze import Rows
from tests.dbt.reference.engagement_periods import active_days, end_of, user_periods

Tables = dict[str, Rows]


def engagement_silver(events: Rows, user_days: Rows) -> Tables:
    """Of the rows of fact_learning_events and fact_user_days."""
    return {
        "user_periods": user_periods(user_days),
        "user_day_places": engagement_days.user_day_places(events),
        "fact_milestones": engagement_days.fact_milestones(events),
        "miles_days": engagement_days.miles_days(events),
    }


def engagement_gold(made: Tables, as_of: date, zone: str) -> Tables:
    """`made`: what silver makes of the events up to as_of."""
    return {**growth(made, as_of), **funnels(made, as_of, zone), **of_users(made, as_of)}


def growth(made: Tables, as_of: date) -> Tables:
    active = active_days(made["fact_user_days"])
    everyone = active["all"]
    accounting = engagement_growth.growth_accounting(active, as_of)
    return {
        "growth_accounting": accounting,
        "quick_ratio_analysis": engagement_growth.quick_ratio_analysis(accounting),
        "daily_engagement": engagement_daily.daily_engagement(made["fact_user_days"], active, as_of),
        "retention_cohorts": engagement_retention.retention_cohorts(everyone, as_of),
        "retention_milestones": engagement_retention.retention_milestones(everyone, as_of),
        "retention_quality": engagement_daily.retention_quality(everyone, as_of),
        "user_resurrection": engagement_daily.user_resurrection(everyone, as_of),
        "activity_streaks": engagement_daily.activity_streaks(everyone, as_of),
    }


def funnels(made: Tables, as_of: date, zone: str) -> Tables:
    events, milestones, places = (made[name] for name in ("fact_learning_events", "fact_milestones", "user_day_places"))
    everyone, end = active_days(made["fact_user_days"])["all"], end_of(as_of, zone)
    return {
        "regional_activity": engagement_contents.regional_activity(places, as_of),
        "regional_activity_dach": engagement_contents.regional_activity_dach(places, as_of),
        "content_completion": engagement_contents.content_completion(events),
        "session_drop_off": engagement_contents.session_drop_off(made["session_metrics"], end),
        "onboarding_funnel": engagement_funnel.onboarding_funnel(milestones, as_of),
        "experiment_results": engagement_funnel.experiment_results(milestones, events, end),
        "feature_adoption": engagement_contents.feature_adoption(milestones, everyone, as_of),
    }


def of_users(made: Tables, as_of: date) -> Tables:
    user_days = [row for row in made["fact_user_days"] if row["source"] == "all"]
    miles = made["miles_days"]
    return {
        "user_lifecycle": engagement_users.user_lifecycle(user_days, as_of),
        "miles_analytics": engagement_miles.miles_analytics(miles, as_of),
        "miles_by_category": engagement_miles.miles_by_category(miles, as_of),
        "users_with_negative_miles": engagement_miles.users_with_negative_miles(miles),
        "growth_drivers": engagement_miles.growth_drivers(user_days, made["user_day_places"], as_of),
        "user_segments": engagement_users.user_segments(user_days, as_of),
        "churn_signals": engagement_users.churn_signals(user_days, made["fact_milestones"], as_of),
    }
