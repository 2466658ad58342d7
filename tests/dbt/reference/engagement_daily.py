"""How many users each day has: stickiness, who came back, the streaks of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.engagement_periods import DAY, ActiveDays, spine, users_by_period, window
from tests.dbt.reference.rounding import at_least, mean, rate, ratio, rounded

HEALTH = ((80, "Excellent"), (60, "Good"), (40, "Average"), (20, "Below Average"), (0, "Poor"))
QUALITY = ((30, "Excellent"), (20, "Good"), (10, "Average"), (5, "Below Average"), (0, "Poor"))


def daily_engagement(user_days: Rows, active: dict[str, ActiveDays], as_of: date) -> Rows:
    """`user_days`: fact_user_days of the events up to as_of."""
    by_day = grouped(user_days, "source", "calendar_date")
    return [
        {"source": source, "calendar_date": day}
        | users_of_day(users, day)
        | work_of_day(by_day.get((source, day), []), len(users.get(day, ())))
        for source, days in active.items()
        for users in [users_by_period(days, "day")]
        for day in spine("day", min(users), as_of)
    ]


def users_of_day(users: dict[date, set[str]], day: date) -> Row:
    def in_window(days: int) -> int:
        return len(set().union(*(users.get(each, set()) for each in window(day, days))))

    dau, wau, mau = len(users.get(day, ())), in_window(7), in_window(30)
    first = min(users)
    return {
        "dau": dau,
        "wau_7": wau,
        "mau_28": in_window(28),
        "mau_30": mau,
        "stickiness_dau_mau": rate(dau, mau),
        "stickiness_dau_wau": rate(dau, wau),
        "stickiness_wau_mau": rate(wau, mau),
        "avg_dau_7": mean([len(users.get(each, ())) for each in window(day, 7) if each >= first]),
        "dau_trend_7d": trend(dau, [len(users.get(each, ())) for each in window(day - DAY, 7) if each >= first]),
    }


def trend(dau: int, before: list[int]) -> str | None:
    share = ratio(dau * len(before), sum(before))
    if share is None:
        return None
    return "Trending Up" if share > Fraction("1.05") else "Trending Down" if share < Fraction("0.95") else "Stable"


def work_of_day(user_days: Rows, dau: int) -> Row:
    def total(column: str) -> int:
        return sum(row[column] for row in user_days)

    sessions, begun = total("sessions"), total("contents_started")
    return {
        "dal": sum(row["learning_events"] > 0 for row in user_days),
        "sessions": sessions,
        "sessions_per_user": rate(sessions, dau),
        "avg_session_minutes": rounded(ratio(total("session_seconds"), 60 * sessions), 2),
        "contents_started": begun,
        "contents_completed": total("contents_completed"),
        "completion_rate": rate(total("contents_completed"), begun),
        "contents_per_session": rate(begun, sessions),
    }


def active_on(days: ActiveDays, as_of: date) -> Iterator[tuple[date, list[list[date]]]]:
    """Each day from the first, and of each user active on it the active days up to and with it, in order."""
    for day in spine("day", min(map(min, days.values())), as_of):
        yield day, [sorted(each for each in of_user if each <= day) for of_user in days.values() if day in of_user]


def retention_quality(days: ActiveDays, as_of: date) -> Rows:
    return [{"calendar_date": day, **quality_of_day(day, users)} for day, users in active_on(days, as_of)]


def quality_of_day(day: date, users: list[list[date]]) -> Row:
    dau = len(users)
    gaps = [(day - history[-2]).days for history in users if len(history) > 1]
    ages = [(day - history[0]).days for history in users]
    consecutive, week = sum(gap == 1 for gap in gaps), sum(2 <= gap <= 7 for gap in gaps)
    long_gap = sum(gap > 7 for gap in gaps)
    share = ratio(100 * consecutive, dau)
    return {
        "dau": dau,
        "consecutive_day_users": consecutive,
        "returning_week_users": week,
        "returning_long_gap_users": long_gap,
        "new_users": dau - len(gaps),
        "age_new_users": sum(age <= 7 for age in ages),
        "age_growing_users": sum(7 < age <= 30 for age in ages),
        "age_established_users": sum(30 < age <= 90 for age in ages),
        "age_mature_users": sum(age > 90 for age in ages),
        "retention_health_score": rounded(ratio((3 * consecutive + 2 * week + long_gap) * 100, 3 * dau), 1),
        "health_category": None if share is None else at_least(share, HEALTH),
        "engagement_trend": None if share is None else "High" if share > 70 else "Moderate" if share > 40 else "Low",
    }


def user_resurrection(days: ActiveDays, as_of: date) -> Rows:
    return [{"calendar_date": day, **resurrection_of_day(day, users)} for day, users in active_on(days, as_of)]


def resurrection_of_day(day: date, users: list[list[date]]) -> Row:
    """Dormant is who was away for a day at least: two days lie between the last active day and this one."""
    dormancy = [gap for history in users if len(history) > 1 if (gap := (day - history[-2]).days) >= 2]
    short, medium = sum(gap <= 7 for gap in dormancy), sum(7 < gap <= 30 for gap in dormancy)
    long, very_long = sum(30 < gap <= 90 for gap in dormancy), sum(gap > 90 for gap in dormancy)
    share = ratio(100 * len(dormancy), len(users))
    return {
        "dau": len(users),
        "resurrected_users": len(dormancy),
        "short_dormancy_users": short,
        "medium_dormancy_users": medium,
        "long_dormancy_users": long,
        "very_long_dormancy_users": very_long,
        "avg_dormancy_days": mean(dormancy),
        "effectiveness": rounded(ratio((short + 2 * medium + 3 * long + 4 * very_long) * 100, len(users)), 1),
        "quality": None if share is None else at_least(share, QUALITY),
        "pattern": pattern(short, medium, long, very_long),
    }


def pattern(short: int, medium: int, long: int, very_long: int) -> str:
    if short + medium + long + very_long == 0:
        return "No Resurrections"
    if short > medium + long:
        return "Quick Return Focus"
    return "Long-term Recovery" if long + very_long > short else "Balanced Recovery"


def activity_streaks(days: ActiveDays, as_of: date) -> Rows:
    """A streak is walked from its first day on: the day before that was not active."""
    found = []
    for user_id, active in days.items():
        lengths = {day: length_from(day, active) for day in active if day - DAY not in active}
        last = {day + (length - 1) * DAY: length for day, length in lengths.items()}
        found.append(
            {
                "user_id": user_id,
                "current_streak_days": last.get(as_of, last.get(as_of - DAY, 0)),
                "longest_streak_days": max(lengths.values()),
                "streaks": len(lengths),
            }
        )
    return found


def length_from(day: date, active: set[date]) -> int:
    length = 0
    while day + length * DAY in active:
        length += 1
    return length
