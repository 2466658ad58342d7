"""What silver keeps of a user's days for engagement and growth: contents, places, miles, milestones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.learning_events_sources import text

STARTS = {"lesson_start", "assessment_start", "item_started", "started"}
SINGLE_MILESTONES = ("onboarding_complete", "experiment_exposure", "trial_start", "subscription_start", "feature_use")
NAMED: dict[str, tuple[str, ...]] = {"experiment_exposure": ("experiment", "variant"), "feature_use": ("feature",)}
"""What a milestone has to name."""
UNKNOWN, UNCATEGORISED = "unknown", "uncategorised"


def contents_of_day(events: Rows) -> Row:
    """Of a user's day, its events in order: the contents begun, and those of them that were completed later."""
    begun: set[str] = set()
    completed: set[str] = set()
    for event in events:
        content = event["content_id"]
        if event["is_completion"] and content in begun:
            completed.add(content)
        if event["event_type"] in STARTS and content is not None:
            begun.add(content)
    moments = [event["occurred_at"] for event in events if event["is_completion"]]
    named = [event["utm_source"] for event in events if event["utm_source"] is not None]
    return {
        "contents_started": len(begun),
        "contents_completed": len(completed),
        "first_completion_at": min(moments, default=None),
        "last_completion_at": max(moments, default=None),
        "utm_source": next(iter(named), None),
    }


def user_day_places(events: Rows) -> Rows:
    """A row per user, day and place; what an event does not say is `unknown`."""
    somewhere = [
        {**event, **{name: event[name] if event[name] is not None else UNKNOWN for name in ("country", "platform")}}
        for event in events
    ]
    return [
        {
            "user_id": user_id,
            "calendar_date": day,
            "country": country,
            "platform": platform,
            "events": len(there),
            "active_events": sum(event["is_active"] for event in there),
            "learning_events": sum(event["is_learning"] for event in there),
            "completions": sum(event["is_completion"] for event in there),
            "_load_id": newest_load(there),
        }
        for (user_id, day, country, platform), there in grouped(
            somewhere, "user_id", "event_date", "country", "platform"
        ).items()
    ]


def newest_load(rows: Rows) -> int:
    return max(row["_load_id"] for row in rows)


def miles_days(events: Rows) -> Rows:
    """A row per user, day and category of the events that move miles."""
    moved = [
        {**event, "category": event["transaction_category"] or UNCATEGORISED}
        for event in events
        if event["points"] is not None
    ]
    return [
        {
            "user_id": user_id,
            "calendar_date": day,
            "transaction_category": category,
            "points_earned": sum((max(event["points"], Decimal(0)) for event in of_day), Decimal(0)),
            "points_redeemed": sum((max(-event["points"], Decimal(0)) for event in of_day), Decimal(0)),
            "transactions": len(of_day),
            "_load_id": newest_load(of_day),
        }
        for (user_id, day, category), of_day in grouped(moved, "user_id", "event_date", "category").items()
    ]


def fact_milestones(events: Rows) -> Rows:
    """The events that gold looks for one by one."""
    reached = [(event, milestone) for event in events if (milestone := milestone_of(event)) is not None]
    return [
        {
            "source": event["source"],
            "event_id": event["event_id"],
            "user_id": event["user_id"],
            "calendar_date": event["event_date"],
            "occurred_at": event["occurred_at"],
            "event_type": event["event_type"],
            "milestone": milestone,
            "platform": event["platform"],
            "content_id": event["content_id"],
            "content_type": event["content_type"],
            **{name: None for names in NAMED.values() for name in names},
            **names_of(event, milestone),
            "_load_id": event["_load_id"],
        }
        for event, milestone in reached
        if None not in names_of(event, milestone).values()
    ]


def milestone_of(event: Row) -> str | None:
    if event["event_type"] in STARTS:
        return "content_started"
    if event["is_completion"]:
        return "content_completed"
    kind: str = event["event_type"]
    return kind if kind in SINGLE_MILESTONES else None


def names_of(event: Row, milestone: str) -> dict[str, Any]:
    return {name: text(event["properties"] or {}, name) for name in NAMED.get(milestone, ())}
