"""What is learned: the learning units of each product and grade, and how well a learner does in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from include.local.sample.draws import bell, one_of
from include.local.sample.events.clock import Day
from include.local.sample.events.learners import Learner, Story
from include.local.sample.learning_units import units

PRODUCTS: Mapping[str, str] = {"ela": "English", "science": "Science"}
REVIEWED_SHARE = 0.15
HEAD_START = 0.1  # of the year: the units change in November and in February


class Unit(NamedTuple):
    """A learning unit as the products show it."""

    unit_id: str
    name: str
    product: str


@cache
def _units() -> Mapping[tuple[str, int], Sequence[Unit]]:
    """The units of a product and grade in the order in which they are taught."""
    subjects = {subject: product for product, subject in PRODUCTS.items()}
    found: dict[tuple[str, int], list[Unit]] = {}
    for row in units():
        if row.subject in subjects:
            product = subjects[row.subject]
            found.setdefault((product, row.grade_level), []).append(Unit(row.unit_id, row.unit_name, product))
    return found


def unit_of(learner: Learner, day: Day) -> Unit:
    """The unit that is taught on the day in one of the products, or now and then an earlier one."""
    in_order = _units()[one_of(day.random, tuple(PRODUCTS)), learner.grade_level]
    place = min(int((day.progress + HEAD_START) * len(in_order)), len(in_order) - 1)
    if place and day.random.random() < REVIEWED_SHARE:
        place -= 1
    return in_order[place]


def share_of_points(learner: Learner, story: Story, unit: Unit, day: Day) -> float:
    """The share of points that the learner gets now, 0..1: by ability, growing with the year and with practice."""
    practised = story.practice[unit.unit_id]
    expected = learner.ability - 0.26 + 0.24 * day.progress + 0.34 * practised / (practised + 5)
    return min(1.0, max(0.0, expected + 0.08 * bell(day.random)))
