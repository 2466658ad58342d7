"""Made-up histories of users over months: who comes daily, weekly, after a hole, to an experiment, through the funnel.

They are walks of tests/dbt/random_events.py with holes between their days instead of between their minutes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.dbt.random_events import EventStream

Row = dict[str, Any]
Events = Iterator[tuple[str, Row]]

TICK, HOUR, DAY, WEEK = (timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7))
FIRST_DAY, LAST_DAY = datetime(2024, 8, 5, tzinfo=UTC), datetime(2025, 2, 10, tzinfo=UTC)
HOLES = {
    "daily": (1,) * 20 + (2, 3),
    "often": (1,) * 10 + (2, 9),
    "weekly": (7, 7, 7, 1, 2, 6, 8),
    "monthly": (28, 30, 31, 31, 14, 5),
    "lapsing": (1, 1, 2, 30, 31, 89, 90, 91, 92),
}
"""Days from one active day to the next, the edges of every dormancy among them."""
HOURS = (
    # Chicago's midnight in summer and in winter, that of UTC, and school.
    *(hour * HOUR + tick for hour in (5, 6, 24) for tick in (-TICK, timedelta(0))),
    *(hour * HOUR for hour in (1, 8, 14, 15, 16, 17)),
)
SOURCES = ("mobile_events", "web_events", "reward_events", "reward_events", "product_events")
PLATFORM_TYPES = ("lesson_start", "lesson_complete", "lesson_complete", "feature_use", "feature_use", "page_view")
FUNNEL = ("onboarding_complete", "lesson_start", "lesson_complete", "trial_start", "subscription_start")

EXPOSED = (
    # Over the days on which Chicago's clocks go back; windows that end with a day for which gold is made, or before.
    *(datetime(2024, 10, 28, 5, tzinfo=UTC), datetime(2024, 11, 3, 4, 59, tzinfo=UTC)),
    *(datetime(2025, 1, 25, 6, tzinfo=UTC), datetime(2025, 1, 25, 6, tzinfo=UTC) - TICK),
)
AFTER = (timedelta(0), TICK, 30 * HOUR, WEEK - TICK, WEEK, WEEK, WEEK + TICK, 9 * DAY)
"""From an exposure to what is hoped for."""

MONTHS = [datetime(2022 + month // 12, month % 12 + 1, 10, 12, tzinfo=UTC) for month in range(9, 31)]
"""From October 2022 to July 2024, before anybody else comes."""
PLAN = (
    *((0, 0, 10), (2, 0, 4), (4, 1, 5), (7, 2, 5), (5, 4, 0), (10, 2, 1), (6, 8, 0), (3, 4, 0), (5, 6, 0)),
    # Nobody comes for two months.
    *((10, 0, 0), (0, 0, 0), (0, 5, 0), (2, 1, 2), (2, 0, 1), (1, 1, 0), (3, 3, 0), (4, 0, 8)),
    *((2, 3, 0), (5, 2, 2), (1, 0, 2), (6, 8, 1), (2, 1, 1)),
)
"""How many of a month do not come in the next, come again, and are new: by every word that is said of growth."""

LAST_AS_OF = datetime(2025, 1, 31, 18, tzinfo=UTC)
EDGES = ((91, 31, 8, 2), (90, 30, 7, 1), *((days,) for days in (1, 7, 30, 90)), ())
"""Of each user the holes between days, the last of which is the last one for which gold is made."""


class RandomHabits:
    """Events of one source after the other, the same for the same chance."""

    def __init__(self, chance: random.Random, stream: EventStream) -> None:
        self.chance, self.stream = chance, stream

    def events(self, users: list[str]) -> Events:
        """Of these users the habits; months, experiments and funnels are of others, so that nothing comes between."""
        for user in users:
            yield from self._habit(user)
        yield from self._months()
        for number in range(40):
            yield from self._experiment(f"X{number:02}")
            yield from self._funnel(f"Y{number:02}")
        for number, holes in enumerate(EDGES):
            yield from self._on_edges(f"Z{number}", holes)

    def _habit(self, user: str) -> Events:
        """From some day on, until the user stays away."""
        holes, day = HOLES[self.chance.choice((*HOLES, "daily", "daily"))], self._day()
        while day < LAST_DAY and self.chance.random() < 0.99:
            for _ in range(self.chance.choice((1, 1, 2))):
                yield self._done(user, day + self.chance.choice(HOURS))
            day += self.chance.choice(holes) * DAY

    def _day(self) -> datetime:
        return FIRST_DAY + self.chance.randrange((LAST_DAY - FIRST_DAY).days) * DAY

    def _done(self, user: str, moment: datetime) -> tuple[str, Row]:
        if self.chance.random() < 0.4:
            return self._typed(self.chance.choice(PLATFORM_TYPES), user, moment)
        source = self.chance.choice(SOURCES)
        return source, self.stream.event(source, user, moment, None)

    def _typed(self, event_type: str, user: str, moment: datetime, **said: Any) -> tuple[str, Row]:
        event = self.stream.event("platform_events", user, moment, None)
        return "platform_events", {**event, "event_type": event_type, "data": (event["data"] or {}) | said}

    def _months(self) -> Events:
        gone: list[str] = []
        there: list[str] = []
        for number, (leave, back, new) in enumerate(PLAN):
            self.chance.shuffle(there)
            self.chance.shuffle(gone)
            come = gone[:back] + [f"W{number:02}{place}" for place in range(new)]
            there, gone = there[leave:] + come, gone[back:] + there[:leave]
            for user in there:
                yield self._typed("page_view", user, MONTHS[number])

    def _experiment(self, user: str) -> Events:
        """An exposure, at times a second one, and a completion around the ends of the window."""
        exposed = self.chance.choice((self._day() + self.chance.choice(HOURS), self.chance.choice(EXPOSED)))
        again = [self.chance.choice((DAY, 20 * DAY))] * (self.chance.random() < 0.3)
        for after in (timedelta(0), *again):
            said = {"experiment": self.chance.choice(("E1", "E1", "E2")), "variant": self._variant()}
            yield self._typed("experiment_exposure", user, exposed + after, **said)
        # One without a control, another in which nobody does what is hoped for.
        yield self._typed("experiment_exposure", user, exposed, experiment="E3", variant="large")
        if self.chance.random() < 0.8:
            yield self._typed("lesson_complete", user, exposed + self.chance.choice(AFTER))
        else:
            yield self._typed("experiment_exposure", user, exposed, experiment="E4", variant=self._variant())

    def _variant(self) -> str:
        return self.chance.choice(("control", "large", "small"))

    def _funnel(self, user: str) -> Events:
        """Steps one after the other, at times at once, before the one before, or not at all."""
        moment = self._day()
        for step in FUNNEL:
            if self.chance.random() < 0.15:
                continue
            yield self._typed(step, user, moment)
            moment += self.chance.choice((timedelta(0), TICK, HOUR, 7 * HOUR / 2, 3 * DAY, 40 * DAY, -DAY))

    def _on_edges(self, user: str, holes: tuple[int, ...]) -> Events:
        for place in range(len(holes) + 1):
            yield self._typed("page_view", user, LAST_AS_OF - sum(holes[place:]) * DAY)
