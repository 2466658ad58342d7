"""What holds of every task: how often it is tried, and what its log says last when it fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fnmatch import fnmatchcase

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException

from include.ingestion.load import LoadFailedError
from include.orchestration.warehouse_connection import UnexpectedError
from include.warehouse.connection import WarehouseUnreachableError, describe_error

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Advice:
    """For the tasks whose ids match: where a person looks, and what there is to do."""

    tasks: str
    look: str
    do: str


NO_WAREHOUSE = Advice(
    "*",
    "the Postgres of the connection `warehouse`, and its log",
    "have the server running and reachable and the role's privileges as docs/warehouse.md says, then clear this task",
)
LOAD_FAILED = Advice(
    "*",
    "error in ops.file_loads, error_message in ops.etl_job_status, and the log of Postgres",
    "free disk space or memory, or start the server, then clear this task: what broke off left nothing behind",
)
UNEXPECTED = Advice(
    "*",
    "the traceback above: it ends at the place",
    "this is a fault of Rollcall, not of a file: mend that place, then clear this task. "
    "What it had not finished left nothing behind",
)
BY_ERROR: dict[type[BaseException], Advice] = {
    WarehouseUnreachableError: NO_WAREHOUSE,
    LoadFailedError: LOAD_FAILED,
    UnexpectedError: UNEXPECTED,
}
ADVICE = (
    Advice(
        "ingest_*",
        "ops.file_loads (file, status, error) and ops.rejected_rows (file, line, raw text, reasons)",
        "correct the file in the raw folder; the next run loads it. What the other sources brought goes on without it",
    ),
    Advice(
        "checkpoint_*",
        "the data docs, in the navigation of this UI: the run's page names each expectation; ops.checkpoint_runs",
        "correct the data, or the expectation under expectations/, then trigger student_ingestion again, or "
        "learning_events_ingestion when this is its task. Until then readers keep the last good gold",
    ),
    Advice(
        "*_build",
        "dbt's own words above. Of a data test: the schema test_failures, one table of offending rows for each; of a "
        "model: its page in the dbt docs, in the navigation of this UI",
        "correct the data and trigger student_ingestion again, or learning_events_ingestion when this is its task; or "
        "correct the model under include/dbt/ and clear this task, or trigger student_dbt when silver has changed. "
        "Until then readers keep the last good gold",
    ),
    Advice(
        "take_turn",
        "ops.silver_turn names the run that has the turn, and this log says so; that run in this UI",
        "wait until that run has ended, unpause its DAG, or mark that run as failed; then clear this task",
    ),
    Advice(
        "publish_gold",
        "ops.publications and ops.publication_tables; the schemas gold and gold_candidate",
        "clear this task when what it names is mended; publishing twice does no harm. "
        "Until then readers keep the last good gold",
    ),
    Advice(
        "write_report",
        "the page under Analytics in the navigation of this UI, which says of which day it is",
        "what the message says, then clear this task. Gold is published and stays so; only that page is older",
    ),
    Advice(
        "trigger_student_dbt",
        "the runs of student_dbt",
        "clear this task, or trigger student_dbt by hand: bronze is loaded",
    ),
    Advice(
        "run_operation",
        "ops.file_loads (load_id, file, status) and ops.rejected_rows; the params of this run",
        "what the message says, then trigger bronze_operations again: an unload changed nothing; a replay keeps what "
        "it had finished, and nothing is loaded twice",
    ),
    Advice(
        "purge_*",
        "ops.purges, ops.silver_models and ops.file_loads (load_id); the params of this run",
        "what the message says, then clear take_turn with all that follows: a purge that breaks off takes out nothing",
    ),
    Advice(
        "end",
        "the logs of the tasks named above; the summary in ops.run_summaries and in the note of this run",
        "mend what they name; there is nothing to mend here",
    ),
    Advice("*", "the lines above", "mend what they name, then clear this task"),
)
NO_ERROR = "no error was reported; its process may have been killed"


def advice_on(task_id: str, error: BaseException | None) -> Advice:
    """The advice on the error, else the first on the task."""
    by_error = next((advice for kind, advice in BY_ERROR.items() if isinstance(error, kind)), None)
    return by_error or next(advice for advice in ADVICE if fnmatchcase(task_id, advice.tasks))


def say_what_to_do(context: Context) -> None:
    """The last lines of the log of a task that failed: what failed, where to look, what to do."""
    task, error = context["ti"], context.get("exception")
    advice = advice_on(task.task_id, error if isinstance(error, BaseException) else None)
    log.error("What failed:   %s.%s, try %s: %s", task.dag_id, task.task_id, task.try_number, _reason(error))
    log.error("Where to look: %s.", advice.look)
    log.error("What to do:    %s.", advice.do)


def _reason(error: BaseException | str | None) -> str:
    """The first line of what a failed task reported, as far as it may be told: the whole message stands above."""
    if not isinstance(error, BaseException):
        text = error or NO_ERROR
    else:
        text = str(error) if isinstance(error, AirflowException) else describe_error(error)
    return (text.strip().splitlines() or [type(error).__name__])[0]


def say_that_it_is_tried_again(context: Context) -> None:
    """The last lines of the log of a try after which there is another."""
    say_what_to_do(context)
    delay = int(context["task"].retry_delay.total_seconds())
    log.warning("It is tried again in %s s: there may be nothing to do.", delay)


# The delay is Airflow's own setting: `core.default_task_retry_delay`.
TASK_DEFAULTS = {
    "retries": 2,
    "on_failure_callback": say_what_to_do,
    "on_retry_callback": say_that_it_is_tried_again,
}
