"""Learning events of many learners, day after day: the same bytes each time, a million lines in a few seconds.

Every learner does the same thirty things each day, at an hour and with a success of the learner's own: a session on the
platform, then something in a product, in the app, on the web site, and a reward.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bench.bronze.files import mixed

EVENTS_OF_LEARNER = 30
SESSION = (
    *("page_view", "lesson_start", "page_view", "interaction", "problem_attempt", "problem_attempt"),
    *("help_requested", "problem_attempt", "problem_attempt", "lesson_complete", "page_view", "problem_attempt"),
    *("problem_attempt", "problem_attempt", "feature_use", "assessment_start", "problem_attempt"),
    "assessment_complete",
)
VERBS = ("started", "viewed", "selected", "answered", "answered", "completed")
READING = ("app-open", "item-started", "item-finished")
DAYS_OF_UNIT = 15
LONGEST_DELAY = 10
HEADERS = {
    "platform_events": "event_id,learner_id,event_type,timestamp,session_id,data,metadata,version",
    "product_events": "id,userId,verb,object,product,timestamp",
    "mobile_events": "event_name,event_timestamp,user_id,arrival_timestamp,session_id,device_locale_country,"
    "device_platform_name,user_access_type,item_id,item_type,item_title",
    "web_events": "event_name,event_timestamp,user_id,arrival_timestamp,session_id,country_code,device_type,"
    "user_access_type,referrer,item_id,item_type,item_title",
    "reward_events": "event_time,user_id,event_type,transaction_category,miles_amount,platform,utm_source,country",
}
"""The columns of each source."""
TIME_COLUMN = {"platform_events": 3, "product_events": 5}
"""Of the sources whose events have an id, and can be corrected."""
Line = tuple[str, tuple[str, ...]]
"""The source of an event, and its cells."""


@dataclass
class Stream:
    """The files' content, one day after the other.

    When it is `disturbed`, of a hundred events two come one to ten days late and one comes again on the next day, and
    of two hundred with an id one is corrected by the next day: all of that on top of the day's own.
    """

    learners: int
    disturbed: bool
    day_number: int = 0
    repeated: int = 0
    _pending: dict[int, list[tuple[Line, bool]]] = field(default_factory=lambda: defaultdict(list))

    def day(self, day: date) -> Iterator[Line]:
        """What arrives on the next day; `repeated` counts the events that arrived before."""
        number = self.day_number
        self.day_number += 1
        for learner in range(self.learners):
            lines = _events(number, day.isoformat(), learner)
            if self.disturbed:
                yield from self._disturb(number, learner, lines)
            else:
                yield from lines
        for line, is_repeated in self._pending.pop(number, ()):
            self.repeated += is_repeated
            yield line

    def _disturb(self, number: int, learner: int, lines: Iterator[Line]) -> Iterator[Line]:
        for place, line in enumerate(lines):
            fate = mixed((number * self.learners + learner) * EVENTS_OF_LEARNER + place) // 7 % 1000
            if fate < 20:
                self._pending[number + 1 + fate % LONGEST_DELAY].append((line, False))
                continue
            yield line
            if fate < 30:
                self._pending[number + 1].append((line, True))
            elif fate < 35 and line[0] in TIME_COLUMN:
                self._pending[number + 1].append((_corrected(line), False))


def _corrected(line: Line) -> Line:
    source, cells = line
    place = TIME_COLUMN[source]
    return source, (*cells[:place], cells[place].removesuffix("Z") + ".5Z", *cells[place + 1 :])


def _events(number: int, day: str, learner: int) -> Iterator[Line]:
    """The thirty events of a learner on a day."""
    chance = mixed(number * 1_000_003 + learner)
    times = _times(day, 7 + chance % 10, chance % 60)
    user, unit = f"S{learner:06d}", f"U{number // DAYS_OF_UNIT}-{learner % 7}"
    yield from _platform(user, unit, f"{number}-{learner}", chance, times)
    product = ("ela", "science")[chance % 2]
    for place, verb in enumerate(VERBS):
        yield "product_events", (f"{number}-{learner}-{place}", user, verb, f"{unit}/{place}", product, next(times))
    yield from _reading(user, f"{number}-{learner}", chance, times)
    yield "reward_events", (next(times), user, "miles_earned", "lesson_completed", str(chance % 50), "web", "", "US")


def _times(day: str, hour: int, minute: int) -> Iterator[str]:
    """A time every forty seconds."""
    second = hour * 3600 + minute * 60
    while True:
        yield f"{day}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
        second += 40


def _platform(user: str, unit: str, name: str, chance: int, times: Iterator[str]) -> Iterator[Line]:
    session = f"P{name}" if chance % 10 else ""
    metadata = '{"source":"web_app","country":"US"}' if chance % 2 else '{"source":"mobile_app","country":"US"}'
    for place, event_type in enumerate(SESSION):
        data = f'{{"unit_id":"{unit}"}}'
        if event_type == "problem_attempt":
            correct = "true" if (chance >> place) % 4 else "false"
            data = (
                f'{{"problem_id":"{unit}-P{place}","unit_id":"{unit}","correct":{correct},"time_seconds":{place + 20}}}'
            )
        elif event_type in ("lesson_start", "lesson_complete"):
            data = f'{{"lesson_id":"{unit}-L{chance % 5}","unit_id":"{unit}"}}'
        elif event_type == "assessment_complete":
            score = 50 + chance % 51
            data = f'{{"assessment_id":"{unit}-Q{chance % 3}","unit_id":"{unit}","score":{score},"max_score":100}}'
        cells = (f"{name}-{place}", user, event_type, next(times), session, data, metadata, "1.0")
        yield "platform_events", cells


def _reading(user: str, name: str, chance: int, times: Iterator[str]) -> Iterator[Line]:
    item = (str(800 + chance % 90), "book", "A Map of Small Rivers")
    for event in READING:
        time = next(times)
        yield "mobile_events", (event, time, user, time, f"M{name}", "US", "iOS", "free", *item)
    for event in READING[1:]:
        time = next(times)
        yield "web_events", (event, time, user, time, f"W{name}", "US", "laptop", "free", "", *item)
