"""What gold says of classes and of students' performance at as_of."""

from __future__ import annotations

from datetime import date

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.roster import member_on, version_on
from tests.dbt.reference.rounding import mean, rate


def class_daily_performance(attendance: Rows, assessments: Rows, memberships: Rows) -> Rows:
    """A row for each class and date with a record; the facts are those up to as_of."""
    taken = grouped([row for row in attendance if row["class_id"]], "class_id", "attendance_date")
    tested = grouped([row for row in assessments if row["class_id"]], "class_id", "assessment_date")
    by_student = grouped(memberships, "student_id")
    return [
        {"class_id": class_id, "calendar_date": day}
        | class_on(taken.get((class_id, day), []), tested.get((class_id, day), []), active(by_student, class_id, day))
        for class_id, day in taken.keys() | tested.keys()
    ]


def active(memberships: dict[tuple[str, ...], Rows], class_id: str, day: date) -> set[str]:
    """The students who are ACTIVE members of the class on the day."""
    return {
        student_id
        for (student_id,), rows in memberships.items()
        if (member := member_on(rows, day))
        and member["class_id"] == class_id
        and member["enrollment_status"] == "ACTIVE"
    }


def class_on(taken: Rows, tested: Rows, members: set[str]) -> Row:
    present = sum(row["is_present"] for row in taken)
    students = len(members | {row["student_id"] for row in taken + tested})
    return {
        "total_students": students,
        "students_with_attendance": len(taken),
        "present_count": present,
        "absent_count": len(taken) - present,
        "attendance_rate": rate(present, len(taken)),
        # Nobody recorded is not nobody present.
        "attendance_rate_enrolled": rate(present, students) if taken else None,
        "attendance_coverage": rate(len(taken), students),
        "students_with_assessment": len({row["student_id"] for row in tested}),
        "assessment_count": len(tested),
        "avg_score": mean([row["score_percentage"] for row in tested]),
    }


def student_performance_summary(attendance: Rows, assessments: Rows, versions: Rows, as_of: date) -> Rows:
    """A row for each student with a version on or before as_of."""
    taken, tested = grouped(attendance, "student_id"), grouped(assessments, "student_id")
    begun = grouped([row for row in versions if row["valid_from"] <= as_of], "student_id")
    return [
        attributes(max(rows, key=lambda row: row["valid_from"]), as_of)
        | performance(taken.get(student, []), tested.get(student, []))
        for student, rows in begun.items()
    ]


def attributes(version: Row, as_of: date) -> Row:
    names = ("student_id", "school_id", "class_id", "grade_level", "enrollment_status")
    return {name: version[name] for name in names} | {
        "student_name": version["student_name"] or "Unknown",
        "is_active": version["enrollment_status"] == "ACTIVE" and as_of < version["valid_to"],
    }


def performance(taken: Rows, tested: Rows) -> Row:
    present = sum(row["is_present"] for row in taken)
    scores = [row["score_percentage"] for row in tested]
    dates = [row["attendance_date"] for row in taken]
    return {
        "total_attendance_days": len(taken),
        "present_days": present,
        "absent_days": len(taken) - present,
        "attendance_rate": rate(present, len(taken)),
        "total_assessments": len(tested),
        "avg_score": mean(scores),
        "min_score_percentage": min(scores, default=None),
        "max_score_percentage": max(scores, default=None),
        "first_attendance_date": min(dates, default=None),
        "last_attendance_date": max(dates, default=None),
        "last_assessment_date": max((row["assessment_date"] for row in tested), default=None),
    }


def class_summary(attendance: Rows, assessments: Rows, versions: Rows, is_absent: dict[str, bool], as_of: date) -> Rows:
    """A row for each class with members at as_of or records up to it.

    `is_absent` says of the students who could be judged whether they are chronically absent.
    """
    now = [version for rows in grouped(versions, "student_id").values() if (version := version_on(rows, as_of))]
    members = grouped(now, "class_id")
    taken = grouped([row for row in attendance if row["class_id"]], "class_id")
    tested = grouped([row for row in assessments if row["class_id"]], "class_id")
    return [
        {"class_id": key[0]} | class_at_as_of(members.get(key, []), taken.get(key, []), tested.get(key, []), is_absent)
        for key in members.keys() | taken.keys() | tested.keys()
    ]


def class_at_as_of(members: Rows, taken: Rows, tested: Rows, is_absent: dict[str, bool]) -> Row:
    judged = [is_absent[row["student_id"]] for row in members if row["student_id"] in is_absent]
    return {
        "total_students": len(members),
        "active_students": sum(row["enrollment_status"] == "ACTIVE" for row in members),
        "attendance_rate": rate(sum(row["is_present"] for row in taken), len(taken)),
        "avg_score": mean([row["score_percentage"] for row in tested]),
        "assessment_count": len(tested),
        "chronically_absent_students": sum(judged) if judged else None,
    }
