"""The onboarding funnel, and what came of experiments."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.engagement_periods import last_day, spine
from tests.dbt.reference.learning_events import in_order
from tests.dbt.reference.rounding import rate, ratio, rounded

STEPS = ("onboarding_complete", "content_started", "content_completed", "trial_start", "subscription_start")
CONTROL = "control"
WINDOW = timedelta(days=7)
MICROSECONDS_PER_HOUR = timedelta(hours=1) // timedelta(microseconds=1)
Z_95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""


def onboarding_funnel(milestones: Rows, as_of: date) -> Rows:
    """`milestones`: rows of fact_milestones up to as_of. Nothing when nobody took the first step."""
    walks = [walked for (_,), rows in grouped(milestones, "user_id").items() if (walked := walk(rows))]
    months = {walked[0]["calendar_date"].replace(day=1) for walked in walks}
    return [
        row
        for month in (spine("month", min(months), as_of) if months else ())
        for row in steps_of(month, [w for w in walks if w[0]["calendar_date"].replace(day=1) == month], as_of)
    ]


def walk(milestones: Rows) -> Rows:
    """The steps that a user took one after the other: each the first at or after the one before."""
    taken: Rows = []
    for step in STEPS:
        possible = [
            row
            for row in milestones
            if row["milestone"] == step and (not taken or row["occurred_at"] >= taken[-1]["occurred_at"])
        ]
        if not possible:
            break
        taken.append(in_order(possible)[0])
    return taken


def steps_of(month: date, walks: list[Rows], as_of: date) -> Iterator[Row]:
    reached = [[walked for walked in walks if len(walked) > place] for place in range(len(STEPS))]
    for place, step in enumerate(STEPS):
        hours = [hours_between(walked[place - 1], walked[place]) for walked in reached[place]] if place else []
        yield {
            "cohort_month": month,
            "step_number": place + 1,
            "step": step,
            "users": len(reached[place]),
            "share_of_first": rate(len(reached[place]), len(reached[0])),
            "share_of_previous": rate(len(reached[place]), len(reached[place - 1])) if place else None,
            "median_hours": rounded(median(hours), 2) if hours else None,
            "is_complete": last_day("month", month) <= as_of,
        }


def hours_between(before: Row, after: Row) -> Fraction:
    microseconds = (after["occurred_at"] - before["occurred_at"]) // timedelta(microseconds=1)
    return Fraction(microseconds, MICROSECONDS_PER_HOUR)


def experiment_results(milestones: Rows, events: Rows, end: datetime) -> Rows:
    """`end` is that of as_of; of the `events` up to there the completions are looked at one by one."""
    completed: dict[str, list[datetime]] = {}
    for event in events:
        if event["is_completion"]:
            completed.setdefault(event["user_id"], []).append(event["occurred_at"])
    exposures = [row for row in milestones if row["milestone"] == "experiment_exposure"]
    return [
        {"experiment": experiment, **row}
        for (experiment,), rows in grouped(exposures, "experiment").items()
        for row in variants(rows, completed, end)
    ]


def variants(exposures: Rows, completed: dict[str, list[datetime]], end: datetime) -> Iterator[Row]:
    """Of one experiment: a row for each variant that is the first of somebody."""
    users = [exposed(in_order(rows), completed) for rows in grouped(exposures, "user_id").values()]
    counts = {
        variant: counted([user for user in members if user["until"] < end], len(members))
        for (variant,), members in grouped(users, "variant").items()
    }
    control = counts.get(CONTROL)
    for variant, count in counts.items():
        compared = control if variant != CONTROL else None
        yield {"variant": variant, **count, **comparison(count, compared)}


def exposed(seen: Rows, completed: dict[str, list[datetime]]) -> Row:
    """A user of an experiment, by what was seen in order."""
    first = seen[0]
    until = first["occurred_at"] + WINDOW
    return {
        "variant": first["variant"],
        "until": until,
        "is_crossover": any(row["variant"] != first["variant"] for row in seen),
        "is_converted": any(first["occurred_at"] < at <= until for at in completed.get(first["user_id"], [])),
    }


def counted(complete: Rows, seen: int) -> Row:
    """`complete`: the users whose window is over; `seen`: how many there are in all."""
    conversions = sum(user["is_converted"] for user in complete)
    return {
        "users": len(complete),
        "users_in_window": seen - len(complete),
        "crossover_users": sum(user["is_crossover"] for user in complete),
        "conversions": conversions,
        "conversion_rate": rate(conversions, len(complete)),
    }


def comparison(count: Row, control: Row | None) -> Row:
    """Wald's interval of the difference with the variances apart, and the two-sided z test with one for both."""
    names = ("lift", "difference", "difference_low", "difference_high", "p_value")
    nothing: dict[str, Any] = dict.fromkeys(names)
    if control is None or not count["users"] or not control["users"]:
        return nothing
    here, there = share(count), share(control)
    difference = here - there
    margin = Z_95 * math.sqrt(here * (1 - here) / count["users"] + there * (1 - there) / control["users"])
    return {
        "lift": rounded(ratio(difference, there), 4),
        "difference": rounded(difference, 4),
        "difference_low": rounded(Decimal(float(difference) - margin), 4),
        "difference_high": rounded(Decimal(float(difference) + margin), 4),
        "p_value": p_value(count, control),
    }


def share(count: Row) -> Fraction:
    return Fraction(count["conversions"], count["users"])


def p_value(count: Row, control: Row) -> Decimal | None:
    """2·(1 − Φ(|z|)) = erfc(|z|/√2); nothing when all or none converted."""
    pooled = Fraction(count["conversions"] + control["conversions"], count["users"] + control["users"])
    variance = pooled * (1 - pooled) * (Fraction(1, count["users"]) + Fraction(1, control["users"]))
    if not variance:
        return None
    z = float(share(count) - share(control)) / math.sqrt(variance)
    return rounded(Decimal(math.erfc(abs(z) / math.sqrt(2))), 6)
