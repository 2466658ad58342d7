"""The reference of the learning events: what is known of it, and other streams of events, row for row, against it.

`ROLLCALL_TEST_EXAMPLES=20 pytest tests/dbt/test_learning_reference.py` tries twenty more streams of events.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL

from include.silver_fingerprints import OF_EVENTS
from include.warehouse.connection import connect
from tests.dbt.conftest import MODELS, School, tables
from tests.dbt.differences import differences
from tests.dbt.random_events import RandomEvents
from tests.dbt.reference.layers import learning_silver
from tests.dbt.reference.learning_events import NOT_SAID, with_sessions
from tests.dbt.reference.learning_events_mastery import deltas_of_content, share_of_score
from tests.dbt.reference.learning_events_sessions import minute, session_metrics
from tests.dbt.seeds import seeds
from tests.ingestion.test_properties import EXAMPLES

CHICAGO = "America/Chicago"
LEARNING = ("--select", *(f"path:models/silver/{domain}" for domain in OF_EVENTS), "path:seeds")


if EXAMPLES:

    @pytest.mark.parametrize("zone", ["UTC", CHICAGO, "Asia/Tokyo"])
    @pytest.mark.parametrize("seed", range(1, EXAMPLES + 1))
    def test_so_they_are_of_other_streams(
        seed: int, zone: str, warehouse_url: URL, warehouse: psycopg.Connection, manifest: Path, tmp_path: Path
    ) -> None:
        RandomEvents(seed).fill(warehouse)
        school = School(warehouse_url, shutil.copytree(manifest.parent, tmp_path / "target"), zone)
        for max_load_id in (seed % 6, None):
            school.dbt(*MODELS, *LEARNING, max_load_id=max_load_id)
        with connect(warehouse_url) as connection:
            found = tables(connection)
        for table, rows in learning_silver(school.bronze(), seeds(), zone).items():
            told = differences(table, rows, found[table])
            assert not told, f"{table}\n{told}"


def event(seconds: str, **said: Any) -> dict[str, Any]:
    """An event of one user so many seconds after noon."""
    at = datetime(2025, 1, 6, 12, tzinfo=UTC) + timedelta(microseconds=int(Decimal(seconds) * 1_000_000))
    kind = {"event_type": "page_view", "is_completion": False, "source": "platform_events", "user_id": "L1"}
    return {**NOT_SAID, **kind, "event_id": f"{seconds}", "occurred_at": at, "_load_id": 1, **said}


def test_the_reference_parts_sessions_after_more_than_the_gap_only() -> None:
    names = [row["session_id"] for row in with_sessions([event("0"), event("1800"), event("3600.000001")])]
    first, last = "2025-01-06T12:00:00.000000Z", "2025-01-06T13:00:00.000001Z"
    assert names == [f"platform_events:L1:{first}"] * 2 + [f"platform_events:L1:{last}"]


def test_the_reference_gives_a_lone_event_a_minute_and_several_the_time_between() -> None:
    assert minute([event("0")])["time_spent_seconds"] == 60
    assert minute([event("0.5"), event("30")])["time_spent_seconds"] == Decimal("29.5")
    assert minute([event("0"), event("0")])["time_spent_seconds"] == 0


def test_the_reference_counts_a_content_as_completed_only_after_its_start() -> None:
    done = {"event_type": "lesson_complete", "is_completion": True, "session_id": "a"}
    begun = {"event_type": "lesson_start", "session_id": "a"}
    events = [
        event("0", content_id="A", **done),
        event("1", content_id="A", **begun),
        event("2", content_id="B", **begun),
        event("3", content_id="B", **done),
    ]
    (found,) = session_metrics(events, "UTC")
    assert (found["completion_rate"], found["duration_seconds"]) == (Decimal("0.5"), 3)


@pytest.mark.parametrize(
    ("score", "most", "share"), [(85, None, "0.85"), (4, 5, "0.8"), (6, 5, None), (-1, 5, None), (0, 0, None)]
)
def test_the_reference_leaves_out_scores_beyond_their_bounds(score: int, most: int | None, share: str | None) -> None:
    found = share_of_score(event("0", score=Decimal(score), max_score=None if most is None else Decimal(most)))
    assert found == (None if share is None else Fraction(share))


def test_the_reference_emits_the_first_mastery_and_then_changes() -> None:
    attempts = [
        {**event(f"{number}"), "attempted_at": number, "mastery": Decimal(mastery), "learner_id": "L1"}
        | {"partition_date": None}
        for number, mastery in enumerate(("0.5", "0.5", "0.9"))
    ]
    found = [
        (row["mastery_delta"], row["confidence_score"], row["evidence_count"]) for row in deltas_of_content(attempts)
    ]
    assert found == [(Decimal("0.5"), Decimal("0.7"), 1), (Decimal("0.4"), Decimal("0.7"), 3)]
