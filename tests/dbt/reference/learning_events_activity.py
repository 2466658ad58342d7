"""What each user did on a day, in all and by source."""

from __future__ import annotations

from decimal import Decimal

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.engagement_days import contents_of_day
from tests.dbt.reference.learning_events import in_order, minute_of
from tests.dbt.reference.learning_events_mastery import is_judged
from tests.dbt.reference.learning_events_sessions import counted
from tests.dbt.reference.rounding import mean, rate

ALL = "all"


def fact_student_activity(events: Rows) -> Rows:
    """A row per user and day."""
    return [
        {"user_id": user_id, "calendar_date": day} | activity(in_order(of_day))
        for (user_id, day), of_day in grouped(events, "user_id", "event_date").items()
    ]


def activity(events: Rows) -> Row:
    judged = [event["is_correct"] for event in events if is_judged(event)]
    times = [event["time_seconds"] for event in events if event["event_type"] == "problem_attempt"]
    return {
        "total_events": len(events),
        "unique_units_accessed": len(units(events)),
        **counted(events, "lesson_starts", "lesson_start"),
        **counted(events, "lesson_completes", "lesson_complete"),
        **counted(events, "problem_attempts", "problem_attempt"),
        "problems_judged": len(judged),
        "problems_correct": sum(judged),
        "accuracy_rate": rate(sum(judged), len(judged)),
        **counted(events, "help_requests", "help_requested"),
        "avg_problem_time_seconds": mean([time for time in times if time is not None]),
        "active_minutes": len({minute_of(event["occurred_at"]) for event in events}),
        "first_activity_at": events[0]["occurred_at"],
        "last_activity_at": events[-1]["occurred_at"],
        "_load_id": max(event["_load_id"] for event in events),
    }


def units(events: Rows) -> set[str]:
    """The units, or else contents, that were learnt from."""
    learning = [event for event in events if event["is_learning"]]
    return {event["unit_id"] if event["unit_id"] is not None else event["content_id"] for event in learning} - {None}


def fact_user_days(events: Rows, sessions: Rows) -> Rows:
    """A row per user, day and source, and one for all sources together."""
    of_all = [{**event, "day_source": ALL} for event in events]
    of_each = [{**event, "day_source": event["source"]} for event in events]
    begun = grouped(
        [{**row, "day_source": name} for row in sessions for name in (ALL, row["source"])],
        "learner_id",
        "partition_date",
        "day_source",
    )
    return [
        {"user_id": user_id, "calendar_date": day, "source": source}
        | user_day(in_order(of_day))
        | sessions_of(begun.get((user_id, day, source), []))
        for (user_id, day, source), of_day in grouped(of_all + of_each, "user_id", "event_date", "day_source").items()
    ]


def user_day(events: Rows) -> Row:
    points = [event["points"] for event in events if event["points"] is not None]
    return {
        "events": len(events),
        "active_events": sum(event["is_active"] for event in events),
        "learning_events": sum(event["is_learning"] for event in events),
        "completions": sum(event["is_completion"] for event in events),
        **contents_of_day(events),
        "points_earned": sum((amount for amount in points if amount > 0), Decimal(0)),
        "points_redeemed": -sum((amount for amount in points if amount < 0), Decimal(0)),
        **counted(events, "shares", "share"),
        **counted(events, "likes", "like"),
        **counted(events, "searches", "reward_search"),
        "platform": events[0]["platform"],
        "country": events[0]["country"],
        "_load_id": max(event["_load_id"] for event in events),
    }


def sessions_of(begun: Rows) -> Row:
    return {"sessions": len(begun), "session_seconds": sum((row["duration_seconds"] for row in begun), Decimal(0))}
