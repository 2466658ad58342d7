from __future__ import annotations

import psycopg

from include.warehouse.silver_changes import forget_taken_in


def change(warehouse: psycopg.Connection, *, taken_in_by: dict[str, int], published: int | None) -> list[int]:
    """The changes of four that are still known."""
    warehouse.execute("insert into ops.silver_changes (model) select 'facts' from generate_series(1, 4)")
    for model, newest in taken_in_by.items():
        warehouse.execute("insert into ops.silver_models values (%s, '', 1, %s)", [model, newest])
    if published is not None:
        warehouse.execute(
            "insert into ops.publications (as_of, dag_run_id, candidate_id, max_change_id)"
            " values ('2025-01-31', 'a run', gen_random_uuid(), %s)",
            [published],
        )
    forget_taken_in(warehouse, ["facts", "days"])
    return [row[0] for row in warehouse.execute("select change_id from ops.silver_changes order by 1")]


def test_what_every_model_and_a_publication_have_taken_in_is_forgotten(warehouse: psycopg.Connection) -> None:
    assert change(warehouse, taken_in_by={"facts": 4, "days": 3}, published=4) == [4]


def test_what_is_not_published_is_kept_for_the_data_tests(warehouse: psycopg.Connection) -> None:
    assert change(warehouse, taken_in_by={"facts": 4, "days": 4}, published=2) == [3, 4]


def test_before_the_first_publication_all_is_kept(warehouse: psycopg.Connection) -> None:
    assert change(warehouse, taken_in_by={"facts": 4, "days": 4}, published=None) == [1, 2, 3, 4]


def test_a_model_that_is_no_more_holds_up_nothing(warehouse: psycopg.Connection) -> None:
    assert change(warehouse, taken_in_by={"facts": 4, "days": 4, "gone": 0}, published=4) == []
    assert warehouse.execute("select count(*) from ops.silver_models").fetchone() == (2,)
