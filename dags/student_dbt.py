"""Builds silver and gold with dbt, checks both, and publishes gold.

Triggered by `student_ingestion`, or by hand.

`take_turn` waits while a run of `learning_events_ingestion` or `maintenance` changes silver; then none does.

Gold is built in the schema `gold_candidate`, from the silver that `checkpoint_silver` let pass, and no later one. Only
when every test and checkpoint has passed does `publish_gold` bring the tables of `gold` up to it, in one transaction;
until then readers keep the last good gold, whole. Then `write_report` writes the page *Analytics* of what was
published; when that fails, gold stays.
"""

from __future__ import annotations

from airflow.sdk import DAG, Param, chain

from include.orchestration.checkpoint_task import checkpoint
from include.orchestration.dbt_layer import dbt_layer
from include.orchestration.dbt_tasks import end, publish_gold, start
from include.orchestration.report_task import write_report
from include.orchestration.silver_turn import take_turn
from include.orchestration.task_defaults import TASK_DEFAULTS

with DAG(
    dag_id="student_dbt",
    doc_md=__doc__,
    schedule=None,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    params={
        "as_of": Param(None, type=["null", "string"], format="date", description="Day of gold; empty = yesterday."),
        "full_refresh": Param(False, type="boolean", description="Rebuild silver from bronze."),
    },
):
    silver, gold, the_end = dbt_layer("silver"), dbt_layer("gold"), end()
    checked = [take_turn(), start(), silver, checkpoint("silver"), gold, checkpoint("gold")]
    chain(*checked, publish_gold(), write_report(), the_end)
    # The summary waits for the models that are still running when another has failed.
    [silver, gold] >> the_end
