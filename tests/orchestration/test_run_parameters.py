from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from include.orchestration.run_parameters import AsOfError, resolve_as_of, resolve_purge_as_of

RUN_AFTER = datetime(2025, 3, 3, 3, 0, tzinfo=UTC)


def test_a_given_day_is_taken() -> None:
    assert resolve_as_of("2025-01-31", RUN_AFTER, "UTC") == date(2025, 1, 31)


@pytest.mark.parametrize(("timezone", "expected"), [("UTC", date(2025, 3, 2)), ("America/Chicago", date(2025, 3, 1))])
def test_without_one_it_is_the_last_complete_day_in_the_schools_zone(timezone: str, expected: date) -> None:
    assert resolve_as_of(None, RUN_AFTER, timezone) == expected


def test_what_is_no_date_is_refused_by_name() -> None:
    with pytest.raises(AsOfError, match="as_of is 'None'; expected a date"):
        resolve_as_of("None", RUN_AFTER, "UTC")


@pytest.mark.parametrize(("timezone", "expected"), [("UTC", date(2025, 3, 3)), ("America/Chicago", date(2025, 3, 2))])
def test_a_purge_counts_from_today_in_the_schools_zone(timezone: str, expected: date) -> None:
    assert resolve_purge_as_of(None, RUN_AFTER, timezone) == expected
    assert resolve_purge_as_of(expected.isoformat(), RUN_AFTER, timezone) == expected


def test_a_purge_by_a_day_that_is_still_to_come_is_refused() -> None:
    with pytest.raises(AsOfError, match="as_of is 2025-03-03, which is still to come; expected a date up to 2025-03-0"):
        resolve_purge_as_of("2025-03-03", RUN_AFTER, "America/Chicago")
