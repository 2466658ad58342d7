"""One row per learning event: which version stands, what its source says in the words of all sources, its session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.dbt.reference.bronze import Bronze, Row, Rows, grouped
from tests.dbt.reference.learning_events_sources import READ

SESSION_GAP = timedelta(minutes=30)
OpenSessions = dict[tuple[Any, ...], tuple[str, datetime]]

NOT_SAID: Row = dict.fromkeys(
    (
        "session_id",
        "received_at",
        "product",
        "platform",
        "device_os",
        "country",
        "access_type",
        "content_id",
        "content_type",
        "content_title",
        "unit_id",
        "page_id",
        "score",
        "max_score",
        "is_correct",
        "time_seconds",
        "points",
        "transaction_category",
        "utm_source",
    )
)


def fact_learning_events(bronze: Bronze, event_types: dict[tuple[str, str], Row], zone: str) -> Rows:
    """`event_types` are the rows of the seed by source and raw type; `zone` is where days begin."""
    return with_sessions(standing_events(bronze, event_types, zone))


def standing_events(bronze: Bronze, event_types: dict[tuple[str, str], Row], zone: str) -> Rows:
    """The version that stands of each event, with the session that its source says."""
    events = [
        {**NOT_SAID, **event, "source": source} | kind(source, event["raw_type"], event_types)
        for source, read in READ.items()
        for event in read(bronze)
    ]
    for event in events:
        event["event_date"] = event["occurred_at"].astimezone(ZoneInfo(zone)).date()
        del event["raw_type"]
    return events


def kind(source: str, raw_type: str, event_types: dict[tuple[str, str], Row]) -> Row:
    """An unlisted type keeps its raw name, is active, and is neither learning nor a completion."""
    raw_type = raw_type.lower()
    listed = event_types.get((source, raw_type))
    unlisted = {"event_type": raw_type, "is_active": True, "is_learning": False, "is_completion": False}
    return {**(listed or unlisted), "is_known": listed is not None}


def in_order(events: Iterable[Row]) -> Rows:
    """By time, then by id."""
    return sorted(events, key=lambda event: (event["occurred_at"], event["event_id"].encode(), event["source"]))


def with_sessions(events: Rows, open_sessions: OpenSessions | None = None) -> Rows:
    """Without a session of its own an event goes on with the one before it, or begins one after more than the gap.

    `open_sessions` are those of events that are not there any more: name and last event, by source and user.
    """
    for event in events:
        event["is_session_derived"] = event["session_id"] is None
    derived = [event for event in events if event["is_session_derived"]]
    for key, of_user in grouped(derived, "source", "user_id").items():
        name, before = (open_sessions or {}).get(key, ("", None))
        for event in in_order(of_user):
            if before is None or event["occurred_at"] - before > SESSION_GAP:
                name = session_name(event)
            event["session_id"], before = name, event["occurred_at"]
    return events


def session_name(first: Row) -> str:
    return f"{first['source']}:{first['user_id']}:{first['occurred_at'].astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def minute_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def seconds_between(first: datetime, last: datetime) -> Decimal:
    """Exact seconds."""
    return Decimal((last - first) // timedelta(microseconds=1)).scaleb(-6)
