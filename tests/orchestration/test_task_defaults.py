from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.ingestion.load import LoadFailedError
from include.orchestration.task_defaults import (
    ADVICE,
    LOAD_FAILED,
    NO_WAREHOUSE,
    advice_on,
    say_that_it_is_tried_again,
    say_what_to_do,
)
from include.warehouse.connection import WarehouseError, WarehouseUnreachableError


@pytest.mark.parametrize(
    ("task_id", "look"),
    [
        ("ingest_attendance", "ops.rejected_rows"),
        ("checkpoint_gold", "data docs"),
        ("silver.dim_students_model_build", "test_failures"),
        ("gold.class_summary_model_build", "dbt docs"),
        ("silver.attendance_codes_seed_build", "dbt docs"),
        ("publish_gold", "ops.publications"),
        ("write_report", "Analytics"),
        ("end", "ops.run_summaries"),
    ],
)
def test_a_task_that_fails_says_where_to_look(task_id: str, look: str) -> None:
    assert look in advice_on(task_id, RuntimeError("it broke")).look


def test_an_unknown_task_points_at_its_own_log() -> None:
    assert advice_on("something_new", None) == ADVICE[-1]


def test_without_a_warehouse_every_task_points_at_the_connection() -> None:
    assert advice_on("ingest_attendance", WarehouseUnreachableError("cannot reach it")) == NO_WAREHOUSE


def test_an_error_of_a_warehouse_that_answers_is_the_tasks_own() -> None:
    assert "ops.publications" in advice_on("publish_gold", WarehouseError("UniqueViolation, SQLSTATE 23505")).look


def test_a_load_that_broke_off_points_at_the_disk_and_the_server_not_at_the_file() -> None:
    advice = advice_on("ingest_attendance", LoadFailedError("loading a.csv broke off: DiskFull, SQLSTATE 53100"))
    assert advice == LOAD_FAILED
    assert "disk" in advice.do
    assert "correct the file" not in advice.do


def test_a_replay_that_broke_off_is_not_said_to_have_changed_nothing() -> None:
    assert "a replay keeps what it had finished" in advice_on("run_operation", RuntimeError()).do


@pytest.mark.parametrize("task_id", ["checkpoint_silver", "silver.fact_learning_events_model_build"])
def test_a_task_of_both_pipelines_names_both(task_id: str) -> None:
    advice = advice_on(task_id, RuntimeError())
    assert "student_ingestion again, or learning_events_ingestion when this is its task" in advice.do


def failed(exception: BaseException | None) -> dict[str, object]:
    task = SimpleNamespace(dag_id="student_ingestion", task_id="ingest_attendance", try_number=3)
    return {"ti": task, "task": SimpleNamespace(retry_delay=timedelta(seconds=30)), "exception": exception}


def test_the_log_ends_with_what_failed_where_to_look_and_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        say_what_to_do(failed(AirflowFailException("1 file(s) of attendance refused\nattendance.csv: torn")))  # type: ignore[arg-type]

    what, look, do = [record.getMessage() for record in caplog.records]
    assert what == "What failed:   student_ingestion.ingest_attendance, try 3: 1 file(s) of attendance refused"
    assert look.startswith("Where to look: ops.file_loads")
    assert do.startswith("What to do:    correct the file")


@pytest.mark.parametrize("exception", [None, ValueError()], ids=["killed from outside", "without a message"])
def test_a_failure_without_words_has_advice_too(
    exception: BaseException | None, caplog: pytest.LogCaptureFixture
) -> None:
    say_what_to_do(failed(exception))  # type: ignore[arg-type]

    assert len(caplog.records) == 3


def test_of_an_unexpected_error_only_the_type_is_repeated(caplog: pytest.LogCaptureFixture) -> None:
    say_what_to_do(failed(KeyError("Jane Doe")))  # type: ignore[arg-type]

    assert caplog.records[0].getMessage().endswith("try 3: KeyError")
    assert "Jane" not in caplog.text


def test_our_own_words_are_repeated(caplog: pytest.LogCaptureFixture) -> None:
    say_what_to_do(failed(WarehouseError("the warehouse reported DiskFull")))  # type: ignore[arg-type]

    assert caplog.records[0].getMessage().endswith("try 3: the warehouse reported DiskFull")


def test_a_try_after_which_there_is_another_says_so_last(caplog: pytest.LogCaptureFixture) -> None:
    say_that_it_is_tried_again(failed(ValueError("a moment of bad luck")))  # type: ignore[arg-type]

    assert caplog.records[-1].getMessage().startswith("It is tried again in 30 s")
