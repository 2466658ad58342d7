"""What learners master: attempts, changes of mastery, progress by unit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.rounding import rate, rounded

MASTERED = Fraction(4, 5)
PLACES = 6


def share_of_score(event: Row) -> Fraction | None:
    """The score of the most that there is, which is 100 where it is not said; nothing for a score beyond its bounds."""
    score, most = event["score"], 100 if event["max_score"] is None else event["max_score"]
    if score is None or most <= 0 or not 0 <= score <= most:
        return None
    return Fraction(score) / Fraction(most)


def mastery_attempts(events: Rows) -> Rows:
    """The completed assessments that have a content and a score within its bounds."""
    found = []
    for event in events:
        share = share_of_score(event)
        if event["event_type"] != "assessment_complete" or event["content_id"] is None or share is None:
            continue
        names = ("source", "event_id", "content_id", "content_type", "session_id", "event_type", "_load_id")
        found.append(
            {name: event[name] for name in names}
            | {
                "learner_id": event["user_id"],
                "attempted_at": event["occurred_at"],
                "partition_date": event["event_date"],
                "mastery": rounded(share, PLACES),
            }
        )
    return found


def mastery_deltas(attempts: Rows) -> Rows:
    """The first attempt of each learner at each content, and every one that is unlike the one before."""
    return [
        delta
        for of_content in grouped(attempts, "learner_id", "content_id").values()
        for delta in deltas_of_content(of_content)
    ]


def deltas_of_content(attempts: Rows) -> Rows:
    found, previous = [], None
    ordered = sorted(attempts, key=lambda row: (row["attempted_at"], row["event_id"].encode(), row["source"]))
    for number, attempt in enumerate(ordered, start=1):
        if attempt["mastery"] != previous:
            found.append(delta(attempt, previous) | {"evidence_count": number})
        previous = attempt["mastery"]
    return found


def delta(attempt: Row, previous: Decimal | None) -> Row:
    names = ("source", "learner_id", "content_id", "content_type", "session_id", "partition_date", "_load_id")
    change = attempt["mastery"] - (previous or 0)
    return {name: attempt[name] for name in names} | {
        "previous_mastery": previous,
        "current_mastery": attempt["mastery"],
        "mastery_delta": change,
        "trigger_event_id": attempt["event_id"],
        "trigger_event_type": attempt["event_type"],
        "confidence_score": Decimal("0.7") if previous is None else min(Decimal(1), (1 + abs(change)) / 2),
        "changed_at": attempt["attempted_at"],
    }


def progress_days(events: Rows) -> Rows:
    """A row per user, unit and day with a problem attempted or an assessment completed."""
    tried = [
        {**event, "unit_id": event["unit_id"] if event["unit_id"] is not None else event["content_id"]}
        for event in events
        if event["event_type"] in ("problem_attempt", "assessment_complete")
    ]
    with_unit = [event for event in tried if event["unit_id"] is not None]
    return [
        {"user_id": user_id, "unit_id": unit_id, "calendar_date": day} | progress_day(of_day)
        for (user_id, unit_id, day), of_day in grouped(with_unit, "user_id", "unit_id", "event_date").items()
    ]


def progress_day(events: Rows) -> Row:
    judged = [event["is_correct"] for event in events if is_judged(event)]
    shares = [share for event in events if (share := share_of_score(event)) is not None]
    return {
        "attempts": len(events),
        "problems_judged": len(judged),
        "problems_correct": sum(judged),
        "best_score": rounded(max(shares), PLACES) if shares else None,
        "has_mastered": any(share >= MASTERED for share in shares),
        "_load_id": max(event["_load_id"] for event in events),
    }


def is_judged(event: Row) -> bool:
    return event["event_type"] == "problem_attempt" and event["is_correct"] is not None


def fact_learning_progress(days: Rows) -> Rows:
    """Each of the progress_days with all up to it."""
    ordered = sorted(days, key=lambda day: day["calendar_date"])
    return [
        progress_to_date(of_unit[:number])
        for of_unit in grouped(ordered, "user_id", "unit_id").values()
        for number in range(1, len(of_unit) + 1)
    ]


def progress_to_date(days: Rows) -> Row:
    best = [day["best_score"] for day in days if day["best_score"] is not None]
    is_mastered = any(day["has_mastered"] for day in days)
    return {name: days[-1][name] for name in ("user_id", "unit_id", "calendar_date")} | {
        "attempts_count": sum(day["attempts"] for day in days),
        "best_score": max(best, default=None),
        "accuracy_rate": rate(
            sum(day["problems_correct"] for day in days), sum(day["problems_judged"] for day in days)
        ),
        "mastery_status": "mastered" if is_mastered else "in_progress",
        "is_mastered": is_mastered,
        "_load_id": max(day["_load_id"] for day in days),
    }
