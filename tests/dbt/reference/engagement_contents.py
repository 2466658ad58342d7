"""Where users are, what they begin and finish, what they stop at, which features they use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.engagement_days import STARTS as START_TYPES
from tests.dbt.reference.engagement_days import UNKNOWN
from tests.dbt.reference.engagement_periods import STARTS, ActiveDays, last_day, spine, users_by_period, window
from tests.dbt.reference.learning_events import SESSION_GAP, in_order
from tests.dbt.reference.rounding import rate

DACH = {"DE", "AT", "CH"}


def regional_activity(places: Rows, as_of: date) -> Rows:
    """`places`: rows of user_day_places up to as_of. Each place from the first day with an active user."""
    return [
        {"calendar_date": day, "country": country, "platform": platform, "is_dach": country in DACH}
        | people([row for row in there if row["calendar_date"] == day])
        for (country, platform), there in grouped(places, "country", "platform").items()
        for active in [[row["calendar_date"] for row in there if row["active_events"]]]
        if active
        for day in spine("day", min(active), as_of)
    ]


def people(places: Rows) -> Row:
    return {
        "users": len({row["user_id"] for row in places if row["active_events"]}),
        "learners": len({row["user_id"] for row in places if row["learning_events"]}),
        "completions": sum(row["completions"] for row in places),
    }


def regional_activity_dach(places: Rows, as_of: date) -> Rows:
    days = window(as_of, 30)
    there = [
        row for row in places if row["country"] in DACH and row["platform"] == "mobile" and row["calendar_date"] in days
    ]
    return [{"window_start": min(days), "window_end": max(days), **people(there)}]


def content_completion(events: Rows) -> Rows:
    """`events`: those up to as_of."""
    of_contents = [
        {**event, "platform": event["platform"] if event["platform"] is not None else UNKNOWN}
        for event in events
        if event["content_id"] is not None and (event["event_type"] in START_TYPES or event["is_completion"])
    ]
    return [
        {"content_id": content_id, "content_type": content_type, "platform": platform, **completion(there)}
        for (content_id, content_type, platform), there in grouped(
            of_contents, "content_id", "content_type", "platform"
        ).items()
    ]


def completion(events: Rows) -> Row:
    started: set[str] = set()
    finished: set[str] = set()
    for event in in_order(events):
        if event["event_type"] in START_TYPES:
            started.add(event["user_id"])
        elif event["user_id"] in started:
            finished.add(event["user_id"])
    return {
        "started": len(started),
        "finished": len(finished),
        "completion_rate": rate(len(finished), len(started)),
        "users": len({event["user_id"] for event in events}),
    }


def session_drop_off(sessions: Rows, end: datetime) -> Rows:
    """`sessions`: session_metrics of the events up to as_of, of which `end` is the end: then the gap must be over."""
    ended = [row for row in sessions if end - row["last_activity_at"] > SESSION_GAP]
    return [
        {"last_event_type": last, "sessions": len(rows), "share": rate(len(rows), len(ended))}
        for (last,), rows in grouped(ended, "last_event_type").items()
    ]


def feature_adoption(milestones: Rows, days: ActiveDays, as_of: date) -> Rows:
    """Each feature from the week of its first use."""
    used = grouped([row for row in milestones if row["milestone"] == "feature_use"], "feature")
    active = users_by_period(days, "week")
    return [{"feature": name, **row} for (name,), uses in used.items() for row in weeks_of(uses, active, as_of)]


def weeks_of(uses: Rows, active: dict[date, set[str]], as_of: date) -> Iterator[Row]:
    adopted: set[str] = set()
    for week in spine("week", min(row["calendar_date"] for row in uses), as_of):
        users = {row["user_id"] for row in uses if STARTS["week"](row["calendar_date"]) == week}
        yield {
            "week_start": week,
            "is_complete": last_day("week", week) <= as_of,
            "users": len(users),
            "share_of_weekly_active": rate(len(users & active.get(week, set())), len(active.get(week, ()))),
            "new_adopters": len(users - adopted),
        }
        adopted |= users
