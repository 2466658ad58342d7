from __future__ import annotations

import psycopg

from include.warehouse.silver_turn import give_turn_back, take_turn


def running(*_: str) -> bool:
    return True


def over(*_: str) -> bool:
    return False


def holder(warehouse: psycopg.Connection) -> list[tuple[str, str]]:
    return warehouse.execute("select dag_id, dag_run_id from ops.silver_turn").fetchall()


def test_who_comes_first_has_the_turn_and_the_next_is_told_whose_it_is(warehouse: psycopg.Connection) -> None:
    assert take_turn(warehouse, "student_dbt", "first", running) is None
    turn = take_turn(warehouse, "learning_events_ingestion", "first", running)
    assert turn is not None
    assert (turn.dag_id, turn.dag_run_id) == ("student_dbt", "first")
    assert holder(warehouse) == [("student_dbt", "first")]


def test_a_task_that_is_tried_again_has_the_turn_still(warehouse: psycopg.Connection) -> None:
    for _ in range(2):
        assert take_turn(warehouse, "student_dbt", "first", running) is None
    assert holder(warehouse) == [("student_dbt", "first")]


def test_the_turn_of_a_run_that_is_over_is_anybodys(warehouse: psycopg.Connection) -> None:
    take_turn(warehouse, "student_dbt", "killed", running)
    assert take_turn(warehouse, "student_dbt", "second", over) is None
    assert holder(warehouse) == [("student_dbt", "second")]


def test_only_who_has_the_turn_gives_it_back(warehouse: psycopg.Connection) -> None:
    take_turn(warehouse, "student_dbt", "first", running)
    give_turn_back(warehouse, "maintenance", "first")
    give_turn_back(warehouse, "student_dbt", "second")
    assert holder(warehouse) == [("student_dbt", "first")]
    give_turn_back(warehouse, "student_dbt", "first")
    assert holder(warehouse) == []
