"""The year of a learner in the products: on which days there are sessions, of what kind, how long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from include.local.sample.draws import between, stream, weighted
from include.local.sample.events.clock import Day
from include.local.sample.events.learners import Learner, Story
from include.local.sample.events.platform import platform_session
from include.local.sample.events.products import product_session
from include.local.sample.events.reading import mobile_session, web_session
from include.local.sample.events.rewards import reward_events
from include.local.sample.options import Options
from include.local.sample.rows import Delivery, EventRow, EventSource, Kind, ProductEventRow
from include.local.sample.school_year import SCHOOL_DAYS, day_type

Shares = tuple[tuple[EventSource, float], ...]
Events = dict[EventSource, list[Delivery]]

# How likely an active day is, beside a school day on which the learner is there.
DAY_TYPES = {"instructional": 1.0, "weekend": 0.25, "holiday": 0.2, "break": 0.12}
ABSENT, FRIDAY = 0.3, 0.85
SESSION_KINDS: Shares = (("platform_events", 62), ("product_events", 20), ("mobile_events", 10), ("web_events", 8))
VISITOR_KINDS: Shares = (("platform_events", 10), ("mobile_events", 50), ("web_events", 40))
REWARDED_SHARE = 0.4
FEWEST_EVENTS = 3.0  # of an active day, when one is as rare as can be
FIT = 1.1  # what learners who begin late, pause or give up leave to the others
IS_SCHOOL_DAY = frozenset(SCHOOL_DAYS)


def event_deliveries(learner: Learner, absences: Iterable[date], options: Options) -> Events:
    """All events of a learner by source, each with the month or term in whose file it arrives when it is in time."""
    random = stream(options.seed, "events", learner.user_id)
    story, absent_on = Story(), frozenset(absences)
    found: Events = {}
    for date_of in learner.days:
        if date_of not in learner.away and random.random() < _likely(learner, date_of, absent_on, options.events):
            day = Day(learner.user_id, date_of, date_of in IS_SCHOOL_DAY, random)
            _add_sessions(found, learner, story, day, options.events)
    return found


def usual_share(events: float) -> float:
    """How likely an active day is of a usual learner on a school day, 0..1, for that many events a day."""
    return events / (events + FEWEST_EVENTS)


def _likely(learner: Learner, day: date, absent_on: frozenset[date], events: float) -> float:
    usual = usual_share(events) * learner.keenness * DAY_TYPES[day_type(day)]
    return min(0.97, usual * (ABSENT if day in absent_on else 1.0) * (FRIDAY if day.isoweekday() == 5 else 1.0))


def _add_sessions(found: Events, learner: Learner, story: Story, day: Day, events: float) -> None:
    of_day = (events + FEWEST_EVENTS) * FIT
    sessions = 1 + (day.random.random() < events / (events + 16))
    for _ in range(sessions):
        length = of_day / sessions * between(day.random, 0.3, 1.7)
        if not day.begin_session():
            return
        kind = weighted(day.random.random(), SESSION_KINDS if learner.is_student else VISITOR_KINDS)
        for row in _session(kind, learner, story, day, length):
            found.setdefault(kind, []).append(_delivered(kind, day, row))
        if day.random.random() < REWARDED_SHARE:
            rewards = found.setdefault("reward_events", [])
            rewards.extend(_delivered("reward_events", day, row) for row in reward_events(learner, story, day))


def _session(kind: EventSource, learner: Learner, story: Story, day: Day, length: float) -> Iterable[EventRow]:
    if kind == "platform_events":
        return platform_session(learner, story, day, length)
    if kind == "product_events":
        return product_session(learner, day, length)
    if kind == "mobile_events":
        return mobile_session(learner, story, day, length)
    return web_session(learner, story, day, length)


def _delivered(source: EventSource, day: Day, row: EventRow) -> Delivery:
    kind: Kind = "plain"
    if source == "platform_events":
        return day.month, kind, row
    if isinstance(row, ProductEventRow):
        return f"{row.product.lower()} {day.term}", kind, row
    return day.term, kind, row
