"""One checkpoint_bronze in a process of its own: `python -m bench.bronze.checkpoint_once` prints its cost as JSON."""

from __future__ import annotations

import json
import time

from include.settings import load_settings
from include.warehouse.connection import warehouse_url


def main() -> None:
    """Print the seconds of the imports, those of the run itself, and the outcome."""
    settings = load_settings()
    started = time.perf_counter()
    from expectations.checkpoint import run_checkpoint  # noqa: PLC0415 - what is measured
    from expectations.gx import validation  # noqa: F401, PLC0415
    from expectations.table import tables_of  # noqa: PLC0415

    tables_of("bronze")
    imported = time.perf_counter()
    report = run_checkpoint("bronze", url=warehouse_url(settings), home=settings.home, dag_run_id="bench")
    ended = time.perf_counter()
    figures = {"imports": imported - started, "seconds": ended - imported, "failed": report.failed}
    print(json.dumps({**figures, "findings": len(report.findings)}))


if __name__ == "__main__":
    main()
