from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from include.orchestration.run_parameters import AsOfError, resolve_as_of

RUN_AFTER = datetime(2025, 3, 3, 3, 0, tzinfo=UTC)


def test_a_given_day_is_taken() -> None:
    assert resolve_as_of("2025-01-31", RUN_AFTER, "UTC") == date(2025, 1, 31)


@pytest.mark.parametrize(("timezone", "expected"), [("UTC", date(2025, 3, 2)), ("America/Chicago", date(2025, 3, 1))])
def test_without_one_it_is_the_last_complete_day_in_the_schools_zone(timezone: str, expected: date) -> None:
    assert resolve_as_of(None, RUN_AFTER, timezone) == expected


def test_what_is_no_date_is_refused_by_name() -> None:
    with pytest.raises(AsOfError, match="as_of is 'None'; expected a date"):
        resolve_as_of("None", RUN_AFTER, "UTC")
