"""One load in a process of its own: `python -m bench.bronze.load_once SOURCE FILE` prints what it cost as JSON."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from pathlib import Path

from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.settings import load_settings
from include.warehouse.connection import connect, warehouse_url


def main() -> None:
    """Print the seconds from connecting to the last commit, the process's peak of memory, and the counts of rows."""
    source, file = SOURCES[sys.argv[1]], Path(sys.argv[2])
    settings = load_settings()
    gc.freeze()  # as the command line does
    started = time.perf_counter()
    with connect(warehouse_url(settings), autocommit=True) as connection:
        report = ingest(connection, source, settings, dag_run_id="bench", files=[file])
    seconds = time.perf_counter() - started
    (result,) = report.results
    counts = {name: count for name, count in vars(result.counts).items() if count}
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "status": result.status, "counts": counts}))


def peak_mb() -> float:
    """The most memory that this process had at a time, imports included, in MB.

    Where Linux tells it of the program itself, that is taken: the usual figure begins with the memory of the parent.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
