"""The tasks of bronze_operations."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import TriggerRule, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from include.errors import ToldError
from include.ingestion.listings import SILVER_FOLLOWS, rejects_lines
from include.ingestion.replay import replay_lines
from include.ingestion.sources import SOURCES
from include.ingestion.task import replay, unload
from include.ingestion.unload import UnloadError, is_unloaded_by
from include.orchestration.run_note import LINES
from include.orchestration.run_summary import conclude
from include.orchestration.warehouse_connection import open_warehouse
from include.settings import load_settings
from include.warehouse.schema import migrate

log = logging.getLogger(__name__)
ALL = "all"
OPERATIONS = ("rejects", "replay", "unload")
PARAMS = ("operation", "source", "load_id")


class OperationError(ToldError):
    """The params of a run do not belong together; nothing was done."""


@task
def run_operation() -> None:
    """Does what the params say, and leaves what came of it in lines for people."""
    context = get_current_context()
    try:
        lines, is_done = _outcome(context["params"], context["run_id"])
    except (OperationError, UnloadError) as error:
        context["ti"].xcom_push(key=LINES, value=[str(error)])
        # It would be the same at a second try.
        raise AirflowFailException(str(error)) from None
    for line in lines:
        log.info(line)
    context["ti"].xcom_push(key=LINES, value=lines)
    if not is_done:
        raise AirflowFailException(
            "some rejected rows could not be read again; the lines above say which, and what to do"
        )


def check_params(operation: str, source: str, load_id: int | None) -> None:
    """Make sure that the params belong together.

    Raises:
        OperationError: with what is missing, or too much.
    """
    if operation == "unload" and load_id is None:
        raise OperationError(
            "unload needs a load_id, of the file to take out: ops.file_loads has them. Nothing was done"
        )
    if operation == "unload" and source != ALL:
        raise OperationError(f"unload takes out one load, whatever its source: leave source at {ALL}. Nothing was done")
    if operation != "unload" and load_id is not None:
        raise OperationError(f"{operation} goes by source: leave load_id empty, or choose unload. Nothing was done")


def _outcome(params: Mapping[str, Any], run_id: str) -> tuple[list[str], bool]:
    """What came of an operation in lines for people, and whether all of it could be done."""
    operation, source, load_id = (params[name] for name in PARAMS)
    check_params(operation, source, load_id)
    settings = load_settings()
    with open_warehouse() as connection:
        migrate(connection, SOURCES.values())
        if operation == "rejects":
            return list(rejects_lines(connection, None if source == ALL else source)), True
        if operation == "unload" and is_unloaded_by(connection, load_id, run_id):
            return [f"load {load_id} was taken out by an earlier try of this run", SILVER_FOLLOWS], True
        if operation == "unload":
            return [*unload(connection, load_id, settings, dag_run_id=run_id).lines(), SILVER_FOLLOWS], True
        chosen = SOURCES.values() if source == ALL else [SOURCES[source]]
        reports = [replay(connection, one, settings, dag_run_id=run_id) for one in chosen]
    follows = [SILVER_FOLLOWS] if any(report.taken for report in reports) else []
    return [*replay_lines(reports), *follows], not any(report.obstacles for report in reports)


@task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
def end() -> None:
    """Writes the summary of the run, and fails it when the operation failed."""
    context = get_current_context()
    params = context["params"]
    facts = {
        "operation": {name: params[name] for name in PARAMS},
        LINES: context["ti"].xcom_pull(task_ids="run_operation", key=LINES) or [],
    }
    with open_warehouse() as connection:
        conclude(connection, context, facts, goal="run_operation")
