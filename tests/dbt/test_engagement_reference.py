"""The reference of engagement and growth gives what is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt.reference.engagement_daily import activity_streaks, quality_of_day, resurrection_of_day
from tests.dbt.reference.engagement_funnel import STEPS, comparison, exposed, onboarding_funnel
from tests.dbt.reference.engagement_growth import growth_of, growth_score, quick_ratio_analysis
from tests.dbt.reference.engagement_miles import economy_health, users_with_negative_miles
from tests.dbt.reference.engagement_periods import user_periods
from tests.dbt.reference.engagement_retention import milestone, retention_cohorts

DAY, WEEK, TICK = timedelta(days=1), timedelta(days=7), timedelta(microseconds=1)
FIRST = date(2025, 1, 6)
CRITICAL = "CRITICAL: Quick Ratio Below 1.0"
DROPPED = "WARNING: Quick Ratio Dropped Below 1.2"
DECLINED = "WARNING: Quick Ratio Declined >0.3 Points"


def on(*numbers: int) -> set[date]:
    """Days after the first."""
    return {FIRST + number * DAY for number in numbers}


def test_the_reference_gives_the_known_retention() -> None:
    users = [on(0, 1, 2, 3, 5, 7, 9), on(0, 1, 4, 10), on(0, 1, 2), on(0, 3), on(0)]
    found = {n: milestone(users, n, FIRST + 30 * DAY) for n in (1, 7)}
    rates = {n: [str(row[f"{kind}_rate"]) for kind in ("classic", "rolling", "cumulative")] for n, row in found.items()}
    assert rates == {1: ["0.6000", "0.8000", "0.6000"], 7: ["0.2000", "0.4000", "0.8000"]}


def test_the_reference_counts_only_those_who_could_have_come_back() -> None:
    assert milestone([on(0, 7), on(1)], 7, FIRST + WEEK)["eligible_users"] == 1
    assert milestone([on(0)], 30, FIRST + WEEK)["classic_rate"] is None


def test_the_reference_has_a_row_for_a_period_without_anybody() -> None:
    rows = [row for row in retention_cohorts({"A": on(0, 2)}, FIRST + 2 * DAY) if row["cohort_period"] == "day"]
    assert [(row["period_number"], row["users_active"]) for row in rows] == [(0, 1), (1, 0), (2, 1)]


def test_the_reference_dates_churn_by_the_period_after_the_last_one() -> None:
    months = {date(2025, 1, 1): {"A", "B"}, date(2025, 3, 1): {"A"}, date(2025, 4, 1): {"A", "C"}}
    names = ("new_users", "retained_users", "resurrected_users", "churned_users")
    rows = [[row[name] for name in names] for row in growth_of(months, "month", date(2025, 4, 30))]
    assert rows == [[2, 0, 0, 0], [0, 0, 0, 2], [0, 0, 1, 0], [1, 1, 0, 0]]


def test_the_reference_judges_a_month_by_the_first_rule_that_holds() -> None:
    def month(number: int, gained: int, churned: int) -> dict[str, Any]:
        counts = {"active_users": 10, "previous_active_users": 10, "retained_users": 10 - churned}
        counts |= {"new_users": gained, "resurrected_users": 0, "churned_users": churned}
        rest = {"source": "all", "period": "month", "is_complete": True}
        return {**rest, **counts, "period_start": date(2024, number, 1), "quick_ratio": 0, "gross_retention_rate": 0}

    found = quick_ratio_analysis([month(1, 9, 5), month(2, 6, 5), month(3, 5, 5), month(4, 4, 5), month(5, 8, 0)])
    # From 1.8 to 1.2, to 1, to 0.8, to a month that nobody left.
    assert [row["alert_level"] for row in found] == ["OK", DECLINED, DROPPED, CRITICAL, "OK"]
    assert [row["quick_ratio_3mo_avg"] for row in found] == [None, None, Decimal("1.3333"), Decimal(1), None]


@pytest.mark.parametrize(("ratio", "score"), [("0.49", 0), ("0.5", 25), ("1.99", 100), ("2", 100), ("1.01", 51)])
def test_the_reference_scores_growth(ratio: str, score: int) -> None:
    assert growth_score(Decimal(ratio)) == score  # type: ignore[arg-type]


def test_the_reference_walks_streaks() -> None:
    found = activity_streaks({"A": on(0, 1, 2, 5), "B": on(4), "C": on(3)}, FIRST + 5 * DAY)
    assert [[row[name] for name in ("current_streak_days", "longest_streak_days", "streaks")] for row in found] == [
        [1, 3, 2],
        [1, 1, 1],
        [0, 1, 1],
    ]


def test_the_reference_tells_who_came_back_after_how_long() -> None:
    today = FIRST + 200 * DAY
    users = [sorted(on(200 - gap, 200)) for gap in (1, 2, 7, 8, 30, 31, 90, 91)] + [[today]]
    names = ("short_dormancy_users", "medium_dormancy_users", "long_dormancy_users", "very_long_dormancy_users")
    found = resurrection_of_day(today, users)
    assert [found[name] for name in names] == [2, 2, 2, 1]
    names = ("consecutive_day_users", "returning_week_users", "returning_long_gap_users", "new_users")
    assert [quality_of_day(today, users)[name] for name in names] == [1, 2, 5, 1]


def test_the_reference_knows_the_neighbours_of_a_period() -> None:
    days = [
        {"user_id": "A", "source": "all", "calendar_date": day, "active_events": active, "_load_id": 1}
        for day, active in ((date(2025, 1, 31), 1), (date(2025, 2, 3), 0), (date(2025, 3, 2), 1), (date(2025, 3, 3), 2))
    ]
    months = [row for row in user_periods(days) if row["period"] == "month"]
    assert [(row["active_days"], row["previous_period_start"], row["next_active_date"]) for row in months] == [
        (1, None, date(2025, 3, 2)),
        (2, date(2025, 1, 1), None),
    ]


def step(name: str, hours: float) -> dict[str, Any]:
    at = datetime(2025, 1, 6, 12, tzinfo=UTC) + timedelta(hours=hours)
    said = {"user_id": "A", "source": "platform_events", "event_id": f"{name}{hours}", "calendar_date": at.date()}
    return {**said, "milestone": name, "occurred_at": at}


def test_the_reference_counts_a_step_only_after_the_one_before() -> None:
    first, begun, done, tried, paid = STEPS
    steps = [step(begun, -1), step(first, 0), step(begun, 2), step(paid, 3), step(done, 2), step(tried, 1)]
    found = onboarding_funnel(steps, date(2025, 1, 31))
    assert [row["users"] for row in found] == [1, 1, 1, 0, 0]
    assert [row["median_hours"] for row in found] == [None, 2, 0, None, None]


@pytest.mark.parametrize(
    ("after", "is_converted"), [(timedelta(0), False), (TICK, True), (WEEK, True), (WEEK + TICK, False)]
)
def test_the_reference_looks_seven_days_far(after: timedelta, is_converted: bool) -> None:
    seen = {**step("experiment_exposure", 0), "variant": "large"}
    assert exposed([seen], {"A": [seen["occurred_at"] + after]})["is_converted"] == is_converted


def test_the_reference_gives_a_known_experiment() -> None:
    """By hand: z = 0.05 / sqrt(0.125 · 0.875 · 0.02) = 1.0690."""
    found = comparison({"users": 100, "conversions": 15}, {"users": 100, "conversions": 10})
    assert {name: str(value) for name, value in found.items()} == {
        "lift": "0.5000",
        "difference": "0.0500",
        "difference_low": "-0.0414",
        "difference_high": "0.1414",
        "p_value": "0.285049",
    }


def test_the_reference_dates_a_debt_by_its_last_beginning() -> None:
    amounts = [(0, 5, 0), (1, 0, 9), (2, 4, 0), (3, 0, 1), (4, 0, 1)]
    miles = [
        {"user_id": "A", "calendar_date": FIRST + day * DAY, "points_earned": earned, "points_redeemed": redeemed}
        for day, earned, redeemed in amounts
    ]
    (found,) = users_with_negative_miles(miles)
    assert (found["balance"], found["negative_amount"], found["negative_since"]) == (-2, 2, FIRST + 3 * DAY)


@pytest.mark.parametrize(
    ("earned", "redeemed", "label"),
    [
        (13, 10, "Healthy Growth"),
        (12, 10, "Stable"),
        (10, 10, "Balanced"),
        (10, 12, "Balanced"),
        (0, 1, "High Redemption"),
    ],
)
def test_the_reference_judges_the_economy_of_miles(earned: int, redeemed: int, label: str) -> None:
    assert economy_health(Decimal(earned), Decimal(redeemed)) == label
