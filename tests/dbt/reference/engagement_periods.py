"""Days, weeks and months: their users, their spines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.dbt.reference.bronze import Row, Rows, grouped

DAY = timedelta(days=1)
ActiveDays = dict[str, set[date]]
"""The active days of each user."""


def monday(day: date) -> date:
    return day - day.weekday() * DAY


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    return first_of_month(first_of_month(day) + 31 * DAY)


STARTS: dict[str, Callable[[date], date]] = {"day": lambda day: day, "week": monday, "month": first_of_month}
"""The first day of the period that holds a day."""
NEXT: dict[str, Callable[[date], date]] = {
    "day": lambda day: day + DAY,
    "week": lambda day: monday(day) + 7 * DAY,
    "month": next_month,
}
"""The first day of the period after."""


def last_day(period: str, start: date) -> date:
    return NEXT[period](start) - DAY


def spine(period: str, first: date, last: date) -> Iterator[date]:
    """The starts of the periods from that of the first day to that of the last."""
    start = STARTS[period](first)
    while start <= last:
        yield start
        start = NEXT[period](start)


def end_of(day: date, zone: str) -> datetime:
    """The midnight after it, in the zone."""
    return datetime.combine(day + DAY, time(), ZoneInfo(zone)).astimezone(UTC)


def window(last: date, days: int) -> set[date]:
    """So many days that end on the last."""
    return {last - number * DAY for number in range(days)}


def active_days(user_days: Rows) -> dict[str, ActiveDays]:
    """By source, of the rows of fact_user_days."""
    found: dict[str, ActiveDays] = defaultdict(dict)
    for row in user_days:
        if row["active_events"] > 0:
            found[row["source"]].setdefault(row["user_id"], set()).add(row["calendar_date"])
    return found


def users_by_period(days: ActiveDays, period: str) -> dict[date, set[str]]:
    """The active users of each period that has one."""
    found: dict[date, set[str]] = defaultdict(set)
    for user_id, of_user in days.items():
        for day in of_user:
            found[STARTS[period](day)].add(user_id)
    return found


def user_periods(user_days: Rows) -> Rows:
    """A row per user, source and period with an active day."""
    active = [row for row in user_days if row["active_events"] > 0]
    return [
        {"user_id": user_id, "source": source, "period": period, **row}
        for (user_id, source), of_user in grouped(active, "user_id", "source").items()
        for period in STARTS
        for row in periods_of(of_user, period)
    ]


def periods_of(active: Rows, period: str) -> Iterator[Row]:
    """Of a user's active days; each period knows its neighbours."""
    starting = [{**row, "period_start": STARTS[period](row["calendar_date"])} for row in active]
    members = [(start, days) for (start,), days in grouped(starting, "period_start").items()]
    firsts = [min(row["calendar_date"] for row in days) for _, days in members]
    for place, (start, days) in enumerate(members):
        yield {
            "period_start": start,
            "first_active_date": firsts[place],
            "active_days": len({row["calendar_date"] for row in days}),
            "previous_period_start": members[place - 1][0] if place else None,
            "next_active_date": firsts[place + 1] if place + 1 < len(firsts) else None,
            "_load_id": max(row["_load_id"] for row in days),
        }
