"""The few calls of Airflow's REST API that the laptop stack makes."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

FINISHED = ("success", "failed", "skipped", "upstream_failed", "removed")


class ApiError(RuntimeError):
    """Airflow's API does not answer, or refuses; the message says what was asked."""


class AirflowApi:
    """Airflow's API at a base URL such as http://127.0.0.1:8080, without login (the laptop's set-up)."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._token = ""
        # A proxy of the caller's environment knows nothing of this machine's 127.0.0.1.
        self._opener = build_opener(ProxyHandler({}))

    def answers(self) -> bool:
        """Whether the API is up and every component that runs DAGs reports itself healthy."""
        health = self.health()
        return all(
            (health.get(part) or {}).get("status") == "healthy"
            for part in ("metadatabase", "scheduler", "dag_processor")
        )

    def health(self) -> dict[str, Any]:
        """What each component reports of itself; empty when the API does not answer."""
        try:
            return self._call("GET", "/api/v2/monitor/health")
        except ApiError:
            return {}

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        """The DAG, None when Airflow does not know it."""
        return self._find(f"/api/v2/dags/{quote(dag_id)}")

    def latest_run(self, dag_id: str) -> dict[str, Any] | None:
        """The newest run of the DAG, None when there is none."""
        runs = self._call("GET", f"/api/v2/dags/{quote(dag_id)}/dagRuns?order_by=-run_after&limit=1")["dag_runs"]
        return runs[0] if runs else None

    def parsed_at(self, dag_id: str) -> str:
        """When the DAG's file was last read; empty when the scheduler does not know the DAG, or knows it no more."""
        dag = self.dag(dag_id)
        return "" if dag is None or dag["is_stale"] else str(dag["last_parsed_time"])

    def is_paused(self, dag_id: str) -> bool:
        """Whether the DAG is switched off: its runs are queued and do not begin."""
        return bool(self._call("GET", f"/api/v2/dags/{quote(dag_id)}")["is_paused"])

    def read_again(self, dag_id: str) -> None:
        """Ask the DAG processor to read the DAG's file now rather than when its turn comes."""
        dag = self.dag(dag_id)
        if dag is not None:
            self._call("PUT", f"/api/v2/parseDagFile/{quote(dag['file_token'], safe='')}")

    def import_errors(self) -> dict[str, str]:
        """The errors of DAG files that cannot be read, by file."""
        return {
            error["filename"]: error["stack_trace"]
            for error in self._call("GET", "/api/v2/importErrors")["import_errors"]
        }

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> dict[str, Any]:
        """Ask for a run of the DAG with this conf; returns the run."""
        return self._call("POST", f"/api/v2/dags/{quote(dag_id)}/dagRuns", {"logical_date": None, "conf": conf})

    def active_runs(self, dag_id: str) -> list[str]:
        """The ids of the runs of the DAG that are queued or running."""
        query = urlencode({"state": ["queued", "running"]}, doseq=True)
        return [
            run["dag_run_id"] for run in self._call("GET", f"/api/v2/dags/{quote(dag_id)}/dagRuns?{query}")["dag_runs"]
        ]

    def run(self, dag_id: str, run_id: str) -> dict[str, Any] | None:
        """The DAG run, None when there is none of that id."""
        return self._find(_run_path(dag_id, run_id))

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run."""
        path = f"{_run_path(dag_id, run_id)}/taskInstances"
        found: list[dict[str, Any]] = []
        while True:
            page = self._call("GET", f"{path}?limit=100&offset={len(found)}")
            found += page["task_instances"]
            if not page["task_instances"] or len(found) >= page["total_entries"]:
                return found

    def log_lines(self, task: dict[str, Any]) -> list[str]:
        """The log of the last try of a task instance, as lines for reading."""
        path = (
            f"{_run_path(task['dag_id'], task['dag_run_id'])}/taskInstances/{quote(task['task_id'])}"
            f"/logs/{task['try_number']}?full_content=true&map_index={task['map_index']}"
        )
        return [line for entry in self._call("GET", path)["content"] for line in _log_text(entry).splitlines()]

    def _find(self, path: str) -> dict[str, Any] | None:
        try:
            return self._call("GET", path)
        except ApiError as error:
            if isinstance(error.__cause__, HTTPError) and error.__cause__.code == 404:
                return None
            raise

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            return self._request(method, path, body)
        except ApiError as error:
            # A token ends after a day, and with the keys that it was made with: ask for a new one, once.
            if not (isinstance(error.__cause__, HTTPError) and error.__cause__.code == 401):
                raise
            self._token = self._request("GET", "/auth/token", None)["access_token"]
            return self._request(method, path, body)

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        request = Request(  # noqa: S310 - base_url is http on 127.0.0.1
            self.base_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Accept": "application/json", "Content-Type": "application/json"},
        )
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=30) as response:
                answer: dict[str, Any] = json.loads(response.read() or b"null")
                return answer
        except HTTPError as error:
            detail = error.read().decode(errors="replace")[:500]
            raise ApiError(f"Airflow answered {error.code} to {method} {path}: {detail}") from error
        except (URLError, OSError, ValueError) as error:
            raise ApiError(f"Airflow does not answer {method} {self.base_url}{path}: {error}") from error


def _run_path(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"


def _log_text(entry: dict[str, Any] | str) -> str:
    if isinstance(entry, str):
        return entry
    failures = [
        f"{failure.get('exc_type', 'error')}: {failure.get('exc_value', '')}"
        for failure in entry.get("error_detail") or []
    ]
    return "\n".join([str(entry.get("event", "")), *failures])
