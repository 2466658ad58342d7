"""Miles earned and redeemed, and what the users of a day do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.engagement_periods import first_of_month, last_day, spine, window
from tests.dbt.reference.rounding import at_least, mean, rate, ratio, rounded

SCORE = {
    "earning": Fraction(3, 10),
    "redeeming": Fraction(2, 10),
    "sharing": Fraction(2, 10),
    "liking": Fraction(15, 100),
    "searching": Fraction(15, 100),
}
SOCIAL = ((20, "High"), (10, "Moderate"), (0, "Low"))


def earned(rows: Rows) -> Decimal:
    return sum((row["points_earned"] for row in rows), Decimal(0))


def redeemed(rows: Rows) -> Decimal:
    return sum((row["points_redeemed"] for row in rows), Decimal(0))


def users_with(rows: Rows, column: str) -> set[str]:
    return {row["user_id"] for row in rows if row[column] > 0}


def miles_analytics(miles: Rows, as_of: date) -> Rows:
    """`miles`: rows of miles_days up to as_of; each day from the first with a transaction."""
    by_day = {day: rows for (day,), rows in grouped(miles, "calendar_date").items()}
    days = list(spine("day", min(by_day), as_of)) if by_day else []
    return [{"calendar_date": day, **miles_of_day(by_day, day)} for day in days]


def miles_of_day(by_day: dict[date, Rows], day: date) -> Row:
    today = by_day.get(day, [])
    last_7 = [by_day.get(each, []) for each in window(day, 7) if each >= min(by_day)]
    so_far = [row for each, rows in by_day.items() if each <= day for row in rows]
    return {
        "miles_earned": earned(today),
        "miles_redeemed": redeemed(today),
        "net_miles": earned(today) - redeemed(today),
        "transactions": sum(row["transactions"] for row in today),
        "users_earning": len(users_with(today, "points_earned")),
        "users_redeeming": len(users_with(today, "points_redeemed")),
        "cumulative_net": earned(so_far) - redeemed(so_far),
        "miles_earned_avg_7": mean([earned(rows) for rows in last_7]),
        "miles_redeemed_avg_7": mean([redeemed(rows) for rows in last_7]),
        "earn_redeem_ratio": rate(earned(today), redeemed(today)),
        "economy_health": economy_health(earned(today), redeemed(today)),
    }


def economy_health(earned: Decimal, redeemed: Decimal) -> str:
    if earned > Decimal("1.2") * redeemed:
        return "Healthy Growth"
    if earned > redeemed:
        return "Stable"
    return "High Redemption" if redeemed > Decimal("1.2") * earned else "Balanced"


def miles_by_category(miles: Rows, as_of: date) -> Rows:
    """Each category from the month of its first transaction."""
    return [
        {"month_start": month, "is_complete": last_day("month", month) <= as_of, "transaction_category": category}
        | {"earned": earned(there), "redeemed": redeemed(there), "users": len({row["user_id"] for row in there})}
        for (category,), rows in grouped(miles, "transaction_category").items()
        for month in spine("month", min(row["calendar_date"] for row in rows), as_of)
        for there in [[row for row in rows if first_of_month(row["calendar_date"]) == month]]
    ]


def balances(miles: Rows) -> list[tuple[date, Decimal]]:
    """Of a user: each day with transactions, and the balance at its end."""
    by_day = grouped(miles, "calendar_date")
    sums = accumulate(earned(rows) - redeemed(rows) for rows in by_day.values())
    return [(day, balance) for (day,), balance in zip(by_day, sums, strict=True)]


def users_with_negative_miles(miles: Rows) -> Rows:
    return [
        {
            "user_id": user_id,
            "earned": earned(rows),
            "redeemed": redeemed(rows),
            "balance": of_days[-1][1],
            "negative_amount": -of_days[-1][1],
            "negative_since": negative_since(of_days),
        }
        for (user_id,), rows in grouped(miles, "user_id").items()
        if (of_days := balances(rows))[-1][1] < 0
    ]


def negative_since(of_days: list[tuple[date, Decimal]]) -> date:
    """The first day of those below zero without one of the others in between, from the last day back."""
    since = of_days[-1][0]
    for day, balance in reversed(of_days):
        if balance >= 0:
            break
        since = day
    return since


def growth_drivers(user_days: Rows, places: Rows, as_of: date) -> Rows:
    """`user_days`: of all sources together, and `places`, up to as_of."""
    active = [row for row in user_days if row["active_events"] > 0]
    by_day, placed = grouped(active, "calendar_date"), grouped(places, "calendar_date")
    days = spine("day", min(by_day)[0], as_of) if by_day else ()
    return [{"calendar_date": day, **drivers(by_day.get((day,), []), placed.get((day,), []))} for day in days]


def drivers(today: Rows, places: Rows) -> Row:
    dau = {row["user_id"] for row in today}
    doing = {
        "earning": users_with(today, "points_earned"),
        "redeeming": users_with(today, "points_redeemed"),
        "sharing": users_with(today, "shares"),
        "liking": users_with(today, "likes"),
        "searching": users_with(today, "searches"),
        **{name: on_platform(places, name) & dau for name in ("web", "mobile")},
    }
    doing["social"] = doing["sharing"] | doing["liking"]
    shares: dict[str, Any] = {name: ratio(len(users), len(dau)) for name, users in doing.items()}
    return {
        "dau": len(dau),
        **{f"{name}_share": rounded(value, 4) for name, value in shares.items()},
        "social_level": at_least(100 * shares["social"], SOCIAL) if dau else None,
        "feature_adoption_score": rounded(sum(SCORE[name] * shares[name] for name in SCORE), 4) if dau else None,
    }


def on_platform(places: Rows, platform: str) -> set[str]:
    return {row["user_id"] for row in places if row["platform"] == platform and row["active_events"] > 0}
