"""Retention of cohorts: classic, rolling and cumulative."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tests.dbt.reference.bronze import Row, Rows
from tests.dbt.reference.engagement_periods import STARTS, ActiveDays, first_of_month, last_day, spine
from tests.dbt.reference.rounding import rate

LAST_DAY_NUMBER = 90
GROUPS = ((0, "0"), (1, "1"), (7, "2-7"), (14, "8-14"), (30, "15-30"), (60, "31-60"), (90, "61-90"))
MILESTONES = (1, 7, 30, 90)


def retention_cohorts(days: ActiveDays, as_of: date) -> Rows:
    return [
        {"cohort_period": period, "cohort_start": start, "cohort_size": len(cohort), **row}
        for period in STARTS
        for start, cohort in cohorts(days, period).items()
        for row in periods_of_cohort(period, start, [days[user_id] for user_id in cohort], as_of)
    ]


def cohorts(days: ActiveDays, period: str) -> dict[date, set[str]]:
    """The users by the period of their first active day."""
    found: dict[date, set[str]] = {}
    for user_id, of_user in days.items():
        found.setdefault(STARTS[period](min(of_user)), set()).add(user_id)
    return found


def periods_of_cohort(period: str, cohort_start: date, cohort: list[set[date]], as_of: date) -> Iterator[Row]:
    in_periods = [{STARTS[period](day) for day in of_user} for of_user in cohort]
    for number, start in enumerate(spine(period, cohort_start, as_of)):
        if period == "day" and number > LAST_DAY_NUMBER:
            return
        active = sum(start in starts for starts in in_periods)
        yield {
            "period_number": number,
            "users_active": active,
            "retention_rate": rate(active, len(cohort)),
            "period_group": next(name for last, name in GROUPS if number <= last) if period == "day" else None,
            "is_complete": last_day(period, start) <= as_of,
        }


def retention_milestones(days: ActiveDays, as_of: date) -> Rows:
    """Of each month in which a user came first, and of all together."""
    months: dict[date | None, list[set[date]]] = {None: list(days.values())}
    for of_user in days.values():
        months.setdefault(first_of_month(min(of_user)), []).append(of_user)
    return [
        {
            "cohort": f"{month:%Y-%m}" if month else "overall",
            "cohort_month": month,
            "n": n,
            **milestone(cohort, n, as_of),
        }
        for month, cohort in months.items()
        for n in MILESTONES
    ]


def milestone(cohort: list[set[date]], n: int, as_of: date) -> Row:
    """`cohort`: the active days of each user."""
    eligible = [of_user for of_user in cohort if min(of_user) + timedelta(days=n) <= as_of]
    numbers = [{(day - min(of_user)).days for day in of_user} for of_user in eligible]
    counts = {
        "classic": sum(n in of_user for of_user in numbers),
        "rolling": sum(max(of_user) >= n for of_user in numbers),
        "cumulative": sum(bool(of_user & set(range(1, n + 1))) for of_user in numbers),
    }
    return {
        "eligible_users": len(eligible),
        **{f"{kind}_users": count for kind, count in counts.items()},
        **{f"{kind}_rate": rate(count, len(eligible)) for kind, count in counts.items()},
    }
