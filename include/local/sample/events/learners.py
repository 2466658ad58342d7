"""Who uses the products, how keenly, and from when to when; and what becomes of each while the year goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from include.local.sample.district import Student, school_sizes
from include.local.sample.draws import bell, between, evenly, one_of, stream, weighted
from include.local.sample.options import Options
from include.local.sample.school_year import FIRST_DAY, LAST_DAY, days_between

KEENNESS_STEP, VARIANT_STEP = 1.7320508075688772, 2.23606797749979  # the roots of three and of five
KEENNESS = ((0.3, 30), (1.0, 48), (2.2, 22))  # of how many percent: how often, beside the usual
STUDENTS_PER_VISITOR = 24
COUNTRIES = (("US", 86), ("CA", 5), ("MX", 3), ("DE", 3), ("AT", 2), ("CH", 1))
DEVICES = (("iOS", 46), ("ANDROID", 54))
CAMPAIGNS = (("", 55), ("newsletter", 18), ("school_portal", 20), ("search", 7))


@dataclass(frozen=True)
class Learner:
    """A user of the products. `away` are the days on which the user has lost interest; a visitor is no student."""

    user_id: str
    grade_level: int
    ability: float
    keenness: float
    variant_point: float
    days: tuple[date, ...]
    away: Collection[date]
    country: str
    device_os: str
    utm_source: str
    is_student: bool


@dataclass
class Story:
    """What has become of a learner so far: practice by unit, miles, trial and subscription, experiments seen."""

    practice: Counter[str] = field(default_factory=Counter)
    miles: int = 0
    is_onboarded: bool = False
    trial_since: date | None = None
    is_subscriber: bool = False
    variants: dict[str, str] = field(default_factory=dict)
    open_item: int | None = None

    @property
    def access_type(self) -> str:
        """What the products call the learner's account."""
        return "premium" if self.is_subscriber else "trial" if self.trial_since else "free"


def student_as_learner(student: Student, seed: int) -> Learner:
    """A student as the products know the student: by the same id, from the day of coming to that of leaving."""
    last = student.enrollments[-1]
    last_day = LAST_DAY if last.status == "ACTIVE" else last.first_day - timedelta(days=1)
    return _learner(
        student.student_id, student.grade_level, student.ability, (student.enrollments[0].first_day, last_day), seed
    )


def visitors(options: Options) -> Iterator[Learner]:
    """Users who are no students, V0001 and so on: those who teach, and parents."""
    count = max(2, sum(school_sizes(options).values()) // STUDENTS_PER_VISITOR)
    for number in range(1, count + 1):
        yield _learner(f"V{number:04d}", 0, 0.9, (FIRST_DAY, LAST_DAY), options.seed)


def _learner(user_id: str, grade_level: int, ability: float, enrolled: tuple[date, date], seed: int) -> Learner:
    random = stream(seed, "learner", user_id)
    number = int(user_id[1:])
    days = tuple(days_between(*enrolled))
    # Half begin in the first two weeks, the others by and by until February.
    wait = between(random, 0, 14) if random.random() < 0.5 else between(random, 14, 160)
    return Learner(
        user_id=user_id,
        grade_level=grade_level,
        ability=ability,
        keenness=weighted(evenly(seed, number, KEENNESS_STEP), KEENNESS) * (1 + 0.1 * bell(random)),
        variant_point=evenly(seed, number, VARIANT_STEP),
        days=days[min(int(wait), len(days) // 2) :],
        away=_away(random),
        country=weighted(random.random(), COUNTRIES),
        device_os=weighted(random.random(), DEVICES),
        utm_source=weighted(random.random(), CAMPAIGNS),
        is_student=grade_level > 0,
    )


def _away(random: Random) -> Collection[date]:
    """The days of a pause of some weeks, or of all the rest of the year; of most learners none."""
    kind = weighted(random.random(), (("stays", 62), ("pauses", 26), ("gives up", 12)))
    if kind == "stays":
        return frozenset()
    first = FIRST_DAY + timedelta(days=int(between(random, 30, 170)))
    last = first + timedelta(days=one_of(random, (20, 30, 45, 60))) if kind == "pauses" else LAST_DAY
    return frozenset(days_between(first, last))
