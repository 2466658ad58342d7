"""The seed `holidays`, computed once more from the rules of 5 U.S.C. 6103."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta

from include.dbt_command import PROJECT

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
YEARS = range(2020, 2031)


def nth(number: int, weekday: int, month: int, year: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def holidays_of(year: int) -> Iterator[tuple[date, str]]:
    memorial_day = date(year, 5, 31) - timedelta(days=(date(year, 5, 31).weekday() - MONDAY) % 7)
    yield date(year, 1, 1), "New Year's Day"
    yield nth(3, MONDAY, 1, year), "Birthday of Martin Luther King, Jr."
    yield nth(3, MONDAY, 2, year), "Washington's Birthday"
    yield memorial_day, "Memorial Day"
    if year >= 2021:
        yield date(year, 6, 19), "Juneteenth National Independence Day"
    yield date(year, 7, 4), "Independence Day"
    yield nth(1, MONDAY, 9, year), "Labor Day"
    yield nth(2, MONDAY, 10, year), "Columbus Day"
    yield date(year, 11, 11), "Veterans Day"
    yield nth(4, THURSDAY, 11, year), "Thanksgiving Day"
    yield date(year, 12, 25), "Christmas Day"


def with_observed(day: date, name: str) -> Iterator[tuple[date, str]]:
    yield day, name
    if day.weekday() in (SATURDAY, SUNDAY):
        shift = -1 if day.weekday() == SATURDAY else 1
        yield day + timedelta(days=shift), f"{name} (observed)"


def test_the_seed_has_the_federal_holidays_and_the_days_on_which_they_are_observed() -> None:
    with (PROJECT / "seeds" / "holidays.csv").open(encoding="utf-8", newline="") as lines:
        seed = [(date.fromisoformat(row["holiday_date"]), row["name"]) for row in csv.DictReader(lines)]
    assert seed == sorted(row for year in YEARS for day, name in holidays_of(year) for row in with_observed(day, name))
