"""What is recorded of one student: attendance with its later corrections, and assessments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from random import Random

from include.local.sample.district import Student
from include.local.sample.draws import bell, between, one_of, stream, weighted
from include.local.sample.options import USUAL_CORRECTED, Options
from include.local.sample.rows import AssessmentRow, AttendanceRow, Delivery
from include.local.sample.school_year import CALENDAR, LATER_MONTHS, SCHOOL_DAYS_OF_MONTH, later_files

ABSENT_STATUSES = ("ABSENT", "EXCUSED")
UNRECORDED_SHARE = 0.005
PERSISTENCE = 0.3  # how much of an absence carries over to the next day: illness lasts
SEASON = {8: 0.7, 9: 0.8, 10: 0.9, 11: 1.0, 12: 1.25, 1: 1.25, 2: 1.2, 3: 1.0}
WEEKDAY = {1: 1.12, 2: 0.94, 3: 0.9, 4: 0.92, 5: 1.15}

CORRECTED = {"ABSENT": "EXCUSED", "EXCUSED": "ABSENT", "PRESENT": "TARDY", "TARDY": "PRESENT", "HALF_DAY": "PRESENT"}
CORRECTED_SHARE = {"ABSENT": 0.16, "EXCUSED": 0.04, "PRESENT": 0.006, "TARDY": 0.03, "HALF_DAY": 0.03}

SUBJECTS = ("Mathematics", "English", "Science", "History")
MAX_SCORES = (20, 25, 40, 50, 100)
ASSESSMENT_WEEKS = {  # term → the Mondays of its assessment weeks; each subject has its own day of the week
    "2024-12": (date(2024, 10, 7), date(2024, 12, 9)),
    "2025-03": (date(2025, 3, 3),),
}
TERMS = tuple(ASSESSMENT_WEEKS)
LATER_TERMS = later_files(TERMS)
REGRADING_DAYS = SCHOOL_DAYS_OF_MONTH["2025-01"]


def statuses(student: Student, seed: int) -> dict[date, str]:
    """The attendance status of each day recorded; a day nobody recorded is left out."""
    random = stream(seed, "attendance", student.number)
    recorded = {}
    was_absent = False
    for day in student.school_days():
        expected = student.absence_rate * SEASON[day.month] * WEEKDAY[day.isoweekday()]
        was_absent = random.random() < (1 - PERSISTENCE) * expected + PERSISTENCE * was_absent
        status = _absence(random, student) if was_absent else _presence(random, student)
        if random.random() >= UNRECORDED_SHARE:
            recorded[day] = status
    return recorded


def attendance_rows(student: Student, recorded: Mapping[date, str], options: Options) -> Iterator[Delivery]:
    """The student's attendance, each row with the month (`2024-09`) in whose file it arrives.

    A correction arrives in the next month's file, with the id of the row that it corrects.
    """
    random = stream(options.seed, "corrections", student.number)
    corrected_share = {status: _corrected_share(status, options.corrected_attendance) for status in CORRECTED}
    student_id, minute = student.student_id, student.number * 7
    for day, status in recorded.items():
        text, month, number = CALENDAR[day]
        attendance_id = f"A{student.number:05d}-{number:03d}"
        created_at = f"{text}T15:{(minute + day.day * 3) % 60:02d}:00"
        yield month, "plain", AttendanceRow(attendance_id, student_id, text, status, created_at)
        if month in LATER_MONTHS and random.random() < corrected_share[status]:
            later = LATER_MONTHS[month][0]
            corrected_at = f"{one_of(random, SCHOOL_DAYS_OF_MONTH[later][:5])}T10:{int(random.random() * 60):02d}:00"
            yield later, "corrected", AttendanceRow(attendance_id, student_id, text, CORRECTED[status], corrected_at)


def assessment_rows(student: Student, recorded: Mapping[date, str], options: Options) -> Iterator[Delivery]:
    """The student's assessments, each with the term in whose file it arrives; who was not there takes none."""
    random = stream(options.seed, "regrading", student.number)
    number = 0
    for term, mondays in ASSESSMENT_WEEKS.items():
        for monday in mondays:
            for offset, subject in enumerate(SUBJECTS):
                number += 1
                day = monday + timedelta(days=offset)
                if recorded.get(day, "ABSENT") in ABSENT_STATUSES:
                    continue
                row = _assessment(student, number, subject, day, options.seed)
                yield term, "plain", row
                if term in LATER_TERMS and random.random() < options.corrected_elsewhere:
                    yield LATER_TERMS[term][0], "corrected", _regraded(random, row)


def _corrected_share(status: str, share: float) -> float:
    """Of the rows with a status, those that are corrected, when all in all `share` of the rows is."""
    usual = CORRECTED_SHARE[status]
    if share <= USUAL_CORRECTED:
        return usual * (share / USUAL_CORRECTED)
    return usual + (1 - usual) * (share - USUAL_CORRECTED) / (1 - USUAL_CORRECTED)


def _absence(random: Random, student: Student) -> str:
    excused = 25 if student.absence_rate > 0.1 else 50
    return weighted(random.random(), (("EXCUSED", excused), ("ABSENT", 100 - excused)))


def _presence(random: Random, student: Student) -> str:
    point = random.random()
    half_day_share, tardy_share = 0.006, 0.015 + 0.2 * student.absence_rate
    return "HALF_DAY" if point < half_day_share else "TARDY" if point < half_day_share + tardy_share else "PRESENT"


def _regraded(random: Random, row: AssessmentRow) -> AssessmentRow:
    """The row with another score, given early in the second semester."""
    score = row.score + 1 if row.score + 1 <= row.max_score else row.score - 1
    return row._replace(score=score, created_at=f"{one_of(random, REGRADING_DAYS)}T11:30:00")


@cache
def _paper(seed: int, subject: str, day: date, grade_level: int) -> tuple[int, float]:
    """The highest score of a paper and its difficulty: the same for everyone who takes it."""
    paper = stream(seed, "assessment", subject, day, grade_level)
    return one_of(paper, MAX_SCORES), between(paper, -0.08, 0.08)


def _assessment(student: Student, number: int, subject: str, day: date, seed: int) -> AssessmentRow:
    max_score, difficulty = _paper(seed, subject, day, student.grade_level)
    random = stream(seed, "score", student.number, number)
    missed_teaching = 0.7 * (student.absence_rate - 0.04)
    share = student.ability - missed_teaching - difficulty + 0.08 * bell(random)
    return AssessmentRow(
        assessment_id=f"E{student.number:05d}-{number:02d}",
        student_id=student.student_id,
        subject=subject,
        score=round(2 * max_score * min(1.0, max(0.0, share))) / 2,  # half points
        max_score=max_score,
        assessment_date=day.isoformat(),
        created_at=f"{day + timedelta(days=1)}T16:20:00",
    )
