"""The tasks of maintenance."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from zoneinfo import ZoneInfo

from airflow.sdk import TriggerRule, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.orchestration.learning_events_tasks import bounds_and_fingerprints
from include.orchestration.run_note import LINES
from include.orchestration.run_parameters import AsOfError, resolve_purge_as_of
from include.orchestration.run_summary import conclude
from include.orchestration.warehouse_connection import open_warehouse
from include.settings import load_settings
from include.warehouse.jobs import job
from include.warehouse.older_rows import OlderRows
from include.warehouse.retention import first_month_kept, purge_aggregates, purge_raw_events

log = logging.getLogger(__name__)
DAYS_OF_A_WEEK = 7


@task(task_id="purge_raw_events")
def raw_events() -> None:
    """Takes out the raw events that are older than ROLLCALL_RAW_EVENT_MONTHS."""
    as_of, dry_run, run_id = _asked_for()
    settings = load_settings()
    horizon = first_month_kept(as_of, settings.raw_event_months)
    with open_warehouse() as connection, job(connection, "purge_raw_events", run_id) as record:
        older = purge_raw_events(
            connection,
            horizon,
            zone=ZoneInfo(settings.timezone),
            fingerprints=bounds_and_fingerprints(connection)[1],
            dag_run_id=run_id,
            dry_run=dry_run,
        )
        record.records_processed = 0 if dry_run else sum(rows.rows for rows in older)
    _tell("raw events", horizon, older, dry_run=dry_run)


@task(task_id="purge_aggregates")
def aggregates() -> None:
    """In the first week of a month, or by hand: deletes the aggregates that are older than ROLLCALL_AGGREGATE_YEARS."""
    as_of, dry_run, run_id = _asked_for()
    if get_current_context()["dag_run"].run_type != "manual" and as_of.day > DAYS_OF_A_WEEK:
        raise AirflowSkipException("aggregates are purged in the first week of a month")
    horizon = first_month_kept(as_of, 12 * load_settings().aggregate_years)
    with open_warehouse() as connection, job(connection, "purge_aggregates", run_id) as record:
        older = purge_aggregates(connection, horizon, dag_run_id=run_id, dry_run=dry_run)
        record.records_processed = 0 if dry_run else sum(rows.rows for rows in older)
    _tell("aggregates", horizon, older, dry_run=dry_run)


@task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
def end() -> None:
    """Writes the summary of the run, and fails it when a purge failed."""
    context = get_current_context()
    lines = context["ti"].xcom_pull(task_ids=["purge_raw_events", "purge_aggregates"], key=LINES)
    facts = {LINES: [line for of_task in lines for line in of_task or []]}
    with open_warehouse() as connection:
        conclude(connection, context, facts, goal="purge_raw_events")


def summary_lines(kind: str, horizon: date, older: Iterable[OlderRows], *, dry_run: bool) -> Iterator[str]:
    """What went, or would go, table by table."""
    rows, partitions = Counter[str](), Counter[str]()
    for part in older:
        rows[part.table] += part.rows
        partitions[part.table] += part.partition is not None
    if not rows:
        yield f"{kind}: there are none of before {horizon}"
    for table, count in rows.items():
        dropped = f", with {partitions[table]} partitions" if partitions[table] else ""
        yield f"{table}: {count:,} rows of before {horizon} {'would go' if dry_run else 'are gone'}{dropped}"


def _asked_for() -> tuple[date, bool, str]:
    """The day by which the run counts, whether it only tells what would go, and its id."""
    context = get_current_context()
    run, params = context["dag_run"], context["params"]
    try:
        as_of = resolve_purge_as_of(params["as_of"], run.run_after, load_settings().timezone)
    except AsOfError as error:
        # It would be the same at a second try.
        raise AirflowFailException(str(error)) from None
    return as_of, params["dry_run"], context["run_id"]


def _tell(kind: str, horizon: date, older: list[OlderRows], *, dry_run: bool) -> None:
    for part in older:
        log.info("%s, %s: %s rows", part.table, part.partition or "rows in other partitions", f"{part.rows:,}")
    lines = list(summary_lines(kind, horizon, older, dry_run=dry_run))
    for line in lines:
        log.info(line)
    get_current_context()["ti"].xcom_push(key=LINES, value=lines)
