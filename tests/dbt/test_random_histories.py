"""The random histories reach all that is said of engagement and growth, so that comparing them proves something."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.dbt.conftest import Tables
from tests.dbt.reference.engagement_funnel import STEPS
from tests.dbt.reference.engagement_periods import active_days, end_of
from tests.dbt.world import AS_OF, CUT, ZONE

TICK, WEEK = timedelta(microseconds=1), timedelta(days=7)
GRADES = {"Excellent", "Good", "Average", "Below Average", "Poor"}

LABELS: dict[tuple[str, str], set[Any]] = {
    ("growth_accounting", "growth_quality"): {
        *("Unknown", "Declining", "Typical Consumer", "Good Consumer", "Excellent Consumer"),
    },
    # Churn that is more than half again the growth is critical already: its own warning is never given.
    ("quick_ratio_analysis", "alert_level"): {
        "CRITICAL: Quick Ratio Below 1.0",
        "WARNING: Quick Ratio Dropped Below 1.2",
        "WARNING: Quick Ratio Declined >0.3 Points",
        "OK",
    },
    ("quick_ratio_analysis", "retention_benchmark"): {None, *GRADES},
    ("quick_ratio_analysis", "quick_ratio_benchmark"): {
        *(None, "Top Tier", "Strong", "Healthy", "Concerning", "Critical"),
    },
    ("quick_ratio_analysis", "business_stage"): {"Early", "Growth", "Mature"},
    ("quick_ratio_analysis", "strategic_recommendation"): {
        "Focus on reducing churn before growth",
        "Invest heavily in user acquisition",
        "Improve product stickiness and onboarding",
        "Restart user acquisition efforts",
        "Optimize current growth strategy",
    },
    ("daily_engagement", "dau_trend_7d"): {None, "Trending Up", "Trending Down", "Stable"},
    ("retention_cohorts", "period_group"): {None, "0", "1", "2-7", "8-14", "15-30", "31-60", "61-90"},
    ("retention_quality", "health_category"): {None, *GRADES},
    ("retention_quality", "engagement_trend"): {None, "High", "Moderate", "Low"},
    ("user_resurrection", "quality"): {None, *GRADES},
    ("user_resurrection", "pattern"): {
        *("No Resurrections", "Quick Return Focus", "Long-term Recovery", "Balanced Recovery"),
    },
    ("user_lifecycle", "lifecycle_stage"): {"new", "growing", "established", "mature", "dormant"},
    ("user_lifecycle", "has_negative_balance"): {True, False},
    ("miles_analytics", "economy_health"): {"Healthy Growth", "Stable", "High Redemption", "Balanced"},
    ("growth_drivers", "social_level"): {None, "High", "Moderate", "Low"},
    ("user_segments", "segment"): {"highly_engaged", "at_risk", "casual", "dormant"},
    ("churn_signals", "signals"): {0, 1, 2, 3},
    ("onboarding_funnel", "step"): {*STEPS},
    ("experiment_results", "variant"): {"control", "large", "small"},
}
"""Of each column with words for what is so, all that the reference can say."""
COUNTED = {
    "growth_accounting": ("new_users", "retained_users", "resurrected_users", "churned_users"),
    "daily_engagement": ("dal", "sessions", "contents_started", "contents_completed"),
    "retention_milestones": ("classic_users", "rolling_users", "cumulative_users"),
    "retention_quality": (
        *("consecutive_day_users", "returning_week_users", "returning_long_gap_users", "new_users"),
        *("age_new_users", "age_growing_users", "age_established_users", "age_mature_users"),
    ),
    "user_resurrection": (
        *("short_dormancy_users", "medium_dormancy_users", "long_dormancy_users", "very_long_dormancy_users"),
    ),
    "regional_activity_dach": ("users", "learners", "completions"),
    "content_completion": ("started", "finished"),
    "onboarding_funnel": ("users", "share_of_previous", "median_hours"),
    "experiment_results": ("users_in_window", "crossover_users", "conversions", "p_value"),
    "feature_adoption": ("users", "new_adopters"),
    "growth_drivers": (
        *("earning_share", "redeeming_share", "sharing_share", "liking_share", "searching_share"),
        *("web_share", "mobile_share", "social_share"),
    ),
    "activity_streaks": ("current_streak_days",),
}
"""Columns that are more than 0 somewhere: of last steps, rare words and long holes too."""


@pytest.fixture(scope="module")
def both(expected: dict[str, Tables]) -> list[Tables]:
    """Gold as of both days."""
    return [expected["built"], expected["cut"]]


@pytest.mark.parametrize(("table", "column"), LABELS)
def test_the_random_histories_reach_every_label(both: list[Tables], table: str, column: str) -> None:
    assert {row[column] for tables in both for row in tables[table]} == LABELS[table, column]


@pytest.mark.parametrize("table", COUNTED)
def test_the_random_histories_have_something_to_count(both: list[Tables], table: str) -> None:
    empty = {name for name in COUNTED[table] if not any(row[name] for tables in both for row in tables[table])}
    assert not empty


def test_the_random_histories_have_the_holes_and_ages_at_which_words_change(expected: dict[str, Tables]) -> None:
    everyone = active_days(expected["built"]["fact_user_days"])["all"]
    holes = {(after - before).days for days in everyone.values() for before, after in pairwise(sorted(days))}
    assert {1, 2, 7, 8, 30, 31, 90, 91} <= holes
    ages = {(day - min(days)).days for days in everyone.values() for day in days}
    assert {0, 7, 8, 30, 31, 90, 91} <= ages
    eligible_since = {(as_of - min(days)).days for days in everyone.values() for as_of in (AS_OF, CUT)}
    assert {0, 1, 7, 30, 90} <= eligible_since


def test_the_random_histories_have_events_around_midnight_also_when_the_clocks_change(
    expected: dict[str, Tables],
) -> None:
    events = expected["built"]["fact_learning_events"]
    moments = {event["occurred_at"] for event in events}
    midnights = [end_of(date(2024, 9, 1) + timedelta(number), ZONE) for number in range(140)]
    assert any(midnight in moments and midnight - TICK in moments for midnight in midnights)
    # The last hour of a day of 25.
    clocks_went_back = end_of(date(2024, 11, 3), ZONE)
    assert any(clocks_went_back - timedelta(hours=1) <= moment < clocks_went_back for moment in moments)


def test_the_random_histories_convert_exactly_at_both_ends_of_the_window(expected: dict[str, Tables]) -> None:
    tables = expected["built"]
    completed = {
        (event["user_id"], event["occurred_at"]) for event in tables["fact_learning_events"] if event["is_completion"]
    }
    exposures = [row for row in tables["fact_milestones"] if row["milestone"] == "experiment_exposure"]
    after = {
        gap
        for gap in (timedelta(0), TICK, WEEK, WEEK + TICK)
        for row in exposures
        if (row["user_id"], row["occurred_at"] + gap) in completed
    }
    assert after == {timedelta(0), TICK, WEEK, WEEK + TICK}
