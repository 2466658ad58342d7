"""pandas: `python peer_pandas.py FILE` loads into the database of BENCH_URL and prints its seconds as JSON.

What the pandas documentation shows: read_csv with the dates parsed, to_sql as it comes, into a new table.
"""

from __future__ import annotations

import json
import os
import sys
import time

import pandas
import sqlalchemy


def main() -> None:
    """Print the seconds from reading to the commit, and the version."""
    engine = sqlalchemy.create_engine(os.environ["BENCH_URL"].replace("postgresql:", "postgresql+psycopg2:"))
    started = time.perf_counter()
    frame = pandas.read_csv(sys.argv[1], parse_dates=["attendance_date", "created_at"])
    frame.to_sql("attendance_of_pandas", engine, index=False)
    print(json.dumps({"seconds": time.perf_counter() - started, "version": pandas.__version__}))


if __name__ == "__main__":
    main()
