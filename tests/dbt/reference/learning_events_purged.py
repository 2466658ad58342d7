"""The learning events when those before a horizon are gone from bronze."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.dbt.reference.bronze import Bronze, Row, Rows, grouped
from tests.dbt.reference.learning_events import OpenSessions, in_order, standing_events, with_sessions


@dataclass(frozen=True)
class Purged:
    """The events and sessions that silver held when those before the horizon were purged."""

    horizon: date
    events: Rows
    sessions: Rows

    @property
    def older_events(self) -> Rows:
        return [event for event in self.events if event["event_date"] < self.horizon]

    @property
    def kept_sessions(self) -> Rows:
        """Sessions that began before the horizon stay as they were."""
        return [session for session in self.sessions if session["partition_date"] < self.horizon]

    def newer_events(self, bronze: Bronze, event_types: dict[tuple[str, str], Row], zone: str) -> Rows:
        """Those of bronze since the horizon; what comes later of the days before it is not taken in."""
        standing = standing_events(bronze, event_types, zone)
        return with_sessions([event for event in standing if event["event_date"] >= self.horizon], self.open_sessions())

    def open_sessions(self) -> OpenSessions:
        """The derived sessions with events on both sides of the horizon."""
        derived = [event for event in self.events if event["is_session_derived"]]
        found: OpenSessions = {}
        for (source, user_id, session_id), events in grouped(derived, "source", "user_id", "session_id").items():
            older = [event for event in in_order(events) if event["event_date"] < self.horizon]
            if 0 < len(older) < len(events):
                found[source, user_id] = session_id, older[-1]["occurred_at"]
        return found
