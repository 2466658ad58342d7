"""Made-up learning events: streams that crowd on a few instants, on edges of days and months, and on the session gap.

`RandomEvents` are rows of bronze; tests/dbt/random_event_files.py writes raw files.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.dbt.random_habits import RandomHabits
from tests.dbt.random_school import LOADS, distinct
from tests.dbt.world import insert

Row = dict[str, Any]

TICK, SECOND, GAP = timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=30)
STEPS = (*(timedelta(0), TICK, SECOND, 20 * SECOND, 60 * SECOND - TICK, 60 * SECOND) * 2, GAP - TICK, GAP, GAP + TICK)
JUMPS = (timedelta(hours=5), timedelta(days=1), timedelta(days=70))
EDGES = (
    # Shortly before midnight in Chicago at the end of a month, and in UTC.
    datetime(2024, 9, 1, 4, 50, tzinfo=UTC),
    datetime(2024, 9, 30, 23, 55, tzinfo=UTC),
    # Chicago's clocks go back, and forth.
    datetime(2024, 11, 3, 5, 40, tzinfo=UTC),
    datetime(2025, 3, 9, 7, 50, tzinfo=UTC),
    # Before the ends of the days for which gold is made.
    datetime(2025, 1, 9, 23, 10, tzinfo=UTC),
    datetime(2025, 1, 31, 22, 55, tzinfo=UTC),
)
PLATFORM_TYPES = (
    *("page_view", "interaction", "lesson_start", "assessment_start", "error", "custom") * 2,
    *("assessment_complete", "problem_attempt", "lesson_complete") * 6,
    *("help_requested", "Page_View", "whiteboard"),
    *("onboarding_complete", "experiment_exposure", "trial_start", "subscription_start", "feature_use", "feature_use"),
)
VERBS = ("viewed", "selected", "started", "answered", "completed", "Completed", "pondered")
ITEM_NAMES = (
    "app-open",
    "login-successful",
    "item-started",
    "item-finished",
    "item-started",
    "item-finished",
    "swiped",
)
REWARDS = ("miles_earned", "miles_redeemed", "share", "like", "reward_search", "spun")
SCORES = (0, 1, 4, 4, 5, "4", 79.5, 80, 80, "80.0", 85, 101, -1, "n/a", None, {"of": 5})
TIMES = {
    "platform_events": "timestamp",
    "product_events": "timestamp",
    "mobile_events": "event_timestamp",
    "web_events": "event_timestamp",
    "reward_events": "event_time",
}
"""The time of an event of each source."""


class EventStream:
    """Events of each source, user by user, with the columns of the contract."""

    def __init__(self, chance: random.Random, users: list[str]) -> None:
        self.chance, self.users, self.number = chance, users, 0
        self.made: dict[str, Callable[[str, datetime], Row]] = {
            "platform_events": self._platform,
            "product_events": self._product,
            "mobile_events": self._mobile,
            "web_events": self._web,
            "reward_events": self._reward,
        }

    def walk(self, user: str, begin: datetime) -> Iterator[tuple[str, Row]]:
        """Some events of a user from a moment on, of up to three sources and several sessions."""
        sources = self.chance.choices(list(self.made), weights=(4, 2, 1, 1, 1), k=3)
        moment, session = begin, self._session(user)
        for _ in range(self.chance.choice((1, 6, 20))):
            moment += self.chance.choice(JUMPS if self.chance.random() < 0.05 else STEPS)
            session = self._session(user) if self.chance.random() < 0.15 else session
            source = self.chance.choice(sources)
            yield source, self.event(source, user, moment, session)

    def corrected(self, source: str, row: Row) -> Row:
        """Another version: of events with an id of any content, of the others only of what is not in their key."""
        if source not in ("platform_events", "product_events"):
            names = {"reward_events": ("country", "utm_source")}.get(source, ("item_title", "user_access_type"))
            return {**row, self.chance.choice(names): self.chance.choice(("DE", "at", "Tarka", None))}
        later = self.chance.choice((timedelta(0), TICK, GAP, timedelta(hours=-1), *JUMPS))
        user = self.chance.choice((row[user_column(source)], self.chance.choice(self.users)))
        other = self.event(source, user, row["timestamp"] + later, self._session(user))
        kept = ("event_id",) if source == "platform_events" else ("product", "id")
        return {**(other if self.chance.random() < 0.7 else row), **{name: row[name] for name in kept}} | {
            "timestamp": other["timestamp"]
        }

    def event(self, source: str, user: str, moment: datetime, session: str | None) -> Row:
        """An event of the source, of that session when events of the source have one."""
        event = self.made[source](user, moment)
        return event | ({"session_id": session} if "session_id" in event else {})

    def _session(self, user: str) -> str | None:
        """Half have none; the others are of the user, or of many, and come again months later."""
        return self.chance.choice((None, None, f"{user}-a", f"{user}-b", "shared"))

    def _next(self) -> str:
        # The order of texts is not that of numbers.
        self.number += 1
        return f"{self.chance.choice('aB_é')}{self.number}"

    def _platform(self, user: str, moment: datetime) -> Row:
        return {
            "event_id": self._next(),
            "learner_id": user,
            "event_type": self.chance.choice(PLATFORM_TYPES),
            "timestamp": moment,
            "session_id": None,
            "data": self._data() if self.chance.random() < 0.95 else None,
            "metadata": {
                name: value
                for name, values in {
                    "source": ("web_app", "mobile_app", "kiosk", None),
                    "country": ("DE", "us", "fr", None),
                    "device": ("iPhone", None),
                    "utm_source": ("letter", None),
                }.items()
                if (value := self.chance.choice(values)) is not None
            },
        }

    def _data(self) -> Row:
        choice = self.chance.choice
        said = {
            **{f"{name}_id": choice(("1", "1", "2", None)) for name in ("assessment", "problem", "lesson")},
            "unit_id": choice(("U1", "U2", 3, None, None)),
            "page_id": choice(("home", "map", None)),
            "item_id": choice((873, None, None)),
            "score": choice(SCORES),
            "max_score": choice((5, 100, 100, "5", None, None, 0, -3)),
            "correct": choice((True, False, "yes", "0", "perhaps", None)),
            "time_seconds": choice((0, 12.5, "33", "long", None)),
            "points": choice((3, None)),
            "title": choice(("Zero", None)),
            "feature": choice(("notes", "maps", 3, "", None)),
            "experiment": choice(("E1", "E2", None)),
            "variant": choice(("control", "large", None)),
        }
        # Some say that it is null.
        return {name: value for name, value in said.items() if self.chance.random() < 0.6}

    def _product(self, user: str, moment: datetime) -> Row:
        return {
            "id": self._next(),
            "userId": user,
            "verb": self.chance.choice(VERBS),
            "object": self.chance.choice(("page-1", "page-2", "quiz-1")),
            "product": self.chance.choice(("ela", "science", "chess")),
            "timestamp": moment,
        }

    def _mobile(self, user: str, moment: datetime) -> Row:
        return self._item(user, moment) | {
            "device_locale_country": self.chance.choice(("US", "at", "ch", "DE", None)),
            "device_platform_name": self.chance.choice(("iOS", "ANDROID", None)),
        }

    def _web(self, user: str, moment: datetime) -> Row:
        return self._item(user, moment) | {
            "country_code": self.chance.choice(("CH", "us", None)),
            "device_type": self.chance.choice(("laptop", None)),
            "referrer": self.chance.choice(("search", None)),
        }

    def _item(self, user: str, moment: datetime) -> Row:
        item = self.chance.choice(("873", "1006", None))
        return {
            "event_name": self.chance.choice(ITEM_NAMES),
            "event_timestamp": moment,
            "user_id": user,
            "arrival_timestamp": self.chance.choice((moment + SECOND, None)),
            "session_id": None,
            "user_access_type": self.chance.choice(("free", None)),
            "item_id": item,
            "item_type": item and self.chance.choice(("book", "Book", None)),
            "item_title": item and self.chance.choice(("'Zero, and One'", None)),
        }

    def _reward(self, user: str, moment: datetime) -> Row:
        return {
            "event_time": moment,
            "user_id": user,
            "event_type": self.chance.choice(REWARDS),
            "transaction_category": self.chance.choice(("reading", None)),
            "miles_amount": self.chance.choice((10, 8, 7, -7, None)),
            "platform": self.chance.choice(("web", "iOS", "mobile", "kiosk", None)),
            "utm_source": self.chance.choice(("letter", None)),
            "country": self.chance.choice(("DE", None)),
        }


class RandomEvents:
    """Rows of bronze, the same for the same seed; they come in any order of loads, and some are corrected."""

    def __init__(self, seed: int, users: int = 60) -> None:
        chance = random.Random(seed)
        # Students of tests/dbt/random_school.py, and a few of whom no roster speaks.
        names = [f"R{number:04}" for number in range(users)] + ["Q9999", "guest"]
        stream = EventStream(chance, names)
        self.tables: dict[str, list[Row]] = {source: [] for source in TIMES}
        walks = (stream.walk(user, begin) for user in names for begin in chance.choices(EDGES, k=4))
        for source, row in chain(*walks, RandomHabits(chance, stream).events(names)):
            is_corrected = chance.random() < 0.08 and row[user_column(source)] in names
            versions = [row, *([stream.corrected(source, row)] if is_corrected else [])]
            self.tables[source] += [{**version, "_load_id": chance.choice(LOADS)} for version in versions]

    def fill(self, connection: psycopg.Connection) -> None:
        for table, rows in self.tables.items():
            days = [row[TIMES[table]].date() for row in rows]
            connection.execute("select ops.make_month_partitions(%s::regclass, %s)", [f"bronze.{table}", days])
            insert(connection, table, [as_json(row) for row in distinct(rows)])


def user_column(source: str) -> str:
    """What a source calls its users."""
    return {"platform_events": "learner_id", "product_events": "userId"}.get(source, "user_id")


def as_json(row: Row) -> Row:
    """Objects as the driver takes them."""
    return {name: Jsonb(value) if isinstance(value, dict) else value for name, value in row.items()}
