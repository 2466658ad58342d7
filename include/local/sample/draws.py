"""Draws that every Python version and machine repeats, because they are made from `Random.random()` alone."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Item = TypeVar("Item")


def stream(*parts: object) -> Random:
    """A generator of its own for the thing that `parts` name, so that no draw depends on what was drawn before."""
    return Random("/".join(str(part) for part in parts))


def between(random: Random, low: float, high: float) -> float:
    """A number from `low` to `high`, all equally likely."""
    return low + (high - low) * random.random()


def bell(random: Random) -> float:
    """A number near 0 with standard deviation 1: twelve uniform draws less six."""
    total = -6.0
    for _ in range(12):
        total += random.random()
    return total


def one_of(random: Random, items: Sequence[Item]) -> Item:
    """One of `items`, all equally likely."""
    return items[int(random.random() * len(items))]


def evenly(seed: int, number: int, step: float) -> float:
    """A number from 0 to 1 for the `number`-th of many, spread so evenly that a small sample has its share too.

    `step` is an irrational number; two properties drawn with different ones have nothing to do with each other.
    """
    return (stream(seed, step).random() + number * step) % 1


def weighted(point: float, items: Sequence[tuple[Item, float]]) -> Item:
    """The item at `point` (0..1) when each takes up its percentage; the percentages add up to 100."""
    percent = point * 100
    for item, percentage in items:
        percent -= percentage
        if percent < 0:
            return item
    return items[-1][0]
