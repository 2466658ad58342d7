"""dlt: `python peer_dlt.py DISPOSITION FILE` loads into the database of BENCH_URL and prints its seconds as JSON.

In the fastest way that dlt has: Arrow tables, written as parquet and loaded by ADBC. The disposition `merge` leaves out
rows that the table has, `append` knows no key.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator

import dlt
import pyarrow as pa
import pyarrow.csv


def main() -> None:
    """Print the seconds from reading to the commit, and the version."""
    disposition, file = sys.argv[1:]

    @dlt.resource(name="attendance", write_disposition=disposition, primary_key="attendance_id")
    def attendance() -> Iterator[pa.RecordBatch]:
        yield from pyarrow.csv.open_csv(file)

    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        destination = dlt.destinations.postgres(os.environ["BENCH_URL"])
        pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=destination, dataset_name="by_dlt")
        pipeline.run(attendance(), loader_file_format="parquet").raise_on_failed_jobs()
        seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "version": dlt.__version__}))


if __name__ == "__main__":
    main()
