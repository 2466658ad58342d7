"""The students of the sample: who they are, which class they are in and when that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from include.local.sample.draws import bell, between, evenly, one_of, stream, weighted
from include.local.sample.names import FAMILY_NAMES, GIVEN_NAMES
from include.local.sample.options import Options
from include.local.sample.school_year import CLASS_CHANGE_DAYS, FIRST_DAY, SCHOOL_DAYS

STUDENTS_AT_SCALE_1 = 1200
STUDENTS_PER_CLASS = 24
FEWEST_CLASS_PAIRS = 4
CLASS_PAIRS_PER_DISTRICT_ZONE = 28
GRADES = (6, 8, 10, 7, 9, 11, 12)  # of successive class pairs: mixed, so that a small sample too has several schools
GOLDEN_RATIO, ROOT_OF_TWO = 1.618033988749895, 1.4142135623730951

ETHNICITIES = (
    ("White", 40),
    ("Hispanic or Latino", 28),
    ("Black or African American", 16),
    ("Asian", 8),
    ("Two or More Races", 6),
    ("American Indian or Alaska Native", 1),
    ("Native Hawaiian or Other Pacific Islander", 1),
)


@dataclass(frozen=True)
class Enrollment:
    """What holds of a student from `first_day` on."""

    first_day: date
    class_id: str
    status: str


@dataclass(frozen=True)
class Student:
    """One student. `absence_rate` is the expected share of days absent, `ability` that of points; both are 0..1."""

    number: int
    name: str
    school_id: str
    grade_level: int
    ethnicity: str
    special_education: bool
    absence_rate: float
    ability: float
    enrollments: tuple[Enrollment, ...]

    @property
    def student_id(self) -> str:
        """S00001 and so on."""
        return f"S{self.number:05d}"

    def school_days(self) -> Iterator[date]:
        """The school days on which the student is enrolled."""
        last = self.enrollments[-1]
        for day in SCHOOL_DAYS:
            if self.enrollments[0].first_day <= day and (last.status == "ACTIVE" or day < last.first_day):
                yield day


def students(options: Options) -> Iterator[Student]:
    """The students of a district, one at a time; scale 1 has 1,200."""
    for number, class_index in _places(options):
        yield _student(number, class_index, options)


def school_sizes(options: Options) -> Mapping[str, int]:
    """The schools of the district by their ids, each with the number of its students in the year."""
    sizes = Counter(_school_id(class_index // 2) for _, class_index in _places(options))
    return dict(sorted(sizes.items(), key=lambda school: school_number(school[0])))


def school_number(school_id: str) -> int:
    """The number in the id: 1 of SCH-01."""
    return int(school_id.removeprefix("SCH-"))


def _places(options: Options) -> Iterator[tuple[int, int]]:
    """The number of each student, and which class it is in, from 0."""
    count = max(1, round(STUDENTS_AT_SCALE_1 * options.scale))
    class_pairs = max(FEWEST_CLASS_PAIRS, round(count / (2 * STUDENTS_PER_CLASS)))
    for number in range(1, count + 1):
        yield number, number % (2 * class_pairs)


def _student(number: int, class_index: int, options: Options) -> Student:
    seed = options.seed
    random = stream(seed, "student", number)
    pair = class_index // 2
    return Student(
        number=number,
        name=f"{one_of(random, GIVEN_NAMES)} {one_of(random, FAMILY_NAMES)}",
        school_id=_school_id(pair),
        grade_level=_grade(pair),
        ethnicity=weighted(random.random(), ETHNICITIES),
        special_education=random.random() < 0.14,
        absence_rate=_absence_rate(random, evenly(seed, number, GOLDEN_RATIO)),
        ability=0.74 + 0.11 * bell(random),
        enrollments=_enrollments(random, class_index, options.class_changes, evenly(seed, number, ROOT_OF_TWO)),
    )


def _grade(pair: int) -> int:
    return GRADES[pair % len(GRADES)]


def _school_id(pair: int) -> str:
    grade = _grade(pair)
    of_grade = 1 if grade <= 7 else 2 if grade <= 9 else 3
    return f"SCH-{3 * (pair // CLASS_PAIRS_PER_DISTRICT_ZONE) + of_grade:02d}"


def _absence_rate(random: Random, point: float) -> float:
    """Most students miss a few days; about one in seven misses a tenth of the year or much more."""
    if point < 0.14:
        return 0.12 + 0.22 * random.random() * random.random()
    return between(random, 0.01, 0.065)


def _enrollments(random: Random, class_index: int, class_changes: float, point: float) -> tuple[Enrollment, ...]:
    class_id = f"CLASS-{class_index + 1:02d}"
    sibling_class_id = f"CLASS-{(class_index ^ 1) + 1:02d}"  # the other class of the same school and grade
    whole_year = Enrollment(FIRST_DAY, class_id, "ACTIVE")
    changed = 100 * class_changes
    # The shift puts class changes first and late comers and leavers last: these stay the same whatever is asked.
    events = (("changed class", changed), ("none", 91 - changed), ("came late", 4), ("left", 5))
    event = weighted((point + 0.06) % 1, events)
    if event == "came late":
        return (Enrollment(one_of(random, SCHOOL_DAYS[5:60]), class_id, "ACTIVE"),)
    if event == "left":
        status = weighted(random.random(), (("TRANSFERRED", 65), ("DROPPED", 35)))
        return (whole_year, Enrollment(one_of(random, SCHOOL_DAYS[5:-5]), class_id, status))
    if event == "changed class":
        return (whole_year, Enrollment(one_of(random, CLASS_CHANGE_DAYS), sibling_class_id, "ACTIVE"))
    return (whole_year,)
