"""Minutes and sessions of learners."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.learning_events import in_order, minute_of, seconds_between
from tests.dbt.reference.learning_events_mastery import share_of_score
from tests.dbt.reference.rounding import rate, rounded

STARTS = ("lesson_start", "assessment_start", "item_started", "started")
LONE_EVENT_SECONDS = 60


def counted(events: Rows, column: str, event_type: str) -> Row:
    return {column: sum(event["event_type"] == event_type for event in events)}


def minute_metrics(events: Rows) -> Rows:
    """A row per learner, UTC minute and session, over all sources."""
    in_minutes = [{**event, "minute_at": minute_of(event["occurred_at"])} for event in events]
    return [
        {
            "learner_id": learner_id,
            "minute_at": minute_at,
            "session_id": session_id,
            "partition_date": of_minute[0]["event_date"],
        }
        | minute(in_order(of_minute))
        for (learner_id, minute_at, session_id), of_minute in grouped(
            in_minutes, "user_id", "minute_at", "session_id"
        ).items()
    ]


def minute(events: Rows) -> Row:
    spent = seconds_between(events[0]["occurred_at"], events[-1]["occurred_at"])
    return {
        "total_events": len(events),
        **counted(events, "page_views", "page_view"),
        **counted(events, "interactions", "interaction"),
        **counted(events, "assessments_started", "assessment_start"),
        **counted(events, "assessments_completed", "assessment_complete"),
        **counted(events, "lessons_started", "lesson_start"),
        **counted(events, "lessons_completed", "lesson_complete"),
        **counted(events, "errors", "error"),
        "time_spent_seconds": spent if len(events) > 1 else LONE_EVENT_SECONDS,
        "_load_id": max(event["_load_id"] for event in events),
    }


def session_metrics(events: Rows, zone: str) -> Rows:
    """A row per source, learner and session, however many days the session spans."""
    return [
        {"source": source, "learner_id": learner_id, "session_id": session_id}
        | session(in_order(of_session), ZoneInfo(zone))
        for (source, learner_id, session_id), of_session in grouped(events, "source", "user_id", "session_id").items()
    ]


def session(events: Rows, zone: ZoneInfo) -> Row:
    first, last = events[0]["occurred_at"], events[-1]["occurred_at"]
    return {
        "session_start_at": first,
        "session_end_at": last,
        "duration_seconds": seconds_between(first, last),
        "total_events": len(events),
        "unique_pages": len(pages(events)),
        **counted(events, "total_interactions", "interaction"),
        **counted(events, "lessons_attempted", "lesson_start"),
        **counted(events, "lessons_completed", "lesson_complete"),
        **counted(events, "assessments_attempted", "assessment_start"),
        **counted(events, "assessments_completed", "assessment_complete"),
        "avg_assessment_score": average_score(events),
        "completion_rate": completion_rate(events),
        "last_activity_at": last,
        "last_event_type": events[-1]["event_type"],
        "partition_date": first.astimezone(zone).date(),
        "_load_id": max(event["_load_id"] for event in events),
    }


def pages(events: Rows) -> set[str]:
    return {event["page_id"] for event in events if event["event_type"] == "page_view"} - {None}


def average_score(events: Rows) -> Decimal | None:
    shares = [share_of_score(event) for event in events if event["event_type"] == "assessment_complete"]
    known = [100 * share for share in shares if share is not None]
    return rounded(sum(known, Fraction(0)) / len(known), 2) if known else None


def completion_rate(events: Rows) -> Decimal | None:
    """Of the contents that were started the share that was completed later."""
    started: set[str] = set()
    completed: set[str] = set()
    for event in events:
        if event["is_completion"] and event["content_id"] in started:
            completed.add(event["content_id"])
        if event["event_type"] in STARTS and event["content_id"] is not None:
            started.add(event["content_id"])
    return rate(len(completed), len(started))
