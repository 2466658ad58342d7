"""What gold says of classes."""

from __future__ import annotations

from datetime import date

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.roster import member_on
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


def class_summary(
    attendance: Rows, assessments: Rows, memberships: Rows, is_absent: dict[str, bool], as_of: date
) -> Rows:
    """A row for each class with members at as_of or records up to it.

    `is_absent` says of the students who could be judged whether they are chronically absent.
    """
    members = grouped([row for row in memberships if row["member_from"] <= as_of < row["member_until"]], "class_id")
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
