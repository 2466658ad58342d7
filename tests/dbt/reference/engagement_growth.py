"""Growth accounting with sets of users, and what is said of its months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from tests.dbt.reference.bronze import Row, Rows
from tests.dbt.reference.engagement_periods import STARTS, ActiveDays, last_day, spine, users_by_period
from tests.dbt.reference.rounding import at_least, percent, rate, ratio, rounded

GROWTH = ((2, "Excellent Consumer"), (Fraction(3, 2), "Good Consumer"), (1, "Typical Consumer"), (0, "Declining"))
RETENTION = ((80, "Excellent"), (60, "Good"), (40, "Average"), (20, "Below Average"), (0, "Poor"))
QUICK_RATIO = ((2, "Top Tier"), (Fraction(3, 2), "Strong"), (1, "Healthy"), (Fraction(4, 5), "Concerning"))


def growth_accounting(active: dict[str, ActiveDays], as_of: date) -> Rows:
    """`active`: by source."""
    return [
        {"source": source, "period": period, **row}
        for source, days in active.items()
        for period in STARTS
        for row in growth_of(users_by_period(days, period), period, as_of)
    ]


def growth_of(users: dict[date, set[str]], period: str, as_of: date) -> Iterator[Row]:
    """A row per period from the first with a user."""
    seen: set[str] = set()
    previous: set[str] = set()
    for start in spine(period, min(users), as_of):
        now = users.get(start, set())
        end = last_day(period, start)
        counts = {
            "active_users": len(now),
            "previous_active_users": len(previous),
            "new_users": len(now - seen),
            "retained_users": len(now & previous),
            "resurrected_users": len((now & seen) - previous),
            "churned_users": len(previous - now),
        }
        yield {"period_start": start, "period_end": end, "is_complete": end <= as_of, **counts, **growth_rates(counts)}
        seen |= now
        previous = now


def quick_ratio(row: Row) -> Fraction | None:
    return ratio(row["new_users"] + row["resurrected_users"], row["churned_users"])


def growth_rates(row: Row) -> Row:
    growth = quick_ratio(row)
    return {
        "quick_ratio": rounded(growth, 4),
        "gross_retention_rate": rate(row["retained_users"], row["previous_active_users"]),
        "churn_rate": rate(row["churned_users"], row["previous_active_users"]),
        "growth_quality": "Unknown" if growth is None else at_least(growth, GROWTH),
    }


def quick_ratio_analysis(accounting: Rows) -> Rows:
    """Of the complete months of everyone together."""
    months = [row for row in accounting if row["source"] == "all" and row["period"] == "month" and row["is_complete"]]
    months.sort(key=lambda row: row["period_start"])
    ratios = [quick_ratio(row) for row in months]
    kept = ("active_users", "new_users", "resurrected_users", "churned_users", "quick_ratio", "gross_retention_rate")
    return [
        {
            "month_start": row["period_start"],
            **{name: row[name] for name in kept},
            **against_the_months_before(ratios[: place + 1], row),
            **benchmarks(row),
            "business_stage": "Early" if place < 6 else "Growth" if place <= 24 else "Mature",
            "strategic_recommendation": recommendation(row),
            "new_user_ratio_pct": percent(row["new_users"], row["active_users"]),
            "resurrection_ratio_pct": percent(row["resurrected_users"], row["active_users"]),
            "churn_impact_pct": percent(row["churned_users"], row["previous_active_users"]),
        }
        for place, row in enumerate(months)
    ]


def against_the_months_before(ratios: list[Fraction | None], row: Row) -> Row:
    """`ratios`: up to this month, unrounded."""
    now, before = ratios[-1], ratios[-2] if len(ratios) > 1 else None
    change = now - before if now is not None and before is not None else None
    last_three = [value for value in ratios[-3:] if value is not None]
    return {
        "previous_quick_ratio": rounded(before, 4),
        "quick_ratio_3mo_avg": rounded(sum(last_three, Fraction(0)) / 3, 4) if len(last_three) == 3 else None,
        "quick_ratio_change": rounded(change, 4),
        "alert_level": alert_level(now, before, change, row),
    }


def alert_level(now: Fraction | None, before: Fraction | None, change: Fraction | None, row: Row) -> str:
    """The first rule that holds; one on a number that is not there does not."""
    if now is not None and now < 1:
        return "CRITICAL: Quick Ratio Below 1.0"
    if now is not None and before is not None and now < Fraction("1.2") <= before:
        return "WARNING: Quick Ratio Dropped Below 1.2"
    if change is not None and change < Fraction("-0.3"):
        return "WARNING: Quick Ratio Declined >0.3 Points"
    if row["churned_users"] > Fraction("1.5") * (row["new_users"] + row["resurrected_users"]):
        return "WARNING: Churn Significantly Exceeding Growth"
    return "OK"


def benchmarks(row: Row) -> Row:
    growth, kept = quick_ratio(row), ratio(100 * row["retained_users"], row["previous_active_users"])
    return {
        "growth_quality_score": None if growth is None else growth_score(growth),
        "retention_benchmark": None if kept is None else at_least(kept, RETENTION),
        "quick_ratio_benchmark": None if growth is None else at_least(growth, (*QUICK_RATIO, (0, "Critical"))),
    }


def growth_score(growth: Fraction) -> int:
    if growth < Fraction(1, 2):
        return 0
    return 100 if growth >= 2 else int(rounded(50 * growth, 0))


def recommendation(row: Row) -> str:
    growth, kept = quick_ratio(row), ratio(row["retained_users"], row["previous_active_users"])
    if growth is not None and growth < 1:
        return "Focus on reducing churn before growth"
    if growth is not None and kept is not None and growth >= Fraction(3, 2) and kept >= Fraction(3, 5):
        return "Invest heavily in user acquisition"
    if kept is not None and kept < Fraction(2, 5):
        return "Improve product stickiness and onboarding"
    return "Optimize current growth strategy" if row["new_users"] else "Restart user acquisition efforts"
