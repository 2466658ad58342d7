"""The sample's schools, learning units and calendars, and that the rows of the students agree with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from include.local.sample import Options
from include.local.sample.district import students
from include.local.sample.schools import school_rows
from include.settings import REPOSITORY
from tests.local.sample_files import Row, rows
from tests.local.test_sample_rows import LAST_DAY

SAMPLE = REPOSITORY / "data" / "raw"


def newest_calendar() -> dict[tuple[str, str], Row]:
    """What the newest file that lists a school's day says of it."""
    return {(row["school_id"], row["calendar_date"]): row for row in rows(SAMPLE, "school_days")}


@pytest.mark.parametrize("scale", [0.08, 3.0])
def test_schools_are_those_of_the_students_and_as_large(scale: float) -> None:
    options = Options(scale=scale, seed=7)
    enrolled = Counter(student.school_id for student in students(options))
    rows_of_schools = [row for _, _, row in school_rows(options)]
    assert [(row.school_id, row.student_count) for row in rows_of_schools] == sorted(enrolled.items())
    assert len({row.school_name for row in rows_of_schools}) == len(enrolled)


def test_schools_of_every_poverty_level_are_in_the_district() -> None:
    shares = [float(row["free_reduced_lunch_pct"]) for row in rows(SAMPLE, "schools")]
    levels = {"high" if share >= 0.75 else "moderate" if share >= 0.4 else "low" for share in shares}
    assert levels == {"high", "moderate", "low"}


def test_every_subject_and_grade_has_learning_units_in_order() -> None:
    places = defaultdict(list)
    for row in rows(SAMPLE, "learning_units"):
        places[row["subject"], row["grade_level"]].append(int(row["sequence_order"]))
    assert {subject for subject, _ in places} == {row["subject"] for row in rows(SAMPLE, "assessments")}
    assert {grade for _, grade in places} == {str(grade) for grade in range(6, 13)}
    assert {tuple(found) for found in places.values()} == {(1, 2, 3)}
    assert len(places) == 4 * 7


def test_a_calendar_lists_every_day_of_the_school_year_and_weekends_without_school() -> None:
    calendar = newest_calendar()
    schools = {row["school_id"] for row in rows(SAMPLE, "schools")}
    days = {(date(2024, 8, 26) + timedelta(days=offset)).isoformat() for offset in range(292)}
    assert calendar.keys() == {(school, day) for school in schools for day in days}
    assert max(days) == "2025-06-13"
    on_weekends = {calendar[key]["is_school_day"] for key in calendar if date.fromisoformat(key[1]).isoweekday() > 5}
    assert on_weekends == {"false"}


def test_attendance_and_assessments_are_of_school_days_of_their_school() -> None:
    calendar = newest_calendar()
    schools = {row["student_id"]: row["school_id"] for row in rows(SAMPLE, "students")}
    recorded = {(schools[row["student_id"]], row["attendance_date"]) for row in rows(SAMPLE, "attendance")}
    assessed = {(schools[row["student_id"]], row["assessment_date"]) for row in rows(SAMPLE, "assessments")}
    school_days = {key for key, row in calendar.items() if row["is_school_day"] == "true"}
    assert recorded == {key for key in school_days if key[1] <= LAST_DAY.isoformat()}
    assert assessed <= school_days


def test_one_school_has_days_of_its_own_and_the_later_calendar_changes_two() -> None:
    first = {(row["school_id"], row["calendar_date"]): row for row in rows(SAMPLE, "school_days_2024-08-01")}
    newest = newest_calendar()
    changed = {(*key, newest[key]["day_type"]) for key in first if newest[key] != first[key]}
    assert changed == {("SCH-02", "2025-02-07", "late_arrival"), ("SCH-02", "2025-02-14", "make_up_day")}
    planned = [first["SCH-01", day] | {"school_id": school} != row for (school, day), row in first.items()]
    assert sum(planned) == 2
