"""The last date and the last event time that a file may speak of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Latest:
    """`day`: of columns of dates. `time`: of columns of timestamps that declare `earliest`."""

    day: date
    time: datetime

    @classmethod
    def of(cls, arrived_at: datetime, zone: tzinfo) -> Latest:
        """What a file may speak of that arrived then: the day after in the zone of the school, and 24 hours more."""
        return cls(arrived_at.astimezone(zone).date() + AHEAD, arrived_at + AHEAD)

    @property
    def day_of_arrival(self) -> date:
        """The day in UTC on which the file arrived."""
        return (self.time - AHEAD).astimezone(UTC).date()
