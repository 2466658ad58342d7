"""What becomes of each user: the stage of life, the segment, the signs of churn."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.engagement_miles import earned, redeemed
from tests.dbt.reference.engagement_periods import window

WINDOW = 28
STAGES = ((7, "new"), (30, "growing"), (90, "established"))


def user_lifecycle(user_days: Rows, as_of: date) -> Rows:
    """`user_days`: of all sources together, up to as_of; here and below."""
    return [{"user_id": user_id, **life(rows, as_of)} for (user_id,), rows in grouped(user_days, "user_id").items()]


def life(rows: Rows, as_of: date) -> Row:
    by_day = sorted(rows, key=lambda row: row["calendar_date"])
    active = {row["calendar_date"] for row in rows if row["active_events"] > 0}
    balance = earned(rows) - redeemed(rows)
    return {
        "first_seen_date": by_day[0]["calendar_date"],
        "last_seen_date": by_day[-1]["calendar_date"],
        **{f"first_{name}": first_known(by_day, name) for name in ("platform", "country", "utm_source")},
        "active_days": len(active),
        "lifecycle_stage": stage(active, as_of),
        "miles_balance": balance,
        "has_negative_balance": balance < 0,
    }


def first_known(rows: Rows, column: str) -> Any:
    return next((row[column] for row in rows if row[column] is not None), None)


def stage(active: set[date], as_of: date) -> str:
    """Dormant comes first, also for who was never active."""
    if not active & window(as_of, WINDOW):
        return "dormant"
    age = (as_of - min(active)).days
    return next((name for last, name in STAGES if age <= last), "mature")


def two_windows(as_of: date) -> tuple[set[date], set[date]]:
    """The last 28 days, and the 28 before."""
    return window(as_of, WINDOW), window(as_of - timedelta(days=WINDOW), WINDOW)


def user_segments(user_days: Rows, as_of: date) -> Rows:
    """Every user, by the rules that the seed ships with."""
    now, before = two_windows(as_of)
    active = {
        user_id: {row["calendar_date"] for row in rows if row["active_events"] > 0}
        for (user_id,), rows in grouped(user_days, "user_id").items()
    }
    return [
        {
            "user_id": user_id,
            "segment": segment(days, as_of),
            "active_days_last_28": len(days & now),
            "active_days_28_before": len(days & before),
            "days_since_active": (as_of - max(days)).days if days else None,
        }
        for user_id, days in active.items()
    ]


def segment(days: set[date], as_of: date) -> str:
    now, before = two_windows(as_of)
    if len(days & now) >= 12:
        return "highly_engaged"
    if len(days & before) >= 4 and not days & window(as_of, 14):
        return "at_risk"
    return "casual" if days & now else "dormant"


def churn_signals(user_days: Rows, milestones: Rows, as_of: date) -> Rows:
    """Users active in the window before the last one."""
    now, before = two_windows(as_of)
    uses = grouped([row for row in milestones if row["milestone"] == "feature_use"], "user_id")
    return [
        {"user_id": user_id, **signals(done(rows, used, before), done(rows, used, now))}
        for (user_id,), rows in grouped(user_days, "user_id").items()
        for used in [uses.get((user_id,), [])]
        if any(row["active_events"] > 0 and row["calendar_date"] in before for row in rows)
    ]


def done(user_days: Rows, uses: Rows, days: set[date]) -> dict[str, int]:
    there = [row for row in user_days if row["calendar_date"] in days]
    return {
        "sessions": sum(row["sessions"] for row in there),
        "completions": sum(row["completions"] for row in there),
        "features": len({row["feature"] for row in uses if row["calendar_date"] in days}),
    }


def signals(before: dict[str, int], now: dict[str, int]) -> Row:
    """Half of what there was, or less, is a sign."""
    fewer = {name: before[name] > 0 and now[name] <= Decimal(before[name]) / 2 for name in before}
    return {
        **{f"{name}_before": number for name, number in before.items()},
        **{f"{name}_now": number for name, number in now.items()},
        **{f"has_fewer_{name}": is_fewer for name, is_fewer in fewer.items()},
        "signals": sum(fewer.values()),
    }
