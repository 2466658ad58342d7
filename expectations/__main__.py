"""`python -m expectations LAYER [--as-of YYYY-MM-DD]`: run a checkpoint by hand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from expectations.checkpoint import run_checkpoint
from expectations.report import CheckpointError
from include.settings import SettingsError, load_settings
from include.warehouse.connection import WarehouseError, warehouse_url


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 passed, with or without warnings; 1 failed or could not run; 2 wrong use."""
    parser = argparse.ArgumentParser(prog="python -m expectations", description="Run the checkpoint of a layer.")
    parser.add_argument("layer", choices=("bronze", "silver", "gold"))
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the day gold was made for")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings()
        report = run_checkpoint(options.layer, url=warehouse_url(settings), home=settings.home, as_of=options.as_of)
    except (CheckpointError, SettingsError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(report.lines()))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
