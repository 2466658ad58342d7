"""Whom gold warns of at as_of, and by which value."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.dbt.reference.bronze import Row, Rows, grouped, school_year
from tests.dbt.reference.roster import member_on
from tests.dbt.reference.rounding import mean


def early_warning(facts: dict[str, Rows], memberships: Rows, statuses: Rows, rules: Rows, as_of: date) -> Rows:
    """The severity and value of each student enrolled at as_of and each indicator, without the sentence; `facts` are
    those up to as_of.
    """
    rule = {row["indicator"]: row for row in rules}
    tested = grouped(facts["fact_assessments"], "student_id")
    active = grouped([row for row in facts["fact_user_days"] if is_active(row)], "user_id")
    this_year = {row["student_id"]: row for row in statuses if row["school_year"] == school_year(as_of)}
    found: Rows = []
    for (student_id,), rows in grouped(memberships, "student_id").items():
        member = member_on(rows, as_of)
        if member is None or not member["is_enrolled"]:
            continue
        judged = {
            "attendance": attendance(this_year.get(student_id), rule["attendance"]),
            "course": course(tested.get((student_id,), []), rule["course"]),
            "engagement": engagement(active.get((student_id,), []), rule["engagement"], as_of),
        }
        found += [
            {"student_id": student_id, "indicator": name, "severity": severity, "value": value}
            for name, (severity, value) in judged.items()
        ]
    return found


def is_active(day: Row) -> bool:
    return bool(day["source"] == "all" and day["active_events"])


def engagement(active: Rows, rule: Row, as_of: date) -> tuple[str, int | None]:
    """By the active days of the rule's window; nobody is warned of who was never active."""
    if not active:
        return "not_enough_data", None
    begin = as_of - timedelta(days=int(rule["window_size"]))
    days = sum(row["calendar_date"] > begin for row in active)
    return "warning" if days < int(rule["threshold"]) else "none", days


def attendance(status: Row | None, rule: Row) -> tuple[str, Decimal | None]:
    if status is None or status["band"] == "not_enough_data":
        return "not_enough_data", status["absence_rate"] if status else None
    if status["band"] in rule["warning_bands"].split():
        return "warning", status["absence_rate"]
    return "watch" if status["band"] in rule["watch_bands"].split() else "none", status["absence_rate"]


def course(tested: Rows, rule: Row) -> tuple[str, Decimal | None]:
    """By the mean of the last assessments, as many as the rule's window holds."""
    last = sorted(tested, key=lambda row: (row["assessment_date"], row["created_at"], row["assessment_id"]))
    scores = [row["score_percentage"] for row in last[-int(rule["window_size"]) :]]
    if not scores:
        return "not_enough_data", None
    is_low = sum(map(Fraction, scores)) < Fraction(rule["threshold"]) * len(scores)
    return "warning" if is_low else "none", mean(scores)
