"""The task that shows what was published."""

from __future__ import annotations

import logging

from airflow.sdk import task

from include.orchestration.warehouse_connection import hiding_rows, warehouse_url
from include.settings import load_settings

log = logging.getLogger(__name__)


@task
def write_report() -> None:
    """Writes the page of the analytics. Gold is published before it: when it fails, gold stays, and so does the page of
    the run before.
    """
    with hiding_rows():
        # pandas and Plotly take seconds to import: only the task itself pays for it.
        from include.analytics import report  # noqa: PLC0415

        log.info(
            "Wrote %s, in the navigation of the UI under Analytics",
            report.write_report(warehouse_url(), load_settings().home),
        )
