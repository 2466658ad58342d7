"""What the snapshots of all students say of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from include.local.sample.district import Enrollment, Student
from include.local.sample.draws import one_of, stream
from include.local.sample.names import FAMILY_NAMES
from include.local.sample.options import Options
from include.local.sample.rows import Delivery, StudentRow
from include.local.sample.school_year import SNAPSHOT_DAYS


def student_rows(student: Student, options: Options) -> Iterator[Delivery]:
    """The student's line in each snapshot since the student came, with the day of the snapshot.

    A correction of the student's name counts as such in the snapshot that brings it.
    """
    days = [day for day in SNAPSHOT_DAYS if student.enrollments[0].first_day <= day]
    corrected_on, corrected_name = _correction(student, days, options)
    for day in days:
        enrollment = [enrollment for enrollment in student.enrollments if enrollment.first_day <= day][-1]
        row = _row(student, enrollment)
        if corrected_on and corrected_on <= day:
            updated_at = max(row.updated_at, f"{corrected_on}T09:00:00")
            row = row._replace(student_name=corrected_name, updated_at=updated_at)
        yield day.isoformat(), "corrected" if day == corrected_on else "plain", row


def _correction(student: Student, days: list[date], options: Options) -> tuple[date | None, str]:
    """The day on which the student's name is corrected, None for most, and what it is then."""
    if not options.corrected_elsewhere:
        return None, student.name
    random = stream(options.seed, "renaming", student.number)
    if random.random() >= options.corrected_elsewhere:
        return None, student.name
    given, family = student.name.split(" ")
    place = FAMILY_NAMES.index(family) + 1 + int(random.random() * (len(FAMILY_NAMES) - 1))
    return one_of(random, days[1:]), f"{given} {FAMILY_NAMES[place % len(FAMILY_NAMES)]}"


def _row(student: Student, enrollment: Enrollment) -> StudentRow:
    return StudentRow(
        student_id=student.student_id,
        student_name=student.name,
        class_id=enrollment.class_id,
        grade_level=student.grade_level,
        enrollment_status=enrollment.status,
        updated_at=f"{enrollment.first_day}T07:30:00",
        school_id=student.school_id,
        ethnicity=student.ethnicity,
        special_education="true" if student.special_education else "false",
    )
