"""Schools, units, dates, and which days are school days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from tests.dbt.reference.bronze import Bronze, Row, Rows, days, newest_of_each, school_year

SCHOOL = ("school_name", "district", "school_type", "student_count", "free_reduced_lunch_pct")
UNIT = ("unit_id", "unit_name", "subject", "grade_level", "sequence_order", "updated_at")


def dim_schools(bronze: Bronze, versions: Rows, calendars: Calendars) -> Rows:
    """The schools of the newest files, and every other one that a student or a calendar names."""
    named = {row["school_id"]: row for row in newest_of_each(bronze.schools_history, "updated_at", "school_id")}
    ids = {
        "UNKNOWN",
        *named,
        *(row["school_id"] for row in versions),
        *(school_id for school_id, _ in calendars.listed),
    }
    return [school(school_id, named.get(school_id, {"school_name": "Unknown"})) for school_id in ids]


def school(school_id: str, row: Row) -> Row:
    pct = row.get("free_reduced_lunch_pct")
    return {
        "school_id": school_id,
        **{name: row.get(name) for name in SCHOOL},
        "poverty_level": None if pct is None else poverty_level(pct),
    }


def poverty_level(pct: Decimal) -> str:
    if pct >= Decimal("0.75"):
        return "high_poverty"
    return "moderate_poverty" if pct >= Decimal("0.40") else "low_poverty"


def dim_dates(known: Iterable[date]) -> list[date]:
    """The days of the whole school years around the known ones, and of the year that follows."""
    years = {school_year(day) for day in known}
    return list(days(date(min(years), 8, 1), date(max(years) + 2, 8, 1))) if years else []


def date_row(day: date) -> Row:
    """What dim_dates says of a day."""
    year = school_year(day)
    first_of_august = date(year, 8, 1)
    return {
        "calendar_date": day,
        "date_key": int(f"{day:%Y%m%d}"),
        "year": day.year,
        "quarter": (day.month + 2) // 3,
        "month": day.month,
        "month_name": f"{day:%B}",
        "day_of_month": day.day,
        "iso_day_of_week": day.isoweekday(),
        "day_name": f"{day:%A}",
        "is_weekend": day.isoweekday() > 5,
        "school_year": year,
        "school_year_label": f"{year}-{(year + 1) % 100:02}",
        "semester": "Fall" if day.month >= 8 else "Spring" if day.month <= 5 else "Summer",
        # Weeks begin on Monday; the first holds the first of August.
        "week_of_school_year": (day - first_of_august).days // 7 + 1 + (day.weekday() < first_of_august.weekday()),
    }


class Calendars:
    """Which days are school days, by school."""

    def __init__(self, bronze: Bronze, holidays: set[date]) -> None:
        self.holidays = holidays
        gone = {
            (row["school_id"], row["calendar_date"])
            for row in bronze.school_days_presence
            if row["returned_load_id"] is None
        }
        self.listed = {
            (row["school_id"], row["calendar_date"]): row
            for row in newest_of_each(bronze.school_days_history, "updated_at", "school_id", "calendar_date")
            if (row["school_id"], row["calendar_date"]) not in gone
        }
        self.years = {(school_id, school_year(day)) for school_id, day in self.listed}

    def of(self, school_id: str, day: date) -> Row:
        """A school year of which the school lists a day goes by the list; any other by the week and the holidays."""
        if (school_id, school_year(day)) in self.years:
            listed = self.listed.get((school_id, day), {"is_school_day": False, "day_type": "unlisted"})
            return {"is_school_day": listed["is_school_day"], "day_type": listed["day_type"]}
        if day in self.holidays:
            return {"is_school_day": False, "day_type": "holiday"}
        if day.isoweekday() > 5:
            return {"is_school_day": False, "day_type": "weekend"}
        return {"is_school_day": True, "day_type": "weekday"}

    def is_school_day(self, school_id: str, day: date) -> bool:
        return bool(self.of(school_id, day)["is_school_day"])


def dim_school_days(calendars: Calendars, school_ids: Iterable[str], dates: Iterable[date]) -> Rows:
    dates = list(dates)
    return [
        {"school_id": school_id, "calendar_date": day, **calendars.of(school_id, day)}
        for school_id in school_ids
        for day in dates
    ]


def dim_learning_units(bronze: Bronze) -> Rows:
    """The newest version of each unit that is not missing."""
    gone = {row["unit_id"] for row in bronze.learning_units_presence if row["returned_load_id"] is None}
    units = newest_of_each(bronze.learning_units_history, "updated_at", "unit_id")
    return [{name: unit[name] for name in UNIT} for unit in units if unit["unit_id"] not in gone]
