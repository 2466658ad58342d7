"""What Airflow and Cosmos add to dbt: `python -m bench.student_dbt`.

Starts a stack of its own on the sample, runs `student_dbt` again and again under the real scheduler, and a bare
`dbt build` of the same project on the same warehouse after each run, so that both see the machine in the same state.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import Any

from tabulate import tabulate

from include.dbt_command import dbt_environment, run_dbt
from include.local.ports import free_port
from include.local.sample import Options, generate
from include.local.stack import DAGS, Stack
from include.settings import Settings, load_settings
from include.warehouse.connection import warehouse_url

POLL_SECONDS = 0.5
LONGEST_RUN_SECONDS = 3600
GOOD = ("success", "skipped")


@dataclass(frozen=True)
class Run:
    """One run of student_dbt, in seconds: from its trigger to its end, and what went on meanwhile.

    `dbt`: at least one task of dbt was running; `others`: none of dbt, but another; `nothing`: no task at all.
    """

    wall: float
    dbt: float
    others: float
    nothing: float
    bare_dbt_build: float
    red: int


def main() -> int:
    """Print the medians; the exit status is 1 when a task was red or tried again."""
    parser = argparse.ArgumentParser(prog="python -m bench.student_dbt", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how many runs in a row (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=0.08, help="1 is 1,200 students (default: the sample's)")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rollcall-bench-"))
    stack = Stack(_settings(folder), say=lambda line: print(line, file=sys.stderr, flush=True))
    try:
        as_of = generate(stack.settings.raw_dir, Options(scale=chosen.scale)).as_of
        stack.start()
        stack.follow(stack.trigger(as_of))
        runs = [_run(stack, as_of, number) for number in range(chosen.runs)]
        parsed = {dag_id: float((stack.api.dag(dag_id) or {})["last_parse_duration"]) for dag_id in DAGS}
    finally:
        stack.stop()
        shutil.rmtree(folder)
    _print(runs)
    print(*(f"the dag-processor reads {dag_id} in {seconds:.2f} s" for dag_id, seconds in parsed.items()), sep="\n")
    return 1 if any(run.red for run in runs) else 0


def _settings(folder: Path) -> Settings:
    return load_settings(
        {
            "ROLLCALL_HOME": str(folder / "home"),
            "ROLLCALL_RAW_DIR": str(folder / "raw"),
            "ROLLCALL_WAREHOUSE_URL": "",
            "ROLLCALL_PG_PORT": str(free_port()),
            "ROLLCALL_UI_PORT": str(free_port()),
        }
    )


def _run(stack: Stack, as_of: date, number: int) -> Run:
    api = stack.api
    run_id = api.trigger("student_dbt", {"as_of": as_of.isoformat()})["dag_run_id"]
    patience = time.monotonic() + LONGEST_RUN_SECONDS
    while (run := api.run("student_dbt", run_id) or {}).get("state") not in ("success", "failed"):
        if time.monotonic() > patience:
            raise SystemExit(f"run {run_id} has not ended in {LONGEST_RUN_SECONDS} s")
        time.sleep(POLL_SECONDS)
    tasks = api.tasks("student_dbt", run_id)
    wall = _seconds(run["run_after"], run["end_date"])
    busy = _union(tasks)
    dbt = _union(task for task in tasks if "." in task["task_id"])
    red = sum(task["state"] not in GOOD or task["try_number"] > 1 for task in tasks)
    measured = Run(wall, dbt, busy - dbt, wall - busy, _bare_dbt_build(stack, as_of), red)
    print(f"run {number + 1}: {measured}", file=sys.stderr, flush=True)
    return measured


def _bare_dbt_build(stack: Stack, as_of: date) -> float:
    """Seconds of one `dbt build` of the whole project with its data tests, as a process of its own."""
    environment = dbt_environment(warehouse_url(stack.settings), as_of=as_of)
    target = stack.settings.home / "dbt" / "bench"
    target.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    run_dbt("build", "--exclude-resource-type", "unit_test", environment=environment, target=target)
    return time.monotonic() - started


def _union(tasks: Iterable[dict[str, Any]]) -> float:
    """Seconds during which at least one of the tasks was running."""
    total, until = 0.0, ""
    for start, end in sorted((task["start_date"], task["end_date"]) for task in tasks if task["start_date"]):
        total += max(0.0, _seconds(max(start, until), end))
        until = max(until, end)
    return total


def _seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def _print(runs: list[Run]) -> None:
    names = ("wall", "dbt", "others", "nothing", "bare_dbt_build")
    rows = [
        (name, *(f"{pick(getattr(run, name) for run in runs):.1f}" for pick in (min, median, max))) for name in names
    ]
    ratio = median(run.wall / run.bare_dbt_build for run in runs)
    print(tabulate(rows, headers=("seconds", "least", "median", "most")))
    print(f"{len(runs)} runs, {sum(run.red for run in runs)} red or repeated tasks; wall / bare dbt build: {ratio:.2f}")


if __name__ == "__main__":
    sys.exit(main())
