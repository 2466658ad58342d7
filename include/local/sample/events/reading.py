"""Sessions in the reading app and on its web site: the app is opened, books and talks are begun and finished."""

from __future__ import annotations

from collections.abc import Iterator

from include.local.sample.draws import between, one_of, weighted
from include.local.sample.events.clock import Day
from include.local.sample.events.learners import Learner, Story
from include.local.sample.rows import MobileEventRow, WebEventRow

# Made up: no such book or talk is meant.
TITLES = """
The Clockmaker's Garden; Tides, Winds and Stars; A Map of Small Rivers; Winter at the Lighthouse; How Bridges Stand
The Seed Bank; Letters from the Ridge; What Owls Hear; Bread, Salt and Iron; The Last Streetcar; Under the Ice
Numbers in the Wild; A Choir of Frogs; The Borrowed Violin; Night Ferry; Fields of Glass; The Paper Kite
"""
ITEMS = tuple(title.strip() for line in TITLES.strip().splitlines() for title in line.split(";"))
FIRST_ITEM_ID = 871
TYPES = ("book", "book", "talk")
BROWSERS = (("Chrome", 70), ("Safari", 20), ("Edge", 10))
REFERRERS = ("landing-page", "search", "school-portal", "")
WITHOUT_SESSION_SHARE = 0.05
Item = tuple[str, str, str]
NOTHING: Item = ("", "", "")


def mobile_session(learner: Learner, story: Story, day: Day, length: float) -> Iterator[MobileEventRow]:
    """The events of about `length` that the app sends, up to a minute after they happened."""
    session = "" if day.random.random() < WITHOUT_SESSION_SHARE else f"M-{day.new_id()}"
    access = story.access_type
    for name, item in _reading(story, day, "app-open", length):
        time = day.later(5, 600)
        item_id = f"{item[0]}.0" if item[0] else ""  # as the app writes it
        yield MobileEventRow(
            *(name, "7.2.5", day.time(day.second + 1), learner.country, learner.device_os),
            *(time, session, access, learner.user_id, item_id, *item[1:]),
        )


def web_session(learner: Learner, story: Story, day: Day, length: float) -> Iterator[WebEventRow]:
    """The events of about `length` that the web site sends."""
    session = "" if day.random.random() < WITHOUT_SESSION_SHARE else f"W-{day.new_id()}"
    browser = weighted(day.random.random(), BROWSERS)
    access, referrer = story.access_type, one_of(day.random, REFERRERS)
    for name, item in _reading(story, day, "login-successful", length):
        time = day.later(5, 600)
        yield WebEventRow(
            *(name, time, learner.user_id, day.time(day.second + 1), browser, "laptop"),
            *(session, access, learner.country, referrer, *item),
        )


def _reading(story: Story, day: Day, first: str, length: float) -> Iterator[tuple[str, Item]]:
    """Names and items: an item is finished in the session in which it was begun, or in a later one, or never."""
    yield first, NOTHING
    written = 1
    while written < length and not day.is_over:
        if story.open_item is None:
            story.open_item = int(between(day.random, 0, len(ITEMS)))
            yield "item-started", _item(story.open_item)
        else:
            if day.random.random() < 0.75:
                yield "item-finished", _item(story.open_item)
            story.open_item = None
        written += 1


def _item(place: int) -> Item:
    return str(FIRST_ITEM_ID + place), TYPES[place % len(TYPES)], ITEMS[place]
