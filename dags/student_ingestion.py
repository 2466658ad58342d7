"""Loads the new files of the raw folder into bronze, checks them, and triggers `student_dbt`.

Runs daily at 06:00, or by hand.

- **students**, **schools**, **learning_units** and **school_days** are full loads: one row per student, school, unit,
  or school and day, every version in a table `…_history`.
- **attendance** and **assessments** are appended; the same row again is ignored, a corrected row is a new version.

A file that is refused changes nothing in bronze: its task is red, the other sources go on, the run ends failed.
Rejected rows stand in `ops.rejected_rows`, with file, line, raw text and every reason.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param, TriggerRule, chain
from airflow.timetables.trigger import CronTriggerTimetable

from include.ingestion.sources import SOURCES
from include.orchestration.checkpoint_task import checkpoint
from include.orchestration.ingestion_tasks import end, ingest, init_warehouse, start, trigger_student_dbt
from include.orchestration.task_defaults import TASK_DEFAULTS
from include.settings import load_settings

with DAG(
    dag_id="student_ingestion",
    doc_md=__doc__,
    # A fresh installation waits for the next morning: it does not make up for one before it was there.
    schedule=CronTriggerTimetable("0 6 * * *", timezone=load_settings().timezone, run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    params={
        "as_of": Param(None, type=["null", "string"], format="date", description="Day of gold; empty = yesterday."),
        "sources": Param(
            [],
            type="array",
            items={"type": "string", "enum": list(SOURCES)},
            examples=list(SOURCES),
            description="Sources to load; empty = all.",
        ),
        "full_refresh": Param(False, type="boolean", description="Rebuild silver from bronze."),
    },
):
    parameters, warehouse = start(), init_warehouse()
    ingested = [ingest(source) for source in SOURCES.values()]
    trigger = trigger_student_dbt(parameters)
    # A source that failed does not hold up what the others brought; a warehouse that could not be prepared does.
    chain(parameters, warehouse, ingested, checkpoint("bronze", trigger_rule=TriggerRule.ALL_DONE), trigger, end())
    warehouse >> trigger
