"""The tasks of student_dbt, beside those that Cosmos renders."""

from __future__ import annotations

import json
import logging
from datetime import date
from typing import Any

from airflow.sdk import Asset, TriggerRule, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from include.dbt_artifacts import build_manifest
from include.dbt_command import gold_models, manifest_path
from include.ingestion.sources import SOURCES
from include.orchestration.run_parameters import resolve_as_of
from include.orchestration.run_summary import conclude
from include.orchestration.warehouse_connection import open_warehouse
from include.settings import load_settings
from include.silver_fingerprints import silver_fingerprints
from include.warehouse.bounds import read_bounds
from include.warehouse.jobs import job
from include.warehouse.publish import PublishError, begin_candidate, publish
from include.warehouse.retention import purged_until
from include.warehouse.silver_changes import forget_taken_in
from include.warehouse.summaries import checkpoint_facts, named_findings, publication_facts

log = logging.getLogger(__name__)
GOLD = Asset("gold")
"""Updated by every publication: other teams schedule on it."""


@task
def start() -> dict[str, Any]:
    """What this run builds: as_of, how far it may read bronze, what silver is made by. gold_candidate is made empty."""
    context = get_current_context()
    run, params = context["dag_run"], context["params"]
    settings = load_settings()
    as_of = resolve_as_of(params["as_of"], run.run_after, settings.timezone)
    # A seed may have been edited since Airflow was started.
    build_manifest(settings.home)
    with open_warehouse() as connection:
        bounds = read_bounds(connection, SOURCES.values())
        fingerprints = silver_fingerprints(manifest_path(settings.home), bounds.unloads, settings.timezone)
        forget_taken_in(connection, fingerprints)
        begin_candidate(connection, dag_run_id=context["run_id"], as_of=as_of)
        horizon = purged_until(connection)
    log.info("Building gold as of %s from loads up to %s", as_of, bounds.max_load_id)
    if horizon and as_of < horizon:
        log.warning(
            "Raw learning events of before %s are purged: what gold counts of the month of %s, and of sessions that "
            "went on after that day, is not whole",
            horizon,
            as_of,
        )
    return {
        "as_of": as_of.isoformat(),
        "max_load_id": bounds.max_load_id,
        "fingerprints": json.dumps(fingerprints),
    }


@task(outlets=[GOLD])
def publish_gold() -> None:
    """Takes the checked candidate over into gold, in one transaction."""
    context = get_current_context()
    as_of = date.fromisoformat(context["ti"].xcom_pull(task_ids="start")["as_of"])
    models = gold_models(manifest_path(load_settings().home))
    try:
        with open_warehouse() as connection, job(connection, "publish_gold", context["run_id"]) as record:
            changes = publish(connection, dag_run_id=context["run_id"], as_of=as_of, models=models)
            record.records_processed = sum(
                change.rows_added + change.rows_changed + change.rows_removed for change in changes
            )
    except PublishError as error:
        raise AirflowFailException(f"gold is as it was: {error}") from None
    for change in changes:
        log.info(
            "gold.%s: %s rows added, %s changed, %s removed",
            change.table,
            change.rows_added,
            change.rows_changed,
            change.rows_removed,
        )


@task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
def end() -> None:
    """Writes the summary of the run, and fails it when a task failed."""
    context = get_current_context()
    with open_warehouse() as connection:
        facts = {
            "publication": publication_facts(connection, context["run_id"]),
            "checkpoints": checkpoint_facts(connection, context["run_id"]),
            "named_findings": named_findings(connection, context["run_id"]),
        }
        conclude(connection, context, facts, goal="publish_gold")
