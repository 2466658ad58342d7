"""The tasks of student_ingestion."""

from __future__ import annotations

import logging
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import TriggerRule, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.ingestion.report import SourceReport
from include.ingestion.sources import SOURCES
from include.ingestion.spec import Source
from include.ingestion.task import ingest as ingest_source
from include.ingestion.unclaimed import misspelt_files, passed_over, unclaimed_files
from include.orchestration.run_parameters import resolve_as_of
from include.orchestration.run_summary import conclude
from include.orchestration.warehouse_connection import open_warehouse
from include.settings import load_settings
from include.warehouse.schema import migrate
from include.warehouse.summaries import checkpoint_facts, ingestion_facts

log = logging.getLogger(__name__)


@task
def start() -> dict[str, Any]:
    """The parameters that student_dbt is triggered with."""
    context = get_current_context()
    run, params = context["dag_run"], context["params"]
    as_of = resolve_as_of(params["as_of"], run.run_after, load_settings().timezone)
    log.info("Gold will be made as of %s", as_of)
    return {"as_of": as_of.isoformat(), "full_refresh": bool(params["full_refresh"])}


@task
def init_warehouse() -> None:
    """Schemas, migrations and bronze tables; files that no source takes are reported."""
    with open_warehouse() as connection:
        applied = migrate(connection, SOURCES.values())
    log.info("The warehouse is up to date; migrations applied: %s", ", ".join(applied) or "none")
    for name, near in unclaimed_files(load_settings().raw_dir, SOURCES.values()).items():
        if near:
            log.warning("No source takes the file %s: did you mean %s?", name, near)
        else:
            log.info("No source takes the file %s", name)
    for name, what in passed_over(load_settings().raw_dir, SOURCES.values()).items():
        log.warning("%s is not read: it is %s", name, what)


def ingest(source: Source) -> XComArg:
    """The task that loads the new files of one source into bronze."""

    @task(task_id=f"ingest_{source.table}")
    def load_new_files() -> None:
        context = get_current_context()
        selected = context["params"].get("sources")
        if selected and source.table not in selected:
            raise AirflowSkipException(f"{source.table} is not among the sources of this run")
        with open_warehouse() as connection:
            report = ingest_source(connection, source, load_settings(), dag_run_id=context["run_id"])
        for line in report.lines():
            log.info(line)
        for result in report.still_refused:
            log.warning("%s is not loaded: it was refused, and neither it nor its contract has changed", result.file)
        for result in report.unloaded:
            log.warning("%s", result.line())
        if report.refused:
            # A refusal is a verdict on the file: trying again would give the same one.
            raise AirflowFailException(refusal_message(report))

    return load_new_files()


def refusal_message(report: SourceReport) -> str:
    """Which files were refused, and why."""
    loaded = sum(result.status == "loaded" for result in report.results)
    return "\n".join(
        [
            f"{len(report.refused)} file(s) of {report.source} refused: nothing of them is in bronze.{report.source};"
            f" {loaded} other file(s) of this run are loaded.",
            *(result.line() for result in report.refused),
        ]
    )


def trigger_student_dbt(parameters: XComArg) -> TriggerDagRunOperator:
    """Starts student_dbt with the parameters of this run; a rerun starts the same run again."""
    return TriggerDagRunOperator(
        task_id="trigger_student_dbt",
        trigger_dag_id="student_dbt",
        trigger_run_id="dbt__{{ run_id }}",
        conf=parameters,
        reset_dag_run=True,
    )


@task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
def end() -> None:
    """Writes the summary of the run, and fails it when a task failed."""
    context, raw_dir = get_current_context(), load_settings().raw_dir
    with open_warehouse() as connection:
        facts = {
            "sources": ingestion_facts(connection, context["run_id"]),
            "checkpoints": checkpoint_facts(connection, context["run_id"]),
            "not_taken": misspelt_files(raw_dir, SOURCES.values()),
            "not_read": passed_over(raw_dir, SOURCES.values()),
        }
        conclude(connection, context, facts, goal="trigger_student_dbt")
