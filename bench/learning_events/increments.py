"""One more day of events, with late, repeated and corrected ones, on a short history and on a long one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from bench.bronze.databases import Databases
from bench.bronze.results import Result
from bench.district import school_days
from bench.learning_events.files import write_days
from bench.learning_events.stream import EVENTS_OF_LEARNER, Stream
from bench.learning_events.warehouse import Cost, Warehouse

DAYS_AT_ONCE = 10
"""How much of a history is written and loaded at a time: its files take disk that a history needs."""
REACH = 1.5


@dataclass(frozen=True)
class Increment:
    """What a day of events cost, and the data tests of silver after it."""

    bronze: float
    silver: float
    seconds: float
    tests: float

    @property
    def database(self) -> float:
        """The database time of the load and of the models."""
        return self.bronze + self.silver


def increments(
    databases: Databases, folder: Path, histories: Sequence[int], learners: int, rounds: int, say: Callable[[str], None]
) -> Iterator[Result]:
    """The database time of the day on each history, and how many times that of the shortest history it is."""
    found = {history: _measured(databases, folder, history, learners, rounds, say) for history in sorted(histories)}
    shortest = median(one.database for one in found[min(found)])
    for history, measured in found.items():
        work = f"{learners * EVENTS_OF_LEARNER:,} events of a day onto {history:,}"
        times = median(one.database for one in measured) / shortest
        if history > min(found):
            figure = f"{times:.2f}"
            yield Result(work, f"database time / onto {min(found):,}", figure, f"≤ {REACH:g}", times <= REACH)
        for name in ("database", "bronze", "silver"):
            what = f"database time, {'all' if name == 'database' else name}"
            yield Result(work, what, _seconds([getattr(one, name) for one in measured]))
        yield Result(work, "by the clock, without the start of dbt", _seconds([one.seconds for one in measured]))
        yield Result(work, "database time of the data tests", _seconds([one.tests for one in measured]))


def _measured(
    databases: Databases, folder: Path, history: int, learners: int, rounds: int, say: Callable[[str], None]
) -> list[Increment]:
    """The days that follow on a history, one after the other."""
    warehouse, stream = Warehouse(databases, folder), Stream(learners, disturbed=True)
    days = list(school_days(max(1, history // (learners * EVENTS_OF_LEARNER)) + rounds))
    for first in range(0, len(days) - rounds, DAYS_AT_ONCE):
        some = days[first : min(first + DAYS_AT_ONCE, len(days) - rounds)]
        say(f"history to {some[-1]}: bronze {_load(warehouse, stream, some).seconds:.1f} s")
    say(f"history of {history:,}: silver {warehouse.build().seconds:.1f} s")
    warehouse.settle()
    warehouse.publish()
    measured = []
    for day in days[-rounds:]:
        bronze, silver = _load(warehouse, stream, [day]), warehouse.build()
        tests = warehouse.test().database
        warehouse.publish()
        measured.append(Increment(bronze.database, silver.database, bronze.seconds + silver.seconds, tests))
        say(f"onto {history:,}, {day}: {measured[-1]}")
    return measured


def _load(warehouse: Warehouse, stream: Stream, days: Sequence[date]) -> Cost:
    """What the load of some days costs."""
    repeated = stream.repeated
    written = write_days(warehouse.raw, stream, days).total()
    loads = warehouse.load(written - (stream.repeated - repeated)).values()
    return Cost(sum(cost.seconds for cost in loads), sum(cost.database for cost in loads))


def _seconds(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f}) s"
