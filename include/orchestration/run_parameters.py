"""The parameters of a run, from what a person or the schedule gave."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from include.errors import ToldError


class AsOfError(ToldError):
    """A run is to make gold of a day that there is not."""


def resolve_as_of(given: str | None, run_after: datetime, timezone: str) -> date:
    """The day that gold is made for: the one given, else the last complete day before `run_after` in `timezone`.

    Raises:
        AsOfError: the text given is no ISO date.
    """
    if given:
        try:
            return date.fromisoformat(given)
        except ValueError:
            raise AsOfError(f"as_of is {given!r}; expected a date like 2025-03-02") from None
    return run_after.astimezone(ZoneInfo(timezone)).date() - timedelta(days=1)
