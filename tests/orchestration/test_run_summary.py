from __future__ import annotations

import pytest

from include.orchestration.run_summary import outcome_of


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param({"ingest_a": "success", "goal": "success"}, ("success", []), id="all well"),
        pytest.param({"ingest_a": "skipped", "goal": "success"}, ("success", []), id="a source left out"),
        pytest.param({"ingest_a": "failed", "goal": "success"}, ("partial", ["ingest_a"]), id="a source failed"),
        pytest.param(
            {"check": "failed", "goal": "upstream_failed"}, ("failed", ["check"]), id="stopped before the goal"
        ),
    ],
)
def test_the_outcome_of_a_run(states: dict[str, str], expected: tuple) -> None:
    assert outcome_of(states, "goal") == expected
