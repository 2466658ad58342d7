"""`python -m include.dbt_cli [--as-of YYYY-MM-DD] build --select …`: dbt by hand, on the warehouse of the settings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from include.dbt_command import dbt_environment, start_dbt
from include.settings import SettingsError, load_settings
from include.warehouse.connection import WarehouseError, connect, warehouse_url
from include.warehouse.publish import claim_candidate


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: that of dbt (0 done, 1 a node failed, 2 wrong use), or 2 without a warehouse."""
    description = "Run dbt on the warehouse; all but --as-of is dbt's."
    parser = argparse.ArgumentParser(prog="python -m include.dbt_cli", description=description)
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the day that gold is made for")
    options, told = parser.parse_known_args(arguments)
    try:
        settings = load_settings()
        url = warehouse_url(settings)
        with connect(url, autocommit=True) as connection:
            if options.as_of:
                # A run that is under way may no longer publish what its checkpoint has not seen.
                claim_candidate(connection, dag_run_id="by hand", as_of=options.as_of)
    except (SettingsError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return 2
    environment = dbt_environment(url, as_of=options.as_of, timezone=settings.timezone)
    # A relationship of another model, not yet built, to the one that is asked for would fail.
    environment |= {"DBT_INDIRECT_SELECTION": "buildable"}
    # A folder of its own: the manifest in the other one is what Airflow draws its tasks from.
    target = settings.home / "dbt" / "by_hand"
    return start_dbt(*told, environment=environment, target=target, capture_output=False).returncode


if __name__ == "__main__":
    sys.exit(main())
