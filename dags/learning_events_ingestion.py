"""Loads the new files of learning events into bronze, and brings what silver makes of them up to date.

Runs every 15 minutes, and when a file has landed: a trigger watches the raw folder. Without a new file it ends after a
few seconds, and the tasks behind `read_bounds` are skipped; unless `checkpoint_silver` has not let pass what was built
last: that is looked at again, until it passes. While `student_dbt` or `maintenance` is at work on silver only bronze is
loaded, and the next run brings silver up to date.

Today's sessions are in `silver.session_metrics` then. Gold follows with the next run of `student_dbt`: in the morning,
or triggered by hand with `as_of` today.

A file that is refused changes nothing in bronze: its task is red, the other sources go on, the run ends failed.
`student_ingestion` loads these sources too; who comes second finds the file loaded.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable, chain

from include.ingestion.event_sources import EVENT_SOURCES
from include.orchestration.checkpoint_task import checkpoint
from include.orchestration.dbt_layer import dbt_layer
from include.orchestration.ingestion_tasks import ingest, init_warehouse
from include.orchestration.learning_events_tasks import TABLES, end, event_files, read_bounds
from include.orchestration.task_defaults import TASK_DEFAULTS
from include.settings import load_settings

with DAG(
    dag_id="learning_events_ingestion",
    doc_md=__doc__,
    # When a run takes longer, one more is made when it has ended, however many quarters and files were missed.
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/15 * * * *", timezone=load_settings().timezone, run_immediately=timedelta(0)),
        assets=event_files(),
    ),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
):
    warehouse, the_end = init_warehouse(), end()
    ingested = [ingest(source) for source in EVENT_SOURCES]
    bronze, silver = checkpoint("bronze", sources=TABLES), checkpoint("silver", sources=TABLES)
    models = dbt_layer("silver", domain="learning_events", told_by="read_bounds")
    chain(warehouse, ingested, read_bounds(), bronze, models, silver, the_end)
    # A warehouse that could not be prepared holds up the rest; a source that failed does not.
    warehouse >> bronze
    # The summary waits for the models that are still running when another has failed.
    models >> the_end
