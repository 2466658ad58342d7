"""The tasks of learning_events_ingestion, beside those that it shares with student_ingestion and student_dbt."""

from __future__ import annotations

import json
import logging
import pkgutil
from collections.abc import Iterable
from typing import Any, NoReturn

import psycopg
from airflow.sdk import Asset, AssetWatcher, TriggerRule, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from expectations import silver
from include.dbt_artifacts import build_manifest
from include.dbt_command import manifest_path
from include.ingestion.event_sources import EVENT_SOURCES
from include.orchestration.landed_files import LandedFileTrigger
from include.orchestration.run_note import LINES
from include.orchestration.run_summary import conclude
from include.orchestration.silver_turn import whose_turn
from include.orchestration.warehouse_connection import open_warehouse
from include.settings import load_settings
from include.silver_fingerprints import OF_EVENTS, silver_fingerprints
from include.warehouse.bounds import Bounds
from include.warehouse.bounds import read_bounds as read_bounds_of
from include.warehouse.silver_models import have_passed, have_taken_in
from include.warehouse.summaries import checkpoint_facts, ingestion_facts, named_findings

log = logging.getLogger(__name__)
TABLES = tuple(source.table for source in EVENT_SOURCES)
"""The sources of learning events by name."""
NOTHING_NEW = "silver has taken in every load of learning events, and its checkpoint passed: there is nothing to build"


def event_files() -> Asset:
    """The files of learning events in the raw folder: updated when one lands."""
    watcher = AssetWatcher("raw_folder", trigger=LandedFileTrigger(str(load_settings().raw_dir)))
    return Asset("learning_event_files", watchers=[watcher])


def bounds_and_fingerprints(connection: psycopg.Connection) -> tuple[Bounds, dict[str, str]]:
    """How far bronze may be read now, and what each silver model made of learning events is made by."""
    settings = load_settings()
    # A seed may have been edited since Airflow was started.
    build_manifest(settings.home)
    bounds, manifest = read_bounds_of(connection, EVENT_SOURCES), manifest_path(settings.home)
    return bounds, silver_fingerprints(manifest, bounds.unloads, settings.timezone, OF_EVENTS)


def checked(models: Iterable[str]) -> set[str]:
    """Those of the silver models that checkpoint_silver looks at: each has a module named after it."""
    # Their declarations would take seconds to import.
    return {module.name for module in pkgutil.iter_modules(silver.__path__)}.intersection(models)


@task(trigger_rule=TriggerRule.ALL_DONE)
def read_bounds() -> dict[str, Any]:
    """How far this run may read bronze, and what silver is made by.

    The tasks behind are skipped with nothing new, in a silver that its checkpoint let pass; and while another run has
    the turn to change silver: the next run of this DAG makes up for it.
    """
    context = get_current_context()
    with open_warehouse() as connection:
        bounds, fingerprints = bounds_and_fingerprints(connection)
        if have_taken_in(connection, fingerprints, TABLES) and have_passed(connection, checked(fingerprints)):
            _skip(NOTHING_NEW)
        if other := whose_turn(connection, context):
            _skip(f"bronze is loaded, silver follows with the next run: {other}")
    log.info("Building silver from loads up to %s", bounds.max_load_id)
    return {"max_load_id": bounds.max_load_id, "fingerprints": json.dumps(fingerprints)}


def _skip(reason: str) -> NoReturn:
    get_current_context()["ti"].xcom_push(key=LINES, value=[reason])
    raise AirflowSkipException(reason)


@task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
def end() -> None:
    """Writes the summary of the run, and fails it when a task failed."""
    context = get_current_context()
    run_id = context["run_id"]
    with open_warehouse() as connection:
        facts = {
            "sources": ingestion_facts(connection, run_id),
            "checkpoints": checkpoint_facts(connection, run_id),
            "named_findings": named_findings(connection, run_id),
            LINES: context["ti"].xcom_pull(task_ids="read_bounds", key=LINES) or [],
        }
        conclude(connection, context, facts, goal="checkpoint_silver")
