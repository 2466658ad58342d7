"""Sessions in the two products themselves, which tell who did what to which object, and know no sessions."""

from __future__ import annotations

from include.local.sample.draws import between, weighted
from include.local.sample.events.clock import Day
from include.local.sample.events.courses import unit_of
from include.local.sample.events.learners import Learner
from include.local.sample.rows import ProductEventRow

VERBS = (("viewed", 38), ("selected", 22), ("answered", 24), ("completed", 15), ("bookmarked", 1))
"""`bookmarked` is in no row of the seed event_types."""
PLACES = {"viewed": "page", "selected": "option", "answered": "question", "completed": "lesson", "bookmarked": "page"}
PRODUCT_NAMES = {"ela": "ELA", "science": "Science"}


def product_session(learner: Learner, day: Day, length: float) -> list[ProductEventRow]:
    """About `length` events in one unit: something is started, then looked at, answered and at last completed."""
    unit, random = unit_of(learner, day), day.random
    rows: list[ProductEventRow] = []
    verb = "started"
    while True:
        place = f"{PLACES.get(verb, 'lesson')}-{int(between(random, 1, 9))}"
        rows.append(
            ProductEventRow(
                day.new_id(),
                learner.user_id,
                verb,
                f"{unit.unit_id}/{place}",
                PRODUCT_NAMES[unit.product],
                day.later(3, 90),
            )
        )
        if len(rows) >= length or day.is_over:
            return rows
        verb = weighted(random.random(), VERBS)
