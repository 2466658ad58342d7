"""What gold says of learners and contents, made of the events up to as_of alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.learning_events import SESSION_GAP
from tests.dbt.reference.learning_events_activity import ALL
from tests.dbt.reference.rounding import rate, rounded

Tables = dict[str, Rows]


def learner_activity_summary(made: Tables, as_of: date) -> Rows:
    """`made` are the tables of silver, here and below, of events up to as_of."""
    minutes = within(made["minute_metrics"], "partition_date", as_of, 90)
    return [
        {
            "learner_id": learner_id,
            "calendar_date": day,
            "daily_events": sum(row["total_events"] for row in of_day),
            "hours_spent": rounded(sum(Fraction(row["time_spent_seconds"]) for row in of_day) / 3600, 4),
            "sessions": len({row["session_id"] for row in of_day}),
            "lessons_completed": sum(row["lessons_completed"] for row in of_day),
            "assessments_completed": sum(row["assessments_completed"] for row in of_day),
        }
        for (learner_id, day), of_day in grouped(minutes, "learner_id", "partition_date").items()
    ]


def within(rows: Rows, column: str, as_of: date, days: int) -> Rows:
    """The rows of so many days that end on as_of."""
    return [row for row in rows if as_of - timedelta(days=days) < row[column] <= as_of]


def current_sessions(made: Tables, end: datetime) -> Rows:
    """The sessions whose last event lies no farther than the gap from the end of as_of."""
    return [
        {name: value for name, value in row.items() if name != "_load_id"} | {"is_active": True}
        for row in made["session_metrics"]
        if end - row["last_activity_at"] <= SESSION_GAP
    ]


def content_mastery_trends(made: Tables, as_of: date) -> Rows:
    deltas = within(made["mastery_deltas"], "partition_date", as_of, 30)
    return [
        {
            "content_id": content_id,
            "calendar_date": day,
            "learners_affected": len({row["learner_id"] for row in of_day}),
            "avg_mastery_change": average([row["mastery_delta"] for row in of_day], 4),
            "avg_current_mastery": average([row["current_mastery"] for row in of_day], 4),
            "avg_confidence": average([row["confidence_score"] for row in of_day], 4),
        }
        for (content_id, day), of_day in grouped(deltas, "content_id", "partition_date").items()
    ]


def average(values: list[Decimal], places: int) -> Decimal | None:
    """The mean; nothing when there are no values."""
    return rounded(sum(map(Fraction, values), Fraction(0)) / len(values), places) if values else None


class Learner:
    """What a user did up to as_of."""

    def __init__(self, made: Tables, user_id: str, as_of: date) -> None:
        self.as_of = as_of
        of_user = {
            name: [row for row in made[name] if row["user_id"] == user_id]
            for name in ("fact_user_days", "fact_student_activity", "fact_learning_progress")
        }
        self.days = [row for row in of_user["fact_user_days"] if row["source"] == ALL]
        self.active_on = sorted(row["calendar_date"] for row in self.days if row["active_events"])
        self.activity = of_user["fact_student_activity"]
        self.units = {row["unit_id"] for row in of_user["fact_learning_progress"]}
        self.mastered = {row["unit_id"] for row in of_user["fact_learning_progress"] if row["is_mastered"]}
        completed_on = [row["calendar_date"] for row in self.activity if row["lesson_completes"]]
        self.activated_on = min(completed_on, default=None)

    def total(self, column: str) -> int:
        return sum(row[column] for row in self.activity)

    def accuracy(self, activity: Rows) -> Decimal | None:
        return rate(sum(row["problems_correct"] for row in activity), sum(row["problems_judged"] for row in activity))

    def session_minutes(self) -> Decimal | None:
        sessions = sum(row["sessions"] for row in self.days)
        seconds = sum((Fraction(row["session_seconds"]) for row in self.days), Fraction(0))
        return rounded(seconds / 60 / sessions, 2) if sessions else None

    def progress(self) -> Row:
        """The columns of mart_student_progress that say what was done."""
        last_7 = within(self.activity, "calendar_date", self.as_of, 7)
        active_last_7 = [day for day in self.active_on if day > self.as_of - timedelta(days=7)]
        return {
            "days_active": len(self.active_on),
            "total_events": self.total("total_events"),
            "avg_accuracy_rate": self.accuracy(self.activity),
            "lessons_completed": self.total("lesson_completes"),
            "problems_attempted": self.total("problem_attempts"),
            "first_active_date": min(self.active_on, default=None),
            "last_active_date": max(self.active_on, default=None),
            "avg_session_minutes": self.session_minutes(),
            "units_attempted": len(self.units),
            "units_mastered": len(self.mastered),
            "units_in_progress": len(self.units - self.mastered),
            "mastery_rate": rate(len(self.mastered), len(self.units)),
            "days_active_last_7": len(active_last_7),
            "events_last_7": sum(row["total_events"] for row in last_7),
            "accuracy_last_7": self.accuracy(last_7),
            "engagement_level": engagement_level(len(active_last_7)),
            "progress_status": progress_status(len(self.mastered), len(self.units)),
            "is_activated": self.activated_on is not None,
            "activated_on": self.activated_on,
        }


def engagement_level(days: int) -> str:
    levels = {5: "highly_engaged", 3: "moderately_engaged", 1: "low_engagement", 0: "inactive"}
    return next(level for least, level in levels.items() if days >= least)


def progress_status(mastered: int, attempted: int) -> str:
    if not attempted:
        return "not_started"
    share = Fraction(mastered, attempted)
    return "on_track" if share >= Fraction(4, 5) else "needs_support" if share >= Fraction(1, 2) else "at_risk"


def mart_student_progress(made: Tables, current: dict[str, Row], schools: Rows, as_of: date) -> Rows:
    """`current` are the versions of the students that hold at as_of."""
    school = {row["school_id"]: row for row in schools}
    return [
        {
            "student_id": student_id,
            "full_name": version["student_name"] or "Unknown",
            **{name: version[name] for name in ("school_id", "grade_level", "ethnicity")},
            **{name: school[version["school_id"]][name] for name in ("school_name", "district", "poverty_level")},
        }
        | Learner(made, student_id, as_of).progress()
        for student_id, version in current.items()
    ]


def activation_by_cohort(made: Tables, current: dict[str, Row], as_of: date) -> Rows:
    users = {row["user_id"] for row in made["fact_user_days"]}
    learners = {user_id: Learner(made, user_id, as_of) for user_id in users}
    active = [
        {
            "school_id": current[user_id]["school_id"] if user_id in current else "UNKNOWN",
            "month_start": learner.active_on[0].replace(day=1),
            "days": None if learner.activated_on is None else (learner.activated_on - learner.active_on[0]).days,
        }
        for user_id, learner in learners.items()
        if learner.active_on
    ]
    return [
        {"school_id": school_id, "month_start": month} | cohort([row["days"] for row in of_month])
        for (school_id, month), of_month in grouped(active, "school_id", "month_start").items()
    ]


def cohort(days: list[int | None]) -> Row:
    known = sorted(number for number in days if number is not None)
    middle = [known[(len(known) - 1) // 2], known[len(known) // 2]] if known else []
    return {
        "users": len(days),
        "activated_users": len(known),
        "activation_rate": rate(len(known), len(days)),
        "median_days_to_activation": Decimal(sum(middle)) / 2 if middle else None,
    }
