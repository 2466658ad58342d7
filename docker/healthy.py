"""The health checks of compose.yaml: exits with 0 when a part of Airflow is well, else with 1 and says what is wrong.

    python docker/healthy.py metadatabase | scheduler | dag_processor | triggerer | worker

All but the worker are asked of the API server, which knows when each was last alive: starting Airflow for the question
would take seconds of a core each time.
"""

from __future__ import annotations

import json
import os
import sys
from urllib.parse import urljoin
from urllib.request import urlopen


def api_says(part: str) -> str:
    """The health of a part as the API server sees it: `healthy`, or another word.

    Raises:
        OSError: the API server does not answer.
    """
    url = urljoin(os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"], "/api/v2/monitor/health")
    with urlopen(url, timeout=5) as answer:  # noqa: S310 - http, by compose.yaml
        return str(json.load(answer)[part]["status"])


def worker_says() -> str:
    """`healthy` when the Celery worker of this container answers."""
    from celery import Celery  # noqa: PLC0415 - for this check only

    name = f"celery@{os.environ['HOSTNAME']}"
    answers = Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"]).control.ping([name], timeout=5, limit=1)
    return "healthy" if answers else f"{name} does not answer"


def main() -> None:
    """Check the part that the command line names."""
    part = sys.argv[1]
    said = worker_says() if part == "worker" else api_says(part)
    if said != "healthy":
        sys.exit(f"{part}: {said}")


if __name__ == "__main__":
    main()
