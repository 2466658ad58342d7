from __future__ import annotations

import psycopg

from include.warehouse.silver_models import have_taken_in

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
