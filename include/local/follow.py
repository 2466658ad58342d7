"""One run of the pipeline, from its trigger to published gold, told task by task."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from include.local.airflow_api import FINISHED, AirflowApi, ApiError

INGESTION = "student_ingestion"
DBT = "student_dbt"
TRIGGER_TASK = "trigger_student_dbt"
PUBLISH_TASK = "publish_gold"
SOURCE_TASKS = "ingest_"
RUN_ENDED = ("success", "failed")
POLL_SECONDS = 1.0
QUIET_SECONDS = 15.0
LOG_LINES = 15
LOG_LINES_OF_A_TRY = 4

Task = dict[str, Any]
Rows = Callable[[Sequence[str]], dict[str, int]]
"""Gives the rows processed by job id (`<dag run id>/<task id>`), for the jobs that recorded them."""


@dataclass(frozen=True)
class Outcome:
    """How a run of the pipeline ended."""

    run_id: str
    published: bool
    failed_sources: tuple[str, ...]
    seconds_to_published: float | None


def exit_status(*, published: bool, source_refused_or_failed: bool) -> int:
    """0 gold published and no source failed; 2 published, but a source was refused or failed; 1 not published."""
    if not published:
        return 1
    return 2 if source_refused_or_failed else 0


def dbt_run_id(run_id: str) -> str:
    """The id of the `student_dbt` run that an ingestion run triggers."""
    return f"dbt__{run_id}"


def trigger(api: AirflowApi, as_of: date | None, say: Callable[[str], None]) -> str:
    """Ask for a run of the pipeline; returns its id. A run that is active already is awaited by Airflow itself."""
    active = [run_id for dag_id in (INGESTION, DBT) for run_id in api.active_runs(dag_id)]
    run_id: str = api.trigger(INGESTION, {"as_of": as_of.isoformat()} if as_of else {})["dag_run_id"]
    if active:
        say(f"{active[0]} is still running: this run begins when it has ended")
    day = as_of or "the last complete day (AS_OF=YYYY-MM-DD names another)"
    say(f"triggered {INGESTION}, run {run_id}, as of {day}")
    return run_id


def follow(api: AirflowApi, run_id: str, *, rows: Rows, say: Callable[[str], None]) -> Outcome:
    """Tell each task as it finishes, with the last lines of the log of those that fail, until the pipeline has ended.

    Raises:
        ApiError: Airflow no longer answers.
    """
    story = _Story(api, rows, say)
    runs = ((INGESTION, run_id), (DBT, dbt_run_id(run_id)))
    say(f"{'':>8}  {'task':<58} {'state':<15} {'seconds':>8} {'rows':>10}")
    while True:
        found = {dag_id: api.run(dag_id, its_id) for dag_id, its_id in runs}
        tasks = [task for dag_id, its_id in runs if found[dag_id] for task in api.tasks(dag_id, its_id)]
        story.tell(tasks, queued=[its_id for dag_id, its_id in runs if (found[dag_id] or {}).get("state") == "queued"])
        if _has_ended(found, tasks):
            return _outcome(found[INGESTION], tasks)
        time.sleep(POLL_SECONDS)


class _Story:
    """What has been told already."""

    def __init__(self, api: AirflowApi, rows: Rows, say: Callable[[str], None]) -> None:
        self.api, self.rows, self.say = api, rows, say
        self.told: set[tuple[str, str, int, int, str]] = set()
        self.spoke_at = time.monotonic()

    def tell(self, tasks: Sequence[Task], queued: Sequence[str]) -> None:
        news = [task for task in tasks if task["state"] in (*FINISHED, "up_for_retry") and _key(task) not in self.told]
        rows = self.rows([_job_id(task) for task in news]) if news else {}
        for task in sorted(news, key=lambda task: task["end_date"] or ""):
            self.told.add(_key(task))
            self.say(task_line(task, rows.get(_job_id(task))))
            if task["state"] in ("failed", "up_for_retry"):
                self.tell_log(task)
        if news:
            self.spoke_at = time.monotonic()
        elif time.monotonic() - self.spoke_at > QUIET_SECONDS:
            running = [task["task_id"] for task in tasks if task["state"] in ("running", "up_for_reschedule")]
            behind = [f"{run_id} waits for an earlier run to end" for run_id in queued]
            self.say(f"{_clock():>8}  … {', '.join(running or behind) or 'waiting for Airflow to start the next task'}")
            self.spoke_at = time.monotonic()

    def tell_log(self, task: Task) -> None:
        try:
            lines = self.api.log_lines(task)
        except ApiError as error:
            lines = [str(error)]
        telling = [line for line in lines if line.strip() and not line.startswith("::")]
        # A task that is tried again tells its story again.
        for line in telling[-LOG_LINES if task["state"] == "failed" else -LOG_LINES_OF_A_TRY :]:
            self.say(f"{'':>10}| {line}")


def task_line(task: Task, rows: int | None) -> str:
    """One line for a finished task: when, which, how it ended, seconds and rows, blank where not known."""
    seconds = "" if task["duration"] is None else f"{task['duration']:.1f}"
    state = task["state"] if task["try_number"] <= 1 else f"{task['state']} (try {task['try_number']})"
    count = "" if rows is None else f"{rows:,}"
    return f"{_clock(task['end_date']):>8}  {task['task_id']:<58} {state:<15} {seconds:>8} {count:>10}".rstrip()


def _has_ended(runs: dict[str, dict[str, Any] | None], tasks: Sequence[Task]) -> bool:
    ingestion, dbt = runs[INGESTION], runs[DBT]
    if not ingestion or ingestion["state"] not in RUN_ENDED:
        return False
    if dbt:
        return dbt["state"] in RUN_ENDED
    # The trigger makes its run before it succeeds: one that is not there by now was seen a moment too early.
    return not any(task["task_id"] == TRIGGER_TASK and task["state"] == "success" for task in tasks)


def _outcome(ingestion: dict[str, Any] | None, tasks: Sequence[Task]) -> Outcome:
    publish = [
        task
        for task in tasks
        if task["dag_id"] == DBT and task["task_id"] == PUBLISH_TASK and task["state"] == "success"
    ]
    failed = [
        task["task_id"].removeprefix(SOURCE_TASKS)
        for task in tasks
        if task["task_id"].startswith(SOURCE_TASKS) and task["state"] in ("failed", "upstream_failed")
    ]
    seconds = None
    if publish and ingestion:
        seconds = (_moment(publish[0]["end_date"]) - _moment(ingestion["run_after"])).total_seconds()
    return Outcome(str(ingestion and ingestion["dag_run_id"]), bool(publish), tuple(failed), seconds)


def _key(task: Task) -> tuple[str, str, int, int, str]:
    return task["dag_id"], task["task_id"], task["map_index"], task["try_number"], task["state"]


def _job_id(task: Task) -> str:
    return f"{task['dag_run_id']}/{task['task_id']}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(moment: str | None = None) -> str:
    return (_moment(moment).astimezone() if moment else datetime.now().astimezone()).strftime("%H:%M:%S")
