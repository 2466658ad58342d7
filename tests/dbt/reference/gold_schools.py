"""What gold says of the attendance of schools, day by day and month by month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.calendars import Calendars
from tests.dbt.reference.roster import member_on
from tests.dbt.reference.rounding import rate


def school_daily_attendance(
    attendance: Rows, memberships: Rows, calendars: Calendars, dates: list[date], as_of: date
) -> Rows:
    """A row for each school and school day up to as_of with members or records; `attendance` is that up to as_of."""
    by_school = grouped([row for row in attendance if row["school_id"]], "school_id")
    members = enrolled_by_school_and_day(memberships, [day for day in dates if day <= as_of])
    found: Rows = []
    for school_id in sorted({school for (school,) in by_school} | {school for school, _ in members}):
        school_days = [day for day in dates if day <= as_of and calendars.is_school_day(school_id, day)]
        for day, on, between in days_with_records(by_school.get((school_id,), []), school_days):
            membership = members.get((school_id, day), 0)
            if membership or on or between:
                row = {"school_id": school_id, "calendar_date": day, "membership": membership}
                found.append(row | school_day(on, len(between), membership))
    return found


def enrolled_by_school_and_day(memberships: Rows, dates: list[date]) -> dict[tuple[str, date], int]:
    counted: dict[tuple[str, date], int] = {}
    for rows in grouped(memberships, "student_id").values():
        for day in dates:
            member = member_on(rows, day)
            if member and member["is_enrolled"]:
                key = (member["school_id"], day)
                counted[key] = counted.get(key, 0) + 1
    return counted


def days_with_records(records: Rows, school_days: list[date]) -> Iterator[tuple[date, Rows, Rows]]:
    """Each school day with its records, and those of the days after it that are none.

    What was recorded before the first school day counts there too.
    """
    for place, day in enumerate(school_days):
        until = school_days[place + 1] if place + 1 < len(school_days) else date.max
        between = [
            row
            for row in records
            if day < row["attendance_date"] < until or (place == 0 and row["attendance_date"] < day)
        ]
        yield day, [row for row in records if row["attendance_date"] == day], between


def school_day(records: Rows, records_on_non_school_days: int, membership: int) -> Row:
    present = sum(row["is_present"] for row in records)
    attended = sum(1 - row["day_fraction_absent"] for row in records)
    return {
        "recorded_count": len(records),
        "present_count": present,
        "absent_count": len(records) - present,
        "records_on_non_school_days": records_on_non_school_days,
        "days_attended": attended,
        "attendance_rate": rate(attended, len(records)),
        "attendance_coverage": rate(len(records), membership),
    }


def school_attendance_monthly(daily: Rows, as_of: date) -> Rows:
    """A row for each school and month from its first row of the daily table to its last."""
    found: Rows = []
    for (school_id,), rows in grouped(daily, "school_id").items():
        dates = [row["calendar_date"] for row in rows]
        for month in months(min(dates), max(dates)):
            of_month = [row for row in rows if row["calendar_date"].replace(day=1) == month]
            found.append({"school_id": school_id, "month_start": month} | school_month(of_month, month, as_of))
    return found


def months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = next_month(month)


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def school_month(daily: Rows, month: date, as_of: date) -> Row:
    """Averages over the school days with records; coverage over all."""
    recorded = [row for row in daily if row["recorded_count"]]
    attended = sum(row["days_attended"] for row in recorded)
    members = sum(row["membership"] for row in recorded)
    records = sum(row["recorded_count"] for row in recorded)
    return {
        "school_days": len(recorded),
        "average_daily_attendance": rate(attended, len(recorded)),
        "average_daily_membership": rate(members, len(recorded)),
        "ada_rate": rate(attended, members),
        "attendance_rate": rate(attended, records),
        "attendance_coverage": rate(records, sum(row["membership"] for row in daily)),
        "is_complete": next_month(month) - timedelta(days=1) <= as_of,
    }
