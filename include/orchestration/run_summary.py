"""The end of a run: its summary, and its verdict."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import psycopg
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException

from include.orchestration.run_note import note_text
from include.warehouse.silver_turn import give_turn_back
from include.warehouse.summaries import Outcome, record_summary

log = logging.getLogger(__name__)
FAILED = frozenset({"failed", "upstream_failed"})


def outcome_of(states: Mapping[str, str | None], goal: str) -> tuple[Outcome, list[str]]:
    """The outcome of a run whose tasks have these states, and the tasks that failed themselves.

    The outcome is `partial` when something failed but the task `goal` was reached.
    """
    failed = sorted(task_id for task_id, state in states.items() if state == "failed")
    if not any(state in FAILED for state in states.values()):
        return "success", failed
    return ("partial" if states.get(goal) == "success" else "failed"), failed


def conclude(connection: psycopg.Connection, context: Context, facts: Mapping[str, Any], *, goal: str) -> None:
    """Write the summary of a run to the log, to ops.run_summaries, and as a note for the run; give back its turn.

    Raises:
        AirflowFailException: a task of the run failed; the message names it.
    """
    dag_id, run_id = context["dag"].dag_id, context["run_id"]
    own_task = context["ti"].task_id
    states = context["ti"].get_task_states(dag_id=dag_id, run_ids=[run_id])[run_id]
    outcome, failed = outcome_of({name: state for name, state in states.items() if name != own_task}, goal)
    summary = {"failed_tasks": failed, **facts}
    # The plugin run_notes makes it the note of the run.
    context["ti"].xcom_push(key="note", value=note_text(outcome, failed, facts))
    record_summary(connection, dag_id=dag_id, dag_run_id=run_id, outcome=outcome, summary=summary)
    give_turn_back(connection, dag_id, run_id)
    log.info("Run %s: %s\n%s", run_id, outcome, json.dumps(summary, indent=2))
    if outcome != "success":
        raise AirflowFailException(f"The run ended with outcome {outcome}: {', '.join(failed)} failed.")
