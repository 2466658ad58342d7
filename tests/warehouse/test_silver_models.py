from __future__ import annotations

import psycopg
import pytest

from include.warehouse.silver_models import have_passed, have_taken_in

MODELS = {"fact_learning_events": "as it is", "minute_metrics": "as it is"}


def load(warehouse: psycopg.Connection, source: str, status: str = "loaded") -> None:
    warehouse.execute(
        "insert into ops.file_loads (source, file, sha256, bytes, status, contract, started_at, finished_at)"
        " values (%s, 'file', gen_random_uuid()::text, 1, %s, '', now(), now())",
        [source, status],
    )


def build(warehouse: psycopg.Connection, model: str, max_load_id: int, fingerprint: str = "as it is") -> None:
    warehouse.execute("delete from ops.silver_models where model = %s", [model])
    warehouse.execute("insert into ops.silver_models values (%s, %s, %s, 0)", [model, fingerprint, max_load_id])


def test_before_the_first_load_there_is_nothing_to_take_in(warehouse: psycopg.Connection) -> None:
    load(warehouse, "students")
    assert have_taken_in(warehouse, MODELS, ["platform_events"])


def test_every_model_must_have_come_to_the_newest_load_of_the_sources(warehouse: psycopg.Connection) -> None:
    load(warehouse, "platform_events")
    assert not have_taken_in(warehouse, MODELS, ["platform_events"])
    build(warehouse, "fact_learning_events", 1)
    build(warehouse, "minute_metrics", 0)
    assert not have_taken_in(warehouse, MODELS, ["platform_events"])
    build(warehouse, "minute_metrics", 1)
    load(warehouse, "students")
    load(warehouse, "platform_events", status="refused")
    assert have_taken_in(warehouse, MODELS, ["platform_events"])


def test_a_model_that_is_made_otherwise_now_is_to_be_built(warehouse: psycopg.Connection) -> None:
    load(warehouse, "platform_events")
    for model in MODELS:
        build(warehouse, model, 1)
    build(warehouse, "minute_metrics", 1, fingerprint="as it was")
    assert not have_taken_in(warehouse, MODELS, ["platform_events"])


def test_a_model_is_to_be_built_when_one_was_built_anew_since(warehouse: psycopg.Connection) -> None:
    load(warehouse, "platform_events")
    for model in MODELS:
        build(warehouse, model, 1)
    warehouse.execute("insert into ops.silver_changes (model, is_everything) values ('fact_learning_events', true)")
    assert not have_taken_in(warehouse, MODELS, ["platform_events"])


def check(warehouse: psycopg.Connection, outcomes: dict[str, str], max_load_id: int = 1) -> None:
    """A run of checkpoint_silver that looked at loads up to the given one."""
    for model, outcome in outcomes.items():
        warehouse.execute(
            "insert into ops.checkpoint_runs (checkpoint, table_name, max_load_id, outcome)"
            " values ('checkpoint_silver', %s, %s, %s)",
            [model, max_load_id, outcome],
        )


PASSED = dict.fromkeys(MODELS, "passed")


def test_what_is_not_built_has_nothing_to_pass(warehouse: psycopg.Connection) -> None:
    assert have_passed(warehouse, MODELS)


@pytest.mark.parametrize(("outcome", "passes"), [("passed", True), ("warned", True), ("failed", False)])
def test_the_last_word_of_the_checkpoint_on_a_model_counts(
    warehouse: psycopg.Connection, outcome: str, passes: bool
) -> None:
    for model in MODELS:
        build(warehouse, model, 1)
    check(warehouse, PASSED)
    check(warehouse, {"minute_metrics": outcome, "dim_students": "failed"})
    assert have_passed(warehouse, MODELS) == passes


def test_a_model_that_the_checkpoint_did_not_come_to_has_not_passed(warehouse: psycopg.Connection) -> None:
    build(warehouse, "fact_learning_events", 2)
    assert not have_passed(warehouse, MODELS)
    check(warehouse, PASSED)
    assert not have_passed(warehouse, MODELS)
    check(warehouse, PASSED, max_load_id=2)
    assert have_passed(warehouse, MODELS)
    # Built again of the same loads: its fingerprint is another, say.
    build(warehouse, "fact_learning_events", 2)
    assert not have_passed(warehouse, MODELS)
