"""Events of which a later file has a second version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random

from include.local.sample.rows import Delivery, PlatformEventRow, ProductEventRow, Row


def with_corrections(
    deliveries: Iterable[Delivery], later: Mapping[str, Sequence[str]], share: float, random: Random
) -> Iterator[Delivery]:
    """The events, and of a share of those that have a later file the same again in the next one, at a later time.

    Events without an id of their own cannot be corrected: another time would make another event of them.
    """
    for file, kind, row in deliveries:
        yield file, kind, row
        if file in later and random.random() < share:
            yield later[file][0], "corrected", _corrected(row)


def _corrected(row: Row) -> Row:
    """The same event as the server's clock had it, a little later."""
    if isinstance(row, PlatformEventRow):
        return row._replace(timestamp=_a_little_later(row.timestamp), version="1.1")
    if isinstance(row, ProductEventRow):
        return row._replace(timestamp=_a_little_later(row.timestamp))
    raise TypeError(f"a {type(row).__name__} has no id of its own: it cannot be corrected")


def _a_little_later(time: str) -> str:
    """0.9 ms later: at no other event's time, for those are in whole milliseconds."""
    return time.removesuffix("Z") + "900Z"
