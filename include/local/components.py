"""Airflow's components under one process: `python -m include.local.components`.

What `airflow standalone` does, except that nothing listens beyond 127.0.0.1: standalone also starts two servers for
logs on every interface of the machine. Here the logs are on the same disk, and nobody needs to be served.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time

COMPONENTS = (
    (sys.executable, "-m", "include.warm_airflow", "scheduler", "--skip-serve-logs"),
    ("airflow", "dag-processor"),
    ("airflow", "api-server"),
    ("airflow", "triggerer", "--skip-serve-logs"),
)
POLL_SECONDS = 0.5


def main() -> int:
    """Bring the metadata up to date and run the components until one ends or a signal comes; then end them all."""
    # A shell may have started us with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    running: list[subprocess.Popen[bytes]] = []
    try:
        subprocess.run(["airflow", "db", "migrate"], check=True)
        running += [subprocess.Popen(component) for component in COMPONENTS]
        while all(process.poll() is None for process in running):
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        print("stopping", flush=True)
    except subprocess.CalledProcessError as error:
        print(f"Airflow's metadata database cannot be brought up to date: {error}", flush=True)
    ended = [f"{process.args!r} ended with {process.poll()}" for process in running if process.poll() is not None]
    print(*ended, sep="\n", flush=True)
    for process in running:
        process.terminate()
    for process in running:
        process.wait()
    return 1 if ended or not running else 0


if __name__ == "__main__":
    sys.exit(main())
