"""The parameters of a run, from what a person or the schedule gave."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from include.errors import ToldError


class AsOfError(ToldError):
    """A run is to count by a day that there is not, or not yet."""


def resolve_as_of(given: str | None, run_after: datetime, timezone: str) -> date:
    """The day that gold is made for: the one given, else the last complete day before `run_after` in `timezone`.

    Raises:
        AsOfError: the text given is no ISO date.
    """
    return _day(given) if given else run_after.astimezone(ZoneInfo(timezone)).date() - timedelta(days=1)


def resolve_purge_as_of(given: str | None, run_after: datetime, timezone: str) -> date:
    """The day by which a purge counts what is old: the one given, else the day of `run_after` in `timezone`.

    Raises:
        AsOfError: the text given is no ISO date, or one of a later day: more would go than is old.
    """
    today = run_after.astimezone(ZoneInfo(timezone)).date()
    as_of = _day(given) if given else today
    if as_of > today:
        raise AsOfError(f"as_of is {as_of}, which is still to come; expected a date up to {today}. Nothing was purged")
    return as_of


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise AsOfError(f"as_of is {given!r}; expected a date like 2025-03-02") from None
