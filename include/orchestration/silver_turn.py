"""One run at a time changes silver, or builds gold from it: what gold is made of stands still meanwhile."""

from __future__ import annotations

import logging
from datetime import UTC

import psycopg
from airflow.sdk import Context, get_current_context, task

from include.orchestration.warehouse_connection import open_warehouse
from include.warehouse import silver_turn

log = logging.getLogger(__name__)
SECONDS_BETWEEN_LOOKS = 10
LONGEST_WAIT_SECONDS = 6 * 60 * 60


def whose_turn(connection: psycopg.Connection, context: Context) -> str | None:
    """Take the turn for this run, or say which run has it."""
    task_instance = context["ti"]

    def is_running(dag_id: str, run_id: str) -> bool:
        return bool(task_instance.get_dr_count(dag_id=dag_id, run_ids=[run_id], states=["running", "queued"]))

    turn = silver_turn.take_turn(connection, task_instance.dag_id, context["run_id"], is_running)
    if turn is None:
        return None
    since = turn.taken_at.astimezone(UTC)
    return f"{turn.dag_id} is at work on silver since {since:%Y-%m-%d %H:%M} UTC (run {turn.dag_run_id})"


@task.sensor(mode="reschedule", poke_interval=SECONDS_BETWEEN_LOOKS, timeout=LONGEST_WAIT_SECONDS)
def take_turn() -> bool:
    """Waits until no other run changes silver, or builds gold from it. The task `end` gives the turn back."""
    with open_warehouse() as connection:
        other = whose_turn(connection, get_current_context())
    if other:
        log.info("Waiting: %s", other)
    return other is None
