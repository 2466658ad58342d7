"""Retention: learning events, and what silver counts of them, are not kept for ever.

Runs on Sundays at 03:05, when `learning_events_ingestion` of 03:00 has begun, or by hand.

- **purge_raw_events**, each week: events older than `ROLLCALL_RAW_EVENT_MONTHS`, in bronze and silver. What silver has
  counted of them stays, also when it is built anew. It refuses to run before silver has counted all.
- **purge_aggregates**, in the first week of a month and by hand: what was counted longer than
  `ROLLCALL_AGGREGATE_YEARS` ago.

`take_turn` waits until no other run changes silver, or builds gold from it.

With `dry_run` nothing is purged: the log and the note of the run say what would go. `ops.purges` keeps what went.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, Param, chain

from include.orchestration.ingestion_tasks import init_warehouse
from include.orchestration.maintenance_tasks import aggregates, end, raw_events
from include.orchestration.silver_turn import take_turn
from include.orchestration.task_defaults import TASK_DEFAULTS
from include.settings import load_settings

with DAG(
    dag_id="maintenance",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("5 3 * * 0", timezone=load_settings().timezone, run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    params={
        "as_of": Param(None, type=["null", "string"], format="date", description="Count back from; empty = today."),
        "dry_run": Param(False, type="boolean", description="Only tell what would go."),
    },
):
    chain(init_warehouse(), take_turn(), raw_events(), aggregates(), end())
