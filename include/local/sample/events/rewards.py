"""Miles that learners earn and spend, and what they share, like and look for."""

from __future__ import annotations

from collections.abc import Iterator

from include.local.sample.draws import between, one_of, weighted
from include.local.sample.events.clock import Day
from include.local.sample.events.learners import Learner, Story
from include.local.sample.rows import RewardEventRow

EVENTS = (("miles_earned", 56), ("miles_redeemed", 10), ("share", 9), ("like", 15), ("reward_search", 10))
EARNED_FOR = ("lesson_completed", "quiz_mastered", "daily_streak", "referral")
SPENT_ON = ("gift_card", "avatar_item", "donation")
CARELESS_SHARE = 0.3  # of those who cannot afford what they want: who take it all the same


def reward_events(learner: Learner, story: Story, day: Day) -> Iterator[RewardEventRow]:
    """What follows on a session: one event, or two."""
    for _ in range(1 + (day.random.random() < 0.3)):
        event_type, category, amount = _transaction(weighted(day.random.random(), EVENTS), story, day)
        yield RewardEventRow(
            event_time=day.later(1, 90),
            user_id=learner.user_id,
            event_type=event_type,
            transaction_category=category,
            miles_amount=amount,
            platform=one_of(day.random, ("web", "mobile")),
            utm_source=learner.utm_source,
            country=learner.country,
        )


def _transaction(event_type: str, story: Story, day: Day) -> tuple[str, str, str]:
    """What happens, its category and its miles, which are above 0 whichever way they go; both empty without miles."""
    if event_type == "miles_earned":
        earned = 5 * int(between(day.random, 1, 11))
        story.miles += earned
        return event_type, one_of(day.random, EARNED_FOR), str(earned)
    if event_type != "miles_redeemed":
        return event_type, "", ""
    price = 50 * int(between(day.random, 1, 5))
    if story.miles < price and day.random.random() >= CARELESS_SHARE:
        return "reward_search", "", ""
    story.miles -= price
    return event_type, one_of(day.random, SPENT_ON), str(price)
