from __future__ import annotations

import io
from collections.abc import Sequence

import pytest

from include.analytics.curves import Curve, can_draw, drawn
from include.analytics.spelling import share, whole


def curve(values: Sequence[float | None], low: float = 0.0) -> Curve:
    return Curve("Users", values, ("Aug", "Mar"), whole, low)


def test_a_curve_rises_from_its_low_to_its_highest_value_and_leaves_a_gap_where_nothing_is_known() -> None:
    assert drawn(curve([0, 24, None, 48]), columns=16).splitlines() == [
        "Users",
        "       48 │      ██",
        "          │      ██",
        "          │      ██",
        "          │  ██  ██",
        "          │  ██  ██",
        "        0 │  ██  ██",
        "           Aug  Mar",
    ]


def test_more_values_than_columns_are_drawn_by_the_mean_of_neighbours() -> None:
    lines = drawn(curve([10, 20] * 200), columns=80).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-2].endswith("█" * 68)
    assert lines[1].split()[0] == "16"


def test_a_rate_may_begin_above_zero() -> None:
    lines = drawn(Curve("ADA", [0.8, 0.9], ("Aug", "Mar"), share, 0.8), columns=20).splitlines()
    assert (lines[1], lines[6]) == ("    90.0% │     █████", "    80.0% │     █████")


@pytest.mark.parametrize("values", [[], [None, None]])
def test_of_values_that_are_not_known_there_is_no_curve(values: list[float | None]) -> None:
    assert drawn(curve(values), columns=80) == ""


def test_values_that_are_all_zero_are_a_curve_on_the_ground() -> None:
    assert "█" not in drawn(curve([0, 0, 0]), columns=80)


@pytest.mark.parametrize(("encoding", "can"), [("utf-8", True), ("ascii", False), ("latin-1", False)])
def test_curves_are_drawn_where_the_encoding_has_their_characters(encoding: str, can: bool) -> None:
    assert can_draw(io.TextIOWrapper(io.BytesIO(), encoding=encoding)) is can
