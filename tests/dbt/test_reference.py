"""Silver and gold, row for row, against the same in plain Python.

`ROLLCALL_TEST_EXAMPLES=20 pytest tests/dbt/test_reference.py` tries twenty more made-up schools.
"""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from tests.dbt.conftest import MODELS, School, Steps, Tables
from tests.dbt.differences import differences
from tests.dbt.random_school import FIRST, LAST, RandomSchool
from tests.dbt.reference.gold_students import status
from tests.dbt.reference.layers import gold, silver
from tests.dbt.seeds import seeds
from tests.ingestion.test_properties import EXAMPLES

SILVER = (
    "roster_gaps",
    "dim_students",
    "dim_student_versions",
    "student_memberships",
    "dim_schools",
    "dim_learning_units",
    "dim_dates",
    "dim_school_days",
    "fact_attendance",
    "fact_assessments",
    "class_days",
    "student_months",
    "fact_learning_events",
    "minute_metrics",
    "session_metrics",
    "mastery_attempts",
    "mastery_deltas",
    "progress_days",
    "fact_learning_progress",
    "fact_student_activity",
    "fact_user_days",
    "fact_product_events",
    "product_user_months",
    "user_periods",
    "user_day_places",
    "fact_milestones",
    "miles_days",
    "dim_users",
    "dim_verbs",
    "dim_objects",
    "dim_products",
)
GOLD = (
    "class_daily_performance",
    "student_performance_summary",
    "class_summary",
    "school_daily_attendance",
    "school_attendance_monthly",
    "student_attendance_status",
    "early_warning",
    "learner_activity_summary",
    "current_sessions",
    "content_mastery_trends",
    "mart_student_progress",
    "activation_by_cohort",
    "mart_user_product_activity_weekly",
    "mart_user_event_summary",
    "mart_event_details_monthly",
    "mart_user_avg_duration_monthly",
    "mart_product_rank",
    "growth_accounting",
    "quick_ratio_analysis",
    "daily_engagement",
    "retention_cohorts",
    "retention_milestones",
    "retention_quality",
    "user_resurrection",
    "activity_streaks",
    "regional_activity",
    "regional_activity_dach",
    "content_completion",
    "session_drop_off",
    "onboarding_funnel",
    "experiment_results",
    "feature_adoption",
    "user_lifecycle",
    "miles_analytics",
    "miles_by_category",
    "users_with_negative_miles",
    "growth_drivers",
    "user_segments",
    "churn_signals",
)
NOT_COMPARED = {"student_equity"}
"""Its figures are those of its unit tests, and what it must not show tests/dbt/test_student_equity.py looks at."""


def test_every_model_is_compared_but_those_that_are_named(manifest: Path) -> None:
    nodes = json.loads(manifest.read_text())["nodes"].values()
    models = {node["name"] for node in nodes if node["resource_type"] == "model"}
    assert {*SILVER, *GOLD} == models - NOT_COMPARED


@pytest.mark.parametrize("table", SILVER)
@pytest.mark.parametrize("step", ["after_first_load", "built"])
def test_silver_is_what_the_reference_has(steps: Steps, expected: dict[str, Tables], step: str, table: str) -> None:
    told = differences(table, expected[step][table], getattr(steps, step)[table])
    assert not told, told


@pytest.mark.parametrize("table", GOLD)
@pytest.mark.parametrize("step", ["built", "cut"])
def test_gold_is_what_the_reference_has(steps: Steps, expected: dict[str, Tables], step: str, table: str) -> None:
    told = differences(table, expected[step][table], getattr(steps, step)[table])
    assert not told, told


if EXAMPLES:

    @pytest.mark.parametrize("seed", range(1, EXAMPLES + 1))
    def test_so_they_are_in_other_schools(
        seed: int, warehouse_url: URL, warehouse: psycopg.Connection, manifest: Path, tmp_path: Path
    ) -> None:
        RandomSchool(seed).fill(warehouse)
        school = School(warehouse_url, shutil.copytree(manifest.parent, tmp_path / "target"))
        school.dbt(*MODELS, "--select", "path:models/silver", "path:seeds", max_load_id=seed % 6)
        as_of = FIRST + timedelta(days=seed * 37 % (LAST - FIRST).days)
        found, made = school.build(as_of=as_of), silver(school.bronze(), seeds(), school.timezone)
        for table, rows in (made.tables | gold(made, seeds(), as_of)).items():
            told = differences(table, rows, found[table])
            assert not told, f"{table}\n{told}"


@pytest.mark.parametrize(
    ("absent", "recorded", "found"),
    [
        (18, 180, (True, "chronic")),
        (17, 180, (False, "at_risk")),
        # 37 of 82 days attended at one school, 89 of 96 at the next.
        (45 + 7, 82 + 96, (True, "severe")),
        (9, 9, (None, "not_enough_data")),
        (0, 0, (None, "not_enough_data")),
        (10, 10, (True, "severe")),
    ],
)
def test_the_reference_gives_the_known_answers(absent: int, recorded: int, found: tuple[bool | None, str]) -> None:
    day = {"is_present": True, "day_fraction_absent": 0, "is_excused": None}
    days = [{**day, "day_fraction_absent": int(number < absent)} for number in range(recorded)]
    (rule,) = seeds().chronic_absence_rules
    answer = status(days, recorded, rule)
    assert (answer["is_chronically_absent"], answer["band"]) == found
    assert answer["absence_rate"] == (round(Decimal(absent) / recorded, 4) if recorded else None)
