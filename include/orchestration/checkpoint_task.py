"""The task that stands between two layers."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from airflow.sdk import TriggerRule, XComArg, get_current_context, task
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException

from include.orchestration.warehouse_connection import open_warehouse, warehouse_url
from include.settings import load_settings
from include.warehouse.silver_changes import newest_change

log = logging.getLogger(__name__)


def address_in_ui(page: Path) -> str:
    """The address of a page of the data docs: a path of the worker leads nowhere from the UI."""
    path = page.relative_to(load_settings().home / "data_docs").as_posix()
    return f"{conf.get('api', 'base_url').rstrip('/')}/rollcall/data_docs/{quote(path)}"


def checkpoint(
    layer: Literal["bronze", "silver", "gold"],
    trigger_rule: TriggerRule = TriggerRule.ALL_SUCCESS,
    sources: Collection[str] | None = None,
) -> XComArg:
    """The task that runs the Great Expectations checkpoint of a layer: critical findings stop the run.

    With `sources` it looks only at the tables that are made of nothing else. That of silver returns the newest change
    of silver that it looked at: gold is built from no other silver.
    """

    @task(task_id=f"checkpoint_{layer}", trigger_rule=trigger_rule)
    def run() -> int | None:
        # Great Expectations takes seconds to import: only the task itself pays for it.
        from expectations.checkpoint import run_checkpoint  # noqa: PLC0415

        context = get_current_context()
        as_of = date.fromisoformat(context["ti"].xcom_pull(task_ids="start")["as_of"]) if layer == "gold" else None
        max_change_id = _newest_change() if layer == "silver" else None
        report = run_checkpoint(
            layer,
            url=warehouse_url(),
            home=load_settings().home,
            dag_run_id=context["run_id"],
            as_of=as_of,
            sources=sources,
        )
        lines = report.lines(address_in_ui)
        if report.failed:
            # The data will be the same at a second try.
            raise AirflowFailException("\n".join(lines))
        for line in lines:
            log.info(line)
        return max_change_id

    return run()


def _newest_change() -> int:
    with open_warehouse() as connection:
        return newest_change(connection)
