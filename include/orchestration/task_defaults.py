"""What holds of every task: how often it is tried, and what its log says last when it fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fnmatch import fnmatchcase

from airflow.sdk import Context

from include.warehouse.connection import WarehouseUnreachableError

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
ADVICE = (
    Advice(
        "ingest_*",
        "ops.file_loads (file, status, error) and ops.rejected_rows (file, line, raw text, reasons)",
        "correct the file in the raw folder; the next run loads it. What the other sources brought goes on without it",
    ),
    Advice(
        "checkpoint_*",
        "the data docs, in the navigation of this UI: the run's page names each expectation; ops.checkpoint_runs",
        "correct the data, or the expectation under expectations/, then trigger student_ingestion again. "
        "Until then readers keep the last good gold",
    ),
    Advice(
        "*.test",
        "the schema test_failures: one table of offending rows for each test; the model's page in the dbt docs",
        "correct the data and trigger student_ingestion again, or correct the model under include/dbt/ and clear "
        "this task. Until then readers keep the last good gold",
    ),
    Advice(
        "*.*",
        "dbt's own words above; the model's page in the dbt docs, in the navigation of this UI",
        "correct the model under include/dbt/, then clear this task. Until then readers keep the last good gold",
    ),
    Advice(
        "publish_gold",
        "ops.publications and ops.publication_tables; the schemas gold and gold_candidate",
        "clear this task when what it names is mended; publishing twice does no harm. "
        "Until then readers keep the last good gold",
    ),
    Advice(
        "trigger_student_dbt",
        "the runs of student_dbt",
        "clear this task, or trigger student_dbt by hand: bronze is loaded",
    ),
    Advice(
        "run_operation",
        "ops.file_loads (load_id, file, status) and ops.rejected_rows; the params of this run",
        "what the message says, then trigger bronze_operations again: nothing was changed",
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
    """The first advice that fits."""
    if isinstance(error, WarehouseUnreachableError):
        return NO_WAREHOUSE
    return next(advice for advice in ADVICE if fnmatchcase(task_id, advice.tasks))


def say_what_to_do(context: Context) -> None:
    """The last lines of the log of a task that failed: what failed, where to look, what to do."""
    task, error = context["ti"], context.get("exception")
    advice = advice_on(task.task_id, error if isinstance(error, BaseException) else None)
    # The first line: the whole message stands above.
    reason = (str(error or NO_ERROR).strip().splitlines() or [type(error).__name__])[0]
    log.error("What failed:   %s.%s, try %s: %s", task.dag_id, task.task_id, task.try_number, reason)
    log.error("Where to look: %s.", advice.look)
    log.error("What to do:    %s.", advice.do)


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
