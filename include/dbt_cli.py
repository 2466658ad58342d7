"""`python -m include.dbt_cli [--as-of YYYY-MM-DD] build --select …`: dbt by hand, on the warehouse of the settings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from include.dbt_command import dbt_environment, start_dbt
from include.settings import SettingsError, load_settings
from include.warehouse.connection import WarehouseError, connect, warehouse_url


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: that of dbt (0 done, 1 a node failed, 2 wrong use), or 2 without a warehouse."""
    parser = argparse.ArgumentParser(prog="python -m include.dbt_cli", description="Run dbt on the warehouse.")
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the day that gold is made for")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…", help="what dbt is told")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings()
        url = warehouse_url(settings)
        connect(url).close()
    except (SettingsError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return 2
    environment = dbt_environment(url, as_of=options.as_of, timezone=settings.timezone)
    # A relationship of another model, not yet built, to the one that is asked for would fail.
    environment |= {"DBT_INDIRECT_SELECTION": "buildable"}
    # A folder of its own: the manifest in the other one is what Airflow draws its tasks from.
    target = settings.home / "dbt" / "by_hand"
    return start_dbt(*options.arguments, environment=environment, target=target, capture_output=False).returncode


if __name__ == "__main__":
    sys.exit(main())
