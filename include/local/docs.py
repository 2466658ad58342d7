"""dbt's documentation as one page that opens from disk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from include.dbt_command import dbt_environment, run_dbt
from include.settings import Settings
from include.warehouse.connection import warehouse_url


def write_dbt_docs(settings: Settings) -> Path:
    """Write dbt's documentation, everything in one file; returns that file.

    Raises:
        DbtFailed: dbt cannot read the project or reach the warehouse.
        WarehouseError: the embedded Postgres was never started.
    """
    # A folder of its own: a run of the pipeline may be reading the manifest of the other.
    target = settings.home / "dbt" / "docs"
    target.mkdir(parents=True, exist_ok=True)
    # The compiled SQL of the pages needs some day.
    today = datetime.now(ZoneInfo(settings.timezone)).date()
    environment = dbt_environment(warehouse_url(settings), as_of=today, timezone=settings.timezone)
    run_dbt("docs", "generate", "--static", environment=environment, target=target)
    return target / "static_index.html"
